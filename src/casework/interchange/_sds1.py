"""Microsoft School Data Sync CSV, version 1: six files with "SIS ID" headings, dates month first, always bulk."""

from collections.abc import Mapping

from casework.interchange._facts import (
    STUDENT,
    Birth,
    ClassFact,
    Delivery,
    Enrolment,
    OrgFact,
    Person,
    RoleFact,
    SessionFact,
)
from casework.interchange._files import Limits
from casework.interchange._line import Line, Ref
from casework.interchange._people import full_name, one_grade, person
from casework.interchange._problems import Problems, shown
from casework.interchange._reading import Reader, read_files
from casework.interchange._sheets import Sheet, columns
from casework.interchange._values import Note, Org, Session
from casework.model.roll import id_key

SDS_1 = "sds-1"

_PEOPLE_IN = "Student.csv and Teacher.csv"

_PERSON = "Username,Password,State ID,Secondary Email,Middle Name,Status"
_SCHOOL = Sheet(
    columns("SIS ID,Name"),
    columns(
        "School Number,School NCES_ID,State ID,Grade Low,Grade High,Principal SIS ID,Principal Name,"
        "Principal Secondary Email,Address,City,State,Country,Zip,Phone,Zone"
    ),
)
_SECTION = Sheet(
    columns("SIS ID,School SIS ID,Section Name"),
    columns(
        "Section Number,Term SIS ID,Term Name,Term StartDate,Term EndDate,Course SIS ID,Course Name,Course Number,"
        "Course Description,Course Subject,Periods,Status"
    ),
)
_STUDENT = Sheet(
    columns("SIS ID,School SIS ID,First Name,Last Name,Grade"),
    columns(_PERSON + ",Student Number,Birthdate,Graduation Year"),
    ours=True,
)
_TEACHER = Sheet(
    columns("SIS ID,School SIS ID,First Name,Last Name"), columns(_PERSON + ",Teacher Number,Title,Qualification")
)
_LINK = Sheet(columns("Section SIS ID,SIS ID"))


def read_sds_1(files: Mapping[str, bytes], limits: Limits, problems: Problems, notes: list[Note]) -> Delivery:
    """Everything the six files say. Terms stand in Section.csv, the principal in School.csv."""
    delivery = Delivery(SDS_1, "bulk", _PEOPLE_IN, _PEOPLE_IN, "StudentEnrollment.csv", notes=notes)
    principals: list[Person] = []
    terms: dict[str, Session] = {}

    def school(delivery: Delivery, line: Line) -> None:
        id_ = line.ref("SIS ID")
        org = Org(id_.id, line.text("Name"), "school")
        delivery.orgs.append(OrgFact(id_, org, Ref("", "", line)))
        principal = line.ref("Principal SIS ID", needed=False)
        if principal.id:
            principals.append(Person(principal, line.text("Principal Name")))

    def section(delivery: Delivery, line: Line) -> None:
        _still_active(line)
        term = _term(line, terms)
        title = line.text("Section Name")
        delivery.classes.append(ClassFact(line.ref("SIS ID"), title, "", line.ref("School SIS ID"), term))
        if term and term[0].id in terms and id_key(term[0].id) not in {id_key(s.id.id) for s in delivery.sessions}:
            delivery.sessions.append(SessionFact(term[0], terms[term[0].id], Ref("", "", line)))

    sheets: dict[str, tuple[Sheet, Reader]] = {
        "School.csv": (_SCHOOL, school),
        "Section.csv": (_SECTION, section),
        "Student.csv": (_STUDENT, _student),
        "Teacher.csv": (_TEACHER, _teacher),
        "StudentEnrollment.csv": (_LINK, _enrolled),
        "TeacherRoster.csv": (_LINK, _teaches),
    }
    read_files(delivery, files, sheets, tuple(sheets), limits, problems)
    _seat_principals(delivery, principals)
    return delivery


def _still_active(line: Line) -> None:
    if line.raw("Status") not in ("", "Active"):
        line.refuse("Status", "the row is not Active", "remove the rows of those who have left; v1 is always bulk")


def _term(line: Line, terms: dict[str, Session]) -> tuple[Ref, ...]:
    """The term of a section; every section repeats it, and all must agree."""
    id_ = line.ref("Term SIS ID", needed=False)
    first, last = line.day("Term StartDate", month_first=True), line.day("Term EndDate", month_first=True)
    title = line.text("Term Name")
    if not id_.id or first is None or last is None:
        return ()
    if last < first:
        line.refuse("Term EndDate", "the term ends before it starts", "correct Term StartDate or Term EndDate")
    session = Session(id_.id, title, "term", first, last)
    if terms.setdefault(id_.id, session) != session:
        what = f"term {shown(id_.id)} has another name or other dates in an earlier row"
        line.refuse("Term SIS ID", what, "write the same term the same way in every row")
    return (id_,)


def _member(delivery: Delivery, line: Line, role: str, grade: str) -> Ref:
    _still_active(line)
    id_ = line.ref("SIS ID")
    name = full_name(line.text("First Name"), line.text("Middle Name"), line.text("Last Name"))
    delivery.people.append(person(line, id_, name, "", grade))
    delivery.roles.append(RoleFact(id_, role, (line.ref("School SIS ID"),)))
    return id_


def _student(delivery: Delivery, line: Line) -> None:
    id_ = _member(delivery, line, STUDENT, one_grade(line, "Grade", delivery))
    delivery.births.append(Birth(id_, line.day("Birthdate", month_first=True), ""))


def _teacher(delivery: Delivery, line: Line) -> None:
    _member(delivery, line, "teacher", "")


def _enrolled(delivery: Delivery, line: Line) -> None:
    delivery.enrolments.append(Enrolment(line.ref("Section SIS ID"), line.ref("SIS ID"), STUDENT))


def _teaches(delivery: Delivery, line: Line) -> None:
    delivery.enrolments.append(Enrolment(line.ref("Section SIS ID"), line.ref("SIS ID"), "teacher"))


def _seat_principals(delivery: Delivery, principals: list[Person]) -> None:
    """Give the principal the seat, unless Teacher.csv knows the id under another name: then a person must say."""
    known = {id_key(person.id.id): person for person in delivery.people}
    for principal in principals:
        teacher = known.get(id_key(principal.id.id))
        school = Ref(principal.id.line.id("SIS ID"), "SIS ID", principal.id.line)
        if teacher is None:
            delivery.people.append(principal)
        elif _letters(principal.name) - _letters(teacher.name):
            what = f"{shown(principal.id.id)} is the principal, but has another name in Teacher.csv"
            delivery.note("School.csv", f"{what}: the seat was left empty", "correct the id, or say who is principal")
            continue
        delivery.roles.append(RoleFact(principal.id, "principal", (school,)))


def _letters(name: str) -> set[str]:
    return set(name.casefold().split())
