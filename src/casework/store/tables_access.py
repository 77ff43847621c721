"""The tables of access: who read which sealed text, and glass that somebody broke to read what is not theirs."""

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
    part,
    reference,
    table,
    text,
)


def reads(m: MetaData) -> Table:
    """Every reading of sealed text, numbered within the record."""
    made = table(
        m,
        "reads",
        ["school", "no", "n"],
        number("school"),
        number("no"),
        number("n"),
        reference("ref", null=False),
        text("reader", ID),
        text("reason", ID),
        instant("at"),
        of_case=True,
    )
    Index(f"{PREFIX}reads_reader", made.c.school, made.c.reader)
    return made


def access_tables(m: MetaData) -> dict[str, Any]:
    """Declare them, by the names of the fields of `casework.store.tables.Tables`."""
    return {
        "glasses": part(
            m,
            "glasses",
            text("id", KEY),
            text("person", ID),
            text("because", ID),
            instant("at"),
            instant("until"),
            json_text("told"),
            text("reviewed_by", ID),
            instant("reviewed_at", null=True),
            text("verdict", CODE),
        )
    }
