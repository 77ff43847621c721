"""What the database says is told in words, with what to do; a host as a guest gets it as it was said."""

import sqlite3

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from casework.errors import CaseworkError, DatabaseBusy, DatabaseUnusable, StaleCase, Tampered
from casework.store import SqlStore, open_engine, retryable
from casework.store.faults import explained, surely_undone
from casework.testing.sql_contract import write


@pytest.fixture
def impatient(sqlite):
    """The same file for somebody who does not wait, while another writer holds it."""
    other = create_engine(sqlite.url, connect_args={"timeout": 0})
    with sqlite.connect() as holder:
        holder.exec_driver_sql("BEGIN IMMEDIATE")
        yield other
        holder.rollback()
    other.dispose()


def sqlite_error(code):
    """An error of SQLite's with that code."""
    error = sqlite3.OperationalError("whatever it says")
    error.sqlite_errorcode = code
    return OperationalError("x", {}, error)


def state_error(state):
    """An error with a SQLSTATE."""
    error = Exception("whatever it says")
    error.sqlstate = state
    return DBAPIError("x", {}, error)


class TestRetryable:
    @pytest.mark.parametrize(
        ("code", "again"),
        [(sqlite3.SQLITE_BUSY, True), (sqlite3.SQLITE_BUSY_SNAPSHOT, True), (sqlite3.SQLITE_FULL, False)],
    )
    def test_sqlite_is_known_by_its_code(self, code, again):
        """Busy in all its kinds may be tried again, a full disk not."""
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = code

        assert again == retryable(OperationalError("x", {}, error))

    @pytest.mark.parametrize(("state", "again"), [("40001", True), ("08006", True), ("23505", False)])
    def test_postgresql_is_known_by_its_state(self, state, again):
        """Serialization failures and lost connections may be tried again, a broken constraint not."""
        error = Exception("whatever it says")
        error.sqlstate = state

        assert again == retryable(DBAPIError("x", {}, error))

    @pytest.mark.parametrize(("numbers", "again"), [((1213, "deadlock"), True), ((1062,), False), ((), False)])
    def test_mariadb_is_known_by_its_number(self, numbers, again):
        """Deadlocks may be tried again, a broken constraint not."""
        assert again == retryable(DBAPIError("x", {}, Exception(*numbers)))

    def test_other_errors_are_not_the_databases(self):
        """A stale case is not the database's error."""
        assert not retryable(StaleCase("x"))


class TestSurelyUndone:
    @pytest.mark.parametrize(
        ("error", "undone"),
        [
            (sqlite_error(sqlite3.SQLITE_BUSY), True),
            (sqlite_error(sqlite3.SQLITE_FULL), True),
            (sqlite_error(sqlite3.SQLITE_CONSTRAINT), True),
            (sqlite_error(sqlite3.SQLITE_IOERR), False),
            (state_error("40001"), True),
            (state_error("23503"), True),
            (state_error("08006"), False),
            (state_error("57P01"), False),
            (DBAPIError("x", {}, Exception(1213, "deadlock")), True),
            (DBAPIError("x", {}, Exception(2013, "lost")), False),
        ],
    )
    def test_of_which_failed_commits_it_is_known(self, error, undone):
        """A victim has stored nothing; of a lost connection or a failing disk nobody can say."""
        assert undone == surely_undone(error)


class TestInWords:
    def test_a_locked_database_is_busy(self, impatient, ring):
        """Who has waited in vain is told so, by an error that is a TimeoutError too."""
        with (
            pytest.raises(DatabaseBusy, match="nothing was stored: repeat") as caught,
            SqlStore(impatient, ring).write(),
        ):
            pass

        assert isinstance(caught.value, TimeoutError)
        assert retryable(caught.value.__cause__)

    def test_a_host_gets_what_the_database_said(self, impatient, ring):
        """As a guest the error is the driver's, since the transaction is the host's to repeat."""
        with Session(impatient) as session, pytest.raises(OperationalError) as caught:
            write(SqlStore(session, ring))

        assert retryable(caught.value)

    def test_a_file_that_is_no_database(self, tmp_path, ring):
        """Its bytes are not what casework wrote, and none of them is told."""
        path = tmp_path / "notes.txt"
        path.write_text("Lin has quarrelled" * 100, encoding="utf-8")
        engine = open_engine(path)
        with pytest.raises(Tampered, match="no database") as caught, SqlStore(engine, ring).read():
            pass
        engine.dispose()

        assert "Lin" not in str(caught.value)

    def test_a_folder_that_is_not_there(self, tmp_path, ring):
        """A file that cannot be made is told with the mend."""
        engine = open_engine(tmp_path / "nowhere" / "a.db")
        with pytest.raises(DatabaseUnusable, match="make the folder") as caught, SqlStore(engine, ring).read():
            pass

        assert isinstance(caught.value, OSError)

    @pytest.mark.parametrize("code", [sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR])
    def test_what_cannot_be_used(self, code):
        """A disk that is full, failing or only to be read is told as that."""
        assert isinstance(explained(sqlite_error(code)), DatabaseUnusable)

    @pytest.mark.parametrize("state", ["25006", "42501", "53100", "58030"])
    def test_what_cannot_be_used_on_postgresql(self, state):
        """A server that stands by, forbids, is full or fails is told in the same words."""
        assert isinstance(explained(state_error(state)), DatabaseUnusable)

    def test_a_mistake_of_the_program_is_left_as_it_is(self, memory_engine, ring):
        """What no word would help with comes as the database says it."""
        assert explained(sqlite_error(sqlite3.SQLITE_ERROR)) is None
        with pytest.raises(OperationalError), SqlStore(memory_engine, ring).read() as _:
            raise sqlite_error(sqlite3.SQLITE_ERROR)

    def test_every_word_is_an_error_of_caseworks(self):
        """One root catches them all."""
        codes = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN)

        assert all(isinstance(explained(sqlite_error(code)), CaseworkError) for code in codes)
