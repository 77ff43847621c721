"""Several write at once on PostgreSQL: nothing is lost, doubled or torn, and nobody is refused who can wait."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
import pytest
from attrs import evolve
from sqlalchemy import create_engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from casework.engine.port import Change
from casework.errors import DatabaseBusy, HostTransactionError, StaleCase, TablesDiffer
from casework.model import events as ev
from casework.model.case import Mark
from casework.store import SqlStore, dialects, retryable
from casework.store.doctor import doctor_facts
from casework.store.migrations import migrate, newest
from casework.store.verify import verify
from casework.testing.contract_base import AT, DAY, HOUR, SCHOOL, change, loaded, put, record
from casework.testing.contract_questions import whose
from casework.testing.sql_contract import many, write
from tests.store.story import step, tell_all

SOON = 20
"""Seconds after which a test that hangs has failed."""


@pytest.fixture
def store(postgres, ring):
    """A store at the door of an engine."""
    return SqlStore(postgres, ring)


def wait_for_waiting(engine, count=1):
    """Return when so many others wait for a lock; fail if they never do."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    until = time.monotonic() + SOON
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.exec_driver_sql(waiting).scalar_one() < count:
            assert time.monotonic() < until, "nobody waits for a lock"
            time.sleep(0.01)


def while_waiting(store, engine, first, *others):
    """Do the first within a transaction that commits when all others, each in a thread, wait; what these return."""
    with ThreadPoolExecutor(len(others)) as pool:
        with store.write():
            first()
            running = [pool.submit(other) for other in others]
            wait_for_waiting(engine, len(others))
        return [one.result(SOON) for one in running]


def mark(store, child, name):
    """Load the record, and save it with one mark more."""
    with store.write():
        before = store.load(SCHOOL, [child])[child]
        marks = {**before.marks, name: Mark(name, "filed", DAY, "t.li")}
        store.save(SCHOOL, [change(evolve(before, marks=marks), before=before, wake=AT + HOUR)])


def make(store, child):
    """Make a record unless there is one; whether it was made here."""
    with store.write():
        if store.load(SCHOOL, [child]):
            return False
        store.save(SCHOOL, [change(record(child))])
        return True


class TestOneRecord:
    def test_who_comes_second_goes_on_from_the_first(self, store, postgres):
        """A record that was written while its lock was waited for is loaded as it is then, and its chain is whole."""
        put(store, record())
        while_waiting(
            store,
            postgres,
            lambda: mark(store, "s-17", "first"),
            lambda: mark(store, "s-17", "second"),
            lambda: mark(store, "s-17", "third"),
        )

        assert {"first", "second", "third"} == set(loaded(store).marks)
        assert () == verify(store, SCHOOL, folding=False).findings

    def test_a_look_in_its_turn(self, store, postgres, ring):
        """A sweep passes over what somebody is writing, waits for nobody, and takes it the next time."""
        put(store, record("a"), record("b"), wake=AT)
        with Session(postgres) as session:
            write(SqlStore(session, ring), "c")
            mark(SqlStore(session, ring), "a", "first")
            passed = claim(store)
            session.commit()

        assert ["b"] == passed
        assert ["b", "a"] == claim(store)

    def test_a_report_about_a_child_that_others_are_just_making(self, store, postgres):
        """Two who make one record: the second waits and finds it, instead of being sent away."""
        put(store, record("old"))

        assert [False] == while_waiting(store, postgres, lambda: make(store, "new"), lambda: make(store, "new"))

    def test_a_look_at_a_version_that_has_passed_is_stale(self, store):
        """Whoever decided on a record that they loaded before is told so."""
        put(store, record())
        old = loaded(store)
        mark(store, "s-17", "first")
        with store.write(), pytest.raises(StaleCase):
            store.save(SCHOOL, [Change(old, old, None, AT, None)])

    def test_two_readings_at_once_are_both_written_down(self, store, postgres):
        """The audit loses no reading, and refuses none."""
        tell_all(store)
        sealed = loaded(store).activity_log["a1"].note

        def read(reader):
            with store.write():
                return store.unseal(SCHOOL, "s-17", sealed, reader=reader, reason="visit", at=AT)

        while_waiting(store, postgres, lambda: read("t.li"), lambda: read("t.wu"))
        with store.read():
            assert ["t.li", "t.wu"] == [reading.reader for reading in store.reads(SCHOOL, "s-17")]


