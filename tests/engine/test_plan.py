from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from casework.engine.plan import BACK
from casework.model.calendar import Calendar
from casework.model.case import Mark, Span
from casework.model.people import Pairing
from casework.testing.factories import AUTUMN, CALENDAR, SPRING, case
from tests.engine.world import World, day, duty, noon, plan, policy

DAY = timedelta(days=1)
FIRST, LAST = AUTUMN.first, AUTUMN.last
BEFORE = day(8, 20)
FILE = {"number": "D2", "by": '"filed"'}


def child(since=BEFORE, until=None, **facts):
    """A child whose case is open from then on."""
    return case("identified", spans=(Span("open", since, until),), **facts)


def dates(found):
    """Opens, due and closes by window."""
    return {due.window: (due.opens, due.due, due.closes) for due in found.values()}


class TestTermWindows:
    @pytest.mark.parametrize(
        ("part", "first", "last"),
        [
            ("OPEN", day(9, 1), day(9, 20)),
            ("MID", day(10, 19), day(12, 6)),
            ("CLOSE", day(1, 4), day(1, 22)),
            ("TERM", FIRST, LAST),
        ],
    )
    def test_a_window_lies_where_the_term_says(self, part, first, last):
        """The windows of a term are its first three weeks, its middle third, its last three weeks, and the whole."""
        laid = plan(f'{{ each = "{part}" }}')

        assert {} == laid.required(child(), first - DAY)
        assert {f"2026-autumn:{part}": (first, last, last)} == dates(laid.required(child(), first))

    def test_a_month_is_due_on_its_last_day_and_cut_at_the_end_of_term(self):
        """Every month with ten teaching days is a window, the last one ends with the term."""
        found = dates(plan('{ each = "MONTH" }').required(child(), LAST))

        assert ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"] == list(found)
        assert (day(9, 1), day(9, 30), day(9, 30)) == found["2026-09"]
        assert (day(1, 1), LAST, LAST) == found["2027-01"]

    def test_a_window_with_grace_closes_with_the_term(self):
        """What may be done until the end of term is overdue after its window and missed after the term."""
        found = dates(plan('{ each = "OPEN", closes = "term end" }').required(child(), FIRST))

        assert {"2026-autumn:OPEN": (day(9, 1), day(9, 20), LAST)} == found

    def test_both_terms_have_windows_of_their_own(self):
        """A window is named by the term's id, so the spring's opening is another one."""
        found = plan('{ each = "OPEN" }').required(child(), SPRING.last)

        assert ["D10/2026-autumn:OPEN", "D10/2027-spring:OPEN"] == list(found)

    def test_windows_of_more_than_400_days_ago_are_left_to_the_record(self):
        """What closed more than 400 days ago is no longer planned."""
        laid = plan('{ each = "OPEN" }')

        assert {"2026-autumn:OPEN"} == set(dates(laid.required(child(), day(9, 20) + BACK))) - {"2027-spring:OPEN"}
        assert {"2027-spring:OPEN"} == set(dates(laid.required(child(), day(9, 21) + BACK)))

    def test_the_next_opening_is_the_next_window_of_anybody(self):
        """Between two windows the record is looked at again when the next one opens."""
        laid = plan('{ each = "OPEN" }, { each = "CLOSE" }')

        assert [day(9, 1), day(1, 4), SPRING.first] == [
            laid.next_opening(child(), today) for today in (BEFORE, day(9, 1), day(1, 3) + DAY)
        ]


