"""From events of referrals and screenings to the next state. Pure; `casework.engine.evolve` calls them."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve as changed

from casework.engine.draft import Draft
from casework.model import events as ev
from casework.model import referral_events as rv
from casework.model.referral import Referral, ReferralNotice


def _requested(draft: Draft, e: ev.ReferralRequested) -> None:
    found = Referral(e.id, e.to, e.on, e.about, e.by, e.rule, e.because, e.urgent, implicated=e.implicated, note=e.note)
    draft.put("referrals", e.id, found)


def _change(draft: Draft, id_: str, **values: Any) -> None:  # noqa: ANN401 - the referral's own fields
    draft.put("referrals", id_, changed(draft.get("referrals")[id_], **values))


def _moved(draft: Draft, e: rv.ReferralMoved) -> None:
    if e.state == "accepted":
        _change(draft, e.id, state=e.state, answered_by=e.by, answered_on=e.on)
        return
    answered = {"answered_by": e.by, "answered_on": e.on} if e.state == "declined" else {}
    _change(
        draft,
        e.id,
        state=e.state,
        ended_by=e.by,
        ended_on=e.on,
        ended_because=e.because,
        outcome=e.outcome,
        **answered,
    )


def _provider(draft: Draft, e: rv.ProviderNamed) -> None:
    _change(draft, e.id, provider=e.provider)


def _told(draft: Draft, e: rv.ReferralTold) -> None:
    told = ReferralNotice(e.about, e.role, e.person, e.at)
    _change(draft, e.id, notices=(*draft.get("referrals")[e.id].notices, told))


def _consented(draft: Draft, e: rv.Consented) -> None:
    _change(draft, e.id, consents=(*draft.get("referrals")[e.id].consents, e.consent))


def _session(draft: Draft, e: rv.SessionHeld) -> None:
    _change(draft, e.id, state="in_progress", sessions=(*draft.get("referrals")[e.id].sessions, e.session))


def _planned(draft: Draft, e: rv.CarePlanned) -> None:
    _change(draft, e.id, plans=(*draft.get("referrals")[e.id].plans, e.plan))


def _screened(draft: Draft, e: rv.Screened) -> None:
    draft.put("screening_log", e.screening.id, e.screening)


REFERRAL_EVENTS: Mapping[type, Callable[[Draft, Any], None]] = {
    ev.ReferralRequested: _requested,
    rv.ReferralMoved: _moved,
    rv.ProviderNamed: _provider,
    rv.ReferralTold: _told,
    rv.Consented: _consented,
    rv.SessionHeld: _session,
    rv.CarePlanned: _planned,
    rv.Screened: _screened,
}
