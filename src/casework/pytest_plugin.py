"""Fixtures for tests of rules and of what is built on casework; pytest finds them by itself.

What they need is imported when a test asks for it, so that a test run which uses none of them loads nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.clock import ManualClock
    from casework.model.case import Case
    from casework.rules import Now
    from casework.simulate import Run


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
def casework_semester() -> Callable[..., Run]:
    """Lets a simulated school live through a term on the real engine: see `casework.simulate.simulate`."""
    from casework.simulate import simulate  # noqa: PLC0415 - loaded when asked for

    return simulate