class TestJoining:
    def test_five_teaching_days_left_are_enough(self):
        """A child who joins with five teaching days left in a window gets it, from the day of joining on."""
        joiner = child(day(9, 15))
        found = dates(plan('{ each = "OPEN" }').required(joiner, day(9, 15)))

        assert 5 == CALENDAR.teaching_days(day(9, 15), day(9, 20))
        assert {"2026-autumn:OPEN": (day(9, 15), day(9, 20), day(9, 20))} == found

    def test_four_teaching_days_left_are_too_few(self):
        """A child who joins with four teaching days left does not start with a window that cannot be met."""
        assert {} == plan('{ each = "OPEN" }').required(child(day(9, 16)), day(9, 16))

    def test_the_number_is_the_policy_s(self):
        """A school may ask for another number of days."""
        own = policy(duty('{ each = "OPEN" }'), more="[thresholds]\njoin_days = 4\n")
        world = World(own, at=noon(day(9, 16)))
        world.desk().identify("s-17", away="both")

        assert {"D10/2026-autumn:OPEN": "open"} == world.said()

    def test_a_child_who_is_there_from_the_first_day_gets_even_a_short_month(self):
        """Five days are asked of those who join; who was there before gets every window."""
        short = plan('{ each = "MONTH" }', more="")
        found = short.required(child(AUTUMN.first), LAST)

        assert 5 == len(found)

    def test_a_new_duty_starts_as_for_a_child_who_joins(self):
        """A duty that the school takes on in mid-window opens on that day, or with the next window."""
        windows = '{ each = "OPEN" }'

        assert {"2026-autumn:OPEN": (day(9, 10), day(9, 20), day(9, 20))} == dates(
            plan(windows, started={"D10": day(9, 10)}).required(child(), day(9, 10))
        )
        assert {} == plan(windows, started={"D10": day(9, 18)}).required(child(), day(9, 18))


class TestConditions:
    def test_boarders_have_windows_of_their_own(self):
        """What is asked of boarders is asked of them alone, the rest of the others."""
        laid = plan('{ each = "MONTH", only = "boarder", role = "lead" }, { each = "MONTH", unless = "boarder" }')
        boarder = child(boarder=True)
        boarder = evolve(boarder, spans=(*boarder.spans, Span("boarder", BEFORE)))

        assert ["lead"] == [due.role for due in laid.required(boarder, FIRST).values()]
        assert ["class_teacher"] == [due.role for due in laid.required(child(), FIRST).values()]

    @pytest.mark.parametrize(("until", "months"), [(day(9, 29), ["2026-10"]), (day(9, 30), ["2026-09", "2026-10"])])
    def test_a_condition_counts_as_it_stood_on_the_window_s_last_day(self, until, months):
        """Who ceased to board before the month was over is not asked as a boarder for it, however late one looks."""
        both = child()
        was = evolve(both, spans=(*both.spans, Span("boarder", BEFORE, until)))
        is_again = evolve(was, spans=(*was.spans, Span("boarder", day(10, 8))))

        assert months == list(dates(plan('{ each = "MONTH", only = "boarder" }').required(is_again, day(10, 31))))

    def test_who_ceased_to_board_gets_what_is_left_of_the_month(self):
        """The others' window opens on the day after the condition ended, if five teaching days are left."""
        both = child()
        laid = plan('{ each = "MONTH", unless = "boarder" }')
        early, late = (evolve(both, spans=(*both.spans, Span("boarder", BEFORE, on))) for on in (day(9, 8), day(9, 25)))

        assert (day(9, 9), day(9, 30), day(9, 30)) == dates(laid.required(early, day(9, 30)))["2026-09"]
        assert {} == laid.required(late, day(9, 30))


