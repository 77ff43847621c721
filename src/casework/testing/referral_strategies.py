"""Hypothesis strategies for referrals, screenings and their events; they need the extra ``test``."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from casework.model import referral_events as rv
from casework.model.people import ROLES
from casework.model.referral import (
    CAPACITIES,
    CONSENTS,
    REFERRAL_STATES,
    CarePlan,
    Consent,
    Referral,
    ReferralNotice,
    Session,
)
from casework.model.screening import INSTRUMENTS, Screening
from casework.testing.strategy_base import S, about, codes, days, ids, instants, maybe, reasons, sealed, several


@cache
def consents() -> S[Consent]:
    """Words of consent."""
    text = st.just("") | codes()
    return st.builds(
        Consent,
        answer=st.sampled_from(CONSENTS),
        by=ids(),
        capacity=st.sampled_from(CAPACITIES),
        on=days(),
        how=text,
        because=text,
        entered_at=instants(),
        entered_by=ids(),
    )


@cache
def sessions() -> S[Session]:
    """Sessions of referrals."""
    return st.builds(
        Session,
        id=ids(),
        on=days(),
        by=ids(),
        entered_at=instants(),
        entered_by=ids(),
        next_on=maybe(days()),
        unconsented=st.just("") | codes(),
        note=maybe(sealed()),
    )


@cache
def plans() -> S[CarePlan]:
    """Plans of psychological correction."""
    return st.builds(CarePlan, on=days(), by=ids(), review_on=days(), note=maybe(sealed()))


@cache
def screenings() -> S[Screening]:
    """Screenings with every instrument."""
    return st.builds(
        Screening,
        id=ids(),
        instrument=st.sampled_from(sorted(INSTRUMENTS)),
        score=st.integers(0, 90),
        on=days(),
        by=ids(),
        entered_at=instants(),
        entered_by=ids(),
        self_harm=maybe(st.integers(0, 3)),
        voided=st.just("") | codes(),
    )


@cache
def referrals() -> S[Referral]:
    """Referrals in every state, with consents, sessions, plans and notices."""
    person, text = st.just("") | ids(), st.just("") | codes()
    told = st.builds(ReferralNotice, about=codes(), role=st.sampled_from(ROLES), person=ids(), at=instants())
    return st.builds(
        Referral,
        id=ids(),
        to=codes(),
        on=days(),
        about=about(),
        by=ids(),
        rule=st.just("") | codes(),
        because=maybe(reasons()),
        urgent=st.booleans(),
        state=st.sampled_from(REFERRAL_STATES),
        implicated=about(),
        note=maybe(sealed()),
        provider=text,
        answered_by=person,
        answered_on=maybe(days()),
        ended_by=person,
        ended_on=maybe(days()),
        ended_because=text,
        outcome=text,
        consents=several(consents(), 2),
        sessions=several(sessions(), 2),
        plans=several(plans(), 2),
        notices=several(told, 2),
    )


@cache
def referral_events() -> S[Any]:
    """Every class of event about referrals and screenings."""
    text = st.just("") | codes()
    told = {"about": codes(), "role": st.sampled_from(ROLES), "person": ids(), "at": instants()}
    return st.one_of(
        st.builds(rv.ReferralMoved, id=ids(), state=codes(), on=days(), by=ids(), because=text, outcome=text),
        st.builds(rv.ProviderNamed, id=ids(), provider=codes(), why=codes()),
        st.builds(rv.ReferralTold, id=ids(), **told),
        st.builds(rv.Consented, id=ids(), consent=consents()),
        st.builds(rv.SessionHeld, id=ids(), session=sessions()),
        st.builds(rv.CarePlanned, id=ids(), plan=plans()),
        st.builds(rv.Screened, screening=screenings()),
    )
