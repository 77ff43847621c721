"""Engines, doors and what may be tried again."""

import sqlite3
import sys

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from casework.engine.port import Shard
from casework.errors import CommandRefused, DatabaseBusy, HostTransactionError, StaleCase
from casework.model.case import Mark
from casework.store import SqlStore, open_engine, tables, without_password
from casework.store.engines import wal_safe
from casework.testing.contract_base import AT, DAY, SCHOOL, change, put, record
from casework.testing.sql_contract import committed, many, plan, write
from tests.servers import count_elsewhere


def pragma(engine, name):
    """What SQLite says of a setting."""
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


class TestOpenEngine:
    def test_every_connection_is_set_up(self, tmp_path):
        """Writers wait, commits are on the disk, foreign keys hold, and the journal is the safe one."""
        engine = open_engine(tmp_path / "a.db")

        assert [30_000, 2, 1, "delete"] == [
            pragma(engine, name) for name in ("busy_timeout", "synchronous", "foreign_keys", "journal_mode")
        ]
        assert engine.hide_parameters
        engine.dispose()

    def test_a_url_is_as_good_as_a_path(self, tmp_path):
        """Both name the file."""
        engine = open_engine(f"sqlite:///{tmp_path}/a.db")

        assert str(tmp_path / "a.db") == engine.url.database

    def test_wal_only_where_it_loses_nothing(self, tmp_path, monkeypatch):
        """A version that can lose commits in WAL mode is refused; a mended one is not."""
        monkeypatch.setattr(sqlite3.dbapi2, "sqlite_version", "3.45.1")
        with pytest.raises(HostTransactionError, match=r"3\.45\.1"):
            open_engine(tmp_path / "a.db", wal=True)

        monkeypatch.setattr(sqlite3.dbapi2, "sqlite_version", "3.51.3")
        engine = open_engine(tmp_path / "a.db", wal=True)
        assert "wal" == pragma(engine, "journal_mode")
        engine.dispose()

    def test_postgresql_is_opened_by_psycopg(self, postgres):
        """Whatever SQLAlchemy would take by default; errors hide what was to be stored."""
        engine = open_engine(postgres.url.set(drivername="postgresql").render_as_string())

        assert ("postgresql", "psycopg", True) == (engine.dialect.name, engine.dialect.driver, engine.hide_parameters)
        with engine.connect() as connection:
            assert 0 == connection.exec_driver_sql("SELECT count(*) FROM casework_cases").scalar_one()
        engine.dispose()

    def test_a_missing_driver_is_named(self, monkeypatch):
        """It says what to install."""
        monkeypatch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(HostTransactionError, match=r"casework\[postgres\]"):
            open_engine("postgresql://localhost/school")

    @pytest.mark.parametrize(
        ("target", "match"), [("mysql://localhost/school", "create the engine yourself"), ("://", "is no URL")]
    )
    def test_other_databases_are_not_opened_here(self, target, match):
        """A host brings its own engine for those."""
        with pytest.raises(HostTransactionError, match=match):
            open_engine(target)

    def test_a_server_that_is_not_there(self, ring):
        """It says what to look at, and neither name nor password."""
        engine = open_engine("postgresql://ann:secret@/school?host=/nowhere")
        with pytest.raises(DatabaseBusy, match="cannot be reached") as caught, SqlStore(engine, ring).read():
            pass

        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("database", "shown"),
        [
            ("a.db", "a.db"),
            ("postgresql://ann:secret@db/school", "postgresql://ann@db/school"),
            ("postgresql://ann@db/school?password=secret&host=x", "postgresql://ann@db/school?host=x"),
        ],
    )
    def test_passwords_are_not_shown(self, database, shown):
        """What is written down or printed names user and place alone."""
        assert shown == without_password(database)

    @pytest.mark.parametrize(
        ("version", "safe"),
        [
            ("3.51.3", True),
            ("3.52.0", True),
            ("4.0.0", True),
            ("3.51.2", False),
            ("3.50.7", True),
            ("3.50.6", False),
            ("3.44.6", True),
            ("3.44.5", False),
            ("3.45.9", False),
        ],
    )
    def test_versions(self, version, safe):
        """The fix was made in 3.51.3, and taken back to 3.50.7 and 3.44.6."""
        assert safe == wal_safe(version)

    def test_an_interrupted_connection_gives_back_its_lock(self, tmp_path):
        """A connection thrown away within BEGIN IMMEDIATE does not keep others out."""
        engine = open_engine(tmp_path / "a.db")
        connection = engine.connect()
        driver = connection.connection.driver_connection
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.invalidate()

        with engine.connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            other.rollback()
        with pytest.raises(sqlite3.ProgrammingError):
            driver.execute("SELECT 1")
        connection.close()
        engine.dispose()


