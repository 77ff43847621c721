"""Keyed chance and its distributions."""

from math import isclose
from statistics import fmean, pvariance

import pytest

from casework.simulate.chance import Beta, Chance, exponential, lognormal

MANY = 4000


class TestChance:
    def test_a_draw_depends_on_its_key_alone(self):
        """Asking for other things before changes no draw."""
        first = Chance(7).uniform("noticed", "s-1", 3)
        chance = Chance(7)
        for k in range(10):
            chance.uniform("something else", k)

        assert first == chance.uniform("noticed", "s-1", 3)

    @pytest.mark.parametrize(
        "other", [("noticed", "s-1", 4), ("noticed", "s-13"), ("seen", "s-1", 3), ("noticed", "s-", 13)]
    )
    def test_another_key_is_another_draw(self, other):
        """Purpose, entity and occurrence stand apart in a key."""
        assert Chance(7).uniform("noticed", "s-1", 3) != Chance(7).uniform(*other)

    def test_another_seed_is_another_world(self):
        """Two seeds share no draw."""
        assert Chance(7).uniform("noticed", "s-1", 3) != Chance(8).uniform("noticed", "s-1", 3)

    def test_draws_are_uniform(self):
        """Mean and variance of many draws are those of the uniform distribution, and none is 0 or 1."""
        draws = [Chance(1).uniform("draw", k) for k in range(MANY)]

        assert 0 < min(draws) < max(draws) < 1
        assert isclose(0.5, fmean(draws), abs_tol=0.02)
        assert isclose(1 / 12, pvariance(draws), abs_tol=0.005)

    def test_something_happens_as_often_as_it_is_probable(self):
        """What has probability 0 never happens, with 1 always, with 0.3 about three times in ten."""
        chance = Chance(2)

        assert [False, True] == [chance.happens(p, "it", 1) for p in (0, 1)]
        assert isclose(0.3, fmean(chance.happens(0.3, "it", k) for k in range(MANY)), abs_tol=0.03)


class TestDistributions:
    def test_exponential_waits_the_inverse_of_the_rate(self):
        """The mean wait is one over the rate."""
        waits = [exponential(Chance(3).uniform("wait", k), 0.25) for k in range(MANY)]

        assert isclose(4, fmean(waits), rel_tol=0.06)

    def test_lognormal_has_its_median(self):
        """Half of the delays are shorter than the median, whatever sigma is."""
        assert isclose(12, lognormal(0.5, 12, 0.8))
        assert lognormal(0.1, 12, 0.8) < 12 < lognormal(0.9, 12, 0.8)

    @pytest.mark.parametrize("mean", [0.05, 0.35, 0.65])
    def test_beta_has_its_mean_and_rises_with_the_draw(self, mean):
        """The mean over even quantiles is the distribution's, and quantiles lie in order between 0 and 1."""
        beta = Beta(mean, 6)
        quantiles = [beta.at((k + 0.5) / 500) for k in range(500)]

        assert quantiles == sorted(quantiles)
        assert 0 <= quantiles[0] < quantiles[-1] <= 1
        assert isclose(mean, fmean(quantiles), abs_tol=0.01)

    def test_beta_has_its_variance(self):
        """The concentration says how far families differ."""
        quantiles = [Beta(0.35, 6).at((k + 0.5) / 500) for k in range(500)]

        assert isclose(0.35 * 0.65 / 7, pvariance(quantiles), rel_tol=0.05)
