"""The tables of what protects the data: erasures, identity numbers, and what children are found by."""

from typing import Any

from sqlalchemy import Column, Index, LargeBinary, MetaData, Table

from casework.store.columns import CODE, ID, KEY, PREFIX, days, number, part, reference, small, table, text


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


def lookups(m: MetaData) -> Table:
    """Blind indexes: keyed digests of what children are found by."""
    made = table(
        m,
        "lookups",
        ["school", "what", "digest", "no", "ref"],
        number("school"),
        text("what", CODE),
        Column("digest", LargeBinary(16), nullable=False),
        number("no"),
        reference("ref", null=False),
        of_case=True,
    )
    Index(f"{PREFIX}lookups_record", made.c.school, made.c.no)
    return made


def indexes(m: MetaData) -> Table:
    """Each school's key for its blind indexes, wrapped by the key ring."""
    return table(
        m,
        "indexes",
        ["school"],
        number("school"),
        small("ring"),
        Column("wrapped", LargeBinary(60), nullable=False),
    )


def identities(m: MetaData) -> Table:
    """Identity numbers, as references to sealed text."""
    return part(m, "identities", reference("number"))


def key_tables(m: MetaData) -> dict[str, Any]:
    """Declare them, by the names of the fields of `casework.store.tables.Tables`."""
    return {"erasures": erasures(m), "identities": identities(m), "lookups": lookups(m), "indexes": indexes(m)}
