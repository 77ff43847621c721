"""From events about children and staff who move to the next state. Pure; `casework.engine.evolve` calls them."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve as changed

from casework.engine.draft import Draft
from casework.model import move_events as mv
from casework.model.move import IN, OUT, Move, Package


def _referral(draft: Draft, e: mv.ReferralHandedOver) -> None:
    found = draft.get("referrals")[e.id]
    draft.put("referrals", e.id, changed(found, answered_by=e.to))


def _response(draft: Draft, e: mv.ResponseHandedOver) -> None:
    found = draft.get("emergencies")[e.id]
    named = ("acknowledged_by", "responding_by")
    new = {name: e.to for name in named if getattr(found, name) == e.person}
    draft.put("emergencies", e.id, changed(found, **new))


def _offered(draft: Draft, e: mv.TransferOffered) -> None:
    found = draft.get("moves").get(e.id) or Move(e.id, OUT, "offered", e.on, e.by, e.because)
    packages = (*found.packages, Package(e.digest, e.at))
    draft.put("moves", e.id, changed(found, peer=e.to, key=e.key, packages=packages))


def _ended(draft: Draft, e: mv.TransferEnded) -> None:
    draft.put("moves", e.id, changed(draft.get("moves")[e.id], state=e.state, ended_on=e.on))


def _chased(draft: Draft, e: mv.TransferChased) -> None:
    draft.put("moves", e.id, changed(draft.get("moves")[e.id], chased=e.on))


def _transferred(draft: Draft, e: mv.EmergencyTransferred) -> None:
    """It is over here, but nobody here saw the child safe: who did stays empty."""
    found = draft.get("emergencies")[e.id]
    ended = {"stood_down_by": e.by, "stood_down_at": e.at, "stood_down_because": "transferred"}
    draft.put("emergencies", e.id, changed(found, state="reviewed", since=e.at, **ended))


def _received(draft: Draft, e: mv.TransferReceived) -> None:
    found = draft.get("moves").get(e.id) or Move(e.id, IN, "accepted", e.on, e.by, "", e.sender, e.key, e.child)
    more = {
        "packages": (*found.packages, Package(e.digest, e.at)),
        "texts": (*found.texts, *e.texts),
        "restricted": (*found.restricted, *e.restricted),
    }
    draft.put("moves", e.id, changed(found, **more))


def _answered(draft: Draft, e: mv.TransferAnswered) -> None:
    new = Move(e.id, IN, e.state, e.on, e.by, e.because, e.sender, e.key, e.child)
    found = draft.get("moves").get(e.id) or new
    packages = (*found.packages, Package(e.digest, e.at)) if e.digest else found.packages
    draft.put("moves", e.id, changed(found, packages=packages))


MOVE_EVENTS: Mapping[type, Callable[[Draft, Any], None]] = {
    mv.ReferralHandedOver: _referral,
    mv.ResponseHandedOver: _response,
    mv.TransferOffered: _offered,
    mv.TransferEnded: _ended,
    mv.TransferChased: _chased,
    mv.EmergencyTransferred: _transferred,
    mv.TransferReceived: _received,
    mv.TransferAnswered: _answered,
}
