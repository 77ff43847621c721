"""W4: a term of one school in memory, on the real engine: 180 children, 12 helpers."""

import time
from statistics import median

from benchmarks.harness import Figure, Section
from casework.simulate import simulate

ROUNDS = 3
CHILDREN = 180


def run() -> Section:
    """Measure the seconds of a term."""
    taken = []
    for seed in range(ROUNDS):
        start = time.perf_counter()
        simulate(policy="town-primary", children=CHILDREN, helpers=12, seed=seed)
        taken.append(time.perf_counter() - start)
    figure = Figure(f"a term of {CHILDREN} children in memory", median(taken), "s", None, "2 s")
    return Section("W4: a term by chance, the real engine, nothing stored", [figure])
