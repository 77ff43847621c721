import itertools
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from casework.engine.ladder import climb
from casework.errors import CommandRefused
from casework.model.emergency import EMERGENCY_STATES, Emergency, Notice
from casework.model.events import Notified, RungPassed
from casework.policy import Ladder, Rung
from tests.engine.world import World, day, noon

START = datetime(2026, 10, 3, 22, 15, tzinfo=UTC)  # a night in the National Day holidays
MINUTE = timedelta(minutes=1)
LADDER = Ladder(
    (
        Rung("lead", "class_teacher"),
        Rung("safeguarding_lead"),
        Rung("vice_principal"),
        Rung("principal"),
        Rung("outside"),
    )
)
STAFF = {
    "lead": ["t.li"],
    "class_teacher": ["t.wang"],
    "safeguarding_lead": ["t.chen"],
    "vice_principal": ["t.zhao"],
    "principal": ["t.sun"],
}


def emergency(state="raised", since=START, **facts):
    """An emergency in that state since then."""
    return Emergency("e1", "missing", START, "t.wang", since, state, **facts)


def seats(staff=STAFF):
    """Who holds a role, whenever asked."""
    return lambda role, at: staff.get(role, ())


def noted(one, events):
    """The emergency with the notices that these events leave."""
    notices = [
        Notice(e.state, e.step, e.rung, e.role, getattr(e, "person", ""), e.at, getattr(e, "why", "")) for e in events
    ]
    return evolve(one, notices=(*one.notices, *notices))


def climbed(one, minutes, staff=STAFF, ladder=LADDER):
    """After so many minutes: who was told when (in minutes), and when the next step is."""
    events, following = climb(one, ladder, seats(staff), START + minutes * MINUTE)
    said = [(int((e.at - START) / MINUTE), e.person if isinstance(e, Notified) else f"({e.why})") for e in events]
    return said, following and int((following - START) / MINUTE)


class TestClimb:
    def test_the_first_rung_is_told_at_once(self):
        """Whoever helps the child is told in the moment of raising, at night and in the holidays."""
        assert ([(0, "t.li")], 30) == climbed(emergency(), 0)

    def test_nobody_is_told_before_the_rung_has_had_its_time(self):
        """A rung has thirty minutes; in the twenty-ninth nobody else is told."""
        assert ([(0, "t.li")], 30) == climbed(emergency(), 29)
        assert ([(0, "t.li"), (30, "t.chen")], 60) == climbed(emergency(), 30)

    def test_the_ladder_leaves_the_school(self):
        """When everybody in the school stays silent, the outside is told after two hours."""
        said, following = climbed(emergency(), 120)

        assert ["t.li", "t.chen", "t.zhao", "t.sun", "outside"] == [person for _, person in said]
        assert [0, 30, 60, 90, 120] == [minute for minute, _ in said]
        assert 150 == following

    def test_a_silent_top_is_told_again_doubling_up_to_a_day(self):
        """At a silent top the notice is repeated, the pause doubling up to 24 hours, for ever."""
        said, following = climbed(emergency(), 120 + 30 + 60 + 120 + 240 + 480 + 960 + 1440 + 1440)
        again = [minute for minute, person in said if person == "outside"]

        assert [30, 60, 120, 240, 480, 960, 1440, 1440] == [b - a for a, b in itertools.pairwise(again)]
        assert again[-1] + 1440 == following

    def test_everybody_on_a_rung_is_told(self):
        """Two who hold one seat are both told, and the rung has its time once."""
        both = STAFF | {"vice_principal": ["t.zhao", "t.he", "t.zhao"]}

        assert [(60, "t.zhao"), (60, "t.he")] == climbed(emergency(), 60, both)[0][-2:]
        assert 90 == climbed(emergency(), 60, both)[1]


