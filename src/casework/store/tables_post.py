"""The tables of notices on their way to people.

``waiting`` and the rows of ``deliveries`` with a ``due_at`` are queues that empty; ``unreached`` is part of a record.
"""

from typing import Any

from sqlalchemy import Index, MetaData, Table

from casework.store.columns import (
    CODE,
    ID,
    KEY,
    PREFIX,
    instant,
    json_text,
    number,
    partial,
    small,
    table,
    text,
    yes_no,
)


def post_tables(m: MetaData) -> dict[str, Any]:
    """Declare them, by the names of the fields of `casework.store.tables.Tables`."""
    return {
        "unreached": table(
            m,
            "unreached",
            ["school", "no", "emergency", "n"],
            number("school"),
            number("no"),
            small("emergency"),
            small("n"),
            instant("at"),
            of_case=True,
        ),
        "waiting": _waiting(m),
        "deliveries": _deliveries(m),
    }


def _waiting(m: MetaData) -> Table:
    made = table(
        m,
        "waiting",
        ["school", "urgent", "person", "key"],
        number("school"),
        yes_no("urgent"),
        text("person", ID),
        text("key", ID),
        instant("due_at"),
    )
    Index(f"{PREFIX}waiting_due", made.c.urgent, made.c.due_at)
    return made


def _deliveries(m: MetaData) -> Table:
    made = table(
        m,
        "deliveries",
        ["school", "letter", "sink"],
        number("school"),
        text("letter", KEY),
        text("sink", CODE),
        text("person", ID),
        text("child", ID),
        yes_no("urgent"),
        instant("at"),
        json_text("keys"),
        text("status", CODE),
        instant("due_at", null=True),
        number("fence"),
        number("tries"),
        text("error", KEY),
    )
    waits = made.c.due_at.is_not(None)
    partial("deliveries_due", waits, made.c.urgent, made.c.due_at)
    partial("deliveries_queue", waits, *(made.c[name] for name in ("school", "person", "child", "sink", "at")))
    partial("deliveries_dead", made.c.status == "dead", made.c.school)
    return made
