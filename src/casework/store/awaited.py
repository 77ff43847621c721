"""What records have to take up of gatherings: a queue beside the history, written with the gathering's own entry.

A row names a record and a gathering, by number. Writing it wakes the record and touches no version; what the record
will take up is read from the gathering as it stands by then. The record's own entry deletes it.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Executable, Integer, and_, bindparam, select

from casework.errors import StaleCase
from casework.model.gathering import PRESENT, Awaited
from casework.store.chain import START, head_mac
from casework.store.parts import Row
from casework.store.rows import AWAITED
from casework.store.statements import Prepared, Statements, Values, among, padded
from casework.store.types import from_day, from_instant
from casework.store.work import Work, by_child

_CALLED = ("uuid", "version", "parts", "wake_at", "alarm_at")
"""What is asked of a record that is to take something up."""


def call(work: Work, school: int, gathering: int, children: Sequence[str], at: int) -> None:
    """Let these records, those that exist, take up what the gathering says, from the instant ``at`` on.

    Their versions are untouched; their heads are sealed anew, over the earlier look.
    """
    ring = work.ring.number
    key = work.ring.chain_key(ring)
    rows: dict[int, Values] = {}
    for some in padded(sorted(children)):
        prepared = by_child(work.statements, len(some), _CALLED, writing=True)
        rows |= {row[1]: row[2:] for row in work.marked(work.wire.rows(prepared, (school, *some)))}
    waiting, looks = [], []
    for no, (mac, uuid, version, parts, wake_at, alarm) in sorted(rows.items()):
        wake = at if wake_at is None else min(at, wake_at)
        head = head_mac(key, ring, UUID(bytes=uuid), version, mac or START, (wake, alarm))
        waiting.append((school, no, gathering))
        looks.append((wake, parts | AWAITED, head, school, no, version))
    work.wire.many(work.statements.insert(work.tables.awaited, ignoring=True), waiting)
    changed = work.statements.update(work.tables.cases, ["wake_at", "parts", "head"], ["school", "no", "version"])
    if work.wire.many(changed, looks) != len(looks):
        raise StaleCase("somebody else changed a record that the gathering names; repeat the command")


def taken_up(work: Work, records: Sequence[tuple[int, int]]) -> None:
    """These records have done so. Nothing was added meanwhile: whoever loads a record to write it has it locked."""
    work.wire.many(work.statements.delete(work.tables.awaited, ["school", "no"]), records)


def awaited_by(work: Work, heads: Sequence[Row], parts: int) -> dict[tuple[int, int], tuple[Awaited, ...]]:
    """What the records of these heads still have to take up; no statement where none has anything."""
    found: dict[tuple[int, int], list[Awaited]] = {}
    schools: dict[int, list[int]] = {}
    for head in heads:
        if head[parts] & AWAITED:
            schools.setdefault(head[0], []).append(head[1])
    for school, numbers in schools.items():
        for some in padded(numbers):
            for row in work.wire.rows(_waiting(work.statements, len(some)), (school, *some)):
                found.setdefault((school, row[0]), []).append(_awaited(row[1:]))
    return {who: tuple(awaited) for who, awaited in found.items()}


def _awaited(row: Values) -> Awaited:
    id_, kind, day, by, entered_at, entered_by, because, voided, there = row
    at = from_instant(entered_at)
    return Awaited(id_, kind, from_day(day), by, at, entered_by, there or PRESENT, because, voided)


def _waiting(statements: Statements, size: int) -> Prepared:
    t = statements.tables
    w, g, a, c = t.awaited, t.gatherings, t.attendance, t.cases
    numbers = among(size)

    def made() -> Executable:
        names = ("id", "kind", "day", "person", "entered_at", "entered_by", "because", "voided")
        held = and_(g.c.school == w.c.school, g.c.no == w.c.gathering)
        mine = and_(c.c.school == w.c.school, c.c.no == w.c.no)
        there = and_(a.c.school == w.c.school, a.c.no == w.c.gathering, a.c.child == c.c.child)
        return (
            select(w.c.no, *(g.c[name] for name in names), a.c.there)
            .select_from(w.join(g, held).join(c, mine).outerjoin(a, there))
            .where(w.c.school == bindparam("school", type_=Integer), w.c.no.in_(numbers))
            .order_by(w.c.no, w.c.gathering)
        )

    return statements.get(("awaited", size), ["school", *(number.key for number in numbers)], made)
