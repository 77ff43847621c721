"""A rule whose answer a test sets by hand, and a school that has it."""

from casework import rule
from tests.engine.world import World, day, duty, noon, policy

START = day(9, 7)


class Said:
    """A rule whose answer a test sets by hand."""

    def __init__(self, key="said", **declared):
        self.decisions = []
        self.asked = 0
        self.rule = rule(**({"key": key, "looks": "on_change"} | declared))(self.answer)

    def answer(self, case, now):
        """What was set: decisions, or an error to raise."""
        self.asked += 1
        for one in self.decisions:
            if isinstance(one, Exception):
                raise one
            yield one

    def says(self, *decisions):
        """Set what the rule answers from now on."""
        self.decisions = list(decisions)
        return self


def school(*said, own=None, **options):
    """A school with these rules, and one child in it."""
    world = World(own or policy(duty('{ each = "TERM" }')), at=noon(START), rules=[s.rule for s in said], **options)
    world.desk().identify("s-17", away="both", class_="3-1")
    return world


def look(world):
    """Look at the record now, as a sweep does; returns the events."""
    with world.store.write():
        world.store.wake("qinghe", world.clock())
    before = len(world.entries())
    world.sweep()
    return [event for entry in world.entries()[before:] for _, event in entry.events]


def kinds(events):
    """The events' types."""
    return [type(event).__name__ for event in events]
