"""Access, keys, delivery, and children who move: what protects the data, and who is told.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from casework.errors import TablesDiffer
from casework.store.migrations.kinds import (
    Column,
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


GIVE_BACK = """
    INSERT INTO casework_keys (school, no, ring, wrapped, generation, content, since)
    SELECT school, no, ring, wrapped, 0, x'', 0 FROM casework_keys_kept
"""
GIVE_BACK_TO_POSTGRESQL = GIVE_BACK.replace("x''", "''")


def upgrade() -> None:
    """Each part makes its own tables."""
    _access()
    _delivery()
    _holds()
    _keys()
    _erasures()
    _lookups()
    _moves()


def downgrade() -> None:
    """Each part takes its own tables away, the last one first."""
    # First, since it refuses to go back over texts that the earlier release could not open.
    _keys_undone()
    op.drop_table("casework_moves")
    _no_lookups()
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


def _keys() -> None:
    """A content key beside the key that references are made with, which until now sealed texts too: generation 0."""
    # Made anew rather than altered, so that it is to the letter what the tables declare; it keeps its rows.
    op.execute("CREATE TABLE casework_keys_kept AS SELECT school, no, ring, wrapped FROM casework_keys")
    op.drop_table("casework_keys")
    _create_keys(small("generation"), binary("content", 60), instant("since"))
    op.execute(GIVE_BACK_TO_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else GIVE_BACK)
    op.drop_table("casework_keys_kept")


def _keys_undone() -> None:
    newer = sa.text("SELECT count(*) FROM casework_keys WHERE generation > 0")
    if op.get_bind().execute(newer).scalar():
        raise TablesDiffer(
            "texts were sealed since in a way that the earlier release cannot open: restore the backup that was made "
            "before the migration, or stay with this release"
        )
    op.execute("CREATE TABLE casework_keys_kept AS SELECT school, no, ring, wrapped FROM casework_keys")
    op.drop_table("casework_keys")
    _create_keys()
    op.execute(
        "INSERT INTO casework_keys (school, no, ring, wrapped) SELECT school, no, ring, wrapped FROM casework_keys_kept"
    )
    op.drop_table("casework_keys_kept")


def _erasures() -> None:
    create_table(
        "erasures",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("state", 48),
        text("because", 255),
        text("asked_by", 255),
        number("asked_on"),
        text("person", 255),
        number("day", null=True),
        text("answer", 255),
        text("receipt", 128),
        of="cases",
    )


def _lookups() -> None:
    create_table(
        "identities",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        binary("number", 16, null=True),
        of="cases",
    )
    create_table(
        "lookups",
        ["school", "what", "digest", "no", "ref"],
        number("school"),
        text("what", 48),
        binary("digest", 16),
        number("no"),
        binary("ref", 16),
        of="cases",
    )
    create_index("casework_lookups_record", "lookups", ["school", "no"])
    create_table("indexes", ["school"], number("school"), small("ring"), binary("wrapped", 60), of="schools")


def _create_keys(*since_then: Column) -> None:
    create_table(
        "keys",
        ["school", "no"],
        number("school"),
        number("no"),
        small("ring"),
        binary("wrapped", 60),
        *since_then,
        of="cases",
    )


def _no_lookups() -> None:
    for name in ("lookups", "indexes", "identities", "erasures"):
        op.drop_table(f"casework_{name}")


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
