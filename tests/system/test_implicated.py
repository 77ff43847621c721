"""The suspect is not told (domain.md, 8): a principal who is implicated finds the very world in which nothing is known.

Two schools live through the same days; in one of them somebody reported something that implicates the principal. All
that is returned, raised or sent to the principal must be equal, with nothing smoothed over.
"""

from datetime import timedelta

import pytest

from casework import ConcernDraft, Desk, Escalate, Flag, Reason, Refer, Require, case_id, rule, sweep
from casework.errors import CaseworkError
from casework.model import commands as c
from casework.model.people import Sealed
from casework.testing import MemoryStore
from tests.system.world import (
    CARD,
    DAY,
    HEAD,
    HOUR,
    LEAD,
    OFFICE,
    SAFEGUARDING,
    SCHOOL,
    TEACHER,
    VICE,
    identified,
    make_casework,
    principal,
)

CHILD = "s-1"
SIBLING = "s-2"
UNKNOWN = "s-9"
SUSPECTS = (LEAD, TEACHER, HEAD)


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
        if closed:
            desk.close(CHILD, "parents_returned")
        self.clock.advance(days=2)
        self.sweep()

    def sweep(self):
        return sweep(self.casework, self.store)

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
            "emergencies": lambda: desk.emergencies(),
            "open": lambda: desk.open(child, Sealed("0" * 32), "to know"),
        }
        return {name: said(call) for name, call in reads.items()}

    def glimpse(self, desk, child):
        """What most of the rest follows from."""
        return {
            "case": lambda: desk.case(child),
            "history": lambda: desk.history(child),
            "today": lambda: desk.today(),
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
                self.clock.advance(hours=3)
                self.sweep()
                found |= {name: said(call) for name, call in self.glimpse(desk, child).items()}
                found["told"] = self.told()
                raise Undone
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
    return ConcernDraft("violence", severity, observed, people, "a bruise")


def raised(world, child):
    world.desk(SAFEGUARDING).raise_emergency(child, "violence", implicated=[world.suspect], note="seen")


def danger_noted(world, child):
    world.desk(SAFEGUARDING).note_concern(child, draft(world.suspect))


def danger_recorded(world, child):
    desk = world.desk(SAFEGUARDING)
    desk.note_concern(child, draft(world.suspect))
    desk.note_concern(child, draft(world.suspect, OFFICE))


def suspected(world, child):
    world.desk(SAFEGUARDING).note_concern(child, draft(world.suspect, severity="high", observed=False))


def raised_about_a_concern(world, child):
    desk = world.desk(SAFEGUARDING)
    noted = desk.note_concern(child, draft(world.suspect, severity="medium"))
    desk.raise_emergency(child, "violence", about=[noted.events[0][1].concern.id])


def acknowledged(world, child):
    desk = world.desk(SAFEGUARDING)
    id_ = desk.raise_emergency(child, "violence", implicated=[world.suspect]).emergency
    desk.acknowledge(child, id_)
    world.desk(VICE).respond(child, id_)


def over(world, child):
    desk = world.desk(SAFEGUARDING)
    id_ = desk.raise_emergency(child, "violence", implicated=[world.suspect]).emergency
    again = world.casework.schools[SCHOOL].calendar.local_date(world.clock()) + DAY
    desk.stand_down(
        child, id_, "safe", safe_seen_by=TEACHER if world.suspect != TEACHER else VICE, safe_seen_at=world.clock(), look_again=again
    )


SECRETS = (raised, danger_noted, danger_recorded, suspected, raised_about_a_concern, acknowledged, over)


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
        c.Record("talk", True, mood="very_low"),
        c.Record("carer_talk", True, on=today - 3 * DAY),
        c.Record("visit", False, concerns=[draft()]),
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
        c.Excuse("D12/2026-09", "child_away"),
        c.Excuse("D14/2026-09", "child_away"),
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


CUSTOM = (shown_while_escalated, fails_while_escalated, counts_concerns)


def compare(worlds, child, trying):
    """Live on through all moments; both worlds are the same to the suspect, at some of them whatever is tried."""
    knowing, unknowing = worlds
    for n, moment in enumerate(MOMENTS):
        go_on(worlds, *moment)
        assert unknowing.seen(child) == knowing.seen(child), moment
        assert unknowing.told() == knowing.told()
        if n in trying:
            for command in commands(knowing):
                assert unknowing.tried(child, command) == knowing.tried(child, command), (moment, command)


def some(secret):
    """At which moments commands are tried: every secret at two of them, all moments with one secret or another."""
    n = SECRETS.index(secret)
    return {n % len(MOMENTS), (n + 3) % len(MOMENTS)}


ALL = range(len(MOMENTS))
named = pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.__name__)


