"""Views for programs that read beside casework: names and columns that later releases keep, in the order given.

`casework.store.migrate` makes them. A view does not know who asks: what somebody implicated may not know stands in all
of them, and ``casework_v_hidden`` says what to leave out. None holds sealed text, concerns, or what a child is like.
"""

import re

from attrs import frozen
from sqlalchemy import Connection, Dialect

from casework.model.case import CLASS_MARK
from casework.store.columns import PREFIX
from casework.store.dialects import POSTGRESQL

Column = tuple[str, str, str]
"""A column's name, the expression that it shows, and what it means."""

_DASHED = "||'-'||".join(f"substr(hex({{0}}), {at}, {n})" for at, n in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12)))
_KINDS = {
    "sqlite": {
        "day": "date({0} * 86400, 'unixepoch')",
        "instant": "strftime('%Y-%m-%dT%H:%M:%SZ', {0} / 1000000, 'unixepoch')",
        "uuid": f"lower({_DASHED})",
        "word": "nullif({0}, '')",
    },
    POSTGRESQL: {
        "day": "DATE '1970-01-01' + {0}",
        "instant": "to_timestamp({0} / 1000000.0)",
        "uuid": "encode({0}, 'hex')::uuid",
        "word": "nullif({0}, '')",
    },
}
"""How a database shows a date, an instant, a public id, and a text that may be empty."""

_KIND = re.compile(r"\b(day|instant|uuid|word)\((\w+\.\w+)\)")


@frozen
class View:
    """A view: what it is for, its columns, and where its rows come from."""

    name: str
    says: str
    columns: tuple[Column, ...]
    source: str

    def query(self, dialect: Dialect) -> str:
        """The query, as that database writes it."""
        kinds = _KINDS[POSTGRESQL if dialect.name == POSTGRESQL else "sqlite"]
        columns = (f"{_KIND.sub(lambda m: kinds[m[1]].format(m[2]), made)} AS {name}" for name, made, _ in self.columns)
        return f"SELECT {', '.join(columns)} FROM {self.source}"  # noqa: S608 - no value is in it


_CHILD = f"c.child <> '' AND substr(c.child, 1, 1) <> '{CLASS_MARK}'"
"""A record of a child's, not of a class or the school."""


def _of(table: str, letter: str) -> str:
    """A table of rows within a record, joined with the record and its school."""
    return (
        f"{PREFIX}{table} {letter} JOIN {PREFIX}cases c ON c.school = {letter}.school AND c.no = {letter}.no "
        f"JOIN {PREFIX}schools s ON s.school = c.school"
    )


_WHO: tuple[Column, ...] = (
    ("school", "s.name", "the school"),
    ("child", "c.child", "your id of the child"),
)

