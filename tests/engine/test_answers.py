from datetime import timedelta

import pytest

from casework import Escalate, Flag, Look, Move, Reason, Refer, Require, rule
from casework.errors import RulesDidNotSettle
from casework.model import events as ev
from casework.testing.factories import CALENDAR
from tests.engine.world import World, day, duty, noon, policy

DAY = timedelta(days=1)
START = day(9, 7)
WHY = Reason("because")


class Said:
    """A rule whose answer a test sets by hand."""

    def __init__(self, key="said", **declared):
        self.decisions = []
        self.asked = 0
        self.rule = rule(**({"key": key, "looks": "on_change"} | declared))(self.answer)

    def answer(self, case, now):
        """What was set: decisions, or an error to raise."""
        self.asked += 1
        for one in self.decisions:
            if isinstance(one, Exception):
                raise one
            yield one

    def says(self, *decisions):
        """Set what the rule answers from now on."""
        self.decisions = list(decisions)
        return self


@pytest.fixture
def said():
    """A rule whose answer a test sets by hand."""
    return Said()


def school(*said, own=None, **options):
    """A school with these rules, and one child in it."""
    world = World(own or policy(duty('{ each = "TERM" }')), at=noon(START), rules=[s.rule for s in said], **options)
    world.desk().identify("s-17", away="both", class_="3-1")
    return world


def look(world):
    """Look at the record now, as a sweep does; returns the events."""
    with world.store.write():
        world.store.wake("qinghe", world.clock())
    before = len(world.entries())
    world.sweep()
    return [event for entry in world.entries()[before:] for _, event in entry.events]


def kinds(events):
    """The events' types."""
    return [type(event).__name__ for event in events]


class TestRequire:
    def test_what_a_rule_requires_is_an_obligation(self, said):
        """A rule may ask for a visit that no window asks for; one visit in time meets it."""
        world = school(said)
        said.says(Require("D10", about="2026-09", due=START + DAY * 3))
        [opened] = look(world)

        assert ("D10", START, START + DAY * 3, START + DAY * 3, "class_teacher", "said") == (
            opened.duty,
            opened.opens,
            opened.due,
            opened.closes,
            opened.role,
            opened.rule,
        )
        assert [] == look(world)
        assert () == world.again()

        world.desk().record("s-17", "visit", reached=True)

        assert {"met"} == {o.status for o in world.record().obligations.values()}

    def test_what_is_no_longer_required_is_superseded(self, said):
        """When the rule stops, its open obligation is superseded; when it asks again, it is open again."""
        world = school(said)
        asked = Require("D10", about="2026-09", due=START + DAY * 3, role="lead")
        look_after = [look(world) for _ in (said.says(asked),)]
        said.says()
        gone = look(world)
        said.says(asked)
        back = look(world)

        assert [["ObligationOpened"], ["ObligationSettled"], ["ObligationJudged"]] == [
            kinds(events) for events in (*look_after, gone, back)
        ]
        assert () == world.again()

    def test_after_its_close_it_does_not_come_back(self, said):
        """What was superseded and whose last day has passed stays so."""
        world = school(said)
        asked = Require("D10", about="2026-09", due=START + DAY)
        said.says(asked)
        look(world)
        said.says()
        look(world)
        said.says(asked)
        world.on(START + DAY * 2)

        assert [] == look(world)

    def test_another_due_day_is_the_same_obligation(self, said):
        """A rule may move the day; the obligation keeps its identity."""
        world = school(said)
        said.says(Require("D10", about="2026-09", due=START + DAY))
        look(world)
        said.says(Require("D10", about="2026-09", due=START + DAY * 2, closes=START + DAY * 4))
        [moved] = look(world)

        assert (START + DAY * 2, START + DAY * 4) == (moved.due, moved.closes)

    def test_a_missed_one_is_missed(self, said):
        """An obligation that a rule asked for is missed as any other."""
        world = school(said)
        said.says(Require("D10", about="2026-09", due=START + DAY))
        look(world)
        world.until(START + DAY * 2)

        assert ["missed"] == [o.status for o in world.record().obligations.values() if o.rule]

    def test_asking_twice_in_one_answer_is_asking_once(self, said):
        """Two decisions of the same duty about the same are one obligation."""
        world = school(said)
        said.says(*[Require("D10", about="2026-09", due=START + DAY)] * 2)

        assert ["ObligationOpened"] == kinds(look(world))

    def test_a_duty_that_the_policy_does_not_have_is_a_fault(self, said):
        """Nothing could ever meet such an obligation, so the rule is at fault, visibly."""
        world = school(said)
        said.says(Require("D99", about="2026-09", due=START + DAY))

        assert [ev.RuleFailed("said", "RuleRefused")] == look(world)


