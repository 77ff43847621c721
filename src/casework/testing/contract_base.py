"""What the parts of the store's contract share: an instant, small records, and the way they are saved."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from attrs import evolve

from casework.engine.port import Change, Outgoing, Store
from casework.model import events as ev
from casework.model.case import Case
from casework.model.events import Entry, Event

AT = datetime(2026, 9, 14, 9, 3, 5, 123, tzinfo=UTC)
DAY = date(2026, 9, 14)
HOUR = timedelta(hours=1)
SCHOOL = "qinghe"


def entry(
    seq: int = 1, events: Sequence[Event] = (), *, actor: str = "t.li", idem: str = "", cause: str = "command:Record"
) -> Entry:
    """An entry of these events, all by one cause."""
    return Entry(seq, AT + HOUR * seq, actor, idem, tuple((cause, event) for event in events))


def record(child: str = "s-17", school: str = SCHOOL, **parts: Any) -> Case:  # noqa: ANN401 - fields of a case
    """A small record of version 1, an identified case unless ``parts`` say otherwise."""
    return evolve(Case(school, child, version=1, stage="identified"), **parts)


def change(
    after: Case,
    *,
    before: Case | None = None,
    events: Sequence[Event] = (),
    wake: datetime | None = None,
    alarm: datetime | None = None,
    outgoing: Sequence[Outgoing] = (),
    idem: str = "",
) -> Change:
    """The change that makes ``after`` of ``before`` (of nothing) with one entry."""
    old = before or Case(after.school, after.child)
    new = evolve(after, version=old.version + 1)
    return Change(old, new, entry(new.version, events, idem=idem), wake, alarm, tuple(outgoing))


def put(store: Store, *cases: Case, **looks: Any) -> None:  # noqa: ANN401 - as `change` takes them
    """Save new records in one transaction."""
    with store.write():
        for case in cases:
            store.save(case.school, [change(case, **looks)])


def loaded(store: Store, child: str = "s-17", school: str = SCHOOL) -> Case:
    """The record as the store holds it."""
    with store.read():
        return store.load(school, [child])[child]


def raised(id_: str = "e1", at: datetime = AT) -> ev.EmergencyRaised:
    """An emergency was raised."""
    return ev.EmergencyRaised(id_, "missing", at, "t.li")


def same(actual: object, expected: object) -> None:
    """Raise AssertionError unless the two are equal; used here because no assert may stand in the library."""
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")