class TestPassing:
    def test_a_vacant_seat_passes_to_its_deputy(self):
        """Where no lead helper is named the class teacher is told in the same moment."""
        assert [(0, "t.wang")] == climbed(emergency(), 0, STAFF | {"lead": []})[0]

    def test_a_vacant_rung_passes_at_once_upwards(self):
        """Where seat and deputy are vacant the next rung is told in the same moment."""
        gone = STAFF | {"lead": [], "class_teacher": [], "safeguarding_lead": []}

        assert ([(0, "(vacant)"), (0, "(vacant)"), (0, "t.zhao")], 30) == climbed(emergency(), 0, gone)

    def test_an_implicated_person_is_never_told(self):
        """A rung whose holder is implicated passes at once, and says why."""
        one = emergency(implicated=("t.li", "t.chen"))
        said, _ = climbed(one, 10_000)

        assert (0, "t.wang") == said[0]
        assert (30, "(implicated)") == said[1]
        assert (30, "t.zhao") == said[2]
        assert not {"t.li", "t.chen"} & {person for _, person in said}

    def test_the_other_holder_of_the_seat_is_told(self):
        """If one of two principals is implicated the other one is told."""
        one = emergency(implicated=("t.sun",))

        assert (90, "t.he") in climbed(one, 90, STAFF | {"principal": ["t.sun", "t.he"]})[0]

    def test_who_was_told_before_is_not_told_again_upwards(self):
        """One person on two rungs is told once, and the ladder climbs past at once."""
        small = STAFF | {"vice_principal": ["t.chen"]}

        assert ([(0, "t.li"), (30, "t.chen"), (60, "(told_before)"), (60, "t.sun")], 90) == climbed(
            emergency(), 60, small
        )

    def test_nobody_at_all_still_leaves_the_school(self):
        """In a school where every seat is vacant the outside is told at once."""
        said, following = climbed(emergency(), 0, {})

        assert [(0, "(vacant)")] * 4 + [(0, "outside")] == said
        assert 30 == following

    def test_everybody_implicated_leaves_the_school_at_once(self):
        """Where everybody is implicated the outside is told at once."""
        one = emergency(implicated=("t.chen", "t.li", "t.sun", "t.wang", "t.zhao"))

        assert [(0, "(implicated)")] * 4 + [(0, "outside")] == climbed(one, 0)[0]

    def test_seats_are_asked_for_the_nominal_instant(self):
        """A sweep that comes late tells those who held the seats then, not those who hold them now."""
        asked = []
        climb(emergency(), LADDER, lambda role, at: asked.append((role, at)) or ["x"], START + 31 * MINUTE)

        assert ("lead", START) == asked[0]
        assert START + 30 * MINUTE == asked[-1][1]


class TestLimits:
    @pytest.mark.parametrize(
        ("state", "limit"), [("acknowledged", 120), ("responding", 24 * 60), ("stood_down", 7 * 24 * 60)]
    )
    def test_every_state_has_a_limit(self, state, limit):
        """Acknowledged two hours, responding a day, stood down seven days: then the climb goes on."""
        one = emergency(state)

        assert ([], limit) == climbed(one, limit - 1)
        assert 1 == len(climbed(one, limit)[0])

    def test_a_reviewed_emergency_is_done(self):
        """After the review nobody is told any more."""
        assert ([], None) == climbed(emergency("reviewed"), 100_000)

    def test_every_state_but_the_last_has_a_next_step(self):
        """There is no state but the last in which an emergency can be forgotten."""
        assert dict.fromkeys(EMERGENCY_STATES[:-1], True) == {
            s: climbed(emergency(s), 1_000_000)[1] is not None for s in EMERGENCY_STATES[:-1]
        }

    def test_acknowledging_stops_the_climb_only_until_its_limit(self):
        """Who acknowledges and then does nothing is passed over: the climb goes on where it had stopped."""
        told, _ = climb(emergency(), LADDER, seats(), START + 40 * MINUTE)
        heard = evolve(noted(emergency(), told), state="acknowledged", since=START + 45 * MINUTE)

        assert ([], 165) == climbed(heard, 164)
        assert ([(165, "t.zhao"), (195, "t.sun"), (225, "outside")], 255) == climbed(heard, 225)

    def test_a_review_that_is_overdue_stays_inside_the_school(self):
        """The police are not called because a review is late; the principal is told again and again."""
        said, _ = climbed(emergency("stood_down"), 30 * 24 * 60)

        assert "outside" not in {person for _, person in said}
        assert ["t.li", "t.chen", "t.zhao", "t.sun", "t.sun"] == [person for _, person in said][:5]

    def test_an_emergency_that_came_to_the_top_stays_there(self):
        """If the outside was told before somebody acknowledged, the next limit tells the outside again."""
        told, _ = climb(emergency(), LADDER, seats(), START + 120 * MINUTE)
        heard = evolve(noted(emergency(), told), state="acknowledged", since=START + 130 * MINUTE)

        assert [(250, "outside")] == climbed(heard, 250)[0]

    def test_a_ladder_of_one_rung_is_a_ladder(self):
        """Where the outside is the only rung it is told at once and again, and for a late review as well."""
        alone = Ladder((Rung("outside"),))

        assert ([(0, "outside"), (30, "outside")], 90) == climbed(emergency(), 30, {}, alone)
        assert 1 == len(climbed(emergency("stood_down"), 7 * 24 * 60, {}, alone)[0])


