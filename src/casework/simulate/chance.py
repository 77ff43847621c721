"""Chance that is keyed, not streamed: the same happening in the same world has the same chance, whatever else happens.

So two policies meet the same children, and what one of them asks for moves no other draw (common random numbers).
"""

from bisect import bisect_left
from hashlib import blake2b
from math import exp, log
from statistics import NormalDist

_NORMAL = NormalDist()


class Chance:
    """Draws of one seed: ``chance.uniform("noticed", child, episode)`` is the same number whenever it is asked for."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._key = str(seed).encode()

    def uniform(self, purpose: str, *natural: object) -> float:
        """A number above 0 and below 1 for a purpose, an entity, its natural occurrence (a date, an episode's number).

        Never key by the order of calls: what is asked for first depends on the policy.
        """
        text = "\x1f".join((purpose, *map(str, natural)))
        digest = blake2b(text.encode(), digest_size=8, key=self._key).digest()
        return ((int.from_bytes(digest, "big") >> 11) + 0.5) * 2.0**-53

    def happens(self, probability: float, purpose: str, *natural: object) -> bool:
        """Tell whether something with this probability happens."""
        return self.uniform(purpose, *natural) < probability


def exponential(u: float, rate: float) -> float:
    """The waiting time that ``u`` gives at this rate; in the unit whose inverse the rate has."""
    return -log(u) / rate


def lognormal(u: float, median: float, sigma: float) -> float:
    """The delay that ``u`` gives, in the unit of the median."""
    return median * exp(sigma * _NORMAL.inv_cdf(u))


class Beta:
    """A Beta distribution by its mean (between 0 and 1) and concentration (the sum of both shape parameters)."""

    STEPS = 512

    def __init__(self, mean: float, concentration: float) -> None:
        a, b = mean * concentration, (1 - mean) * concentration
        middles = [(k + 0.5) / self.STEPS for k in range(self.STEPS)]
        weights = [exp((a - 1) * log(x) + (b - 1) * log(1 - x)) for x in middles]
        total = sum(weights)
        self._cumulated = [0.0]
        for weight in weights:
            self._cumulated.append(self._cumulated[-1] + weight / total)

    def at(self, u: float) -> float:
        """The quantile at ``u``, rising with it."""
        k = min(max(bisect_left(self._cumulated, u), 1), self.STEPS)
        low, high = self._cumulated[k - 1], self._cumulated[k]
        part = (u - low) / (high - low) if high > low else 0.5
        return (k - 1 + part) / self.STEPS
