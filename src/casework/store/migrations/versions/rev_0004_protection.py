"""Access, keys, delivery, and children who move: what protects the data, and who is told.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from casework.store.migrations.kinds import create_index, create_table, instant, json_text, number, small, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _access()


def downgrade() -> None:
    op.drop_table("casework_glasses")
    op.drop_index("casework_reads_reader", "casework_reads")


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
