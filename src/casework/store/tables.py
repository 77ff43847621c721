"""The tables, as SQLAlchemy Core: state beside history, every key led by the school's number.

Columns are plain whole numbers, text and bytes: local dates count days since 1970-01-01, instants count microseconds
since 1970-01-01T00:00Z. Lists and coded facts are compact JSON text, empty where there are none. ``n`` counts the place
within the record. `casework.store.rows` converts.
"""

from functools import cache

from attrs import field, fields, frozen
from sqlalchemy import Column, Index, LargeBinary, MetaData, Table, UniqueConstraint

from casework.store import referral_tables
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
    partial,
    reference,
    small,
    table,
    text,
    yes_no,
)
from casework.store.students import refer
from casework.store.tables_access import access_tables, reads
from casework.store.tables_keys import key_tables
from casework.store.tables_moves import moves
from casework.store.tables_post import post_tables
from casework.store.tables_protection import protection_tables
from casework.store.tables_school import school_tables


@frozen(eq=False)
class Tables:
    """All tables of casework within one ``MetaData``; ``statements`` keeps what was compiled for them, by database."""

    schools: Table
    cases: Table
    spans: Table
    pairings: Table
    contacts: Table
    marks: Table
    activities: Table
    concerns: Table
    obligations: Table
    emergencies: Table
    notices: Table
    calls: Table
    referrals: Table
    consents: Table
    sessions: Table
    plans: Table
    told: Table
    screenings: Table
    flags: Table
    failures: Table
    implicated: Table
    entries: Table
    sealed: Table
    keys: Table
    reads: Table
    outbox: Table
    roll: Table
    staff: Table
    gatherings: Table
    attendance: Table
    awaited: Table
    programmes: Table
    measures: Table
    signatures: Table
    glasses: Table
    unreached: Table
    waiting: Table
    deliveries: Table
    holds: Table
    purposes: Table
    retention: Table
    erasures: Table
    identities: Table
    lookups: Table
    indexes: Table
    moves: Table
    statements: dict[object, object] = field(factory=dict, repr=False, kw_only=True)

    def all(self) -> list[Table]:
        """Every table, each after those it refers to."""
        return [getattr(self, part.name) for part in fields(Tables) if part.name != "statements"]


@cache
def default_tables() -> Tables:
    """The tables in a ``MetaData`` of their own: what a store uses that is given none."""
    return tables()


def tables(metadata: MetaData | None = None, *, student: object = None) -> Tables:
    """Declare the tables in the host's ``metadata`` or their own; ``student``: the host's column that they refer to."""
    m = MetaData() if metadata is None else metadata
    return Tables(
        schools=table(
            m,
            "schools",
            ["school"],
            number("school"),
            text("name", ID),
            number("last_no"),
            *(text(name, KEY) for name in ("policy", "calendar", "rules")),
            number("applied_on", null=True),
            json_text("started"),
            Column("head", LargeBinary(16), nullable=False),
            UniqueConstraint("name", name=f"{PREFIX}schools_name"),
            of_school=False,
        ),
        cases=refer(_cases(m), student),
        spans=part(m, "spans", text("kind", CODE), *days("since"), *days("until", null=True), text("because", ID)),
        pairings=part(
            m,
            "pairings",
            text("lead", ID),
            *days("since"),
            *days("until", null=True),
            text("because", ID),
            json_text("members"),
        ),
        contacts=part(
            m,
            "contacts",
            text("slot", CODE),
            text("relation", CODE),
            reference("name"),
            reference("phone"),
            reference("address"),
            text("person", ID),
            *days("verified_on", null=True),
            yes_no("dead"),
        ),
        marks=part(m, "marks", text("id", KEY), text("kind", CODE), *days("day"), text("person", ID)),
        activities=part(
            m,
            "activities",
            text("id", KEY),
            text("kind", CODE),
            *days("day"),
            text("person", ID),
            instant("entered_at"),
            text("entered_by", ID),
            yes_no("reached"),
            json_text("met"),
            text("mood", CODE),
            number("minutes", null=True),
            json_text("details"),
            text("occasion", KEY),
            reference("note"),
            reference("words"),
            text("voided", ID),
        ),
        concerns=part(
            m,
            "concerns",
            text("id", KEY),
            text("kind", CODE),
            *days("day"),
            text("person", ID),
            instant("entered_at"),
            text("severity", CODE),
            yes_no("observed"),
            text("about", KEY),
            json_text("implicated"),
            reference("note"),
            text("voided", ID),
        ),
        obligations=_obligations(m),
        emergencies=_emergencies(m),
        notices=table(
            m,
            "notices",
            ["school", "no", "emergency", "state", "step", "rung", "role", "person"],
            number("school"),
            number("no"),
            small("emergency"),
            text("state", CODE),
            small("step"),
            small("rung"),
            text("role", CODE),
            text("person", ID),
            small("n"),
            instant("at"),
            text("why", ID),
            of_case=True,
        ),
        calls=table(
            m,
            "calls",
            ["school", "no", "emergency", "n"],
            number("school"),
            number("no"),
            small("emergency"),
            small("n"),
            text("agency", CODE),
            text("person", ID),
            instant("at"),
            text("reference", ID),
            of_case=True,
        ),
        referrals=referral_tables.referrals(m),
        consents=referral_tables.consents(m),
        sessions=referral_tables.sessions(m),
        plans=referral_tables.plans(m),
        told=referral_tables.told(m),
        screenings=referral_tables.screenings(m),
        flags=part(m, "flags", text("rule", KEY), text("code", CODE), json_text("because"), json_text("about")),
        failures=part(m, "failures", text("rule", KEY), text("error", KEY)),
        implicated=table(
            m,
            "implicated",
            ["school", "person", "no", "item"],
            number("school"),
            number("no"),
            text("person", ID),
            text("item", KEY),
            of_case=True,
        ),
        entries=_entries(m),
        sealed=table(
            m,
            "sealed",
            ["school", "no", "ref"],
            number("school"),
            number("no"),
            Column("ref", LargeBinary(16), nullable=False),
            text("kind", CODE),
            Column("nonce", LargeBinary(12), nullable=False),
            Column("ciphertext", LargeBinary, nullable=False),
            of_case=True,
        ),
        keys=table(
            m,
            "keys",
            ["school", "no"],
            number("school"),
            number("no"),
            small("ring"),
            Column("wrapped", LargeBinary(60), nullable=False),
            small("generation"),
            Column("content", LargeBinary(60), nullable=False),
            instant("since"),
            of_case=True,
        ),
        reads=reads(m),
        outbox=table(
            m,
            "outbox",
            ["school", "key"],
            number("school"),
            text("key", ID),
            text("topic", CODE),
            text("role", CODE),
            text("person", ID),
            number("no"),
            instant("at"),
            json_text("facts"),
            text("status", CODE),
            of_case=True,
        ),
        **school_tables(m),
        **access_tables(m),
        **post_tables(m),
        **protection_tables(m),
        **key_tables(m),
        moves=moves(m),
    )