class TestWorldWithoutTheSecret:
    @named
    def test_every_command_says_the_same(self, secret):
        """Whatever an implicated helper does or reads, before and after late sweeps, is as if nothing were known."""
        compare(pair_of_worlds(LEAD, secret, CHILD), CHILD, some(secret))

    @pytest.mark.parametrize("suspect", [TEACHER, HEAD])
    def test_whoever_is_implicated(self, suspect):
        """So it is for the class teacher, and for the principal."""
        compare(pair_of_worlds(suspect, danger_noted, CHILD), CHILD, {2, 4})

    @pytest.mark.parametrize("child", [UNKNOWN, CHILD])
    @pytest.mark.parametrize("secret", [raised, danger_noted, over], ids=lambda secret: secret.__name__)
    def test_a_child_without_an_open_case(self, child, secret):
        """So it is for a child with no case, of whom nothing must be known, and for a closed case."""
        compare(pair_of_worlds(LEAD, secret, child, closed=True), child, some(secret))

    @named
    def test_rules_of_a_school_tell_nothing(self, secret):
        """Nor do rules of a school's own tell that look at escalated cases, count concerns, or fail."""
        compare(pair_of_worlds(LEAD, secret, CHILD, CUSTOM), CHILD, some(secret) - {1, 3})

    def test_a_sibling_tells_nothing(self):
        """The record of a sibling in the same household stays what it was."""
        compare(pair_of_worlds(LEAD, raised, CHILD), SIBLING, {2})

    @pytest.mark.soak
    @pytest.mark.parametrize("rules", [(), CUSTOM], ids=["built-in", "custom"])
    @pytest.mark.parametrize("suspect", SUSPECTS)
    @named
    def test_all_of_it(self, secret, suspect, rules):
        """Every secret for every suspect, everything tried at every moment."""
        for closed in (False, True):
            compare(pair_of_worlds(suspect, secret, CHILD, rules, closed=closed), CHILD, ALL)

    def test_two_worlds_can_differ(self):
        """For somebody who is not implicated the worlds do differ, so the comparison can fail."""
        knowing, unknowing = worlds = pair_of_worlds(LEAD, raised, CHILD)
        knowing.suspect = unknowing.suspect = SAFEGUARDING
        go_on(worlds, HOUR, swept=True)

        assert unknowing.seen(CHILD) != knowing.seen(CHILD)
        assert unknowing.told() != knowing.told()


class TestShadows:
    def test_what_only_the_suspect_would_find_can_be_answered(self):
        """An emergency that a rule raises only where nothing is hidden can be acknowledged without any error."""

        @rule(states=["paired", "monitored"], looks="on_change")
        def odd(case, now):
            noted = case.concerns(since=now.days_ago(30))
            if len(noted) == 1:
                yield Escalate("neglect", about=noted, because=Reason("odd"))

        knowing, _ = pair_of_worlds(LEAD, lambda *_: None, CHILD, [odd])
        danger_noted(knowing, CHILD)
        knowing.clock.advance(days=1)
        desk = knowing.desk(LEAD)
        found = [id_ for id_, e in desk.case(CHILD).emergencies.items() if e.kind == "neglect"]

        assert "acknowledged" == desk.acknowledge(CHILD, found[0]).case.emergencies[found[0]].state