VIEWS = (
    View(
        f"{PREFIX}v_cases",
        "one row for each child who has, or had, a case",
        (
            *_WHO,
            ("case_id", "uuid(c.uuid)", "the case's public id"),
            (
                "state",
                "CASE WHEN c.stage <> 'closed' AND c.emergencies > 0 THEN 'escalated' ELSE c.stage END",
                "identified, filed, paired, monitored, escalated or closed",
            ),
            ("away", "c.away", "one or both: the parents who are away"),
            ("class_id", "word(c.class_)", "the class"),
            ("household", "word(c.household)", "the household, where it is known"),
            ("boarder", "c.boarder", "1 for a child who boards"),
            ("lead", "word(c.lead)", "the lead helper"),
        ),
        f"{PREFIX}cases c JOIN {PREFIX}schools s ON s.school = c.school WHERE c.stage <> '' AND {_CHILD}",
    ),
    View(
        f"{PREFIX}v_obligations",
        "what is owed to a child, and what became of it",
        (
            *_WHO,
            ("duty", "o.duty", "the duty, as the policy calls it"),
            ("period", "o.window", "the duty's window; with school, child and duty it is the row's key"),
            ("role", "o.role", "to whom it falls: lead, class_teacher, or a seat"),
            ("status", "o.status", "open, met, met_late, missed, excused or superseded"),
            ("opens", "day(o.opens)", "the first day that counts"),
            ("due", "day(o.due)", "the last day in time"),
            ("closes", "day(o.closes)", "the last day on which it can still be met late"),
            ("settled_on", "day(o.day)", "the day of the act that met it, or on which it was settled otherwise"),
            ("act", "word(o.act)", "the activity that met it"),
            ("because", "word(o.because)", "why it was excused or superseded"),
        ),
        f"{_of('obligations', 'o')} WHERE {_CHILD}",
    ),
    View(
        f"{PREFIX}v_activities",
        "what was done with a child or for it",
        (
            *_WHO,
            ("activity_id", "a.id", "the activity's id"),
            ("kind", "a.kind", "visit, call, talk …"),
            ("day", "day(a.day)", "the local day"),
            ("person", "a.person", "who did it"),
            ("reached", "a.reached", "1 where somebody was reached"),
            ("entered_at", "instant(a.entered_at)", "when it was entered"),
            ("entered_by", "a.entered_by", "who entered it"),
            ("voided", "CASE WHEN a.voided = '' THEN 0 ELSE 1 END", "1 for an entry that was declared void"),
        ),
        f"{_of('activities', 'a')} WHERE {_CHILD}",
    ),
    View(
        f"{PREFIX}v_emergencies",
        "emergencies, also of children without a case",
        (
            *_WHO,
            ("emergency_id", "e.id", "the emergency's id"),
            ("kind", "e.kind", "missing, injury …"),
            ("state", "e.state", "raised, acknowledged, responding, stood_down or reviewed"),
            ("raised_at", "instant(e.raised_at)", "when it was raised"),
            ("raised_by", "e.raised_by", "by whom, or by which rule"),
            ("acknowledged_at", "instant(e.acknowledged_at)", "when somebody took it up"),
            ("acknowledged_by", "word(e.acknowledged_by)", "who took it up"),
            ("stood_down_at", "instant(e.stood_down_at)", "when the child was safe"),
            ("reviewed_at", "instant(e.reviewed_at)", "when it was reviewed"),
        ),
        f"{_of('emergencies', 'e')} WHERE {_CHILD}",
    ),
    View(
        f"{PREFIX}v_outbox",
        "who must be told what: rows to send, remembered by their key",
        (
            ("school", "s.name", "the school"),
            ("notice_key", "b.key", "the notice's key: what was sent under it is not sent again"),
            ("topic", "b.topic", "what it is about"),
            ("role", "word(b.role)", "the seat that is told"),
            ("person", "word(b.person)", "the person who is told"),
            ("child", f"CASE WHEN {_CHILD} THEN c.child END", "your id of the child"),
            ("at", "instant(b.at)", "from when on it is to be sent"),
            ("facts", "word(b.facts)", "coded facts, as JSON"),
            ("status", "b.status", "waiting, sending, delivered, dead or withheld, where `casework.deliver` sends it"),
        ),
        _of("outbox", "b"),
    ),
    View(
        f"{PREFIX}v_hidden",
        "who must be shown nothing about a child: leave out what this view holds for whoever is signed in",
        (*_WHO, ("person", "i.person", "the person who may not know")),
        f"{_of('implicated', 'i')} WHERE {_CHILD} GROUP BY s.name, c.child, i.person",
    ),
)
"""All views, in the order in which they are made."""


def make_views(connection: Connection) -> None:
    """Make the views, or bring them to this release."""
    replace = connection.dialect.name == POSTGRESQL  # which keeps who was allowed to read them
    for view in VIEWS:
        if not replace:
            connection.exec_driver_sql(f"DROP VIEW IF EXISTS {view.name}")
        made = "CREATE OR REPLACE VIEW" if replace else "CREATE VIEW"
        connection.exec_driver_sql(f"{made} {view.name} AS {view.query(connection.dialect)}")


def drop_views(connection: Connection) -> None:
    """Take the views away, before the tables that they read change."""
    for view in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {view.name}")
