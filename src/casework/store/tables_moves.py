"""The table of moves: transfers between schools, and records that were merged."""

from sqlalchemy import MetaData, Table

from casework.store.columns import CODE, ID, KEY, days, json_text, part, text


def moves(m: MetaData) -> Table:
    """One row for each; the school's own record holds those that it answered."""
    return part(
        m,
        "moves",
        text("id", KEY),
        text("kind", CODE),
        text("state", CODE),
        *days("day"),
        text("person", ID),
        text("because", ID),
        text("peer", ID),
        text("peer_key", KEY),
        text("child", ID),
        json_text("packages"),
        *days("chased", "ended_on", null=True),
        json_text("texts"),
        json_text("restricted"),
        json_text("hides"),
    )
