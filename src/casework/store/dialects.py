"""What differs between databases beyond what SQLAlchemy evens out: isolation, locks, the way values go to the driver.

SQLite has one writer at a time, who begins early (`casework.store.doors`), so that nothing needs a lock there. On
PostgreSQL several write at once. There a transaction that may write locks each record that it looks at, which keeps
others from changing it, but not from reading it; who wants to make a record locks the row of the school, whose numbers
have no gaps; and who makes a school holds a lock by name.
"""

from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Select, Table, func, literal_column, select
from sqlalchemy.exc import DBAPIError

from casework.errors import HostTransactionError
from casework.store.faults import lock_refused

POSTGRESQL = "postgresql"

NEW_SCHOOL = int.from_bytes(b"casework")
"""The advisory lock of who makes a school."""
MIGRATING = NEW_SCHOOL + 1
"""The advisory lock of who changes the tables."""
PACKING = NEW_SCHOOL + 2
"""The advisory lock of who puts digests together."""
PATIENCE_MS = 30_000
"""How long a migration waits for another one."""


def locks(dialect: Dialect) -> bool:
    """Tell whether several transactions may write at once, so that what is written has to be locked before."""
    return dialect.name == POSTGRESQL


def isolate(connection: Connection, *, writing: bool) -> None:
    """Choose the isolation of a transaction of our own, whatever the host's engine says.

    Reading sees one instant, so that no record is torn by who writes meanwhile; writing sees after each lock what was
    committed before it.
    """
    if not locks(connection.dialect):
        return
    if writing:
        connection.execution_options(isolation_level="READ COMMITTED")
    else:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def check_guest(connection: Connection) -> None:
    """Raise `HostTransactionError` for a host's connection that commits each statement by itself, or pipelines them."""
    if not locks(connection.dialect):
        return
    # An asynchronous driver's own connection may not say so; what SQLAlchemy puts before it does.
    drivers = (connection.connection.driver_connection, connection.connection.dbapi_connection)
    check_pipeline(drivers[0])
    if any(getattr(driver, "autocommit", False) for driver in drivers):
        raise HostTransactionError(
            "the host's connection commits every statement by itself, so casework's rows would survive a rollback; "
            "give one without isolation_level='AUTOCOMMIT'"
        )


def check_pipeline(driver: object) -> None:
    """Raise `HostTransactionError` for a connection of psycopg's in pipeline mode, where answers come later."""
    if getattr(getattr(driver, "pgconn", None), "pipeline_status", 0):
        raise HostTransactionError(
            "the host's connection is in pipeline mode, where no statement is answered before the next; call casework "
            "outside of `with connection.pipeline()`"
        )


def for_statements(dialect: Dialect) -> Dialect:
    """The dialect to compile with: psycopg takes values by place as well, and tuples are cheaper than mappings."""
    if dialect.name == POSTGRESQL and dialect.driver in {"psycopg", "psycopg_async"}:
        kind: Any = type(dialect)
        plain: Dialect = kind(paramstyle="format")
        plain.server_version_info = dialect.server_version_info
        return plain
    return dialect


def insert_ignoring(dialect: Dialect, table: Table, values: dict[str, Any]) -> Executable:
    """Insert a row unless one with its key is there."""
    if dialect.name == POSTGRESQL:
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - who runs on SQLite does not load it

        return postgresql.insert(table).values(values).on_conflict_do_nothing()
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - the other way round

    return sqlite.insert(table).values(values).on_conflict_do_nothing()


def locked(found: Select[Any], rows_of: Table, *, skip: bool = False) -> Select[Any]:
    """Lock the rows found against changes; ``skip`` passes over those that others hold.

    The key of a row never changes, so that rows which refer to it may be inserted by others meanwhile.
    """
    return found.with_for_update(of=rows_of, key_share=True, skip_locked=skip)


def advisory(key: int) -> Select[Any]:
    """Wait for the lock of this number, and hold it to the end of the transaction."""
    return select(func.pg_advisory_xact_lock(literal_column(str(key))))


def try_advisory(key: int) -> Select[Any]:
    """Hold the lock of this number to the end of the transaction, if nobody else does; whether it is held."""
    return select(func.pg_try_advisory_xact_lock(literal_column(str(key))))


def alone(connection: Connection) -> None:
    """Wait until nobody else changes the tables. Raises `HostTransactionError` when that takes half a minute."""
    if not locks(connection.dialect):
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
    try:
        connection.execute(advisory(MIGRATING))
    except DBAPIError as error:
        if not lock_refused(error):
            raise
        raise HostTransactionError(
            f"another program has been changing casework's tables for {PATIENCE_MS // 1000} s; "
            "look for it in pg_stat_activity, and run the migration again when it is gone"
        ) from error
