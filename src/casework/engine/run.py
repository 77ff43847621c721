"""One command or one look, from the record to what is to be saved. Pure."""

from collections.abc import Iterator, Mapping

from attrs import evolve as changed
from attrs import frozen

from casework import log
from casework.engine.attendance import awaiting
from casework.engine.context import Context
from casework.engine.decide import decide
from casework.engine.decide_moves import beyond
from casework.engine.draft import Draft
from casework.engine.evolve import happen
from casework.engine.faults import fault_told
from casework.engine.move_notices import in_key, move_told
from casework.engine.port import Change, Outgoing
from casework.engine.settle import Settled, settle
from casework.errors import CaseworkError
from casework.model import events as ev
from casework.model import glass_events as gv
from casework.model import move_events as mv
from casework.model import protection_events as pv
from casework.model import referral_events as rv
from casework.model.case import Case
from casework.model.commands import Command


@frozen
class Ran:
    """What came of a command: the change to save, and what the principal may know of it."""

    change: Change | None
    case: Case
    events: tuple[ev.Caused, ...]
    failed_rules: tuple[str, ...]


def run(command: Command, case: Case, context: Context, *, view: Case | None = None, idem: str = "") -> Ran:
    """Let what is due happen first, then the command, then the rules.

    For somebody implicated the command is decided, and answered, in the world that they may see, whose record is
    ``view``; what it does is done in the whole one.
    """
    whole = due(case, context)
    seen = whole if view is None else due(view, context)
    cause = f"command:{type(command).__name__}"
    taken = frozenset[str]() if view is None else frozenset(_ids(case))
    context = changed(context, cause=cause, taken=taken)
    asked = tuple((cause, event) for event in decide(command, seen.case, context))
    more = () if view is None else tuple((cause, event) for event in beyond(command, whole.case, seen.case))
    done = answer(whole, asked if view is None else (*possible(asked, whole.case), *more), context)
    told = done if view is None else answer(seen, asked, context)
    return Ran(
        change_of(case, done, context, idem=idem, actor=context.actor),
        told.case,
        told.events,
        told.failed_rules,
    )


def _ids(case: Case) -> Iterator[str]:
    """Every id of the record that nothing else may have."""
    for known in (
        case.activity_log,
        case.concern_log,
        case.emergencies,
        case.referrals,
        case.screening_log,
        case.holds,
    ):
        yield from known


def possible(asked: tuple[ev.Caused, ...], case: Case) -> tuple[ev.Caused, ...]:
    """Without events about what a rule would have raised or required, had nothing been hidden, and did not."""
    return tuple(
        (cause, event)
        for cause, event in asked
        if not (isinstance(event, _ABOUT_EMERGENCIES) and event.id not in case.emergencies)
        and not (isinstance(event, ABOUT_REFERRALS) and event.id not in case.referrals)
        and not (isinstance(event, ev.ObligationSettled) and event.key not in case.obligations)
    )


_ABOUT_EMERGENCIES = (
    ev.EmergencyMoved,
    ev.StoodDown,
    ev.Reviewed,
    ev.OutsideCalled,
    mv.ResponseHandedOver,
    mv.EmergencyTransferred,
)
ABOUT_REFERRALS = (rv.ReferralMoved, rv.Consented, rv.SessionHeld, rv.CarePlanned, mv.ReferralHandedOver)


def look(case: Case, context: Context) -> Change | None:
    """What a sweep's look at a record changes; None when not even the next look moves."""
    return change_of(case, settle(case, context), context, idem="", actor="system")


def alarm(case: Case, context: Context) -> Change | None:
    """What is due of a record's emergencies, and nothing else: for a record that cannot be looked at as a whole."""
    return look(case, changed(context, emergencies_only=True))


def run_urgent(  # the same words as `run`
    command: Command, case: Case, context: Context, *, view: Case | None = None, idem: str = ""
) -> Ran:
    """Run a command that nothing may stop: where windows fail it is stored, and its ladder climbs all the same."""
    try:
        return run(command, case, context, view=view, idem=idem)
    except CaseworkError:
        raise
    except Exception as error:
        if context.settings.raise_errors:
            raise
        log.warning("settling_failed", school=case.school, child=case.child, error=type(error).__name__)
        return run(command, case, changed(context, emergencies_only=True), view=view, idem=idem)


def begin(case: Case, context: Context) -> Change | None:
    """A look at a record; one that is new begins with a mark, so that it is stored and its next look comes."""
    if case.version:
        return look(case, context)
    known = ev.Marked("begun", "begun", context.today, context.actor)
    settled = answer(Settled(case, (), None, None), (("time", known),), context)
    return change_of(case, settled, context, idem="", actor=context.actor)


