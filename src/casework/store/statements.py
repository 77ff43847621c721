"""Statements, each built once with Core and compiled once for a dialect to text and an order of parameters.

What runs is the text, with plain tuples: no f-string ever holds a value. Lists of ids are padded to a few lengths, so
that a few texts serve all of them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Executable,
    Integer,
    Table,
    and_,
    bindparam,
)
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.sql.compiler import SQLCompiler

from casework.store.dialects import for_statements, insert_ignoring
from casework.store.faults import hide_values
from casework.store.students import written
from casework.store.tables import Tables

SIZES = (1, 4, 16, 64, 256)
"""The lengths to which lists of ids are padded; longer ones are asked for in turns."""

Values = tuple[Any, ...]

SCHOOL: BindParameter[int] = bindparam("school", type_=Integer)
"""The parameter of every question within a school: its number."""


@frozen
class Prepared:
    """A statement's text, and how a tuple of values in the order of ``names`` becomes its parameters.

    ``constants`` are those that the dialect adds by itself, such as SQLite's OFFSET; they come after the values.
    """

    text: str
    names: tuple[str, ...]
    constants: Values
    order: tuple[int, ...] | None
    positional: bool

    def bind(self, values: Values) -> Any:  # noqa: ANN401 - a tuple or a mapping, as the driver wants
        """The parameters for the driver."""
        if self.order is None:
            return values
        every = values + self.constants
        if not self.positional:
            return dict(zip(self.names, every, strict=True))
        return tuple([every[k] for k in self.order])


class Statements:
    """All statements of one set of tables for one dialect."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self.tables = tables
        self.dialect = dialect
        self._compiling = for_statements(dialect)
        self._made: dict[object, Prepared] = {}
        self._columns: dict[str, tuple[str, ...]] = {}

    def get(
        self, key: object, names: Sequence[str] | Callable[[], Sequence[str]], build: Callable[[], Executable]
    ) -> Prepared:
        """The statement kept under ``key``, built the first time; ``names``: its parameters in the caller's order."""
        found = self._made.get(key)
        if found is None:
            given = names() if callable(names) else names
            found = self._made[key] = self._prepare(build(), tuple(given))
        return found

    def columns(self, table: Table) -> tuple[str, ...]:
        """The names of a table's columns that rows are written with, in order."""
        found = self._columns.get(table.name)
        if found is None:
            found = self._columns[table.name] = written(table)
        return found

    def insert(self, table: Table, *, ignoring: bool = False) -> Prepared:
        """Insert a row given in the order of the columns; ``ignoring`` leaves one that is there already."""
        return self.get(
            ("insert", table.name, ignoring), self.columns(table), lambda: self._insert(table, ignoring=ignoring)
        )

    def update(self, table: Table, values: Sequence[str], where: Sequence[str]) -> Prepared:
        """Set ``values`` where the columns ``where`` have the values that follow."""
        return self.get(
            ("update", table.name, *values, "where", *where),
            lambda: [*values, *(f"is_{name}" for name in where)],
            lambda: (
                table.update()
                .where(*(table.c[name] == bindparam(f"is_{name}", type_=table.c[name].type) for name in where))
                .values({name: bindparam(name, type_=table.c[name].type) for name in values})
            ),
        )

    def delete(self, table: Table, where: Sequence[str]) -> Prepared:
        """Delete where the columns ``where`` have these values."""
        return self.get(
            ("delete", table.name, *where),
            where,
            lambda: table.delete().where(
                *(table.c[name] == bindparam(name, type_=table.c[name].type) for name in where)
            ),
        )

    def _insert(self, table: Table, *, ignoring: bool) -> Executable:
        values = {name: bindparam(name, type_=table.c[name].type) for name in written(table)}
        if not ignoring:
            return table.insert().values(values)
        return insert_ignoring(self.dialect, table, values)

    def _prepare(self, statement: Executable, names: tuple[str, ...]) -> Prepared:
        compiled = statement.compile(dialect=self._compiling)  # type: ignore[attr-defined]
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only queries and changes of rows are prepared")
        added = {name: value for name, value in compiled.params.items() if name not in names}
        if None in added.values() or not set(names) <= set(compiled.params):
            raise TypeError(f"a statement's parameters are {', '.join(compiled.params)}, not {', '.join(names)}")
        every = (*names, *added)
        wanted = every if compiled.positiontup is None else compiled.positiontup
        order = tuple(every.index(name) for name in wanted)
        positional = compiled.positiontup is not None
        plain = positional and not added and order == tuple(range(len(names)))
        return Prepared(compiled.string, every, tuple(added.values()), None if plain else order, positional)


