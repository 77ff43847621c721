"""A report is stored even if the world of somebody implicated cannot be found anew."""

from datetime import UTC, date, datetime

import pytest

from casework import Calendar, Casework, Desk, ManualClock, Principal, School, Term, load_policy
from casework.engine import seeing
from casework.testing import MemoryStore, open_access

AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 20))


def broken(*_):
    """Stand for a mistake in finding a world."""
    raise KeyError("D10/2026-autumn:OPEN")


def desks(on_rule_error="quarantine"):
    """The desks of somebody who will be implicated, and of the principal."""
    school = School("qinghe", load_policy("town-primary"), Calendar([AUTUMN], tz="Asia/Shanghai"), access=open_access())
    casework = Casework(school, clock=ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC)), on_rule_error=on_rule_error)
    store = MemoryStore()
    return tuple(Desk(casework, store, school="qinghe", principal=Principal(who)) for who in ("t.li", "p.jin"))


class TestWorldFails:
    def test_a_report_by_somebody_implicated_is_stored_all_the_same(self, monkeypatch):
        """What is hidden stays hidden, and what they report is raised."""
        li, jin = desks()
        hidden = jin.raise_emergency("s-17", "violence", implicated=["t.li"]).emergency
        monkeypatch.setattr(seeing, "world_of", broken)
        told = li.raise_emergency("s-17", "missing")

        assert {told.emergency} == set(told.case.emergencies)
        assert {told.emergency, hidden} == set(jin.case("s-17").emergencies)
        assert 1 == len(li.history("s-17"))

    def test_a_test_harness_sees_the_mistake(self, monkeypatch):
        """With on_rule_error='raise' nothing is smoothed over."""
        li, jin = desks("raise")
        jin.raise_emergency("s-17", "violence", implicated=["t.li"])
        monkeypatch.setattr(seeing, "world_of", broken)

        with pytest.raises(KeyError):
            li.raise_emergency("s-17", "missing")