class TestLadder:
    @pytest.mark.parametrize("implicated", [LEAD, SAFEGUARDING, VICE, HEAD])
    def test_an_implicated_rung_is_passed_at_once(self, implicated):
        """Each rung in turn, the principal's too: nothing is sent to that person, the next is told at the same instant."""
        rungs = [LEAD, SAFEGUARDING, VICE, HEAD, "outside"]
        world = World(implicated)
        identified(world.desk(OFFICE))
        start = world.clock()
        world.desk(OFFICE).raise_emergency(CHILD, "violence", implicated=[implicated])
        for _ in range(12):
            world.clock.advance(minutes=15)
            world.sweep()
        with world.store.read():
            rows = [(row.at - start, row.person) for row in world.store.outgoing(SCHOOL)]
        expected, at = [], timedelta(0)
        for person in rungs:
            told = TEACHER if person == implicated == LEAD else (None if person == implicated else person)
            if told is not None:
                expected.append((at, told))
                at += HOUR / 2

        assert expected == rows[: len(expected)]
        assert implicated not in {person for _, person in rows}

    @pytest.mark.parametrize("implicated", [LEAD, SAFEGUARDING, VICE, HEAD])
    def test_an_implicated_person_has_no_say(self, implicated):
        """Who is implicated can neither acknowledge nor stand down: no such emergency, in the words for any unknown id."""
        world = World(implicated)
        identified(world.desk(OFFICE))
        id_ = world.desk(OFFICE).raise_emergency(CHILD, "violence", implicated=[implicated]).emergency
        desk = world.desk(implicated)
        calls = {
            name: [said(lambda id_=id_: call(id_)).replace(id_, "?") for id_ in (id_, "a7bcdefg")]
            for name, call in {
                "acknowledge": lambda id_: desk.acknowledge(CHILD, id_),
                "respond": lambda id_: desk.respond(CHILD, id_),
                "call": lambda id_: desk.call_outside(CHILD, id_, "police", "110-7"),
                "review": lambda id_: desk.review(CHILD, id_),
                "stand down": lambda id_: desk.stand_down(
                    CHILD, id_, "safe", safe_seen_by=OFFICE, safe_seen_at=world.clock()
                ),
            }.items()
        }

        for known, unknown in calls.values():
            assert known.startswith("NotFound: no emergency ?")
            assert unknown.replace("a7bcdefg", "?") == known

    def test_evidence_implicates(self):
        """An emergency about a concern hides from whom the concern implicates, though nobody named them again."""
        world = World(LEAD)
        identified(world.desk(OFFICE))
        raised_about_a_concern(world, CHILD)
        with world.store.read():
            rows = world.store.outgoing(SCHOOL)

        assert [TEACHER] == [row.person for row in rows]

    def test_evidence_against_others_begins_anew(self):
        """Danger that implicates somebody never joins an emergency which that person knows, nor takes it away."""
        world = World(LEAD)
        identified(world.desk(OFFICE))
        first = world.desk(OFFICE).note_concern(CHILD, draft()).emergency
        second = world.desk(OFFICE).note_concern(CHILD, draft(LEAD)).emergency

        assert first
        assert second not in {"", first}
        assert [first] == list(world.desk(LEAD).case(CHILD).emergencies)

    def test_a_failing_rule_is_not_told_to_the_implicated(self):
        """A rule that fails in an emergency is not reported to a principal whom the emergency implicates."""
        world = World(HEAD, [fails_while_escalated])
        identified(world.desk(OFFICE))
        world.desk(OFFICE).raise_emergency(CHILD, "violence", implicated=[HEAD])
        with world.store.read():
            rows = world.store.outgoing(SCHOOL)

        assert [("rule_failed", "")] == [(row.topic, row.person) for row in rows if row.topic != "emergency"]
        assert HEAD not in {row.person for row in rows}
