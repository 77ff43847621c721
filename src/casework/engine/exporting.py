"""What leaves the school: tables of cases, obligations and activities, and counts of emergencies.

An export is pseudonymous unless it is asked for by name. Then a child, a person and a class stand under a name that is
made of their id with a key (HMAC-SHA256): the same within one export, another in each export unless the same key is
asked for, so that two exports cannot be joined. Days are told by their month, since the day of a visit would tell whom
it was paid to; ids of ours, households, details and triggers are left out; counts of emergencies under five are hidden.
"""

from base64 import b32encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from hmac import digest

from attrs import field, frozen

from casework.engine.suppression import published
from casework.errors import WrongValue, check_kind
from casework.model.calendar import Calendar
from casework.model.case import Case

Cell = str | int | None
"""A cell of a table: text, a whole number, or nothing. None stands for nothing, and for a count that is hidden."""
Row = tuple[Cell, ...]

LEAST_KEY = 16
"""The shortest key of pseudonyms, in bytes."""


@frozen
class Sheet:
    """One table of an export."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


@frozen
class Export:
    """Tables about the local days from ``first`` to ``last``; ``named`` where they hold ids as they are."""

    first: date
    last: date
    named: bool
    sheets: tuple[Sheet, ...]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(len(sheet.rows) for sheet in self.sheets)


@frozen
class Naming:
    """How children, people, classes and days are told."""

    child: Callable[[str], str]
    person: Callable[[str], str]
    class_: Callable[[str], str]
    day: Callable[[date | None], str]
    named: bool


def as_they_are() -> Naming:
    """Ids and days as they are."""
    return Naming(str, str, str, lambda day: "" if day is None else day.isoformat(), named=True)


def under_pseudonyms(school: str, key: bytes) -> Naming:
    """Pseudonyms by a key, days by their month. Raises `WrongValue` for a key that is too short to keep a secret."""
    check_kind(key, bytes, "key=", "bytes, such as casework.interchange.export.fresh_key()")
    if len(key) < LEAST_KEY:
        raise WrongValue(
            f"a key of pseudonyms has at least {LEAST_KEY} bytes; take casework.interchange.export.fresh_key()"
        )

    def under(kind: str) -> Callable[[str], str]:
        def pseudonym(id_: str) -> str:
            made = digest(key, f"{kind}\x1f{school}\x1f{id_}".encode(), "sha256")[:10]
            return f"{kind[0]}-{b32encode(made).decode().lower()}" if id_ else ""

        return pseudonym

    return Naming(
        under("child"), under("person"), under("group"), lambda day: "" if day is None else f"{day:%Y-%m}", named=False
    )


def export_of(cases: Iterable[Case], first: date, last: date, naming: Naming, calendar: Calendar) -> Export:
    """The tables of these records: cases as they stand, what opened or was done from ``first`` to ``last``."""
    found: dict[str, list[Row]] = {"cases": [], "obligations": [], "activities": []}
    alarms: dict[str, Counter[str]] = {}
    for case in cases:
        if case.subject != "child":
            continue
        found["cases"] += _case(case, naming)
        found["obligations"] += _obligations(case, first, last, naming)
        found["activities"] += _activities(case, first, last, naming)
        for emergency in case.emergencies.values():
            if first <= calendar.local_date(emergency.raised_at) <= last:
                alarms.setdefault(emergency.kind, Counter())[emergency.state] += 1
    # In the order of what they say: that in which they were read would tell who is who.
    sheets = [Sheet(name, _COLUMNS[name], tuple(sorted(rows, key=_order))) for name, rows in found.items()]
    return Export(first, last, naming.named, (*sheets, _emergencies(alarms, naming)))


_COLUMNS = {
    "cases": ("child", "class", "state", "away", "boarder", "key_child", "lead", "opened", "closed"),
    "obligations": ("child", "class", "duty", "window", "owed_by", "opens", "due", "status", "met"),
    "activities": ("child", "class", "kind", "on", "by", "reached", "minutes"),
}


def _order(row: Row) -> tuple[str, ...]:
    return tuple(map(str, row))


def _case(case: Case, naming: Naming) -> Iterator[Row]:
    if case.stage:
        opened = [span for span in case.spans if span.kind == "open"]
        since, until = opened[-1].since if opened else None, opened[-1].until if opened else None
        yield (
            naming.child(case.child),
            naming.class_(case.class_),
            case.state,
            case.away,
            int(case.boarder),
            int(case.key_child),
            naming.person(case.lead),
            naming.day(since),
            naming.day(until),
        )


def _obligations(case: Case, first: date, last: date, naming: Naming) -> Iterator[Row]:
    for o in case.obligations.values():
        if first <= o.opens <= last:
            yield (
                naming.child(case.child),
                naming.class_(case.class_),
                o.duty,
                o.window if naming.named else _kind_of_window(o.window, o.trigger, o.rule),
                o.role,
                naming.day(o.opens),
                naming.day(o.due),
                o.status,
                naming.day(o.on),
            )


def _kind_of_window(window: str, trigger: str, rule: str) -> str:
    """A window of the calendar by its name; another by what kind it is, since its name holds an id or a day."""
    if trigger or rule:
        return "rule" if rule else "triggered"
    if window.startswith("#"):
        return "standing"
    return window[:7] if window[:4].isdigit() and ":" not in window else window


def _activities(case: Case, first: date, last: date, naming: Naming) -> Iterator[Row]:
    for act in case.activity_log.values():
        if first <= act.on <= last and not act.voided:
            yield (
                naming.child(case.child),
                naming.class_(case.class_),
                act.kind,
                naming.day(act.on),
                naming.person(act.by),
                int(act.reached),
                act.minutes,
            )


def _emergencies(alarms: dict[str, Counter[str]], naming: Naming) -> Sheet:
    """How many of each kind, in which state."""
    if naming.named:
        rows = [(kind, state, n) for kind, states in alarms.items() for state, n in states.items()]
        return Sheet("emergencies", ("kind", "state", "count"), tuple(sorted(rows)))
    table = published(alarms)
    hidden = [
        (kind or "all", state or "all", table.cells[kind, state])
        for kind in (*table.rows, "")
        for state in (*table.columns, "")
    ]
    return Sheet("emergencies", ("kind", "state", "count"), tuple(hidden))
