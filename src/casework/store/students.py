"""The optional foreign key from casework's records to the host's table of children."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Computed,
    Connection,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.schema import CreateColumn

from casework.errors import CommandRefused, TablesDiffer, WrongType, kind_of
from casework.model.case import CLASS_MARK
from casework.store.columns import PREFIX

NAME = "student"
"""The column that refers to the host's: a child's id; nothing for the records of classes and of the school."""

_KEY = f"{PREFIX}cases_{NAME}"
_FEW = 5
_NUMBER = re.compile(r"0|-?[1-9][0-9]*")
"""A whole number as a database writes it."""


def refer(cases: Table, student: Any) -> Table:  # noqa: ANN401 - a column, an attribute of a mapped class, or None
    """The table of records, which refers to the host's column of ids, text or whole numbers, where one is given."""
    if student is None:
        return cases
    found = student.__clause_element__() if hasattr(student, "__clause_element__") else student
    if not isinstance(found, Column) or not isinstance(found.type, String | Integer):
        takes = "the host's column of children's ids, text or whole numbers"
        raise WrongType(f"tables(student=…) takes {takes}, not {kind_of(student)}")
    cases.append_column(Column(NAME, found.type, Computed(_student(cases, found), persisted=True)))
    cases.append_constraint(ForeignKeyConstraint([NAME], [student], name=_KEY))
    return cases


def check_ids(cases: Table, children: Iterable[str]) -> None:
    """Raise `CommandRefused` for a child's id that is not the host's number as a database writes it.

    Two ways to write one number would be two records of one child.
    """
    if NAME not in cases.c or not isinstance(cases.c[NAME].type, Integer):
        return
    for child in children:
        if child and not child.startswith(CLASS_MARK) and not _NUMBER.fullmatch(child):
            raise CommandRefused(
                f"{child!r} is not how the number of a row in the host's table is written, such as 7: no space, no + "
                "and no 0 before it; give str(id) of that row"
            )


def written(table: Table) -> tuple[str, ...]:
    """The columns that rows are written with: all but those that the database computes."""
    return tuple(column.name for column in table.c if column.computed is None)


def columns(connection: Connection, table: Table) -> list[str]:
    """The columns that are there: asked of a row, as SQLAlchemy 2.0.40 cannot reflect what SQLite computes here."""
    return list(connection.execute(select(literal_column("*")).select_from(table).limit(1)).keys())


def link(connection: Connection, cases: Table) -> None:
    """Add the foreign key to tables that were made without. Raises `TablesDiffer` for a record without a child."""
    if NAME not in cases.c or NAME in columns(connection, cases):
        return
    (key,) = cases.c[NAME].foreign_keys
    theirs = key.column
    known = theirs if isinstance(theirs.type, String) else cast(theirs, cases.c.child.type)
    lost = select(cases.c.child).where(_of_child(cases), ~exists().where(known == cases.c.child)).limit(_FEW)
    if found := connection.execute(lost).scalars().all():
        raise TablesDiffer(
            f"there are records of children who are not in {theirs.table.name}, such as {', '.join(sorted(found))}: "
            "put their rows there first, or go on without the foreign key"
        )
    # SQLite adds no column that it would have to write into each row.
    computed = Computed(_student(cases, theirs), persisted=connection.dialect.name != "sqlite")
    column = Column(NAME, theirs.type, computed)
    Table(cases.name, MetaData(), column)
    spec = CreateColumn(column).compile(dialect=connection.dialect)
    quote = connection.dialect.identifier_preparer
    target = f"{quote.format_table(theirs.table)} ({quote.format_column(theirs)})"
    connection.exec_driver_sql(f"ALTER TABLE {cases.name} ADD COLUMN {spec} CONSTRAINT {_KEY} REFERENCES {target}")


def _student(cases: Table, theirs: Column[Any]) -> ColumnElement[Any]:
    """The child's id as the host's column holds it."""
    child = cases.c.child
    return case((_of_child(cases), child if isinstance(theirs.type, String) else cast(child, theirs.type)))


def _of_child(cases: Table) -> ColumnElement[bool]:
    """Whether a record is a child's."""
    child = cases.c.child
    first = func.substr(child, literal_column("1"), literal_column("1"))
    return and_(child != literal_column("''"), first != literal_column(f"'{CLASS_MARK}'"))
