"""Rules on a class look at a record of the class, with the aggregates that they declared."""

from datetime import UTC, date, datetime

import pytest

from casework import Calendar, Casework, Desk, Flag, ManualClock, Principal, School, Term, load_policy, rule, sweep
from casework.errors import NotFound
from casework.testing import MemoryStore, open_access

AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 20))


@rule(on="class", needs=["class_shares"])
def crowded(case, now):
    """A class with two cases is shown."""
    if now.facts["class_shares"].get(case.child.removeprefix("@"), 0) >= 2:
        yield Flag("crowded")


@pytest.fixture
def clock():
    """A clock on the first day of term."""
    return ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC))


@pytest.fixture
def store():
    """An empty store."""
    return MemoryStore()


@pytest.fixture
def casework(clock):
    """A school with one rule on classes."""
    school = School(
        "qinghe", load_policy("town-primary"), Calendar([AUTUMN], tz="Asia/Shanghai"), [crowded], access=open_access()
    )
    return Casework(school, clock=clock)


def flags(store, child):
    """The flags on a record."""
    with store.read():
        return sorted(flag.code for flag in store.load("qinghe", [child])[child].flags.values())


class TestClasses:
    def test_a_class_with_a_case_has_a_record_that_rules_look_at(self, casework, store):
        """The second case of a class makes the rule speak; a class of one case stays silent."""
        desk = Desk(casework, store, school="qinghe", principal=Principal("t.li"))
        for child, class_ in (("a", "3A"), ("b", "3A"), ("c", "3B")):
            desk.identify(child, away="both", class_=class_)

        assert ["crowded"] == flags(store, "@3A")
        assert [] == flags(store, "@3B")

    def test_a_class_is_looked_at_again_every_day(self, casework, store, clock):
        """What a rule said of a class falls away when it no longer holds."""
        desk = Desk(casework, store, school="qinghe", principal=Principal("t.li"))
        desk.identify("a", away="both", class_="3A")
        desk.identify("b", away="both", class_="3A")
        desk.close("b", "moved_away")
        clock.advance(days=1)
        sweep(casework, store)

        assert [] == flags(store, "@3A")

    def test_a_class_is_no_child(self, casework, store):
        """Nothing is recorded with a child whose id would be a class's."""
        desk = Desk(casework, store, school="qinghe", principal=Principal("t.li"))

        with pytest.raises(NotFound, match="no child @3A"):
            desk.identify("@3A", away="both")
