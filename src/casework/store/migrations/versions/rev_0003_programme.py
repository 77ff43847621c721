"""Gatherings with attendance, programmes, and measures and signatures for questions.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from casework.store.migrations.kinds import (
    binary,
    create_index,
    create_table,
    instant,
    json_text,
    number,
    small,
    text,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "gatherings",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("kind", 48),
        number("day"),
        text("person", 255),
        instant("entered_at"),
        text("entered_by", 255),
        json_text("classes"),
        binary("note", 16, null=True),
        text("because", 255),
        text("voided", 255),
        of="cases",
    )
    create_table(
        "attendance",
        ["school", "no", "child"],
        number("school"),
        number("no"),
        text("child", 255),
        text("there", 48),
        of="cases",
    )
    create_index("casework_attendance_child", "attendance", ["school", "child"])
    create_table(
        "awaited",
        ["school", "no", "gathering"],
        number("school"),
        number("no"),
        number("gathering"),
        of="cases",
    )
    create_table(
        "programmes",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("term", 128),
        text("state", 48),
        number("since"),
        text("person", 255),
        binary("note", 16, null=True),
        of="cases",
    )
    create_table(
        "measures",
        ["school", "no", "n", "measure"],
        number("school"),
        number("no"),
        small("n"),
        text("measure", 48),
        number("value"),
        text("unit", 48),
        small("abnormal"),
        of="cases",
    )
    create_table(
        "signatures",
        ["school", "no", "n", "person"],
        number("school"),
        number("no"),
        small("n"),
        text("person", 255),
        text("party", 48),
        text("version", 128),
        number("day"),
        of="cases",
    )


def downgrade() -> None:
    for name in ("signatures", "measures", "programmes", "awaited", "attendance", "gatherings"):
        op.drop_table(f"casework_{name}")
