"""Hypothesis strategies for children and staff who move: `casework.testing.strategies` draws them too."""

from functools import cache

from hypothesis import strategies as st

from casework.model import merge_events as mg
from casework.model import move_events as mv
from casework.model.emergency import Emergency
from casework.model.move import IN, INTO, OF, OUT, Hidden, Move, Package
from casework.model.obligation import Obligation
from casework.model.referral import Referral
from casework.testing.strategy_base import S, about, codes, days, ids, instants, maybe, sealed, several


@cache
def moves() -> S[Move]:
    """Transfers and merges in every state."""
    return st.builds(
        Move,
        id=ids(),
        kind=st.sampled_from((OUT, IN, INTO, OF)),
        state=st.sampled_from(("offered", "confirmed", "withdrawn", "accepted", "refused", "merged", "unmerged")),
        on=days(),
        by=ids(),
        because=st.just("") | codes(),
        peer=st.just("") | ids(),
        key=st.just("") | ids(),
        child=st.just("") | ids(),
        packages=several(st.builds(Package, digest=ids(), at=instants())),
        chased=maybe(days()),
        ended_on=maybe(days()),
        texts=several(sealed()),
        restricted=several(sealed()),
        hides=several(st.builds(Hidden, id=ids(), implicated=about())),
    )


@cache
def move_events() -> S[mv.MoveEvent]:
    """Every class of event about children and staff who move."""
    handed = {"id": ids(), "person": ids(), "to": st.just("") | ids(), "because": codes()}
    said = {"id": ids(), "on": days(), "by": ids()}
    package = {"key": ids(), "digest": ids(), "at": instants()}
    state = st.sampled_from(("accepted", "refused", "confirmed", "withdrawn"))
    texts = {"texts": several(sealed()), "restricted": several(sealed())}
    return st.one_of(
        st.builds(mv.ReferralHandedOver, **handed),
        st.builds(mv.ResponseHandedOver, **handed),
        st.builds(mv.TransferOffered, **said, **package, to=ids(), because=codes()),
        st.builds(mv.TransferEnded, **said, state=state),
        st.builds(mv.TransferChased, id=ids(), role=codes(), person=ids(), on=days(), at=instants()),
        st.builds(mv.EmergencyTransferred, id=ids(), to=ids(), at=instants(), by=ids()),
        st.builds(mv.TransferReceived, **said, **package, **texts, sender=ids(), child=ids()),
        st.builds(
            mv.TransferAnswered,
            **said,
            **package,
            state=state,
            sender=ids(),
            child=st.just("") | ids(),
            because=st.just("") | codes(),
        ),
    )


def merge_events(emergency: S[Emergency], referral: S[Referral], obligation: S[Obligation]) -> S[mg.MergeEvent]:
    """Every class of event of records that are merged and taken apart."""
    said = {"id": ids(), "on": days(), "by": ids(), "because": codes()}
    places = st.sampled_from(("marks", "activity_log", "emergencies", "obligations", "moves"))
    return st.one_of(
        st.builds(mg.EmergencyTaken, id=ids(), about=about(), emergency=emergency),
        st.builds(mg.ReferralTaken, id=ids(), about=about(), referral=referral),
        st.builds(mg.ObligationTaken, key=ids(), trigger=st.just("") | ids(), obligation=obligation),
        st.builds(mg.MergedOf, **said, child=ids()),
        st.builds(mg.MergedInto, **said, child=ids()),
        st.builds(mg.ItemLeft, id=ids(), what=places, merge=ids(), hidden=about()),
        st.builds(mg.MergeUndone, **said),
        st.builds(mg.MergedBack, **said, stage=st.just("") | codes()),
    )