def statements(tables: Tables, dialect: Dialect) -> Statements:
    """The statements for a dialect that has met its server, kept with the tables for all engines of that kind."""
    kind = (dialect.name, dialect.driver, dialect.paramstyle, dialect.server_version_info)
    found = tables.statements.get(kind)
    if not isinstance(found, Statements):
        found = tables.statements[kind] = Statements(tables, dialect)
    return found


class Wire:
    """A connection and the statements for it.

    ``direct`` says that the connection is our own and that nobody listens to its cursors: then statements go to the
    driver through the dialect and one cursor, without a result object of SQLAlchemy's (a seventh of the time of a short
    query).
    """

    def __init__(self, connection: Connection, statements: Statements, *, direct: bool) -> None:
        self.connection = connection
        self.statements = statements
        self.direct = direct
        self._dialect = connection.dialect
        self._errors = self._dialect.loaded_dbapi.Error
        self._cursor: Any = connection.connection.cursor() if direct else None
        self._views = self._dialect.driver == "psycopg2"

    def rows(self, prepared: Prepared, values: Values = ()) -> Sequence[Values]:
        """All rows of a query, with plain bytes where psycopg2 gives memoryviews."""
        found = self._found(prepared, values)
        return [tuple(map(_plain, row)) for row in found] if self._views else found

    def _found(self, prepared: Prepared, values: Values) -> Sequence[Values]:
        bound = prepared.bind(values)
        if not self.direct:
            return self._run(prepared.text, bound).fetchall()
        try:
            self._dialect.do_execute(self._cursor, prepared.text, bound)
            found: Sequence[Values] = self._cursor.fetchall()
        except self._errors as error:
            raise self._said(prepared.text, error) from error
        return found

    def many(self, prepared: Prepared, rows: Iterable[Values]) -> int:
        """Run a statement for every row, in one call of the driver; returns how many rows it matched."""
        bound = [prepared.bind(row) for row in rows]
        if not bound:
            return 0
        if not self.direct:
            return self._run(prepared.text, bound).rowcount
        try:
            self._dialect.do_executemany(self._cursor, prepared.text, bound)
        except self._errors as error:
            raise self._said(prepared.text, error) from error
        matched: int = self._cursor.rowcount
        return matched

    def run(self, text: str) -> None:
        """Run a statement that has no values and no rows."""
        if not self.direct:
            self._run(text, None)
            return
        try:
            self._dialect.do_execute(self._cursor, text, ())
        except self._errors as error:
            raise self._said(text, error) from error

    def close(self) -> None:
        """Let go of the driver's cursor."""
        if self._cursor is not None:
            self._cursor.close()

    def _run(self, text: str, bound: Any) -> CursorResult[Any]:  # noqa: ANN401 - parameters, as the driver wants them
        """Run a statement through SQLAlchemy, whose error never shows the values, whatever the host's engine says."""
        try:
            return self.connection.exec_driver_sql(text, bound)
        except StatementError as error:
            hide_values(error)
            raise

    def _said(self, text: str, error: Any) -> Exception:  # noqa: ANN401 - the driver's
        """The driver's error as SQLAlchemy's, which never shows the values; a lost connection is given up."""
        lost = self._dialect.is_disconnect(error, self.connection.connection, self._cursor)
        if lost:
            self.connection.invalidate(error)
        said: Exception = DBAPIError.instance(
            text, None, error, self._errors, hide_parameters=True, connection_invalidated=lost, dialect=self._dialect
        )
        return said


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def unheard(connection: Connection) -> bool:
    """Tell whether nobody listens to what the connection's cursors run: no event, no echo."""
    heard = (connection.dispatch.before_cursor_execute, connection.dispatch.after_cursor_execute)
    return not any(heard) and not connection.engine.echo


def of_record(table: Table) -> ColumnElement[bool]:
    """The rows of one record, by the parameters ``school`` and ``no``."""
    return and_(table.c.school == SCHOOL, table.c.no == bindparam("no", type_=Integer))


def among(size: int, name: str = "n") -> list[BindParameter[int]]:
    """Parameters for a list of so many whole numbers."""
    return [bindparam(f"{name}{k}", type_=Integer) for k in range(size)]


def padded(items: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
    """The items in lists of a few fixed lengths, each filled up with its last item."""
    longest = SIZES[-1]
    for start in range(0, len(items), longest):
        some = tuple(items[start : start + longest])
        size = next(size for size in SIZES if size >= len(some))
        yield some + some[-1:] * (size - len(some))
