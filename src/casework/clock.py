"""The only place in the library that asks what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from casework.errors import WrongValue, check_kind

Clock = Callable[[], datetime]
"""A callable that returns the present instant as an aware datetime in UTC."""


def system_clock() -> datetime:
    """Return the present instant of the machine, aware, in UTC."""
    return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is told to move; for tests and simulations.

    Call it to read it. ``set`` and ``advance`` move it; both refuse naive instants.
    """

    __slots__ = ("_at",)

    def __init__(self, at: datetime) -> None:
        self._at = _aware(at)

    def __call__(self) -> datetime:
        """Return the instant at which the clock stands."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move to ``at`` (aware); backwards is allowed, as real clocks do it too."""
        self._at = _aware(at)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        """Move forward by the given time and return the new instant."""
        for given in (days, hours, minutes):
            check_kind(given, (int, float), "advance()", "numbers of days, hours and minutes")
        self._at += timedelta(days=days, hours=hours, minutes=minutes)
        return self._at


def _aware(at: datetime) -> datetime:
    check_kind(at, datetime, "a clock", "an instant, as in datetime(2026, 9, 1, 8, tzinfo=UTC)")
    if at.tzinfo is None:
        msg = "an instant needs a time zone; give datetime(..., tzinfo=UTC) or a zoned datetime"
        raise WrongValue(msg)
    return at.astimezone(UTC)
