"""Microsoft School Data Sync CSV, version 2.1: near kin of OneRoster 1.2, always bulk."""

from collections.abc import Mapping

from casework.interchange._facts import (
    Birth,
    ClassFact,
    Delivery,
    Enrolment,
    OrgFact,
    RoleFact,
    SessionFact,
    Tie,
)
from casework.interchange._files import Limits
from casework.interchange._line import Line
from casework.interchange._people import (
    GRADE_LENGTH,
    PHONE_LENGTH,
    full_name,
    one_grade,
    person,
    role_name,
)
from casework.interchange._problems import Problems
from casework.interchange._reading import Reader, read_files
from casework.interchange._sheets import Sheet, columns
from casework.interchange._values import Note, Org, Session

SDS_21 = "sds-2.1"

_ORG_TYPES = columns(
    "school,department,district,local,state,national,ministryOfEducation,university,college,campus,adultEducation,"
    "municipality,departmentOfEducation,academicTrust,localAuthority,region,division,province,researchCenter,program"
)
_ROLES = columns(
    "student,principal,chair,professor,researcher,adjunct,affiliate,occupationalTherapist,physicalTherapist,"
    "speechTherapist,visionTherapist,paraprofessional,specialServices,advisor,proctor,nurse,officeStaff,lecturer,"
    "itAdmin,administrator,teacher,faculty,staff,teacherAssistant,aide,assistant,instructor,substitute,coach,counselor,"
    "alumni,other"
)
_SESSION_TYPES = columns(
    "schoolYear,semester,term,gradingPeriod,quarter,quinmester,trimester,summerTerm,intersession,other"
)
_RELATIONS = columns("parent,relative,aide,doctor,guardian,child,administrator,emergencyContact,other")
_SEXES = columns("male,female,unspecified,other")


def read_sds_21(files: Mapping[str, bytes], limits: Limits, problems: Problems, notes: list[Note]) -> Delivery:
    """Everything the files of an SDS v2.1 delivery say; always bulk."""
    sheets: dict[str, tuple[Sheet, Reader]] = {
        "orgs.csv": (Sheet(("sourcedId", "name", "type"), ("parentSourcedId",)), _org),
        "academicSessions.csv": (
            Sheet(("sourcedId", "title", "type", "schoolYear", "startDate", "endDate"), ("parentSourcedId",)),
            _session,
        ),
        "users.csv": (
            Sheet(
                ("sourcedId", "username", "givenName", "familyName"),
                ("password", "activeDirectoryMatchId", "email", "phone", "sms", "middleName"),
                ours=True,
            ),
            _user,
        ),
        "roles.csv": (
            Sheet(
                ("userSourcedId", "orgSourcedId", "role"),
                ("sessionSourcedId", "grade", "isPrimary", "roleStartDate", "roleEndDate"),
            ),
            _role,
        ),
        "classes.csv": (
            Sheet(("sourcedId", "orgSourcedId", "title"), ("sessionSourcedIds", "courseSourcedId", "code")),
            _class,
        ),
        "enrollments.csv": (Sheet(("classSourcedId", "userSourcedId", "role")), _enrolment),
        "relationships.csv": (
            Sheet(("userSourcedId", "relationshipUserSourcedId", "relationshipRole")),
            _relationship,
        ),
        "demographics.csv": (
            Sheet(
                ("userSourcedId", "sex", "birthDate"),
                ("birthCity", "birthState", "birthCountry", "ethnicityCodes", "raceCodes"),
            ),
            _birth,
        ),
    }
    delivery = Delivery(SDS_21, "bulk", "users.csv", "roles.csv", roles_needed=False, notes=notes)
    read_files(delivery, files, sheets, ("orgs.csv", "users.csv", "roles.csv"), limits, problems)
    return delivery


def _org(delivery: Delivery, line: Line) -> None:
    id_ = line.ref("sourcedId")
    org = Org(id_.id, line.text("name"), line.term("type", _ORG_TYPES))
    delivery.orgs.append(OrgFact(id_, org, line.ref("parentSourcedId", needed=False)))


def _session(delivery: Delivery, line: Line) -> None:
    id_, parent = line.ref("sourcedId"), line.ref("parentSourcedId", needed=False)
    first, last = line.day("startDate", needed=True), line.day("endDate", needed=True)
    kind, year = line.term("type", _SESSION_TYPES), line.text("schoolYear", GRADE_LENGTH)
    if first is not None and last is not None:
        if last < first:
            line.refuse("endDate", "the session ends before it starts", "correct startDate or endDate")
        session = Session(id_.id, line.text("title"), kind, first, last, parent.id, year)
        delivery.sessions.append(SessionFact(id_, session, parent))


def _user(delivery: Delivery, line: Line) -> None:
    name = full_name(line.text("givenName"), line.text("middleName"), line.text("familyName"))
    phone = line.text("phone", PHONE_LENGTH) or line.text("sms", PHONE_LENGTH)
    delivery.people.append(person(line, line.ref("sourcedId"), name, phone, ""))


def _role(delivery: Delivery, line: Line) -> None:
    begins, ends = line.day("roleStartDate"), line.day("roleEndDate")
    if begins is not None and ends is not None and ends < begins:
        line.refuse("roleEndDate", "it ends before it begins", "correct roleStartDate or roleEndDate")
    line.flag("isPrimary")
    role = role_name(line.term("role", _ROLES))
    grade = one_grade(line, "grade", delivery)
    delivery.roles.append(RoleFact(line.ref("userSourcedId"), role, (line.ref("orgSourcedId"),), grade))


def _class(delivery: Delivery, line: Line) -> None:
    fact = ClassFact(
        id=line.ref("sourcedId"),
        title=line.text("title"),
        grade="",
        school=line.ref("orgSourcedId"),
        terms=line.refs("sessionSourcedIds"),
    )
    delivery.classes.append(fact)


def _enrolment(delivery: Delivery, line: Line) -> None:
    role = role_name(line.term("role", _ROLES))
    delivery.enrolments.append(Enrolment(line.ref("classSourcedId"), line.ref("userSourcedId"), role))


def _relationship(delivery: Delivery, line: Line) -> None:
    relation = line.term("relationshipRole", _RELATIONS)
    # "child" describes the pupil, not the adult.
    adult_is = "" if relation == "child" else role_name(relation)
    delivery.ties.append(Tie(line.ref("userSourcedId"), line.ref("relationshipUserSourcedId"), adult_is))


def _birth(delivery: Delivery, line: Line) -> None:
    user = line.ref("userSourcedId")
    delivery.unique.append(user)
    delivery.births.append(Birth(user, line.day("birthDate"), line.term("sex", _SEXES, needed=False)))
