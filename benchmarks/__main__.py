"""Run the benchmarks, or those named: `python -m benchmarks transition`."""

import platform
import sys
from collections.abc import Callable, Sequence

from benchmarks import durable, gathering, schools, term, transition, verifying
from benchmarks.harness import Section, table

BENCHMARKS: dict[str, Callable[[], Section]] = {
    "transition": transition.run,
    "durable": durable.run,
    "term": term.run,
    "schools": schools.run,
    "gathering": gathering.run,
    "verifying": verifying.run,
}
"""Every benchmark by name: a module of this folder whose `run()` measures and returns what it found."""


def main(names: Sequence[str]) -> int:
    """Print what was measured; 2 if a name is none of the benchmarks'."""
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}; only the ratios hold on another machine")
    for name in names or BENCHMARKS:
        print(f"\n{table(BENCHMARKS[name]())}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