def claim(store):
    """The children that a sweep would take now."""
    with store.write():
        return [case.child for case in store.claim(AT + HOUR, limit=9, school=None, alarms=False, skip=())]


class TestSettings:
    def test_what_was_decided_on_settings_that_have_passed_is_stale(self, store, postgres, ring):
        """A command that began before other settings were applied, and ends after, would undo their waking."""
        put(store, record(""), record("a"))
        other = SqlStore(postgres, ring)
        with store.write():
            store.settings(SCHOOL)
            with other.write():
                own = other.load(SCHOOL, [""])[""]
                other.save(SCHOOL, [change(own, before=own, events=[ev.Applied("p", "c", "r", DAY)])])
                other.wake(SCHOOL, AT)
            before = store.load(SCHOOL, ["a"])["a"]
            with pytest.raises(StaleCase, match="other settings"):
                store.save(SCHOOL, [change(before, before=before)])

    def test_who_applies_goes_on(self, store):
        """What one applies oneself is no surprise, and neither is it after a refused save."""
        put(store, record(""), record("a"))
        with store.write():
            store.settings(SCHOOL)
            own, a = (store.load(SCHOOL, [child])[child] for child in ("", "a"))
            with pytest.raises(StaleCase, match="since it was loaded"):
                store.save(SCHOOL, [change(own, before=own, events=[ev.Applied("p", "c", "r", DAY)]), change(a)])
            store.save(SCHOOL, [change(own, before=own, events=[ev.Applied("p", "c", "r", DAY)])])
            store.save(SCHOOL, [change(a, before=a)])

        assert 2 == loaded(store, "a").version


class TestSeveralRecords:
    def test_new_records_of_one_school_have_numbers_without_gaps(self, store, postgres):
        """Who makes a record waits for whoever makes another one, and takes the next number."""
        put(store, record("old"))
        while_waiting(store, postgres, lambda: make(store, "a"), lambda: make(store, "b"), lambda: make(store, "c"))
        with postgres.connect() as connection:
            found = connection.exec_driver_sql("SELECT no FROM casework_cases ORDER BY no").scalars().all()

        assert [1, 2, 3, 4] == found
        assert () == verify(store, SCHOOL, folding=False).findings

    def test_a_failed_save_lets_others_make_records(self, store):
        """The lock that a refused save took goes with its savepoint, and is taken again."""
        put(store, record("old"))
        with store.write():
            store.load(SCHOOL, ["old"])
            with pytest.raises(StaleCase):
                store.save(SCHOOL, [change(record("new")), change(record("old"))])
            assert set() == store.work.held
            store.save(SCHOOL, [change(record("new"))])
            assert {SCHOOL} == store.work.held

    def test_a_school_is_made_once(self, store, postgres):
        """Two who write to a new school write to the same one; another new school has another number."""
        while_waiting(
            store,
            postgres,
            lambda: make(store, "a"),
            lambda: make(store, "b"),
            lambda: put(store, record(school="other")),
        )
        with postgres.connect() as connection:
            schools = connection.exec_driver_sql("SELECT name FROM casework_schools ORDER BY name").scalars().all()
            numbers = connection.exec_driver_sql("SELECT school FROM casework_schools").scalars().all()

        assert ["other", SCHOOL] == schools
        assert {1, 2} == set(numbers)

    def test_records_are_locked_in_one_order(self, store, postgres):
        """Two who change the same records, named in opposite orders, wait for each other and never for ever."""
        put(store, record("a"), record("b"))

        def change_both(children):
            with store.write():
                found = store.load(SCHOOL, children)
                store.save(SCHOOL, [change(case, before=case) for case in found.values()])

        while_waiting(
            store,
            postgres,
            lambda: store.load(SCHOOL, ["b"]),
            lambda: change_both(["b", "a"]),
            lambda: change_both(["a", "b"]),
            lambda: store_wake(store),
        )

        assert [3, 3] == [loaded(store, child).version for child in "ab"]

    def test_reading_waits_for_nobody(self, store, postgres, ring):
        """A list of the day is answered while others write."""
        put(store, record("a"))
        with store.write():
            store.load(SCHOOL, ["a"])
            other = SqlStore(postgres, ring)
            with other.read():
                assert ["a"] == list(other.load(SCHOOL, ["a", "b"]))


