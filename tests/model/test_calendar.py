from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import CalendarRefused
from casework.model.calendar import Calendar
from tests.model.terms import AUTUMN, DAY, SPRING, YEAR, calendars


class TestCalendar:
    def test_terms_stand_in_order(self):
        """Terms are sorted by their first day."""
        assert (AUTUMN, SPRING) == YEAR.terms

    @pytest.mark.parametrize("tz", ["Asia/Nowhere", "", "/etc/passwd", "../x", "Asia"])
    def test_unknown_time_zone_is_refused(self, tz):
        """A time zone that is not known is refused, with an example of one."""
        with pytest.raises(CalendarRefused, match="use an IANA name such as 'Asia/Shanghai'"):
            Calendar([AUTUMN], tz=tz)

    def test_overlapping_terms_are_refused(self):
        """A term that begins on the last day of another is refused; a day later it is not."""
        with pytest.raises(
            CalendarRefused, match="terms 2026-autumn and 2027-spring overlap; move 2027-spring after 2027-01-20"
        ):
            Calendar([AUTUMN, evolve(SPRING, first=AUTUMN.last)], tz="UTC")
        after = Calendar([AUTUMN, evolve(SPRING, first=AUTUMN.last + DAY)], tz="UTC")

        assert 2 == len(after.terms)

    def test_terms_of_one_name_are_refused(self):
        """Two terms may not share an id, since obligations are named by it."""
        with pytest.raises(CalendarRefused, match="two terms share an id"):
            Calendar([AUTUMN, evolve(SPRING, id=AUTUMN.id)], tz="UTC")

    def test_term_on_a_day(self):
        """A term holds its first and its last day; between terms there is none."""
        days = [AUTUMN.first - DAY, AUTUMN.first, AUTUMN.last, AUTUMN.last + DAY, SPRING.first]

        assert [None, AUTUMN, AUTUMN, None, SPRING] == [YEAR.term_on(day) for day in days]

    def test_next_turn_is_the_next_beginning_or_the_day_after_an_end(self):
        """From each day the next turn of term and holiday is known, until the calendar ends."""
        days = [date(2026, 8, 1), AUTUMN.first, AUTUMN.last, AUTUMN.last + DAY, SPRING.last, SPRING.last + DAY]

        assert [
            AUTUMN.first,
            AUTUMN.last + DAY,
            AUTUMN.last + DAY,
            SPRING.first,
            SPRING.last + DAY,
            None,
        ] == [YEAR.next_turn(day) for day in days]

    def test_calendar_without_terms_knows_no_teaching_day(self):
        """Before the first term is entered nothing is taught and nothing falls due."""
        empty = Calendar([], tz="UTC")

        assert (None, None, False, 0) == (
            empty.add_teaching_days(AUTUMN.first, 1),
            empty.next_turn(AUTUMN.first),
            empty.is_teaching(AUTUMN.first),
            empty.teaching_days(AUTUMN.first, AUTUMN.last),
        )


class TestTeachingDayArithmetic:
    def test_the_day_itself_is_not_counted(self):
        """One teaching day after a Tuesday is Wednesday; after a Friday, Saturday or Sunday it is Monday."""
        days = [date(2026, 9, 8), date(2026, 9, 11), date(2026, 9, 12), date(2026, 9, 13)]

        assert [date(2026, 9, 9), *[date(2026, 9, 14)] * 3] == [YEAR.add_teaching_days(day, 1) for day in days]

    def test_holidays_are_jumped_over(self):
        """Two teaching days after 30 September are 9 October, for the first week is free."""
        assert date(2026, 10, 9) == YEAR.add_teaching_days(date(2026, 9, 30), 2)

    def test_counting_runs_on_into_the_next_term(self):
        """What is not reached in this term falls into the next."""
        assert date(2027, 2, 23) == YEAR.add_teaching_days(AUTUMN.last, 2)

    def test_past_the_known_calendar_there_is_no_day(self):
        """The last teaching day is known, one later is not."""
        last = SPRING.teaching_days()[-1]

        assert last == YEAR.add_teaching_days(last - DAY, 1)
        assert YEAR.add_teaching_days(last, 1) is None

    @given(calendars(), st.integers(-40, 400), st.integers(1, 140))
    def test_adding_is_counting_one_by_one(self, calendar, offset, count):
        """The n-th teaching day after a day is found by walking; the days between are counted the same."""
        day = calendar.terms[0].first + DAY * offset
        after = [td for term in calendar.terms for td in term.teaching_days() if td > day]
        found = calendar.add_teaching_days(day, count)

        assert (after[count - 1] if count <= len(after) else None) == found
        if found is not None:
            assert count == calendar.teaching_days(day + DAY, found)

    @given(calendars(), st.integers(-10, 300), st.integers(-10, 300))
    def test_days_between_are_counted_with_both_ends(self, calendar, one, other):
        """Both ends count; a reversed span holds none; the calendar's terms and the calendar agree."""
        first, last = calendar.terms[0].first + DAY * one, calendar.terms[0].first + DAY * other
        days = [first + DAY * n for n in range((last - first).days + 1)]
        taught = [day for day in days if (term := calendar.term_on(day)) and term.is_teaching(day)]

        assert len(taught) == calendar.teaching_days(first, last)
        assert taught == [day for day in days if calendar.is_teaching(day)]


