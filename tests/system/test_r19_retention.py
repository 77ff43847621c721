"""Law R19 for what becomes of a closed case: what is due is enough, over years, holds, decisions and reopenings."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import Casework, Desk, ManualClock, School, sweep
from casework.engine.evolve import fold
from casework.errors import CaseworkError
from casework.model.case import Case
from casework.policy import load_policy
from casework.policy.retention import retention_duty
from casework.policy.values import Retention
from casework.store import KeyRing, SqlStore
from casework.testing import MemoryStore, open_access
from tests.system.world import CALENDAR, DIRECTORY, HEAD, LEAD, MORNING, OFFICE, SCHOOL, principal

KEPT = Retention(1, 30)
TOWN = load_policy("town-primary")
POLICY = evolve(TOWN, duties=(retention_duty(KEPT),), retention=KEPT)
"""Nothing is asked but what becomes of closed cases."""
CHILD = "s-1"


def release(desk):
    """Release every hold of somebody else's."""
    for hold in desk.case(CHILD).holds.values():
        if hold.stands:
            desk.release_hold(CHILD, hold.id, "settled")


DEEDS = {
    "close": (LEAD, lambda desk, today: desk.close(CHILD, "moved_away")),
    "reopen": (LEAD, lambda desk, today: desk.reopen(CHILD, "back_again")),
    "hold": (HEAD, lambda desk, today: desk.hold(CHILD, "court_case")),
    "release": (LEAD, lambda desk, today: release(desk)),
    "keep": (
        OFFICE,
        lambda desk, today: desk.decide_retention(CHILD, "keep", "court", until=today + timedelta(days=50)),
    ),
    "erase": (OFFICE, lambda desk, today: desk.decide_retention(CHILD, "erase", "over")),
    "danger": (LEAD, lambda desk, today: desk.raise_emergency(CHILD, "missing")),
}
histories = st.lists(st.tuples(st.sampled_from([0, 1, 29, 31, 200, 366]), st.sampled_from(sorted(DEEDS))), max_size=6)


def live(store, history, *, everything, every=1):
    """What is left of a child's history, swept every so many days: all of it, or what is due."""
    clock = ManualClock(MORNING)
    casework = Casework(School(SCHOOL, POLICY, CALENDAR, directory=DIRECTORY, access=open_access()), clock=clock)

    def desk(person):
        return Desk(casework, store, school=SCHOOL, principal=principal(person))

    def wait(days):
        for day in range(1, days + 1):
            clock.advance(days=1)
            if day % every == 0 or day == days:
                if everything:
                    with store.write():
                        store.wake(SCHOOL, clock(), closed=True)
                sweep(casework, store, catch_up=True)

    desk(LEAD).apply()
    desk(LEAD).identify(CHILD, away="both")
    desk(LEAD).close(CHILD, "moved_away")
    for days, deed in history:
        wait(days)
        person, does = DEEDS[deed]
        try:
            does(desk(person), CALENDAR.local_date(clock()))
        except CaseworkError:  # a drawn deed may well be refused, and changes nothing
            continue
    wait(400)
    with store.read():
        entries = list(store.histories(SCHOOL))
        told = sorted(row.key for row in store.outgoing(SCHOOL) if row.topic == "retention")
        case = store.load(SCHOOL, [CHILD])[CHILD]
    mine = [entry for child, entry in entries if child == CHILD]
    assert fold(Case(SCHOOL, CHILD), mine).obligations == case.obligations
    return entries, told, {key: (o.status, o.due, o.on) for key, o in case.obligations.items()}


@pytest.mark.unmeasured
class TestLaw:
    @settings(max_examples=max(3, settings.default.max_examples // 6), deadline=None)
    @given(history=histories)
    def test_what_is_due_is_enough(self, history):
        """Sweeping every day what is due tells what sweeping everything every day tells."""
        due, all_ = (live(MemoryStore(), history, everything=everything) for everything in (False, True))

        assert all_ == due

    @settings(max_examples=max(3, settings.default.max_examples // 6), deadline=None)
    @given(history=histories, every=st.sampled_from([7, 40, 1000]))
    def test_late_sweeps_find_the_same(self, history, every):
        """However seldom it is swept, obligations, verdicts and notices are those of daily sweeps."""
        daily, seldom = (live(MemoryStore(), history, everything=False, every=n) for n in (1, every))

        assert daily[1:] == seldom[1:]

    def test_a_year_that_nobody_looked_at_is_missed(self):
        """A window of a year that is over is judged at the next look, be it 401 days after it opened."""
        _, _, obligations = live(MemoryStore(), [(366, "close")], everything=False, every=40)

        assert "missed" == obligations["RETENTION/retention-2027-09-01"][0]

    def test_sql_tells_the_same(self, tmp_path):
        """A store on SQL tells the same history as one in memory."""
        from casework.store import default_tables, open_engine  # noqa: PLC0415 - for this test alone

        engine = open_engine(tmp_path / "casework.db")
        default_tables().schools.metadata.create_all(engine)
        history = [(366, "hold"), (31, "release"), (1, "keep"), (200, "erase"), (31, "reopen"), (1, "close")]
        try:
            sql = live(SqlStore(engine, KeyRing.generate()), history, everything=False, every=25)
        finally:
            engine.dispose()

        assert live(MemoryStore(), history, everything=False, every=25) == sql
        assert 4 <= len(sql[2])
