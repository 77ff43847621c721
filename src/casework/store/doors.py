"""The doors into one transaction: an engine of ours to open and commit, or a session or connection that the host gives.

As a guest casework never commits and never rolls back the host's transaction; what it writes stands in a savepoint, so
that a call which fails leaves nothing of itself, even where the host catches the error and commits.

On SQLite the driver opens a transaction only before the first
INSERT, UPDATE or DELETE; a SAVEPOINT before that is a transaction of its own, whose release commits, so that our rows
would survive the host's rollback. Therefore, before our first statement, BEGIN IMMEDIATE is run unless the driver is in
a transaction; and a savepoint that stands open by then, in a transaction that we have not seen begin, is refused.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard
from weakref import ref

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, UnboundExecutionError

from casework.errors import CommitUnknown, HostTransactionError
from casework.store.dialects import check_guest, isolate
from casework.store.faults import explained, surely_undone
from casework.store.lent import Lent, commits_each
from casework.store.statements import Wire

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, scoped_session

    from casework.store.lent import DriverConnection

Bind: TypeAlias = "Engine | Connection | Session | scoped_session[Any] | Lent"
Given: TypeAlias = "Bind | DriverConnection"

_BEGUN = "casework_begun"
_SAVEPOINT = "casework"


def is_bind(given: object) -> TypeGuard[Bind]:
    """Tell whether it is one of the doors. The ORM is not loaded for that: who gives a session has loaded it."""
    orm = sys.modules.get("sqlalchemy.orm")
    return isinstance(given, Engine | Connection | Lent) or (
        orm is not None and isinstance(given, orm.Session | orm.scoped_session)
    )


def given(bind: Given) -> Bind:
    """What was given for a door, a driver's connection as one that is lent. Raises `WrongType`."""
    return bind if is_bind(bind) else Lent(bind)


@contextmanager
def opened(bind: Bind, *, writing: bool) -> Iterator[Connection]:
    """A connection within a transaction, or for writing as a guest within a savepoint of the host's.

    What was written is committed at the end if the bind is an engine, and is undone in either case when it fails.
    With an engine the database's errors come in words (`casework.store.faults.explained`); a host gets its own.
    """
    if isinstance(bind, Lent):
        with bind.engine.connect() as connection:
            bind.begin(connection)
            with connection.begin_nested() if writing else nullcontext():
                yield connection
        return
    if not isinstance(bind, Engine):
        connection = joined(bind)
        if not writing:
            yield connection
            return
        # The session's own savepoint, so that it knows which of the host's objects went with ours.
        with bind.begin_nested():
            # Asked for again inside: only then does a session run the SAVEPOINT.
            yield connection if isinstance(bind, Connection) else bind.connection()
        return
    with _in_words(), bind.connect() as connection:
        isolate(connection, writing=writing)
        connection.begin()
        if _in_driver(connection) is False:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
        try:
            yield connection
        except BaseException:
            _undo(connection)
            raise
        if writing:
            _commit(connection)
        else:
            connection.rollback()


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        said = explained(error)
        if said is None:
            raise
        raise said from error


def _commit(connection: Connection) -> None:
    """Commit; raises `CommitUnknown` for a failure after which the rows may be there all the same."""
    try:
        connection.commit()
    except Exception as error:
        _undo(connection)
        if isinstance(error, DBAPIError) and surely_undone(error):
            raise
        raise CommitUnknown(
            "the database failed while it committed, so that nobody knows whether it was stored: repeat with the same "
            "idempotency key, or look first"
        ) from error


def _undo(connection: Connection) -> None:
    """Roll back; a connection that cannot even do that is thrown away, and with it whatever it held."""
    try:
        connection.rollback()
    except DBAPIError:
        connection.invalidate()


def joined(bind: "Connection | Session | scoped_session[Any]") -> Connection:
    """The host's connection, within a transaction that its rollback will undo. Raises `HostTransactionError`."""
    if isinstance(bind, Connection):
        return _begun(bind)
    try:
        below = bind.get_bind()
    except UnboundExecutionError as error:
        raise HostTransactionError(
            "the session has no engine for casework's tables, only Session(binds=…) for others: give it bind= as well, "
            "or give casework session.connection(bind_arguments={'bind': engine})"
        ) from error
    if isinstance(below, Connection):
        _begun(below)
    return _begun(bind.connection())


def begin(bind: Bind) -> None:
    """As a guest, begin the host's transaction so that its rollback will undo what is written later."""
    if isinstance(bind, Lent):
        with bind.engine.connect() as connection:
            bind.begin(connection)
    elif not isinstance(bind, Engine):
        joined(bind)


def flush(bind: Bind) -> None:
    """Let the host's session write what it holds, so that our rows come after its own."""
    if not isinstance(bind, Engine | Connection | Lent):
        bind.flush()


@contextmanager
def savepoint(bind: Bind, wire: Wire) -> Iterator[None]:
    """Everything inside happens or nothing of it, while the transaction around it goes on."""
    if not isinstance(bind, Engine):
        with wire.connection.begin_nested():
            yield
        return
    wire.run(f"SAVEPOINT {_SAVEPOINT}")
    try:
        yield
    except Exception:
        if not wire.connection.invalidated:
            wire.run(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
            wire.run(f"RELEASE SAVEPOINT {_SAVEPOINT}")
        raise
    wire.run(f"RELEASE SAVEPOINT {_SAVEPOINT}")


def _in_driver(connection: Connection) -> bool | None:
    """Whether SQLite's driver is in a transaction; None for other databases, which always are."""
    if connection.dialect.name != "sqlite":
        return None
    return bool(getattr(connection.connection.driver_connection, "in_transaction", False))


def _begun(connection: Connection) -> Connection:
    inside = _in_driver(connection)
    if inside is None:
        check_guest(connection)
        return connection
    begun = connection.info.get(_BEGUN)
    transaction = connection.get_transaction()
    if inside and begun is not None and transaction is not None and begun() is transaction:
        return connection
    if connection.in_nested_transaction():
        raise HostTransactionError(
            "a savepoint was opened on SQLite before casework's first statement, so a rollback might not undo "
            "casework's rows; call SqlStore(session, keyring).begin() as the transaction begins, before the savepoint"
        )
    if not inside:
        if commits_each(connection.connection.driver_connection):
            raise HostTransactionError(
                "the host's connection commits each statement by itself, so a rollback would not undo casework's rows; "
                "give one without isolation_level='AUTOCOMMIT', or begin the transaction with BEGIN"
            )
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    transaction = connection.get_transaction()
    if transaction is not None:
        connection.info[_BEGUN] = ref(transaction)
    return connection
