"""Many schools: a resolver answers for a name, equal settings are compiled once, a failing resolver loses nothing."""

from datetime import date

import pytest

from casework import Calendar, Casework, Desk, ManualClock, Principal, School, load_policy, sweep
from casework.engine import casework as module
from casework.engine.plan import Plan
from casework.errors import NotFound, SchoolRefused, SettingsChanged, WrongType, WrongValue
from casework.testing import MemoryStore, open_access
from casework.testing.factories import CALENDAR, MORNING, SPRING
from tests.engine.world import TOWN

DISTRICT = load_policy("school")


class Resolver:
    """A host's schools: answers from a dict, counts, and fails when told to."""

    def __init__(self, *names, policy=TOWN):
        self.schools = {name: School(name, policy, CALENDAR, access=open_access()) for name in names}
        self.asked = []
        self.fails = False

    def __call__(self, name):
        """The school of that name, or None."""
        self.asked.append(name)
        if self.fails:
            raise ConnectionError("the host's database is away")
        return self.schools.get(name)


@pytest.fixture
def resolver():
    """Three schools, two of them with the same policy."""
    found = Resolver("east", "west")
    found.schools["north"] = School("north", DISTRICT, CALENDAR, access=open_access())
    return found


@pytest.fixture
def plans(monkeypatch):
    """Every plan that is laid, in order."""
    laid = []

    def lay(policy, calendar, started):
        laid.append(policy.id)
        return Plan(policy, calendar, started)

    monkeypatch.setattr(module, "Plan", lay)
    return laid


def desk(casework, store, school):
    """A teacher's desk at that school."""
    return Desk(casework, store, school=school, principal=Principal("t.li"))


class TestResolver:
    def test_a_school_is_found_by_name(self, resolver):
        """Whatever the resolver answers is the school; None is none."""
        casework = Casework(schools=resolver)

        assert resolver.schools["east"] is casework.school("east")
        with pytest.raises(NotFound, match="school south"):
            casework.school("south")

    def test_schools_given_by_name_come_first(self, resolver):
        """A school that was given outright is not asked for."""
        mine = School("east", DISTRICT, CALENDAR, access=open_access())

        assert mine is Casework(mine, schools=resolver).school("east")
        assert [] == resolver.asked

    def test_another_school_s_answer_is_refused(self, resolver):
        """A resolver that mixes up names is told so, before anything lands in another school's records."""
        resolver.schools["south"] = resolver.schools["east"]
        with pytest.raises(SchoolRefused, match="asked for school south, schools= answered the school east"):
            Casework(schools=resolver).school("south")

        resolver.schools["south"] = TOWN
        with pytest.raises(SchoolRefused, match="answered Policy; let it return School"):
            Casework(schools=resolver).school("south")

    def test_what_cannot_be_called_is_refused(self):
        """A dict in place of a function is named when the application starts."""
        with pytest.raises(TypeError, match="takes a function from a school's name to a School or None, not dict"):
            Casework(schools={"east": None})

    def test_a_changed_school_is_seen_at_once(self, resolver):
        """The resolver is asked at every use: a new calendar holds from the next command on."""
        casework, store = Casework(schools=resolver, clock=ManualClock(MORNING)), MemoryStore()
        desk(casework, store, "east").identify("s-1", away="both")
        resolver.schools["east"] = School("east", DISTRICT, CALENDAR, access=open_access())

        with pytest.raises(SettingsChanged, match="policy"):
            desk(casework, store, "east").file("s-1")


