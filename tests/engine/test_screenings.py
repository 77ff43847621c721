"""Screenings: what can be entered, and what a positive answer on self-harm does."""

import pytest

from casework.errors import CommandRefused, NotFound, StepRefused
from casework.policy import load_policy
from tests.engine.referral_world import PSYCHOLOGIST, school, told
from tests.engine.world import day


class TestScreen:
    def test_a_score_is_entered(self):
        """Instrument, score and day are kept, and at the cut-off the child is referred."""
        world = school()
        said = world.desk(PSYCHOLOGIST).screen("s-17", "phq_a", 11, self_harm=0, on=day(9, 4))
        [found] = world.record().screening_log.values()
        [referral] = world.record().referrals.values()

        assert ("phq_a", 11, 0, day(9, 4), PSYCHOLOGIST) == (
            found.instrument,
            found.score,
            found.self_harm,
            found.on,
            found.by,
        )
        assert said.referral == referral.id
        assert ((found.id,), False) == (referral.about, referral.urgent)
        assert {} == world.record().emergencies

    @pytest.mark.parametrize(
        ("how", "told"),
        [
            ({"instrument": "phq_a", "score": 28}, "runs from 0 to 27"),
            ({"instrument": "phq_a", "score": -1}, "runs from 0 to 27"),
            ({"instrument": "phq_a", "score": 11.5}, "runs from 0 to 27"),
            ({"instrument": "phq_a", "score": True}, "runs from 0 to 27"),
            ({"instrument": "sdq", "score": 11}, "use one of sdq_parent"),
            ({"instrument": None, "score": 11}, "use one of sdq_parent"),
            ({"instrument": "phq_a", "score": 11, "self_harm": 4}, "the item runs from 0 to 3"),
            ({"instrument": "phq_a", "score": 1, "self_harm": 2}, "part of the score"),
            ({"instrument": "scared", "score": 11, "self_harm": 0}, "has no item on self-harm"),
            ({"instrument": "phq_a", "score": 11, "on": day(9, 8)}, "has not come yet"),
        ],
    )
    def test_an_implausible_score_is_refused(self, how, told):
        """A score that nobody can have is refused, with the instrument's range."""
        world = school()
        with pytest.raises(CommandRefused, match=told):
            world.desk().screen("s-17", **how)

        assert {} == world.record().screening_log

    def test_voided(self):
        """A screening of the wrong child is declared void."""
        world = school()
        world.desk().screen("s-17", "scared", 5)
        [id_] = world.record().screening_log
        world.desk().void("s-17", id_, "wrong_child")

        assert "wrong_child" == world.record().screening_log[id_].voided
        with pytest.raises(NotFound):
            world.desk().void("s-17", id_, "wrong_child")

    def test_a_child_without_a_case(self):
        """It needs a case, but danger needs nothing."""
        world = school()
        with pytest.raises(StepRefused, match="identify the child first"):
            world.desk().screen("s-99", "phq_a", 3)

        assert world.desk().screen("s-99", "phq_a", 3, self_harm=1).emergency


class TestSelfHarm:
    def test_it_is_an_emergency_at_once(self):
        """A positive answer is observed danger: the ladder is told in the same transaction, the referral is urgent."""
        world = school()
        said = world.desk().screen("s-17", "phq_a", 5, self_harm=1)
        [concern] = world.record().concern_log.values()
        emergency = world.record().emergencies[said.emergency]

        assert ("self_harm", "danger", True) == (concern.kind, concern.severity, concern.observed)
        assert ("self_harm", (concern.id,)) == (emergency.kind, emergency.about)
        assert emergency.notices
        assert {"urgent"} == {about for about, _, _ in told(world)}

    def test_settings_that_wait_do_not_stop_it(self):
        """Nothing stops what reports danger."""
        world = school()
        world.use(load_policy("town-primary"))

        assert world.desk().screen("s-17", "cdi", 5, self_harm=2).emergency
