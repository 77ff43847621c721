"""The emergency goes from raised to reviewed, and until then the call that leaves the school is possible."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.model.emergency import EMERGENCY_STATES, LIVE, Emergency
from casework.workflows import EMERGENCY, EMERGENCY_TABLE
from tests.workflows.beside import BYS, walk_beside

NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)
MISSING = Emergency("e1", "missing", NOON, "t.li", NOON)


class TestEmergency:
    @given(st.lists(st.tuples(st.sampled_from(EMERGENCY_TABLE.names), BYS, st.just(MISSING)), max_size=30))
    def test_any_walk_steps_as_in_transitions(self, steps):
        """Whatever is tried, in whatever order, table and `transitions` agree."""
        ours, theirs = walk_beside(EMERGENCY, steps)

        assert theirs == ours

    @pytest.mark.parametrize(
        ("step", "leads"),
        [
            ("acknowledge", {"raised": "acknowledged"}),
            ("respond", {"raised": "responding", "acknowledged": "responding"}),
            (
                "call_outside",
                {
                    "raised": "acknowledged",
                    "acknowledged": "acknowledged",
                    "responding": "responding",
                    "stood_down": "stood_down",
                },
            ),
            ("stand_down", dict.fromkeys(["raised", "acknowledged", "responding"], "stood_down")),
            ("review", {"stood_down": "reviewed"}),
        ],
    )
    def test_step_starts_in_these_states_and_no_other(self, step, leads):
        """Each step leads from its states to these, and from every other it is refused by that state's name."""
        found, refused = {}, {}
        for state in EMERGENCY_STATES:
            if why := EMERGENCY_TABLE.refusal(state, step, MISSING):
                refused[state] = why
            else:
                found[state] = EMERGENCY_TABLE.fire(state, step, MISSING)

        assert leads == found
        assert {state: f"not_from_{state}" for state in EMERGENCY_STATES if state not in leads} == refused

    @pytest.mark.parametrize("state", EMERGENCY_STATES)
    def test_no_rule_moves_an_emergency(self, state):
        """An emergency is answered, stood down and reviewed by people; no risk falls by itself."""
        assert [] == [step.name for step in EMERGENCY_TABLE.next_steps(state, MISSING, "rule") if step.allowed]

    def test_nothing_reopens_a_reviewed_emergency(self):
        """After the review an emergency is done; new danger is a new emergency."""
        assert [] == [step.name for step in EMERGENCY_TABLE.next_steps("reviewed", MISSING) if step.allowed]

    def test_live_states_are_those_before_standing_down(self):
        """An emergency is live exactly in the states from which it can be stood down."""
        assert LIVE == {s for s in EMERGENCY_STATES if EMERGENCY_TABLE.refusal(s, "stand_down", MISSING) is None}
