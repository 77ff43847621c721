"""A term runs on the real engine: sums add up, known answers come out, and a seed is a run."""

import json
from datetime import date, timedelta
from importlib.resources import files

import pytest

from casework import Calendar, Term, load_policy, rule
from casework.errors import CalendarRefused, CommandRefused
from casework.model.decisions import Refer
from casework.model.reason import Reason
from casework.model.roll import RollRow, StaffRow
from casework.policy import loads_policy
from casework.simulate import Disclosure, SilentRung, load_rates, simulate
from casework.simulate.chance import Chance
from casework.simulate.children import make_children, make_roll
from casework.testing import MemoryStore

TERM = Term("2026-autumn", date(2026, 9, 1), date(2026, 11, 20), holidays=[(date(2026, 10, 1), date(2026, 10, 7))])
SHORT = Calendar([TERM], tz="Asia/Shanghai")
SMALL = {"children": 12, "helpers": 1, "calendar": SHORT}
"""A small school and a short term, for what does not need a whole one."""
SCHOOL = {"children": 18, "helpers": 2, "rates": {"crisis_base": 0.0005}}
STATUSES = {"open", "met", "met_late", "missed", "excused", "superseded"}


@pytest.fixture(scope="module")
def ordinary():
    """A term of eighteen children with an ordinary staff."""
    return simulate(**SCHOOL)


@pytest.fixture(scope="module")
def diligent():
    """The same with chance removed from the staff."""
    return simulate(**SCHOOL, staff="diligent")


def statuses(run):
    """The statuses that occur, over all duties."""
    return {status for counts in run.obligations.values() for status, n in counts.items() if n and status != "required"}


@pytest.mark.unmeasured
class TestSums:
    @pytest.mark.parametrize("staff", ["ordinary", "diligent", "zero"])
    @pytest.mark.parametrize("policy", ["class-teacher", "school", "town-primary"])
    def test_what_was_required_is_all_accounted_for(self, policy, staff):
        """For every pack and staff each duty's required is the sum over its statuses, and the sweeps add up."""
        run = simulate(policy, children=6, helpers=2, staff=staff, calendar=SHORT)

        assert run.conserved
        asked = {duty.id for duty in load_policy(policy).duties if not duty.windows[0].on}
        assert asked == {duty for duty in run.obligations if not load_policy(policy).duty(duty).windows[0].on}
        for counts in run.obligations.values():
            assert set(counts) <= STATUSES | {"required"}
            assert counts["required"] == sum(n for status, n in counts.items() if status != "required")

    def test_children_counts_cases(self, ordinary):
        """As many cases as were asked for, whoever joined late or left early."""
        assert 18 == sum(ordinary.states.values())

    def test_nobody_works_longer_than_there_are_hours(self, ordinary):
        """Minutes worked never exceed a week's capacity, and somebody did work."""
        assert ordinary.within_capacity
        assert 0 < sum(ordinary.minutes.values())

    def test_what_was_missed_has_a_cause(self, ordinary):
        """The causes of each duty add up to what was missed."""
        missed = {duty: counts["missed"] for duty, counts in ordinary.obligations.items() if counts.get("missed")}

        assert missed == {duty: sum(causes.values()) for duty, causes in ordinary.missed.items()}
        assert {cause for causes in ordinary.missed.values() for cause in causes} <= {
            "no_capacity",
            "unreachable",
            "not_done",
        }

    def test_each_week_of_the_term_has_its_share_of_children_reached(self, ordinary, diligent):
        """Coverage lies between none and all; a diligent October reaches everybody."""
        assert 21 == len(ordinary.coverage)
        assert all(0 <= share <= 1 for share in ordinary.coverage.values())
        assert 1 == diligent.coverage[date(2026, 11, 2)]