class TestReferAndEscalate:
    @pytest.mark.parametrize(
        ("decision", "first", "log"),
        [
            (lambda *about: Refer("psychology", about=about, because=WHY), "ReferralRequested", "referrals"),
            (lambda *about: Escalate("missing", about=about, because=WHY), "EmergencyRaised", "emergencies"),
        ],
        ids=["refer", "escalate"],
    )
    def test_new_evidence_joins_what_is_open(self, said, decision, first, log):
        """The same evidence asks once, new evidence joins what is open, and nothing retracts."""
        world = school(said)
        found = []
        for about in (("a",), ("a",), ("a", "b"), ("b",), ()):
            said.says(*([decision(*about)] if about else []))
            found.append([kind for kind in kinds(look(world)) if kind not in {"Notified", "RungPassed"}])
        [held] = getattr(world.record(), log).values()

        assert [[first], [], ["EvidenceJoined"], [], []] == found
        assert ("a", "b") == held.about
        assert () == world.again()

    def test_several_decisions_of_one_kind_are_one(self, said):
        """Two reasons for the same specialist in one answer are one request with both."""
        world = school(said)
        said.says(Refer("psychology", about="a", because=WHY), Refer("psychology", about="b", because=WHY, urgent=True))
        [requested] = look(world)

        assert (("a", "b"), True, "said") == (requested.about, requested.urgent, requested.rule)

    def test_what_a_person_has_answered_stays_answered(self, said):
        """An emergency that was stood down is not raised again for the same evidence, but anew for other evidence."""
        world = school(said)
        said.says(Escalate("missing", about="a", because=WHY, implicated=["p.father"]))
        look(world)
        [first] = world.record().emergencies
        desk = world.desk()
        desk.stand_down("s-17", first, "found", safe_seen_by="t.li", safe_seen_at=world.clock())

        assert [] == look(world)

        said.says(Escalate("missing", about=["a", "b"], because=WHY))
        raised = [event for event in look(world) if isinstance(event, ev.EmergencyRaised)]

        assert 1 == len(raised)
        assert raised[0].id != first

    def test_evidence_against_somebody_else_is_an_emergency_of_its_own(self, said):
        """Evidence that implicates another person does not join what that person was told of."""
        world = school(said)
        said.says(Escalate("missing", about="a", because=WHY))
        look(world)
        said.says(Escalate("missing", about=["a", "b"], because=WHY, implicated=["t.chen"]))
        [raised] = [event for event in look(world) if isinstance(event, ev.EmergencyRaised)]
        world.on(START, hour=15)
        world.sweep()
        told = [row.person for row in world.outbox() if row.facts["emergency"] == raised.id]

        assert ["t.wang", "t.zhao", "t.sun"] == told[:3]
        assert "t.chen" not in told


