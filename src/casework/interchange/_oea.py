"""Daily deliveries of a student information system as Open Education Analytics lays them out: one folder a table.

Pupils stand in ``students/*.csv`` under the headings of SDS v1. A delivery holds what changed since the one before, so
it is a delta: nobody leaves by being absent from it. Attendance and marks lie beside it and are not read. Dates are
written with slashes, month or day first, and nothing says which: they are read only where one of them settles it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from casework.interchange._facts import STUDENT, Birth, Delivery, OrgFact, RoleFact
from casework.interchange._files import Limits
from casework.interchange._line import Line, Ref
from casework.interchange._people import full_name, note_own_columns, one_grade, person
from casework.interchange._problems import Problems, counted, shown
from casework.interchange._reading import note_unread
from casework.interchange._sheets import Record, Sheet, columns, read_table
from casework.interchange._values import ACTIVE, LEAVES, Note, Org
from casework.model.roll import id_key

OEA_SIS = "oea-sis"
STUDENTS = "students/"

_STUDENT = Sheet(
    columns("SIS ID,School SIS ID,First Name,Last Name,Grade"),
    columns(
        "Username,Middle Name,Secondary Email,Student Number,State ID,Status,Birthdate,Graduation Year,Gender,"
        "FederalRaceCategory,PrimaryLanguage,ELLStatus,SpecialEducation,LowIncome,CumulativeGPA"
    ),
    ours=True,
)
_STATUS = {"": ACTIVE, "active": ACTIVE, "inactive": LEAVES}
_SEX = {"male": "male", "female": "female"}
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_MONTHS = 12
_FIRST_YEAR = 1900


def read_oea(files: Mapping[str, bytes], limits: Limits, problems: Problems, notes: list[Note]) -> Delivery:
    """The pupils of one delivery."""
    mine = [name for name in sorted(files) if name.casefold().startswith(STUDENTS)]
    delivery = Delivery(OEA_SIS, "delta", mine[0], mine[0], notes=notes)
    note_unread(delivery, files, mine)
    lines: list[Line] = []
    for name in mine:
        table = read_table(name, files[name], _STUDENT, limits, problems, notes)
        if table.headings:
            note_own_columns(delivery, name, table)
        lines += [Line(name, record, problems) for record in _once(delivery, name, table.records)]
    order = _order(delivery, lines)
    schools: set[str] = set()
    for line in lines:
        school = line.ref("School SIS ID")
        if school.id and id_key(school.id) not in schools:
            schools.add(id_key(school.id))
            delivery.orgs.append(OrgFact(school, Org(school.id, school.id, "school"), Ref("", "", line)))
        _student(delivery, line, school, order)
    return delivery


def _once(delivery: Delivery, name: str, records: Iterable[Record]) -> list[Record]:
    """Rows without those that stand there twice, letter for letter."""
    found: dict[tuple[str, ...], Record] = {}
    twice = 0
    for record in records:
        twice += found.setdefault(tuple(record.cells.values()), record) is not record
    if twice:
        delivery.note(name, f"rows that repeat an earlier one letter for letter: {twice}", "nothing is needed")
    return list(found.values())


def _order(delivery: Delivery, lines: Iterable[Line]) -> str | None:
    """What stands first in a date, ``day`` or ``month``; None when nothing settles it."""
    settling: dict[str, Line] = {}
    unsettled = 0
    for line in lines:
        found = _SLASHED.fullmatch(line.raw("Birthdate"))
        if found:
            first, second = int(found[1]), int(found[2])
            if (first > _MONTHS) != (second > _MONTHS):
                settling.setdefault("day" if first > _MONTHS else "month", line)
            else:
                unsettled += first != second
    if len(settling) > 1:
        what = f"the day stands first in row {settling['day'].row}, and the month first here"
        settling["month"].refuse("Birthdate", what, "write all dates one way, best as 2026-09-01")
        return None
    if unsettled and not settling:
        what = f"dates that could be read with the month or the day first: {unsettled}; they were left out"
        delivery.note(delivery.users_in, what, "write Birthdate as 2026-09-01")
    return next(iter(settling), None)


def _student(delivery: Delivery, line: Line, school: Ref, order: str | None) -> None:
    id_ = line.ref("SIS ID")
    status = _STATUS.get(line.raw("Status").casefold())
    if status is None:
        line.refuse("Status", f"{counted(line.raw('Status'))} is no status", "write Active or Inactive")
    name = full_name(line.text("First Name"), line.text("Middle Name"), line.text("Last Name"))
    grade = one_grade(line, "Grade", delivery)
    delivery.people.append(person(line, id_, name, "", grade, status=status or ACTIVE))
    delivery.roles.append(RoleFact(id_, STUDENT, (school,)))
    born = _born(line, order)
    delivery.births.append(Birth(id_, born, _SEX.get(line.raw("Gender").casefold(), "")))


def _born(line: Line, order: str | None) -> date | None:
    found = _SLASHED.fullmatch(line.raw("Birthdate"))
    if not found:
        return line.day("Birthdate")
    first, second, year = map(int, found.groups())
    if order is None and first != second:
        return None
    day, month = (first, second) if order == "day" else (second, first)
    try:
        born = date(year, month, day)
    except ValueError:
        born = None
    if born is None or born.year < _FIRST_YEAR:
        line.refuse("Birthdate", f"{shown(line.raw('Birthdate'))} is no date", "correct it, best as 2026-09-01")
    return born
