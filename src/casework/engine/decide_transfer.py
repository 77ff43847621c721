"""Transfers between schools, from commands to events. Pure; `casework.engine.transfer_desk` tells the protocol."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from casework.engine.checks import known_id, known_ids, needs_case
from casework.engine.context import Context
from casework.errors import CommandRefused, NotFound, StepRefused
from casework.model import events as ev
from casework.model import move_commands as mc
from casework.model import move_events as mv
from casework.model import referral_events as rv
from casework.model.activity import SEVERITIES, Concern
from casework.model.case import Case
from casework.model.ids import short_id
from casework.model.move import IN, OUT, Move
from casework.model.people import Sealed
from casework.model.reason import Reason, check_code
from casework.policy.values import DEFINITIONS
from casework.workflows import CASE_TABLE

Events = Iterator[ev.Event]
TRANSFERRED = "transferred"
"""Why a case is closed whose child another school has taken over, and what is the reason of all that follows."""
RETURNED = "returned"
"""Why a transferred case may be opened again by hand: a person vouches that the other school has closed its own."""


def offered(case: Case) -> Move | None:
    """The transfer that stands: offered, and neither confirmed nor withdrawn."""
    return next((move for move in case.moves.values() if move.kind == OUT and move.state == "offered"), None)


def gone_to(case: Case) -> str:
    """The school that has taken the child over, if the child has not come back since; else empty."""
    ended = [move for move in case.moves.values() if move.kind == IN or (move.kind, move.state) == (OUT, "confirmed")]
    return ended[-1].peer if ended and ended[-1].kind == OUT else ""


def _offer(command: mc.OfferTransfer, case: Case, context: Context) -> Events:
    needs_case(case, "offer transfer")
    check_code(command.because, "because")
    if not case.open:
        raise StepRefused("offer transfer", case.stage, "the case is closed; reopen it first")
    standing = offered(case)
    if standing is not None and standing.id != command.id:
        why = f"the case is offered to {standing.peer}; ask it to refuse first: `casework transfer withdraw`"
        raise StepRefused("offer transfer", "offered", why)
    to = command.to
    yield mv.TransferOffered(
        command.id, to.school, to.key, context.today, context.actor, command.because, command.digest, context.at
    )


def _end(command: mc.EndTransfer, case: Case, context: Context) -> Events:
    found = case.moves.get(command.id)
    if found is None or found.kind != OUT:
        raise NotFound("transfer", command.id)
    if found.state == command.state:
        return
    if found.state != "offered":
        raise StepRefused("end transfer", found.state, "its end stands; offer the case anew")
    if command.state == "confirmed":
        _check_whole(found, command.digests, case, context)
    yield mv.TransferEnded(found.id, command.state, context.today, context.actor)
    if command.state == "confirmed":
        yield from _handed_on(found, case, context)


def _check_whole(found: Move, digests: tuple[str, ...], case: Case, context: Context) -> None:
    """Refuse a receipt for a package that did not hold what endangers the child."""
    taken = [package.at for package in found.packages if package.digest in digests]
    if not taken:
        raise StepRefused("confirm transfer", found.state, "the receipt names no package that was handed out")
    at = max(taken)
    day = context.settings.calendar.local_date(at)
    late = [e.id for e in case.emergencies.values() if e.live and e.raised_at > at]
    late += [c.id for c in case.concern_log.values() if not c.voided and c.entered_at > at]
    late += [r.id for r in case.referrals.values() if r.open and r.on > day]
    if late:
        why = (
            f"the other school does not know of {', '.join(late[:3])}, entered since the package was made; make it "
            "again (`casework transfer offer`), hand it over, and confirm with its receipt"
        )
        raise StepRefused("confirm transfer", found.state, why)


def _handed_on(found: Move, case: Case, context: Context) -> Events:
    """What was this school's is the other's from now on: no ladder, no referral, no duty goes on here."""
    for emergency in case.emergencies.values():
        if emergency.live:
            yield mv.EmergencyTransferred(emergency.id, found.peer, context.at, context.actor)
    for referral in case.referrals.values():
        if referral.open:
            yield rv.ReferralMoved(referral.id, "revoked", context.today, context.actor, TRANSFERRED)
    if not case.open:
        return
    if case.pairings and case.pairings[-1].until is None:
        yield ev.Unpaired(max(context.today, case.pairings[-1].since), TRANSFERRED)
    if case.key_child:
        yield ev.KeyEnded(context.today, TRANSFERRED)
    yield ev.StageChanged("closed", context.today, TRANSFERRED)


def _answer(command: mc.AnswerTransfer, case: Case, context: Context) -> Events:
    letter = command.letter
    if case.subject != "school":
        raise CommandRefused("the answer to a transfer stands in the school's own record; call it at the desk")
    held = case.moves.get(letter.id)
    if held is not None and (held.state, held.child, held.peer) != (command.state, command.child, letter.sender.school):
        raise StepRefused("answer transfer", held.state, "it was answered already, once and for all")
    if command.because:
        check_code(command.because, "because")
    digest = letter.digest if command.state == "accepted" else ""
    who = (letter.sender.school, letter.sender.key, command.child)
    yield mv.TransferAnswered(
        letter.id, command.state, *who, context.today, context.actor, command.because, digest, context.at
    )


def _receive(command: mc.ReceiveTransfer, case: Case, context: Context) -> Events:
    letter, parcel = command.letter, command.parcel
    if letter.id not in case.moves:
        yield from _begun(command, case, context)
    _check_items(command, context)
    notes = dict(command.notes)

    def new(id_: str) -> str:
        return short_id(TRANSFERRED, letter.id, id_)

    def about(ids: tuple[str, ...]) -> tuple[str, ...]:
        concerns = {concern.id for concern in parcel.concerns}
        return tuple(sorted(new(id_) for id_ in ids if id_ in concerns))

    for c in parcel.concerns:
        if new(c.id) not in case.concern_log:
            # Danger that was answered there is no new danger; what is live comes as an emergency of its own.
            grave = "high" if c.severity == "danger" else c.severity
            noted = (new(c.id), c.kind, c.on, c.by, context.at, grave)
            yield ev.ConcernNoted(Concern(*noted, c.observed, letter.id, tuple(sorted(c.implicated)), notes.get(c.id)))
    for e in parcel.emergencies:
        if new(e.id) not in case.emergencies:
            said = (new(e.id), e.kind, context.at, context.actor, e.observed, about(e.about))
            yield ev.EmergencyRaised(*said, implicated=tuple(sorted(e.implicated)), note=notes.get(e.id))
    for r in parcel.referrals:
        if new(r.id) not in case.referrals:
            asked = (new(r.id), r.to, context.today, about(r.about), letter.sender.school, "", Reason(r.because))
            yield ev.ReferralRequested(*asked, r.urgent, tuple(sorted(r.implicated)), notes.get(r.id))
    who = (letter.sender.school, letter.sender.key, parcel.child, context.today, context.actor)
    yield mv.TransferReceived(letter.id, *who, letter.digest, context.at, command.texts, command.restricted)


def _begun(command: mc.ReceiveTransfer, case: Case, context: Context) -> Events:
    """The child's case begins here, or goes on: as for a child who joins in mid-term."""
    parcel, today, standing = command.parcel, context.today, offered(case)
    if standing is not None and standing.peer == command.letter.sender.school:
        # Who sends a child back has had the child: the receipt that was lost must not close the case any more.
        yield mv.TransferEnded(standing.id, "confirmed", today, context.actor)
    definition = parcel.definition if parcel.definition in DEFINITIONS else context.settings.policy.definition
    if not case.stage:
        known_household = parcel.household and known_id(parcel.household, "household")
        yield ev.Identified(today, parcel.away, definition, "", known_household, parcel.boarder)
    elif case.stage == "closed":
        yield ev.StageChanged(CASE_TABLE.fire(case.stage, "reopen", case), today, TRANSFERRED)
    if not any(mark.kind == "filed" for mark in case.marks.values()):
        yield _marked("filed", today, case, context)
        if case.stage in {"", "identified", "closed"}:
            yield ev.StageChanged("filed", today, TRANSFERRED)
    if command.card is not None and case.card is None:
        yield ev.CardRecorded(command.card)
        yield _marked("card", today, case, context)
    if parcel.key_child and not case.key_child:
        yield ev.KeyBegan(today, TRANSFERRED)


