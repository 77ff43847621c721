"""From events of merged records to the next state. Pure; `casework.engine.evolve` calls them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from attrs import evolve as changed

from casework.engine.draft import Draft
from casework.errors import Tampered
from casework.model import merge_events as mg
from casework.model.move import INTO, OF, Hidden, Move

LOGS = ("marks", "activity_log", "screening_log", "concern_log", "emergencies", "referrals", "obligations")
"""What goes from one record to another, by the fields of `casework.model.case.Case`."""
MERGED = "merged"
_MARK = f"{MERGED}:"
_LEAVING = frozenset((*LOGS, "moves"))


def _emergency(draft: Draft, e: mg.EmergencyTaken) -> None:
    draft.put("emergencies", e.id, e.emergency)


def _referral(draft: Draft, e: mg.ReferralTaken) -> None:
    draft.put("referrals", e.id, e.referral)


def _obligation(draft: Draft, e: mg.ObligationTaken) -> None:
    draft.put("obligations", e.key, e.obligation)


def _of(draft: Draft, e: mg.MergedOf) -> None:
    draft.put("moves", e.id, Move(e.id, OF, MERGED, e.on, e.by, e.because, child=e.child))


def _into(draft: Draft, e: mg.MergedInto) -> None:
    """Nothing is owed, lived or told here any more; what the child's case was stands as it ended, to be found again."""
    draft.put("moves", e.id, Move(e.id, INTO, MERGED, e.on, e.by, e.because, child=e.child))
    for log in (*LOGS, "flags", "failures"):
        draft.set(log, {})
    draft.set("spans", tuple(_ended(s, e.on) if s.kind != "roll" else s for s in draft.get("spans")))
    draft.set("pairings", tuple(_ended(p, e.on) for p in draft.get("pairings")))
    if draft.get("stage"):
        draft.set("stage", "closed")


def _ended(value: Any, on: date) -> Any:  # noqa: ANN401 - a span or a pairing
    return changed(value, until=on, because=_MARK + value.because) if value.until is None else value


def _going_on(value: Any) -> Any:  # noqa: ANN401 - a span or a pairing
    if not value.because.startswith(_MARK):
        return value
    return changed(value, until=None, because=value.because.removeprefix(_MARK))


def _left(draft: Draft, e: mg.ItemLeft) -> None:
    if e.what not in _LEAVING:
        raise Tampered(f"{e.what} is no place from which an item of a record leaves; run `casework verify`")
    draft.drop(e.what, e.id)
    if e.hidden:
        found = draft.get("moves")[e.merge]
        draft.put("moves", e.merge, changed(found, hides=(*found.hides, Hidden(e.id, e.hidden))))


def _undone(draft: Draft, e: mg.MergeUndone) -> None:
    draft.put("moves", e.id, changed(draft.get("moves")[e.id], state="unmerged", ended_on=e.on))


def _back(draft: Draft, e: mg.MergedBack) -> None:
    draft.put("moves", e.id, changed(draft.get("moves")[e.id], state="unmerged", ended_on=e.on))
    draft.set("stage", e.stage)
    for name in ("spans", "pairings"):
        draft.set(name, tuple(_going_on(value) for value in draft.get(name)))


MERGE_EVENTS: Mapping[type, Callable[[Draft, Any], None]] = {
    mg.EmergencyTaken: _emergency,
    mg.ReferralTaken: _referral,
    mg.ObligationTaken: _obligation,
    mg.MergedOf: _of,
    mg.MergedInto: _into,
    mg.ItemLeft: _left,
    mg.MergeUndone: _undone,
    mg.MergedBack: _back,
}
