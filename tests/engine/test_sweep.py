from datetime import timedelta

import pytest

from casework import Casework, Flag, Principal, School, rule, sweep
from casework.engine import sweep as module
from casework.errors import ClockJumped, CommandRefused, NotFound
from casework.model.events import Notified
from casework.testing import open_access
from casework.testing.factories import CALENDAR
from tests.engine.world import DIRECTORY, TOWN, World, day, duty, noon, policy

DAY = timedelta(days=1)


@pytest.fixture
def world():
    """A school with three children, identified on the first day of term."""
    return filled(World())


def filled(world, children=3):
    """The school with so many children in it."""
    for k in range(children):
        world.desk().identify(f"s-{k}", away="both", class_="3-1")
    world.sweep()
    return world


class TestSweep:
    def test_an_idle_sweep_does_nothing(self, world):
        """Sweeping again finds nothing due and writes nothing."""
        before = [world.entries(f"s-{k}") for k in range(3)]

        assert (0, 0, 0, 0) == counts(world.sweep())
        assert before == [world.entries(f"s-{k}") for k in range(3)]

    def test_a_sweep_says_what_it_did(self, world):
        """Due is settled plus broken; written counts entries."""
        world.on(day(10, 1))
        report = world.sweep()

        assert (4, 4) == (report.due, report.settled)
        assert report.written >= 3
        assert [] == report.broken

    @pytest.mark.parametrize("chunk", [1, 2, 200])
    def test_the_size_of_a_chunk_changes_nothing(self, chunk):
        """In chunks of one or all at once, the same is found."""
        one, other = filled(World()), filled(World())
        for each, size in ((one, 200), (other, chunk)):
            each.on(day(10, 5))
            each.sweep(chunk=size)

        assert [one.record(f"s-{k}") for k in range(3)] == [other.record(f"s-{k}") for k in range(3)]

    def test_a_late_sweep_finds_what_timely_ones_found(self):
        """Sweeping once in October gives the verdicts of sweeping every day."""
        late, timely = filled(World()), filled(World())
        timely.until(day(10, 7))
        late.on(day(10, 7)).sweep()

        assert [timely.said(child=f"s-{k}") for k in range(3)] == [late.said(child=f"s-{k}") for k in range(3)]

    def test_alarms_come_first(self, world):
        """In a chunk of one the emergency is settled before the windows of everybody else."""
        world.desk().raise_emergency("s-2", "missing")
        world.on(day(10, 5))
        order = []
        real = module.look
        try:
            module.look = lambda case, context: order.append(case.child) or real(case, context)
            world.sweep(chunk=1)
        finally:
            module.look = real

        assert "s-2" == order[0]
        assert 1 == order.count("s-2")

    def test_told_counts_the_outbox(self, world):
        """What a sweep tells people is counted."""
        world.desk().raise_emergency("s-2", "missing")
        before = len(world.outbox())
        world.on(day(9, 1), hour=15)
        report = world.sweep()
        notified = [e for _, e in world.entries("s-2")[-1].events if isinstance(e, Notified)]

        assert len(world.outbox()) - before == report.told == len(notified) > 0

    def test_failed_rules_are_named(self):
        """A sweep names school, child and rule that raised."""
        broken = []

        @rule(looks="daily")
        def fragile(case, now):
            """Breaks when told to."""
            return [Flag("x")] if not broken else broken[0]

        world = filled(World(rules=[fragile]), children=1)
        broken.append(5)
        world.on(day(9, 2))

        assert [("qinghe", "s-0", "fragile")] == world.sweep().failed


class TestBroken:
    @pytest.mark.parametrize("chunk", [1, 200])
    def test_a_record_that_cannot_be_looked_at_stops_nobody(self, world, chunk):
        """A record that cannot be settled is named with its error and asked again tomorrow; others are looked at."""
        real = module.look
        world.on(day(10, 5))
        try:
            module.look = lambda case, context: real(case, context) if case.child != "s-1" else 1 / 0
            report = world.sweep(chunk=chunk)
        finally:
            module.look = real

        assert [("qinghe", "s-1", "ZeroDivisionError")] == report.broken
        assert (4, 3) == (report.due, report.settled)
        assert day(10, 5) <= CALENDAR.local_date(world.record("s-2").wake_at)

        assert 0 == world.sweep().due
        world.on(day(10, 6))
        assert 1 <= world.sweep().settled

    @pytest.mark.parametrize("chunk", [1, 200])
    def test_a_record_that_cannot_be_saved_stops_nobody(self, world, chunk, monkeypatch):
        """A record that the store refuses is named, its transaction undone, and the others are saved."""
        real = world.store.save

        def save(school, changes):
            if any(change.after.child == "s-1" for change in changes):
                raise OSError("disk")
            real(school, changes)

        monkeypatch.setattr(world.store, "save", save)
        before = world.entries("s-1")
        world.on(day(10, 5))
        report = world.sweep(chunk=chunk)

        assert [("qinghe", "s-1", "OSError")] == report.broken
        assert report.due == report.settled + len(report.broken) == 4
        assert before == world.entries("s-1")

    def test_in_tests_the_error_comes_through(self, monkeypatch):
        """With on_rule_error="raise" a sweep hides nothing."""
        world = filled(World(on_rule_error="raise"))
        monkeypatch.setattr(module, "look", lambda case, context: 1 / 0)
        world.on(day(10, 5))
        with pytest.raises(ZeroDivisionError):
            world.sweep()


