"""OneRoster 1.1 and 1.2 CSV (1EdTech), bulk and delta; columns as in the standard's CSV tables."""

from collections.abc import Callable, Mapping
from datetime import date

from attrs import frozen

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
    leaves,
    note_own_columns,
    one_grade,
    person,
    role_name,
)
from casework.interchange._problems import Problems
from casework.interchange._reading import note_unread
from casework.interchange._sheets import Sheet, columns, read_table
from casework.interchange._values import ACTIVE, LEAVES, Note, Org, Session

VERSIONS = {"1.1": "oneroster-1.1", "1.2": "oneroster-1.2"}
MANIFEST = "manifest.csv"

_KEYS = "sourcedId,status,dateLastModified,"
_MANIFEST = Sheet(columns("propertyName,value"))
_ORGS = Sheet(columns(_KEYS + "name,type,parentSourcedId"), columns("identifier"))
_USERS = "enabledUser,username,givenName,familyName,phone,agentSourcedIds,grades"
_USERS_USUAL = "userIds,middleName,identifier,email,sms,password"
_USERS_11 = Sheet(columns(f"{_KEYS}{_USERS},orgSourcedIds,role"), columns(_USERS_USUAL), ours=True)
_USERS_12 = Sheet(
    columns(_KEYS + _USERS),
    columns(
        f"{_USERS_USUAL},userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName,"
        "primaryOrgSourcedId,pronouns"
    ),
    ours=True,
)
_ROLES = Sheet(
    columns(_KEYS + "userSourcedId,roleType,role,orgSourcedId"), columns("beginDate,endDate,userProfileSourcedId")
)
_SESSIONS = Sheet(columns(_KEYS + "title,type,startDate,endDate,parentSourcedId,schoolYear"))
_CLASSES = Sheet(
    columns(_KEYS + "title,grades,classType,schoolSourcedId,termSourcedIds"),
    columns("courseSourcedId,classCode,location,subjects,subjectCodes,periods"),
)
_ENROLMENTS = Sheet(
    columns(_KEYS + "classSourcedId,schoolSourcedId,userSourcedId,role,primary"), columns("beginDate,endDate")
)
_DEMOGRAPHICS = Sheet(
    columns(_KEYS + "birthDate,sex"),
    columns(
        "americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,"
        "demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,"
        "cityOfBirth,publicSchoolResidenceStatus"
    ),
)

_ORG_TYPES = columns("department,school,district,local,state,national")
_SESSION_TYPES = columns("gradingPeriod,semester,schoolYear,term")
_ROLES_11 = columns("administrator,aide,guardian,parent,proctor,relative,student,teacher")
_ROLES_12 = columns(
    "aide,counselor,districtAdministrator,guardian,parent,principal,proctor,relative,siteAdministrator,student,"
    "systemAdministrator,teacher"
)
_SEXES = {"1.1": columns("male,female"), "1.2": columns("male,female,unspecified,other")}
_UNUSED = columns("courses.csv,resources.csv,classResources.csv,courseResources.csv,userProfiles.csv,userResources.csv")
_MODES = ("absent", "bulk", "delta")
_MUST = ("orgs.csv", "users.csv", "classes.csv", "enrollments.csv")
_FREE = frozenset({"orgs.csv", "academicSessions.csv"})
"""Files whose mode may differ from that of the people's files."""


@frozen
class _Reading:
    """What the readers of the single files share."""

    delivery: Delivery
    version: str
    modes: Mapping[str, str]

    def status(self, line: Line) -> str:
        """``active`` or ``tobedeleted``; in bulk the column is blank."""
        if self.modes[line.file] == "delta":
            line.instant("dateLastModified")
            return line.term("status", (ACTIVE, LEAVES)) or ACTIVE
        status = line.raw("status")
        if status == LEAVES:
            line.refuse(
                "status", "a bulk file takes nobody away", "remove the row, or call the file delta in the manifest"
            )
        elif line.term("status", (ACTIVE,), needed=False):
            self.delivery.note(line.file, "status is filled in, which a bulk file leaves blank", "nothing is needed")
        return ACTIVE


