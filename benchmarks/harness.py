"""Time works beside each other: interleaved in one run, so that only their ratios need to hold elsewhere."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from attrs import frozen

Work = Callable[[], object]

ROUNDS = 7
"""How often each work is timed; the median counts."""

SECONDS = 0.05
"""How long one timing lasts at least."""


@frozen
class Figure:
    """One measured figure. ``ratio`` says how many times the floor it is, where there is a floor."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    goal: str = ""


@frozen
class Section:
    """What one benchmark found; ``title`` says what was measured, on which conditions."""

    title: str
    figures: Sequence[Figure]


def compare(works: Mapping[str, Work], *, operations: int, goals: Mapping[str, str]) -> list[Figure]:
    """Time the works in turn, round after round; the first is the floor.

    Each work does ``operations`` operations. A figure is the median over the rounds, in µs an operation; a ratio is the
    median of the rounds' ratios, so that a slow moment of the machine strikes floor and candidate alike.
    """
    calls = {name: _calls_lasting(work) for name, work in works.items()}
    rounds = [{name: _timed(work, calls[name]) / operations for name, work in works.items()} for _ in range(ROUNDS)]
    floor = next(iter(works))
    return [
        Figure(
            name,
            median(found[name] for found in rounds) * 1e6,
            "µs",
            median(found[name] / found[floor] for found in rounds),
            goals.get(name, ""),
        )
        for name in works
    ]


def _calls_lasting(work: Work) -> int:
    """How many calls last long enough to be timed."""
    calls = 1
    while (took := _timed(work, calls) * calls) < SECONDS / 2:
        calls *= 2
    return max(1, round(calls * SECONDS / took))


def _timed(work: Work, calls: int) -> float:
    """Seconds a call, with the garbage collector out of the way."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(calls):
            work()
        return (time.perf_counter() - start) / calls
    finally:
        gc.enable()


def table(section: Section) -> str:
    """Return the section as lines for people."""
    width = max(len(figure.name) for figure in section.figures)
    lines = [section.title, "-" * len(section.title)]
    for figure in section.figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:8.1f} ×"
        goal = f"   goal {figure.goal}" if figure.goal else ""
        lines.append(f"{figure.name:<{width}}  {figure.value:10,.2f} {figure.unit:<5}{ratio:<10}{goal}".rstrip())
    return "\n".join(lines)
