"""Loading records: a constant number of statements for any number of them, none for a table that they do not use."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from casework.engine.port import Shard
from casework.model.case import CLASS_MARK, Case
from casework.model.gathering import GATHERING_MARK
from casework.model.ids import check_writable
from casework.store.awaited import awaited_by
from casework.store.built import build
from casework.store.columns import ID
from casework.store.dialects import locked
from casework.store.parts import Part, Row
from casework.store.rows import ASKED_ONLY, CASE_COLUMNS, PARTS
from casework.store.statements import SCHOOL, Prepared, Statements, among, padded
from casework.store.types import to_instant
from casework.store.work import Known, Who, Work, by_child, head_columns

HEAD_COLUMNS = ("child", "version", *CASE_COLUMNS, "wake_at", "alarm_at")
"""What `build` takes of a record's row."""
LOADED = tuple(part for part in PARTS if part.name not in ASKED_ONLY)
_HEAD = 5
"""How many columns of a row of heads come before those of the case: school, no, mac, child, version."""


def load(work: Work, school: str, children: Sequence[str]) -> dict[str, Case]:
    """The records of these children that exist, in the order in which they were asked for."""
    row = work.school(school)
    wanted = list(dict.fromkeys(children))
    check_writable(*wanted)
    heads = [] if row is None else _heads(work, row.school, wanted)
    missing = set(wanted).difference(head[3] for head in heads) if work.writing else ()
    if missing and work.hold(school):
        row = work.school(school)
        heads += [] if row is None else _heads(work, row.school, missing)
    for child in wanted:
        work.known.setdefault((school, child), None)
    found = {record.child: record for record in records(work, heads)}
    while row is not None and not (work.writing or work.one_instant):
        after = _heads(work, row.school, wanted)
        if after == heads:
            break
        heads = after
        found = {record.child: record for record in records(work, heads)}
    return {child: found[child] for child in wanted if child in found}


def _heads(work: Work, school: int, wanted: Iterable[str]) -> list[Row]:
    heads: list[Row] = []
    for some in padded(sorted(wanted)):
        prepared = by_child(work.statements, len(some), HEAD_COLUMNS, writing=work.writing)
        heads += work.wire.rows(prepared, (school, *some))
    return heads


def claim(
    work: Work,
    now: datetime,
    *,
    limit: int,
    school: str | None,
    alarms: bool,
    skip: Sequence[Who],
    shard: Shard | None,
) -> list[Case]:
    """Up to ``limit`` records that are due, earliest first, but not those to skip."""
    prepared = _due(work.statements, alarms=alarms, one_school=school is not None, sharded=shard is not None)
    values = [to_instant(now)]
    if school is not None:
        row = work.school(school)
        if row is None:
            return []
        values.append(row.school)
    if shard is not None:
        values += [shard.of, shard.number]
    values.append(limit + len(skip))
    passed = set(skip)
    heads = [row for row in work.wire.rows(prepared, tuple(values)) if (work.name_of(row[0]), row[3]) not in passed]
    return records(work, heads[:limit])


def records(work: Work, heads: Sequence[Row]) -> list[Case]:
    """The records of these rows of ``casework_cases``, with `HEAD_COLUMNS`."""
    heads = work.marked(heads)
    parts = part_rows(work, heads, LOADED)
    awaited = awaited_by(work, heads, _HEAD + CASE_COLUMNS.index("parts"))
    found = []
    for head in heads:
        school, no, mac, child, version = head[:_HEAD]
        name = work.name_of(school)
        work.known[name, child] = Known(no, version, mac)
        case = build(name, head[_HEAD - 2 :], parts[school, no])
        found.append(case.having(awaited=awaited[school, no]) if (school, no) in awaited else case)
    return found


def part_rows(
    work: Work, heads: Sequence[Row], wanted: Sequence[Part], *, trusting: bool = True
) -> dict[tuple[int, int], dict[str, list[Row]]]:
    """The rows of the wanted tables by record and table, without school and number.

    ``trusting`` asks only the tables that the record says it uses; without it, all.
    """
    place = _HEAD + CASE_COLUMNS.index("parts")
    parts: dict[tuple[int, int], dict[str, list[Row]]] = {(head[0], head[1]): {} for head in heads}
    for part in wanted:
        whose = [(head[0], head[1]) for head in heads if head[place] & part.bit or not trusting]
        if whose:
            for who, rows in groupby(_rows(work, part.name, whose), key=_who):
                parts[who][part.name] = [tuple(row[2:]) for row in rows]
    return parts


_who = itemgetter(0, 1)


def _rows(work: Work, table: str, whose: Sequence[tuple[int, int]]) -> Iterable[Row]:
    """The rows of one part for these records, each record's in the order of its key."""
    schools = {school for school, _ in whose}
    if len(schools) == 1:
        school = schools.pop()
        for some in padded([no for _, no in whose]):
            yield from work.wire.rows(rows_of(work.statements, table, len(some)), (school, *some))
    else:
        for several in padded(whose):
            values = tuple(value for pair in several for value in pair)
            yield from work.wire.rows(_part_over_schools(work.statements, table, len(several)), values)