def _cases(m: MetaData) -> Table:
    made = table(
        m,
        "cases",
        ["school", "no"],
        number("school"),
        number("no"),
        text("child", ID),
        Column("uuid", LargeBinary(16), nullable=False),
        number("version"),
        text("stage", CODE),
        text("away", CODE),
        text("definition", CODE),
        text("class_", ID),
        text("household", ID),
        yes_no("boarder"),
        yes_no("card"),
        text("lead", ID),
        small("emergencies"),
        number("parts"),
        instant("wake_at", null=True),
        instant("alarm_at", null=True),
        Column("head", LargeBinary(16), nullable=False),
        UniqueConstraint("school", "child", name=f"{PREFIX}cases_child"),
        UniqueConstraint("school", "uuid", name=f"{PREFIX}cases_uuid"),
    )
    for name, column in (("wake", made.c.wake_at), ("alarm", made.c.alarm_at)):
        partial(f"cases_{name}", column.is_not(None), column, made.c.school, made.c.no)
    Index(f"{PREFIX}cases_lead", made.c.school, made.c.lead)
    Index(f"{PREFIX}cases_class", made.c.school, made.c.class_)
    return made


def _obligations(m: MetaData) -> Table:
    made = table(
        m,
        "obligations",
        ["school", "no", "duty", "window"],
        number("school"),
        number("no"),
        text("duty", CODE),
        text("window", KEY),
        small("n"),
        *days("opens"),
        *days("due", "closes", null=True),
        text("role", CODE),
        text("status", CODE),
        *days("day", null=True),
        text("act", KEY),
        text("because", ID),
        text("trigger", KEY),
        text("rule", KEY),
        of_case=True,
    )
    partial("obligations_open", made.c.status == "open", made.c.school, made.c.role)
    return made


def _emergencies(m: MetaData) -> Table:
    made = part(
        m,
        "emergencies",
        text("id", KEY),
        text("kind", CODE),
        instant("raised_at"),
        text("raised_by", ID),
        instant("since"),
        text("state", CODE),
        yes_no("observed"),
        json_text("about"),
        text("rule", KEY),
        json_text("because"),
        json_text("implicated"),
        text("acknowledged_by", ID),
        instant("acknowledged_at", null=True),
        text("responding_by", ID),
        instant("responding_at", null=True),
        text("stood_down_by", ID),
        instant("stood_down_at", null=True),
        text("safe_seen_by", ID),
        instant("safe_seen_at", null=True),
        text("stood_down_because", ID),
        *days("look_again", null=True),
        text("reviewed_by", ID),
        instant("reviewed_at", null=True),
        reference("note"),
        reference("lessons"),
    )
    partial("emergencies_live", made.c.state != "reviewed", made.c.school, made.c.no)
    return made


def _entries(m: MetaData) -> Table:
    made = table(
        m,
        "entries",
        ["school", "no", "seq"],
        number("school"),
        number("no"),
        number("seq"),
        instant("at"),
        text("actor", ID),
        text("idem", ID),
        Column("asked", LargeBinary(16), nullable=True),
        small("alg"),
        small("ring"),
        Column("body", LargeBinary, nullable=False),
        Column("mac", LargeBinary(16), nullable=False),
        of_case=True,
    )
    partial(
        "entries_idem", made.c.idem != "", *(made.c[name] for name in ("school", "no", "actor", "idem")), unique=True
    )
    return made