def read_manifest(content: bytes, limits: Limits, problems: Problems, notes: list[Note]) -> dict[str, str]:
    """The properties of manifest.csv by name."""
    table = read_table(MANIFEST, content, _MANIFEST, limits, problems, notes)
    found: dict[str, str] = {}
    for record in table.records:
        line = Line(MANIFEST, record, problems)
        name = line.id("propertyName")
        if name in found:
            line.refuse("propertyName", "the property stands twice", "keep one of the rows")
        found[name] = line.raw("value")
        if name.startswith("file."):
            line.term("value", _MODES)
    return found


def read_oneroster(
    files: Mapping[str, bytes], manifest: Mapping[str, str], limits: Limits, problems: Problems, notes: list[Note]
) -> Delivery:
    """Everything the files of a OneRoster delivery say."""
    version = manifest["oneroster.version"]
    sheets = _sheets(version)
    modes = _modes(files, manifest, tuple(sheets), problems)
    people = {mode for file, mode in modes.items() if file not in _FREE and mode != "absent"}
    if len(people) > 1:
        what = f"{' and '.join(sorted(people))} are mixed among users, roles, classes, enrolments and demographics"
        problems.add(MANIFEST, what, "deliver these files all in bulk, or all as delta")
    mode = "delta" if people == {"delta"} else "bulk"
    if mode == "bulk":
        for file in (*_MUST, "roles.csv") if version == "1.2" else _MUST:
            if modes[file] == "absent" and file not in files:
                problems.add(file, "the file is missing", "deliver it; a bulk roster cannot do without")
    roles_in = "roles.csv" if version == "1.2" else "users.csv"
    delivery = Delivery(VERSIONS[version], mode, "users.csv", roles_in, notes=notes)
    note_unread(delivery, files, {MANIFEST, *_UNUSED, *sheets})
    reading = _Reading(delivery, version, modes)
    for file, (sheet, read_line) in sheets.items():
        if modes[file] == "absent" or file not in files:
            continue
        table = read_table(file, files[file], sheet, limits, problems, notes)
        if sheet.ours and table.headings:
            note_own_columns(delivery, file, table)
        for record in table.records:
            read_line(reading, Line(file, record, problems))
    if mode == "bulk" and modes["demographics.csv"] == "absent":
        delivery.note("demographics.csv", "is absent: birth dates are unknown", "deliver it, ages are judged by it")
    return delivery


def _modes(
    files: Mapping[str, bytes], manifest: Mapping[str, str], names: tuple[str, ...], problems: Problems
) -> dict[str, str]:
    modes = {}
    by_fold = {name.casefold(): name for name in files}
    for file in names:
        key = f"file.{file.removesuffix('.csv')}"
        modes[file] = manifest.get(key, "absent")
        near = by_fold.get(file.casefold(), file)
        if near != file:
            problems.add(near, f"is not spelt {file}", f"rename it to {file}")
        elif key not in manifest and file in files:
            problems.add(MANIFEST, f"says nothing of {file}", f"add a row {key},bulk or {key},delta")
        elif modes[file] == "absent" and file in files:
            problems.add(MANIFEST, f"calls {file} absent, but it is there", f"call it bulk or delta in {key}")
        elif modes[file] != "absent" and file not in files:
            problems.add(MANIFEST, f"promises {file}, which is not there", f"deliver it, or call it absent in {key}")
    return modes


def _sheets(version: str) -> dict[str, tuple[Sheet, Callable[[_Reading, Line], None]]]:
    return {
        "orgs.csv": (_ORGS, _org),
        "academicSessions.csv": (_SESSIONS, _session),
        **(
            {"users.csv": (_USERS_12, _user), "roles.csv": (_ROLES, _role)}
            if version == "1.2"
            else {"users.csv": (_USERS_11, _user)}
        ),
        "classes.csv": (_CLASSES, _class),
        "enrollments.csv": (_ENROLMENTS, _enrolment),
        "demographics.csv": (_DEMOGRAPHICS, _birth),
    }


def _org(reading: _Reading, line: Line) -> None:
    status = reading.status(line)
    id_ = line.ref("sourcedId")
    if not leaves(status):
        org = Org(id_.id, line.text("name"), line.term("type", _ORG_TYPES))
        reading.delivery.orgs.append(OrgFact(id_, org, line.ref("parentSourcedId", needed=False)))


