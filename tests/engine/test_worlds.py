"""Worlds of somebody implicated are kept: what is gone on with is what would be found anew."""

from datetime import UTC, date, datetime

import pytest

from casework import (
    Calendar,
    Casework,
    ConcernDraft,
    Desk,
    ManualClock,
    Principal,
    Reason,
    Refer,
    School,
    Term,
    load_policy,
    rule,
    sweep,
)
from casework.engine import worlds
from casework.testing import MemoryStore, open_access

AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 20))
CHILD = "s-17"


@rule(looks="on_change")
def quarrels(case, now):
    """Quarrels reach the psychologist, one after the other."""
    found = case.concerns("family_quarrel", since=now.days_ago(60))
    if found:
        yield Refer("psychology", about=found, because=Reason("family_quarrels", count=len(found)))


class Place:
    """A school in which t.li helps a child and will be implicated."""

    def __init__(self):
        self.clock = ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC))
        school = School(
            "qinghe",
            load_policy("town-primary"),
            Calendar([AUTUMN], tz="Asia/Shanghai"),
            [quarrels],
            access=open_access(),
        )
        self.casework = Casework(school, clock=self.clock, on_rule_error="raise")
        self.store = MemoryStore()
        self.desk("p.jin").identify(CHILD, away="both", class_="3-1")
        self.desk("p.jin").pair(CHILD, "t.li")

    def desk(self, person):
        """A new desk of a person."""
        return Desk(self.casework, self.store, school="qinghe", principal=Principal(person))

    def seen(self):
        """What t.li finds."""
        desk = self.desk("t.li")
        return desk.case(CHILD), desk.history(CHILD)

    def found_anew(self):
        """What t.li would find if nothing had been kept."""
        kept, self.casework.worlds = self.casework.worlds, {}
        found = self.seen()
        self.casework.worlds = kept
        return found

    def live(self):
        """Days go by; after each thing that happens it is told which."""
        jin, li = self.desk("p.jin"), self.desk("t.li")
        for name, happens in (
            ("a quarrel", lambda: jin.note_concern(CHILD, ConcernDraft("family_quarrel"))),
            ("a report", lambda: jin.note_concern(CHILD, ConcernDraft("violence", "danger", implicated=("t.li",)))),
            ("a visit", lambda: li.record(CHILD, "visit", reached=True)),
            ("a call in vain", lambda: li.record(CHILD, "call", reached=False)),
            ("a night", lambda: sweep(self.casework, self.store)),
            ("a quarrel with t.li", self._quarrel),
            ("a talk", lambda: jin.record(CHILD, "talk", reached=True, mood="very_low")),
            ("a month", lambda: (self.clock.advance(days=30), sweep(self.casework, self.store))),
            ("nothing", lambda: self.clock.advance(days=9)),
        ):
            self.clock.advance(hours=20)
            happens()
            yield name

    def _quarrel(self):
        """A quarrel that implicates t.li joins the referral for one that did not."""
        self.desk("p.jin").note_concern(CHILD, ConcernDraft("family_quarrel", implicated=("t.li",)))


def counted(monkeypatch):
    """How often worlds.py settles a record, from now on."""
    calls = []
    for name in ("settle", "answer"):
        inner = getattr(worlds, name)
        monkeypatch.setattr(worlds, name, lambda *given, inner=inner: (calls.append(given), inner(*given))[1])
    return calls


class TestKeptWorlds:
    def test_what_is_kept_is_what_is_found_anew(self):
        """After everything that happens, the world that was gone on with is the one found from the beginning."""
        place = Place()

        for name in place.live():
            assert place.found_anew() == place.seen(), name

    def test_time_alone_finds_nothing_anew(self, monkeypatch):
        """Hours later, at another desk, the same world is shown without settling anything."""
        place = Place()
        place.desk("p.jin").note_concern(CHILD, ConcernDraft("violence", "high", implicated=("t.li",)))
        before = place.seen()
        calls = counted(monkeypatch)
        place.clock.advance(hours=3)

        assert before == place.seen()
        assert [] == calls

    def test_what_happens_is_gone_on_with(self, monkeypatch):
        """However long the history, one more thing that happens is settled once."""
        place = Place()
        place.desk("p.jin").note_concern(CHILD, ConcernDraft("violence", "high", implicated=("t.li",)))
        for _ in range(5):
            place.clock.advance(hours=1)
            place.desk("p.jin").record(CHILD, "talk", reached=True)
        place.seen()
        place.desk("p.jin").record(CHILD, "call", reached=True)
        calls = counted(monkeypatch)
        place.seen()

        assert 1 == len(calls)

    def test_what_was_taken_back_is_forgotten(self):
        """A world that was found in a transaction which failed is not gone on with."""
        place = Place()
        place.desk("p.jin").note_concern(CHILD, ConcernDraft("violence", "high", implicated=("t.li",)))

        def taken_back():
            with place.store.write():
                place.desk("t.li").record(CHILD, "visit", reached=True)
                place.seen()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            taken_back()
        place.desk("t.li").record(CHILD, "call", reached=True)

        assert place.found_anew() == place.seen()

    def test_so_many_are_kept(self, monkeypatch):
        """What is kept does not grow for ever."""
        monkeypatch.setattr(worlds, "MOST", 3)
        place = Place()
        for n in range(5):
            place.desk("p.jin").identify(f"s-{n}", away="both")
            place.desk("p.jin").note_concern(f"s-{n}", ConcernDraft("violence", "high", implicated=("t.li",)))
            place.desk("t.li").case(f"s-{n}")
            assert len(place.casework.worlds) <= 3
