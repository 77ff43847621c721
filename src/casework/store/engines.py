"""An engine as casework wants it, for the command line, scripts and tests; a host brings its own."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from casework.errors import HostTransactionError

BUSY_MS = 30_000
"""How long a statement waits for another writer."""

_WAL_SAFE = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def wal_safe(version: str) -> bool:
    """Tell whether this version of SQLite keeps every commit in WAL mode with several connections.

    From 3.7.0 to 3.51.2 a reset of the log could lose commits; 3.51.3 mended it, and 3.50.7 and 3.44.6 of older lines.
    """
    found = tuple(int(part) for part in version.split("."))
    return found >= _WAL_SAFE[0] or any(found[:2] == mended[:2] and found >= mended for mended in _WAL_SAFE[1:])


def open_engine(target: str | Path, *, wal: bool = False) -> Engine:
    """Open an engine on an SQLite file (a path or a URL) or on PostgreSQL (``postgresql://…``, by psycopg).

    Errors hide their parameters. On SQLite writers wait 30 s for each other, a commit is on the disk when it returns,
    foreign keys are checked; the journal is SQLite's own default, and ``wal=True`` is refused where the version could
    lose commits. On PostgreSQL a connection is looked at before it is used again. Raises `HostTransactionError` for
    what is not opened here.
    """
    text = str(target)
    url = _url(text if "://" in text else f"sqlite:///{text}")
    if url.drivername in {"postgresql", "postgresql+psycopg"}:
        return _open_postgresql(url)
    if url.get_backend_name() != "sqlite":
        raise HostTransactionError(
            f"{url.drivername} is not opened here; give a file or postgresql+psycopg://…, or create the engine yourself"
        )
    engine = create_engine(url, hide_parameters=True)
    driver: Any = engine.dialect.dbapi
    if wal and not wal_safe(driver.sqlite_version):
        raise HostTransactionError(
            f"SQLite {driver.sqlite_version} can lose commits in WAL mode; leave wal=False, or use 3.51.3 or later"
        )
    event.listen(engine, "connect", _set_up_wal if wal else _set_up)
    event.listen(engine, "invalidate", _roll_back)
    return engine


def without_password(database: str) -> str:
    """A path or URL that may be shown and written down."""
    if "://" not in database:
        return database
    return _url(database)._replace(password=None).difference_update_query(["password"]).render_as_string()


def _url(text: str) -> URL:
    try:
        return make_url(text)
    except ArgumentError as error:
        raise HostTransactionError(
            "this is no URL of a database; write it as postgresql+psycopg://user@host/database"
        ) from error


def _open_postgresql(url: URL) -> Engine:
    try:
        return create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)
    except ImportError as error:
        raise HostTransactionError("PostgreSQL needs psycopg: pip install 'casework[postgres]'") from error


def _set_up(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {BUSY_MS}", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _set_up_wal(connection: Any, record: object) -> None:  # noqa: ANN401 - the driver's
    _set_up(connection, record)
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _roll_back(connection: Any, _: object, __: object) -> None:  # noqa: ANN401 - the driver's
    """Give back the write lock that an interrupt within BEGIN IMMEDIATE would leave held."""
    if connection is not None and connection.in_transaction:
        connection.rollback()