class TestCompiling:
    def test_equal_policies_are_compiled_once(self, resolver, plans):
        """Fifty schools with two policies lay two plans, however often they are asked."""
        for number in range(50):
            resolver.schools[f"s{number}"] = School(
                f"s{number}", load_policy("town-primary"), Calendar(CALENDAR.terms, CALENDAR.tz)
            )
        casework = Casework(schools=resolver)
        for _ in range(2):
            for name, school in resolver.schools.items():
                casework.settings(name, school.applied(date(2026, 9, 1), None))

        assert ["town-primary", "school"] == plans

    def test_another_calendar_is_another_plan(self, resolver, plans):
        """What differs is compiled by itself."""
        resolver.schools["west"] = School("west", TOWN, Calendar([SPRING], tz="Asia/Shanghai"), access=open_access())
        casework = Casework(schools=resolver)
        for name in ("east", "west"):
            casework.settings(name, resolver.schools[name].applied(date(2026, 9, 1), None))

        assert ["town-primary", "town-primary"] == plans

    def test_what_is_kept_is_bounded(self, resolver, monkeypatch):
        """The oldest make room, and are compiled again when they are asked for."""
        monkeypatch.setattr(module, "MOST_KEPT", 2)
        casework = Casework(schools=resolver)
        for name in ("east", "west", "north", "east"):
            settings, differing = casework.settings(name, resolver.schools[name].applied(date(2026, 9, 1), None))

            assert (name, ()) == (settings.school, differing)


class TestFailing:
    def test_a_report_of_danger_is_stored_while_the_resolver_fails(self, resolver):
        """The school that it answered before is used, so that the emergency is stored and its ladder climbs."""
        casework, store = Casework(schools=resolver, clock=ManualClock(MORNING)), MemoryStore()
        at_school = desk(casework, store, "east")
        at_school.identify("s-1", away="both")
        resolver.fails = True
        at_school.raise_emergency("s-1", "missing")

        assert "escalated" == at_school.case("s-1").state

    def test_a_sweep_names_the_schools_that_nobody_can_answer_for(self, resolver):
        """One school without an answer, and one whose answer fails, keep no other waiting."""
        clock, store = ManualClock(MORNING), MemoryStore()
        casework = Casework(schools=resolver, clock=clock)
        for name in ("east", "west", "north"):
            desk(casework, store, name).identify("s-1", away="both")
        del resolver.schools["west"]
        clock.advance(days=1)
        swept = sweep(casework, store)

        assert {("west", "NotFound")} == {(school, error) for school, _, error in swept.broken}
        assert swept.due == swept.settled + len(swept.broken)
        assert {"east", "north"} == {name for name in resolver.schools if not store.due(clock(), school=name)}

        fresh = Casework(schools=resolver, clock=clock)
        resolver.fails = True
        clock.advance(days=1)
        swept = sweep(fresh, store)

        assert {"ConnectionError"} == {error for _, _, error in swept.broken}
        assert 0 == swept.settled


class TestShards:
    def test_sweepers_of_all_shards_settle_each_school_once(self):
        """Three sweepers, each with its own part: together they settle what one would, and none the other's."""
        clock, store = ManualClock(MORNING), MemoryStore()
        resolver = Resolver(*(f"s{k}" for k in range(7)))
        casework = Casework(schools=resolver, clock=clock)
        for name in resolver.schools:
            desk(casework, store, name).identify("s-1", away="both")
        clock.advance(days=40)
        due = store.due(clock(), school=None)
        swept = [sweep(casework, store, shard=shard, of=3) for shard in range(3)]

        assert 7 <= due == sum(one.due for one in swept)
        assert 3 == sum(1 for one in swept if one.settled)
        assert 0 == sweep(casework, store).due

    def test_all_parts_without_saying_which(self):
        """``of=`` without ``shard=`` would sweep every school four times over: it is refused with what to give."""
        with pytest.raises(WrongValue, match="give shard=0 to shard=3"):
            sweep(Casework(), MemoryStore(), of=4)

    @pytest.mark.parametrize("given", [{"shard": "0", "of": 2}, {"shard": 0, "of": None}, {"shard": True, "of": 2}])
    def test_what_is_no_whole_number(self, given):
        """Is told by its kind."""
        with pytest.raises(WrongType, match="takes a whole number, not"):
            sweep(Casework(), MemoryStore(), **given)

    def test_a_shard_that_is_none_is_refused(self):
        """Shards are counted from 0, and nothing is swept by a slip."""
        with pytest.raises(ValueError, match="counted from 0 to of-1"):
            sweep(Casework(), MemoryStore(), shard=3, of=3)
