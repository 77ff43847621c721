"""What people do about an emergency: raise, acknowledge, respond, call outside, stand down, review. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from casework.engine.checks import instant, sealed_only
from casework.engine.context import Context
from casework.errors import CommandRefused, NotFound
from casework.model import commands as c
from casework.model import events as ev
from casework.model.case import Case
from casework.model.emergency import Emergency, OutsideCall
from casework.model.ids import short_id
from casework.model.reason import check_code
from casework.workflows import EMERGENCY_TABLE

Events = Iterator[ev.Event]


def _raise(command: c.Raise, case: Case, context: Context) -> Events:
    check_code(command.kind, "kind")
    if not all(command.implicated) or not all(command.about):
        msg = "implicated= and about= hold ids; an empty one names nobody"
        raise CommandRefused(msg)
    id_ = short_id("raise", context.at.isoformat(), context.actor, command.kind, taken=case.emergencies)
    yield ev.EmergencyRaised(
        id_,
        command.kind,
        context.at,
        context.actor,
        command.observed,
        tuple(command.about),
        implicated=tuple(command.implicated),
        note=sealed_only(command.note),
    )


def _emergency(case: Case, id_: str) -> Emergency:
    found = case.emergencies.get(id_)
    if found is None:
        raise NotFound("emergency", id_)
    return found


def _acknowledge(command: c.Acknowledge, case: Case, context: Context) -> Events:
    found = _emergency(case, command.emergency)
    yield ev.EmergencyMoved(
        found.id, EMERGENCY_TABLE.fire(found.state, "acknowledge", found), context.at, context.actor
    )


def _respond(command: c.Respond, case: Case, context: Context) -> Events:
    found = _emergency(case, command.emergency)
    yield ev.EmergencyMoved(found.id, EMERGENCY_TABLE.fire(found.state, "respond", found), context.at, context.actor)


def _call_outside(command: c.CallOutside, case: Case, context: Context) -> Events:
    found = _emergency(case, command.emergency)
    check_code(command.agency, "agency")
    if not 0 < len(command.reference) <= 64:  # noqa: PLR2004 - column width
        msg = "reference= is what the agency gave for the call, 1 to 64 characters; 'none' if it gave none"
        raise CommandRefused(msg)
    at = instant(command.at, context)
    target = EMERGENCY_TABLE.fire(found.state, "call_outside", found)
    yield ev.OutsideCalled(found.id, OutsideCall(command.agency, command.by or context.actor, at, command.reference))
    if target != found.state:
        yield ev.EmergencyMoved(found.id, target, context.at, context.actor)


def _stand_down(command: c.StandDown, case: Case, context: Context) -> Events:
    found = _emergency(case, command.emergency)
    check_code(command.because, "because")
    if not command.safe_seen_by:
        msg = "safe_seen_by= names who saw the child safe; nobody stands an emergency down unseen"
        raise CommandRefused(msg)
    if command.safe_seen_by in found.implicated:
        msg = f"{command.safe_seen_by} cannot be the one who saw the child safe; name somebody else"
        raise CommandRefused(msg)
    seen_at = instant(command.safe_seen_at, context)
    if command.look_again is not None and command.look_again <= context.today:
        msg = f"look_again={command.look_again} is not a day to come; give a later one"
        raise CommandRefused(msg)
    EMERGENCY_TABLE.fire(found.state, "stand_down", found)
    yield ev.StoodDown(
        found.id, context.at, context.actor, command.safe_seen_by, seen_at, command.because, command.look_again
    )


def _review(command: c.Review, case: Case, context: Context) -> Events:
    found = _emergency(case, command.emergency)
    EMERGENCY_TABLE.fire(found.state, "review", found)
    yield ev.Reviewed(found.id, context.at, context.actor, sealed_only(command.lessons))


EMERGENCY_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    c.Raise: _raise,
    c.Acknowledge: _acknowledge,
    c.Respond: _respond,
    c.CallOutside: _call_outside,
    c.StandDown: _stand_down,
    c.Review: _review,
}
