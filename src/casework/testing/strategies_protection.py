"""Hypothesis strategies for holds, consents and retention: `casework.testing.strategies` draws them too."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from casework.model import protection_events as pv
from casework.model.people import ROLES
from casework.model.protection import RETENTION_DECISIONS, Hold, PurposeConsent, RetentionDecision
from casework.testing.referral_strategies import consents
from casework.testing.strategy_base import S, codes, days, ids, instants, maybe, sealed


@cache
def holds() -> S[Hold]:
    """Holds, released or standing."""
    return st.builds(
        Hold,
        id=ids(),
        because=codes(),
        on=days(),
        by=ids(),
        note=maybe(sealed()),
        released_on=maybe(days()),
        released_by=st.just("") | ids(),
        released_because=st.just("") | codes(),
    )


@cache
def purposes() -> S[PurposeConsent]:
    """Words of consent for a purpose."""
    return st.builds(PurposeConsent, purpose=codes(), consent=consents())


@cache
def decisions() -> S[RetentionDecision]:
    """Decisions about retention."""
    return st.builds(
        RetentionDecision,
        decision=st.sampled_from(RETENTION_DECISIONS),
        because=codes(),
        on=days(),
        by=ids(),
        until=maybe(days()),
    )


@cache
def protection_events() -> S[Any]:
    """Every class of event of what protects a record."""
    said = {"id": ids(), "because": codes(), "on": days(), "by": ids()}
    return st.one_of(
        st.builds(pv.HoldPlaced, **said, note=maybe(sealed())),
        st.builds(pv.HoldReleased, **said),
        st.builds(pv.PurposeConsented, purpose=codes(), consent=consents()),
        st.builds(pv.RetentionDecided, decision=decisions()),
        st.builds(pv.RetentionTold, key=ids(), role=st.sampled_from(ROLES), person=ids(), at=instants(), on=days()),
        st.builds(pv.Exported, reason=codes(), first=days(), last=days(), rows=st.integers(0, 10**6), by=ids()),
    )
