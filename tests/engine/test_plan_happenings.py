from datetime import date

import pytest
from attrs import evolve

from casework.model.calendar import Calendar
from casework.model.case import Mark, Span
from casework.model.emergency import Emergency
from casework.model.people import Pairing
from casework.testing.factories import AUTUMN, CALENDAR, SPRING, activity, case, concern
from tests.engine.world import CARD, World, day, duty, noon, plan, policy

FIRST, LAST = AUTUMN.first, AUTUMN.last
BEFORE = day(8, 20)


def child(since=BEFORE, until=None, **facts):
    """A child whose case is open from then on."""
    return case("identified", spans=(Span("open", since, until),), **facts)


def dates(found):
    """Opens, due and closes by window."""
    return {due.window: (due.opens, due.due, due.closes) for due in found.values()}


class TestTriggers:
    WINDOWS = '{ on = ["concern", "absence", "unreachable", "carer_changed", "look_again"], within = "5 td" }'

    def on(self, one, today=LAST, windows=WINDOWS, **facts):
        """The dates of the windows that this record's triggers open."""
        return dates(plan(windows, **facts).required(one, today))

    def test_a_concern_asks_for_a_visit_in_five_teaching_days(self):
        """A concern asks for a visit, counted from the day on which it was entered."""
        noted = child(concern_log={"c1": concern("bullied", id="c1", on=day(10, 1), entered_at=noon(day(10, 8)))})

        assert {"c1": (day(10, 8), day(10, 14), day(10, 14))} == self.on(noted)

    def test_a_low_concern_asks_for_nothing(self):
        """A low concern is only noted."""
        assert {} == self.on(child(concern_log={"c1": concern("shy", id="c1", severity="low")}))

    def test_what_was_voided_asks_for_nothing(self):
        """A concern, or an absence, that never happened takes its trigger back."""
        voided = child(
            concern_log={"c1": concern("bullied", id="c1", voided="wrong_child")},
            activity_log={"a1": activity("absence", id="a1", voided="wrong_child")},
        )

        assert {} == self.on(voided)

    def test_an_absence_asks_for_a_visit(self):
        """A child who stays away is visited."""
        assert ["a1"] == list(self.on(child(activity_log={"a1": activity("absence", id="a1", on=day(10, 21))})))

    def test_the_second_attempt_in_vain_asks_for_a_visit(self):
        """Two attempts in a row that reached nobody are a trigger; one is not, nor two with a success between."""
        calls = {f"a{k}": activity("call", id=f"a{k}", on=day(10, 20 + k), reached=k == 2) for k in range(5)}

        assert ["a1", "a4"] == list(self.on(child(activity_log=calls)))
        assert {} == self.on(child(activity_log={"a0": calls["a0"]}))

    def test_the_third_in_vain_is_the_first_of_the_next_row(self):
        """Four attempts in vain are two triggers, three are one."""
        calls = {f"a{k}": activity("call", id=f"a{k}", on=day(10, 20 + k), reached=False) for k in range(4)}

        assert ["a1", "a3"] == list(self.on(child(activity_log=calls)))

    def test_before_the_case_nothing_triggers(self):
        """What was entered before the child was identified asks for no visit."""
        noted = child(day(10, 9), concern_log={"c1": concern("bullied", id="c1", on=day(10, 8))})

        assert {} == self.on(noted)

    def test_a_look_again_asks_on_its_day(self):
        """The day named when an emergency was stood down asks for a visit."""
        at = noon(day(10, 8))
        stood = Emergency("e1", "missing", at, "t.wang", at, state="stood_down", look_again=day(10, 12))

        assert {} == self.on(child(emergencies={"e1": stood}), day(10, 11))
        assert {"e1": (day(10, 12), day(10, 19), day(10, 19))} == self.on(child(emergencies={"e1": stood}), day(10, 12))
        assert day(10, 12) == plan(self.WINDOWS).next_opening(child(emergencies={"e1": stood}), day(10, 11))

    def test_a_broken_pairing_asks_for_another(self):
        """When a pairing ends another one is asked for within five teaching days."""
        gone = child(pairings=(Pairing("t.li", day(9, 3), until=day(10, 12)),))

        assert {"unpaired-2026-10-12": (day(10, 12), day(10, 19), day(10, 19))} == self.on(
            gone, day(10, 12), '{ on = ["pairing_ended"], within = "5 td" }', number="D8", by='"pairing"'
        )

    @pytest.mark.parametrize(("since", "found"), [(day(10, 13), []), (day(10, 14), ["unpaired-2026-10-12"])])
    def test_a_replaced_pairing_leaves_no_gap(self, since, found):
        """Who is paired anew on the next day at the latest had no gap."""
        pairings = (Pairing("t.li", day(9, 3), until=day(10, 12)), Pairing("t.he", since))
        windows = '{ on = ["pairing_ended"], within = "5 td" }'

        assert found == list(self.on(child(pairings=pairings), LAST, windows, number="D8", by='"pairing"'))

    def test_a_trigger_keeps_the_dates_of_its_kind(self):
        """A dead number asks for the card in ten teaching days, and gives ten more."""
        dead = child(marks={"m1": Mark("m1", "number_dead", day(10, 12), "t.wang")})
        windows = '{ on = ["number_dead"], within = "10 td", closes = "20 td" }'

        assert {"m1": (day(10, 12), day(10, 26), day(11, 9))} == self.on(
            dead, windows=windows, number="D3", by='"card"'
        )


