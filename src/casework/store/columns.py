"""The kinds of columns and tables that casework has: plain whole numbers, text and bytes, led by the school."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    literal_column,
)

PREFIX = "casework_"

ID = 255
"""The longest id of the host's: child, person, class, household, idempotency key."""
KEY = 128
"""The longest id of casework's own: rules, evidence, windows."""
CODE = 48
"""The longest code: kinds, roles, states, duties."""


def number(name: str, *, null: bool = False) -> Column[int]:
    """A whole number, or a local date as days since 1970-01-01."""
    return Column(name, Integer, nullable=null, autoincrement=False)


def small(name: str) -> Column[int]:
    """A small whole number: a place, a count."""
    return Column(name, SmallInteger, nullable=False, autoincrement=False)


def yes_no(name: str) -> Column[int]:
    """0 or 1."""
    return Column(name, SmallInteger, nullable=False)


def days(*names: str, null: bool = False) -> list[Column[int]]:
    """Local dates as days since 1970-01-01."""
    return [number(name, null=null) for name in names]


def instant(name: str, *, null: bool = False) -> Column[int]:
    """An instant as microseconds since 1970-01-01T00:00Z."""
    return Column(name, BigInteger, nullable=null)


def text(name: str, longest: int, *, null: bool = False) -> Column[str]:
    """Text of at most so many characters, in binary order."""
    kind = String(longest).with_variant(String(longest, collation="C"), "postgresql")
    return Column(name, kind, nullable=null)


def json_text(name: str) -> Column[str]:
    """Compact JSON, empty for nothing."""
    return Column(name, Text, nullable=False)


def reference(name: str, *, null: bool = True) -> Column[bytes]:
    """The reference to sealed text."""
    return Column(name, LargeBinary(16), nullable=null)


def table(
    metadata: MetaData,
    name: str,
    key: list[str],
    *parts: Column[int] | Column[str] | Column[bytes] | UniqueConstraint | ForeignKeyConstraint,
    of_school: bool = True,
    of_case: bool = False,
) -> Table:
    """A table whose rows lie in the order of its key, with the lengths of its texts checked by the database."""
    made = Table(
        PREFIX + name,
        metadata,
        *parts,
        PrimaryKeyConstraint(*key, name=f"{PREFIX}{name}_pk"),
        sqlite_with_rowid=False,
    )
    limits = [(c, c.type.length) for c in made.c if isinstance(c.type, String) and c.type.length]
    if limits:
        checks = and_(*(func.length(c) <= literal_column(str(longest)) for c, longest in limits))
        made.append_constraint(CheckConstraint(checks, name=f"{PREFIX}{name}_lengths"))
    if of_case:
        columns, target = ["school", "no"], [f"{PREFIX}cases.school", f"{PREFIX}cases.no"]
        made.append_constraint(ForeignKeyConstraint(columns, target, name=f"{PREFIX}{name}_case"))
    elif of_school:
        made.append_constraint(
            ForeignKeyConstraint(["school"], [f"{PREFIX}schools.school"], name=f"{PREFIX}{name}_school")
        )
    return made


def part(metadata: MetaData, name: str, *columns: Column[int] | Column[str] | Column[bytes]) -> Table:
    """A list within a record: one row for each place ``n``."""
    return table(
        metadata,
        name,
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        *columns,
        of_case=True,
    )


def partial(name: str, where: ColumnElement[bool], *columns: ColumnElement[object], unique: bool = False) -> Index:
    """An index over the rows that a question is about, and no others."""
    return Index(PREFIX + name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
