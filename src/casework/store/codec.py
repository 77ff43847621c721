"""Entries as bytes: compact JSON in a versioned, positional form that never changes for what is written already.

A body is ``[version, cause, event, event, cause, event …]``. A cause holds for the events after it: a whole number
stands for ``time`` (0) or a command (its place in `COMMANDS`), text for a rule, text that begins with ``:`` for any
other cause. An event is a list: its place in `EVENTS`, then its fields in order, trailing defaults left out.

Within fields, local dates count days and instants microseconds from the entry's own ``at`` (days in UTC); 0 instead of
text stands for the entry's actor, and k for the k-th text of four characters or more that occurred in the entry. So
what an entry already says is not said again. `casework.store.shapes` says how each type is written.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from casework.errors import CaseworkError, Tampered
from casework.model import erasure_events as xv
from casework.model import events as ev
from casework.model import glass_events as gv
from casework.model import merge_events as mg
from casework.model import move_events as mv
from casework.model import post_events as nv
from casework.model import protection_events as pv
from casework.model import referral_events as rv
from casework.model import school_events as sv
from casework.model.events import Caused, Entry, Event
from casework.model.identity import IdentityRecorded
from casework.store.shapes import Reading, Writing, shape_of

VERSION = 1

EVENTS: tuple[type, ...] = (
    ev.Identified,
    ev.FactsChanged,
    ev.Marked,
    ev.CardRecorded,
    ev.StageChanged,
    ev.Paired,
    ev.Unpaired,
    ev.KeyBegan,
    ev.KeyEnded,
    ev.Recorded,
    ev.Corrected,
    ev.Voided,
    ev.ConcernNoted,
    ev.ObligationOpened,
    ev.ObligationRedated,
    ev.ObligationJudged,
    ev.ObligationSettled,
    ev.EmergencyRaised,
    ev.EvidenceJoined,
    ev.EmergencyMoved,
    ev.StoodDown,
    ev.Reviewed,
    ev.OutsideCalled,
    ev.Notified,
    ev.RungPassed,
    ev.ReferralRequested,
    ev.FlagRaised,
    ev.FlagLowered,
    ev.RuleFailed,
    ev.RuleReleased,
    ev.Applied,
    rv.ReferralMoved,
    rv.ProviderNamed,
    rv.ReferralTold,
    rv.Consented,
    rv.SessionHeld,
    rv.CarePlanned,
    rv.Screened,
    sv.GatheringHeld,
    sv.GatheringChanged,
    sv.AttendanceChanged,
    sv.GatheringVoided,
    sv.RollJoined,
    sv.RollLeft,
    sv.ProgrammeMoved,
    gv.GlassBroken,
    gv.GlassTold,
    gv.GlassReviewed,
    nv.NoticeFailed,
    pv.HoldPlaced,
    pv.HoldReleased,
    pv.PurposeConsented,
    pv.RetentionDecided,
    pv.RetentionTold,
    pv.Exported,
    xv.ErasureAsked,
    xv.ErasureDeclined,
    xv.Erased,
    IdentityRecorded,
    mv.ReferralHandedOver,
    mv.ResponseHandedOver,
    mv.TransferOffered,
    mv.TransferEnded,
    mv.TransferChased,
    mv.EmergencyTransferred,
    mv.TransferReceived,
    mv.TransferAnswered,
    *mg.MERGES,
)
"""The events by their number in the stored form, counted from 1. New ones are added at the end; none is ever moved."""

COMMANDS = (
    "Identify",
    "ChangeFacts",
    "File",
    "RecordCard",
    "VerifyContact",
    "MarkNumberDead",
    "Pair",
    "Unpair",
    "DesignateKey",
    "EndKey",
    "Record",
    "NoteConcern",
    "Correct",
    "Void",
    "Raise",
    "Acknowledge",
    "Respond",
    "CallOutside",
    "StandDown",
    "Review",
    "Excuse",
    "Close",
    "Reopen",
    "Apply",
    "RequestReferral",
    "AcceptReferral",
    "DeclineReferral",
    "RecordConsent",
    "HoldSession",
    "PlanCare",
    "CompleteReferral",
    "RevokeReferral",
    "Screen",
    "UpdateRoll",
    "Gather",
    "CorrectGathering",
    "CorrectAttendance",
    "VoidGathering",
    "Examine",
    "Sign",
    "AdoptMechanism",
    "CallTree",
    "ReviewProgramme",
    "SummariseProgramme",
    "ReopenProgramme",
    "BreakGlass",
    "ReviewGlass",
    "PlaceHold",
    "ReleaseHold",
    "DecideRetention",
    "ExportNamed",
    "RequestErasure",
    "DeclineErasure",
    "Erase",
    "RecordIdentity",
    "HandOver",
    "OfferTransfer",
    "EndTransfer",
    "ReceiveTransfer",
    "AnswerTransfer",
    "Merge",
    "MergeInto",
    "Unmerge",
    "UnmergeFrom",
)
"""Commands by their number in the stored form, counted from 1; one that is not here is written out."""

_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NUMBERS: dict[type, int] = {cls: k for k, cls in enumerate(EVENTS, 1)}
_CAUSES: dict[str, int] = {"time": 0} | {f"command:{name}": k for k, name in enumerate(COMMANDS, 1)}
_BY_NUMBER = {k: cause for cause, k in _CAUSES.items()}


def encode(entry: Entry) -> bytes:
    """The body of an entry: its events and their causes. Raises `CommandRefused` for a value that may not be stored."""
    writing = Writing(entry.at, entry.actor)
    body: list[Any] = [VERSION]
    last = None
    for cause, event in entry.events:
        if cause != last:
            body.append(_write_cause(cause))
            last = cause
        body.append(_write_event(writing, event))
    return _compact(body).encode()


def decode(seq: int, at: datetime, actor: str, idem: str, body: bytes) -> Entry:
    """The entry that was written; raises `Tampered` for bytes that casework did not write, or a later release did."""
    try:
        items = json.loads(body.decode())
        if not isinstance(items, list) or not items or items[0] != VERSION:
            raise Tampered("it is in a form that this release does not know")
        events = tuple(_events(Reading(at, actor), items[1:]))
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError) as error:
        why = str(error) if isinstance(error, CaseworkError) else f"its bytes make no sense ({type(error).__name__})"
        raise Tampered(f"entry {seq} cannot be read: {why}; run `casework verify`") from None
    return Entry(seq, at, actor, idem, events)


def _events(reading: Reading, items: list[Any]) -> Iterator[Caused]:
    cause = None
    for item in items:
        if not isinstance(item, list):
            cause = _read_cause(item)
        elif cause is None:
            raise Tampered("an event has no cause")
        else:
            yield cause, _read_event(reading, item)


def _write_cause(cause: str) -> int | str:
    known = _CAUSES.get(cause)
    if known is not None:
        return known
    rule = cause.removeprefix("rule:")
    return rule if rule != cause and not rule.startswith(":") else f":{cause}"


def _read_cause(item: object) -> str:
    if isinstance(item, str):
        return item[1:] if item.startswith(":") else f"rule:{item}"
    if type(item) is not int:
        raise Tampered("a cause is neither a number nor text")
    return _BY_NUMBER[item]


def _write_event(writing: Writing, event: Event) -> list[Any]:
    cls: type = type(event)
    return [_NUMBERS[cls], *shape_of(cls).write(writing, event)]


def _read_event(reading: Reading, item: list[Any]) -> Event:
    number = item[0]
    if type(number) is not int or not 1 <= number <= len(EVENTS):
        raise Tampered("it holds an event that this release does not know; upgrade before reading this history")
    found: Event = shape_of(EVENTS[number - 1]).read(reading, item[1:])
    return found
