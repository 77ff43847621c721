"""A school with a psychologist, or without one: what the tests of referrals share."""

from attrs import evolve

from casework import Principal, StaticDirectory
from casework.engine.desk import Desk
from casework.model.people import Contact, ContactCard
from casework.policy import load_policy
from casework.policy.access import default_access
from casework.policy.values import Specialist
from tests.engine.world import TEACHER, World, day, noon

PSYCHOLOGIST = "t.qin"
SAFEGUARDING = "t.chen"
LEAD = "t.li"
START = day(9, 7)
PROVIDER = "county_hospital"
SCHOOL_PACK = evolve(load_policy("school"), specialists={"psychology": Specialist("psychologist", PROVIDER)})
SEATS = {"safeguarding_lead": [SAFEGUARDING], "vice_principal": ["t.zhao"], "principal": ["t.sun"]}
CARD = ContactCard(
    carer=Contact("Liu", "grandmother", "138", person="liu-1"),
    parents=[Contact("Liu Wei", "father", "139", person="liu-2")],
)


def seats(psychologist=PSYCHOLOGIST, **more):
    """Who holds which seat; nobody is the psychologist if none is named."""
    held = SEATS | ({"psychologist": [psychologist]} if psychologist else {}) | more
    return StaticDirectory(seats=held, teachers={"3-1": TEACHER}, tz="Asia/Shanghai")


def school(psychologist=PSYCHOLOGIST, own=SCHOOL_PACK, rules=()):
    """A school with one child, whose class teacher is `TEACHER` and whose lead helper is `LEAD`."""
    world = World(own, at=noon(START), directory=seats(psychologist), rules=rules)
    desk = world.desk()
    desk.identify("s-17", away="both", class_="3-1")
    desk.file("s-17", CARD)
    desk.pair("s-17", LEAD)
    return world


def strict(world, psychologist=PSYCHOLOGIST):
    """The same school from now on with the access matrix that schools have."""
    world.use(SCHOOL_PACK, directory=seats(psychologist), access=default_access())
    return world


def referred(world, **how):
    """A referral by the class teacher; its id."""
    return world.desk().refer("s-17", "psychology", "grief", **how).referral


def accepted(world, **how):
    """A referral that the psychologist took on; its id."""
    found = referred(world, **how)
    world.desk(PSYCHOLOGIST).accept("s-17", found)
    return found


def begun(world, **how):
    """A referral with consent and a first session; its id."""
    found = accepted(world, **how)
    world.desk(PSYCHOLOGIST).consent("s-17", found, "given", by="parent1", how="by_phone")
    world.desk(PSYCHOLOGIST).session("s-17", found)
    return found


def held(world, found):
    """The referral as it is stored."""
    return world.record().referrals[found]


def told(world):
    """Who was told of referrals: about what, by seat, whom."""
    return [(row.facts["about"], row.role, row.person) for row in world.outbox() if row.topic == "referral"]


def desk_with(world, person, *roles):
    """The desk of somebody whose seats the host vouches for."""
    return Desk(world.casework, world.store, school="qinghe", principal=Principal(person, roles))
