"""From commands to events: what people ask is allowed, or refused with the reason. Pure.

Every function here takes the command, the record as the principal may see it, and the context; what it yields is
evolved on the whole record. So nobody can tell from a refusal what they may not know.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import evolve as changed

from casework.engine.carer import IMPLICATED
from casework.engine.checks import (
    known_ids,
    local_day,
    maybe_ids,
    needs_case,
    yes_or_no,
)
from casework.engine.context import Context
from casework.engine.decide_emergency import EMERGENCY_STEPS
from casework.engine.decide_entered import ENTRY_STEPS
from casework.engine.decide_erasure import ERASURE_STEPS
from casework.engine.decide_merge import MERGE_STEPS
from casework.engine.decide_moves import MOVE_STEPS
from casework.engine.decide_protection import PROTECTION_STEPS
from casework.engine.decide_referral import REFERRAL_STEPS
from casework.engine.decide_school import SCHOOL_STEPS
from casework.engine.decide_transfer import RETURNED, TRANSFER_STEPS, gone_to
from casework.engine.glass import GLASS_STEPS
from casework.errors import CommandRefused, NotFound, StepRefused, said
from casework.model import commands as c
from casework.model import events as ev
from casework.model.calendar import DAY
from casework.model.case import Case
from casework.model.ids import short_id
from casework.model.people import Contact, ContactCard
from casework.model.reason import check_code
from casework.policy.values import DEFINITIONS
from casework.workflows import CASE_TABLE

Events = Iterator[ev.Event]
ENGINE_CODES = frozenset(("not_required", "case_closed", IMPLICATED))
"""Reasons that the engine gives for excusing or superseding, and takes back by itself."""


def decide(command: c.Command, case: Case, context: Context) -> list[ev.Event]:
    """The events that carry out the command. Raises `StepRefused`, `CommandRefused` or `NotFound`."""
    step = _STEPS.get(type(command))
    if step is None:
        msg = f"{type(command).__name__} is no command; give one of {', '.join(kind.__name__ for kind in _STEPS)}"
        raise CommandRefused(msg)
    try:
        return list(step(command, case, context))
    except (CommandRefused, StepRefused):
        raise
    except (ValueError, TypeError) as error:
        raise CommandRefused(str(error)) from error


def _fire(step: str, case: Case) -> str:
    return CASE_TABLE.fire(case.stage, step, case)


def _identify(command: c.Identify, case: Case, context: Context) -> Events:
    if command.away not in {"one", "both"}:
        raise CommandRefused(f"away={said(command.away)}; say 'one' or 'both' for the parents who are away")
    definition = command.definition or context.settings.policy.definition
    if definition not in DEFINITIONS:
        msg = f"definition {said(definition)} is unknown; use one of {', '.join(DEFINITIONS)}"
        raise CommandRefused(msg)
    yes_or_no(command.boarder, "boarder")
    maybe_ids("class_ or household", command.class_, command.household)
    _fire("identify", case)
    on = local_day(command.on, context)
    yield ev.Identified(on, command.away, definition, command.class_, command.household, command.boarder)


def _change_facts(command: c.ChangeFacts, case: Case, context: Context) -> Events:
    needs_case(case, "change facts")
    if command.away not in {None, "none", "one", "both"}:
        msg = f"away={said(command.away)}; say 'none', 'one' or 'both' for the parents who are away"
        raise CommandRefused(msg)
    maybe_ids("class_ or household", command.class_, command.household)
    if command.boarder is not None:
        yes_or_no(command.boarder, "boarder")
    on = local_day(command.on, context)
    new = {
        name: getattr(command, name)
        for name in ("away", "class_", "household", "boarder")
        if getattr(command, name) not in {None, getattr(case, name)}
    }
    if new:
        yield ev.FactsChanged(on, **new)
    if "away" in new:
        yield _mark("away_changed", context.today, case, context)


def _mark(kind: str, on: date, case: Case, context: Context) -> ev.Marked:
    """A dated fact; one that only asks for something is dated today, since nobody could act before it was known."""
    id_ = short_id(kind, on, context.at.isoformat(), context.actor, taken=case.marks)
    return ev.Marked(id_, kind, on, context.actor)


def _file(command: c.File, case: Case, context: Context) -> Events:
    target = _fire("file", case)
    on = local_day(command.on, context)
    yield _mark("filed", on, case, context)
    if command.card is not None:
        yield from _card_events(command.card, on, case, context)
    if target != case.stage:
        yield ev.StageChanged(target, on)


def _record_card(command: c.RecordCard, case: Case, context: Context) -> Events:
    needs_case(case, "record card")
    yield from _card_events(command.card, local_day(command.on, context), case, context)


def _card_events(card: ContactCard, on: date, case: Case, context: Context) -> Events:
    def verified(contact: Contact) -> Contact:
        return contact if contact.verified_on else changed(contact, verified_on=on)

    new = ContactCard(card.carer and verified(card.carer), tuple(verified(parent) for parent in card.parents))
    yield ev.CardRecorded(new)
    yield _mark("card", on, case, context)
    before = case.card.carer if case.card else None
    if before is not None and new.carer is not None and _who(before) != _who(new.carer):
        yield _mark("carer_changed", on, case, context)


def _who(contact: Contact) -> tuple[object, ...]:
    return (contact.person,) if contact.person else (contact.name, contact.relation)


def _contact(case: Case, place: str) -> Contact:
    found = case.card.contacts().get(place) if case.card else None
    if found is None:
        raise NotFound("contact", place)
    return found


def _with_contact(case: Case, place: str, contact: Contact) -> ev.CardRecorded:
    card = case.card or ContactCard()
    if place == "carer":
        return ev.CardRecorded(changed(card, carer=contact))
    number = int(place.removeprefix("parent")) - 1
    return ev.CardRecorded(changed(card, parents=(*card.parents[:number], contact, *card.parents[number + 1 :])))


def _verify(command: c.VerifyContact, case: Case, context: Context) -> Events:
    needs_case(case, "verify contact")
    on = local_day(command.on, context)
    yield _with_contact(case, command.contact, changed(_contact(case, command.contact), verified_on=on, dead=False))


def _number_dead(command: c.MarkNumberDead, case: Case, context: Context) -> Events:
    needs_case(case, "mark number dead")
    local_day(command.on, context)
    yield _with_contact(case, command.contact, changed(_contact(case, command.contact), dead=True))
    yield _mark("number_dead", context.today, case, context)


def _pair(command: c.Pair, case: Case, context: Context) -> Events:
    known_ids((command.lead, *command.members), "a helper")
    if command.lead in command.members or case.child in {command.lead, *command.members}:
        msg = "the lead of a pairing is not also a member, and no child its own helper; name another helper"
        raise CommandRefused(msg)
    target = _fire("pair", case)
    on = local_day(command.on, context)
    current = case.pairings[-1] if case.pairings and case.pairings[-1].until is None else None
    if current is not None:
        if (current.lead, current.members) == (command.lead, command.members):
            msg = f"{command.lead} leads this child's pairing already; nothing to change"
            raise CommandRefused(msg)
        if on < current.since:
            msg = f"the present pairing began on {current.since}; a new one cannot begin before it"
            raise CommandRefused(msg)
        yield ev.Unpaired(max(current.since, on - DAY), "replaced")
    yield ev.Paired(command.lead, on, command.members)
    if target != case.stage:
        yield ev.StageChanged(target, on)


def _unpair(command: c.Unpair, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    target = _fire("unpair", case)
    on = local_day(command.on, context)
    if on < case.pairings[-1].since:
        msg = f"the pairing began on {case.pairings[-1].since}; it cannot end before that"
        raise CommandRefused(msg)
    yield ev.Unpaired(on, command.because)
    yield ev.StageChanged(target, on)


def _key(command: c.DesignateKey, case: Case, context: Context) -> Events:
    _needs_open(case, "designate key child")
    check_code(command.because, "because")
    if case.key_child:
        raise StepRefused("designate key child", case.stage, "the child is a key child already")
    on = local_day(command.on, context)
    ended = max((span.until for span in case.spans if span.kind == "key" and span.until), default=on)
    if on < ended:
        msg = f"the child was a key child until {ended}; a new designation cannot begin before that"
        raise CommandRefused(msg)
    yield ev.KeyBegan(on, command.because)


def _end_key(command: c.EndKey, case: Case, context: Context) -> Events:
    _needs_open(case, "end key child")
    check_code(command.because, "because")
    if not case.key_child:
        raise StepRefused("end key child", case.stage, "the child is no key child")
    on = local_day(command.on, context)
    began = next(span.since for span in case.spans if span.kind == "key" and span.until is None)
    if on < began:
        msg = f"the designation began on {began}; it cannot end before that"
        raise CommandRefused(msg)
    yield ev.KeyEnded(on, command.because)


def _needs_open(case: Case, step: str) -> None:
    needs_case(case, step)
    if not case.open:
        raise StepRefused(step, case.stage, "the case is closed; reopen it first")


def _excuse(command: c.Excuse, case: Case, context: Context) -> Events:  # noqa: ARG001 - every step takes the same
    check_code(command.because, "because")
    if command.because in ENGINE_CODES:
        msg = f"because={said(command.because)} is what the engine says itself; give the school's own reason"
        raise CommandRefused(msg)
    found = case.obligations.get(command.obligation)
    if found is None:
        raise NotFound("obligation", command.obligation)
    if found.status != "open":
        raise StepRefused("excuse", found.status, "only an open obligation can be excused")
    yield ev.ObligationSettled(found.key, "excused", command.because)


def _close(command: c.Close, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    target = _fire("close", case)
    on = local_day(command.on, context)
    span = case.in_span("open", context.today)
    if span is None or on < span.since:
        msg = f"{on} is before the case was opened; give a day since then"
        raise CommandRefused(msg)
    if case.pairings and case.pairings[-1].until is None:
        yield ev.Unpaired(max(on, case.pairings[-1].since), "case_closed")
    if case.key_child:
        began = next(span.since for span in case.spans if span.kind == "key" and span.until is None)
        yield ev.KeyEnded(max(on, began), "case_closed")
    yield ev.StageChanged(target, on, command.because)


def _reopen(command: c.Reopen, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    target = _fire("reopen", case)
    if (school := gone_to(case)) and command.because != RETURNED:
        why = f"the child was transferred to {school}; take a transfer back from there, or say because={RETURNED!r}"
        raise StepRefused("reopen", case.stage, why)
    on = local_day(command.on, context)
    closed_on = max((span.until for span in case.spans if span.kind == "open" and span.until), default=on)
    if on < closed_on:
        msg = f"the case was closed on {closed_on}; it cannot be reopened before that"
        raise CommandRefused(msg)
    yield ev.StageChanged(target, on, command.because)


_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    c.Identify: _identify,
    c.ChangeFacts: _change_facts,
    c.File: _file,
    c.RecordCard: _record_card,
    c.VerifyContact: _verify,
    c.MarkNumberDead: _number_dead,
    c.Pair: _pair,
    c.Unpair: _unpair,
    c.DesignateKey: _key,
    c.EndKey: _end_key,
    c.Excuse: _excuse,
    c.Close: _close,
    c.Reopen: _reopen,
    **ENTRY_STEPS,
    **EMERGENCY_STEPS,
    **REFERRAL_STEPS,
    **SCHOOL_STEPS,
    **GLASS_STEPS,
    **PROTECTION_STEPS,
    **ERASURE_STEPS,
    **MOVE_STEPS,
    **TRANSFER_STEPS,
    **MERGE_STEPS,
}
