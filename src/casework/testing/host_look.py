"""A host as its contract sees it, and what a connection of the contract's own finds of it."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Protocol

from sqlalchemy import (
    ColumnClause,
    Engine,
    Executable,
    NullPool,
    column,
    create_engine,
    func,
    literal,
    select,
    table,
    union_all,
)
from sqlalchemy.engine import make_url

from casework.engine.port import Store
from casework.errors import CaseworkError, DatabaseBusy
from casework.store import SqlStore, default_tables
from casework.store.faults import lock_refused

SCHOOL = "casework-host-contract"
"""The school under which the contract's records stand."""

_MARK = "hc-"
"""What the names of all rows begin with."""

Rows = set[str]
"""What was found of some names: ``NAME of the host``, ``NAME of casework``."""


class Host(Protocol):
    """How a program runs a request: what `host_contract` wants to know. The first three may be plain attributes."""

    @property
    def url(self) -> str:
        """The database, as SQLAlchemy writes it: another connection looks there."""
        ...

    @property
    def table(self) -> str:
        """A table of the host's own."""
        ...

    @property
    def column(self) -> str:
        """The column in which ``insert`` writes the name of a row."""
        ...

    def transaction(self, work: Callable[[Any], object]) -> None:
        """Run ``work(request)`` as one request: committed when it returns, rolled back when it raises, which comes out.

        ``request`` is whatever the other functions need: a session, a connection, nothing.
        """
        ...

    def savepoint(self, request: Any, work: Callable[[], object]) -> None:  # noqa: ANN401 - the host's
        """Run ``work()`` within a savepoint (a nested transaction), rolled back when it raises, which comes out."""
        ...

    def store(self, request: Any) -> Store:  # noqa: ANN401 - the host's
        """The store within the request's transaction, as the program makes it."""
        ...

    def insert(self, request: Any, name: str) -> None:  # noqa: ANN401 - the host's
        """Write a row of the host's own under this name."""
        ...

    def select(self, request: Any) -> object:  # noqa: ANN401 - the host's
        """Read something of the host's own."""
        ...


class HostContractBroken(CaseworkError, AssertionError):
    """A host does not keep what it has to promise; the message says what was found, and where to look."""


class HostWaited(HostContractBroken):
    """A statement waited for a lock that was not given, so that every further request would wait as well."""


_PATIENCE_MS = 3_000
"""How long casework's statements within the contract wait for a lock on PostgreSQL; SQLite waits as its engine says."""
_ENGINE = (
    "store(request) makes a store on an Engine, so that casework opens, writes and commits by itself, apart from the "
    "request; make it on the request's own session or connection"
)
_WAITED = (
    "a statement waited for a lock until it was refused: casework writes on another connection than the request, and "
    "one waits for the other (or some program keeps a transaction open); let store(request) make its store on the "
    "request's own session or connection: not on a new one, and not a store on an Engine"
)


def run(host: Host, work: Callable[[Any], object]) -> None:
    """Run a request. Raises `HostWaited` where its statements wait for each other."""
    try:
        host.transaction(work)
    except Exception as error:
        if any(isinstance(each, DatabaseBusy) or lock_refused(each) for each in _causes(error)):
            raise HostWaited(_WAITED) from error
        raise


def store_of(host: Host, request: object) -> Store:
    """The store as the host makes it; what it does on PostgreSQL waits for no lock for ever.

    Raises `HostContractBroken` on SQLite for a store on an Engine, which would wait for the request that asks it.
    """
    store = host.store(request)
    if isinstance(store, SqlStore):
        serves_many = make_url(host.url).get_backend_name() == "postgresql"
        if not serves_many and not store.guest:
            raise HostContractBroken(_ENGINE)
        if serves_many:
            with store.read():
                store.work.wire.run(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")
    return store


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def ask(host: Host, statement: Executable) -> list[Any]:
    """All rows of a query, as a connection finds them that has nothing to do with the host's."""
    with _elsewhere(host.url).connect() as connection:
        return list(connection.execute(statement).all())


@cache
def _elsewhere(url: str) -> Engine:
    """An engine that keeps no connection open."""
    return create_engine(url, poolclass=NullPool, hide_parameters=True)


def everything(host: Host) -> list[Any]:
    """How many rows each table holds: the host's, then casework's."""
    return sorted(tuple(row) for row in ask(host, _counts(host.table)))


@cache
def _counts(name: str) -> Executable:
    tables = [name, *(each.name for each in default_tables().all())]
    return union_all(*(select(literal(n).label("n"), func.count()).select_from(table(t)) for n, t in enumerate(tables)))


def found_of(host: Host, names: Iterable[str]) -> Rows:
    """What is there of these names."""
    own: ColumnClause[str] = column(host.column)
    ours, schools = default_tables().cases.c, default_tables().schools.c
    theirs = select(own, literal("the host")).select_from(table(host.table, own)).where(own.in_(names))
    records = select(ours.child, literal("casework")).join_from(
        ours.child.table, schools.name.table, ours.school == schools.school
    )
    records = records.where(schools.name == SCHOOL, ours.child.in_(names))
    return {f"{name} of {whose}" for name, whose in ask(host, union_all(theirs, records))}


def both(*names: str) -> Rows:
    """What is there of names of which both rows are."""
    return {f"{name} of {whose}" for name in names for whose in ("the host", "casework")}


def names_of(host: Host) -> tuple[str, str, str]:
    """Names that no row has yet, though a test's end may have taken away the host's rows and not casework's."""
    own: ColumnClause[str] = column(host.column)
    child = default_tables().cases.c.child
    theirs = select(own).select_from(table(host.table, own)).where(own.like(f"{_MARK}%"))
    used = ask(host, union_all(theirs, select(child).where(child.like(f"{_MARK}%"))))
    n = 1 + max((int(name.split("-")[1]) for (name,) in used), default=0)
    return f"{_MARK}{n}-a", f"{_MARK}{n}-b", f"{_MARK}{n}-c"


def expect(host: Host, wanted: Rows, names: Iterable[str], where: str) -> None:
    """Raise `HostContractBroken` unless exactly that is there of these names; ``where`` says where to look."""
    found = found_of(host, names)
    if found != wanted:
        missing, more = (", ".join(sorted(rows)) or "nothing" for rows in (wanted - found, found - wanted))
        raise HostContractBroken(f"missing: {missing}; too many: {more}; {where}")


def expect_nothing_new(host: Host, before: list[Any], where: str) -> None:
    """Raise `HostContractBroken` unless every table holds as many rows as before."""
    found = everything(host)
    if found != before:
        names = [host.table, *(each.name for each in default_tables().all())]
        more = [f"{now - old:+} in {names[n]}" for (n, old), (_, now) in zip(before, found, strict=True) if now != old]
        raise HostContractBroken(f"rows that should not be there: {', '.join(more)}; {where}")


def raised(host: Host, name: str) -> int:
    """How many emergencies there are of a name."""
    e, c = default_tables().emergencies.c, default_tables().cases.c
    query = select(func.count()).join_from(e.no.table, c.no.table, (e.school == c.school) & (e.no == c.no))
    ((count,),) = ask(host, query.where(c.child == name))
    return int(count)
