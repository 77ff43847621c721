"""Access, keys, delivery, and children who move: what protects the data, and who is told.

Revision ID: 0004
Revises: 0003
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

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each part makes its own tables."""
    _access()
    _delivery()
    _holds()


def downgrade() -> None:
    """Each part takes its own tables away, the last one first."""
    _no_holds()
    _no_delivery()
    _no_access()


def _access() -> None:
    create_table(
        "glasses",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("person", 255),
        text("because", 255),
        instant("at"),
        instant("until"),
        json_text("told"),
        text("reviewed_by", 255),
        instant("reviewed_at", null=True),
        text("verdict", 48),
        of="cases",
    )
    create_index("casework_reads_reader", "reads", ["school", "reader"])


def _no_access() -> None:
    op.drop_table("casework_glasses")
    op.drop_index("casework_reads_reader", "casework_reads")


def _delivery() -> None:
    """Notices on their way. What was written before was for the host to send: none of it is sent again."""
    create_table(
        "unreached",
        ["school", "no", "emergency", "n"],
        number("school"),
        number("no"),
        small("emergency"),
        small("n"),
        instant("at"),
        of="cases",
    )
    create_table(
        "waiting",
        ["school", "urgent", "person", "key"],
        number("school"),
        small("urgent"),
        text("person", 255),
        text("key", 255),
        instant("due_at"),
        of="schools",
    )
    create_index("casework_waiting_due", "waiting", ["urgent", "due_at"])
    create_table(
        "deliveries",
        ["school", "letter", "sink"],
        number("school"),
        text("letter", 128),
        text("sink", 48),
        text("person", 255),
        text("child", 255),
        small("urgent"),
        instant("at"),
        json_text("keys"),
        text("status", 48),
        instant("due_at", null=True),
        number("fence"),
        number("tries"),
        text("error", 128),
        of="schools",
    )
    create_index("casework_deliveries_due", "deliveries", ["urgent", "due_at"], "due_at IS NOT NULL")
    create_index(
        "casework_deliveries_queue", "deliveries", ["school", "person", "child", "sink", "at"], "due_at IS NOT NULL"
    )
    create_index("casework_deliveries_dead", "deliveries", ["school"], "status = 'dead'")


def _no_delivery() -> None:
    for name in ("deliveries", "waiting", "unreached"):
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


def _no_holds() -> None:
    for name in ("retention", "purposes", "holds"):
        op.drop_table(f"casework_{name}")
