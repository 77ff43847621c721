"""The tables of what protects the data: who asked that a child's texts be destroyed, and who did it."""

from sqlalchemy import MetaData, Table

from casework.store.columns import CODE, ID, KEY, days, part, text


def erasures(m: MetaData) -> Table:
    """Requests of erasure and what became of them; ``receipt`` stands for the destroyed key in the key ring."""
    return part(
        m,
        "erasures",
        text("id", KEY),
        text("state", CODE),
        text("because", ID),
        text("asked_by", ID),
        *days("asked_on"),
        text("person", ID),
        *days("day", null=True),
        text("answer", ID),
        text("receipt", KEY),
    )
