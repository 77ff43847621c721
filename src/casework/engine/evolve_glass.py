"""From events of broken glass to the next state."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from casework.engine.draft import Draft
from casework.model import glass_events as gv
from casework.model.glass import Glass


def _broken(draft: Draft, e: gv.GlassBroken) -> None:
    draft.put("glasses", e.id, Glass(e.id, e.person, e.because, e.at, e.until))


def _told(draft: Draft, e: gv.GlassTold) -> None:
    draft.put("glasses", e.id, draft.get("glasses")[e.id].told(e.step, e.role, e.person, e.at, e.why))


def _reviewed(draft: Draft, e: gv.GlassReviewed) -> None:
    glass = draft.get("glasses")[e.id]
    draft.put("glasses", e.id, evolve(glass, reviewed_by=e.by, reviewed_at=e.at, verdict=e.verdict))


GLASS_EVENTS: Mapping[type, Callable[[Draft, Any], None]] = {
    gv.GlassBroken: _broken,
    gv.GlassTold: _told,
    gv.GlassReviewed: _reviewed,
}
