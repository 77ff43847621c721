"""At the Engine door a busy database is tried again, and what a failing commit stored is never done twice."""

import sqlite3
from threading import Thread

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from casework import Desk, sweep
from casework.errors import CommitUnknown, DatabaseBusy, DatabaseUnusable, StaleCase
from casework.store import SqlStore
from casework.store.again import Patience
from tests.store.faulty import failing
from tests.system.world import SCHOOL, TEACHER, identified, make_casework, principal

BUSY, IOERR, FULL = sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL
COMMITS = ("do_commit",)


class Waited:
    """A patience that does not wait, and remembers how long it would have."""

    def __init__(self, **settings):
        self.slept = []
        self.patience = Patience(**{"spread": lambda: 0.5, "sleep": self.slept.append} | settings)


@pytest.fixture
def waited():
    """What was waited."""
    return Waited()


@pytest.fixture
def store(memory_engine, ring, waited):
    """A store that casework opens and commits."""
    return SqlStore(memory_engine, ring, patience=waited.patience)


@pytest.fixture
def desk(store):
    """A desk on it, with one case."""
    desk = Desk(make_casework(), store, school=SCHOOL, principal=principal(TEACHER))
    identified(desk)
    return desk


def acts(store, child="s-1"):
    """What is stored of a child's activities, by id, and how many entries there are."""
    with store.read():
        case = store.load(SCHOOL, [child])[child]
        return list(case.activity_log), len(store.entries(SCHOOL, child))


