"""Letters on their way: what the delivery asks of the tables. Each question is one statement for any number of rows.

Whoever claims a letter gives its row a later ``due_at`` and counts up its ``fence`` in the same statement: that number
is the database's, and only who holds the last one may say what came of the letter.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    exists,
    literal_column,
    not_,
    or_,
    select,
)

from casework.engine.outgoing import Outgoing
from casework.engine.post import DEAD, FAR, LAID_ASIDE, SENDING, WAITING, WITHHELD, DeadLetter, Held, Packed, Verdict
from casework.store.dialects import PACKING, locked, locks, try_advisory
from casework.store.statements import SCHOOL, Prepared, Statements, Values, padded
from casework.store.types import from_instant, from_json, to_instant, to_instant_or_none, to_words
from casework.store.work import Work, text_in, texts

_NOW = bindparam("now", type_=BigInteger)
_LIMIT = bindparam("limit", type_=Integer)
_ANYWHERE: ColumnElement[int] = literal_column("0")
_FAR = bindparam("far", type_=BigInteger)
_NOTICE = ("key", "topic", "role", "person", "at", "facts", "status")


def waiting(work: Work, now: datetime, *, urgent: bool, limit: int, school: str | None) -> list[tuple[str, Outgoing]]:
    """Notices in no letter that are due, with their schools; of what is not urgent none while another packs."""
    if not urgent and locks(work.statements.dialect):
        prepared = work.statements.get("packing", (), lambda: try_advisory(PACKING))
        if not work.wire.rows(prepared)[0][0]:
            return []
    values = [int(urgent), to_instant(now), to_instant(now + FAR), *_where(work, school), limit]
    if None in values:
        return []
    found: list[tuple[str, Outgoing]] = []
    gone: list[Values] = []
    rows = work.wire.rows(_due(work.statements, one_school=school is not None), tuple(values))
    for number, person, key, *notice in rows:
        if notice[-1] is None or notice[-2] != WAITING:
            gone.append((number, int(urgent), person, key))
        else:
            found.append((work.name_of(number), _notice(notice)))
    work.wire.many(work.statements.delete(work.tables.waiting, _PLACE), gone)
    return found or (waiting(work, now, urgent=urgent, limit=limit, school=school) if gone else [])


def _where(work: Work, school: str | None) -> list[int | None]:
    """The numbers that narrow a question down to a school; None for a school that is not known."""
    values: list[int | None] = []
    if school is not None:
        row = work.school(school)
        values.append(row.school if row else None)
    return values


def _narrowed(column: ColumnElement[int], *, one_school: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if one_school:
        # The sum keeps SQLite from taking the primary key for the school and reading all of it.
        conditions.append(column + _ANYWHERE == SCHOOL)
    return conditions


def _ripe(due_at: ColumnElement[int]) -> ColumnElement[bool]:
    """Due by now, or so late that the clock was wrong when that was written."""
    return or_(due_at <= _NOW, due_at > _FAR)


def _names(*, one_school: bool) -> list[str]:
    return ["school"] * one_school


_PLACE = ("school", "urgent", "person", "key")


def _due(statements: Statements, *, one_school: bool) -> Prepared:
    w, o, c = statements.tables.waiting, statements.tables.outbox, statements.tables.cases

    def made() -> Executable:
        there = w.outerjoin(o, and_(o.c.school == w.c.school, o.c.key == w.c.key))
        there = there.outerjoin(c, and_(c.c.school == o.c.school, c.c.no == o.c.no))
        found = select(w.c.school, w.c.person, w.c.key, *(o.c[name] for name in _NOTICE), c.c.child).select_from(there)
        mine = _narrowed(w.c.school, one_school=one_school)
        found = found.where(w.c.urgent == bindparam("urgent", type_=Integer), _ripe(w.c.due_at), *mine)
        return locked(found.order_by(w.c.due_at, w.c.school, w.c.key).limit(_LIMIT), w, skip=True)

    names = ["urgent", "now", "far", *_names(one_school=one_school), "limit"]
    return statements.get(("waiting", one_school), names, made)


def _notice(row: Sequence[Any]) -> Outgoing:
    key, topic, role, person, at, facts, _, child = row
    return Outgoing(key, topic, role, person, child, from_instant(at), from_json(facts) or {})


def waiting_for(work: Work, school: str, people: Sequence[str]) -> list[Outgoing]:
    """All that waits for these people and is not urgent, by nominal time, then key."""
    row = work.school(school)
    w, o, c = work.tables.waiting, work.tables.outbox, work.tables.cases
    found: list[Outgoing] = []
    for some in padded(sorted(set(people))) if row else ():
        names = texts(len(some))

        def made(names: list[str] = names) -> Executable:
            there = w.join(o, and_(o.c.school == w.c.school, o.c.key == w.c.key))
            there = there.join(c, and_(c.c.school == o.c.school, c.c.no == o.c.no))
            wanted = select(*(o.c[name] for name in _NOTICE), c.c.child).select_from(there)
            calm = w.c.urgent == literal_column("0")
            return locked(wanted.where(w.c.school == SCHOOL, calm, w.c.person.in_(text_in(names))), w)

        prepared = work.statements.get(("waiting for", len(some)), ["school", *names], made)
        rows = work.wire.rows(prepared, (row.school if row else 0, *some))
        found += [_notice(notice) for notice in rows if notice[-2] == WAITING]
    return sorted(found, key=lambda notice: (notice.at, notice.key))


def letters(work: Work, school: str, ids: Sequence[str]) -> set[str]:
    """Which of these letters have been written."""
    d = work.tables.deliveries
    return {letter for (letter,) in _of_school(work, school, "letters", lambda: [d.c.letter], d.c.letter, ids)}


def _of_school(
    work: Work,
    school: str,
    name: str,
    columns: Any,  # noqa: ANN401 - a callable of columns, called when the statement is built
    among: ColumnElement[str],
    ids: Iterable[str],
    *,
    lock: Table | None = None,
) -> list[Values]:
    """The rows of a school of which a column is one of these texts."""
    row = work.school(school)
    found: list[Values] = []
    for some in padded(sorted(set(ids))) if row else ():
        names = texts(len(some))

        def made(names: list[str] = names) -> Executable:
            table: Any = getattr(among, "table", None)
            wanted: Select[Any] = select(*columns()).where(table.c.school == SCHOOL, among.in_(text_in(names)))
            return locked(wanted, lock) if lock is not None else wanted

        prepared = work.statements.get((name, len(some)), ["school", *names], made)
        found += work.wire.rows(prepared, (row.school if row else 0, *some))
    return found


def pack(
    work: Work,
    school: str,
    packed: Sequence[Packed],
    sinks: Sequence[str],
    later: Sequence[tuple[Outgoing, datetime]],
) -> None:
    """Write letters with a delivery for each sink; look at the others later."""
    row = work.school(school)
    number = row.school if row else 0
    rows: list[Values] = []
    statuses: list[Values] = []
    gone: list[Values] = []
    for letter in packed:
        at = to_instant(letter.at)
        live = letter.status == WAITING
        what = (letter.person, letter.child, int(letter.urgent), at, to_words(letter.keys), letter.status)
        rows += [(number, letter.id, sink, *what, at if live else None, 0, 0, letter.error) for sink in sinks]
        statuses += [(SENDING if live else letter.status, number, key) for key in letter.keys]
        gone += [(number, int(letter.urgent), letter.person, key) for key in letter.keys]
    work.wire.many(work.statements.insert(work.tables.deliveries, ignoring=True), rows)
    work.wire.many(work.statements.update(work.tables.outbox, ["status"], ["school", "key"]), statuses)
    work.wire.many(work.statements.delete(work.tables.waiting, _PLACE), gone)
    moved = [(to_instant(at), number, int(n.urgent), n.person, n.key) for n, at in later]
    work.wire.many(work.statements.update(work.tables.waiting, ["due_at"], _PLACE), moved)


def claim(
    work: Work,
    now: datetime,
    until: datetime,
    *,
    urgent: bool,
    limit: int,
    sinks: Sequence[str],
    school: str | None,
) -> list[Held]:
    """Claim letters that are due, and that no earlier one to the same person about the same child keeps waiting."""
    found: list[Held] = []
    for some in padded(sorted(sinks)):
        values = [int(urgent), to_instant(now), to_instant(now + FAR), *some, *_where(work, school), limit]
        if None in values:
            return []
        prepared = _claimable(work.statements, len(some), one_school=school is not None)
        for number, letter, sink, person, child, at, keys, fence, tries in work.wire.rows(prepared, tuple(values)):
            who = (work.name_of(number), letter, sink, person, child)
            held = tuple(from_json(keys) or ())
            found.append(Held(*who, urgent, from_instant(at), held, fence + 1, tries + 1))
    d = work.tables.deliveries

    def claimed() -> Executable:
        mine = (d.c[name] == bindparam(f"is_{name}", type_=d.c[name].type) for name in ("school", "letter", "sink"))
        until_then = bindparam("until", type_=BigInteger)
        return d.update().where(*mine).values(due_at=until_then, fence=d.c.fence + 1, tries=d.c.tries + 1)

    prepared = work.statements.get("claim letters", ["until", "is_school", "is_letter", "is_sink"], claimed)
    then = to_instant(until)
    work.wire.many(prepared, [(then, _number(work, held.school), held.id, held.sink) for held in found])
    return found


def _number(work: Work, school: str) -> int:
    row = work.school(school)
    return row.school if row else 0


def _claimable(statements: Statements, size: int, *, one_school: bool) -> Prepared:
    d = statements.tables.deliveries
    before = d.alias("before")
    names = texts(size)

    def made() -> Executable:
        same = [before.c[name] == d.c[name] for name in ("school", "person", "child", "sink", "urgent")]
        earlier = or_(before.c.at < d.c.at, and_(before.c.at == d.c.at, before.c.letter < d.c.letter))
        blocked = exists().where(*same, before.c.due_at.is_not(None), earlier).correlate(d)
        columns = ("school", "letter", "sink", "person", "child", "at", "keys", "fence", "tries")
        due = [d.c.urgent == bindparam("is_urgent", type_=Integer), _ripe(d.c.due_at), d.c.sink.in_(text_in(names))]
        mine = _narrowed(d.c.school, one_school=one_school)
        found = select(*(d.c[name] for name in columns)).where(*due, *mine, not_(blocked))
        return locked(found.order_by(d.c.due_at, d.c.school, d.c.letter, d.c.sink).limit(_LIMIT), d, skip=True)

    known = ["is_urgent", "now", "far", *names, *_names(one_school=one_school), "limit"]
    return statements.get(("claimable", size, one_school), known, made)


def notices(work: Work, school: str, keys: Sequence[str], *, withheld: bool) -> dict[str, Outgoing]:
    """Notices by key, in the order of nominal times, then keys."""
    row = work.school(school)
    o, c = work.tables.outbox, work.tables.cases
    found: list[Outgoing] = []
    for some in padded(sorted(set(keys))) if row else ():
        names = texts(len(some))

        def made(names: list[str] = names) -> Executable:
            there = o.join(c, and_(c.c.school == o.c.school, c.c.no == o.c.no))
            wanted = select(*(o.c[name] for name in _NOTICE), c.c.child).select_from(there)
            return wanted.where(o.c.school == SCHOOL, o.c.key.in_(text_in(names)))

        prepared = work.statements.get(("notices", len(some)), ["school", *names], made)
        rows = work.wire.rows(prepared, (row.school if row else 0, *some))
        found += [_notice(notice) for notice in rows if withheld or notice[-2] != WITHHELD]
    return {notice.key: notice for notice in sorted(found, key=lambda notice: (notice.at, notice.key))}


def settle(
    work: Work, school: str, verdicts: Sequence[Verdict]
) -> tuple[set[tuple[str, str]], dict[str, dict[str, str]]]:
    """Note what came of attempts by whoever claimed last."""
    d = work.tables.deliveries
    asked = [verdict.held.id for verdict in verdicts]
    columns = lambda: [d.c.letter, d.c.sink, d.c.fence, d.c.status]  # noqa: E731 - built once
    rows = _of_school(work, school, "fences", columns, d.c.letter, asked, lock=d)
    fences = {(letter, sink): fence for letter, sink, fence, status in rows if status == WAITING}
    standing: dict[str, dict[str, str]] = {}
    for letter, sink, _, status in rows:
        standing.setdefault(letter, {})[sink] = status
    noted: set[tuple[str, str]] = set()
    changes: list[Values] = []
    for verdict in verdicts:
        held = verdict.held
        if fences.get((held.id, held.sink)) == held.fence:
            noted.add((held.id, held.sink))
            standing[held.id][held.sink] = verdict.status
            due = to_instant_or_none(verdict.due_at)
            changes.append((verdict.status, due, verdict.error, _number(work, school), held.id, held.sink))
    update = work.statements.update(d, ["status", "due_at", "error"], ["school", "letter", "sink"])
    work.wire.many(update, changes)
    return noted, standing


def settle_notices(work: Work, school: str, statuses: Mapping[str, str]) -> None:
    """Note by key what has come of notices."""
    number = _number(work, school)
    prepared = work.statements.update(work.tables.outbox, ["status"], ["school", "key"])
    work.wire.many(prepared, [(status, number, key) for key, status in sorted(statuses.items())])


def dead_letters(work: Work, school: str) -> list[DeadLetter]:
    """Letters that are not tried any more, by nominal time, then id and sink."""
    row = work.school(school)
    d = work.tables.deliveries

    def made() -> Executable:
        columns = ("letter", "sink", "person", "urgent", "at", "tries", "error", "keys")
        dead = d.c.status == literal_column(f"'{DEAD}'")
        found = select(*(d.c[name] for name in columns)).where(d.c.school == SCHOOL, dead)
        return found.order_by(d.c.at, d.c.letter, d.c.sink)

    rows = work.wire.rows(work.statements.get("dead letters", ["school"], made), (row.school,)) if row else []
    held = {letter: tuple(from_json(keys) or ()) for letter, *_, keys in rows}
    known = notices(work, school, [key for keys in held.values() for key in keys], withheld=False)
    return [
        DeadLetter(
            letter,
            sink,
            person,
            bool(urgent),
            from_instant(at),
            tries,
            error,
            tuple(known[key] for key in held[letter] if key in known),
        )
        for letter, sink, person, urgent, at, tries, error, _ in rows
    ]


def lay_aside(work: Work, school: str, letter: str) -> int:
    """Take a dead letter off the list; at how many sinks it was there."""
    d = work.tables.deliveries

    def made() -> Executable:
        mine = (d.c.school == SCHOOL, d.c.letter == bindparam("is_letter", type_=String(128)))
        dead = d.c.status == literal_column(f"'{DEAD}'")
        return d.update().where(*mine, dead).values(status=literal_column(f"'{LAID_ASIDE}'"))

    prepared = work.statements.get("lay aside", ["school", "is_letter"], made)
    return work.wire.many(prepared, [(_number(work, school), letter)])


def again(work: Work, school: str, letter: str, now: datetime) -> int:
    """Let a dead letter be tried again; at how many sinks. Whoever held it before can mark nothing any more."""
    d = work.tables.deliveries

    def made() -> Executable:
        mine = (d.c.school == SCHOOL, d.c.letter == bindparam("is_letter", type_=String(128)))
        dead = d.c.status == literal_column(f"'{DEAD}'")
        new = {"status": literal_column(f"'{WAITING}'"), "due_at": _NOW, "tries": literal_column("0")}
        return d.update().where(*mine, dead).values(fence=d.c.fence + 1, **new)

    number = _number(work, school)
    prepared = work.statements.get("deliver again", ["now", "school", "is_letter"], made)
    return work.wire.many(prepared, [(to_instant(now), number, letter)])
