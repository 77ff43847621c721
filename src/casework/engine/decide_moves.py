"""What people decide about children and staff who move, from commands to events. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from casework.engine.checks import known_id, local_day, yes_or_no
from casework.engine.context import Context
from casework.engine.decide_merge import beyond_merge
from casework.errors import CommandRefused
from casework.model import events as ev
from casework.model import move_commands as mc
from casework.model import move_events as mv
from casework.model.calendar import DAY
from casework.model.case import Case
from casework.model.commands import Command
from casework.model.ids import short_id
from casework.model.reason import check_code

Events = Iterator[ev.Event]


def named(case: Case, person: str) -> tuple[str, ...]:
    """What of the child's care stands in a person's name: ``lead``, ``member``, ``referral:ID``, ``emergency:ID``."""
    found = []
    pairing = case.pairings[-1] if case.pairings and case.pairings[-1].until is None else None
    if pairing is not None and pairing.lead == person:
        found.append("lead")
    if pairing is not None and person in pairing.members:
        found.append("member")
    found += [f"referral:{r.id}" for r in case.referrals.values() if r.open and r.answered_by == person]
    found += [
        f"emergency:{e.id}"
        for e in case.emergencies.values()
        if e.live and person in {e.acknowledged_by, e.responding_by}
    ]
    return tuple(found)


def _hand_over(command: mc.HandOver, case: Case, context: Context) -> Events:
    known_id(command.person, "who leaves")
    known_id(command.to, "the successor")
    check_code(command.because, "because")
    yes_or_no(command.interim, "interim")
    if command.to in {command.person, case.child}:
        msg = "the successor is somebody else than who leaves, and no child its own; name another member of staff"
        raise CommandRefused(msg)
    if command.to == context.actor:
        msg = f"{command.to} cannot take over by their own word; somebody else enters the hand-over"
        raise CommandRefused(msg)
    if case.implicates(command.to):
        msg = f"{command.to} cannot take over {case.child}; name another successor for this child"
        raise CommandRefused(msg)
    yield from _pairing_handed(command, case, context)
    for referral in case.referrals.values():
        if referral.open and referral.answered_by == command.person:
            yield mv.ReferralHandedOver(referral.id, command.person, command.to, command.because)
    for emergency in case.emergencies.values():
        if emergency.live and command.person in {emergency.acknowledged_by, emergency.responding_by}:
            yield mv.ResponseHandedOver(emergency.id, command.person, command.to, command.because)
    if command.interim and named(case, command.person):
        id_ = short_id("interim", context.today, context.at.isoformat(), context.actor, taken=case.marks)
        yield ev.Marked(id_, "interim", context.today, command.to)


def _pairing_handed(command: mc.HandOver, case: Case, context: Context) -> Events:
    pairing = case.pairings[-1] if case.pairings and case.pairings[-1].until is None else None
    if pairing is None or command.person not in {pairing.lead, *pairing.members}:
        return
    lead = command.to if pairing.lead == command.person else pairing.lead
    group = [command.to if member == command.person else member for member in pairing.members]
    members = tuple(member for member in dict.fromkeys(group) if member != lead)
    on = max(local_day(command.on, context), pairing.since)
    yield ev.Unpaired(max(pairing.since, on - DAY), command.because)
    yield ev.Paired(lead, on, members)


def beyond(command: Command, whole: Case, seen: Case) -> tuple[ev.Event, ...]:
    """What a command does besides to what its giver may not know of, so that nothing stays behind.

    A successor whom that implicates is not named in it: it is with nobody then, and its limits run on.
    """
    if not isinstance(command, mc.HandOver):
        return beyond_merge(command, whole)
    person, because = command.person, command.because

    def to(implicated: tuple[str, ...]) -> str:
        return "" if whole.names_of(command.to) & set(implicated) else command.to

    referrals = [r for r in whole.referrals.values() if r.id not in seen.referrals and r.open]
    emergencies = [e for e in whole.emergencies.values() if e.id not in seen.emergencies and e.live]
    return (
        *(mv.ReferralHandedOver(r.id, person, to(r.implicated), because) for r in referrals if r.answered_by == person),
        *(
            mv.ResponseHandedOver(e.id, person, to(e.implicated), because)
            for e in emergencies
            if person in {e.acknowledged_by, e.responding_by}
        ),
    )


MOVE_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    mc.HandOver: _hand_over,
}
