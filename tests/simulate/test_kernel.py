"""The clockwork of the simulation."""

from functools import partial

from casework.simulate.kernel import PEOPLE, SWEEP, WORLD, Kernel


class TestKernel:
    def test_what_is_due_happens_in_order_of_minute_priority_and_asking(self):
        """The sweep comes before the world and the world before people; among equals the first that asked."""
        kernel, seen = Kernel(), []
        for minute, priority, name in (
            (5, PEOPLE, "d"),
            (5, WORLD, "b"),
            (3, PEOPLE, "a"),
            (5, WORLD, "c"),
            (9, SWEEP, "z"),
        ):
            kernel.at(minute, priority, partial(seen.append, name))

        kernel.run(5, seen.append)

        assert [3, "a", 5, "b", "c", "d"] == seen
        assert 5 == kernel.minute

    def test_the_past_happens_now(self):
        """What is asked for at a minute that has passed happens at once, and time never runs back."""
        kernel, seen = Kernel(), []
        kernel.at(10, WORLD, lambda: kernel.at(2, WORLD, lambda: seen.append(kernel.minute)))

        kernel.run(20, lambda minute: None)

        assert [10] == seen

    def test_the_rest_waits(self):
        """What lies beyond the end of a run happens in the next one."""
        kernel, seen = Kernel(), []
        kernel.at(21, WORLD, partial(seen.append, "later"))

        kernel.run(20, lambda minute: None)
        before = list(seen)
        kernel.run(21, lambda minute: None)

        assert ([], ["later"]) == (before, seen)
