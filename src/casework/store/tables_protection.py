"""The tables of what protects a record: holds, words of consent for a purpose, decisions about retention."""

from typing import Any

from sqlalchemy import MetaData

from casework.store.columns import CODE, ID, KEY, days, instant, part, reference, text


def protection_tables(m: MetaData) -> dict[str, Any]:
    """Declare them, by the names of the fields of `casework.store.tables.Tables`."""
    return {
        "holds": part(
            m,
            "holds",
            text("id", KEY),
            text("because", ID),
            *days("day"),
            text("person", ID),
            reference("note"),
            *days("released_day", null=True),
            text("released_by", ID),
            text("released_because", ID),
        ),
        "purposes": part(
            m,
            "purposes",
            text("purpose", CODE),
            text("answer", CODE),
            text("person", ID),
            text("capacity", CODE),
            *days("day"),
            text("how", CODE),
            text("because", ID),
            instant("entered_at"),
            text("entered_by", ID),
        ),
        "retention": part(
            m,
            "retention",
            text("decision", CODE),
            text("because", ID),
            *days("day"),
            text("person", ID),
            *days("until", null=True),
        ),
    }
