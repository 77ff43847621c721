"""A small school in memory, moved by hand: what the tests of the engine share."""

from datetime import UTC, date, datetime, time, timedelta

from attrs import evolve

from casework import Casework, Contact, ContactCard, Desk, ManualClock, Principal, School, StaticDirectory, sweep
from casework.engine.context import Context
from casework.engine.plan import Plan
from casework.engine.settle import settle
from casework.policy import load_policy, loads_policy
from casework.testing import MemoryStore, open_access
from casework.testing.factories import CALENDAR

TOWN = load_policy("town-primary")
TEACHER = "t.wang"
DIRECTORY = StaticDirectory(
    seats={
        "safeguarding_lead": ["t.chen"],
        "vice_principal": ["t.zhao"],
        "principal": ["t.sun"],
        "leading_group": ["t.sun", "t.zhao"],
    },
    teachers={"3-1": TEACHER},
    tz="Asia/Shanghai",
)
CARD = ContactCard(carer=Contact("Liu", "grandmother", "138"), parents=[Contact("Liu Wei", "father", "139")])

HEAD = """
format = 1
id = "ours"
version = "1"
title = "Ours"
jurisdiction = "practice"
definition = "register"
"""
DUTY = """
[[duty]]
id = "{id}"
title = "A duty"
source = ["S3"]
subject = "child"
role = "{role}"
discharged_by = [{by}]
windows = [{windows}]
{more}
"""


def day(month, number):
    """A day of the school year 2026-27."""
    return date(2026 if month >= 7 else 2027, month, number)


def noon(on, *, hour=12, minute=0, zone=CALENDAR.zone):
    """An instant of that local day."""
    return datetime.combine(on, time(hour, minute), zone).astimezone(UTC)


def duty(windows, number="D10", by='"visit"', role="class_teacher", more=""):
    """A duty as a pack says it."""
    return DUTY.format(id=number, windows=windows, by=by, role=role, more=more)


def policy(*duties, more=""):
    """A policy of these duties, with the ladder that holds where a pack says none."""
    return loads_policy(HEAD + more + "".join(duties))


def plan(windows, calendar=CALENDAR, started=None, **facts):
    """The plan of one duty."""
    return Plan(policy(duty(windows, **facts)), calendar, started or {})


_COMPILED = {}


def compiled(own, calendar):
    """A school's settings, compiled once for all tests that ask for the same."""
    known = _COMPILED.get((id(own), id(calendar)))
    if known is None:
        casework = Casework(School("qinghe", policy=own, calendar=calendar, directory=DIRECTORY))
        found, _ = casework.settings("qinghe", casework.school("qinghe").applied(CALENDAR.terms[0].first, None))
        known = _COMPILED[id(own), id(calendar)] = found, own, calendar
    return known[0]


def context(at, own=TOWN, calendar=CALENDAR, **facts):
    """The context of a look at that instant."""
    return Context(evolve(compiled(own, calendar), **facts), at, "t.wang")


class World:
    """One school in memory with its clock, for scenarios: `on` moves the clock, `does` acts, `said` looks."""

    def __init__(self, own=TOWN, *, at=None, calendar=CALENDAR, rules=(), directory=DIRECTORY, peers=(), **options):
        self.clock = ManualClock(at or noon(day(9, 1)))
        self.store = MemoryStore()
        self.options = options
        self.peers = peers
        self.use(own, calendar=calendar, rules=rules, directory=directory)

    def use(self, own, *, calendar=CALENDAR, rules=(), directory=DIRECTORY, access=None, peers=None):
        """Run on these settings from now on, as an application that was started again; everybody may do everything."""
        same = {"calendar": calendar, "rules": rules, "directory": directory, "access": access or open_access()}
        school = School("qinghe", policy=own, peers=self.peers if peers is None else peers, **same)
        self.casework = Casework(school, clock=self.clock, **self.options)

    def desk(self, person=TEACHER):
        """The desk of somebody."""
        return Desk(self.casework, self.store, school="qinghe", principal=Principal(person))

    def on(self, when, *, hour=12, minute=0):
        """Move the clock to that local day."""
        self.clock.set(noon(when, hour=hour, minute=minute))
        return self

    def sweep(self, **how):
        """Sweep what is due."""
        return sweep(self.casework, self.store, **how)

    def until(self, when, *, step=timedelta(days=1)):
        """Sweep midnight by midnight up to noon of that day."""
        while self.clock() < noon(when):
            self.clock.set(min(self.clock() + step, noon(when)))
            self.sweep()
        return self

    def record(self, child="s-17"):
        """The record as it is stored."""
        with self.store.read():
            return self.store.load("qinghe", [child])[child]

    def entries(self, child="s-17"):
        """The history of a record."""
        with self.store.read():
            return self.store.entries("qinghe", child)

    def said(self, duty_id="", child="s-17"):
        """Status by obligation."""
        found = self.record(child).obligations
        return {key: o.status for key, o in found.items() if key.startswith(duty_id)}

    def outbox(self):
        """What is to be told."""
        with self.store.read():
            return self.store.outgoing("qinghe")

    def again(self, child="s-17"):
        """The events of settling the stored record once more, which should be none."""
        with self.store.read():
            applied = self.store.settings("qinghe")
            settings, _ = self.casework.settings("qinghe", applied)
            return settle(self.record(child), Context(settings, self.clock(), "system")).events