class TestCensus:
    WINDOWS = '{ each = "OPEN", closes = "term end" }, { on = ["joined", "away_changed"], within = "10 td" }'

    def of(self, one, today):
        """The windows of the census for this record."""
        return list(dates(plan(self.WINDOWS, number="D1", by='"census"').required(one, today)))

    @pytest.mark.parametrize(
        ("since", "today", "found"),
        [
            (day(9, 1), LAST, ["2026-autumn:OPEN"]),
            (day(9, 15), LAST, ["2026-autumn:OPEN"]),
            (day(9, 16), LAST, ["joined-2026-09-16"]),
            (day(11, 2), LAST, ["joined-2026-11-02"]),
            (day(2, 1), SPRING.last, ["2027-spring:OPEN"]),
        ],
    )
    def test_a_child_is_studied_once_when_it_joins(self, since, today, found):
        """Who gets the opening window of the term is not asked for twice; who joins later is asked for on joining."""
        assert found == self.of(child(since), today)

    def test_a_parent_who_leaves_asks_again(self):
        """When a parent leaves or returns the child is studied again."""
        left = child(day(9, 1), marks={"m1": Mark("m1", "away_changed", day(10, 12), "t.wang")})

        assert ["2026-autumn:OPEN", "m1"] == self.of(left, LAST)

    def test_a_case_reopened_in_mid_term_does_not_change_how_it_began(self):
        """Who joined at the start of term and comes back in November is asked for on coming back, once."""
        spans = (Span("open", day(9, 1), day(10, 9)), Span("open", day(11, 2)))

        assert ["joined-2026-11-02"] == self.of(evolve(child(), spans=spans), LAST)


class TestReopened:
    def test_a_window_is_asked_again_from_the_day_of_reopening(self):
        """A case that is reopened within a window has the rest of it."""
        world = World(policy(duty('{ each = "OPEN" }')))
        desk = world.desk()
        desk.identify("s-17", away="both")
        world.on(day(9, 4))
        desk.close("s-17", "parents_returned")

        assert {"D10/2026-autumn:OPEN": "excused"} == world.said()

        world.on(day(9, 8))
        desk.reopen("s-17", "parents_left_again")
        found = world.record().obligations["D10/2026-autumn:OPEN"]

        assert ("open", day(9, 8)) == (found.status, found.opens)
        assert () == world.again()

    def test_a_standing_duty_is_asked_once(self):
        """A case that is closed and reopened before its pairing was due is asked for one pairing."""
        own = policy(duty('{ after = "identified", within = "20 td" }', "D8", '"pairing"'))
        world = World(own)
        desk = world.desk()
        desk.identify("s-17", away="both")
        world.on(day(9, 4))
        desk.close("s-17", "parents_returned")
        world.on(day(9, 8))
        desk.reopen("s-17", "parents_left_again")

        assert {"D8/#1": "excused", "D8/#2": "open"} == world.said()

        desk.pair("s-17", "t.li")

        assert {"D8/#1": "excused", "D8/#2": "met"} == world.said()

    def test_a_window_that_the_case_slept_through_is_not_asked(self):
        """Nobody owes a visit in a window throughout which the case was closed."""
        spans = (Span("open", day(9, 1), day(9, 30)), Span("open", day(12, 14)))
        found = dates(
            plan('{ each = "OPEN" }, { each = "MID" }, { each = "CLOSE" }').required(evolve(child(), spans=spans), LAST)
        )

        assert ["2026-autumn:OPEN", "2026-autumn:CLOSE"] == list(found)


