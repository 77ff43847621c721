"""Questions over many records, each a constant number of statements: what a screen, a ladder or a summary asks."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Executable,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from casework.engine.port import Outgoing, Owed, Whose
from casework.model.emergency import Emergency
from casework.model.gathering import Gathering
from casework.store.built import obligation_of
from casework.store.columns import ID
from casework.store.load import load, of_school
from casework.store.statements import SCHOOL, Prepared, Statements, Values, padded
from casework.store.types import from_instant, from_json, to_day, to_instant
from casework.store.work import Work, text_in, texts

OPEN: ColumnElement[str] = literal_column("'open'")
NO_CASE: ColumnElement[str] = literal_column("''")
CLOSED: ColumnElement[str] = literal_column("'closed'")
REVIEWED: ColumnElement[str] = literal_column("'reviewed'")
NOT_VOIDED: ColumnElement[str] = literal_column("''")


def owed(work: Work, school: str, whose: Whose, *, hidden: Sequence[str]) -> list[Owed]:
    """Open obligations that fall to a person: those of their seats, and those of the children they lead or teach."""
    row = work.school(school)
    if row is None:
        return []
    unseen = set(hidden)
    found: dict[tuple[str, int], Owed] = {}
    rows: list[Values] = []
    for roles in padded(sorted(whose.roles)):
        rows += work.wire.rows(_owed_by_seat(work.statements, len(roles)), (row.school, *roles))
    for classes in list(padded(sorted(whose.classes))) or [()]:
        prepared = _owed_for_children(work.statements, len(classes))
        rows += work.wire.rows(prepared, (row.school, whose.person, *classes))
    if whose.heads:
        rows += work.wire.rows(_owed_by_the_school(work.statements), (row.school,))
    for child, class_, household, lead, _, _, *parts in rows:
        if child not in unseen and whose.owes(parts[6], lead, class_, child):
            found[child, parts[2]] = Owed(child, class_, household, obligation_of(tuple(parts)))
    return [found[key] for key in sorted(found)]


def _owed_columns(statements: Statements) -> tuple[list[ColumnElement[object]], ColumnElement[bool]]:
    c, o = statements.tables.cases, statements.tables.obligations
    columns = [c.c.child, c.c.class_, c.c.household, c.c.lead, *o.c]
    return columns, and_(c.c.school == o.c.school, c.c.no == o.c.no)


def _owed_by_seat(statements: Statements, size: int) -> Prepared:
    c, o = statements.tables.cases, statements.tables.obligations
    columns, same = _owed_columns(statements)
    names = texts(size)
    return statements.get(
        ("owed by seat", size),
        ["school", *names],
        lambda: (
            select(*columns)
            .select_from(o.join(c, same))
            .where(o.c.school == SCHOOL, o.c.status == OPEN, o.c.role.in_(text_in(names)))
        ),
    )


def _owed_by_the_school(statements: Statements) -> Prepared:
    """What is owed about the school and its classes, whatever the seat."""
    c, o = statements.tables.cases, statements.tables.obligations
    columns, same = _owed_columns(statements)
    return statements.get(
        "owed by the school",
        ["school"],
        lambda: (
            select(*columns).select_from(c.join(o, same)).where(c.c.school == SCHOOL, of_school(c), o.c.status == OPEN)
        ),
    )


def _owed_for_children(statements: Statements, size: int) -> Prepared:
    c, o = statements.tables.cases, statements.tables.obligations
    columns, same = _owed_columns(statements)
    names = texts(size)
    mine: ColumnElement[bool] = c.c.lead == bindparam("person", type_=String(ID))
    if names:
        mine = or_(mine, c.c.class_.in_(text_in(names)))
    return statements.get(
        ("owed for children", size),
        ["school", "person", *names],
        lambda: select(*columns).select_from(c.join(o, same)).where(c.c.school == SCHOOL, mine, o.c.status == OPEN),
    )


def _rows(
    work: Work, school: str, key: str, made: Callable[[], Executable], *values: tuple[str, object]
) -> Sequence[Values]:
    """The rows that a query finds within a school, by its other parameters in order."""
    row = work.school(school)
    prepared = work.statements.get(key, ["school", *(name for name, _ in values)], made)
    return [] if row is None else work.wire.rows(prepared, (row.school, *(value for _, value in values)))


def _children(
    work: Work, school: str, key: str, table: Table, where: ColumnElement[bool], *values: tuple[str, object]
) -> list[str]:
    """The children about whom a table has such rows, by id."""
    c = work.tables.cases

    def made() -> Executable:
        same = and_(c.c.school == table.c.school, c.c.no == table.c.no)
        found = select(c.c.child).distinct().select_from(table.join(c, same))
        return found.where(table.c.school == SCHOOL, where).order_by(c.c.child)

    return [child for (child,) in _rows(work, school, key, made, *values)]


def implicated(work: Work, school: str, person: str) -> list[str]:
    """Children whose records implicate the person, by id."""
    i = work.tables.implicated
    named = i.c.person == bindparam("person", type_=String(ID))
    return _children(work, school, "implicated", i, named, ("person", person))


def live(work: Work, school: str) -> list[str]:
    """Children with an emergency that is not reviewed yet, by id."""
    e = work.tables.emergencies
    return _children(work, school, "live", e, e.c.state != REVIEWED)


def read_of(work: Work, school: str, reader: str) -> list[str]:
    """Children of whom somebody read sealed text, by id; with an empty ``reader`` whoever it was."""
    r = work.tables.reads
    if not reader:
        return _children(work, school, "read of", r, r.c.reader != literal_column("''"))
    by = r.c.reader == bindparam("reader", type_=String(ID))
    return _children(work, school, "read of by", r, by, ("reader", reader))


def broken(work: Work, school: str) -> list[str]:
    """Children about whom glass was broken that nobody has judged yet, by id."""
    g = work.tables.glasses
    return _children(work, school, "broken glass", g, g.c.reviewed_at.is_(None))


def referred(work: Work, school: str) -> list[str]:
    """Children with a referral that is still open, by id."""
    r = work.tables.referrals
    return _children(work, school, "referred", r, r.c.ended_on.is_(None))


def outgoing(work: Work, school: str) -> list[Outgoing]:
    """The outbox by nominal time, then key."""
    c, o = work.tables.cases, work.tables.outbox

    def made() -> Executable:
        return (
            select(o.c.key, o.c.topic, o.c.role, o.c.person, c.c.child, o.c.at, o.c.facts)
            .select_from(o.join(c, and_(c.c.school == o.c.school, c.c.no == o.c.no)))
            .where(o.c.school == SCHOOL)
            .order_by(o.c.at, o.c.key)
        )

    found = _rows(work, school, "outbox", made)
    return [
        Outgoing(key, topic, role, person, child, from_instant(at), from_json(facts) or {})
        for key, topic, role, person, child, at, facts in found
    ]


def facts(work: Work, school: str, needs: Sequence[str]) -> dict[str, Mapping[str, int]]:
    """Declared aggregates by name, one grouped query each."""
    answers: Mapping[str, Callable[[Work, str], Mapping[str, int]]] = {
        "roll_against_cases": _roll_against_cases,
        "helper_load": lambda work, school: _open_cases_by(work, school, "lead"),
        "class_shares": lambda work, school: _open_cases_by(work, school, "class_"),
        "class_sizes": _class_sizes,
    }
    return {need: answers[need](work, school) for need in needs}


def _open_cases_by(work: Work, school: str, name: str) -> Mapping[str, int]:
    c = work.tables.cases
    column = c.c[name]

    def made() -> Executable:
        return (
            select(column, func.count())
            .where(c.c.school == SCHOOL, c.c.stage.not_in([NO_CASE, CLOSED]), column != literal_column("''"))
            .group_by(column)
            .order_by(column)
        )

    return dict(_rows(work, school, f"open cases by {name}", made))


def _class_sizes(work: Work, school: str) -> Mapping[str, int]:
    r = work.tables.roll

    def made() -> Executable:
        return (
            select(r.c.class_, func.count())
            .where(r.c.school == SCHOOL, r.c.on_roll == literal_column("1"), r.c.class_ != literal_column("''"))
            .group_by(r.c.class_)
        )

    found: Counter[str] = Counter(dict(_rows(work, school, "pupils by class", made)))
    found.update(_open_cases_by(work, school, "class_"))
    return dict(sorted(found.items()))


def _roll_against_cases(work: Work, school: str) -> Mapping[str, int]:
    c, r = work.tables.cases, work.tables.roll
    same = and_(c.c.school == r.c.school, c.c.child == r.c.pupil, c.c.stage != NO_CASE)
    away = r.c.left_behind.in_([literal_column("'one'"), literal_column("'both'")])

    def made() -> Executable:
        return (
            select(func.count(), func.count(c.c.no))
            .select_from(r.outerjoin(c, same))
            .where(r.c.school == SCHOOL, r.c.on_roll == literal_column("1"), away)
        )

    rows = _rows(work, school, "roll against cases", made)
    positives, with_case = rows[0] if rows else (0, 0)
    return {"positives": positives, "without_case": positives - with_case}


def having(work: Work, school: str, children: Sequence[str]) -> dict[str, str]:
    """By child that has a record: its class."""
    row = work.school(school)
    if row is None:
        return {}
    found: dict[str, str] = {}
    for some in padded(children):
        found.update(work.wire.rows(_classes(work.statements, len(some)), (row.school, *some)))
    return {child: found[child] for child in children if child in found}


def _classes(statements: Statements, size: int) -> Prepared:
    c = statements.tables.cases
    names = texts(size)
    return statements.get(
        ("having", size),
        ["school", *names],
        lambda: select(c.c.child, c.c.class_).where(c.c.school == SCHOOL, c.c.child.in_(text_in(names))),
    )


def gatherings(work: Work, school: str, first: date, last: date) -> list[Gathering]:
    """The gatherings of those days, by day, then id."""
    c, g = work.tables.cases, work.tables.gatherings

    def made() -> Executable:
        same = and_(c.c.school == g.c.school, c.c.no == g.c.no)
        held = (g.c.school == SCHOOL, g.c.day.between(_day("first"), _day("last")))
        return select(c.c.child).select_from(g.join(c, same)).where(*held).order_by(g.c.day, g.c.id)

    days = (("first", to_day(first)), ("last", to_day(last)))
    children = [child for (child,) in _rows(work, school, "gatherings", made, *days)]
    return [case.gathering for case in load(work, school, children).values() if case.gathering is not None]


def obligation_counts(work: Work, school: str, first: date, last: date) -> dict[str, dict[str, int]]:
    """Duty → status → how many opened in those days."""
    o = work.tables.obligations

    def made() -> Executable:
        return (
            select(o.c.duty, o.c.status, func.count())
            .where(o.c.school == SCHOOL, o.c.opens.between(_day("first"), _day("last")))
            .group_by(o.c.duty, o.c.status)
            .order_by(o.c.duty, o.c.status)
        )

    found: dict[str, dict[str, int]] = {}
    days = (("first", to_day(first)), ("last", to_day(last)))
    for duty, status, count in _rows(work, school, "obligations by duty", made, *days):
        found.setdefault(duty, {})[status] = count
    return found


def states(work: Work, school: str) -> dict[str, int]:
    """State → how many cases; an open case with a live emergency is escalated."""
    c = work.tables.cases
    escalated = and_(c.c.stage != CLOSED, c.c.emergencies > literal_column("0"))
    state = case((escalated, literal_column("'escalated'")), else_=c.c.stage).label("state")

    def made() -> Executable:
        return (
            select(state, func.count())
            .where(c.c.school == SCHOOL, c.c.stage != NO_CASE)
            .group_by(state)
            .order_by(state)
        )

    return dict(_rows(work, school, "states", made))


def activity_counts(work: Work, school: str, first: date, last: date) -> dict[str, dict[str, int]]:
    """Kind → reached and not → activities of those days."""
    a = work.tables.activities

    def made() -> Executable:
        return (
            select(a.c.kind, func.sum(a.c.reached), func.count())
            .where(a.c.school == SCHOOL, a.c.voided == NOT_VOIDED, a.c.day.between(_day("first"), _day("last")))
            .group_by(a.c.kind)
            .order_by(a.c.kind)
        )

    days = (("first", to_day(first)), ("last", to_day(last)))
    rows = _rows(work, school, "activities by kind", made, *days)
    return {kind: {"reached": int(reached), "not_reached": total - int(reached)} for kind, reached, total in rows}


def emergencies(work: Work, school: str, since: datetime, until: datetime) -> list[tuple[str, Emergency]]:
    """Emergencies raised in that time, with their child, in the order of raising."""
    e = work.tables.emergencies
    raised = and_(
        e.c.raised_at >= bindparam("since", type_=BigInteger), e.c.raised_at < bindparam("until", type_=BigInteger)
    )
    times = (("since", to_instant(since)), ("until", to_instant(until)))
    children = _children(work, school, "emergencies raised", e, raised, *times)
    found = [
        (record.child, emergency)
        for record in load(work, school, children).values()
        for emergency in record.emergencies.values()
        if since <= emergency.raised_at < until
    ]
    return sorted(found, key=lambda pair: (pair[1].raised_at, pair[0], pair[1].id))


def _day(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer)
