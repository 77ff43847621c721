"""A rule with a bug in it loses nothing, and neither do settings that have changed: danger is stored and escalated."""

from datetime import date, datetime, timedelta

import pytest
from attrs import evolve

from casework import (
    Casework,
    ConcernDraft,
    Desk,
    Escalate,
    Flag,
    Look,
    ManualClock,
    Move,
    Reason,
    Record,
    Refer,
    Require,
    rule,
    sweep,
)
from casework.errors import SettingsChanged
from casework.model import events as ev
from casework.policy.values import Length
from casework.testing import MemoryStore
from tests.system.world import (
    HEAD,
    LEAD,
    MORNING,
    POLICY,
    SAFEGUARDING,
    SCHOOL,
    TEACHER,
    VICE,
    identified,
    make_casework,
    make_school,
    principal,
    sql_store,
)

CHILD = "s-1"
DANGER = ConcernDraft("injury", "danger")


class OutOfMemory(Exception):
    """Stands in for an error that nobody thought of."""


def raises(error):
    """A rule that raises this."""

    @rule(key="broken", looks="on_change")
    def broken(case, now):
        raise error

    return broken


def recursion():
    """A rule that calls itself for ever."""

    @rule(key="broken", looks="on_change")
    def broken(case, now):
        return broken.function(case, now)

    return broken


def late():
    """A rule that yields something good before it raises."""

    @rule(key="broken", looks="on_change")
    def broken(case, now):
        yield Move("monitored", because=Reason("early"))
        raise KeyError("lost")

    return broken


def nonsense(value):
    """A rule that answers what is no decision."""

    @rule(key="broken", looks="on_change")
    def broken(case, now):
        return value

    return broken


def restless():
    """A rule whose answer undoes itself: it never comes to rest."""
    turns = []

    @rule(key="broken", looks="on_change")
    def broken(case, now):
        turns.append(1)
        yield Flag("odd" if len(turns) % 2 else "even")

    return broken


def too_far():
    """A rule that looks further back than it declared."""

    @rule(key="broken", looks="on_change", lookback=10)
    def broken(case, now):
        return case.concerns(since=now.days_ago(11))

    return broken


BROKEN = {
    "raises": lambda: raises(ValueError("a child's name, which must not be kept")),
    "calls itself": recursion,
    "out of memory": lambda: raises(OutOfMemory()),
    "raises late": late,
    "answers words": lambda: nonsense(["danger", "help"]),
    "answers a number": lambda: nonsense(17),
    "answers another's value": lambda: nonsense([Record("visit", reached=True)]),
    "asks too far back": too_far,
    "never rests": restless,
}


WRONG = {
    "evidence too long": lambda: Flag("a", about="x" * 5000),
    "evidence that cannot be written": lambda: Flag("a", about="\ud800"),
    "no reason": lambda: Flag("a", because="for the sake of it"),
    "a due day in words": lambda: Require("D12", about="a", due="tomorrow"),
    "an instant for a day": lambda: Require("D12", about="a", due=MORNING),
    "no due day": lambda: Require("D12", about="a", due=None),
    "the end of time": lambda: Require("D12", about="a", due=date.max),
    "a duty that nobody knows": lambda: Require("D99", about="a", due=date(2026, 9, 9)),
    "a role that nobody has": lambda: Require("D12", about="a", due=date(2026, 9, 9), role="x" * 500),
    "an emergency without a reason": lambda: Escalate("a", about="a", because="help"),
    "an emergency by halves": lambda: Escalate("a", about="a", because=Reason("a"), observed="partly"),
    "suspects by number": lambda: Escalate("a", about="a", because=Reason("a"), implicated=[17]),
    "one suspect as text": lambda: Escalate("a", about="a", because=Reason("a"), implicated="t.li"),
    "suspects at length": lambda: Escalate("a", about="a", because=Reason("a"), implicated=["t" * 500]),
    "a referral without a reason": lambda: Refer("a", about="a", because=None),
    "a very urgent referral": lambda: Refer("a", about="a", because=Reason("a"), urgent="very"),
    "a move without a reason": lambda: Move("monitored", because="reached"),
    "a move to nowhere": lambda: Move("heaven", because=Reason("a")),
    "a look without a zone": lambda: Look(datetime(2026, 9, 9)),  # noqa: DTZ001 - that is what is wrong with it
    "a fact that is no fact": lambda: Flag("a", because=Reason("a", share=1.5)),
}


def wrong(make):
    """A rule whose decision cannot be right."""

    @rule(key="broken", looks="on_change")
    def broken(case, now):
        yield make()

    return broken


BROKEN |= {name: lambda make=make: wrong(make) for name, make in WRONG.items()}


SPOILING = {
    "puts a flag": lambda case: case.flags.update(z=1),
    "puts an obligation": lambda case: case.obligations.__setitem__("x", 1),
    "takes obligations": lambda case: case.obligations.clear(),
    "takes emergencies": lambda case: case.emergencies.clear(),
    "takes concerns": lambda case: case.concern_log.clear(),
    "takes activities": lambda case: case.activity_log.clear(),
    "takes marks": lambda case: case.marks.pop("card", None),
    "frees itself": lambda case: case.failures.clear(),
    "adds a detail": lambda case: [a.details.update(x="y") for a in case.activity_log.values()],
}


