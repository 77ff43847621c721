"""Access, keys, delivery, and children who move: what protects the data, and who is told.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from casework.store.migrations.kinds import binary, create_table, instant, number, small, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each part adds its tables."""
    _holds()


def downgrade() -> None:
    """The tables are taken away again."""
    for name in ("retention", "purposes", "holds"):
        op.drop_table(f"casework_{name}")


def _holds() -> None:
    """Holds, words of consent for a purpose, decisions about retention."""
    create_table(
        "holds",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("because", 255),
        number("day"),
        text("person", 255),
        binary("note", 16, null=True),
        number("released_day", null=True),
        text("released_by", 255),
        text("released_because", 255),
        of="cases",
    )
    create_table(
        "purposes",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("purpose", 48),
        text("answer", 48),
        text("person", 255),
        text("capacity", 48),
        number("day"),
        text("how", 48),
        text("because", 255),
        instant("entered_at"),
        text("entered_by", 255),
        of="cases",
    )
    create_table(
        "retention",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("decision", 48),
        text("because", 255),
        number("day"),
        text("person", 255),
        number("until", null=True),
        of="cases",
    )