class TestClock:
    def test_a_jump_of_the_clock_asks_a_person(self, world):
        """When something has been due for more than 45 days a person has to say that the clock is right."""
        world.clock.set(world.record("s-0").wake_at + timedelta(days=45, seconds=1))
        with pytest.raises(ClockJumped, match="--catch-up"):
            world.sweep()

        assert world.sweep(catch_up=True).settled >= 3

    def test_forty_five_days_are_no_jump(self, world):
        """After the summer holidays nobody needs to say anything."""
        world.clock.set(world.record("s-0").wake_at + timedelta(days=45))

        assert 4 == world.sweep().settled

    def test_emergencies_are_settled_all_the_same(self, world):
        """Whatever the clock says, whoever has to be told of danger is told."""
        world.desk().raise_emergency("s-0", "missing")
        before = len(world.outbox())
        world.on(day(12, 20))
        with pytest.raises(ClockJumped):
            world.sweep()

        assert len(world.outbox()) > before + 4

    def test_a_jump_of_years_misses_nothing_silently(self):
        """After a jump of more than a year what was open is missed, not set aside as if nobody had asked."""
        world = World(policy(duty('{ each = "OPEN" }')))
        world.desk().identify("s-17", away="both")
        world.on(day(9, 2) + DAY * 500).sweep(catch_up=True)

        assert "missed" == world.said()["D10/2026-autumn:OPEN"]


class TestUnapplied:
    def other(self, world):
        """The application is started again with another policy."""
        world.use(policy(duty('{ each = "OPEN" }')))
        return world

    def test_what_is_due_is_put_off_until_the_settings_are_applied(self, world):
        """While changed settings wait, nothing but emergencies is settled; it is asked for again tomorrow."""
        before = world.said(child="s-0")
        self.other(world).on(day(10, 5))
        report = world.sweep()

        assert ({"qinghe"}, before) == (report.unapplied, world.said(child="s-0"))
        assert noon(day(10, 6)) == world.record("s-0").wake_at
        assert 0 == world.sweep().due

    def test_emergencies_climb_all_the_same(self, world):
        """A change of settings delays no alarm."""
        world.desk().raise_emergency("s-0", "missing")
        self.other(world).on(day(9, 1), hour=20)
        world.sweep()

        assert "outside" in {row.person for row in world.outbox()}
        assert world.record("s-0").alarm_at > world.clock()
        assert world.record("s-0").wake_at <= world.record("s-0").alarm_at

    def test_applying_wakes_everybody(self, world):
        """After applying, the next sweep does what the settings say."""
        self.other(world).on(day(9, 2))
        world.sweep()
        world.desk("t.sun").apply()
        report = world.sweep()

        assert set() == report.unapplied
        assert {"superseded"} == {v for k, v in world.said(child="s-0").items() if not k.startswith("D10")}


class TestSchools:
    def two(self):
        """Two schools in one store."""
        world = World()
        schools = [
            School(name, TOWN, CALENDAR, directory=DIRECTORY, access=open_access()) for name in ("qinghe", "beihe")
        ]
        world.casework = Casework(*schools, clock=world.clock)
        for name in ("qinghe", "beihe"):
            desk = type(world.desk())(world.casework, world.store, school=name, principal=Principal("t.wang"))
            desk.identify("s-1", away="both")
        return world

    def test_one_sweep_serves_all_schools(self):
        """All schools are swept, unless one is named."""
        world = self.two()
        world.sweep()
        world.on(day(10, 5))

        assert (1, 1) == (world.sweep(school="beihe").due, world.sweep().due)

    def test_a_school_that_the_application_does_not_know_is_named(self):
        """Records of a school that is not configured are named as broken, and stop nobody."""
        world = self.two()
        world.casework = Casework(world.casework.school("qinghe"), clock=world.clock)
        world.on(day(10, 5))
        report = sweep(world.casework, world.store)

        assert [("beihe", "", "NotFound"), ("beihe", "s-1", "NotFound")] == sorted(report.broken)
        assert 2 == report.settled

    def test_a_school_that_nobody_knows_is_refused(self):
        """A typing error in the school's name does not look like an idle sweep."""
        with pytest.raises(NotFound, match="no school qinghee"):
            self.two().sweep(school="qinghee")

    def test_a_guest_sweeps_its_own_school_by_chunk(self):
        """At a desk one chunk of the own school is swept, inside the host's transaction."""
        world = self.two()
        world.on(day(10, 5))

        desk = world.desk("system")

        assert (1, 1) == (desk.sweep_chunk(1).due, desk.sweep_chunk(200).due)
        assert 2 == world.sweep().due

    @pytest.mark.parametrize("person", ["t.wang", "t.sun"])
    def test_nobody_sweeps_in_their_own_name(self, person):
        """What a sweep counts says something of every record, so a person's desk is refused it, whoever it is."""
        world = self.two()
        world.on(day(10, 5))
        with pytest.raises(CommandRefused, match=r"give a desk of Principal\.system\(\)"):
            world.desk(person).sweep_chunk()


def counts(report):
    """Due, settled, written, told."""
    return report.due, report.settled, report.written, report.told
