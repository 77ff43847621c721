"""Questions about children and staff who move."""

from sqlalchemy import ColumnElement, Executable, String, Table, and_, bindparam, literal_column, or_, select

from casework.model.emergency import LIVE
from casework.store.columns import ID
from casework.store.statements import SCHOOL, Prepared
from casework.store.types import from_words
from casework.store.work import Work


def named(work: Work, school: str, person: str) -> list[str]:
    """Children whose pairing, open referral or live emergency is in the person's name, by id."""
    row = work.school(school)
    if row is None:
        return []
    t, who = work.tables, bindparam("person", type_=String(ID))
    p, r, e = t.pairings, t.referrals, t.emergencies
    answered = and_(r.c.ended_on.is_(None), r.c.answered_by == who)
    live = e.c.state.in_([literal_column(f"'{state}'") for state in sorted(LIVE)])
    went = and_(live, or_(e.c.acknowledged_by == who, e.c.responding_by == who))
    standing = work.statements.get("pairings that stand", ["school"], lambda: _of(work, p, p.c.until.is_(None)))
    found = {
        child
        for child, lead, members in work.wire.rows(standing, (row.school,))
        if person == lead or person in from_words(members)
    }
    for table, where in ((r, answered), (e, went)):
        found.update(child for (child,) in work.wire.rows(_in_a_name(work, table, where), (row.school, person)))
    return sorted(found)


def moved(work: Work, school: str) -> list[str]:
    """Records with a transfer or a merge, by id."""
    row = work.school(school)
    m = work.tables.moves
    prepared = work.statements.get("moved", ["school"], lambda: _of(work, m, m.c.school.is_not(None)))
    return [] if row is None else sorted({child for child, *_ in work.wire.rows(prepared, (row.school,))})


def _in_a_name(work: Work, table: Table, where: ColumnElement[bool]) -> Prepared:
    return work.statements.get(("in a name", table.name), ["school", "person"], lambda: _of(work, table, where))


def _of(work: Work, table: Table, where: ColumnElement[bool]) -> Executable:
    """The children about whom a table has such rows; of pairings with the lead and the members."""
    c = work.tables.cases
    more = [table.c[name] for name in ("lead", "members") if name in table.c]
    found = select(c.c.child, *more).select_from(
        table.join(c, and_(c.c.school == table.c.school, c.c.no == table.c.no))
    )
    return found.where(table.c.school == SCHOOL, where)