def store_wake(store):
    """Let all records of the school become due."""
    with store.write():
        store.wake(SCHOOL, AT)


class TestTorn:
    @pytest.mark.parametrize("door", ["engine", "session"])
    def test_a_record_is_read_as_it_stood_at_one_instant(self, store, postgres, ring, door):
        """What somebody commits while a record is being read is seen whole, or not at all."""
        marks = {"m": Mark("m", "filed", DAY, "t.li")}
        put(store, record(marks=marks))
        other, written = SqlStore(create_engine(postgres.url), ring), []

        def interfere(_c, _k, statement, _p, _x, _m):
            if "FROM casework_marks" in statement and not written:
                written.append(statement)
                mark(other, "s-17", "more")

        event.listen(postgres, "before_cursor_execute", interfere)
        try:
            if door == "engine":
                found = loaded(store)
            else:
                with Session(postgres) as session:
                    found = loaded(SqlStore(session, ring))
        finally:
            event.remove(postgres, "before_cursor_execute", interfere)
            other._bind.dispose()

        assert written
        assert found.version == len(found.marks)


class TestConnections:
    def test_a_connection_that_was_cut_may_be_tried_again(self, store, postgres):
        """The error says so, nothing was written, and the next transaction has another connection."""
        put(store, record("a"))

        def cut():
            driver = store.work.wire.connection.connection.driver_connection
            with postgres.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({driver.info.backend_pid})").all()
            store.save(SCHOOL, [change(record("b"))])

        with pytest.raises(DatabaseBusy, match="was lost") as caught, store.write():
            cut()

        assert retryable(caught.value.__cause__)
        with store.read():
            assert ["a"] == store.children(SCHOOL, after="", limit=9, open_only=False)

    def test_what_the_database_refuses_shows_no_value(self, store):
        """Errors of the driver come out as SQLAlchemy's, and tell nothing of a child."""
        put(store, record("child-0815"), idem="k1")
        with store.write():
            before = store.load(SCHOOL, ["child-0815"])["child-0815"]
            with pytest.raises(DBAPIError) as caught:
                store.save(SCHOOL, [change(before, before=before, idem="k1")])

        assert "0815" not in str(caught.value)
        assert not retryable(caught.value)


class TestMigrate:
    def test_two_at_once_wait_for_each_other(self, bare_postgres):
        """Both end well, and the tables are made once."""
        engines = [create_engine(bare_postgres) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(migrate, engines))
        for engine in engines:
            engine.dispose()

        assert [newest()] * 2 == found

    def test_another_migration_that_does_not_end_is_named(self, bare_postgres, monkeypatch):
        """After half a minute (here: at once) it gives up, and says where to look."""
        monkeypatch.setattr(dialects, "PATIENCE_MS", 50)
        engine = create_engine(bare_postgres)
        with engine.connect() as holder:
            holder.execute(dialects.advisory(dialects.MIGRATING))
            with pytest.raises(HostTransactionError, match="pg_stat_activity"):
                migrate(engine)
        engine.dispose()


