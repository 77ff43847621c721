"""The plan of a day."""

from datetime import date

from casework.engine.lists import Line
from casework.policy import load_policy
from casework.simulate.chance import Chance
from casework.simulate.rates import load_rates
from casework.simulate.staff import Planner, covers, how

TODAY = date(2026, 9, 9)
MONDAY = date(2026, 9, 7)
SPECS = how(load_policy("town-primary"))


def a_planner(*, diligent=True, **rates):
    """A planner for four children of two households in one village, and one of another."""
    village = {"s-1": "v-1", "s-2": "v-1", "s-3": "v-1", "s-4": "v-2"}
    return Planner(SPECS, Chance(7), load_rates(rates), diligent=diligent, village=village)


def a_line(duty, child="s-1", deadline=date(2026, 9, 20), household="", window="w"):
    """One line of a list."""
    return Line(
        child,
        duty,
        "",
        deadline,
        deadline,
        overdue=False,
        household=household,
        class_="1-1",
        obligation=f"{duty}/{window}",
    )


def kinds(jobs):
    """Kind and children of each job, in order."""
    return [(job.kind, *job.children) for job in jobs]


class TestPlan:
    def test_the_earliest_deadline_comes_first(self):
        """What is due on Friday is done before what is due at the end of the month."""
        lines = [
            a_line("D9", deadline=date(2026, 9, 30)),
            a_line("D12", "s-2", date(2026, 9, 11)),
            a_line("D1", "s-3", None),
        ]

        assert [("call", "s-2"), ("talk", "s-1"), ("census", "s-3")] == kinds(a_planner().plan("t", lines, TODAY, 999))

    def test_a_household_is_visited_once_for_all_its_children(self):
        """Siblings are visited together, and the visit serves two duties of a child."""
        lines = [
            a_line("D10", "s-1", household="h"),
            a_line("D11", "s-1", household="h"),
            a_line("D10", "s-2", household="h"),
        ]

        assert [("visit", "s-1", "s-2")] == kinds(a_planner().plan("t", lines, TODAY, 999))

    def test_a_visit_saves_the_talk_with_the_carer(self):
        """Whoever is met at home is not called besides."""
        lines = [a_line("D10"), a_line("D14")]

        assert [("visit", "s-1")] == kinds(a_planner().plan("t", lines, TODAY, 999))

    def test_the_file_brings_the_card(self):
        """Filing and the contact card are one job."""
        assert [("filed", "s-1")] == kinds(a_planner().plan("t", [a_line("D2"), a_line("D3")], TODAY, 999))

    def test_a_second_visit_in_a_village_is_shorter(self):
        """The way is gone once: 90 minutes, then 45 in the same village, 90 in another."""
        lines = [a_line("D10", child) for child in ("s-1", "s-3", "s-4")]

        assert [90, 45, 90] == [job.minutes for job in a_planner().plan("t", lines, TODAY, 999)]

    def test_two_people_do_not_visit_a_household_on_one_day(self):
        """The second who has it on the list leaves it; on the next day it would be free."""
        planner = a_planner()
        first, second = (planner.plan(who, [a_line("D10")], TODAY, 999) for who in ("t", "u"))
        planner.new_day()

        assert (1, 0, 1) == (len(first), len(second), len(planner.plan("u", [a_line("D10")], TODAY, 999)))

    def test_what_does_not_fit_waits_and_what_fits_is_done(self):
        """With an hour left no visit begins, but a call is made."""
        lines = [a_line("D10", deadline=TODAY), a_line("D12", "s-2")]

        assert [("call", "s-2")] == kinds(a_planner().plan("t", lines, TODAY, 60))

    def test_what_no_act_discharges_is_left_to_others(self):
        """The school's own line, and a duty that the policy does not hold, make no job."""
        planner = Planner(how(load_policy("school")), Chance(7), load_rates(), diligent=True, village={})

        assert [] == planner.plan("t", [a_line("D41", ""), a_line("D99")], TODAY, 999)

    def test_most_begin_some_days_before_it_is_due(self):
        """Nobody begins a year ahead; everybody who remembers has begun when it is overdue."""
        early = [a_line("D9", f"s-{k}", date(2027, 9, 9)) for k in range(200)]
        late = [a_line("D9", f"s-{k}", date(2026, 9, 1)) for k in range(200)]
        planner = a_planner(diligent=False)

        assert [] == planner.plan("t", early, TODAY, 10**6)
        assert 180 < len(planner.plan("t", late, TODAY, 10**6)) < 200
        assert len(planner.worked.forgotten) == 200 - len(planner.plan("t", late, TODAY, 10**6))

    def test_hours_of_the_week_run_out(self):
        """What is left today is the smaller of the day's and the week's rest, and nothing when no job would fit."""
        planner = a_planner(diligent=False)
        before = planner.left("t", MONDAY, 240)
        planner.worked.minutes["t", MONDAY] = 100
        between = planner.left("t", MONDAY, 240)
        planner.worked.minutes["t", MONDAY] = 238

        assert (180, 140, 0) == (before, between, planner.left("t", MONDAY, 240))


class TestCovers:
    def test_a_visit_that_met_the_carer_is_a_talk_with_the_carer(self):
        """Who has to be met decides."""
        specs = SPECS["D14"]

        assert covers("visit", ("child", "carer"), specs)
        assert covers("carer_talk", (), specs)
        assert not covers("visit", ("child",), specs)