class TestCalendarGrows:
    def test_a_school_that_adds_a_term_is_asked_for_it(self):
        """When the next term is made known after the last one ended, its windows open on their day."""
        known = Calendar([AUTUMN], tz="Asia/Shanghai")
        own = policy(duty('{ each = "OPEN" }'))
        world = World(own, calendar=known)
        world.desk().identify("s-17", away="both")
        world.until(day(2, 10))
        world.use(own, calendar=CALENDAR)
        world.until(day(3, 1))

        assert {"D10/2026-autumn:OPEN": "missed", "D10/2027-spring:OPEN": "open"} == world.said()

    def test_a_window_without_a_close_gets_one(self):
        """When the calendar grows a window that had no close gets it, keeping its identity."""
        known = Calendar([AUTUMN], tz="Asia/Shanghai")
        own = policy(duty('{ after = "identified", within = "10 td", closes = "20 td" }', "D2", '"filed"'))
        world = World(own, calendar=known, at=noon(day(1, 4)))
        world.desk().identify("s-17", away="both")

        assert None is world.record().obligations["D2/#1"].closes

        world.until(day(2, 1))
        world.use(own, calendar=CALENDAR)
        world.until(day(2, 3))

        assert day(3, 8) == world.record().obligations["D2/#1"].closes


class TestLooksAreExact:
    def test_a_missed_pairing_after_a_break_is_asked_for_again(self):
        """A child who stays unpaired after a break is never left without anybody being asked to pair it."""
        world = World(at=noon(day(9, 1)))
        desk = world.desk()
        desk.identify("s-17", away="both", class_="3-1")
        desk.file("s-17")
        desk.pair("s-17", "t.li")
        world.on(day(10, 12))
        desk.unpair("s-17", "teacher_left")
        world.until(day(10, 20))

        assert "missed" == world.said("D8")["D8/unpaired-2026-10-12"]
        assert ["open"] == [status for key, status in world.said("D8").items() if status == "open"]
        assert date(2026, 10, 20) in {o.opens for o in world.record().obligations.values() if o.duty == "D8"}


class TestEnteredLate:
    def test_what_was_known_late_is_asked_from_then_on(self):
        """A dead number of three weeks ago that is entered today asks for a card from today on, not as missed."""
        world = World(at=noon(day(9, 1)))
        desk = world.desk()
        desk.identify("s-17", away="both", class_="3-1")
        desk.file("s-17", CARD)
        world.on(day(11, 10))
        desk.mark_number_dead("s-17", "carer", on=day(10, 12))
        desk.change_facts("s-17", away="one", on=day(10, 12))
        found = [o for o in world.record().obligations.values() if o.trigger and o.duty in {"D1", "D3"}]

        assert {("D1", day(11, 10), "open"), ("D3", day(11, 10), "open")} == {
            (o.duty, o.opens, o.status) for o in found
        }

    def test_a_pairing_taken_back_on_the_same_day_answers_nothing(self):
        """Who is paired by mistake and unpaired on the same day still needs a helper."""
        world = World(at=noon(day(9, 1)))
        desk = world.desk()
        desk.identify("s-17", away="both", class_="3-1")
        desk.pair("s-17", "t.li")
        desk.unpair("s-17", "wrong_child")

        assert {"open"} == set(world.said("D8").values())

        desk.pair("s-17", "t.he")
        desk.pair("s-17", "t.li")

        assert {"met"} == set(world.said("D8").values()) - {"superseded"}
