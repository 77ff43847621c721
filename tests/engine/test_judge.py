import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.engine.judge import judge
from casework.model.case import Span
from casework.model.obligation import Obligation
from casework.testing.factories import activity, case
from tests.engine.world import World, day, duty, noon, plan, policy

OPENS, DUE, CLOSES = day(9, 1), day(9, 15), day(9, 20)


def window(name="w1", opens=OPENS, due=DUE, closes=CLOSES, status="open", duty_id="D10", **facts):
    """An obligation of that window."""
    return Obligation(duty_id, name, opens, due, closes, "class_teacher", status, **facts)


def verdicts(today, *windows, acts=(), own=None):
    """What the judge changes, by window."""
    one = case(
        "identified",
        obligations={o.key: o for o in windows},
        activity_log={act.id: act for act in acts},
        spans=(Span("open", OPENS),),
    )
    return {v.key: (v.status, v.on, v.by) for v in judge(own or plan('{ each = "OPEN" }'), one, today)}


def visit(on, id_="a1", **facts):
    """A visit of that day."""
    return activity("visit", id=id_, on=on, **facts)


class TestVerdicts:
    @pytest.mark.parametrize(
        ("on", "status"), [(OPENS, "met"), (DUE, "met"), (day(9, 16), "met_late"), (CLOSES, "met_late")]
    )
    def test_an_act_in_the_window_meets_it(self, on, status):
        """Done by the due day is met, done by the close is met late."""
        assert {"D10/w1": (status, on, "a1")} == verdicts(CLOSES, window(), acts=[visit(on)])

    @pytest.mark.parametrize("on", [day(8, 31), day(9, 21)])
    def test_an_act_outside_does_not_count(self, on):
        """An act on the day before the window opened or after it closed counts for nothing."""
        assert {} == verdicts(CLOSES, window(), acts=[visit(on)])

    def test_the_last_day_belongs_to_the_window(self):
        """Nothing is missed on the last day; it is on the day after."""
        assert {} == verdicts(CLOSES, window())
        assert {"D10/w1": ("missed", None, "")} == verdicts(day(9, 21), window())

    def test_without_a_close_nothing_is_missed(self):
        """A window that reaches past the known calendar stays open."""
        assert {} == verdicts(day(6, 1), window(due=None, closes=None))
        assert {"D10/w1": ("met", day(6, 1), "a1")} == verdicts(
            day(6, 1), window(due=None, closes=None), acts=[visit(day(6, 1))]
        )

    def test_what_was_entered_later_but_done_in_time_counts(self):
        """A visit that was made in time and entered after the close turns missed into met."""
        late = visit(DUE, entered_at=noon(day(10, 9)))

        assert {"D10/w1": ("met", DUE, "a1")} == verdicts(day(10, 9), window(status="missed"), acts=[late])

    @pytest.mark.parametrize(("today", "status"), [(CLOSES, "open"), (day(9, 21), "missed")])
    def test_a_voided_act_counts_no_longer(self, today, status):
        """When the act that met a window is voided, the window is open again, or missed."""
        met = window(status="met", on=DUE, by="a1")

        assert {"D10/w1": (status, None, "")} == verdicts(today, met, acts=[visit(DUE, voided="wrong_child")])

    def test_an_attempt_that_reached_nobody_discharges_nothing(self):
        """Who stood before a locked door has not visited."""
        assert {} == verdicts(CLOSES, window(), acts=[visit(DUE, reached=False)])

    def test_the_right_person_has_to_be_met(self):
        """A visit counts as a talk with the carer only if the carer was met."""
        own = plan('{ each = "OPEN" }', by='"visit:carer"')

        assert {} == verdicts(CLOSES, window(), acts=[visit(DUE, met=("child",))], own=own)
        assert {"D10/w1": ("met", DUE, "a1")} == verdicts(
            CLOSES, window(), acts=[visit(DUE, met=("child", "carer"))], own=own
        )

    @pytest.mark.parametrize("status", ["excused", "superseded"])
    def test_what_is_set_aside_stays(self, status):
        """What was excused or superseded is not judged."""
        assert {} == verdicts(day(10, 1), window(status=status), acts=[visit(DUE)])

    def test_a_right_verdict_is_not_said_again(self):
        """Judging what is judged says nothing."""
        done = window(status="met", on=DUE, by="a1")

        assert {} == verdicts(
            day(10, 1), done, window("w0", day(8, 1), day(8, 2), day(8, 3), "missed"), acts=[visit(DUE)]
        )

    def test_a_duty_that_the_policy_no_longer_has_closes_as_any_other(self):
        """An open obligation of an unknown duty is missed after its close."""
        assert {"D99/w1": ("missed", None, "")} == verdicts(day(9, 21), window(duty_id="D99"), acts=[visit(DUE)])