def spoils(how):
    """A rule that alters what it was given."""

    @rule(key="broken", looks="on_change")
    def broken(case, now):
        how(case)
        return []

    return broken


BROKEN |= {name: lambda how=how: spoils(how) for name, how in SPOILING.items()}
BROKEN["ends the program"] = lambda: raises(SystemExit(3))


SOME = [how if k % 4 == 0 else pytest.param(how, marks=pytest.mark.soak) for k, how in enumerate(BROKEN)]
"""Every fourth way to be broken; the others by `make soak`."""


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    """Both stores."""
    if request.param == "memory":
        yield MemoryStore()
    else:
        store, engine = sql_store(tmp_path / "bugs.db")
        yield store
        engine.dispose()


def rows(store, topic):
    """What the outbox holds of a topic."""
    with store.read():
        return [row for row in store.outgoing(SCHOOL) if row.topic == topic]


def desk_of(casework, store, person=TEACHER):
    """A desk in somebody's name."""
    return Desk(casework, store, school=SCHOOL, principal=principal(person))


@pytest.mark.unmeasured
class TestBrokenRule:
    @pytest.mark.parametrize("how", BROKEN)
    def test_the_report_of_danger_is_stored_and_escalated(self, store, how):
        """Whatever a rule does, a record that reports danger is kept, escalated and told; the bug can be seen."""
        casework = make_casework([BROKEN[how]()])
        desk = desk_of(casework, store)
        identified(desk)

        outcome = desk.record(CHILD, "visit", reached=True, note="blue arm", concerns=[DANGER])
        stored = desk_of(casework, store, SAFEGUARDING).case(CHILD)

        assert "escalated" == outcome.case.state == stored.state
        assert outcome.activity in stored.activity_log
        assert [LEAD] == [row.person for row in rows(store, "emergency")]
        assert ("broken",) == outcome.failed_rules
        assert ["broken"] == list(stored.failures)
        told = rows(store, "rule_failed")
        assert {(HEAD, "broken")} == {(row.person, row.facts["rule"]) for row in told}
        assert "a child's name" not in repr((told, stored, desk.history(CHILD)))

    @pytest.mark.parametrize("how", SOME)
    def test_an_emergency_is_raised_all_the_same(self, store, how):
        """An emergency is raised, with a case or without, climbs in time, and is worked through to its review."""
        casework = make_casework([BROKEN[how]()])
        desk = desk_of(casework, store)
        identified(desk)
        for child in (CHILD, "s-2"):
            raised = desk.raise_emergency(child, "injury").emergency
            casework.clock.advance(minutes=31)
            report = sweep(casework, store)
            told = [row.person for row in rows(store, "emergency") if row.child == child]

            assert 1 <= report.told
            assert SAFEGUARDING in told
            desk.acknowledge(child, raised)
            desk.respond(child, raised)
            desk.stand_down(child, raised, "safe", safe_seen_by=LEAD, safe_seen_at=casework.clock())
            done = desk_of(casework, store, VICE).review(child, raised)
            assert "reviewed" == done.case.emergencies[raised].state

    def test_one_event_for_each_kind_of_error(self, store):
        """The bug is told once for each kind of error, tried again at midnight, and released when it works again."""
        mood = {"error": ValueError}

        @rule(looks="on_change")
        def moody(case, now):
            if mood["error"]:
                raise mood["error"]

        casework = make_casework([moody])
        desk = desk_of(casework, store)
        identified(desk)
        for error in (ValueError, ValueError, KeyError, None, None):
            mood["error"] = error
            casework.clock.advance(days=1)
            report = sweep(casework, store)
            assert [] == report.broken

        happened = [e for entry in desk.history(CHILD) for _, e in entry.events]
        kinds = [e for e in happened if isinstance(e, ev.RuleFailed | ev.RuleReleased)]
        assert [
            ev.RuleFailed("moody", "ValueError"),
            ev.RuleFailed("moody", "KeyError"),
            ev.RuleReleased("moody"),
        ] == kinds
        assert {} == desk.case(CHILD).failures

    def test_the_sweep_says_so_and_the_others_go_on(self, store):
        """A sweep names the records where a rule failed; all others are settled; the counts add up."""

        @rule(looks="daily")
        def picky(case, now):
            if case.child == "s-2" and now.today.day == 5:
                raise RuntimeError

        casework = make_casework([picky])
        desk = desk_of(casework, store)
        for n in range(1, 5):
            identified(desk, f"s-{n}")
        casework.clock.set(MORNING + timedelta(days=4))
        report = sweep(casework, store)

        assert [(SCHOOL, "s-2", "picky")] == report.failed
        assert report.due == report.settled + len(report.broken)
        assert 4 <= report.settled

    def test_an_observing_rule_that_fails_is_no_better(self, store):
        """A rule in observe mode that raises is quarantined as well."""

        @rule(looks="on_change", mode="observe")
        def broken(case, now):
            raise LookupError

        casework = make_casework([broken])
        desk = desk_of(casework, store)

        assert ("broken",) == desk.identify(CHILD, away="both").failed_rules
        assert "escalated" == desk.record(CHILD, "visit", reached=True, concerns=[DANGER]).case.state