class TestVerifyAndDoctor:
    def test_a_sound_store_is_sound(self, store, postgres):
        """Rows come back from PostgreSQL as the kinds of values that were written."""
        tell_all(store)

        assert () == verify(store, SCHOOL).findings
        facts = doctor_facts(postgres)
        assert ("postgresql", True, 34, newest()) == tuple(
            facts[name] for name in ("database", "tables", "entries", "schema")
        )
        assert str(facts["version"]).startswith("18.")

    @pytest.mark.parametrize(
        "edit",
        [
            "UPDATE casework_activities SET minutes = 5 WHERE no = 1",
            "UPDATE casework_cases SET stage = 'closed' WHERE no = 1",
            "UPDATE casework_entries SET body = body || ' '::bytea WHERE no = 1 AND seq = 2",
            "UPDATE casework_sealed SET ciphertext = ciphertext || ' '::bytea WHERE no = 2",
            "DELETE FROM casework_entries WHERE no = 1 AND seq = 3",
            "DELETE FROM casework_marks WHERE no = 2",
        ],
    )
    def test_an_edit_is_noticed(self, store, postgres, edit):
        """Whoever writes to the database behind casework's back is found out."""
        tell_all(store)
        with postgres.begin() as connection:
            connection.exec_driver_sql(edit)

        assert verify(store, SCHOOL).findings


@contextmanager
def sent(engine):
    """What is sent to the database meanwhile: each statement once, with the values of its first time."""
    found = {}

    def note(_c, _k, statement, values, _x, several):
        found.setdefault(statement, values[0] if several else values)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plans(engine, statements, *, generic=False, searching=False):
    """PostgreSQL's plan for each statement, by its text.

    ``generic``: the plan for any values, which a statement gets that is run again and again; ``searching``: whole
    tables are read only where there is no other way, as if each were large.
    """
    found = {}
    with engine.connect() as connection:
        if searching:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, values in statements.items():
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                asked = f"EXPLAIN {statement}"
                if generic:
                    asked = f"EXPLAIN (GENERIC_PLAN) {statement % tuple(f'${n + 1}' for n in range(len(values)))}"
                rows = connection.exec_driver_sql(asked, () if generic else values)
                found[statement] = "\n".join(rows.scalars())
    return found


@pytest.mark.unmeasured
class TestPlans:
    @pytest.fixture
    def school(self, store, postgres):
        """Two thousand records, none of them due, and a few with a story."""
        with store.write():
            store.save(SCHOOL, many(2_000))
        tell_all(store)
        with postgres.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
        return store

    @pytest.mark.parametrize("generic", [False, True])
    def test_claiming_uses_the_index_of_looks(self, school, postgres, generic):
        """Over all schools, and within one: the index gives what is due in its order, whatever the values are."""
        with sent(postgres) as statements, school.write():
            for one in (None, SCHOOL):
                for alarms in (False, True):
                    school.claim(AT, limit=5, school=one, alarms=alarms, skip=())
        found = plans(postgres, statements, generic=generic)
        claims = {text: plan for text, plan in found.items() if "SKIP LOCKED" in text}

        assert 4 == len(claims)
        for text, chosen in claims.items():
            due = "casework_cases_alarm" if "ORDER BY casework_cases.alarm_at" in text else "casework_cases_wake"
            assert f"Index Scan using {due} on casework_cases" in chosen
            assert "Seq Scan on casework_cases" not in chosen
            assert "Sort" not in chosen

    def test_no_question_about_a_child_reads_a_whole_table(self, school, postgres):
        """Loading, saving, history, reading and a list of the day search by keys, however many children there are."""
        with sent(postgres) as statements, school.write():
            found = school.load(SCHOOL, ["s-17", "s-18"])
            note = found["s-17"].activity_log["a1"].note
            school.unseal(SCHOOL, "s-17", note, reader="t.li", reason="visit", at=AT)
            school.repeated(SCHOOL, "s-17", "t.li", "k1", "")
            school.child_of(SCHOOL, found["s-17"].id)
            school.children(SCHOOL, after="s", limit=2, open_only=False)
            school.entries(SCHOOL, "s-17")
            school.owed(SCHOOL, whose(roles=["office"], classes=["3-2"]), hidden=())
            school.live(SCHOOL)
            school.implicated(SCHOOL, "uncle")
            school.save(SCHOOL, [change(evolve(case, marks={}), before=case) for case in found.values()])
        chosen = plans(postgres, statements, searching=True)

        assert len(chosen) > 25
        assert [] == [text for text, plan in chosen.items() if "Seq Scan" in plan]