class TestEveryTwoWeeks:
    WINDOWS = '{ every = "14 days", only = "key_child" }'

    def key(self, since, until=None, **facts):
        """A key child from then on."""
        one = child(**facts)
        return evolve(one, spans=(*one.spans, Span("key", since, until)))

    def test_windows_count_from_the_designation(self):
        """A key child is talked to once in every 14 days, counted from the day of the designation."""
        found = dates(plan(self.WINDOWS).required(self.key(day(11, 2)), day(11, 16)))

        assert {
            "2026-11-02": (day(11, 2), day(11, 15), day(11, 15)),
            "2026-11-16": (day(11, 16), day(11, 29), day(11, 29)),
        } == found

    def test_who_was_designated_before_the_term_begins_with_it(self):
        """The count begins anew with each term."""
        keyed = self.key(day(8, 25))
        found = dates(plan(self.WINDOWS).required(keyed, day(3, 14)))

        assert "2026-09-01" in found
        assert (SPRING.first, day(3, 14), day(3, 14)) == found["2027-03-01"]

    def test_a_window_ends_with_the_term(self):
        """The last window of a term is cut at its end, and left out with fewer than five teaching days."""
        found = dates(plan(self.WINDOWS).required(self.key(day(9, 1)), day(2, 20)))

        assert (day(1, 19), LAST, LAST) not in found.values()
        assert (day(1, 5), day(1, 18), day(1, 18)) == found["2027-01-05"]

    def test_holidays_run_on(self):
        """Fourteen days are calendar days; a week of holidays among them moves nothing."""
        found = dates(plan(self.WINDOWS).required(self.key(day(9, 1)), day(10, 13)))

        assert ["2026-09-01", "2026-09-15", "2026-09-29", "2026-10-13"] == list(found)

    def test_nothing_opens_between_terms(self):
        """In the winter holidays nobody is asked for talks at school."""
        keyed = self.key(day(9, 1))
        laid = plan(self.WINDOWS)

        assert laid.required(keyed, LAST).keys() == laid.required(keyed, SPRING.first - DAY).keys()
        assert laid.next_opening(keyed, LAST) == SPRING.first

    def test_a_window_that_the_designation_left_is_not_asked(self):
        """Who ceased to be a key child is asked for no window that reaches beyond."""
        keyed = self.key(day(11, 2), day(11, 20))
        found = dates(plan(self.WINDOWS).required(keyed, day(11, 30)))

        assert ["2026-11-02"] == list(found)

    def test_the_next_opening_is_the_next_fortnight(self):
        """The record is looked at again when the next fortnight begins."""
        assert day(11, 16) == plan(self.WINDOWS).next_opening(self.key(day(11, 2)), day(11, 2))

    def test_every_without_a_condition_counts_from_the_case(self):
        """A fortnight that is asked of all is counted from the day on which the case began."""
        found = dates(plan('{ every = "14 days" }').required(child(day(11, 2)), day(11, 2)))

        assert {"2026-11-02": (day(11, 2), day(11, 15), day(11, 15))} == found

    def test_every_unless_counts_from_the_end_of_the_condition(self):
        """A fortnight for those who do not board begins on the day after boarding ended."""
        both = child(BEFORE)
        was = evolve(both, spans=(*both.spans, Span("boarder", BEFORE, day(11, 1))))
        laid = plan('{ every = "14 days", unless = "boarder" }')

        assert ["2026-11-02"] == list(dates(laid.required(was, day(11, 2))))
        assert {} == laid.required(was, day(11, 1))

    @pytest.mark.parametrize("ends", ["end_key", "unboard"])
    def test_the_day_after_a_condition_ended_is_a_day_to_look(self, ends):
        """When somebody ceases to be a key child, the others' windows open on the next day, not weeks later."""
        world = World(at=noon(day(9, 10)))
        desk = world.desk()
        desk.identify("s-17", away="both", class_="3-1", boarder=ends == "unboard")
        desk.designate_key("s-17", "lives_alone")
        world.on(day(9, 14))
        if ends == "end_key":
            desk.end_key("s-17", "moved_in_with_aunt")
            world.until(day(9, 15))

            assert "open" == world.said("D9")["D9/2026-09"]
        else:
            desk.change_facts("s-17", boarder=False)
        assert () == world.again()


