"""Hypothesis strategies for erasures and their events; they need the extra ``test``."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from casework.model import erasure_events as xv
from casework.model.erasure import ERASURE_STATES, Erasure
from casework.model.identity import IdentityRecorded
from casework.testing.strategy_base import S, codes, days, ids, maybe, sealed

_RECEIPTS = st.just("") | st.integers(1, 9).map(lambda number: f"{number}.{'0' * 32}")


@cache
def erasures() -> S[Erasure]:
    """Requests of erasure in every state."""
    return st.builds(
        Erasure,
        id=ids(),
        because=codes(),
        asked_by=ids(),
        asked_on=days(),
        state=st.sampled_from(ERASURE_STATES),
        by=st.just("") | ids(),
        on=maybe(days()),
        answer=st.just("") | codes(),
        receipt=_RECEIPTS,
    )


@cache
def erasure_events() -> S[Any]:
    """Every class of event about erasure."""
    said = {"id": ids(), "because": codes(), "by": ids(), "on": days()}
    return st.one_of(
        st.builds(xv.ErasureAsked, **said),
        st.builds(xv.ErasureDeclined, **said),
        st.builds(xv.Erased, **said, receipt=_RECEIPTS),
        st.builds(IdentityRecorded, number=maybe(sealed())),
    )
