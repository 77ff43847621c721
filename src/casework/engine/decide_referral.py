"""What people do about referrals (refer, accept, consent, sessions, plan, complete, revoke), and screenings. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from attrs import evolve as changed

from casework.engine.checks import known_ids, local_day, maybe_ids, needs_case, sealed_only, yes_or_no
from casework.engine.consent import consent_said
from casework.engine.context import Context
from casework.engine.evidence import implicated_by
from casework.errors import CommandRefused, NotFound, StepRefused, said
from casework.model import events as ev
from casework.model import protection_events as pv
from casework.model import referral_commands as rc
from casework.model import referral_events as rv
from casework.model.activity import Concern
from casework.model.case import Case
from casework.model.ids import short_id
from casework.model.reason import Reason, check_code
from casework.model.referral import CarePlan, Referral, Session
from casework.model.screening import INSTRUMENTS, Instrument, Screening
from casework.workflows import REFERRAL_TABLE
from casework.workflows.referral import CONSENTED

Events = Iterator[ev.Event]

SELF_HARM = "self_harm"
"""The kind of concern, and so of emergency, that a positive answer on self-harm is."""

_MENDS = {
    "without_consent": "enter the guardian's consent, or that none is required; if it cannot wait, make it urgent by "
    "referring anew",
    "not_from_requested": "somebody has to accept it first",
    "not_from_accepted": "it has been accepted; enter a session, or revoke it",
    "not_from_in_progress": "the work has begun; complete or revoke it",
    "not_from_completed": "it is over; refer anew",
    "not_from_declined": "it was declined; refer anew",
    "not_from_revoked": "it was revoked; refer anew",
}


def _fire(step: str, referral: Referral) -> str:
    """Where the step leads. Raises `StepRefused` with the reason code and what to do instead."""
    why = REFERRAL_TABLE.refusal(referral.state, step, referral)
    if why is not None:
        raise StepRefused(step, referral.state, f"{why}: {_MENDS[why]}")
    return REFERRAL_TABLE.fire(referral.state, step, referral)


def _referral(case: Case, id_: str) -> Referral:
    found = case.referrals.get(id_)
    if found is None:
        raise NotFound("referral", id_)
    return found


def _request(command: rc.RequestReferral, case: Case, context: Context) -> Events:
    check_code(command.to, "referral to")
    check_code(command.because, "because")
    yes_or_no(command.urgent, "urgent")
    known_ids((*command.implicated, *command.about), "one of implicated= and about=")
    if not case.stage and not command.urgent:
        raise StepRefused("refer", "", "the child has no case yet; identify the child first, or say that it is urgent")
    taken = {*case.referrals, *case.emergencies, *context.taken}
    id_ = short_id("refer", case.child, context.at.isoformat(), context.actor, command.to, taken=taken)
    yield ev.ReferralRequested(
        id_,
        command.to,
        context.today,
        tuple(sorted(set(command.about))),
        context.actor,
        because=Reason(command.because),
        urgent=command.urgent,
        implicated=implicated_by(case, command.about, command.implicated),
        note=sealed_only(command.note),
    )


def _accept(command: rc.AcceptReferral, case: Case, context: Context) -> Events:
    found = _referral(case, command.referral)
    maybe_ids("by", command.by)
    by = command.by or context.actor
    if case.names_of(by) & set(found.implicated):
        msg = f"{by} cannot take it on; name somebody else"
        raise CommandRefused(msg)
    yield rv.ReferralMoved(found.id, _fire("accept", found), context.today, by)


def _decline(command: rc.DeclineReferral, case: Case, context: Context) -> Events:
    found = _referral(case, command.referral)
    check_code(command.because, "because")
    yield rv.ReferralMoved(found.id, _fire("decline", found), context.today, context.actor, command.because)


def _consent(command: rc.RecordConsent, case: Case, context: Context) -> Events:
    if command.purpose:
        if command.referral:
            raise CommandRefused("consent is about a referral or about a purpose; name one of them")
        check_code(command.purpose, "purpose")
        needs_case(case, "consent")
        yield pv.PurposeConsented(
            command.purpose, consent_said(command, case, context, case.consent(command.purpose), "recorded")
        )
        return
    found = _referral(case, command.referral)
    word = consent_said(command, case, context, found.consent(), found.state)
    _fire("consent", found)
    yield rv.Consented(found.id, word)


def _session(command: rc.HoldSession, case: Case, context: Context) -> Events:
    found = _referral(case, command.referral)
    maybe_ids("by", command.by)
    on = local_day(command.on, context)
    if on < found.on:
        msg = f"the child was referred on {found.on}; a session cannot have been before that"
        raise CommandRefused(msg)
    if command.next_on is not None and not _later(command.next_on, on):
        msg = f"next_on={said(command.next_on)} is not after the session of {on}; give a later local date"
        raise CommandRefused(msg)
    # What held on that day decides: consent that was withdrawn since does not keep what was done from being entered.
    _fire("session", changed(found, consents=tuple(c for c in found.consents if c.on <= on)))
    unconsented = ""
    if found.consent(on) not in CONSENTED:
        unconsented = found.because.code if found.because else "urgent"
    id_ = short_id("session", found.id, context.at.isoformat(), context.actor, on, len(found.sessions))
    session = Session(
        id_,
        on,
        command.by or context.actor,
        context.at,
        context.actor,
        command.next_on,
        unconsented,
        sealed_only(command.note),
    )
    yield rv.SessionHeld(found.id, session)


def _plan(command: rc.PlanCare, case: Case, context: Context) -> Events:
    found = _referral(case, command.referral)
    if not _later(command.review_on, context.today):
        msg = f"review_on={said(command.review_on)} is not a day to come; give a later local date"
        raise CommandRefused(msg)
    _fire("plan", found)
    yield rv.CarePlanned(found.id, CarePlan(context.today, context.actor, command.review_on, sealed_only(command.note)))


def _complete(command: rc.CompleteReferral, case: Case, context: Context) -> Events:
    found = _referral(case, command.referral)
    check_code(command.outcome, "outcome")
    yield rv.ReferralMoved(found.id, _fire("complete", found), context.today, context.actor, outcome=command.outcome)


def _revoke(command: rc.RevokeReferral, case: Case, context: Context) -> Events:
    found = _referral(case, command.referral)
    check_code(command.because, "because")
    yield rv.ReferralMoved(found.id, _fire("revoke", found), context.today, context.actor, command.because)


def _later(day: date, than: date) -> bool:
    return isinstance(day, date) and not isinstance(day, datetime) and day > than


def _screen(command: rc.Screen, case: Case, context: Context) -> Events:
    instrument = INSTRUMENTS.get(command.instrument) if isinstance(command.instrument, str) else None
    if instrument is None:
        msg = f"instrument {said(command.instrument)} is unknown; use one of {', '.join(INSTRUMENTS)}"
        raise CommandRefused(msg)
    _check_scores(command, instrument)
    maybe_ids("by", command.by)
    on = local_day(command.on, context)
    if not case.stage and not command.self_harm:
        raise StepRefused("screen", "", "the child has no case yet; identify the child first")
    by = command.by or context.actor
    at = context.at.isoformat()
    taken = {*case.screening_log, *case.activity_log, *case.concern_log, *context.taken}
    id_ = short_id("screening", case.child, at, context.actor, instrument.id, on, taken=taken)
    item = command.self_harm
    yield rv.Screened(Screening(id_, instrument.id, command.score, on, by, context.at, context.actor, item))
    if item is not None and item >= context.settings.policy.thresholds["screening_self_harm"]:
        noted = short_id("concern", case.child, at, context.actor, SELF_HARM, on, taken={*taken, id_})
        yield ev.ConcernNoted(Concern(noted, SELF_HARM, on, by, context.at, "danger", observed=True, about=id_))


def _check_scores(command: rc.Screen, instrument: Instrument) -> None:
    """Refuse a score that nobody can have."""
    score, item = command.score, command.self_harm
    if type(score) is not int or not 0 <= score <= instrument.most:
        msg = (
            f"score={said(score)} cannot be: {instrument.id} runs from 0 to {instrument.most}; look at the sheet again"
        )
        raise CommandRefused(msg)
    if item is None:
        return
    if not instrument.self_harm:
        msg = f"{instrument.id} has no item on self-harm; note what was said as a concern of danger"
        raise CommandRefused(msg)
    if type(item) is not int or not 0 <= item <= min(instrument.self_harm, score):
        msg = (
            f"self_harm={said(item)} cannot be: the item runs from 0 to {instrument.self_harm} and is part of the "
            "score; look at the sheet again, and if there is danger raise an emergency at once"
        )
        raise CommandRefused(msg)


REFERRAL_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    rc.RequestReferral: _request,
    rc.AcceptReferral: _accept,
    rc.DeclineReferral: _decline,
    rc.RecordConsent: _consent,
    rc.HoldSession: _session,
    rc.PlanCare: _plan,
    rc.CompleteReferral: _complete,
    rc.RevokeReferral: _revoke,
    rc.Screen: _screen,
}
