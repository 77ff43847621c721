"""The fourth door: a connection of the driver's, lent by a host without SQLAlchemy, such as Django and Odoo.

The host alone begins and ends the transaction: what SQLAlchemy would commit, roll back or close is left out.
Cursors give plain tuples and plain bytes whatever the host has set up for its own, and its settings are not touched.

Drivers differ in who begins. One that begins by itself before a statement is let (SQLite's with BEGIN IMMEDIATE, as at
the other doors); one that would commit each statement by itself is refused until the host has begun. A savepoint of the
host's may come before our first statement, since a host that writes SQL begins with BEGIN; one that opens a SAVEPOINT
alone on SQLite commits by its RELEASE, its own rows as well as ours.
"""

import sqlite3
import sys
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect, Engine, StaticPool
from sqlalchemy.engine import make_url

from casework.errors import HostTransactionError, WrongType, kind_of
from casework.store.dialects import check_pipeline

_IDLE = 0
"""libpq's status of a connection that is in no transaction."""
_BYTEA = 17
"""PostgreSQL's number of the type for bytes."""

_TAKEN = (
    "an Engine, a Session (asynchronous: the one within `await session.run_sync(lambda session: …)`), a Connection, or "
    "a connection of sqlite3, psycopg or psycopg2 (Django: `connection.connection` within transaction.atomic())"
)


class DriverConnection(Protocol):
    """A connection as the driver gives it (PEP 249): of sqlite3, of psycopg, of psycopg2."""

    def cursor(self) -> Any:  # noqa: ANN401 - the driver's
        """A cursor."""
        ...

    def commit(self) -> None:
        """Never called by casework."""
        ...

    def rollback(self) -> None:
        """Never called by casework."""
        ...


class _Borrowed:
    """The host's connection as SQLAlchemy meets it: nothing ends its transaction, and its rows are plain."""

    def __init__(self, driver: Any, cursor: Callable[[], Any]) -> None:  # noqa: ANN401 - the driver's
        self.driver = driver
        self.cursor = cursor

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the driver's
        return getattr(self.driver, name)

    def commit(self) -> None:
        """Left to the host."""

    rollback = close = commit


class Lent:
    """A lent connection, and an engine that knows no other."""

    def __init__(self, driver: object) -> None:
        dialect, cursor = _known(driver)
        borrowed: Any = _Borrowed(driver, cursor)
        pool = StaticPool(lambda: borrowed, reset_on_return=None)
        self.driver: Any = driver
        self.engine = Engine(pool, dialect, make_url(f"{dialect.name}+{dialect.driver}://"), hide_parameters=True)

    def begin(self, connection: Connection) -> None:
        """Make sure that the driver is in a transaction, or begins one by itself. Raises `HostTransactionError`."""
        if isinstance(self.driver, sqlite3.Connection):
            if self.driver.in_transaction:
                return
            if not commits_each(self.driver):
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
        else:
            check_pipeline(self.driver)
            if not self.driver.autocommit or self.driver.info.transaction_status != _IDLE:
                return
        raise HostTransactionError(
            "no transaction is open on the host's connection, so each statement would be committed by itself and a "
            "rollback would not undo casework's rows; open transaction.atomic() first (outside of Django: BEGIN)"
        )


def commits_each(driver: Any) -> bool:  # noqa: ANN401 - sqlite3's connection, or one that stands for it
    """Tell whether a connection to SQLite commits each statement by itself while nobody has said BEGIN."""
    chosen = getattr(driver, "autocommit", None)
    if isinstance(chosen, bool):
        return chosen
    return getattr(driver, "isolation_level", "") is None


def _known(driver: Any) -> tuple[Dialect, Callable[[], Any]]:  # noqa: ANN401 - anything that was given for a connection
    """The dialect of a driver's connection, and what makes cursors on it."""
    if isinstance(driver, sqlite3.Connection):
        return _dialect("sqlite+pysqlite", sqlite3.sqlite_version_info), partial(_plain_cursor, driver)
    psycopg: Any = sys.modules.get("psycopg")
    if psycopg is not None and isinstance(driver, psycopg.Connection):
        # A raw cursor of the host's choice would want $1 where we write %s.
        raw = issubclass(driver.cursor_factory, getattr(psycopg, "RawCursor", ()))
        cursor = partial(partial(psycopg.Cursor, driver) if raw else driver.cursor, row_factory=psycopg.rows.tuple_row)
        return _dialect("postgresql+psycopg", divmod(driver.info.server_version, 10_000)), cursor
    psycopg2: Any = sys.modules.get("psycopg2.extensions")
    if psycopg2 is not None and isinstance(driver, psycopg2.connection):
        return _dialect("postgresql+psycopg2", divmod(driver.server_version, 10_000)), partial(_bytes_cursor, driver)
    raise WrongType(f"a store takes {_TAKEN}, not {kind_of(driver)}")


def _plain_cursor(driver: sqlite3.Connection) -> sqlite3.Cursor:
    cursor = driver.cursor(sqlite3.Cursor)
    cursor.row_factory = None
    return cursor


def _bytes_cursor(driver: Any) -> Any:  # noqa: ANN401 - psycopg2's
    """A cursor that gives tuples, and bytes where psycopg2 gives memoryviews."""
    extensions: Any = sys.modules["psycopg2.extensions"]
    cursor = driver.cursor(cursor_factory=extensions.cursor)
    extensions.register_type(extensions.new_type((_BYTEA,), "BYTES", _to_bytes), cursor)
    return cursor


def _to_bytes(value: str | None, _: object) -> bytes | None:
    """What PostgreSQL sends for bytea, in its hexadecimal form."""
    return None if value is None else bytes.fromhex(value.removeprefix("\\x"))


@cache
def _dialect(name: str, version: tuple[int, ...]) -> Dialect:
    """SQLAlchemy's dialect for a driver and a server; nothing is asked of the server to make it."""
    made: Any = make_url(f"{name}://").get_dialect()
    dialect: Dialect = made(dbapi=made.import_dbapi())
    dialect.server_version_info = version
    return dialect
