"""The case goes from stage to stage as the schools' work does; no stage keeps care or paper away."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import StepRefused
from casework.model.case import STAGES, Case, Mark
from casework.model.emergency import EMERGENCY_STATES, LIVE, Emergency
from casework.workflows import CASE, CASE_TABLE
from casework.workflows.case import OPEN
from tests.workflows.beside import BYS, walk_beside

NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)
FILED = {"m1": Mark("m1", "filed", date(2026, 9, 7), "t.li")}
CARD = {"m2": Mark("m2", "card", date(2026, 9, 7), "t.li")}


def a_case(stage="", *emergencies, marks=None):
    """Return a case at a stage, with emergencies in these states."""
    found = {f"e{k}": Emergency(f"e{k}", "missing", NOON, "t.li", NOON, state) for k, state in enumerate(emergencies)}
    return Case("qinghe", "s-17", stage=stage, marks=marks or {}, emergencies=found)


CASES = st.builds(
    lambda states, marks: a_case("", *states, marks=marks),
    st.lists(st.sampled_from(EMERGENCY_STATES), max_size=2),
    st.sampled_from([{}, CARD, FILED, FILED | CARD]),
)


class TestCase:
    @given(st.lists(st.tuples(st.sampled_from(CASE_TABLE.names), BYS, CASES), min_size=5, max_size=40))
    def test_any_walk_steps_as_in_transitions(self, steps):
        """Whatever is tried, in whatever order, table and `transitions` agree."""
        ours, theirs = walk_beside(CASE, steps)

        assert theirs == ours

    def test_case_goes_through_its_life(self):
        """A case is identified, filed, paired, monitored, closed, and reopened with its file."""
        stages = [""]
        for step, by in [
            ("identify", "person"),
            ("file", "person"),
            ("pair", "person"),
            ("monitor", "rule"),
            ("close", "person"),
            ("reopen", "person"),
        ]:
            stages.append(CASE_TABLE.fire(stages[-1], step, a_case(marks=FILED), by=by))

        assert ["", "identified", "filed", "paired", "monitored", "closed", "filed"] == stages

    @pytest.mark.parametrize(
        ("step", "by", "leads"),
        [
            ("identify", "person", {"": "identified"}),
            ("file", "person", {"identified": "filed", "filed": "filed", "paired": "paired", "monitored": "monitored"}),
            ("pair", "person", dict.fromkeys(OPEN, "paired")),
            ("monitor", "rule", {"paired": "monitored"}),
            ("unpair", "person", dict.fromkeys(["paired", "monitored"], "identified")),
            ("close", "person", dict.fromkeys(OPEN, "closed")),
            ("reopen", "person", {"closed": "identified"}),
        ],
    )
    def test_step_starts_in_these_stages_and_no_other(self, step, by, leads):
        """Each step leads from its stages to these, and from every other it is refused by that stage's name."""
        found, refused = {}, {}
        for stage in CASE.states:
            if why := CASE_TABLE.refusal(stage, step, a_case(stage), by):
                refused[stage] = why
            else:
                found[stage] = CASE_TABLE.fire(stage, step, a_case(stage), by=by)

        assert leads == found
        assert {s: f"not_from_{s or 'no_case'}" for s in CASE.states if s not in leads} == refused

    @pytest.mark.parametrize(("marks", "target"), [({}, "identified"), (CARD, "identified"), (FILED | CARD, "filed")])
    @pytest.mark.parametrize(("stage", "step"), [("paired", "unpair"), ("monitored", "unpair"), ("closed", "reopen")])
    def test_case_falls_back_to_its_file_if_it_has_one(self, stage, step, marks, target):
        """When a pairing ends or a case is reopened, the case is filed if a file was ever opened, else identified."""
        assert target == CASE_TABLE.fire(stage, step, a_case(stage, marks=marks))

    def test_only_a_rule_monitors_and_only_persons_do_the_rest(self):
        """A rule moves a paired case to monitored; nothing else moves a case by rule, least of all closing."""
        allowed = {
            (stage, step.name)
            for stage in CASE.states
            for step in CASE_TABLE.next_steps(stage, a_case(stage, marks=FILED), "rule")
            if step.allowed
        }

        assert {("paired", "monitor")} == allowed
        assert "only_by_rule" == CASE_TABLE.refusal("paired", "monitor", a_case("paired"))
        assert "only_by_person" == CASE_TABLE.refusal("monitored", "close", a_case("monitored"), "rule")

    @pytest.mark.parametrize("stage", CASE.states)
    def test_rule_moves_a_case_to_monitored_from_paired_alone(self, stage):
        """A rule's move is found by where it leads, and from no stage but paired."""
        moves = {target: CASE_TABLE.moves_to(stage, target, a_case(stage)) for target in STAGES}

        assert ({"monitored": "monitor"} if stage == "paired" else {}) == {
            to: name for to, name in moves.items() if name
        }


class TestEscalated:
    @pytest.mark.parametrize("stage", OPEN)
    @pytest.mark.parametrize("state", sorted(LIVE))
    def test_escalated_case_steps_as_before_but_does_not_close(self, stage, state):
        """A live emergency stops no step of an open case except closing it."""
        calm, escalated = a_case(stage), a_case(stage, "reviewed", state)
        differing = [
            after
            for before, after in zip(
                CASE_TABLE.next_steps(stage, calm), CASE_TABLE.next_steps(stage, escalated), strict=True
            )
            if before != after
        ]

        assert "escalated" == escalated.state
        assert [("close", "emergency_not_stood_down")] == [(step.name, step.why) for step in differing]

    @pytest.mark.parametrize("state", ["stood_down", "reviewed"])
    def test_case_closes_once_every_emergency_is_stood_down(self, state):
        """An emergency that is stood down keeps no case open."""
        assert "closed" == CASE_TABLE.fire("monitored", "close", a_case("monitored", state, state))

    def test_refusal_to_close_says_what_to_do_about(self):
        """Closing is refused with a code that names the emergency as the reason."""
        with pytest.raises(StepRefused, match="close refused from filed: emergency_not_stood_down"):
            CASE_TABLE.fire("filed", "close", a_case("filed", "raised"))

    def test_closed_case_with_a_live_emergency_can_be_reopened(self):
        """An emergency of a closed case keeps nobody from reopening it."""
        assert "identified" == CASE_TABLE.fire("closed", "reopen", a_case("closed", "raised"))
