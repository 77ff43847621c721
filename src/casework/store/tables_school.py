"""The tables of what a school does as a whole: its roll and staff, gatherings with attendance, programmes, letters.

``measures`` and ``signatures`` say again, one row each, what stands in acts: for questions; loading leaves them out.
"""

from typing import Any

from sqlalchemy import Index, MetaData, Table

from casework.store.columns import (
    CODE,
    ID,
    KEY,
    PREFIX,
    days,
    instant,
    json_text,
    number,
    part,
    reference,
    small,
    table,
    text,
    yes_no,
)


def school_tables(m: MetaData) -> dict[str, Any]:
    """Declare them, by the names of the fields of `casework.store.tables.Tables`."""
    return {
        "roll": table(
            m,
            "roll",
            ["school", "pupil"],
            number("school"),
            text("pupil", ID),
            text("class_", ID),
            text("grade", CODE),
            text("left_behind", CODE, null=True),
            yes_no("boarder"),
            text("household", ID),
            number("birth_date", null=True),
            text("sex", CODE),
            yes_no("on_roll"),
        ),
        "staff": table(
            m,
            "staff",
            ["school", "person"],
            number("school"),
            text("person", ID),
            json_text("roles"),
            json_text("classes"),
        ),
        "gatherings": part(
            m,
            "gatherings",
            text("id", KEY),
            text("kind", CODE),
            *days("day"),
            text("person", ID),
            instant("entered_at"),
            text("entered_by", ID),
            json_text("classes"),
            reference("note"),
            text("because", ID),
            text("voided", ID),
        ),
        "attendance": _attendance(m),
        "awaited": table(
            m,
            "awaited",
            ["school", "no", "gathering"],
            number("school"),
            number("no"),
            number("gathering"),
            of_case=True,
        ),
        "programmes": part(
            m,
            "programmes",
            text("term", KEY),
            text("state", CODE),
            *days("since"),
            text("person", ID),
            reference("note"),
        ),
        "measures": table(
            m,
            "measures",
            ["school", "no", "n", "measure"],
            number("school"),
            number("no"),
            small("n"),
            text("measure", CODE),
            number("value"),
            text("unit", CODE),
            yes_no("abnormal"),
            of_case=True,
        ),
        "signatures": table(
            m,
            "signatures",
            ["school", "no", "n", "person"],
            number("school"),
            number("no"),
            small("n"),
            text("person", ID),
            text("party", CODE),
            text("version", KEY),
            *days("day"),
            of_case=True,
        ),
    }


def _attendance(m: MetaData) -> Table:
    made = table(
        m,
        "attendance",
        ["school", "no", "child"],
        number("school"),
        number("no"),
        text("child", ID),
        text("there", CODE),
        of_case=True,
    )
    Index(f"{PREFIX}attendance_child", made.c.school, made.c.child)
    return made