class TestOneActOneWindow:
    LATER = ("w2", day(9, 10), day(9, 25), day(9, 30))

    def test_an_act_counts_for_the_window_that_closes_first(self):
        """One visit serves one window, the one that closes first."""
        assert {"D10/w1": ("met", day(9, 12), "a1")} == verdicts(
            day(9, 12), window(*self.LATER), window(), acts=[visit(day(9, 12))]
        )

    def test_two_acts_serve_two_windows(self):
        """Two visits serve two windows that overlap."""
        found = verdicts(
            day(9, 13), window(*self.LATER), window(), acts=[visit(day(9, 12)), visit(day(9, 13), id_="a2")]
        )

        assert {"D10/w1": ("met", day(9, 12), "a1"), "D10/w2": ("met", day(9, 13), "a2")} == found

    def test_an_act_passes_on_to_the_next_window(self):
        """When the first window has its act, the next act in it counts for the one that closes later."""
        first = window(status="met", on=day(9, 2), by="a0")
        found = verdicts(day(9, 13), window(*self.LATER), first, acts=[visit(day(9, 2), id_="a0"), visit(day(9, 12))])

        assert {"D10/w2": ("met", day(9, 12), "a1")} == found

    def test_one_visit_answers_every_trigger_it_follows(self):
        """After three concerns one visit is enough, and it serves the term's window as well."""
        triggered = [window(f"c{k}", day(9, k), CLOSES, CLOSES, trigger=f"c{k}") for k in (2, 3, 13)]
        found = verdicts(day(9, 12), window(), *triggered, acts=[visit(day(9, 12))])

        assert {"D10/w1", "D10/c2", "D10/c3"} == set(found)

    @pytest.mark.parametrize("said_by", ["D10", "D11"])
    def test_an_act_serves_one_of_two_duties_that_exclude_each_other(self, said_by):
        """One visit does not serve two duties that say that they exclude each other, whichever says it."""
        other = {"D10": "D11", "D11": "D10"}[said_by]
        duties = [
            duty('{ each = "OPEN" }', number, more=f'exclusive_with = ["{other}"]' if number == said_by else "")
            for number in ("D10", "D11")
        ]
        own = World(policy(*duties)).casework
        settings, _ = own.settings("qinghe", own.school("qinghe").applied(OPENS, None))
        both = [window(), window(duty_id="D11")]

        assert {"D10/w1"} == set(verdicts(DUE, *both, acts=[visit(DUE)], own=settings.plan))
        assert {"D10/w1", "D11/w1"} == set(
            verdicts(DUE, *both, acts=[visit(DUE), visit(DUE, id_="a2")], own=settings.plan)
        )

    @given(st.lists(st.dates(day(8, 25), day(10, 5)), max_size=8), st.integers(1, 4))
    def test_no_act_is_counted_twice_nor_lost(self, acts, count):
        """However acts and windows lie, each act serves one window at most, and none is left while a window waits."""
        windows = [window(f"w{k}", day(9, 1 + 3 * k), day(9, 10 + k), day(9, 14 + 2 * k)) for k in range(count)]
        done = [visit(on, id_=f"a{k}") for k, on in enumerate(acts)]
        found = {key: v for key, v in verdicts(day(9, 1), *windows, acts=done).items() if v[0].startswith("met")}
        used = [by for _, _, by in found.values()]
        idle = [act for act in done if act.id not in used]
        waiting = [o for o in windows if o.key not in found]

        assert len(used) == len(set(used))
        assert [] == [(o.key, act.on) for o in waiting for act in idle if o.opens <= act.on <= o.closes]


class TestInTheSchool:
    def test_a_corrected_date_is_judged_again(self):
        """A visit entered under a wrong date counts where it belongs after the correction."""
        world = World(policy(duty('{ each = "OPEN" }')))
        desk = world.desk()
        desk.identify("s-17", away="both")
        world.on(day(9, 25))
        done = desk.record("s-17", "visit", reached=True)

        assert {"D10/2026-autumn:OPEN": "missed"} == world.said()

        desk.correct("s-17", done.activity, "wrong_date", on=day(9, 18))

        assert {"D10/2026-autumn:OPEN": "met"} == world.said()

        desk.void("s-17", done.activity, "wrong_child")

        assert {"D10/2026-autumn:OPEN": "missed"} == world.said()

    def test_a_void_that_opens_a_window_which_is_no_longer_asked(self):
        """When the talk of a child who became a key child is voided, the month's window is superseded at once."""
        world = World(at=noon(day(9, 2)))
        desk = world.desk()
        desk.identify("s-17", away="both", class_="3-1")
        talk = desk.record("s-17", "talk", reached=True, mood="good")
        desk.designate_key("s-17", "lives_alone")
        desk.void("s-17", talk.activity, "wrong_child")

        assert "superseded" == world.said("D9")["D9/2026-09"]
        assert () == world.again()
