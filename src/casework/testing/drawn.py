"""The small values that strategies are made of: ids, codes, days, instants, references to sealed text."""

from datetime import UTC, date, datetime
from functools import cache

from hypothesis import strategies as st

from casework.model.people import Sealed

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
