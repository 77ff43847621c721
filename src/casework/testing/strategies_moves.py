"""Hypothesis strategies for children and staff who move: `casework.testing.strategies` draws them too."""

from functools import cache

from hypothesis import strategies as st

from casework.model import move_events as mv
from casework.testing.strategy_base import S, codes, ids


@cache
def move_events() -> S[mv.MoveEvent]:
    """Every class of event about children and staff who move."""
    handed = {"id": ids(), "person": ids(), "to": st.just("") | ids(), "because": codes()}
    return st.one_of(st.builds(mv.ReferralHandedOver, **handed), st.builds(mv.ResponseHandedOver, **handed))
