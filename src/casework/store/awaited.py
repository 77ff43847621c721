"""What records have to take up of gatherings: a queue beside the history, written with the gathering's own entry.

A row names a record and a gathering, by number. Writing it wakes the record and touches no version; what the record
will take up is read from the gathering as it stands by then. The record's own entry deletes it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Executable, Integer, and_, bindparam, case, select

from casework.model.gathering import PRESENT, Awaited
from casework.store.rows import AWAITED, Row
from casework.store.statements import Prepared, Statements, Values, among, padded
from casework.store.types import from_day, from_instant
from casework.store.work import Work


def call(work: Work, school: int, gathering: int, numbers: Sequence[int], at: int) -> None:
    """Let these records take up what the gathering says, from the instant ``at`` on, with their versions untouched."""
    rows = [(school, number, gathering) for number in sorted(numbers)]
    work.wire.many(work.statements.insert(work.tables.awaited, ignoring=True), rows)
    work.wire.many(_wake(work.statements), [(at, school, number) for _, number, _ in rows])


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


def _wake(statements: Statements) -> Prepared:
    c = statements.tables.cases

    def made() -> Executable:
        now = bindparam("at", type_=BigInteger)
        sooner = case((c.c.wake_at < now, c.c.wake_at), else_=now)
        marked: Any = c.c.parts.op("|")(AWAITED)
        which = (c.c.school == bindparam("of", type_=Integer), c.c.no == bindparam("number", type_=Integer))
        return c.update().where(*which).values(wake_at=sooner, parts=marked)

    return statements.get("wake for a gathering", ["at", "of", "number"], made)
