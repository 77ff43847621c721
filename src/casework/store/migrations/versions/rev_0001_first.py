"""All tables of the first release.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
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

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "schools",
        ["school"],
        number("school"),
        text("name", 255),
        number("last_no"),
        text("policy", 128),
        text("calendar", 128),
        text("rules", 128),
        number("applied_on", null=True),
        json_text("started"),
        binary("head", 16),
        sa.UniqueConstraint("name", name="casework_schools_name"),
    )
    create_table(
        "cases",
        ["school", "no"],
        number("school"),
        number("no"),
        text("child", 255),
        binary("uuid", 16),
        number("version"),
        text("stage", 48),
        text("away", 48),
        text("definition", 48),
        text("class_", 255),
        text("household", 255),
        small("boarder"),
        small("card"),
        text("lead", 255),
        small("emergencies"),
        number("parts"),
        instant("wake_at", null=True),
        instant("alarm_at", null=True),
        binary("head", 16),
        sa.UniqueConstraint("school", "child", name="casework_cases_child"),
        sa.UniqueConstraint("school", "uuid", name="casework_cases_uuid"),
        of="schools",
    )
    create_index("casework_cases_alarm", "cases", ["alarm_at", "school", "no"], where="alarm_at IS NOT NULL")
    create_index("casework_cases_class", "cases", ["school", "class_"])
    create_index("casework_cases_lead", "cases", ["school", "lead"])
    create_index("casework_cases_wake", "cases", ["wake_at", "school", "no"], where="wake_at IS NOT NULL")
    create_table(
        "spans",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("kind", 48),
        number("since"),
        number("until", null=True),
        text("because", 255),
        of="cases",
    )
    create_table(
        "pairings",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("lead", 255),
        number("since"),
        number("until", null=True),
        text("because", 255),
        json_text("members"),
        of="cases",
    )
    create_table(
        "contacts",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("slot", 48),
        text("relation", 48),
        binary("name", 16, null=True),
        binary("phone", 16, null=True),
        binary("address", 16, null=True),
        text("person", 255),
        number("verified_on", null=True),
        small("dead"),
        of="cases",
    )
    create_table(
        "marks",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("kind", 48),
        number("day"),
        text("person", 255),
        of="cases",
    )
    create_table(
        "activities",
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
        small("reached"),
        json_text("met"),
        text("mood", 48),
        number("minutes", null=True),
        json_text("details"),
        text("occasion", 128),
        binary("note", 16, null=True),
        binary("words", 16, null=True),
        text("voided", 255),
        of="cases",
    )
    create_table(
        "concerns",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("kind", 48),
        number("day"),
        text("person", 255),
        instant("entered_at"),
        text("severity", 48),
        small("observed"),
        text("about", 128),
        json_text("implicated"),
        binary("note", 16, null=True),
        text("voided", 255),
        of="cases",
    )
    create_table(
        "obligations",
        ["school", "no", "duty", "window"],
        number("school"),
        number("no"),
        text("duty", 48),
        text("window", 128),
        small("n"),
        number("opens"),
        number("due", null=True),
        number("closes", null=True),
        text("role", 48),
        text("status", 48),
        number("day", null=True),
        text("act", 128),
        text("because", 255),
        text("trigger", 128),
        text("rule", 128),
        of="cases",
    )
    create_index("casework_obligations_open", "obligations", ["school", "role"], where="status = 'open'")
    create_table(
        "emergencies",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("kind", 48),
        instant("raised_at"),
        text("raised_by", 255),
        instant("since"),
        text("state", 48),
        small("observed"),
        json_text("about"),
        text("rule", 128),
        json_text("because"),
        json_text("implicated"),
        text("acknowledged_by", 255),
        instant("acknowledged_at", null=True),
        text("responding_by", 255),
        instant("responding_at", null=True),
        text("stood_down_by", 255),
        instant("stood_down_at", null=True),
        text("safe_seen_by", 255),
        instant("safe_seen_at", null=True),
        text("stood_down_because", 255),
        number("look_again", null=True),
        text("reviewed_by", 255),
        instant("reviewed_at", null=True),
        binary("note", 16, null=True),
        binary("lessons", 16, null=True),
        of="cases",
    )
    create_index("casework_emergencies_live", "emergencies", ["school", "no"], where="state != 'reviewed'")
    create_table(
        "notices",
        ["school", "no", "emergency", "state", "step", "rung", "role", "person"],
        number("school"),
        number("no"),
        small("emergency"),
        text("state", 48),
        small("step"),
        small("rung"),
        text("role", 48),
        text("person", 255),
        small("n"),
        instant("at"),
        text("why", 255),
        of="cases",
    )
    create_table(
        "calls",
        ["school", "no", "emergency", "n"],
        number("school"),
        number("no"),
        small("emergency"),
        small("n"),
        text("agency", 48),
        text("person", 255),
        instant("at"),
        text("reference", 255),
        of="cases",
    )
    create_table(
        "referrals",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("id", 128),
        text("target", 48),
        number("day"),
        json_text("about"),
        text("person", 255),
        text("rule", 128),
        json_text("because"),
        small("urgent"),
        text("state", 48),
        of="cases",
    )
    create_table(
        "flags",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("rule", 128),
        text("code", 48),
        json_text("because"),
        json_text("about"),
        of="cases",
    )
    create_table(
        "failures",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        small("n"),
        text("rule", 128),
        text("error", 128),
        of="cases",
    )
    create_table(
        "implicated",
        ["school", "person", "no", "item"],
        number("school"),
        number("no"),
        text("person", 255),
        text("item", 128),
        of="cases",
    )
    create_table(
        "entries",
        ["school", "no", "seq"],
        number("school"),
        number("no"),
        number("seq"),
        instant("at"),
        text("actor", 255),
        text("idem", 255),
        binary("asked", 16, null=True),
        small("alg"),
        small("ring"),
        binary("body", None),
        binary("mac", 16),
        of="cases",
    )
    create_index("casework_entries_idem", "entries", ["school", "no", "actor", "idem"], where="idem != ''", unique=True)
    create_table(
        "sealed",
        ["school", "no", "ref"],
        number("school"),
        number("no"),
        binary("ref", 16),
        text("kind", 48),
        binary("nonce", 12),
        binary("ciphertext", None),
        of="cases",
    )
    create_table(
        "keys",
        ["school", "no"],
        number("school"),
        number("no"),
        small("ring"),
        binary("wrapped", 60),
        of="cases",
    )
    create_table(
        "reads",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        number("n"),
        binary("ref", 16),
        text("reader", 255),
        text("reason", 255),
        instant("at"),
        of="cases",
    )
    create_table(
        "outbox",
        ["school", "key"],
        number("school"),
        text("key", 255),
        text("topic", 48),
        text("role", 48),
        text("person", 255),
        number("no"),
        instant("at"),
        json_text("facts"),
        text("status", 48),
        of="cases",
    )
    create_table(
        "roll",
        ["school", "pupil"],
        number("school"),
        text("pupil", 255),
        text("class_", 255),
        text("grade", 48),
        text("left_behind", 48, null=True),
        small("boarder"),
        text("household", 255),
        number("birth_date", null=True),
        text("sex", 48),
        small("on_roll"),
        of="schools",
    )
    create_table(
        "staff",
        ["school", "person"],
        number("school"),
        text("person", 255),
        json_text("roles"),
        json_text("classes"),
        of="schools",
    )


def downgrade() -> None:
    names = (
        "staff roll outbox reads keys sealed entries implicated failures flags referrals calls notices emergencies "
        "obligations concerns activities marks contacts pairings spans cases schools"
    )
    for name in names.split():
        op.drop_table(f"casework_{name}")
