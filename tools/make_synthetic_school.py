"""Write the synthetic school of examples/rosters: OneRoster 1.2, 180 pupils, everybody in it made up.

Run ``python tools/make_synthetic_school.py [FOLDER]``; the folder defaults to examples/rosters. Nothing is drawn from a
clock or a random generator: each choice is a hash of what is chosen for, so the files come out the same everywhere.
"""

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path

from attrs import define, frozen

BULK = "synthetic-school"
DELTA = "synthetic-school-delta"
DELTA_AT = "2026-11-16T08:00:00.000Z"

SCHOOL, DISTRICT = "qinghe-primary", "qinghe-district"
YEAR, AUTUMN, SPRING = "2026-27", "2026-autumn", "2027-spring"
GRADES, SEATS = 6, 30
PAIRS, PAIRS_AWAY = 10, 6
AWAY, BOTH_AWAY = 60, 26
BOARDERS_AWAY, BOARDERS_OTHER = 12, 5

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
FIRST = "子雨欣思梓浩宇嘉晨诗佳俊明雪文志晓海小春玉建国秀"
SECOND = "涵轩怡琪豪然彤睿萱博妍杰婷泽瑶航悦凯颖峰琳阳雯"

USERS = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,"
    "sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
    "preferredFamilyName,primaryOrgSourcedId,pronouns,metadata.casework.leftBehind,metadata.casework.boarder,"
    "metadata.casework.household"
)
ROLES = (
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"
)
ENROLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate"
)
DEMOGRAPHICS = (
    "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
    "nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,"
    "countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus"
)
CLASSES = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds,subjects,subjectCodes,periods"
)
COURSES = (
    "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes"
)
SESSIONS = "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear"
ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"
STANDARD_FILES = (
    "academicSessions,categories,classes,classResources,courses,courseResources,demographics,enrollments,"
    "lineItemLearningObjectiveIds,lineItems,lineItemScoreScales,orgs,resources,resultLearningObjectiveIds,results,"
    "resultScoreScales,roles,scoreScales,userProfiles,userResources,users"
)

STAFF = (
    ("t.shen", "沈", "principal"),
    ("t.lu", "陆", "ext:vice_principal"),
    ("t.fang", "方", "ext:safeguarding_lead"),
    ("t.qin", "秦", "ext:youth_counsellor"),
    ("t.jin", "金", "ext:office"),
    ("t.tan", "谭", "ext:medical_staff"),
    ("t.li", "李", "teacher"),
    ("t.zhang", "张", "teacher"),
    ("t.chen", "陈", "teacher"),
    ("t.yang", "杨", "teacher"),
    ("t.huang", "黄", "teacher"),
    ("t.zhou", "周", "teacher"),
    ("t.wu", "吴", "teacher"),
    ("t.xu", "徐", "teacher"),
    ("t.sun", "孙", "teacher"),
    ("t.ma", "马", "teacher"),
    ("t.gao", "高", "teacher"),
    ("t.luo", "罗", "teacher"),
)
CLASS_TEACHERS = tuple(staff for staff, _, role in STAFF if role == "teacher")[:GRADES]
SUBJECT_TEACHERS = tuple(staff for staff, _, role in STAFF if role == "teacher")[GRADES:]


def draw(what: str, below: int) -> int:
    """A number from 0 to ``below`` - 1 that depends on ``what`` alone."""
    return int.from_bytes(blake2b(f"casework/{what}".encode(), digest_size=8).digest()) % below


def shuffled(items: Iterable[str], what: str) -> list[str]:
    """The items in an order that depends on them and on ``what`` alone."""
    return sorted(items, key=lambda item: blake2b(f"casework/{what}/{item}".encode(), digest_size=8).digest())


@frozen
class Adult:
    """A parent, a grandparent or another guardian."""

    id: str
    role: str
    family: str
    given: str
    phone: str


