"""The school that the tests of the whole system share: two terms, a staff, every seat held, two stores side by side."""

from datetime import UTC, date, datetime, timedelta

from attrs import evolve

from casework import (
    Calendar,
    Casework,
    Contact,
    ContactCard,
    ManualClock,
    Principal,
    School,
    StaticDirectory,
    Term,
    load_policy,
)
from casework.policy.values import Specialist
from casework.store import KeyRing, SqlStore, default_tables, open_engine
from casework.testing import open_access

SCHOOL = "qinghe"
TZ = "Asia/Shanghai"
AUTUMN = Term(
    "2026-autumn",
    date(2026, 8, 31),
    date(2027, 1, 22),
    holidays=[(date(2026, 10, 1), date(2026, 10, 7))],
    makeup=[date(2026, 9, 27), date(2026, 10, 10)],
)
SPRING = Term("2027-spring", date(2027, 2, 22), date(2027, 7, 9), holidays=[(date(2027, 5, 1), date(2027, 5, 5))])
CALENDAR = Calendar([AUTUMN, SPRING], tz=TZ)
PSYCHOLOGY = tuple(duty for duty in load_policy("school").duties if duty.id in {"D26", "D27"})
TOWN = load_policy("town-primary")
POLICY = evolve(
    TOWN,
    duties=(*TOWN.duties, *PSYCHOLOGY),
    specialists={"psychology": Specialist("psychologist", "county_hospital")},
)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MORNING = datetime(2026, 9, 1, 8, 30, tzinfo=CALENDAR.zone).astimezone(UTC)

LEAD = "t.li"
TEACHER = "t.wang"
SAFEGUARDING = "t.chen"
VICE = "t.zhao"
HEAD = "t.sun"
OFFICE = "t.office"
PSYCHOLOGIST = "t.qin"
STAFF = (LEAD, TEACHER, SAFEGUARDING, VICE, HEAD, OFFICE, PSYCHOLOGIST)
DIRECTORY = StaticDirectory(
    seats={
        "safeguarding_lead": [SAFEGUARDING],
        "vice_principal": [VICE],
        "principal": [HEAD],
        "office": [OFFICE],
        "psychologist": [PSYCHOLOGIST],
        "leading_group": [HEAD, VICE],
    },
    teachers={"3-1": TEACHER},
    tz=TZ,
)
CARD = ContactCard(
    carer=Contact("Liu", "grandmother", "13800000000"), parents=[Contact("Liu Wei", "father", "13900000000")]
)


def make_school(rules=(), policy=POLICY, calendar=CALENDAR, directory=DIRECTORY):
    """The school, with rules of a test's own."""
    return School(SCHOOL, policy=policy, calendar=calendar, rules=rules, directory=directory, access=open_access())


def make_casework(rules=(), at=MORNING, **settings):
    """The engine with that school and a clock that stands still."""
    return Casework(make_school(rules, **settings), clock=ManualClock(at))


def principal(person):
    """Somebody of the staff, as the host names them."""
    return Principal(person)


def sql_store(path, ring=None):
    """A store on a new SQLite file."""
    engine = open_engine(path)
    default_tables().schools.metadata.create_all(engine)
    return SqlStore(engine, ring or KeyRing.without_secrecy()), engine


def identified(desk, child="s-1", *, paired=True, **facts):
    """A child of class 3-1 that is identified, filed and paired by the desk's principal."""
    desk.identify(child, **{"away": "both", "class_": "3-1", "household": "h-1"} | facts)
    desk.file(child, CARD)
    if paired:
        desk.pair(child, LEAD)
    return child