def rows_of(statements: Statements, table: str, size: int) -> Prepared:
    """The rows of one table for so many records of a school, each record's in the order of their key."""
    t = getattr(statements.tables, table)
    return statements.get(
        ("rows of", table, size),
        lambda: ["school", *(number.key for number in among(size))],
        lambda: select(t).where(t.c.school == SCHOOL, t.c.no.in_(among(size))).order_by(*t.primary_key.columns),
    )


def _part_over_schools(statements: Statements, table: str, size: int) -> Prepared:
    t = getattr(statements.tables, table)
    pairs = list(zip(among(size, "s"), among(size), strict=True))
    return statements.get(
        ("part over schools", table, size),
        [parameter.key for pair in pairs for parameter in pair],
        lambda: (
            select(t)
            .where(or_(*(and_(t.c.school == school, t.c.no == no) for school, no in pairs)))
            .order_by(*t.primary_key.columns)
        ),
    )


def _due(statements: Statements, *, alarms: bool, one_school: bool, sharded: bool) -> Prepared:
    c = statements.tables.cases
    due = c.c.alarm_at if alarms else c.c.wake_at
    conditions: list[ColumnElement[bool]] = [due <= bindparam("now", type_=BigInteger)]
    if one_school:
        # The sum keeps SQLite from taking the primary key for the school and reading all of it.
        conditions.append(c.c.school + literal_column("0") == SCHOOL)
    if sharded:
        of = bindparam("of", type_=Integer)
        # What is left of the school's number after division: no %, which drivers read in their own ways.
        conditions.append(c.c.school - (c.c.school // of) * of == bindparam("shard", type_=Integer))

    def made() -> Select[Any]:
        found = head_columns(statements, *HEAD_COLUMNS).where(*conditions).order_by(due, c.c.school, c.c.no)
        return locked(found.limit(bindparam("limit", type_=Integer)), c, skip=True)

    names = ["now", *["school"] * one_school, *["of", "shard"] * sharded, "limit"]
    return statements.get(("due", alarms, one_school, sharded), names, made)


def children(work: Work, school: str, *, after: str, limit: int, open_only: bool) -> list[str]:
    """Children with a record, by id, past ``after``."""
    row = work.school(school)
    c = work.tables.cases

    def made() -> Select[Any]:
        found = select(c.c.child).where(c.c.school == SCHOOL, c.c.child > bindparam("after", type_=String(ID)))
        if open_only:
            found = found.where(still(work.statements))
        return found.order_by(c.c.child).limit(bindparam("limit", type_=Integer))

    prepared = work.statements.get(("children", open_only), ["school", "after", "limit"], made)
    return [] if row is None else [child for (child,) in work.wire.rows(prepared, (row.school, after, limit))]


def due(work: Work, now: datetime, *, school: str | None) -> int:
    """How many records have a look or an alarm due by ``now``."""
    c = work.tables.cases
    row = work.school(school) if school is not None else None
    if school is not None and row is None:
        return 0

    def made() -> Select[Any]:
        at = bindparam("now", type_=BigInteger)
        found = select(func.count()).select_from(c).where(or_(c.c.wake_at <= at, c.c.alarm_at <= at))
        return found if row is None else found.where(c.c.school + literal_column("0") == SCHOOL)

    prepared = work.statements.get(("how many due", row is None), ["now"] if row is None else ["now", "school"], made)
    values = (to_instant(now),) if row is None else (to_instant(now), row.school)
    return int(work.wire.rows(prepared, values)[0][0])


def still(statements: Statements) -> ColumnElement[bool]:
    """There is a case and it is not closed."""
    return statements.tables.cases.c.stage.not_in([literal_column("''"), literal_column("'closed'")])


def of_school(c: Table) -> ColumnElement[bool]:
    """The school's own record and those of its classes, not of gatherings.

    Between the mark of classes and the letter that follows it: no LIKE, whose % drivers read in their own ways.
    """
    classes = and_(_within(c, CLASS_MARK), not_(_within(c, GATHERING_MARK)))
    return or_(c.c.child == literal_column("''"), classes)


def _within(c: Table, mark: str) -> ColumnElement[bool]:
    past = mark[:-1] + chr(ord(mark[-1]) + 1)
    return and_(c.c.child >= literal_column(f"'{mark}'"), c.c.child < literal_column(f"'{past}'"))


def on_roll(statements: Statements) -> ColumnElement[bool]:
    """The child is on the roll, as the record says."""
    c, s = statements.tables.cases, statements.tables.spans
    here = and_(s.c.school == c.c.school, s.c.no == c.c.no)
    return exists().where(here, s.c.kind == literal_column("'roll'"), s.c.until.is_(None)).correlate(c)
