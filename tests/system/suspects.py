"""Two schools that live through the same days; in one of them somebody reported the suspect."""

from datetime import date, timedelta

from casework import Casework, ConcernDraft, Desk, Flag, Reason, Refer, Require, case_id, rule, sweep
from casework.errors import CaseworkError
from casework.model import commands as c
from casework.model import referral_commands as rc
from casework.model import school_commands as sc
from casework.model.examination import Examination
from casework.model.people import Sealed
from casework.testing import MemoryStore
from tests.system.world import (
    CARD,
    DAY,
    HOUR,
    OFFICE,
    PSYCHOLOGIST,
    SAFEGUARDING,
    SCHOOL,
    TEACHER,
    VICE,
    identified,
    make_casework,
    make_school,
    principal,
)

CHILD = "s-1"
SIBLING = "s-2"
UNKNOWN = "s-9"


class Undone(Exception):
    """Takes back what was tried."""


class World:
    """One of the two schools, with the principal whom something may implicate."""

    def __init__(self, suspect, rules=()):
        self.suspect = suspect
        self.casework = make_casework(rules)
        self.clock = self.casework.clock
        self.store = MemoryStore()
        self.secret_ids = []

    def desk(self, person):
        """A desk in somebody's name."""
        return Desk(self.casework, self.store, school=SCHOOL, principal=principal(person))

    def live(self, closed):
        """Two siblings are known, one of them lately visited; a third child is not known."""
        desk = self.desk(VICE)
        identified(desk, CHILD)
        identified(desk, SIBLING)
        self.clock.advance(days=20)
        self.sweep()
        desk = self.desk(self.suspect)
        self.act = desk.record(CHILD, "visit", reached=True, met=["carer"], note="a talk at the door").activity
        self.concern = desk.note_concern(CHILD, ConcernDraft("poor_sleep")).events[0][1].concern.id
        self.own = desk.raise_emergency(CHILD, "injury").emergency
        self.clock.advance(minutes=10)
        desk.stand_down(CHILD, self.own, "safe", safe_seen_by=TEACHER, safe_seen_at=self.clock())
        self.referral = desk.refer(CHILD, "psychology", "grief").referral
        desk.accept(CHILD, self.referral, by=PSYCHOLOGIST)
        desk.consent(CHILD, self.referral, "given", by="parent1", how="by_phone")
        self.begun = desk.refer(CHILD, "psychology", "grief", urgent=True).referral
        desk.accept(CHILD, self.begun)
        desk.session(CHILD, self.begun, note="a first talk")
        if closed:
            desk.close(CHILD, "parents_returned")
        self.clock.advance(days=2)
        self.sweep()

    def today(self):
        """The school's day."""
        return self.casework.schools[SCHOOL].calendar.local_date(self.clock())

    def sweep(self):
        """Sweep what is due."""
        return sweep(self.casework, self.store)

    def use(self, policy):
        """Run on another policy from now on."""
        self.casework = Casework(make_school(policy=policy), clock=self.clock)

    def applied(self, *, dry_run=False):
        """What the suspect gets from applying, or from asking what it would do."""
        return said(lambda: self.desk(self.suspect).apply(dry_run=dry_run))

    def seen(self, child):
        """Everything that the suspect can read about a child, and about the day."""
        desk = self.desk(self.suspect)
        reads = self.glimpse(desk, child) | {
            "by uuid": lambda: desk.case(case_id(SCHOOL, child)),
            "state": lambda: desk.case(child).state,
            "flags": lambda: list(desk.case(child).flags),
            "next steps": lambda: desk.next_steps(child),
            "emergency steps": lambda: desk.emergency_steps(child),
            "explain": lambda: desk.explain(child),
            "today of another": lambda: desk.today(TEACHER),
            "emergencies": desk.emergencies,
            "referrals": desk.referrals,
            "referrals of another": lambda: desk.referrals(PSYCHOLOGIST),
            "referral steps": lambda: desk.referral_steps(child),
            "open": lambda: desk.open(child, Sealed("0" * 32), "to know"),
        }
        return {name: said(call) for name, call in reads.items()}

    def glimpse(self, desk, child):
        """What most of the rest follows from."""
        return {
            "case": lambda: desk.case(child),
            "history": lambda: desk.history(child),
            "today": desk.today,
        }

    def told(self):
        """What is to be sent to the suspect."""
        with self.store.read():
            return [repr(row) for row in self.store.outgoing(SCHOOL) if row.person == self.suspect]

    def tried(self, child, command):
        """What the suspect gets from a command and its preview, and finds afterwards; all of it is taken back."""
        found = {}
        try:
            with self.store.write():
                desk = self.desk(self.suspect)
                found["preview"] = said(lambda: desk.preview(case_id(SCHOOL, child), command))
                found["outcome"] = said(lambda: desk.do(child, command, key="k-1"))
                found["repeated"] = said(lambda: desk.do(child, command, key="k-1"))
                found["reused"] = said(lambda: desk.do(child, c.Record("letter", reached=False), key="k-1"))
                self.clock.advance(hours=3)
                self.sweep()
                found |= {name: said(call) for name, call in self.glimpse(desk, child).items()}
                found["told"] = self.told()
                raise Undone  # noqa: TRY301 - how a transaction is taken back
        except Undone:
            self.clock.advance(hours=-3)
        return found