class TestPsycopg2:
    def test_what_it_wrote_is_read_and_verified(self, postgres, psycopg2_engine, ring):
        """An engine, a session or a connection on psycopg2 keeps a history that both drivers read, and opens texts."""
        tell_all(SqlStore(psycopg2_engine, ring))
        found = []
        with Session(psycopg2_engine) as session, psycopg2_engine.connect() as connection:
            for bind in (postgres, psycopg2_engine, session, connection):
                store = SqlStore(bind, ring)
                with store.write():
                    note = store.load(SCHOOL, ["s-17"])["s-17"].activity_log["a1"].note
                    told = store.unseal(SCHOOL, "s-17", note, reader="t.li", reason="visit", at=AT)
                    found.append((len(store.entries(SCHOOL, "s-17")), told))
                assert () == verify(store, SCHOOL).findings
                session.rollback()
                connection.rollback()

        assert [(16, "he was afraid of his uncle")] * 4 == found


class TestRefusedConnections:
    def test_a_pipeline(self, postgres, ring):
        """In psycopg's pipeline mode answers come later: it is refused in words, lent or within SQLAlchemy's."""
        with postgres.connect() as connection:
            driver = connection.connection.driver_connection
            with driver.pipeline():
                for bind in (connection, driver):
                    with pytest.raises(HostTransactionError, match="in pipeline mode"), SqlStore(bind, ring).read():
                        pass

    def test_an_asynchronous_driver_that_commits_each_statement(self):
        """Where the driver's own connection does not say so, SQLAlchemy's in front of it does."""
        given = SimpleNamespace(
            dialect=postgresql.dialect(),
            connection=SimpleNamespace(driver_connection=object(), dbapi_connection=SimpleNamespace(autocommit=True)),
        )
        with pytest.raises(HostTransactionError, match="AUTOCOMMIT"):
            dialects.check_guest(given)

    def test_a_session_without_an_engine_for_our_tables(self, ring):
        """Session(binds=…) names engines for the host's tables alone: it says what to give."""
        with Session(binds={}) as session, pytest.raises(HostTransactionError, match="give it bind= as well"):
            SqlStore(session, ring).begin()

    def test_a_map_of_schemas(self, bare_postgres, ring):
        """Where the tables are not found since the connection translates schemas, that is said."""
        engine = create_engine(bare_postgres).execution_options(schema_translate_map={None: "school"})
        with pytest.raises(TablesDiffer, match="schema_translate_map"), SqlStore(engine, ring).read():
            pass
        engine.dispose()

    def test_a_raw_cursor_of_the_hosts(self, postgres, ring):
        """A connection whose cursors want $1 is lent like any other."""
        where = {"host": postgres.url.query["host"], "user": postgres.url.username, "dbname": postgres.url.database}
        with psycopg.connect(**where, cursor_factory=psycopg.RawCursor) as connection:
            put(SqlStore(connection, ring), record())
            found = loaded(SqlStore(connection, ring)).child
            connection.rollback()

        assert "s-17" == found


class TestGatherings:
    def test_a_record_written_while_a_gathering_waits_for_it(self, store, postgres):
        """What it has to take up is noted after its new last entry, and its head fits that."""
        tell_all(store)

        def gather():
            with store.write():
                step(store, "s-18", ev.Marked("x", "filed", DAY, "t.li"), awaiting=("s-19", "s-17"))

        while_waiting(store, postgres, lambda: mark(store, "s-17", "first"), gather)

        assert () == verify(store, SCHOOL, folding=False).findings
