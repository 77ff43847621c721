"""The first counsellor: what is referred is taken on, the guardian asked, the child seen, the plan gone through."""

import pytest

from casework import Reason, Refer, rule
from casework.simulate import simulate


@rule(states=["paired", "monitored"], looks="on_change")
def everybody(case, now):
    """Refer everybody who was paired."""
    yield Refer("psychology", about="paired", because=Reason("everybody"))


def referrals(run):
    """Every referral of a run."""
    with run.store.read():
        children = run.store.children(run.school, after="", limit=99, open_only=False)
        cases = run.store.load(run.school, children)
    return [found for child in children for found in cases[child].referrals.values() if found.rule == "everybody"]


class TestCounsel:
    @pytest.mark.parametrize("staff", ["diligent", "zero"])
    def test_whoever_works_sees_the_children(self, staff):
        """A diligent school answers, asks for consent and sees every child whose guardian agrees; nobody else does."""
        run = simulate("school", children=5, helpers=2, staff=staff, rules=[everybody])
        found = referrals(run)
        states = {referral.state for referral in found}

        assert run.conserved
        if staff == "zero":
            assert {"requested"} >= states
        else:
            assert found
            assert {"completed", "revoked", "in_progress", "accepted"} >= states
            assert all(referral.consent() == "given" for referral in found if referral.sessions)
            assert "completed" in states
