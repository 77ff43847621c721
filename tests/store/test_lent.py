"""A connection that a host lends: who begins, what is refused, and what is left as it was."""

import sqlite3
import subprocess
import sys
from threading import Thread

import psycopg
import psycopg2
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from casework.errors import HostTransactionError, StaleCase, WrongType
from casework.store import SqlStore
from casework.store.lent import commits_each
from casework.testing.contract_base import change, put, record


def records(engine):
    """How many records another connection finds."""
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM casework_cases").scalar_one()


class Counting(sqlite3.Connection):
    """A connection that counts who ends its transaction."""

    ended = 0

    def commit(self):
        """Counted."""
        self.ended += 1
        super().commit()

    def rollback(self):
        """Counted."""
        self.ended += 1
        super().rollback()

    def close(self):
        """Counted."""
        self.ended += 1
        super().close()


@pytest.fixture
def lent(sqlite):
    """A connection of a host's to SQLite."""
    connection = sqlite3.connect(sqlite.url.database, factory=Counting)
    yield connection
    connection.close()


@pytest.fixture(params=["sqlite3", "psycopg", "psycopg2"])
def committing(request):
    """A connection that commits each statement by itself, and the engine of its database."""
    engine = request.getfixturevalue("sqlite" if request.param == "sqlite3" else "postgres")
    if request.param == "sqlite3":
        connection = sqlite3.connect(engine.url.database, isolation_level=None)
    else:
        where = f"host={engine.url.query['host']} user={engine.url.username} dbname={engine.url.database}"
        connection = (psycopg if request.param == "psycopg" else psycopg2).connect(where)
        connection.autocommit = True
    yield connection, engine
    connection.close()


class TestWhoBegins:
    def test_a_driver_that_begins_by_itself(self, sqlite, lent, ring):
        """Casework begins in its place, with the right to write, and leaves the end to the host, again and again."""
        store = SqlStore(lent, ring)
        for child in ("s-1", "s-2"):
            with store.read():
                inside = lent.in_transaction
            put(store, record(child))
            before = records(sqlite)
            lent.commit()

            assert inside
            assert records(sqlite) == before + 1

        assert 2 == lent.ended

    def test_begun_early(self, sqlite, lent, ring):
        """With begin() the host's savepoint may come first."""
        SqlStore(lent, ring).begin()
        lent.execute("SAVEPOINT mine")
        put(SqlStore(lent, ring), record())
        lent.execute("RELEASE mine")
        lent.rollback()

        assert 0 == records(sqlite)

    def test_nobody_has_begun(self, committing, ring):
        """Where each statement would be committed by itself, reading and writing are refused with what to do."""
        connection, engine = committing
        store = SqlStore(connection, ring)
        for door in (store.read, store.write):
            with pytest.raises(HostTransactionError, match=r"open transaction\.atomic\(\) first"), door():
                pass
        with pytest.raises(HostTransactionError, match="BEGIN"):
            store.begin()

        assert 0 == records(engine)

    def test_the_host_has_begun(self, committing, ring):
        """There BEGIN is enough, and the host's ROLLBACK undoes ours."""
        connection, engine = committing
        cursor = connection.cursor()
        for ending, left in (("ROLLBACK", 0), ("COMMIT", 1)):
            cursor.execute("BEGIN")
            put(SqlStore(connection, ring), record())
            cursor.execute(ending)

            assert left == records(engine)
        cursor.close()

    @pytest.mark.parametrize(
        ("autocommit", "level", "expected"),
        [(True, "", True), (False, None, False), (-1, None, True), (-1, "", False), (-1, "DEFERRED", False)],
    )
    def test_what_sqlite_is_set_to(self, autocommit, level, expected):
        """Python 3.12's ``autocommit`` decides where it is set; else the level of isolation does."""
        driver = type("Driver", (), {"autocommit": autocommit, "isolation_level": level})

        assert expected is commits_each(driver)

    def test_an_engine_that_commits_each_statement(self, sqlite, ring):
        """At the doors of SQLAlchemy it is refused as well."""
        engine = sqlite.execution_options(isolation_level="AUTOCOMMIT")
        with (
            engine.connect() as connection,
            pytest.raises(HostTransactionError, match="AUTOCOMMIT"),
            SqlStore(connection, ring).read(),
        ):
            pass


class TestGuest:
    def test_a_failed_call_leaves_nothing(self, sqlite, lent, ring):
        """What fails is undone alone; the host commits the rest."""
        store = SqlStore(lent, ring)
        lent.execute("CREATE TABLE host (name TEXT)")
        lent.execute("INSERT INTO host VALUES ('before')")
        put(store, record("s-1"))
        with pytest.raises(StaleCase), store.write():
            store.save("qinghe", [change(record("s-2")), change(record("s-1"))])
        lent.execute("INSERT INTO host VALUES ('after')")
        lent.commit()

        assert 1 == records(sqlite)
        assert [("before",), ("after",)] == lent.execute("SELECT name FROM host").fetchall()

    def test_settings_of_the_host_stay(self, lent, ring):
        """How the host wants its rows is its own affair, before and after."""
        lent.row_factory = sqlite3.Row
        put(SqlStore(lent, ring), record())
        row = lent.execute("SELECT child FROM casework_cases").fetchone()
        lent.rollback()

        assert ("s-17", sqlite3.Row, "") == (row["child"], lent.row_factory, lent.isolation_level)
        assert 1 == lent.ended

    def test_another_thread(self, sqlite, lent, ring):
        """SQLite's driver refuses another thread than the one that connected, before anything is written."""
        raised = []

        def elsewhere():
            try:
                put(SqlStore(lent, ring), record())
            except ProgrammingError as error:
                raised.append(error)

        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()

        assert ["thread" in str(error) for error in raised] == [True]
        assert (0, 0) == (records(sqlite), lent.ended)


class TestTaken:
    @pytest.mark.parametrize("given", [None, "sqlite:///school.db", AsyncSession(), make_url("sqlite://")])
    def test_what_is_no_door(self, given, ring):
        """Anything else is refused, with what to give instead in Django and where the session is asynchronous."""
        with pytest.raises(WrongType, match=r"run_sync.*transaction\.atomic\(\)"):
            SqlStore(given, ring)

    def test_nothing_is_loaded_unasked(self):
        """The store loads no driver but the one it is given, and nothing asynchronous."""
        program = "import sys, casework.store; print(*sorted(sys.modules))"
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert set() == {"psycopg", "psycopg2", "aiosqlite", "sqlalchemy.ext.asyncio"} & set(found.stdout.split())