def _marked(kind: str, on: date, case: Case, context: Context) -> ev.Marked:
    id_ = short_id(kind, on, context.at.isoformat(), context.actor, taken=case.marks)
    return ev.Marked(id_, kind, on, context.actor)


def _check_items(command: mc.ReceiveTransfer, context: Context) -> None:
    """Refuse a parcel whose codes, ids or days cannot be right: its sender is trusted, its program may be another."""
    parcel = command.parcel
    if parcel.away not in {"none", "one", "both"}:
        raise CommandRefused("the parcel does not say whether one or both parents are away; ask for another package")
    for item in parcel.items():
        known_ids((item.id, *item.implicated), "an id in the parcel")
    for concern in parcel.concerns:
        check_code(concern.kind, "concern of the parcel")
        known_id(concern.by, "who noted a concern of the parcel")
        if concern.severity not in SEVERITIES or concern.on > context.today:
            raise CommandRefused("a concern of the parcel has no known severity, or is of a day to come")
    for emergency in parcel.emergencies:
        check_code(emergency.kind, "emergency of the parcel")
    for referral in parcel.referrals:
        check_code(referral.to, "referral of the parcel")
        check_code(referral.because, "because of a referral of the parcel")
    sealed = (*command.texts, *command.restricted, *(note for _, note in command.notes))
    if not all(isinstance(text, Sealed) for text in sealed):
        raise CommandRefused("texts of a parcel reach the engine sealed; give the package to a desk")


TRANSFER_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    mc.OfferTransfer: _offer,
    mc.EndTransfer: _end,
    mc.AnswerTransfer: _answer,
    mc.ReceiveTransfer: _receive,
}
