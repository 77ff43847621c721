"""Terms: teaching days, weeks, the parts and the months."""

import calendar as months_of
from datetime import date
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given

from casework.errors import CalendarRefused
from casework.model.calendar import PARTS, Calendar, Term
from tests.model.terms import AUTUMN, DAY, term_of, terms


def weeks_of(term):
    """Each part as the numbers, from 1, of its first and last week."""
    return {part: tuple((day - term.first).days // 7 + 1 for day in span) for part, span in term.parts().items()}


class TestTeachingDays:
    def test_weekdays_are_taught(self):
        """Monday to Friday within the term are teaching days, weekends and days outside are not."""
        term = term_of(9)
        days = [term.first + DAY * n for n in range(-1, 8)]

        assert [False, True, True, True, True, True, False, False, True] == [term.is_teaching(day) for day in days]
        assert not term.is_teaching(term.last + DAY)

    def test_holidays_are_not_taught_from_first_to_last_day(self):
        """The first and the last day of a holiday are free, the days around it are not."""
        days = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 7), date(2026, 10, 8)]

        assert [True, False, False, True] == [AUTUMN.is_teaching(day) for day in days]

    def test_a_single_day_is_a_holiday_of_one_day(self):
        """A holiday may be given as a date."""
        term = term_of(9, holidays=[date(2026, 9, 3)])

        assert ((date(2026, 9, 3), date(2026, 9, 3)),) == term.holidays
        assert not term.is_teaching(date(2026, 9, 3))

    def test_make_up_day_is_taught_on_a_weekend_and_in_a_holiday(self):
        """A make-up day is taught whatever day it is."""
        term = evolve(AUTUMN, makeup=[date(2026, 10, 10), date(2026, 10, 7), date(2026, 10, 10)])

        assert (date(2026, 10, 7), date(2026, 10, 10)) == term.makeup
        assert [True, True] == [term.is_teaching(day) for day in term.makeup]

    @given(terms())
    def test_days_are_those_that_are_taught(self, term):
        """The list of teaching days holds each day that is taught, in order, and no other."""
        span = [term.first + DAY * n for n in range((term.last - term.first).days + 1)]

        assert [day for day in span if term.is_teaching(day)] == term.teaching_days()


class TestWeeks:
    def test_week_without_a_teaching_day_is_none(self):
        """The holiday's week is not counted, though it has a number in the calendar."""
        term = term_of(10, holidays=[(date(2026, 9, 14), date(2026, 9, 18))])

        assert 9 == len(term.weeks())
        assert date(2026, 9, 14) not in [monday for monday, _ in term.weeks()]

    def test_make_up_sunday_makes_its_week_one(self):
        """A week whose only teaching day is a make-up Sunday is a teaching week: it ends with that Sunday."""
        term = term_of(10, holidays=[(date(2026, 9, 14), date(2026, 9, 18))], makeup=[date(2026, 9, 20)])

        assert (date(2026, 9, 14), date(2026, 9, 20)) in term.weeks()

    @given(terms())
    def test_weeks_run_monday_to_sunday_and_hold_every_teaching_day(self, term):
        """Weeks do not overlap, run from Monday to Sunday, and hold all teaching days, each week one at least."""
        weeks = term.weeks()

        assert {(0, 6)} == {(first.weekday(), last.weekday()) for first, last in weeks}
        assert all(before[1] < after[0] for before, after in pairwise(weeks))
        assert set(weeks) == {week for week in weeks for day in term.teaching_days() if week[0] <= day <= week[1]}
        assert len(term.teaching_days()) == sum(
            1 for day in term.teaching_days() for first, last in weeks if first <= day <= last
        )


class TestParts:
    @pytest.mark.parametrize(
        ("weeks", "middle"),
        [(9, (4, 6)), (10, (4, 7)), (11, (4, 8)), (12, (5, 8)), (18, (7, 12)), (20, (7, 14)), (21, (8, 14))],
    )
    def test_open_mid_close_divide_the_weeks(self, weeks, middle):
        """OPEN is the first three weeks, CLOSE the last three, MID the middle third without them."""
        assert {"OPEN": (1, 3), "MID": middle, "CLOSE": (weeks - 2, weeks)} == weeks_of(term_of(weeks))

    def test_parts_are_cut_to_the_term(self):
        """OPEN begins with the term, not on the Monday before; CLOSE ends with it, not on the Sunday after."""
        parts = AUTUMN.parts()

        assert (date(2026, 9, 1), date(2026, 9, 20)) == parts["OPEN"]
        assert (date(2027, 1, 4), date(2027, 1, 20)) == parts["CLOSE"]

    def test_last_day_of_a_window_is_a_sunday_within_the_term(self):
        """OPEN lasts to the Sunday of the third week, though nobody is taught on it."""
        last = AUTUMN.parts()["OPEN"][1]

        assert (6, False) == (last.weekday(), AUTUMN.is_teaching(last))

    def test_holiday_week_moves_the_parts(self):
        """A week without teaching does not count, so OPEN lasts a week longer."""
        term = term_of(12, holidays=[(date(2026, 9, 7), date(2026, 9, 13))])

        assert (1, 4) == weeks_of(term)["OPEN"]

    @pytest.mark.parametrize("given_", [(), ("OPEN",), ("OPEN", "MID")])
    def test_short_term_needs_its_own_windows(self, given_):
        """A term of eight weeks is refused until it gives all three windows itself."""
        windows = {part: (date(2026, 9, 1), date(2026, 9, 7)) for part in given_}
        term = term_of(8, windows=windows)

        with pytest.raises(CalendarRefused, match="term t: 8 teaching weeks are too few to divide; give windows="):
            term.parts()
        with pytest.raises(CalendarRefused, match="too few to divide"):
            Calendar([term], tz="UTC")

    def test_short_term_with_its_own_windows_is_divided_by_them(self):
        """A term of eight weeks is divided as it says."""
        windows = {
            "OPEN": (date(2026, 8, 31), date(2026, 9, 6)),
            "MID": (date(2026, 9, 21), date(2026, 9, 27)),
            "CLOSE": (date(2026, 10, 19), date(2026, 10, 25)),
        }

        assert windows == term_of(8, windows=windows).parts()

    def test_own_window_stands_in_place_of_the_computed_one(self):
        """A long term may give one window of its own."""
        own = (date(2026, 10, 1), date(2026, 10, 31))
        parts = term_of(20, windows={"MID": own}).parts()

        assert own == parts["MID"]
        assert (date(2026, 8, 31), date(2026, 9, 20)) == parts["OPEN"]

    @given(terms())
    def test_parts_lie_in_order_within_the_term(self, term):
        """OPEN, MID and CLOSE follow each other without overlap; OPEN and CLOSE hold three teaching weeks."""
        parts = term.parts()
        ends = [day for part in PARTS for day in parts[part]]
        inside = {
            part: [w for w in term.weeks() if w[0] <= last and first <= w[1]] for part, (first, last) in parts.items()
        }

        assert sorted(ends) == ends
        assert term.first <= ends[0]
        assert ends[-1] <= term.last
        assert (3, 3) == (len(inside["OPEN"]), len(inside["CLOSE"]))
        assert 1 <= len(inside["MID"]) <= len(term.weeks()) - 6
        assert not [w for w in inside["MID"] if w in inside["OPEN"] or w in inside["CLOSE"]]