class TestBusy:
    @pytest.mark.parametrize("after", [False, True])
    def test_at_any_moment(self, memory_engine, store, desk, after):
        """Wherever the database is busy once, the command is carried out once, and says what it did."""
        with failing(memory_engine, BUSY, lambda _: False) as calm:
            desk.record("s-1", "visit", reached=True)
        found, entries = acts(store)
        for moment in range(calm.moments - after):
            with failing(memory_engine, BUSY, lambda now, moment=moment: now == moment, after=after) as fault:
                done = desk.record("s-1", "visit", reached=True, note="she was tired")
            now, count = acts(store)

            assert 1 == fault.failed
            assert ([*found, done.activity], entries + 1) == (now, count)
            assert not done.repeated
            found, entries = now, count
        assert calm.moments >= 10

    def test_reading_is_tried_again(self, memory_engine, desk, waited):
        """So is a call that only reads."""
        with failing(memory_engine, BUSY, lambda now: now in {1, 3}):
            found = desk.case("s-1")

        assert "s-1" == found.child
        assert [0.015, pytest.approx(0.075)] == waited.slept

    def test_it_ends(self, memory_engine, store, desk, waited):
        """After a few attempts the caller is told; nothing was stored."""
        before = acts(store)
        with failing(memory_engine, BUSY, lambda _: True) as fault, pytest.raises(DatabaseBusy):
            desk.record("s-1", "visit", reached=True)

        assert 5 == fault.failed
        assert [pytest.approx(1.5 * pause) for pause in (0.01, 0.05, 0.2, 1.0)] == waited.slept
        assert before == acts(store)

    def test_who_has_waited_long_tries_no_more(self, memory_engine, store, ring):
        """Where the database itself waited for as long as half a minute, that was enough."""
        clock = iter([0.0, 29.0, 30.0])
        waited = Waited(stopwatch=lambda: next(clock))
        with failing(memory_engine, BUSY, lambda _: True) as fault, pytest.raises(DatabaseBusy):
            SqlStore(memory_engine, ring, patience=waited.patience).transact(lambda: None, writing=True)

        assert (2, 1) == (fault.failed, len(waited.slept))

    def test_a_record_that_became_stale_is_loaded_again(self, store):
        """Two who make one record: the second finds the first's."""
        errors = [StaleCase("somebody else made it")]

        def call():
            if errors:
                raise errors.pop()
            return "done"

        assert "done" == store.transact(call, writing=True)

    def test_other_errors_are_not_tried_again(self, memory_engine, store, desk, waited):
        """A full disk is full the next moment, too; nothing of the command is stored."""
        before = acts(store)
        with failing(memory_engine, FULL, lambda now: now == 9), pytest.raises(DatabaseUnusable, match="make room"):
            desk.record("s-1", "visit", reached=True)

        assert [] == waited.slept
        assert before == acts(store)

    def test_within_a_transaction_that_is_open_nothing_is_tried_again(self, memory_engine, store, desk, waited):
        """Who opened write() by themselves hold more than one call in it."""
        with failing(memory_engine, BUSY, lambda now: now == 9), pytest.raises(DatabaseBusy), store.write():
            desk.record("s-1", "visit", reached=True)

        assert [] == waited.slept

    def test_the_default_spreads(self):
        """By default two who collided wait differently, never longer than twice the pause."""
        spread = {Patience().spread() for _ in range(50)}

        assert 1 < len(spread)
        assert 0 <= min(spread) <= max(spread) < 1

    def test_several_writers_that_do_not_wait(self, sqlite, ring):
        """Threads whose connections never wait for each other all get through."""
        hasty = create_engine(sqlite.url, connect_args={"timeout": 0})
        store = SqlStore(hasty, ring, patience=Patience(pauses=(0.005,) * 2000))
        desk = Desk(make_casework(), store, school=SCHOOL, principal=principal(TEACHER))
        identified(desk)
        before = acts(store)[1]
        threads = [
            Thread(target=lambda: [desk.record("s-1", "talk", reached=True) for _ in range(5)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = acts(store)
        hasty.dispose()

        assert (20, before + 20) == (len(found[0]), found[1])


class TestCommit:
    @pytest.mark.parametrize(("code", "after"), [(BUSY, False), (IOERR, False), (IOERR, True)])
    def test_one_that_fails_is_looked_for(self, memory_engine, store, desk, code, after):
        """Whether it was stored or not: it is there once, and the caller has what it said."""
        before = acts(store)[1]
        with failing(memory_engine, code, lambda now: now == 0, after=after, on=COMMITS) as fault:
            done = desk.record("s-1", "visit", reached=True)

        assert ([done.activity], before + 1) == acts(store)
        assert (1, False) == (fault.failed, done.repeated)

    def test_a_reading_is_written_down_once(self, memory_engine, store, desk):
        """So is the audit of a text that was opened."""
        note = desk.record("s-1", "visit", reached=True, note="tired").case.activity_log.popitem()[1].note
        with failing(memory_engine, IOERR, lambda now: now == 0, after=True, on=COMMITS):
            text = desk.open("s-1", note, "to know")
        with store.read():
            found = store.reads(SCHOOL, "s-1")

        assert ("tired", 1) == (text, len(found))

    def test_what_leaves_no_entry_is_done_again(self, memory_engine, store, desk):
        """A roll that is written twice is the same roll."""
        with failing(memory_engine, IOERR, lambda now: now == 0, after=True, on=COMMITS):
            desk.update_roll([], [])

        assert 1 == store.transact(lambda: 1, writing=False)

    @pytest.mark.parametrize("later", [IOERR, BUSY])
    def test_it_is_said_when_nobody_knows(self, memory_engine, store, desk, later):
        """Where the database stays away the caller is told that nobody knows, and may ask again with the same key."""
        with (
            failing(memory_engine, IOERR, lambda now: now == 0, after=True, on=COMMITS) as committing,
            failing(memory_engine, later, lambda _: committing.failed > 0, on=("do_execute",)),
            pytest.raises(CommitUnknown, match="same idempotency key"),
        ):
            desk.record("s-1", "visit", reached=True, key="k")
        done = desk.record("s-1", "visit", reached=True, key="k")

        assert done.repeated
        assert 1 == len(acts(store)[0])

    def test_a_refusal_after_the_doubt_is_a_refusal(self, memory_engine, store, desk):
        """Once it is clear that nothing was stored, what the next attempt says counts."""
        calls = []

        def call():
            calls.append(1)
            if len(calls) > 1:
                raise LookupError
            desk.record("s-1", "visit", reached=True)

        with failing(memory_engine, IOERR, lambda now: now == 0, on=COMMITS), pytest.raises(LookupError):
            store.transact(call, writing=True)

        assert [] == acts(store)[0]


class TestRollback:
    def test_a_connection_that_cannot_roll_back_is_thrown_away(self, sqlite, ring, waited):
        """What it held goes with it, and the next call has a sound one."""
        store = SqlStore(sqlite, ring, patience=waited.patience)
        desk = Desk(make_casework(), store, school=SCHOOL, principal=principal(TEACHER))
        identified(desk)
        before = acts(store)
        with (
            failing(sqlite, IOERR, lambda now: now == 0, on=("do_rollback",)) as fault,
            pytest.raises(LookupError),
        ):
            store.transact(lambda: [desk.record("s-1", "visit", reached=True), {}["fails"]], writing=True)

        assert 1 == fault.failed
        assert before == acts(store)
        assert not desk.record("s-1", "visit", reached=True).repeated


class TestGuests:
    def test_a_guest_tries_once(self, memory_engine, ring, waited, desk):
        """The host's transaction is the host's to run again; it gets what the database said."""
        with Session(memory_engine) as session:
            store = SqlStore(session, ring, patience=waited.patience)
            mine = Desk(make_casework(), store, school=SCHOOL, principal=principal(TEACHER))
            with failing(memory_engine, BUSY, lambda now: now == 9) as fault, pytest.raises(OperationalError):
                mine.record("s-1", "visit", reached=True)

        assert (1, []) == (fault.failed, waited.slept)


class TestSweep:
    def test_a_busy_chunk_is_looked_at_again_as_a_whole(self, memory_engine, store, desk, waited):
        """Every record is looked at and counted once, wherever the database was busy."""
        casework = desk._casework
        for child in ("s-2", "s-3"):
            identified(desk, child)
        casework.clock.advance(days=40)
        with failing(memory_engine, BUSY, lambda now: now in {1, 9, 20}) as fault:
            found = sweep(casework, store)

        assert 3 == fault.failed
        assert (5, 5, []) == (found.due, found.settled, found.broken)

    def test_a_database_that_stays_busy_stops_it(self, memory_engine, store, desk):
        """No record is to blame, so none is tried by itself."""
        with failing(memory_engine, BUSY, lambda _: True) as fault, pytest.raises(DatabaseBusy):
            sweep(desk._casework, store)

        assert 5 == fault.failed