class TestFlagsAndLooks:
    def test_a_flag_stands_as_long_as_the_rule_says_it(self, said):
        """A remark is raised once, changes with its reason, and goes when the rule is silent."""
        world = school(said)
        found = []
        for decisions in ([Flag("worn")], [Flag("worn")], [Flag("worn", because=WHY)], []):
            said.says(*decisions)
            found.append(kinds(look(world)))

        assert [["FlagRaised"], [], ["FlagRaised"], ["FlagLowered"]] == found

    def test_a_flag_of_a_rule_that_looks_no_more_is_lowered(self):
        """When the case leaves the states of a rule, what the rule had said no longer stands."""
        said = Said(states=["identified"]).says(Flag("worn"), Require("D10", about="x", due=START + DAY))
        world = school(said)

        assert ["said/worn/"] == list(world.record().flags)

        world.desk().file("s-17")

        assert {} == world.record().flags
        assert ["superseded"] == [o.status for o in world.record().obligations.values() if o.rule]
        assert () == world.again()

    def test_a_rule_that_was_taken_away_says_nothing(self, said):
        """When a school drops a rule and applies that, its remarks go at the next look."""
        world = school(said.says(Flag("worn")))
        world.use(policy(duty('{ each = "TERM" }')))
        world.desk("t.sun").apply()
        world.sweep()

        assert {} == world.record().flags

    def test_a_look_wakes_the_record(self, said):
        """A rule may say when it wants to look again; its earliest wish counts."""
        world = school(said)
        said.says(Look(noon(day(9, 9))), Look(noon(day(9, 8))), Look(noon(day(9, 1))))
        look(world)

        assert noon(day(9, 8)) == world.record().wake_at

    def test_a_daily_rule_looks_at_every_local_midnight(self):
        """The safe default looks every day."""
        said = Said(looks="daily")
        world = school(said)

        assert CALENDAR.midnight(START + DAY) == world.record().wake_at


class TestMove:
    def test_a_rule_may_move_a_case_where_the_workflow_lets_rules(self, said):
        """A rule moves a paired case to monitored; the move carries the rule as its cause."""
        world = school(said)
        world.desk().pair("s-17", "t.li")
        said.says(Move("monitored", because=WHY))
        look(world)

        assert "monitored" == world.record().stage
        assert ("rule:said", ev.StageChanged("monitored", START, "because")) == world.entries()[-1].events[-1]

    @pytest.mark.parametrize("to", ["closed", "filed", "identified"])
    def test_what_is_for_persons_no_rule_does(self, said, to):
        """No rule closes a case, files it or takes it back; wanting it is no fault."""
        world = school(said.says(Move(to, because=WHY)))

        assert "identified" == world.record().stage
        assert {} == world.record().failures

    @pytest.mark.parametrize("to", ["escalated", "lost", ""])
    def test_what_is_no_stage_is_a_fault(self, said, to):
        """A rule cannot move a case to what is no stage; escalating is done by an emergency."""
        world = school(said.says(Move(to, because=WHY)))

        assert {"said": "RuleRefused"} == world.record().failures


class TestObserve:
    def test_an_observing_rule_does_nothing(self):
        """A rule on trial shows what it would decide as remarks, and does nothing else."""
        said = Said(mode="observe").says(
            Escalate("missing", about="a", because=WHY), Move("closed", because=WHY), Look(noon(START + DAY))
        )
        world = school(said)
        record = world.record()

        assert [("observed", "Escalate"), ("observed", "Move")] == [
            (flag.code, flag.because.facts["decision"]) for flag in record.flags.values()
        ]
        assert ({}, "identified") == (record.emergencies, record.stage)
        assert noon(START + DAY) == record.wake_at