@pytest.mark.unmeasured
class TestKnownAnswers:
    def test_without_staff_everything_is_missed(self):
        """Nobody works: no obligation is met; what is still open at the end had no time to be missed."""
        run = simulate(**SMALL, staff="zero")

        assert {"missed", "open"} == statuses(run)
        assert {"identified"} == set(run.states) - {"escalated"}
        assert {0.0} == set(run.coverage.values())

    def test_with_chance_removed_nothing_is_missed(self, diligent):
        """A diligent staff meets everything that is neither excused nor overtaken."""
        assert statuses(diligent) <= {"met", "excused", "superseded"}
        assert {} == diligent.missed

    def test_better_eyes_miss_no_obligation_less(self):
        """With triggered visits off, detection changes no missed obligation, exactly."""
        plain = loads_policy(without_d11())
        blind, sharp = (simulate(plain, **SMALL, rates={"sens_contact": sens}) for sens in (0.0, 0.9))

        assert blind.distress["noticed"] < sharp.distress["noticed"]
        assert missed(blind) == missed(sharp)

    def test_more_hours_miss_less(self):
        """Eight hours a helper and week miss fewer obligations than four, in the same world."""
        four, eight = (simulate(**SMALL, rates={"helper_hours": hours}) for hours in (4, 8))

        assert sum(missed(eight).values()) < sum(missed(four).values())
        assert four.distress["episodes"] == eight.distress["episodes"]

    def test_two_policies_meet_the_same_children(self):
        """Another policy changes what is done, not whom it is done for."""
        first, second = (simulate(policy, **SMALL, staff="zero") for policy in ("class-teacher", "town-primary"))

        assert first.distress["episodes"] == second.distress["episodes"]
        assert [(e.child, e.raised) for e in first.emergencies] == [(e.child, e.raised) for e in second.emergencies]


LIVELY = {"joins": 0.4, "leaves": 0.5, "parent_returns": 0.5, "carer_changes": 0.5, "staff_absence": 0.3}


@pytest.fixture(scope="module")
def lively():
    """A school where much changes, and the children whose changes were drawn."""
    run = simulate(children=16, helpers=2, calendar=SHORT, rates=LIVELY | {"crisis_base": 1e-9})
    rates, chance = load_rates(LIVELY), Chance(7)
    return run, make_children(make_roll(16, 2, chance, rates), 81, chance, rates)


class TestComingsAndGoings:
    def test_who_leaves_and_whose_parents_are_back_is_closed_by_a_person(self, lively):
        """As many cases are closed as children left or have nobody away any more; sums add up all the same."""
        run, children = lively
        gone = {c.id for c in children if c.leaves is not None and c.leaves > c.enters}
        home = {c.id for c in children if c.away == "one" and c.returns is not None and c.enters < c.returns < 81 - 7}

        assert gone
        assert home
        assert len(gone | home) == run.states["closed"]
        assert run.conserved

    def test_the_roll_says_who_left(self, lively):
        """Whoever left is off the roll; who only came home is still on it."""
        run, children = lively
        with run.store.read():
            roll = run.store.roll(run.school)

        off = {pupil for pupil, row in roll.items() if not row.on_roll}
        assert off <= {c.id for c in children if c.leaves is not None}
        assert off

    def test_a_change_of_carer_asks_for_a_visit(self, lively):
        """Each change is marked in the record, and triggers a visit."""
        run, _ = lively
        with run.store.read():
            cases = run.store.load(run.school, run.store.children(run.school, after="", limit=99, open_only=False))
        marks = [
            (case, mark) for case in cases.values() for mark in case.marks.values() if mark.kind == "carer_changed"
        ]

        assert marks
        assert all(f"D11/{mark.id}" in case.obligations for case, mark in marks if case.open)

    def test_a_case_is_not_closed_under_a_live_emergency(self):
        """A child who leaves while an emergency is live is closed a day later, when it was seen safe."""
        rates = {"leaves": 1, "joins": 0, "parent_returns": 0, "crisis_base": 1e-9}
        one = {"children": 1, "helpers": 1, "staff": "diligent", "calendar": SHORT, "rates": rates}
        (closed,) = spans(simulate(**one))
        (later,) = spans(simulate(**one, script=[(f"{closed.until} 11:00", Disclosure(1))]))

        assert timedelta(days=1) == later.until - closed.until


@pytest.mark.unmeasured
class TestDeterminism:
    def test_the_same_seed_is_the_same_run(self, ordinary):
        """Everything that a run reports comes again."""
        again = simulate(**SCHOOL)

        assert ordinary.to_json() == again.to_json()

    def test_another_seed_is_another_run(self):
        """The trace tells two seeds apart."""
        first, second = (simulate(children=2, helpers=1, calendar=SHORT, seed=seed) for seed in (7, 8))

        assert first.trace_hash != second.trace_hash

    def test_another_policy_is_another_run(self):
        """The trace tells two policies apart."""
        first, second = (simulate(pack, children=2, helpers=1, calendar=SHORT) for pack in ("school", "town-primary"))

        assert first.trace_hash != second.trace_hash


