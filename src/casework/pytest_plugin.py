"""Fixtures for tests of rules and of what is built on casework; pytest finds them by itself.

What they need is imported when a test asks for it, so that a test run which uses none of them loads nothing more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from casework.clock import ManualClock
    from casework.model.case import Case
    from casework.rules import Now
    from casework.simulate import Run

MOST_TIMELINES = 3
"""How many children's timelines the report of one run shows."""

_RUNS: pytest.StashKey[list[Run]] = pytest.StashKey()
_WORD = re.compile(r"[\w.@:-]+")


@pytest.fixture
def casework_case() -> Callable[..., Case]:
    """Builds a case as a value, without engine and database: see `casework.testing.factories.case`."""
    from casework.testing.factories import case  # noqa: PLC0415 - loaded when asked for

    return case


@pytest.fixture
def casework_clock() -> ManualClock:
    """A clock that stands at half past eight of a teaching day of the autumn term until it is moved."""
    from casework.testing.factories import clock  # noqa: PLC0415 - loaded when asked for

    return clock()


@pytest.fixture
def autumn_day() -> Now:
    """The present on a teaching day of the autumn term, with the thresholds of the policy ``town-primary``."""
    from casework.testing.factories import autumn_day  # noqa: PLC0415 - loaded when asked for

    return autumn_day()


@pytest.fixture
def casework_semester(request: pytest.FixtureRequest) -> Callable[..., Run]:
    """Lets a simulated school live through a term on the real engine: see `casework.simulate.simulate`.

    When the test fails, its report shows the command that replays each run, and the timeline of every child whom the
    failure names.
    """
    from casework.simulate import simulate  # noqa: PLC0415 - loaded when asked for

    runs = request.node.stash.setdefault(_RUNS, [])

    def semester(*args: Any, **kwargs: Any) -> Run:  # noqa: ANN401 - whatever `simulate` takes
        run = simulate(*args, **kwargs)
        runs.append(run)
        return run

    return semester


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what a simulated term has to say to the report of a test that failed."""
    report = yield
    if report.failed and call.when == "call":
        for run in item.stash.get(_RUNS, []):
            named = set(_WORD.findall(report.longreprtext))
            children = [child for child in run.longest_gaps() if child in named][:MOST_TIMELINES]
            report.sections.append(("casework semester", f"{run.account(*children)}\nor: pytest {item.nodeid!r}"))
    return report