def said(call):
    """What a call returns or raises, as text."""
    try:
        return repr(call())
    except CaseworkError as error:
        return f"{type(error).__name__}: {error}"


def draft(*people, severity="danger", observed=True):
    """A concern that implicates these people."""
    return ConcernDraft("violence", severity, observed, people, "a bruise")


def raised(world, child):
    """Somebody raises an emergency."""
    world.desk(SAFEGUARDING).raise_emergency(child, "violence", implicated=[world.suspect], note="seen")


def danger_noted(world, child):
    """Somebody notes danger that was seen."""
    world.desk(SAFEGUARDING).note_concern(child, draft(world.suspect))


def danger_recorded(world, child):
    """Somebody notes it twice, the second time with another suspect."""
    desk = world.desk(SAFEGUARDING)
    desk.note_concern(child, draft(world.suspect))
    desk.note_concern(child, draft(world.suspect, OFFICE))


def suspected(world, child):
    """Somebody notes a suspicion, no danger seen."""
    world.desk(SAFEGUARDING).note_concern(child, draft(world.suspect, severity="high", observed=False))


def raised_about_a_concern(world, child):
    """An emergency is about a concern which implicates."""
    desk = world.desk(SAFEGUARDING)
    noted = desk.note_concern(child, draft(world.suspect, severity="medium"))
    desk.raise_emergency(child, "violence", about=[noted.events[0][1].concern.id])


def acknowledged(world, child):
    """The emergency is worked on."""
    desk = world.desk(SAFEGUARDING)
    id_ = desk.raise_emergency(child, "violence", implicated=[world.suspect]).emergency
    desk.acknowledge(child, id_)
    world.desk(VICE).respond(child, id_)


def over(world, child):
    """The emergency is over, somebody is to look again."""
    desk = world.desk(SAFEGUARDING)
    id_ = desk.raise_emergency(child, "violence", implicated=[world.suspect]).emergency
    again = world.casework.schools[SCHOOL].calendar.local_date(world.clock()) + DAY
    desk.stand_down(
        child,
        id_,
        "safe",
        safe_seen_by=TEACHER if world.suspect != TEACHER else VICE,
        safe_seen_at=world.clock(),
        look_again=again,
    )


def referred_secretly(world, child):
    """The child is referred, urgently, because of the suspect; the work begins and a limit passes."""
    desk = world.desk(SAFEGUARDING)
    id_ = desk.refer(child, "psychology", "violence", urgent=True, implicated=[world.suspect], note="seen").referral
    desk.accept(child, id_, by=PSYCHOLOGIST)
    world.desk(PSYCHOLOGIST).session(child, id_, note="she is afraid")
    world.desk(PSYCHOLOGIST).plan(child, id_, world.today() + 2 * DAY, note="weekly")


def referred_about_a_concern(world, child):
    """Psychological concerns implicate the suspect, of which a rule and a person refer the child."""
    desk = world.desk(SAFEGUARDING)
    noted = desk.note_concern(child, ConcernDraft("fear", "high", observed=True, implicated=[world.suspect]))
    desk.note_concern(child, ConcernDraft("fear", "medium", observed=True, implicated=[world.suspect]))
    desk.refer(child, "psychology", "fear", urgent=True, about=[noted.events[0][1].concern.id])


SECRETS = (
    raised,
    danger_noted,
    danger_recorded,
    suspected,
    raised_about_a_concern,
    acknowledged,
    over,
    referred_secretly,
    referred_about_a_concern,
)


