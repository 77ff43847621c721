"""What the law of sweeping finds with few examples: canonical rules that answer by a time they never said."""

from datetime import UTC, date, datetime

import pytest
from attrs import evolve

from casework import Flag, ManualClock, rule
from casework.model import commands as c
from casework.rules.declare import NEEDS
from casework.testing import laws
from casework.testing.law_histories import ALWAYS, Happening

pytestmark = pytest.mark.unmeasured

CLOCK = ManualClock(datetime(2026, 9, 1, tzinfo=UTC))


@rule(looks="on_change")
def unseen_by_the_wall(case, now):
    """Looks at the machine's clock, once a visit has reached the child."""
    seen = case.last("visit")
    if seen and (datetime.now(UTC).date() - seen).days > 21:
        yield Flag("unseen")


@rule(looks="on_change")
def after_an_emergency(case, now):
    """Looks at the machine's clock, once an emergency is over."""
    over = any(emergency.state == "stood_down" for emergency in case.emergencies.values())
    if over and datetime.now(UTC).date().month > 3:
        yield Flag("over")


@rule(looks="on_change")
def after_a_carer_talk(case, now):
    """Looks at the machine's clock, once a carer has been reached."""
    talks = case.activities("carer_talk", since=now.since(date(2026, 1, 1)), reached=True)
    if talks and datetime.now(UTC).date().month > 3:
        yield Flag("talked")


@rule(on="class", looks="on_change")
def of_a_class(record, now):
    """Looks at the machine's clock for a class."""
    yield Flag(f"day_{datetime.now(UTC).date().day}")


@rule(on="programme", looks="on_change")
def of_the_school(record, now):
    """Looks at the machine's clock for the school."""
    yield Flag(f"day_{datetime.now(UTC).date().day}")


@rule(states=["no_case"], looks="on_change")
def of_a_pupil_without_a_case(case, now):
    """Looks at the machine's clock for somebody who has no case."""
    if datetime.now(UTC).date():
        yield Flag("no_case")


@rule(states=["closed"], looks="on_change")
def of_a_closed_case(case, now):
    """Looks at the machine's clock for a case that is closed."""
    if datetime.now(UTC).date():
        yield Flag("closed")


class TestWhatIsAlwaysTried:
    @pytest.mark.parametrize(
        "one",
        [
            unseen_by_the_wall,
            after_an_emergency,
            after_a_carer_talk,
            of_a_class,
            of_the_school,
            of_a_pupil_without_a_case,
            of_a_closed_case,
        ],
        ids=lambda one: one.key,
    )
    def test_the_clock_of_the_machine(self, one):
        """A rule that reads it is found with one example, whatever has to happen before it does, and on any record."""
        with pytest.raises(AssertionError, match="reads the machine's clock"):
            laws.assert_due_equals_hourly(one, max_examples=1)

    @pytest.mark.parametrize(
        ("kind", "days"), [("visit", 7), ("call", 14), ("talk", 21), ("carer_talk", 30), ("visit", 60)]
    )
    def test_days_since_an_act(self, kind, days):
        """So is one that counts days since somebody was reached by a clock of its own; the history is told."""

        @rule(looks="on_change")
        def counting(case, now):
            seen = case.last(kind)
            if seen and (CLOCK().date() - seen).days > days:
                yield Flag("unseen")

        with pytest.raises(AssertionError, match="rule counting breaks law R19") as told:
            laws.assert_due_equals_hourly(counting, clock=CLOCK, max_examples=1)

        assert f"history: {ALWAYS[0]}" in told.value.__notes__[0]

    def test_a_rule_that_is_never_called(self):
        """Where no history makes anybody call the rule, nothing was shown, and that is said."""
        nowhere = evolve(of_a_closed_case, states=frozenset({"nowhere"}))

        with pytest.raises(AssertionError, match="of_a_closed_case was never called in any history"):
            laws.assert_due_equals_hourly(nowhere, max_examples=1)


class TestNeeds:
    @pytest.mark.parametrize("looks", ["daily", "on_change"])
    @pytest.mark.parametrize("need", NEEDS)
    def test_a_count_that_a_command_changes(self, need, looks):
        """A rule keeps the law that takes declared counts, which the day's commands change: midnight is soon enough."""

        @rule(looks=looks, needs=[need])
        def counted(case, now):
            if any(now.facts[need].values()):
                yield Flag("some")

        history = (ALWAYS[0][0], [Happening(0, 0, c.Pair, {"lead": "t.helper"})])

        laws.check_due_equals_hourly(counted, history, laws.without_duties(), days=2)
