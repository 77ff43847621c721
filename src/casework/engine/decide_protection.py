"""What people do to protect a record: hold it, release the hold, decide when its retention has ended. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from casework.engine.checks import sealed_only
from casework.engine.context import Context
from casework.engine.keeping import held, retention_ends
from casework.errors import CommandRefused, NotFound, StepRefused, said
from casework.model import events as ev
from casework.model import protection_commands as pc
from casework.model import protection_events as pv
from casework.model.case import Case
from casework.model.ids import short_id
from casework.model.protection import RETENTION_DECISIONS, RetentionDecision
from casework.model.reason import check_code
from casework.policy.retention import DUTY

Events = Iterator[ev.Event]


def _place(command: pc.PlaceHold, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    if case.subject != "child" or not case.version:
        raise StepRefused("hold", case.stage, "nothing is recorded of such a child, so there is nothing to hold")
    at, taken = context.at.isoformat(), {*case.holds, *context.taken}
    id_ = short_id("hold", case.child, at, context.actor, command.because, taken=taken)
    yield pv.HoldPlaced(id_, command.because, context.today, context.actor, sealed_only(command.note))


def _release(command: pc.ReleaseHold, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    hold = case.holds.get(command.hold) if isinstance(command.hold, str) else None
    if hold is None:
        raise NotFound("hold", command.hold)
    if not hold.stands:
        raise StepRefused("release hold", "released", f"it was released on {hold.released_on}")
    if hold.by == context.actor:
        raise CommandRefused("nobody releases a hold of their own; ask somebody else who may, to look at it and do so")
    yield pv.HoldReleased(hold.id, command.because, context.today, context.actor)


def _decide(command: pc.DecideRetention, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    if command.decision not in RETENTION_DECISIONS:
        msg = f"decision={said(command.decision)} is unknown; use one of {', '.join(RETENTION_DECISIONS)}"
        raise CommandRefused(msg)
    retention = context.settings.policy.retention
    if retention is None:
        raise StepRefused("decide retention", case.stage, "the policy says nothing of retention; add [retention] years")
    ends = retention_ends(case, retention.years, context.settings.calendar)
    if ends is None:
        raise StepRefused("decide retention", case.stage, "only a closed case has a retention that ends")
    if held(case):
        raise StepRefused(
            "decide retention", case.stage, "a hold stands; it has to be released first, by somebody else"
        )
    if not any(o.duty == DUTY and o.status == "open" for o in case.obligations.values()):
        raise StepRefused("decide retention", case.stage, f"it is not asked for yet; the retention ends on {ends}")
    _check_until(command, context.today)
    made = RetentionDecision(command.decision, command.because, context.today, context.actor, command.until)
    yield pv.RetentionDecided(made)


def _check_until(command: pc.DecideRetention, today: date) -> None:
    until = command.until
    if command.decision == "erase":
        if until is not None:
            raise CommandRefused("what is erased is not kept until a day; leave until= out, or decide to keep it")
    elif not isinstance(until, date) or isinstance(until, datetime) or until <= today:
        raise CommandRefused(f"until={said(until)} is no day to come; say until when it is kept, as a local date")


def _export(command: pc.ExportNamed, case: Case, context: Context) -> Events:
    check_code(command.reason, "reason")
    if case.subject != "school":
        raise CommandRefused("an export is the school's; call export_named() at the desk")
    yield pv.Exported(command.reason, command.first, command.last, command.rows, context.actor)


PROTECTION_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    pc.PlaceHold: _place,
    pc.ReleaseHold: _release,
    pc.DecideRetention: _decide,
    pc.ExportNamed: _export,
}
