from datetime import timedelta

import pytest

from casework import Escalate, Flag, Look, Move, Reason, Require, rule
from casework.errors import RulesDidNotSettle
from casework.testing.factories import CALENDAR
from tests.engine.said import START, Said, kinds, look, school
from tests.engine.world import World, noon

DAY = timedelta(days=1)
WHY = Reason("because")


@pytest.fixture
def said():
    """A rule whose answer a test sets by hand."""
    return Said()


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