class TestArguments:
    def test_a_rule_of_ones_own_takes_part(self):
        """What an integrator's rule decides is stored as if the school had decided it."""

        @rule(states=["paired", "monitored"], looks="on_change")
        def everybody(case, now):
            """Refer everybody who was paired."""
            yield Refer("psychology", about="paired", because=Reason("everybody"))

        run = simulate(children=4, helpers=1, staff="diligent", rules=[everybody])
        with run.store.read():
            cases = run.store.load(run.school, run.store.children(run.school, after="", limit=9, open_only=True))

        assert [["psychology"]] * 4 == [[r.to for r in case.referrals.values()] for case in cases.values()]

    def test_a_roll_can_be_given(self):
        """The children of a roll in scope are those of the run, in the store that was given; others get no case."""
        rows = [RollRow(f"p-{k}", "2-1", "2", "one", household=f"h-{k // 2}") for k in range(6)]
        store = MemoryStore()
        run = simulate(
            pupils=[*rows, RollRow("p-9", "2-1", "2", "none")],
            helpers=1,
            staff="diligent",
            store=store,
            school="qinghe",
        )

        assert (6, "qinghe") == (run.setting.children, run.school)
        with store.read():
            assert {"p-9", *(row.pupil for row in rows)} == set(store.roll("qinghe"))
            assert 6 == sum(store.states("qinghe").values())

    def test_every_pupil_is_examined(self):
        """Who is on the roll is examined, with a case or none, and called in after an abnormal finding, if there."""
        rows = [RollRow(f"p-{k}", "2-1", "2", "none" if k else "both") for k in range(8)]
        rates = {"abnormal_finding": 0.5, "child_absent": 0.9}
        diligent = simulate(pupils=rows, helpers=1, staff="diligent", calendar=SHORT, rates=rates)
        ordinary = simulate(pupils=rows, helpers=1, calendar=SHORT, rates=rates | {"compliance": 1.0})

        assert {"required": 8, "met": 8} == diligent.obligations["D29"]
        assert diligent.obligations["D29-follow-up"]["required"] == diligent.obligations["D29-follow-up"]["met"] > 1
        assert 8 == ordinary.obligations["D29"]["required"] > ordinary.obligations["D29"].get("met", 0) > 1
        assert diligent.conserved
        assert ordinary.conserved

    def test_a_staff_can_be_given(self):
        """Who teaches helps, class teachers have their classes, and a seat is held besides a class."""
        rows = [RollRow(f"p-{k}", "2-1", "2", "one") for k in range(4)]
        members = [
            StaffRow("li", ("teacher", "safeguarding_lead"), ("2-1",)),
            StaffRow("wang", ("subject_teacher",)),
            StaffRow("sun", ("vice_principal", "leading_group")),
            StaffRow("zhao", ("leading_group",)),
            StaffRow("cook"),
        ]
        world = [("2026-09-02 07:00", SilentRung("lead")), ("2026-10-20 21:40", Disclosure("p-1"))]
        quiet = {"crisis_base": 1e-12}
        run = simulate(
            pupils=rows, members=members, staff="diligent", calendar=SHORT, school="qinghe", script=world, rates=quiet
        )
        (emergency,) = run.emergencies
        with run.store.read():
            cases = run.store.load("qinghe", ["p-0", "p-1", "p-2", "p-3"])
            assert {row.person: row for row in members} == run.store.staff("qinghe")

        assert (2, 0) == (run.setting.helpers, sum(missed(run).values()))
        assert {"li", "wang"} == {pairing.lead for case in cases.values() for pairing in case.pairings}
        assert {"li", "wang", "sun", "zhao"} >= {person for _, person, _ in emergency.told}
        assert emergency.acknowledged is not None

    def test_a_staff_that_cannot_help_is_refused(self):
        """Somebody has to have a class, or to teach."""
        with pytest.raises(CommandRefused, match="none of these members teaches"):
            simulate(members=[StaffRow("sun", ("principal",))])

    def test_a_term_of_ones_own(self):
        """Another calendar in another time zone runs as well, from a day inside a term."""
        term = Term("2027-spring", date(2027, 2, 22), date(2027, 7, 9))
        days = []
        run = simulate(
            children=4,
            helpers=1,
            staff="diligent",
            calendar=Calendar([term], tz="Europe/Berlin"),
            start=date(2027, 3, 1),
            progress=lambda done, of: days.append((done, of)),
        )

        assert run.conserved
        assert ((1, 131), (131, 131)) == (days[0], days[-1])
        assert statuses(run) <= {"met", "excused", "superseded"}

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"staff": "lazy"}, "use one of ordinary, diligent, zero"),
            ({"children": 0}, "at least one of each"),
            ({"helpers": 0}, "at least one of each"),
            ({"helpers": 100}, "at most 99 helpers"),
            ({"pupils": [RollRow("a")]}, "nobody on this roll"),
        ],
    )
    def test_what_cannot_be_is_refused(self, wrong, words):
        """The refusal says what to give instead."""
        with pytest.raises(CommandRefused, match=words):
            simulate(**wrong)

    def test_a_start_outside_every_term_is_refused(self):
        """There is no term to live through."""
        with pytest.raises(CalendarRefused, match="in no term"):
            simulate(start=date(2026, 8, 1))