class TestTimeZones:
    def test_the_day_turns_at_the_schools_midnight(self):
        """In Shanghai a day begins at 16:00 UTC of the day before."""
        midnight = datetime(2026, 8, 31, 16, tzinfo=UTC)

        assert midnight == YEAR.midnight(date(2026, 9, 1))
        assert UTC == YEAR.midnight(date(2026, 9, 1)).tzinfo
        assert [date(2026, 8, 31), date(2026, 9, 1)] == [
            YEAR.local_date(midnight - timedelta(microseconds=1)),
            YEAR.local_date(midnight),
        ]

    @pytest.mark.parametrize(
        ("day", "hours"),
        [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)],
    )
    def test_days_of_berlin_have_23_to_25_hours(self, day, hours):
        """In Berlin the day on which the clocks change is an hour shorter or longer."""
        berlin = Calendar([], tz="Europe/Berlin")

        assert timedelta(hours=hours) == berlin.midnight(day + DAY) - berlin.midnight(day)

    def test_day_without_a_midnight_begins_at_one(self):
        """In São Paulo 4 November 2018 began at 01:00, since the clocks went from 00:00 to 01:00."""
        sao_paulo = Calendar([], tz="America/Sao_Paulo")
        begins = sao_paulo.midnight(date(2018, 11, 4))

        assert datetime(2018, 11, 4, 3, tzinfo=UTC) == begins
        assert (date(2018, 11, 4), 1) == (sao_paulo.local_date(begins), begins.astimezone(sao_paulo.zone).hour)
        assert date(2018, 11, 3) == sao_paulo.local_date(begins - timedelta(microseconds=1))

    def test_evening_that_comes_twice_belongs_to_the_old_day(self):
        """In São Paulo 17 February 2018 had 25 hours: eleven in the evening came twice."""
        sao_paulo = Calendar([], tz="America/Sao_Paulo")
        begins = sao_paulo.midnight(date(2018, 2, 18))

        assert timedelta(hours=25) == begins - sao_paulo.midnight(date(2018, 2, 17))
        assert date(2018, 2, 17) == sao_paulo.local_date(begins - timedelta(microseconds=1))

    @given(
        st.dates(date(1990, 1, 1), date(2040, 1, 1)),
        st.sampled_from(
            ["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Kathmandu", "UTC"]
        ),
    )
    def test_every_day_begins_at_its_midnight(self, day, tz):
        """The instant at which a day begins is the first of that date, in every zone and on every change of clocks."""
        calendar = Calendar([], tz=tz)
        begins = calendar.midnight(day)

        assert (day - DAY, day) == (
            calendar.local_date(begins - timedelta(microseconds=1)),
            calendar.local_date(begins),
        )
        assert timedelta(hours=23) <= calendar.midnight(day + DAY) - begins <= timedelta(hours=25)

    def test_naive_instants_are_refused(self):
        """An instant without a time zone has no local date."""
        with pytest.raises(ValueError, match="needs a time zone"):
            YEAR.local_date(datetime(2026, 9, 1))  # noqa: DTZ001 - what is refused


class TestFingerprint:
    def test_adding_a_later_term_is_no_change(self):
        """A term that has not begun is not in the fingerprint; from its first day it is."""
        short = Calendar([AUTUMN], tz="Asia/Shanghai")

        assert short.fingerprint(SPRING.first - DAY) == YEAR.fingerprint(SPRING.first - DAY)
        assert short.fingerprint(SPRING.first) != YEAR.fingerprint(SPRING.first)

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "autumn"},
            {"first": date(2026, 9, 2)},
            {"last": date(2027, 1, 21)},
            {"holidays": ()},
            {"makeup": [date(2026, 10, 10)]},
            {"windows": {"MID": (date(2026, 11, 2), date(2026, 11, 8))}},
        ],
    )
    def test_whatever_decides_a_date_changes_it(self, change):
        """Every fact of a term that can move a date changes the fingerprint, and so does the time zone."""
        changed = Calendar([evolve(AUTUMN, **change)], tz="Asia/Shanghai")
        elsewhere = Calendar([AUTUMN], tz="Asia/Tokyo")

        assert 3 == len({calendar.fingerprint(SPRING.last) for calendar in (YEAR, changed, elsewhere)})

    def test_order_in_which_things_are_written_does_not_matter(self):
        """Holidays, make-up days and windows may be given in any order."""
        spans = [(date(2026, 10, 1), date(2026, 10, 7)), date(2027, 1, 1)]
        one = evolve(AUTUMN, holidays=spans, makeup=[date(2026, 10, 10), date(2026, 9, 27)])
        other = evolve(AUTUMN, holidays=spans[::-1], makeup=[date(2026, 9, 27), date(2026, 10, 10)])

        assert one.facts() == other.facts()