class TestDoors:
    def test_other_things_are_no_door(self, ring):
        """A store is given an engine, a session or a connection."""
        with pytest.raises(TypeError, match="not str"):
            SqlStore("sqlite://", ring)

    def test_a_scoped_session_is_a_session(self, memory_engine, ring):
        """As web frameworks use it."""
        scoped = scoped_session(sessionmaker(memory_engine))
        put(SqlStore(scoped, ring), record())
        scoped.rollback()
        with SqlStore(scoped, ring).read():
            left = scoped.connection().exec_driver_sql("SELECT * FROM casework_cases").fetchall()
        scoped.remove()

        assert [] == left

    def test_begin_at_the_door_of_an_engine_does_nothing(self, memory_engine, ring):
        """The engine's transactions are casework's own."""
        assert SqlStore(memory_engine, ring).begin() is None

    def test_a_driver_that_is_in_a_transaction_is_left_alone(self, engine, ring):
        """A host that began its own transaction keeps it."""
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            write(SqlStore(connection, ring))
            connection.rollback()
            count = connection.exec_driver_sql("SELECT count(*) FROM casework_cases").scalar_one()

        assert 0 == count


class TestSecondProcess:
    @pytest.mark.parametrize("first", ["", "SELECT * FROM casework_cases"])
    def test_neither_row_is_seen_after_the_host_failed(self, engine, ring, first):
        """A second process, on the same file, finds neither the host's row nor ours."""
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE host (name TEXT)")
        with Session(engine) as session:
            if first:
                session.connection().exec_driver_sql(first)
            write(SqlStore(session, ring))
            session.connection().exec_driver_sql("INSERT INTO host VALUES ('s-17')")
            with session.begin_nested():
                write(SqlStore(session, ring), "b")
            session.rollback()

        assert [0, 0] == count_elsewhere(engine, "host", "casework_cases")


class TestPlans:
    def test_claiming_uses_the_index_of_looks(self, sqlite, ring):
        """Over all schools, within one, and over a shard: the index gives what is due in order; nothing is scanned."""
        store = SqlStore(sqlite, ring, tables=tables())  # of its own: statements are shared by all with these tables
        with store.write():
            store.save(SCHOOL, many(500))
        with sqlite.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
        with store.write():
            for alarms in (False, True):
                store.claim(AT, limit=5, school=None, alarms=alarms, skip=())
                store.claim(AT, limit=5, school=SCHOOL, alarms=alarms, skip=())
                store.claim(AT, limit=5, school=None, alarms=alarms, skip=(), shard=Shard(1, 3))
            statements = {key: prepared for key, prepared in store.work.statements._made.items() if key[0] == "due"}
            plans = {
                key: plan(store.work.wire.connection, prepared.text, *prepared.bind((1,) * (2 + key[2] + 2 * key[3])))
                for key, prepared in statements.items()
            }

        kinds = ((False, False), (True, False), (False, True))
        assert {("due", alarms, *kind) for alarms in (False, True) for kind in kinds} == set(plans)
        for (_, alarms, _, _), found in plans.items():
            index = "casework_cases_alarm" if alarms else "casework_cases_wake"
            assert f"SEARCH casework_cases USING INDEX {index}" in found
            assert "SCAN" not in found
            assert "TEMP B-TREE" not in found

    def test_no_question_about_a_child_scans_a_table(self, sqlite, ring):
        """Loading, saving, history and reading search by keys, however many children there are."""
        from tests.store.story import tell_all  # noqa: PLC0415

        store = SqlStore(sqlite, ring, tables=tables())
        tell_all(store)
        with store.write():
            found = store.load(SCHOOL, ["s-17", "s-18"])
            note = found["s-17"].activity_log["a1"].note
            store.unseal(SCHOOL, "s-17", note, reader="t.li", reason="visit", at=AT)
            store.repeated(SCHOOL, "s-17", "t.li", "k1", "")
            store.child_of(SCHOOL, found["s-17"].id)
            store.children(SCHOOL, after="s", limit=2, open_only=False)
            store.save(SCHOOL, [change(case, before=case) for case in found.values()])
            plans = {
                key: plan(store.work.wire.connection, prepared.text, *(None,) * prepared.text.count("?"))
                for key, prepared in store.work.statements._made.items()
                if prepared.text.startswith(("SELECT", "UPDATE"))
            }

        assert {"highest school"} >= {key for key, found in plans.items() if "SCAN" in found}


