"""Which children a person's lists may hold at all: access is decided in the query, so that no list loads the others."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Executable, String, Table, Text, and_, bindparam, select

from casework.engine.port import Reach
from casework.model.case import CLASS_MARK
from casework.store.columns import ID
from casework.store.statements import SCHOOL, padded
from casework.store.types import to_json
from casework.store.work import Work, text_in, texts

_ESCAPE = "!"
_PERSON = bindparam("person", type_=String(ID))


def within(work: Work, school: str, reach: Reach) -> list[str]:
    """Children with a record who are within reach, by id."""
    t = work.tables
    in_group = t.pairings.c.members.like(bindparam("person", type_=Text), escape=_ESCAPE)
    found = {
        *_of(work, school, t.cases, t.cases.c.lead == _PERSON, reach.person),
        *_of(work, school, t.pairings, and_(t.pairings.c.until.is_(None), in_group), _pattern(reach.person)),
        *_of(work, school, t.notices, t.notices.c.person == _PERSON, reach.person),
        *_of(work, school, t.referrals, t.referrals.c.answered_by == _PERSON, reach.person),
        *_among(work, school, t.cases, "class_", sorted(reach.classes)),
        *_among(work, school, t.referrals, "target", sorted(reach.specialists)),
    }
    return sorted(child for child in found if child and not child.startswith(CLASS_MARK))


def _pattern(person: str) -> str:
    """What the JSON text of a list holds in which the person stands."""
    quoted = to_json(person)
    for sign in (_ESCAPE, "%", "_"):
        quoted = quoted.replace(sign, _ESCAPE + sign)
    return f"%{quoted}%"


def _of(work: Work, school: str, table: Table, where: ColumnElement[bool], person: str) -> list[str]:
    """The children about whom a table names the person."""
    row = work.school(school)
    prepared = work.statements.get(("within", table.name), ["school", "person"], lambda: _children(work, table, where))
    return [] if row is None else [child for (child,) in work.wire.rows(prepared, (row.school, person))]


def _among(work: Work, school: str, table: Table, column: str, wanted: Sequence[str]) -> list[str]:
    """The children about whom a column of a table says one of these words."""
    row = work.school(school)
    found: list[str] = []
    for some in padded(wanted) if row is not None else ():
        names = texts(len(some))
        prepared = work.statements.get(
            ("within", table.name, column, len(some)),
            ["school", *names],
            lambda names=names: _children(work, table, table.c[column].in_(text_in(names))),  # type: ignore[misc]
        )
        found += [child for (child,) in work.wire.rows(prepared, (row.school, *some))]  # type: ignore[union-attr]
    return found


def _children(work: Work, table: Table, where: ColumnElement[bool]) -> Executable:
    c = work.tables.cases
    if table is c:
        return select(c.c.child).where(c.c.school == SCHOOL, where)
    same = and_(c.c.school == table.c.school, c.c.no == table.c.no)
    return select(c.c.child).distinct().select_from(table.join(c, same)).where(table.c.school == SCHOOL, where)