@define
class Child:
    """A pupil while the school is made."""

    id: str
    grade: int
    household: str
    family: str
    given: str
    sex: str
    born: date
    away: str = "none"
    boarder: bool = False


def given_name(what: str) -> str:
    """A made-up given name of two characters."""
    return FIRST[draw(f"{what}/1", len(FIRST))] + SECOND[draw(f"{what}/2", len(SECOND))]


def phone(what: str) -> str:
    """Eleven digits that no Chinese mobile number begins with: nobody can be called by mistake."""
    return f"100{draw(what, 10**8):08d}"


def children() -> list[Child]:
    """180 pupils, thirty in each grade; ten pairs of siblings; sixty left behind; some board."""
    first_school_day = date(2026, 9, 1)
    found = []
    for k in range(GRADES * SEATS):
        grade, id_ = k // SEATS + 1, f"p-{k + 1:03d}"
        eldest = date(first_school_day.year - 6 - grade, 9, 1)
        sex = ("female", "male")[draw(f"sex/{id_}", 2)]
        family = FAMILY[draw(f"family/{id_}", len(FAMILY))]
        born = eldest + timedelta(days=draw(f"born/{id_}", 365))
        found.append(Child(id_, grade, f"h-{k + 1:03d}", family, given_name(id_), sex, born))
    by_id = {child.id: child for child in found}
    younger = shuffled((child.id for child in found if child.grade <= 3), "younger")[:PAIRS]  # noqa: PLR2004 - half
    older = shuffled((child.id for child in found if child.grade > 3), "older")[:PAIRS]  # noqa: PLR2004 - half
    for small, big in zip(younger, older, strict=True):
        by_id[small].household, by_id[small].family = by_id[big].household, by_id[big].family
    set_away(found, [by_id[big].household for big in older])
    board = shuffled((child.id for child in found if child.grade > 3), "board")  # noqa: PLR2004 - the older half
    for wanted, count in ((True, BOARDERS_AWAY), (False, BOARDERS_OTHER)):
        for id_ in [id_ for id_ in board if (by_id[id_].away != "none") is wanted][:count]:
            by_id[id_].boarder = True
    return found


def set_away(found: Sequence[Child], pairs: Sequence[str]) -> None:
    """Say whose parents work away, household by household, until sixty children are left behind."""
    members: dict[str, list[Child]] = {}
    for child in found:
        members.setdefault(child.household, []).append(child)
    singles = shuffled((home for home in members if home not in pairs), "away")
    away = both = 0
    for home in [*pairs[:PAIRS_AWAY], *singles]:
        if away == AWAY:
            break
        verdict = "both" if both < BOTH_AWAY and draw(f"both/{home}", 2) else "one"
        for child in members[home]:
            child.away = verdict
        away += len(members[home])
        both += len(members[home]) * (verdict == "both")


def adults(child: Child) -> list[Adult]:
    """The adults of the child's household: parents, and who looks after the children when those are away."""
    home = child.household
    stem = f"g-{home.removeprefix('h-')}"
    mother = FAMILY[draw(f"mother/{home}", len(FAMILY))]
    found = [
        Adult(f"{stem}-f", "parent", child.family, given_name(f"f/{home}"), phone(f"f/{home}")),
        Adult(f"{stem}-m", "parent", mother, given_name(f"m/{home}"), phone(f"m/{home}")),
    ]
    if child.away == "none":
        return found
    if draw(f"carer/{home}", 8) == 0:
        carer = Adult(f"{stem}-c", "guardian", mother, given_name(f"c/{home}"), phone(f"c/{home}"))
    else:
        carer = grandparent(child)
    return [*found, carer]


def grandparent(child: Child) -> Adult:
    """A grandparent of the household."""
    home = child.household
    return Adult(
        f"g-{home.removeprefix('h-')}-g", "relative", child.family, given_name(f"g/{home}"), phone(f"g/{home}")
    )


