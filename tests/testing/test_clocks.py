"""A rule that reads the machine's clock is found whatever it answers, and where it reads it is said."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from casework import Flag, rule
from casework.testing.clocks import watched


def reads_today(case, now):
    """Asks the machine for the day."""
    if date.today() > date(2020, 1, 1):  # noqa: DTZ011 - what the test is about
        yield Flag("late")


def reads_now(case, now):
    """Asks the machine for the instant."""
    return [Flag("late")] if datetime.now(UTC) - timedelta(days=1) else []


def reads_time(case, now):
    """Asks the machine for seconds, in a function of its own."""

    def seconds():
        return time.time()

    return [Flag("late")] if seconds() else None


def reads_nothing(case, now):
    """Builds dates, but asks nobody for them."""
    if now.passed(date(2026, 9, 1), days=3) and datetime(2026, 9, 1, tzinfo=UTC).date():
        yield Flag("late")


class TestWatched:
    @pytest.mark.parametrize(
        ("function", "place"),
        [
            (reads_today, "today in reads_today, line 14"),
            (reads_now, "now in reads_now, line 20"),
            (reads_time, "time in seconds, line 27"),
        ],
    )
    def test_what_reads_the_machine_is_named_with_its_line(self, casework_case, autumn_day, function, place):
        """The function and the line are named, and the answer is the rule's own."""
        seen = []
        answer = watched(rule(function), seen)(casework_case(), autumn_day)

        assert (Flag("late"),) == answer
        assert [place] == seen

    def test_what_asks_now_is_left_alone(self, casework_case, autumn_day):
        """A rule that reckons with dates and asks `Now` has read no clock."""
        seen = []

        assert (Flag("late"),) == watched(rule(reads_nothing), seen)(casework_case(), autumn_day)
        assert [] == seen