class TestSaving:
    def test_text_that_is_too_long_is_named(self, engine, ring):
        """The column and its limit are said, nothing is written, and the store goes on."""
        store = SqlStore(engine, ring)
        with store.write():
            for made in (
                change(record("x" * 256)),
                change(record(class_="x" * 256)),
                change(record(marks={"m": Mark("m" * 129, "filed", DAY, "t")})),
                change(record(), idem="k" * 256),
            ):
                with pytest.raises(CommandRefused, match=r"has \d+ characters; at most \d+"):
                    store.save(SCHOOL, [made])
            store.save(SCHOOL, [change(record("fine"))])
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT child FROM casework_cases").scalars().all()

        assert ["fine"] == found

    def test_a_record_that_appears_behind_our_back_is_stale(self, engine, ring):
        """Where the database does not lock, two who make one record are told apart by its key."""
        store = SqlStore(engine, ring)
        put(store, record())
        with store.write():
            store.work.known[SCHOOL, "s-17"] = None
            with pytest.raises(StaleCase, match="made the record meanwhile"):
                store.save(SCHOOL, [change(record())])

    def test_a_version_that_moves_behind_our_back_is_stale(self, engine, ring):
        """The versioned update is the last line: nothing is written when it matches no row."""
        store = SqlStore(engine, ring)
        put(store, record())
        with store.write():
            before = store.load(SCHOOL, ["s-17"])["s-17"]
            store.work.wire.connection.exec_driver_sql("UPDATE casework_cases SET version = 5")
            with pytest.raises(StaleCase, match="somebody else"):
                store.save(SCHOOL, [change(before, before=before)])
            left = store.work.wire.connection.exec_driver_sql("SELECT count(*) FROM casework_entries").scalar_one()

        assert 1 == left

    def test_other_broken_constraints_are_errors(self, engine, ring):
        """The same key used for another entry is the caller's mistake, and comes as the database says it."""
        store = SqlStore(engine, ring)
        put(store, record(), idem="k1")
        with store.write():
            before = store.load(SCHOOL, ["s-17"])["s-17"]
            with pytest.raises(DBAPIError):
                store.save(SCHOOL, [change(before, before=before, idem="k1")])

    def test_a_history_cut_short_does_not_stop_a_report(self, engine, ring):
        """A missing last entry is for verification to report; commands, an emergency above all, still go through."""
        store = SqlStore(engine, ring)
        put(store, record())
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM casework_entries")
        with store.write():
            before = store.load(SCHOOL, ["s-17"])["s-17"]
            store.save(SCHOOL, [change(before, before=before)])

        with store.read():
            assert [2] == [entry.seq for entry in store.entries(SCHOOL, "s-17")]


def test_committed_sees_what_was_committed(engine, ring):
    """The contract's own measure sees rows that are there."""
    from casework.testing.sql_contract import Base  # noqa: PLC0415

    Base.metadata.create_all(engine)
    write(SqlStore(engine, ring), "b", "a")

    assert ["a", "b"] == committed(engine)
