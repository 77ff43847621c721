"""From events about children and staff who move to the next state. Pure; `casework.engine.evolve` calls them."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve as changed

from casework.engine.draft import Draft
from casework.model import move_events as mv


def _referral(draft: Draft, e: mv.ReferralHandedOver) -> None:
    found = draft.get("referrals")[e.id]
    draft.put("referrals", e.id, changed(found, answered_by=e.to))


def _response(draft: Draft, e: mv.ResponseHandedOver) -> None:
    found = draft.get("emergencies")[e.id]
    named = ("acknowledged_by", "responding_by")
    new = {name: e.to for name in named if getattr(found, name) == e.person}
    draft.put("emergencies", e.id, changed(found, **new))


MOVE_EVENTS: Mapping[type, Callable[[Draft, Any], None]] = {
    mv.ReferralHandedOver: _referral,
    mv.ResponseHandedOver: _response,
}
