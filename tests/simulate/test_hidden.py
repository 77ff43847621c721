"""What nobody sees of a child, against what is known of such processes."""

from math import isclose, log
from statistics import fmean

from casework.simulate.chance import Chance
from casework.simulate.hidden import CRISES, crises, episodes
from casework.simulate.rates import load_rates

CHILDREN = [f"s-{k}" for k in range(4000)]
YEAR = 365


class TestEpisodes:
    def test_prevalence_after_three_years_is_what_it_was(self):
        """Onset and remission balance: p stays p."""
        rates = load_rates()
        then = 3 * YEAR
        ill = [any(e.start <= then < e.end for e in episodes(c, then + 1, Chance(5), rates)) for c in CHILDREN]

        assert isclose(0.307, fmean(ill), abs_tol=0.02)

    def test_remission_in_a_year_is_what_was_measured(self):
        """Of those who begin in distress 54 % have recovered after a year."""
        rates = load_rates()
        first = [next(iter(episodes(c, 1, Chance(5), rates)), None) for c in CHILDREN]
        ends = [e.end for e in first if e is not None and e.start == 0]

        assert isclose(0.54, fmean(end < YEAR for end in ends), abs_tol=0.03)

    def test_disclosure_alone_finds_the_share_that_theory_says(self):
        """With disclosure at rate a, a/(a+mu) of episodes are told before remission, after 1/(a+mu) days on average."""
        a = 0.02
        rates = load_rates({"self_disclosure": a})
        mu = -log(1 - 0.54) / YEAR
        found = [e for c in CHILDREN for e in episodes(c, 1, Chance(9), rates)]
        told = [e.told - e.start for e in found if e.told is not None]

        assert isclose(0.904, a / (a + mu), abs_tol=0.001)
        assert isclose(a / (a + mu), len(told) / len(found), abs_tol=0.02)
        assert isclose(45.2, fmean(told), rel_tol=0.07)

    def test_a_life_does_not_depend_on_how_long_one_looks(self):
        """The first year of a child is the same whether one or three years are simulated."""
        rates = load_rates()
        short, long = (list(episodes("s-7", days, Chance(1), rates)) for days in (YEAR, 3 * YEAR))

        assert short == long[: len(short)]


class TestCrises:
    def test_there_are_about_two_severe_ones_a_term_in_180_children(self):
        """Over many schools the mean is that of the table, and each kind occurs."""
        rates = load_rates()
        found = [
            crisis
            for c in CHILDREN
            for crisis in crises(c, tuple(episodes(c, 142, Chance(3), rates)), 142, Chance(3), rates)
        ]

        assert 1.5 < len(found) * 180 / len(CHILDREN) < 2.5
        assert set(CRISES) == {crisis.kind for crisis in found}

    def test_distress_multiplies_the_rate(self):
        """A child that is always in distress has crises as many times as often as the ratio says."""
        rates = load_rates({"crisis_base": 0.001, "crisis_ratio": 4})
        always = [next(iter(episodes("s-1", 1, Chance(0), load_rates({"p_distress": 0.999999, "remit_1y": 1e-9}))))]
        in_distress, free = (
            sum(1 for c in CHILDREN[:1000] for _ in crises(c, lived, 142, Chance(4), rates))
            for lived in (tuple(always), ())
        )

        assert isclose(4, in_distress / free, rel_tol=0.2)

    def test_who_notices_does_so_afterwards(self):
        """Nothing is noticed before it happens; what nobody notices has no minute."""
        rates = load_rates({"crisis_base": 0.01})
        found = [crisis for c in CHILDREN[:200] for crisis in crises(c, (), 142, Chance(4), rates)]

        assert all(crisis.noticed is None or crisis.noticed >= crisis.minute for crisis in found)
        assert {True, False} == {crisis.noticed is None for crisis in found}