class TestStanding:
    WINDOWS = '{ after = "identified", within = "10 td", closes = "20 td" }'

    def filed(self, one, *on):
        """The child with a file of those days."""
        return evolve(one, marks={f"f{k}": Mark(f"f{k}", "filed", d, "t.wang") for k, d in enumerate(on)})

    def test_due_and_close_count_teaching_days(self):
        """A file is due ten teaching days after identification and missed after twenty."""
        found = dates(plan(self.WINDOWS, **FILE).required(child(day(9, 1)), day(9, 1)))

        assert {"#1": (day(9, 1), day(9, 15), day(9, 29))} == found

    def test_a_missed_one_opens_its_successor_at_once(self):
        """A child whose file was missed is asked for a file again on the next day."""
        laid = plan(self.WINDOWS, **FILE)

        assert ["#1"] == list(dates(laid.required(child(day(9, 1)), day(9, 29))))
        assert (day(9, 30), day(10, 20), day(11, 3)) == dates(laid.required(child(day(9, 1)), day(9, 30)))["#2"]

    def test_done_is_done(self):
        """A file that was opened in time, or late but before the close, is asked for once."""
        laid = plan(self.WINDOWS, **FILE)
        filed = self.filed(child(day(9, 1)), day(9, 29))

        assert ["#1"] == list(dates(laid.required(filed, LAST)))

    def test_done_in_the_successor_ends_the_row(self):
        """A file that came after the first window was missed discharges the second one."""
        laid = plan(self.WINDOWS, **FILE)
        filed = self.filed(child(day(9, 1)), day(10, 9))

        assert ["#1", "#2"] == list(dates(laid.required(filed, LAST)))

    def test_what_was_there_before_is_not_asked_for(self):
        """A reopened case keeps its file."""
        laid = plan(self.WINDOWS, **FILE)
        once = self.filed(child(day(9, 1), day(10, 1)), day(9, 2))
        again = evolve(once, spans=(*once.spans, Span("open", day(11, 2))))

        assert [] == list(laid.required(again, LAST))

    def test_a_pairing_counts_only_while_it_lasts(self):
        """A reopened case has lost its helpers, so pairing is asked for again."""
        laid = plan('{ after = "identified", within = "20 td" }', number="D8", by='"pairing"')
        once = child(day(9, 1), day(9, 14), pairings=(Pairing("t.li", day(9, 3), until=day(9, 14)),))
        again = evolve(once, spans=(*once.spans, Span("open", day(11, 2))))

        assert (day(11, 2), day(11, 30), day(11, 30)) == dates(laid.required(again, LAST))["#2"]

    def test_pairing_is_due_sooner_once_the_file_is_there(self):
        """Pairing is due 20 teaching days after identification, or 10 after the file if that is sooner."""
        windows = '{ after = "identified", within = "20 td", sooner = { after = "filed", within = "10 td" } }'
        laid = plan(windows, number="D8", by='"pairing"')
        plain = child(day(9, 1))

        assert (day(9, 1), day(9, 29), day(9, 29)) == dates(laid.required(plain, day(9, 1)))["#1"]
        assert [day(9, 16), day(9, 29)] == [
            dates(laid.required(self.filed(plain, on), day(9, 1)))["#1"][1] for on in (day(9, 2), day(9, 23))
        ]

    def test_what_is_asked_after_the_file_waits_for_it(self):
        """A duty that begins with the file is not asked for without one."""
        laid = plan('{ after = "filed", within = "5 td" }', number="D24", by='"letter"')
        plain = child(day(9, 1))

        assert {} == laid.required(plain, LAST)
        assert (day(9, 7), day(9, 14), day(9, 14)) == dates(laid.required(self.filed(plain, day(9, 7)), day(9, 7)))[
            "#1"
        ]

    def test_a_new_standing_duty_begins_on_its_day(self):
        """A standing duty that the school takes on later counts from that day."""
        laid = plan(self.WINDOWS, started={"D2": day(11, 2)}, **FILE)

        assert (day(11, 2), day(11, 16), day(11, 30)) == dates(laid.required(child(), day(11, 2)))["#1"]

    def test_beyond_the_known_calendar_there_is_no_close(self):
        """A window that reaches past the known calendar has no close until the calendar grows."""
        known, grown = Calendar([AUTUMN], tz="Asia/Shanghai"), CALENDAR
        found = [
            dates(plan(self.WINDOWS, calendar, **FILE).required(child(day(1, 4)), day(2, 1)))["#1"]
            for calendar in (known, grown)
        ]

        assert [(day(1, 4), day(1, 18), None), (day(1, 4), day(1, 18), day(3, 8))] == found

    def test_a_window_after_the_calendar_has_no_due_day_at_all(self):
        """A child who is identified after the last known term gets a window without dates."""
        calendar = Calendar([AUTUMN], tz="Asia/Shanghai")
        found = dates(plan(self.WINDOWS, calendar, **FILE).required(child(day(2, 1)), day(2, 1)))

        assert {"#1": (day(2, 1), None, None)} == found

    @given(st.dates(FIRST, LAST), st.lists(st.dates(FIRST, SPRING.last), max_size=3))
    def test_windows_follow_each_other_without_gap(self, since, filed):
        """However late the file comes, one window after the other asks for it until it is there."""
        laid = plan(self.WINDOWS, **FILE)
        one = self.filed(child(since), *filed)
        found = list(laid.required(one, SPRING.last).values())

        before = [due.closes + DAY for due in found if due.closes is not None]

        assert [due.opens for due in found][1:] == before[: max(0, len(found) - 1)]