class TestLateSweeps:
    @given(
        st.lists(st.integers(0, 3000), max_size=8).map(sorted),
        st.dictionaries(st.sampled_from(sorted(STAFF)), st.lists(st.sampled_from(["a", "b", "c"]), max_size=2)),
        st.sets(st.sampled_from(["a", "b", "t.li", "t.sun"])),
        st.sampled_from(EMERGENCY_STATES),
    )
    def test_a_late_sweep_tells_the_same_people_at_the_same_nominal_times(self, looks, staff, implicated, state):
        """However often and late one looks, the steps are the same in the end."""
        one = emergency(state, implicated=tuple(sorted(implicated)))
        at_once, following = climb(one, LADDER, seats(STAFF | staff), START + 3000 * MINUTE)
        found = []
        for minute in [*looks, 3000]:
            events, then = climb(noted(one, found), LADDER, seats(STAFF | staff), START + minute * MINUTE)
            found += events

        assert (at_once, following) == (found, then)
        assert not implicated & {e.person for e in found if isinstance(e, Notified)}
        assert len({(e.step, getattr(e, "person", "")) for e in found}) == len(found)

    @given(st.sets(st.sampled_from(sorted(STAFF))), st.sets(st.sampled_from(["t.li", "t.wang", "t.chen", "t.sun"])))
    def test_the_outside_is_told_after_two_hours_at_most(self, vacant, implicated):
        """Whoever is missing or implicated, the outside is told within the time that the rungs have."""
        staff = {role: people for role, people in STAFF.items() if role not in vacant}
        events, _ = climb(emergency(implicated=tuple(implicated)), LADDER, seats(staff), START + 120 * MINUTE)
        rungs = [e.rung for e in events]

        assert "outside" in {e.person for e in events if isinstance(e, Notified)}
        assert sorted(rungs) == rungs
        assert {0, 1, 2, 3, 4} == set(rungs)


class TestInTheSchool:
    def test_the_outbox_holds_each_notice_once(self):
        """What a late sweep tells stands in the outbox once, under the nominal time."""
        world = World(at=noon(day(9, 1)))
        desk = world.desk()
        raised = desk.raise_emergency("s-17", "missing")
        world.on(day(9, 2))
        world.sweep()
        world.sweep()
        rows = world.outbox()

        assert [e.key for e in sorted(rows, key=lambda row: row.at)] == list(dict.fromkeys(row.key for row in rows))
        assert ["t.chen", "t.zhao", "t.sun", "outside"] == [row.person for row in rows][:4]
        assert noon(day(9, 1)) == rows[0].at
        assert {raised.emergency} == {row.facts["emergency"] for row in rows}

    def test_an_absent_helper_is_passed_at_once(self):
        """A lead helper who is away today is passed over in the same moment."""
        absent = World().casework.school("qinghe").directory
        away = evolve(absent, away={"t.li": [(day(9, 1), day(9, 3))]})
        world = World(directory=away, at=noon(day(9, 1)))
        desk = world.desk()
        desk.identify("s-17", away="both", class_="3-1")
        desk.pair("s-17", "t.li")
        desk.raise_emergency("s-17", "missing")

        assert ["t.wang"] == [row.person for row in world.outbox()]

    def test_a_passed_rung_is_written_down(self):
        """History says who was passed over and why."""
        world = World(at=noon(day(9, 1)))
        desk = world.desk("t.chen")
        desk.raise_emergency("s-17", "missing", implicated=["t.zhao"])
        world.on(day(9, 1), hour=14)
        world.sweep()
        passed = [e for entry in world.entries() for _, e in entry.events if isinstance(e, RungPassed)]

        assert [("lead", "vacant"), ("vice_principal", "implicated")] == [(e.role, e.why) for e in passed]


class TestReview:
    def test_whoever_stood_it_down_does_not_review_it(self):
        """Nobody approves what they did themselves: somebody else of those who may goes through it."""
        world = World()
        desk = world.desk("t.chen")
        raised = desk.raise_emergency("s-17", "missing").emergency
        desk.stand_down("s-17", raised, "found", safe_seen_by="t.li", safe_seen_at=world.clock())
        with pytest.raises(CommandRefused, match="nobody reviews an emergency that they stood down themselves"):
            desk.review("s-17", raised)

        assert "stood_down" == world.record().emergencies[raised].state
        assert "reviewed" == world.desk("t.zhao").review("s-17", raised).case.emergencies[raised].state