def row(columns: str, **cells: str) -> list[str]:
    """One row in the order of the standard; what is not said stays empty. ``metadata_`` stands for our own columns."""
    said = {name.replace("metadata_", "metadata.casework."): cell for name, cell in cells.items()}
    return [said.get(column, "") for column in columns.split(",")]


def pupil_row(child: Child, agents: Sequence[Adult], stamp: Mapping[str, str], away: str) -> list[str]:
    """A pupil's row of users.csv."""
    return row(
        USERS,
        **stamp,
        sourcedId=child.id,
        enabledUser="true",
        username=child.id,
        givenName=child.given,
        familyName=child.family,
        agentSourcedIds=",".join(adult.id for adult in agents),
        grades=f"{child.grade:02d}",
        primaryOrgSourcedId=SCHOOL,
        metadata_leftBehind=away,
        metadata_boarder=str(child.boarder).lower(),
        metadata_household=child.household,
    )


def adult_row(adult: Adult, stamp: Mapping[str, str]) -> list[str]:
    """An adult's row of users.csv."""
    return row(
        USERS,
        **stamp,
        sourcedId=adult.id,
        enabledUser="true",
        username=adult.id,
        givenName=adult.given,
        familyName=adult.family,
        phone=adult.phone,
    )


def role_row(user: str, role: str, stamp: Mapping[str, str]) -> list[str]:
    """A row of roles.csv."""
    return row(
        ROLES,
        **stamp,
        sourcedId=f"r-{user}",
        userSourcedId=user,
        roleType="primary",
        role=role,
        orgSourcedId=SCHOOL,
    )


def enrolment_row(user: str, grade: int, role: str, stamp: Mapping[str, str], primary: str = "") -> list[str]:
    """A row of enrollments.csv; classes are called c1 to c6."""
    return row(
        ENROLMENTS,
        **stamp,
        sourcedId=f"e-c{grade}-{user}",
        classSourcedId=f"c{grade}",
        schoolSourcedId=SCHOOL,
        userSourcedId=user,
        role=role,
        primary=primary or "false",
        beginDate="2026-09-01",
    )


def bulk(pupils: Sequence[Child]) -> dict[str, str]:
    """The files of the whole school."""
    none: dict[str, str] = {}
    carers = {adult.id: adult for child in pupils for adult in adults(child)}
    users = [pupil_row(child, adults(child), none, child.away) for child in pupils]
    users += [
        row(
            USERS,
            sourcedId=staff,
            enabledUser="true",
            username=staff,
            givenName=given_name(staff),
            familyName=family,
            phone=phone(staff),
            primaryOrgSourcedId=SCHOOL,
        )
        for staff, family, _ in STAFF
    ]
    users += [adult_row(adult, none) for adult in carers.values()]
    roles = [role_row(child.id, "student", none) for child in pupils]
    roles += [role_row(staff, role, none) for staff, _, role in STAFF]
    roles += [role_row(adult.id, adult.role, none) for adult in carers.values()]
    enrolments = [enrolment_row(child.id, child.grade, "student", none) for child in pupils]
    for grade, teacher in enumerate(CLASS_TEACHERS, 1):
        enrolments.append(enrolment_row(teacher, grade, "teacher", none, "true"))
        taught_by = SUBJECT_TEACHERS[grade % 2 :: 2]
        enrolments += [enrolment_row(other, grade, "teacher", none) for other in taught_by]
    births = [row(DEMOGRAPHICS, sourcedId=c.id, birthDate=c.born.isoformat(), sex=c.sex) for c in pupils]
    titles = "一二三四五六"
    classes = [
        row(
            CLASSES,
            sourcedId=f"c{grade}",
            title=f"{titles[grade - 1]}年级一班",
            grades=f"{grade:02d}",
            courseSourcedId=f"homeroom-{grade}",
            classType="homeroom",
            schoolSourcedId=SCHOOL,
            termSourcedIds=f"{AUTUMN},{SPRING}",
        )
        for grade in range(1, GRADES + 1)
    ]
    courses = [
        row(
            COURSES,
            sourcedId=f"homeroom-{grade}",
            schoolYearSourcedId=YEAR,
            title=f"{titles[grade - 1]}年级",
            grades=f"{grade:02d}",
            orgSourcedId=SCHOOL,
        )
        for grade in range(1, GRADES + 1)
    ]
    terms = ((YEAR, "schoolYear", "2026-09-01", "2027-07-09", ""), (AUTUMN, "term", "2026-09-01", "2027-01-20", YEAR))
    sessions = [
        row(SESSIONS, sourcedId=i, title=i, type=t, startDate=a, endDate=b, parentSourcedId=p, schoolYear="2027")
        for i, t, a, b, p in (*terms, (SPRING, "term", "2027-02-22", "2027-07-09", YEAR))
    ]
    orgs = [
        row(ORGS, sourcedId=DISTRICT, name="清河县（虚构）", type="district"),
        row(ORGS, sourcedId=SCHOOL, name="清河镇中心小学（虚构）", type="school", parentSourcedId=DISTRICT),
    ]
    return with_manifest(
        {
            "academicSessions.csv": sheet(SESSIONS, sessions),
            "classes.csv": sheet(CLASSES, classes),
            "courses.csv": sheet(COURSES, courses),
            "demographics.csv": sheet(DEMOGRAPHICS, births),
            "enrollments.csv": sheet(ENROLMENTS, enrolments),
            "orgs.csv": sheet(ORGS, orgs),
            "roles.csv": sheet(ROLES, roles),
            "users.csv": sheet(USERS, users),
        },
        "bulk",
    )


