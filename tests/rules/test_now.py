from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import RuleRefused
from casework.model.calendar import Calendar
from casework.rules import Now
from casework.testing.factories import AUTUMN, CALENDAR, MORNING, SPRING, TODAY, concern
from casework.testing.factories import case as make_case

DAY = timedelta(days=1)


def midnight(day):
    """When that day begins at the school."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


def now(at=MORNING, **facts):
    """The present."""
    return Now(at, CALENDAR, {"join_days": 5}, **facts)


def left(ask, at=MORNING, **facts):
    """The instant that a question leaves, and its answer."""
    present = now(at, **facts)
    return ask(present), present.earliest


class TestQuestions:
    def test_who_asks_nothing_leaves_nothing(self):
        """A rule that does not ask for the time is not looked at for its sake."""
        assert None is now().earliest

    def test_today_changes_at_the_next_local_midnight(self):
        """The date is the school's, and it changes at the school's midnight."""
        assert (TODAY, midnight(TODAY + DAY)) == left(lambda n: n.today)

    @pytest.mark.parametrize(
        ("at", "today"),
        [
            (datetime(2026, 10, 20, 15, 59, 59, tzinfo=UTC), date(2026, 10, 20)),
            (datetime(2026, 10, 20, 16, 0, tzinfo=UTC), date(2026, 10, 21)),
        ],
    )
    def test_the_day_turns_at_the_school_s_midnight(self, at, today):
        """At four in the afternoon of Greenwich the school's next day begins."""
        assert today == now(at).today

    def test_at_is_the_beginning_of_the_day(self):
        """No answer may depend on the minute of the look."""
        assert (midnight(TODAY), midnight(TODAY + DAY)) == left(lambda n: n.at)
        assert now().at == now(MORNING + timedelta(hours=9)).at

    def test_the_term_changes_on_the_day_after_its_last(self):
        """A rule that asks for the term is looked at again when the term is over."""
        assert (AUTUMN, midnight(AUTUMN.last + DAY)) == left(lambda n: n.term)

    def test_in_the_holidays_there_is_no_term(self):
        """Between two terms there is none until the next one begins."""
        assert (None, midnight(SPRING.first)) == left(lambda n: n.term, midnight(AUTUMN.last + DAY))

    def test_past_the_known_calendar_the_term_leaves_nothing(self):
        """Nobody knows when the next term begins."""
        present = Now(midnight(SPRING.last + DAY), CALENDAR)

        assert (None, None) == (present.term, present.earliest)

    def test_an_earlier_question_stands(self):
        """Of several instants the earliest counts."""
        present = now()
        assert AUTUMN is present.term
        assert TODAY == present.today

        assert midnight(TODAY + DAY) == present.earliest

    def test_what_has_passed_is_left_out(self):
        """An instant that has passed cannot come again."""
        present = now()
        present.look(MORNING)
        present.look(MORNING - DAY)

        assert None is present.earliest

    def test_thresholds_are_the_policy_s(self):
        """A number that the policy does not know is asked for by name."""
        assert 5 == now().threshold("join_days")
        with pytest.raises(RuleRefused, match=r"a policy has no threshold siblings; it has join_days"):
            now().threshold("siblings")

    def test_without_thresholds_none_is_known(self):
        """A bare present knows no numbers."""
        with pytest.raises(RuleRefused):
            Now(MORNING, CALENDAR).threshold("join_days")

    def test_the_calendar_counts_teaching_days(self):
        """A rule may count teaching days, and say when a day begins."""
        assert date(2026, 10, 28) == now().teaching_days_after(TODAY, 5)
        assert None is now().teaching_days_after(SPRING.last, 1)
        assert midnight(TODAY) == now().midnight(TODAY)


