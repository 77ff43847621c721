"""How revisions write their tables. Revisions that are out depend on it: nothing here changes, kinds are added."""

import sqlalchemy as sa
from alembic import op

Column = sa.Column[int] | sa.Column[str] | sa.Column[bytes]


def number(name: str, *, null: bool = False) -> sa.Column[int]:
    """A whole number, or a local date in days."""
    return sa.Column(name, sa.Integer, nullable=null, autoincrement=False)


def small(name: str) -> sa.Column[int]:
    """A small whole number."""
    return sa.Column(name, sa.SmallInteger, nullable=False, autoincrement=False)


def instant(name: str, *, null: bool = False) -> sa.Column[int]:
    """An instant in microseconds."""
    return sa.Column(name, sa.BigInteger, nullable=null)


def text(name: str, longest: int, *, null: bool = False) -> sa.Column[str]:
    """Text in binary order."""
    kind = sa.String(longest).with_variant(sa.String(longest, collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null)


def json_text(name: str) -> sa.Column[str]:
    """Compact JSON."""
    return sa.Column(name, sa.Text, nullable=False)


def binary(name: str, length: int | None, *, null: bool = False) -> sa.Column[bytes]:
    """Bytes."""
    return sa.Column(name, sa.LargeBinary(length), nullable=null)


def create_table(name: str, key: list[str], *parts: Column | sa.UniqueConstraint, of: str = "") -> None:
    """Create a table of casework, with the lengths of its texts checked; ``of``: what its foreign key leads to."""
    full = f"casework_{name}"
    made: list[Column | sa.Constraint] = [*parts, sa.PrimaryKeyConstraint(*key, name=f"{full}_pk")]
    checks = [
        sa.func.length(sa.column(c.name)) <= sa.literal_column(str(c.type.length))
        for c in parts
        if isinstance(c, sa.Column) and isinstance(c.type, sa.String) and c.type.length
    ]
    if checks:
        made.append(sa.CheckConstraint(sa.and_(*checks), name=f"{full}_lengths"))
    if of:
        columns, kind = (["school", "no"], "case") if of == "cases" else (["school"], "school")
        target = [f"casework_{of}.{column}" for column in columns]
        made.append(sa.ForeignKeyConstraint(columns, target, name=f"{full}_{kind}"))
    op.create_table(full, *made, sqlite_with_rowid=False)


def create_index(name: str, table: str, columns: list[str], where: str = "", *, unique: bool = False) -> None:
    """Create an index, over the rows ``where`` names."""
    condition = sa.text(where) if where else None
    op.create_index(
        name, f"casework_{table}", columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )
