"""The tables of referrals and screenings, as `casework.store.tables` declares the others."""

from sqlalchemy import MetaData, Table

from casework.store.columns import (
    CODE,
    ID,
    KEY,
    days,
    instant,
    json_text,
    number,
    part,
    partial,
    reference,
    small,
    table,
    text,
    yes_no,
)


def referrals(m: MetaData) -> Table:
    """One row for each referral; ``ended_on`` is empty while it is open."""
    made = part(
        m,
        "referrals",
        text("id", KEY),
        text("target", CODE),
        *days("day"),
        json_text("about"),
        text("person", ID),
        text("rule", KEY),
        json_text("because"),
        yes_no("urgent"),
        text("state", CODE),
        json_text("implicated"),
        reference("note"),
        text("provider", ID),
        text("answered_by", ID),
        *days("answered_on", null=True),
        text("ended_by", ID),
        *days("ended_on", null=True),
        text("ended_because", ID),
        text("outcome", ID),
    )
    partial("referrals_open", made.c.ended_on.is_(None), made.c.school, made.c.no)
    return made


def consents(m: MetaData) -> Table:
    """What was said of consent, in the order of entry."""
    return table(
        m,
        "consents",
        ["school", "no", "referral", "n"],
        number("school"),
        number("no"),
        small("referral"),
        small("n"),
        text("answer", CODE),
        text("person", ID),
        text("capacity", CODE),
        *days("day"),
        text("how", CODE),
        text("because", CODE),
        instant("entered_at"),
        text("entered_by", ID),
        of_case=True,
    )


def sessions(m: MetaData) -> Table:
    """The sessions of referrals, in the order of entry."""
    return table(
        m,
        "sessions",
        ["school", "no", "referral", "n"],
        number("school"),
        number("no"),
        small("referral"),
        small("n"),
        text("id", KEY),
        *days("day"),
        text("person", ID),
        instant("entered_at"),
        text("entered_by", ID),
        *days("next_on", null=True),
        text("unconsented", CODE),
        reference("note"),
        of_case=True,
    )


def plans(m: MetaData) -> Table:
    """Plans of psychological correction, in the order in which they were made."""
    return table(
        m,
        "plans",
        ["school", "no", "referral", "n"],
        number("school"),
        number("no"),
        small("referral"),
        small("n"),
        *days("day"),
        text("person", ID),
        *days("review_on"),
        reference("note"),
        of_case=True,
    )


def told(m: MetaData) -> Table:
    """Who was told of a referral, in that order."""
    return table(
        m,
        "told",
        ["school", "no", "referral", "n"],
        number("school"),
        number("no"),
        small("referral"),
        small("n"),
        text("about", CODE),
        text("role", CODE),
        text("person", ID),
        instant("at"),
        of_case=True,
    )


def screenings(m: MetaData) -> Table:
    """One row for each pupil's answers to an instrument."""
    return part(
        m,
        "screenings",
        text("id", KEY),
        text("instrument", CODE),
        number("score"),
        *days("day"),
        text("person", ID),
        instant("entered_at"),
        text("entered_by", ID),
        number("self_harm", null=True),
        text("voided", ID),
    )