def changed_policy():
    """The policy with D12 within other days, without D14, and so with another hash."""
    duties = []
    for duty in POLICY.duties:
        if duty.id == "D2":
            windows = [evolve(duty.windows[0], within=Length(5), closes=Length(30))]
            duties.append(evolve(duty, windows=tuple(windows)))
        elif duty.id != "D14":
            duties.append(duty)
    return evolve(POLICY, duties=tuple(duties))


class TestChangedSettings:
    @pytest.fixture
    def schools(self, store):
        """The application as it was, and as it is started anew with an edited policy, on one clock."""
        clock = ManualClock(MORNING)
        before = Casework(make_school(), clock=clock)
        after = Casework(make_school(policy=changed_policy()), clock=clock)
        desk = desk_of(before, store)
        desk.identify(CHILD, away="both", class_="3-1")
        desk.pair(CHILD, LEAD)
        clock.advance(days=2)
        return desk, desk_of(after, store), after

    def test_emergency_commands_work(self, schools, store):
        """While settings wait to be applied an emergency is raised, told, climbs, and is worked through."""
        _, desk, casework = schools
        raised = desk.raise_emergency(CHILD, "injury").emergency
        casework.clock.advance(minutes=31)
        report = sweep(casework, store)

        assert [LEAD, SAFEGUARDING] == [row.person for row in rows(store, "emergency")]
        assert {SCHOOL} == report.unapplied or 1 == report.told
        desk.acknowledge(CHILD, raised)
        desk.call_outside(CHILD, raised, "police", "110-7")
        desk.respond(CHILD, raised)
        desk.stand_down(CHILD, raised, "safe", safe_seen_by=LEAD, safe_seen_at=casework.clock())
        done = desk_of(casework, store, VICE).review(CHILD, raised)
        assert "reviewed" == done.case.emergencies[raised].state

    def test_reports_of_danger_work(self, schools, store):
        """So does whatever reports danger: a record and a concern."""
        _, desk, _ = schools
        outcome = desk.record(CHILD, "visit", reached=True, note="blue arm", concerns=[DANGER])
        noted = desk.note_concern("s-2", ConcernDraft("violence", "danger"))

        assert "escalated" == outcome.case.state
        assert outcome.activity in outcome.case.activity_log
        assert noted.emergency
        assert {LEAD} == {row.person for row in rows(store, "emergency") if row.child == CHILD}

    def test_everything_else_says_what_to_do(self, schools):
        """Any other command is refused with what changed and the call to make; nothing is stored."""
        before, desk, _ = schools
        kept = before.history(CHILD)
        calls = (
            lambda: desk.identify("s-3", away="both"),
            lambda: desk.record(CHILD, "visit", reached=True),
            lambda: desk.note_concern(CHILD, ConcernDraft("sad")),
            lambda: desk.close(CHILD, "parents_returned"),
            lambda: desk.preview(CHILD, Record("visit", reached=True)),
        )
        for call in calls:
            with pytest.raises(
                SettingsChanged, match="policy changed since last applied; run `casework apply --dry-run`"
            ):
                call()

        assert kept == before.history(CHILD)

    def test_applying_makes_up_for_everything(self, schools, store):
        """After applying, what was reported meanwhile counts, windows are dated anew, nothing is entered again."""
        before, desk, casework = schools
        desk.record(CHILD, "visit", reached=True, concerns=[DANGER], met=["carer"])
        casework.clock.advance(days=1)
        sweep(casework, store)
        waiting = before.case(CHILD).obligations
        planned = desk.apply(dry_run=True)
        applied = desk.apply()
        report = sweep(casework, store)
        found = desk.case(CHILD)

        assert ("policy",) == planned.changed == applied.changed
        assert "open" == waiting["D10/2026-autumn:OPEN"].status
        assert "met" == found.obligations["D10/2026-autumn:OPEN"].status
        assert "superseded" == found.obligations["D14/2026-09"].status
        assert found.obligations["D2/#1"].due < waiting["D2/#1"].due
        assert found.obligations["D2/#1"].opens == waiting["D2/#1"].opens
        assert set() == report.unapplied
        assert "escalated" == found.state
        assert {"superseded D14", "redated D2"} <= set(planned.effects)

    def test_a_broken_rule_and_changed_settings_at_once(self, schools, store):
        """Both at once still lose nothing."""
        _, _, casework = schools
        both = Casework(make_school([raises(ValueError())], policy=changed_policy()), clock=casework.clock)
        desk = desk_of(both, store)

        assert "escalated" == desk.record(CHILD, "visit", reached=True, concerns=[DANGER]).case.state
        desk.apply()
        report = sweep(both, store)
        assert [(SCHOOL, CHILD, "broken")] == report.failed
        assert "escalated" == desk.case(CHILD).state
