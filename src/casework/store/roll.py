"""The roll of a school and its staff."""

from collections.abc import Sequence

from sqlalchemy import Table, select

from casework.model.ids import check_writable
from casework.model.roll import RollRow, StaffRow
from casework.store.save import insert, known_school
from casework.store.statements import SCHOOL, Values, padded
from casework.store.types import from_day_or_none, from_words, to_day, to_words
from casework.store.work import Work, text_in, texts


def pupils(work: Work, school: str, some: Sequence[str] | None = None) -> dict[str, RollRow]:
    """All pupils by id, in its order, or of ``some`` those that are on the roll."""
    table = work.tables.roll
    rows = _all(work, school, table, "pupil") if some is None else _some(work, school, table, "pupil", some)
    return {
        pupil: RollRow(
            pupil, class_, grade, left_behind, bool(boarder), household, from_day_or_none(born), sex, bool(on)
        )
        for _, pupil, class_, grade, left_behind, boarder, household, born, sex, on in rows
    }


def staff(work: Work, school: str) -> dict[str, StaffRow]:
    """Members of staff by id, in its order."""
    return {
        person: StaffRow(person, from_words(roles), from_words(classes))
        for _, person, roles, classes in _all(work, school, work.tables.staff, "person")
    }


def write(work: Work, school: str, pupils: Sequence[RollRow], staff: Sequence[StaffRow]) -> None:
    """Write these rows, leaving the others; the last of two rows about one id counts."""
    check_writable(*(p.pupil for p in pupils), *(m.person for m in staff))
    number = known_school(work, school).school
    on_roll = {
        p.pupil: (
            number,
            p.pupil,
            p.class_,
            p.grade,
            p.left_behind,
            int(p.boarder),
            p.household,
            to_day(p.birth_date),
            p.sex,
            int(p.on_roll),
        )
        for p in pupils
    }
    members = {m.person: (number, m.person, to_words(m.roles), to_words(m.classes)) for m in staff}
    _replace(work, work.tables.roll, "pupil", list(on_roll.values()))
    _replace(work, work.tables.staff, "person", list(members.values()))


def _replace(work: Work, table: Table, key: str, rows: list[Values]) -> None:
    work.wire.many(work.statements.delete(table, ["school", key]), [row[:2] for row in rows])
    insert(work, table, rows)


def _all(work: Work, school: str, table: Table, key: str) -> Sequence[Values]:
    row = work.school(school)
    prepared = work.statements.get(
        ("all", table.name),
        ["school"],
        lambda: select(table).where(table.c.school == SCHOOL).order_by(table.c[key]),
    )
    return work.wire.rows(prepared, (row.school,)) if row else ()


def _some(work: Work, school: str, table: Table, key: str, wanted: Sequence[str]) -> Sequence[Values]:
    row = work.school(school)
    found: list[Values] = []
    if row is None:
        return found
    for some in padded(sorted(set(wanted))):
        names = texts(len(some))
        prepared = work.statements.get(
            ("some", table.name, len(some)),
            ["school", *names],
            lambda names=names: select(table).where(table.c.school == SCHOOL, table.c[key].in_(text_in(names))),  # type: ignore[misc]
        )
        found += work.wire.rows(prepared, (row.school, *some))
    return sorted(set(found), key=lambda values: str(values[1]))
