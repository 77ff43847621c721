"""When the psychologist is asked: low mood, concerns, and named instruments at their cut-offs."""

from datetime import datetime

import pytest

from casework.model.case import Case
from casework.model.screening import INSTRUMENTS, Screening
from casework.policy import load_policy
from casework.policy.values import THRESHOLDS
from casework.rules import Now
from casework.rules.psychology import psychological_signs
from casework.testing.factories import CALENDAR, MORNING, TODAY, activity, autumn_day, case, concern
from tests.rules.test_builtin import ago

AT = datetime.fromisoformat("2026-10-21T08:00+08:00")


def says(found: Case, now=None):
    """What the rule decides for a case."""
    return list(psychological_signs(found, now or autumn_day()))


def talks(*moods, days=None):
    """Talks with these moods, one a day back from today."""
    back = days or range(len(moods))
    return [
        activity("talk", id=f"t{k}", on=ago(d), mood=mood) for k, (d, mood) in enumerate(zip(back, moods, strict=True))
    ]


def screened(instrument="phq_a", score=11, *, on=TODAY, self_harm=None, voided="", id_="s1"):
    """One screening in the record of a case."""
    return {id_: Screening(id_, instrument, score, on, "t.qin", AT, "t.qin", self_harm, voided)}


class TestMood:
    @pytest.mark.parametrize(
        ("moods", "count"), [(["low"], 0), (["low", "low"], 1), (["very_low"], 1), (["low", "good"], 0), (["even"], 0)]
    )
    def test_low_mood_twice_or_very_low_once(self, moods, count):
        """Low mood in two talks, or very low mood in one, reaches the psychologist."""
        assert ["psychology"] * count == [d.to for d in says(case(activities=talks(*moods)))]

    @pytest.mark.parametrize(("days", "count"), [(30, 1), (31, 0)])
    def test_a_month_back(self, days, count):
        """Two talks count together within thirty days."""
        assert count == len(says(case(activities=talks("low", "low", days=[0, days]))))


class TestConcerns:
    @pytest.mark.parametrize(
        ("noted", "count"),
        [
            ([("lonely", "medium")], 0),
            ([("lonely", "medium"), ("poor_sleep", "medium")], 1),
            ([("lonely", "high")], 1),
            ([("lonely", "low"), ("poor_sleep", "low")], 0),
            ([("poor_shoes", "high"), ("hungry", "high")], 0),
        ],
    )
    def test_two_of_them_or_a_grave_one(self, noted, count):
        """Two psychological concerns, or a grave one, reach the psychologist; slight ones and others do not."""
        concerns = [concern(kind, id=f"c{k}", severity=severity) for k, (kind, severity) in enumerate(noted)]

        assert count == len(says(case(concerns=concerns)))

    @pytest.mark.parametrize(("kind", "urgent"), [("self_harm", True), ("grief", False)])
    def test_what_cannot_wait(self, kind, urgent):
        """Grave concern about self-harm is urgent."""
        [found] = says(case(concerns=[concern(kind, severity="high")]))

        assert urgent == found.urgent

    def test_what_implicates_somebody_is_apart(self):
        """Concerns that implicate somebody make a referral of their own, so that the others tell nothing of it."""
        concerns = [concern("fear", id=f"c{k}", implicated=who) for k, who in enumerate([(), (), ("t.li",), ("t.li",)])]
        found = says(case(concerns=concerns))

        assert [("c0", "c1"), ("c2", "c3")] == [decision.about for decision in found]

    @pytest.mark.parametrize(
        ("noted", "about"),
        [
            ([("", "medium"), ("t.li", "high")], [("c1",)]),
            ([("", "medium"), ("t.li", "medium")], [("c1",)]),
            ([("", "high"), ("t.li", "medium")], [("c0",), ("c1",)]),
            ([("t.wu", "medium"), ("t.li", "high")], [("c1",)]),
            ([("t.wu", "medium"), ("t.li", "medium")], []),
        ],
    )
    def test_what_somebody_may_not_know_refers_nothing_that_they_see(self, noted, about):
        """A concern counts only towards referrals that those whom it implicates do not see."""
        concerns = [
            concern("fear", id=f"c{k}", severity=severity, implicated=(who,) if who else ())
            for k, (who, severity) in enumerate(noted)
        ]

        assert about == [decision.about for decision in says(case(concerns=concerns))]


class TestScreenings:
    @pytest.mark.parametrize("instrument", sorted(INSTRUMENTS))
    def test_each_instrument_has_its_cut_off(self, instrument):
        """At its cut-off an instrument asks for the psychologist, one point below it does not."""
        cut_off = INSTRUMENTS[instrument].cut_off

        assert [1, 0] == [
            len(says(case(screening_log=screened(instrument, score)))) for score in (cut_off, cut_off - 1)
        ]

    def test_cut_offs_are_the_policys(self):
        """A policy may say another cut-off, within the instrument's range."""
        now = Now(MORNING, CALENDAR, load_policy("town-primary").thresholds | {"screening_mht": 56})

        assert 1 == len(says(case(screening_log=screened("mht", 56)), now))
        assert {name: THRESHOLDS[f"screening_{name}"][2] for name in INSTRUMENTS} == {
            name: found.most for name, found in INSTRUMENTS.items()
        }

    def test_every_instrument_names_its_source(self):
        """Nobody has to guess where a number comes from, and no cut-off lies outside of the range."""
        assert all(found.source and found.title and 0 < found.cut_off <= found.most for found in INSTRUMENTS.values())

    @pytest.mark.parametrize(("days", "count"), [(90, 1), (91, 0)])
    def test_a_screening_counts_for_a_while(self, days, count):
        """What was answered three months ago no longer asks."""
        assert count == len(says(case(screening_log=screened(on=ago(days)))))

    def test_self_harm_is_urgent_below_the_cut_off(self):
        """A positive answer on self-harm asks at once, whatever the score."""
        [found] = says(case(screening_log=screened(score=3, self_harm=1)))

        assert (True, ("s1",)) == (found.urgent, found.about)
        assert [] == says(case(screening_log=screened(score=3, self_harm=0)))

    def test_what_was_voided_does_not_count(self):
        """A screening of another child, voided, asks nothing."""
        assert [] == says(case(screening_log=screened(voided="wrong_child")))

    def test_reasons_count_the_signs(self):
        """The reason says how many signs of which sort there are, and nothing readable."""
        [found] = says(case(activities=talks("very_low"), screening_log=screened()))

        assert "psychological_signs(screenings=1, talks=1)" == str(found.because)