class TestHarness:
    def test_autumn_term(self, casework_semester):
        """An integrator's test of a whole school, as the design shows it: everybody is reached and answered in time."""
        run = casework_semester(policy="town-primary", children=36, helpers=12, staff="diligent", seed=7)

        assert run.emergencies.acknowledged_within(hours=2).all()
        run.assert_every_child_reached(days=45)


class TestReport:
    def test_json_holds_what_the_command_line_promises(self, ordinary):
        """Every promised key is there, it is said to be synthetic, and it is JSON."""
        found = json.loads(json.dumps(ordinary.to_json()))

        promised = {
            "seed",
            "trace_hash",
            "states",
            "obligations",
            "emergencies",
            "notices_per_person_week",
            "conserved",
        }
        assert promised <= set(found)
        assert (True, 7, 18, 2, 142) == tuple(
            found[key] for key in ("synthetic", "seed", "children", "helpers", "days")
        )

    def test_the_report_says_what_was_assumed(self, ordinary):
        """The assumptions are counted and named, out of all numbers."""
        found = ordinary.to_json()["assumptions"]

        assert found["count"] == len(found["names"]) < found["of"]
        assert "helper_hours" in found["names"]

    def test_every_child_is_reached_by_a_diligent_staff(self, diligent):
        """Nobody is left alone for more than 45 days."""
        diligent.assert_every_child_reached(days=45)

        assert max(diligent.longest_gaps().values()) <= 45

    def test_a_child_that_was_not_reached_is_shown_with_its_timeline(self, ordinary):
        """The failure names the child, what happened to it and the command that replays the run, with ids only."""
        gaps = ordinary.longest_gaps()
        child = max(gaps, key=lambda child: (gaps[child], child))

        with pytest.raises(AssertionError) as caught:
            ordinary.assert_every_child_reached(days=10)

        said = str(caught.value)
        assert said.startswith(f"child {child} was not reached for {gaps[child]} days")
        assert "casework simulate --policy town-primary --children 18 --helpers 2 --staff ordinary --seed 7" in said
        assert "command:Identify" in said
        assert ordinary.trace_hash in said
        assert "carer 0" not in said

    def test_no_child_no_failure(self, diligent):
        """Without a single gap there is nothing to show."""
        diligent.assert_every_child_reached(days=142)

    def test_nobody_is_flooded(self, ordinary):
        """Non-emergency notices stay below five a person and week."""
        assert ordinary.notices_per_person_week["non_emergency"]["max"] <= 5


def spans(run):
    """The open spans of the only child."""
    with run.store.read():
        return [span for span in run.store.load(run.school, ["s-1"])["s-1"].spans if span.kind == "open"]


def missed(run):
    """Duty → missed."""
    return {duty: counts.get("missed", 0) for duty, counts in run.obligations.items()}


def without_d11():
    """The town primary school's pack without its irregular visits."""
    text = (files("casework.policy") / "packs" / "town-primary.toml").read_text(encoding="utf-8")
    duties = text.split("[[duty]]")
    return "[[duty]]".join(part for part in duties if 'id = "D11"' not in part)


class TestSeenBy:
    def test_a_report_for_one_of_the_staff_holds_what_they_may_see(self):
        """A head sees every child, a helper their own, somebody without a seat none."""
        run = simulate("town-primary", children=8, helpers=3, staff="diligent", seed=3)
        whole, own, none = (run.seen_by(person) for person in ("principal", "t.02", "nobody"))
        mine = {case.child for case in run.desk("t.02").cases(open_only=False)}

        assert dict(run.states) == whole["states"]
        assert run.longest_gaps() == whole["longest_gaps"]
        assert mine == set(own["longest_gaps"])
        assert 0 < len(mine) < len(whole["longest_gaps"])
        assert ({}, {}, {}) == (none["states"], none["longest_gaps"], none["emergencies"])
