from datetime import timedelta

import pytest

from casework import Escalate, Flag, Look, Move, Reason, Refer, Require
from casework.model import events as ev
from casework.testing.factories import CALENDAR
from tests.engine.said import START, Said, kinds, look, school
from tests.engine.world import day, duty, noon, policy

DAY = timedelta(days=1)
WHY = Reason("because")


@pytest.fixture
def said():
    """A rule whose answer a test sets by hand."""
    return Said()


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
            found.append(
                [kind for kind in kinds(look(world)) if kind not in {"Notified", "RungPassed", "ReferralTold"}]
            )
        [held] = getattr(world.record(), log).values()

        assert [[first], [], ["EvidenceJoined"], [], []] == found
        assert ("a", "b") == held.about
        assert () == world.again()

    def test_several_decisions_of_one_kind_are_one(self, said):
        """Two reasons for the same specialist in one answer are one request with both."""
        world = school(said)
        said.says(Refer("psychology", about="a", because=WHY), Refer("psychology", about="b", because=WHY, urgent=True))
        requested, told = look(world)

        assert ("urgent", "safeguarding_lead") == (told.about, told.role)
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