class TestMonths:
    def test_month_is_cut_at_the_ends_of_the_term(self):
        """September begins with the term and January ends with it, on its last day."""
        assert [
            ("2026-09", (date(2026, 9, 1), date(2026, 9, 30))),
            ("2026-10", (date(2026, 10, 1), date(2026, 10, 31))),
            ("2026-11", (date(2026, 11, 1), date(2026, 11, 30))),
            ("2026-12", (date(2026, 12, 1), date(2026, 12, 31))),
            ("2027-01", (date(2027, 1, 1), date(2027, 1, 20))),
        ] == AUTUMN.months()

    @pytest.mark.parametrize(("last", "months"), [(date(2027, 1, 14), ["2027-01"]), (date(2027, 1, 13), [])])
    def test_ten_teaching_days_make_a_month(self, last, months):
        """A month of ten teaching days is a MONTH, one of nine is none."""
        term = Term("t", date(2026, 9, 1), last)

        assert months == [name for name, _ in term.months() if name == "2027-01"]

    def test_make_up_day_can_make_the_tenth(self):
        """Make-up days count towards the ten."""
        term = Term("t", date(2026, 9, 1), date(2027, 1, 13), makeup=[date(2027, 1, 10)])

        assert "2027-01" in dict(term.months())

    @given(terms())
    def test_months_are_counted_rightly(self, term):
        """Each calendar month of the term with ten teaching days is a MONTH, from its first day to its last."""
        expected = []
        for year in range(term.first.year, term.last.year + 1):
            for month in range(1, 13):
                days = [day for day in term.teaching_days() if (day.year, day.month) == (year, month)]
                if len(days) >= 10:
                    end = date(year, month, months_of.monthrange(year, month)[1])
                    span = (max(date(year, month, 1), term.first), min(end, term.last))
                    expected.append((f"{year}-{month:02}", span))

        assert expected == term.months()


class TestTermRefused:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"last": date(2026, 8, 30)}, "ends 2026-08-30 before it begins 2026-08-31; swap the two dates"),
            ({"id": ""}, "an id has 1 to 32 characters"),
            ({"id": "x" * 33}, "an id has 1 to 32 characters"),
            ({"id": "a/b"}, "no '/', ':' or space"),
            ({"id": "a b"}, "no '/', ':' or space"),
            ({"id": "a\nb"}, "no '/', ':' or space"),
            ({"holidays": [date(2026, 8, 30)]}, "holiday 2026-08-30..2026-08-30 is reversed or outside"),
            ({"holidays": [(date(2026, 9, 4), date(2026, 9, 3))]}, "holiday 2026-09-04..2026-09-03 is reversed"),
            ({"holidays": [(date(2026, 9, 4), date(2026, 11, 2))]}, "is reversed or outside the term"),
            ({"makeup": [date(2026, 11, 2)]}, "make-up day 2026-11-02 is outside the term; correct the date"),
            (
                {"windows": {"TERM": (date(2026, 9, 1), date(2026, 9, 2))}},
                "window TERM 2026-09-01..2026-09-02; use OPEN",
            ),
            ({"windows": {"OPEN": (date(2026, 9, 2), date(2026, 9, 1))}}, "use OPEN, MID or CLOSE inside the term"),
            ({"windows": {"OPEN": (date(2026, 8, 30), date(2026, 9, 1))}}, "use OPEN, MID or CLOSE inside the term"),
            ({"windows": {"CLOSE": (date(2026, 9, 1), date(2026, 11, 2))}}, "use OPEN, MID or CLOSE inside the term"),
        ],
    )
    def test_term_that_contradicts_itself_is_refused(self, change, said):
        """A term whose dates or names cannot be right is refused, with the mend."""
        with pytest.raises(CalendarRefused) as caught:
            evolve(term_of(9), **change)

        assert said in str(caught.value)
        assert isinstance(caught.value, ValueError)