def due(case: Case, context: Context) -> Settled:
    """The record with what its next look brings, if that is due."""
    if case.version and (case.awaited or (case.wake_at is not None and case.wake_at <= context.at)):
        return settle(case, context)
    return Settled(case, (), case.wake_at, case.alarm_at)


def answer(before: Settled, asked: tuple[ev.Caused, ...], context: Context) -> Settled:
    """The record after what was asked, and all that follows from it."""
    draft = Draft(before.case)
    for _, event in asked:
        happen(draft, event)
    after = settle(draft.case, context)
    events = (*before.events, *asked, *after.events)
    return Settled(after.case, events, after.wake_at, after.alarm_at, after.failed_rules)


def change_of(before: Case, after: Settled, context: Context, *, idem: str, actor: str) -> Change | None:
    """The change to save: an entry if anything happened, else only the next looks; None if nothing moves at all."""
    wake_at = after.wake_at
    if context.emergencies_only and before.wake_at is not None and (wake_at is None or before.wake_at < wake_at):
        wake_at = before.wake_at
    if not after.events:
        taken_up = before.awaited and not after.case.awaited
        looks = (wake_at, after.alarm_at) == (before.wake_at, before.alarm_at)
        if (looks and not taken_up) or not before.version:
            return None
        return Change(before, before.having(awaited=after.case.awaited), None, wake_at, after.alarm_at)
    entry = ev.Entry(before.version + 1, context.at, actor, idem, after.events)
    case = after.case.having(version=entry.seq, wake_at=wake_at, alarm_at=after.alarm_at)
    told = tuple(_outgoing(case, entry, context))
    return Change(before, case, entry, wake_at, after.alarm_at, told, awaiting=awaiting(case, entry))


def _outgoing(case: Case, entry: ev.Entry, context: Context) -> list[Outgoing]:
    found = []
    for _, event in entry.events:
        if isinstance(event, ev.Notified):
            key = f"{case.id}/{event.id}/{event.state}/{event.step}/{in_key(event.person)}"
            kind = case.emergencies[event.id].kind
            facts: Mapping[str, str | int] = {
                "emergency": event.id,
                "kind": kind,
                "state": event.state,
                "rung": event.rung,
                "step": event.step,
            }
            found.append(Outgoing(key, "emergency", event.role, event.person, case.child, event.at, facts))
        elif isinstance(event, rv.ReferralTold):
            key = f"{case.id}/{event.id}/{event.about}/{event.role}/{in_key(event.person)}"
            facts = {"referral": event.id, "to": case.referrals[event.id].to, "about": event.about}
            found.append(Outgoing(key, "referral", event.role, event.person, case.child, event.at, facts))
        elif isinstance(event, gv.GlassTold) and event.person:
            key = f"{case.id}/{event.id}/{event.step}/{in_key(event.person)}"
            glass = case.glasses[event.id]
            facts = {"glass": event.id, "by": glass.person, "because": glass.because, "step": event.step}
            found.append(Outgoing(key, "break_glass", event.role, event.person, case.child, event.at, facts))
        elif isinstance(event, pv.RetentionTold):
            key = f"{case.id}/{event.key}/overdue/{event.role}/{in_key(event.person)}"
            facts = {"obligation": event.key, "about": "overdue"}
            found.append(Outgoing(key, "retention", event.role, event.person, case.child, event.at, facts))
        elif isinstance(event, ev.EvidenceJoined) and event.id in case.emergencies:
            found += _joined(case, event, entry)
        elif isinstance(event, mv.MoveEvent):
            found += move_told(case, event, entry)
        elif isinstance(event, ev.RuleFailed):
            found.append(fault_told(case, (entry.at, event), context))
    return found


def _joined(case: Case, event: ev.EvidenceJoined, entry: ev.Entry) -> list[Outgoing]:
    """Whoever was told of a live emergency is told that there is more of it."""
    emergency = case.emergencies[event.id]
    told = {notice.person: notice.role for notice in emergency.notices if notice.person}
    facts: Mapping[str, str | int] = {"emergency": event.id, "kind": emergency.kind, "state": "joined"}
    return [
        Outgoing(
            f"{case.id}/{event.id}/joined/{entry.seq}/{in_key(person)}",
            "emergency",
            role,
            person,
            case.child,
            entry.at,
            facts,
        )
        for person, role in sorted(told.items())
        if emergency.live and not case.names_of(person) & set(emergency.implicated)
    ]
