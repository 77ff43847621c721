"""What people do about an emergency: raise, acknowledge, respond, call outside, stand down, review. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from casework.engine.checks import instant, known_id, known_ids, maybe_ids, sealed_only, yes_or_no
from casework.engine.context import Context
from casework.engine.evidence import implicated_by
from casework.errors import CommandRefused, NotFound
from casework.model import commands as c
from casework.model import events as ev
from casework.model.case import Case
from casework.model.emergency import Emergency, OutsideCall
from casework.model.ids import short_id
from casework.model.reason import check_code
from casework.model.roll import id_key
from casework.workflows import EMERGENCY_TABLE

Events = Iterator[ev.Event]


def _raise(command: c.Raise, case: Case, context: Context) -> Events:
    check_code(command.kind, "kind")
    known_ids((*command.implicated, *command.about), "one of implicated= and about=")
    yes_or_no(command.observed, "observed")
    id_ = short_id(
        "raise",
        case.child,
        context.at.isoformat(),
        context.actor,
        command.kind,
        taken={*case.emergencies, *context.taken},
    )
    yield ev.EmergencyRaised(
        id_,
        command.kind,
        context.at,
        context.actor,
        command.observed,
        tuple(command.about),
        implicated=implicated_by(case, command.about, command.implicated),
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
    maybe_ids("by", command.by)
    if not isinstance(command.reference, str) or not 0 < len(command.reference) <= 64:  # noqa: PLR2004 - column width
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
    if not command.safe_seen_by or command.safe_seen_at is None:
        msg = "safe_seen_by= and safe_seen_at= say who saw the child safe, and when; nobody stands down unseen"
        raise CommandRefused(msg)
    known_id(command.safe_seen_by, "safe_seen_by=")
    if id_key(command.safe_seen_by) == id_key(case.child):
        msg = "safe_seen_by= is the child; name the grown-up who saw that the child is safe"
        raise CommandRefused(msg)
    if command.safe_seen_by in found.implicated:
        msg = f"{command.safe_seen_by} cannot be the one who saw the child safe; name somebody else"
        raise CommandRefused(msg)
    seen_at = instant(command.safe_seen_at, context)
    if seen_at < found.raised_at:
        msg = "safe_seen_at= is before the report; somebody has to have seen the child safe since then"
        raise CommandRefused(msg)
    day = command.look_again
    if day is not None and (not isinstance(day, date) or isinstance(day, datetime) or day <= context.today):
        msg = f"look_again={day} is not a day to come; give a later local date"
        raise CommandRefused(msg)
    EMERGENCY_TABLE.fire(found.state, "stand_down", found)
    yield ev.StoodDown(
        found.id, context.at, context.actor, command.safe_seen_by, seen_at, command.because, command.look_again
    )


def _review(command: c.Review, case: Case, context: Context) -> Events:
    found = _emergency(case, command.emergency)
    EMERGENCY_TABLE.fire(found.state, "review", found)
    if found.stood_down_by == context.actor:
        msg = "nobody reviews an emergency that they stood down themselves; ask another of those who were told of it"
        raise CommandRefused(msg)
    yield ev.Reviewed(found.id, context.at, context.actor, sealed_only(command.lessons))


EMERGENCY_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    c.Raise: _raise,
    c.Acknowledge: _acknowledge,
    c.Respond: _respond,
    c.CallOutside: _call_outside,
    c.StandDown: _stand_down,
    c.Review: _review,
}
