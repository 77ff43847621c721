"""Two ways of running a school, compared on the same world: the same children, crises and telephones, seed by seed.

All chance is keyed by what it is about and never by the order of calls, so that two policies with one seed meet the
same world, and what differs between their figures is the policy's doing (common random numbers). Every figure is
synthetic: assumptions decide its size, so ask whether its sign holds, and forecast nothing.
"""

from collections.abc import Sequence
from statistics import fmean, median

from attrs import frozen

from casework.errors import CommandRefused
from casework.simulate.report import Run


@frozen
class Difference:
    """One figure of two ways, the same seeds one after the other; ``pairs`` holds (one, other) for each seed."""

    figure: str
    pairs: tuple[tuple[float, float], ...]

    @property
    def one(self) -> float:
        """The mean of the first over the seeds."""
        return fmean(one for one, _ in self.pairs)

    @property
    def other(self) -> float:
        """The mean of the second."""
        return fmean(other for _, other in self.pairs)

    @property
    def mean(self) -> float:
        """How much more the second has, on average."""
        return fmean(other - one for one, other in self.pairs)

    @property
    def sign_holds(self) -> bool:
        """The difference has one sign with every seed."""
        return all(other > one for one, other in self.pairs) or all(other < one for one, other in self.pairs)


def compare(one: Sequence[Run], other: Sequence[Run]) -> tuple[Difference, ...]:
    """The figures in which two ways differ, over runs with the same seeds in the same order.

    A figure is the share of required obligations that was missed, in all and duty by duty (``missed D12``, 0 to 1, of
    the duties that both ways have); ``reached a week``, the share of children reached in a teaching week;
    ``hours to acknowledge``, the median over emergencies that were; ``hours worked`` by helpers; ``notices a person
    and week`` that are no emergency; ``distress noticed``, the share of episodes. One that is the same with every
    seed is left out. Raises `CommandRefused` unless the runs pair up.
    """
    if not one or [run.seed for run in one] != [run.seed for run in other]:
        raise CommandRefused("runs are compared in pairs: give as many of each, with the same seeds in the same order")
    figures = [(_figures(a), _figures(b)) for a, b in zip(one, other, strict=True)]
    shared = [name for name in figures[0][0] if all(name in a and name in b for a, b in figures)]
    found = (Difference(name, tuple((a[name], b[name]) for a, b in figures)) for name in shared)
    return tuple(difference for difference in found if any(a != b for a, b in difference.pairs))


def _figures(run: Run) -> dict[str, float]:
    required = sum(counts["required"] for counts in run.obligations.values())
    found = {"missed": _share(sum(counts.get("missed", 0) for counts in run.obligations.values()), required)}
    for duty, counts in run.obligations.items():
        if counts["required"]:
            found[f"missed {duty}"] = _share(counts.get("missed", 0), counts["required"])
    found["reached a week"] = fmean(run.coverage.values()) if run.coverage else 0.0
    heard = [(e.acknowledged - e.raised).total_seconds() / 3600 for e in run.emergencies if e.acknowledged is not None]
    if heard:
        found["hours to acknowledge"] = median(heard)
    found["hours worked"] = sum(run.minutes.values()) / 60
    found["notices a person and week"] = run.notices.mean
    found["distress noticed"] = _share(run.distress.get("noticed", 0), run.distress.get("episodes", 0))
    return found


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
