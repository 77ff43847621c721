"""Access, keys, delivery, and children who move: what protects the data, and who is told.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from casework.store.migrations.kinds import create_table, json_text, number, small, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each part adds its tables."""
    _moves()


def downgrade() -> None:
    """Take them away again, the last one first."""
    op.drop_table("casework_moves")


def _moves() -> None:
    create_table(
        "moves",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("kind", 48),
        text("state", 48),
        number("day"),
        text("person", 255),
        text("because", 255),
        text("peer", 255),
        text("peer_key", 128),
        text("child", 255),
        json_text("packages"),
        number("chased", null=True),
        number("ended_on", null=True),
        json_text("texts"),
        json_text("restricted"),
        json_text("hides"),
        of="cases",
    )
