"""From events of what protects a record to the next state. Pure; `casework.engine.evolve` calls them."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve as changed

from casework.engine.draft import Draft
from casework.engine.keeping import TOLD
from casework.model import protection_events as pv
from casework.model.case import Mark
from casework.model.ids import short_id
from casework.model.protection import Hold, PurposeConsent


def _placed(draft: Draft, e: pv.HoldPlaced) -> None:
    draft.put("holds", e.id, Hold(e.id, e.because, e.on, e.by, e.note))


def _released(draft: Draft, e: pv.HoldReleased) -> None:
    hold = draft.get("holds")[e.id]
    draft.put("holds", e.id, changed(hold, released_on=e.on, released_by=e.by, released_because=e.because))


def _consented(draft: Draft, e: pv.PurposeConsented) -> None:
    draft.set("consents", (*draft.get("consents"), PurposeConsent(e.purpose, e.consent)))


def _decided(draft: Draft, e: pv.RetentionDecided) -> None:
    draft.set("retention", (*draft.get("retention"), e.decision))


def _told(draft: Draft, e: pv.RetentionTold) -> None:
    id_ = short_id(TOLD, e.key, e.role, e.person)
    draft.put("marks", id_, Mark(id_, TOLD, e.on, e.person))


def _exported(draft: Draft, e: pv.Exported) -> None:
    """That it left stands in the history; the record is as it was."""


PROTECTION_EVENTS: Mapping[type, Callable[[Draft, Any], None]] = {
    pv.HoldPlaced: _placed,
    pv.HoldReleased: _released,
    pv.PurposeConsented: _consented,
    pv.RetentionDecided: _decided,
    pv.RetentionTold: _told,
    pv.Exported: _exported,
}
