"""The referral goes from requested to its end; consent gates its sessions, never those of what is urgent."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.model.referral import OPEN_REFERRAL, REFERRAL_STATES, Consent, Referral
from casework.workflows import REFERRAL, REFERRAL_TABLE
from tests.workflows.beside import BYS, walk_beside

DAY = date(2026, 9, 7)
GIVEN = Consent("given", "parent1", "guardian", DAY, "by_phone", "", datetime(2026, 9, 7, 12, tzinfo=UTC), "t.li")
PLAIN = Referral("r1", "psychology", DAY, (), "t.li")
URGENT = Referral("r1", "psychology", DAY, (), "t.li", urgent=True)
CONSENTED = Referral("r1", "psychology", DAY, (), "t.li", consents=(GIVEN,))
SUBJECTS = st.sampled_from([PLAIN, URGENT, CONSENTED])


class TestReferral:
    @given(st.lists(st.tuples(st.sampled_from(REFERRAL_TABLE.names), BYS, SUBJECTS), max_size=30))
    def test_any_walk_steps_as_in_transitions(self, steps):
        """Whatever is tried, in whatever order, table and `transitions` agree."""
        ours, theirs = walk_beside(REFERRAL, steps)

        assert theirs == ours

    @pytest.mark.parametrize(
        ("step", "leads"),
        [
            ("accept", {"requested": "accepted"}),
            ("decline", {"requested": "declined"}),
            ("session", {"accepted": "in_progress", "in_progress": "in_progress"}),
            ("plan", {"accepted": "accepted", "in_progress": "in_progress"}),
            ("consent", {s: s for s in ("requested", "accepted", "in_progress", "completed")}),
            ("complete", {"in_progress": "completed"}),
            ("revoke", dict.fromkeys(sorted(OPEN_REFERRAL), "revoked")),
        ],
    )
    def test_step_starts_in_these_states_and_no_other(self, step, leads):
        """Each step leads from its states to these, and from every other it is refused by that state's name."""
        found, refused = {}, {}
        for state in REFERRAL_STATES:
            if why := REFERRAL_TABLE.refusal(state, step, CONSENTED):
                refused[state] = why
            else:
                found[state] = REFERRAL_TABLE.fire(state, step, CONSENTED)

        assert leads == found
        assert {state: f"not_from_{state}" for state in REFERRAL_STATES if state not in leads} == refused

    @pytest.mark.parametrize(("subject", "why"), [(PLAIN, "without_consent"), (URGENT, None), (CONSENTED, None)])
    def test_consent_gates_the_sessions_alone(self, subject, why):
        """Without consent no session of what can wait; every other step is as free as with it."""
        refused = {
            (state, step.name)
            for state in REFERRAL_STATES
            for step in REFERRAL_TABLE.next_steps(state, subject)
            if step.why == "without_consent"
        }

        assert {(state, "session") for state in ("accepted", "in_progress") if why} == refused

    @pytest.mark.parametrize("state", REFERRAL_STATES)
    def test_no_rule_moves_a_referral(self, state):
        """Rules request; people answer, begin and end."""
        assert [] == [step.name for step in REFERRAL_TABLE.next_steps(state, CONSENTED, "rule") if step.allowed]

    def test_what_is_over_stays_over(self):
        """From an end nothing leads on; only consent for what was done may still be written down."""
        for state in set(REFERRAL_STATES) - OPEN_REFERRAL:
            steps = [step for step in REFERRAL_TABLE.next_steps(state, CONSENTED) if step.allowed]
            assert {state} >= {step.target for step in steps}
            assert {"consent"} >= {step.name for step in steps}