class TestDaysAgo:
    def test_the_last_day_still_counts(self):
        """Thirty days back is inside, thirty-one is not."""
        ago = now().days_ago(30)

        assert [True, False] == [ago.holds(TODAY - DAY * 30), ago.holds(TODAY - DAY * 31)]

    @pytest.mark.parametrize(("on", "drops"), [(TODAY - DAY * 30, TODAY + DAY), (TODAY, TODAY + DAY * 31)])
    def test_what_counted_leaves_the_midnight_at_which_it_drops_out(self, on, drops):
        """What happened thirty days ago drops out at the next midnight, what happened today in a month."""
        assert (True, midnight(drops)) == left(lambda n: n.days_ago(30).holds(on))

    def test_what_did_not_count_leaves_nothing(self):
        """What is too old already cannot drop out."""
        assert (False, None) == left(lambda n: n.days_ago(30).holds(TODAY - DAY * 31))

    def test_what_was_not_asked_for_leaves_nothing(self):
        """Only what was counted can drop out: a concern of another kind wakes nobody."""
        one = make_case(concerns=[concern("bullied", id="c1"), concern("family_quarrel", id="c2", on=TODAY - DAY)])
        found, earliest = left(lambda n: one.concerns("family_quarrel", since=n.days_ago(7)))

        assert ["c2"] == [c.id for c in found]
        assert midnight(TODAY + DAY * 7) == earliest

    @given(st.integers(0, 40), st.integers(0, 60))
    def test_an_item_counts_until_the_instant_it_left(self, days, age):
        """The answer is the same until the instant that was left, and another one from then on."""
        on = TODAY - DAY * age
        counted, drops = left(lambda n: n.days_ago(days).holds(on))

        if counted:
            assert [True, False] == [
                now(at).days_ago(days).holds(on) for at in (drops - timedelta(microseconds=1), drops)
            ]
        else:
            assert age > days

    @pytest.mark.parametrize("days", [31, -1])
    def test_beyond_the_lookback_is_refused(self, days):
        """Who looks further back than was declared might get another answer when less is loaded."""
        with pytest.raises(RuleRefused, match=rf"days_ago\({days}\) is beyond the rule's lookback of 30 days"):
            now(lookback=30).days_ago(days)

    def test_the_declared_lookback_is_inside(self):
        """Exactly as far as declared is allowed."""
        assert TODAY - DAY * 30 == now(lookback=30).days_ago(30).day

    def test_a_fixed_day_is_refused_beyond_the_lookback(self):
        """A fixed day may be as far back as was declared."""
        assert TODAY - DAY * 30 == now(lookback=30).since(TODAY - DAY * 30).day
        with pytest.raises(RuleRefused, match="is beyond the rule's lookback of 30 days"):
            now(lookback=30).since(TODAY - DAY * 31)

    def test_a_fixed_day_drops_nothing(self):
        """What happened since a fixed day counts for ever."""
        assert (True, None) == left(lambda n: n.since(TODAY - DAY).holds(TODAY))

    def test_lists_are_not_handed_out_without_a_since(self):
        """A rule that asks for concerns without saying since when is told what to write."""
        with pytest.raises(TypeError, match=r"since= takes now.days_ago\(n\)"):
            make_case().concerns("family_quarrel", since=TODAY)


class TestPassed:
    @pytest.mark.parametrize(("days", "answer"), [(20, True), (21, False)])
    def test_a_date_counts_local_days(self, days, answer):
        """Since the first of the month twenty days have passed on the twenty-first."""
        assert answer == now().passed(date(2026, 10, 1), days=days)

    def test_it_leaves_the_midnight_at_which_the_answer_turns(self):
        """A rule that waits for 21 days is looked at when they are over, also in the holidays."""
        assert (False, midnight(date(2026, 10, 22))) == left(lambda n: n.passed(date(2026, 10, 1), days=21))
        assert (True, None) == left(lambda n: n.passed(date(2026, 10, 1), days=20))

    @pytest.mark.parametrize(("seconds", "answer"), [(0, True), (1, False)])
    def test_an_instant_counts_to_the_second(self, seconds, answer):
        """Two hours after an instant are two hours."""
        since = MORNING - timedelta(hours=2) + timedelta(seconds=seconds)
        found, earliest = left(lambda n: n.passed(since, hours=2))

        assert (answer, None if answer else since + timedelta(hours=2)) == (found, earliest)

    def test_what_never_happened_never_passes(self):
        """Who was never seen was not seen three weeks ago."""
        assert (False, None) == left(lambda n: n.passed(None, days=21))

    def test_a_date_has_no_hour(self):
        """Hours after a date mean nothing."""
        with pytest.raises(RuleRefused, match="a date has no hour"):
            now().passed(TODAY, hours=2)

    def test_a_naive_instant_is_refused(self):
        """An instant without a time zone is nobody's."""
        with pytest.raises(RuleRefused, match="needs a time zone"):
            now().passed(datetime(2026, 10, 1, 8))  # noqa: DTZ001 - naive on purpose

    @given(st.dates(TODAY - DAY * 60, TODAY + DAY * 5), st.integers(0, 60))
    def test_the_answer_turns_at_the_instant_it_left(self, since, days):
        """Before the instant that was left the answer is no, from then on it is yes."""
        answer, turns = left(lambda n: n.passed(since, days=days))

        assert answer or [False, True] == [
            now(at).passed(since, days=days) for at in (turns - timedelta(microseconds=1), turns)
        ]


class TestElsewhere:
    def test_days_are_days_where_the_clock_changes(self):
        """Where clocks change the day is 23 or 25 hours long, and still a day."""
        calendar = Calendar([AUTUMN], tz="Europe/Berlin")
        present = Now(datetime(2026, 10, 25, 12, tzinfo=UTC), calendar)

        assert date(2026, 10, 25) == present.today
        assert datetime(2026, 10, 25, 23, tzinfo=UTC) == present.earliest
        assert datetime(2026, 10, 24, 22, tzinfo=UTC) == present.at
