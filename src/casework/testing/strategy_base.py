"""Hypothesis strategies for the small things that records are made of; they need the extra ``test``."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from casework.model.people import Sealed
from casework.model.reason import Reason

T = TypeVar("T")
S = st.SearchStrategy

_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))


@cache
def ids() -> S[str]:
    """Ids of a host's: short text in any script, upper and lower case."""
    return st.text(_LETTERS, min_size=1, max_size=12)


@cache
def codes() -> S[str]:
    """Codes such as ``family_quarrel``."""
    return st.text("abcxyz", min_size=1, max_size=3) | st.sampled_from(("family_quarrel", "moved_2", "k" * 48))


@cache
def days() -> S[date]:
    """Local dates."""
    return st.dates(date(1971, 1, 1), date(2100, 12, 31))


@cache
def instants() -> S[datetime]:
    """Aware instants in UTC, to the microsecond."""
    return st.datetimes(datetime(1971, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - UTC is added


@cache
def sealed() -> S[Sealed]:
    """References to sealed text that nobody wrote."""
    return st.binary(min_size=16, max_size=16).map(lambda ref: Sealed(ref.hex()))


@cache
def reasons() -> S[Reason]:
    """Reasons with every kind of fact."""
    fact = st.one_of(
        st.integers(-(10**6), 10**6), st.booleans(), days(), st.from_regex(r"[A-Za-z0-9_.-]{0,8}", fullmatch=True)
    )
    return st.builds(
        lambda code, facts: Reason(code, **facts),
        codes(),
        st.dictionaries(codes().map("f_{}".format), fact, max_size=3),
    )


def maybe(strategy: S[T]) -> S[T | None]:
    """A value, or None."""
    return st.none() | strategy


def several(strategy: S[T], most: int = 3) -> S[tuple[T, ...]]:
    """A few values."""
    return st.lists(strategy, max_size=most).map(tuple)


@cache
def about() -> S[tuple[str, ...]]:
    """A few different ids in order."""
    return st.lists(ids(), max_size=3, unique=True).map(lambda found: tuple(sorted(found)))


def by_id(strategy: S[Any], key: str = "id", most: int = 3) -> S[dict[str, Any]]:
    """A mapping by id, or by another property that is the key."""
    return st.lists(strategy, max_size=most, unique_by=lambda value: getattr(value, key)).map(
        lambda found: {getattr(value, key): value for value in found}
    )