class TestFaults:
    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (ValueError("a name that must not be stored"), "ValueError"),
            (RecursionError(), "RecursionError"),
            (KeyError("x"), "KeyError"),
            ("a word", "RuleRefused"),
            (None, "RuleRefused"),
            ([Flag("worn")], "RuleRefused"),
        ],
    )
    def test_a_rule_that_raises_or_answers_nonsense_is_quarantined(self, said, answer, error):
        """A rule's fault is stored as the type of the error, told to the principal once, and named in the outcome."""
        world = school(said)
        said.says(Flag("worn"), answer)
        done = world.desk().file("s-17")

        assert ("said",) == done.failed_rules
        assert {"said": error} == world.record().failures
        assert [("rule_failed", "t.sun")] == [(row.topic, row.person) for row in world.outbox()]
        assert "must not be stored" not in repr(world.entries()) + repr(world.outbox())

        world.desk().pair("s-17", "t.li")

        assert 1 == len(world.outbox())
        assert () == world.again()

    def test_it_decides_nothing_and_takes_nothing_back(self, said):
        """What a rule had said before it broke stands; what it said before it raised does not count."""
        world = school(said.says(Flag("worn"), Require("D10", about="x", due=START + DAY * 9)))
        said.says(Flag("other"), ValueError())
        look(world)

        assert ["said/worn/"] == list(world.record().flags)
        assert ["open"] == [o.status for o in world.record().obligations.values() if o.rule]

    def test_the_teacher_s_report_is_stored_all_the_same(self, said):
        """A broken rule loses no report of danger."""
        world = school(said.says(ZeroDivisionError()))
        done = world.desk().raise_emergency("s-17", "missing")

        assert done.emergency in world.record().emergencies
        assert "escalated" == world.record().state

    def test_it_is_tried_again_at_midnight_and_released(self, said):
        """A rule that works again is released, and what it says counts again."""
        world = school(said.says(ValueError()))

        assert CALENDAR.midnight(START + DAY) == world.record().wake_at

        said.says(Flag("worn"))
        world.until(START + DAY)

        assert ({}, ["said/worn/"]) == (world.record().failures, list(world.record().flags))
        assert "RuleReleased" in kinds(e for _, e in world.entries()[-1].events)

    def test_another_error_is_told_again(self, said):
        """One notice for each kind of error."""
        world = school(said.says(ValueError()))
        said.says(KeyError())
        look(world)
        look(world)

        assert ["KeyError", "ValueError"] == sorted(row.facts["error"] for row in world.outbox())

    def test_a_fault_of_a_rule_that_looks_no_more_is_released(self):
        """A quarantine ends when the rule no longer looks at the record."""
        said = Said(states=["identified"]).says(ValueError())
        world = school(said)
        world.desk().file("s-17")

        assert {} == world.record().failures

    def test_beyond_its_lookback_a_rule_fails(self):
        """A rule that asks further back than it declared is at fault, not silently wrong."""

        @rule(lookback=7)
        def looks_far(case, now):
            """Asks for a month."""
            return [Flag("far")] if case.concerns(since=now.days_ago(30)) else []

        world = World(rules=[looks_far])
        world.desk().identify("s-17", away="both")

        assert {"looks_far": "RuleRefused"} == world.record().failures

    def test_in_tests_the_error_comes_through(self, said):
        """With on_rule_error="raise" a rule's error is the caller's, and nothing is stored."""
        world = school(said, on_rule_error="raise")
        said.says(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            world.desk().file("s-17")

        assert "identified" == world.record().stage


class TestNotSettling:
    def quarrelling(self):
        """Two rules each of which undoes the other's reason."""

        @rule(looks="on_change")
        def wants(case, now):
            """Flags what the other has not flagged."""
            return [] if any(f.rule == "denies" for f in case.flags.values()) else [Flag("wanted")]

        @rule(looks="on_change")
        def denies(case, now):
            """Flags what the other has flagged."""
            return [Flag("denied")] if any(f.rule == "wants" for f in case.flags.values()) else []

        return [denies, wants]

    def test_rules_that_undo_each_other_are_stopped(self):
        """After twelve rounds the rules that quarrel are quarantined, and what settled is kept."""
        world = World(rules=self.quarrelling(), at=noon(START))
        done = world.desk().identify("s-17", away="both")

        assert ("denies", "wants") == done.failed_rules
        assert {"denies": "RulesDidNotSettle", "wants": "RulesDidNotSettle"} == world.record().failures
        assert "identified" == world.record().stage
        assert "open" in world.said("D10").values()

    def test_in_tests_it_is_an_error(self):
        """With on_rule_error="raise" the quarrel is named."""
        world = World(rules=self.quarrelling(), on_rule_error="raise")
        with pytest.raises(RulesDidNotSettle, match="rules denies, wants kept answering each other for 12 rounds"):
            world.desk().identify("s-17", away="both")


class TestAggregates:
    def test_a_rule_gets_what_it_declared_and_nothing_else(self):
        """Aggregates are there for who declared them."""
        seen = []

        @rule(needs=["helper_load"])
        def counts(case, now):
            """Looks at the helpers' load."""
            seen.append(dict(now.facts))

        @rule
        def looks(case, now):
            """Declares nothing."""
            seen.append(dict(now.facts))

        world = World(rules=[counts, looks])
        desk = world.desk()
        desk.identify("s-1", away="both")
        desk.pair("s-1", "t.li")
        seen.clear()
        desk.file("s-1")

        assert [{"helper_load": {"t.li": 1}}, {}] == seen[:2]