def delta(pupils: Sequence[Child]) -> dict[str, str]:
    """In November both parents of one child leave for work, a grandmother moves in; another pupil moves away."""
    at_home = [c for c in pupils if c.away == "none" and sum(o.household == c.household for o in pupils) == 1]
    stays, goes = at_home[0], at_home[-1]
    active = {"status": "active", "dateLastModified": DELTA_AT}
    gone = {"status": "tobedeleted", "dateLastModified": DELTA_AT}
    household = [*adults(stays), grandparent(stays)]
    users = [pupil_row(stays, household, active, "both"), *(adult_row(adult, active) for adult in household)]
    users.append(pupil_row(goes, (), gone, goes.away))
    roles = [role_row(stays.id, "student", active), *(role_row(adult.id, adult.role, active) for adult in household)]
    roles.append(role_row(goes.id, "student", gone))
    files = {
        "enrollments.csv": sheet(ENROLMENTS, [enrolment_row(goes.id, goes.grade, "student", gone)]),
        "roles.csv": sheet(ROLES, roles),
        "users.csv": sheet(USERS, users),
    }
    return with_manifest(files, "delta")


def with_manifest(files: Mapping[str, str], mode: str) -> dict[str, str]:
    """The files and the manifest that lists them."""
    modes = {name: mode if f"{name}.csv" in files else "absent" for name in STANDARD_FILES.split(",")}
    rows = [["manifest.version", "1.0"], ["oneroster.version", "1.2"]]
    rows += [[f"file.{name}", said] for name, said in modes.items()]
    rows += [["source.systemName", "casework synthetic school"], ["source.systemCode", "synthetic"]]
    return {**files, "manifest.csv": sheet("propertyName,value", rows)}


def sheet(columns: str, rows: Iterable[Sequence[str]]) -> str:
    """CSV as RFC 4180 has it, with CRLF line ends."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns.split(","))
    writer.writerows(rows)
    return out.getvalue()


def school() -> dict[str, str]:
    """All files by their path below examples/rosters."""
    pupils = children()
    files = {f"{BULK}/{name}": text for name, text in bulk(pupils).items()}
    return files | {f"{DELTA}/{name}": text for name, text in delta(pupils).items()}


def main(folder: Path) -> None:
    """Write the files below ``folder``."""
    for name, text in school().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "examples" / "rosters")