def commands(world):
    """One of every kind, most of them allowed to somebody."""
    today = world.casework.schools[SCHOOL].calendar.local_date(world.clock())
    return [
        c.Identify("both", class_="3-1"),
        c.ChangeFacts(boarder=True),
        c.ChangeFacts(away="none"),
        c.File(),
        c.File(CARD),
        c.RecordCard(CARD),
        c.VerifyContact("carer"),
        c.MarkNumberDead("carer"),
        c.Pair("t.new", ["t.other"]),
        c.Unpair("helper_left"),
        c.DesignateKey("grief"),
        c.EndKey("better"),
        c.Record("talk", reached=True, mood="very_low"),
        c.Record("carer_talk", reached=True, on=today - 3 * DAY),
        c.Record("visit", reached=False, concerns=[draft()]),
        c.NoteConcern(draft(severity="high")),
        c.NoteConcern(draft()),
        c.Correct(world.act, "wrong_date", on=today - DAY),
        c.Correct("none", "wrong_date", on=today),
        c.Void(world.act, "twice"),
        c.Void(world.concern, "wrong_child"),
        c.Raise("violence"),
        *(step(id_) for id_ in (world.own, "a7bcdefg") for step in (c.Acknowledge, c.Respond, c.Review)),
        c.CallOutside(world.own, "police", "110-7"),
        c.StandDown(world.own, "safe", TEACHER, world.clock()),
        sc.Examine(Examination(height=131.5, vision=(4.6, 4.6), abnormal=["vision"])),
        sc.Sign("guardian", "2026.1", ["p.liu"]),
        c.Excuse("D12/2026-09", "child_away"),
        c.Excuse("D14/2026-09", "child_away"),
        rc.RequestReferral("psychology", "grief"),
        rc.RequestReferral("psychology", "grief", urgent=True, about=[world.concern]),
        rc.AcceptReferral("a7bcdefg"),
        rc.DeclineReferral(world.referral, "no_need"),
        rc.HoldSession(world.referral),
        rc.RevokeReferral(world.referral, "moved_away"),
        rc.RecordConsent(world.begun, "refused", "parent1", how="by_phone"),
        rc.PlanCare(world.begun, date(2027, 1, 4)),
        rc.CompleteReferral(world.begun, "recovered"),
        rc.Screen("phq_a", 12),
        rc.Screen("phq_a", 12, 1),
        c.NoteConcern(ConcernDraft("fear", "medium")),
        c.Close("parents_returned"),
        c.Reopen("parents_left"),
    ]


MOMENTS = (
    (timedelta(0), False),
    (HOUR, False),
    (HOUR, True),
    (DAY, False),
    (DAY, True),
    (10 * DAY, True),
)


def pair_of_worlds(suspect, secret, child, rules=(), *, closed=False):
    """The world with the secret, and the one without."""
    knowing, unknowing = World(suspect, rules), World(suspect, rules)
    for world in (knowing, unknowing):
        world.live(closed)
    secret(knowing, child)
    return knowing, unknowing


def go_on(worlds, passes, swept):
    """Time passes in both worlds, with a sweep at the end or without."""
    for world in worlds:
        world.clock.advance(hours=passes / HOUR)
        if swept:
            world.sweep()


@rule(states=["escalated"], looks="on_change")
def shown_while_escalated(case, now):
    """A rule that looks at a case only while an emergency lasts."""
    yield Flag("escalated_now")
    yield Refer("counsellor", about="2026", because=Reason("escalated"))
    yield Require("D11", about="2026", due=now.today + DAY)


@rule(states=["escalated"], looks="on_change")
def fails_while_escalated(case, now):
    """A rule with a bug that only shows in an emergency."""
    raise ZeroDivisionError


@rule(looks="daily")
def counts_concerns(case, now):
    """A rule that counts whatever was noted."""
    noted = case.concerns(since=now.days_ago(30))
    yield Flag("noted", because=Reason("noted", count=len(noted)))
    if len(noted) >= 2:
        yield Refer("psychology", about=noted, because=Reason("noted"))


@rule(looks="daily")
def fails_on_few_concerns(case, now):
    """A rule with a bug that shows in the world of the suspect, and after one more concern no longer."""
    if len(case.concerns(since=now.days_ago(30))) == 1:
        raise LookupError
    yield Flag("counted")


CUSTOM = (shown_while_escalated, fails_while_escalated, counts_concerns)
FAILING = (fails_while_escalated, fails_on_few_concerns)