def _session(reading: _Reading, line: Line) -> None:
    status = reading.status(line)
    id_ = line.ref("sourcedId")
    if leaves(status):
        return
    parent = line.ref("parentSourcedId", needed=False)
    first, last = line.day("startDate", needed=True), line.day("endDate", needed=True)
    kind, year = line.term("type", _SESSION_TYPES), line.text("schoolYear", GRADE_LENGTH)
    if first is not None and last is not None:
        if last < first:
            line.refuse("endDate", "the session ends before it starts", "correct startDate or endDate")
        session = Session(id_.id, line.text("title"), kind, first, last, parent.id, year)
        reading.delivery.sessions.append(SessionFact(id_, session, parent))


def _user(reading: _Reading, line: Line) -> None:
    status = reading.status(line)
    id_ = line.ref("sourcedId")
    line.flag("enabledUser")
    given, middle, family = line.text("givenName"), line.text("middleName"), line.text("familyName")
    if not given and not family and not leaves(status):
        line.refuse("familyName", "the name is missing", "fill in givenName, familyName or both")
    phone = line.text("phone", PHONE_LENGTH) or line.text("sms", PHONE_LENGTH)
    grade = one_grade(line, "grades", reading.delivery)
    reading.delivery.people.append(person(line, id_, full_name(given, middle, family), phone, grade, status=status))
    reading.delivery.ties.extend(Tie(id_, other) for other in line.refs("agentSourcedIds") if not leaves(status))
    if reading.version == "1.1":
        role = line.term("role", _ROLES_11)
        orgs = line.refs("orgSourcedIds")
        if not orgs and not leaves(status):
            line.refuse("orgSourcedIds", "the id is missing", "fill in the school's id")
        reading.delivery.roles.append(RoleFact(id_, role_name(role), orgs))


def _role(reading: _Reading, line: Line) -> None:
    status = reading.status(line)
    reading.delivery.unique.append(line.ref("sourcedId"))
    line.term("roleType", ("primary", "secondary"), needed=not leaves(status))
    role = line.term("role", _ROLES_12, extended=True)
    _begins(line)
    fact = RoleFact(line.ref("userSourcedId"), role_name(role), (line.ref("orgSourcedId"),), status=status)
    reading.delivery.roles.append(fact)


def _class(reading: _Reading, line: Line) -> None:
    status = reading.status(line)
    needed = not leaves(status)
    kind = line.term("classType", ("homeroom", "scheduled"), needed=needed)
    fact = ClassFact(
        id=line.ref("sourcedId"),
        title=line.text("title"),
        grade=one_grade(line, "grades", reading.delivery),
        school=line.ref("schoolSourcedId", needed=needed),
        terms=line.refs("termSourcedIds"),
        homeroom=kind == "homeroom",
        status=status,
    )
    reading.delivery.classes.append(fact)


def _enrolment(reading: _Reading, line: Line) -> None:
    status = reading.status(line)
    reading.delivery.unique.append(line.ref("sourcedId"))
    fact = Enrolment(
        class_=line.ref("classSourcedId"),
        user=line.ref("userSourcedId"),
        role=line.term("role", _ROLES_11, extended=reading.version == "1.2"),
        primary=line.flag("primary") is True,
        begins=_begins(line),
        school=line.ref("schoolSourcedId", needed=not leaves(status)),
        status=status,
    )
    reading.delivery.enrolments.append(fact)


def _birth(reading: _Reading, line: Line) -> None:
    status = reading.status(line)
    user = line.ref("sourcedId")
    reading.delivery.unique.append(user)
    sex = line.term("sex", _SEXES[reading.version], needed=False)
    born = line.day("birthDate")
    if not leaves(status):
        reading.delivery.births.append(Birth(user, born, sex))


def _begins(line: Line) -> date | None:
    begins, ends = line.day("beginDate"), line.day("endDate")
    if begins is not None and ends is not None and ends < begins:
        line.refuse("endDate", "it ends before it begins", "correct beginDate or endDate")
    return begins
