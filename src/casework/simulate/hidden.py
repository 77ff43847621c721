"""What nobody sees of a child: distress that comes and goes, what it would tell by itself, and crises.

Nothing here depends on what the school does, so two policies meet the same lives. Days and minutes count from the
first midnight of the term; episodes that have not ended when it does are censored.
"""

from collections.abc import Iterator

from attrs import frozen

from casework.simulate.chance import Chance, exponential, lognormal
from casework.simulate.rates import Rates

MINUTES = 24 * 60
CRISES = ("self_harm", "abuse_disclosed", "injury", "missing", "severe_bullying")
"""Kinds of crisis. No deaths are simulated."""

NOTICE_SIGMA = 1.0


@frozen
class Episode:
    """Distress from ``start`` to ``end``, in days; ``told`` is when the child would tell somebody by itself."""

    number: int
    start: float
    end: float
    told: float | None


@frozen
class Crisis:
    """Something grave at a minute; ``noticed`` is the minute at which somebody notices by chance, or None."""

    number: int
    kind: str
    minute: int
    noticed: int | None


def episodes(child: str, days: float, chance: Chance, rates: Rates) -> Iterator[Episode]:
    """The child's episodes of distress: a two-state Markov chain that begins in its steady state."""
    distressed = chance.happens(rates["p_distress"], "distress at first", child)
    day, number = 0.0, 0
    while day < days:
        length = exponential(
            chance.uniform("distress changes", child, number), rates.remission if distressed else rates.onset
        )
        if distressed:
            told = day + exponential(chance.uniform("tells", child, number), rates["self_disclosure"])
            yield Episode(number, day, day + length, told if told < day + length else None)
        day += length
        distressed = not distressed
        number += 1


def crises(child: str, lived: tuple[Episode, ...], days: float, chance: Chance, rates: Rates) -> Iterator[Crisis]:
    """The child's crises: a Poisson process at the highest rate, thinned where the child is in no distress."""
    highest = rates["crisis_base"] * rates["crisis_ratio"]
    day, number = 0.0, 0
    while True:
        day += exponential(chance.uniform("crisis", child, number), highest)
        if day >= days:
            return
        distressed = any(episode.start <= day < episode.end for episode in lived)
        if distressed or chance.happens(1 / rates["crisis_ratio"], "crisis without distress", child, number):
            kind = _kind(chance.uniform("crisis kind", child, number), rates)
            minute = int(day * MINUTES)
            delay = lognormal(chance.uniform("crisis delay", child, number), rates["notice_hours"] * 60, NOTICE_SIGMA)
            noticed = chance.happens(rates[f"noticed_{kind}"], "crisis noticed", child, number)
            yield Crisis(number, kind, minute, minute + int(delay) if noticed else None)
        number += 1


def _kind(u: float, rates: Rates) -> str:
    *others, last = CRISES
    left = u * sum(rates[f"weight_{kind}"] for kind in CRISES)
    for kind in others:
        left -= rates[f"weight_{kind}"]
        if left < 0:
            return kind
    return last
