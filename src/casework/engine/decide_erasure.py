"""What people do about erasure: ask for it, decline it, carry it out as somebody else has asked. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from casework.engine.checks import needs_case, sealed_only
from casework.engine.context import Context
from casework.engine.retention import WHY, may_be_erased
from casework.errors import CommandRefused, NotFound, StepRefused
from casework.model import erasure_commands as xc
from casework.model import erasure_events as xv
from casework.model import events as ev
from casework.model.case import Case
from casework.model.erasure import Erasure
from casework.model.identity import IdentityRecorded, RecordIdentity
from casework.model.ids import short_id
from casework.model.people import Principal
from casework.model.reason import check_code

Events = Iterator[ev.Event]


def _request(command: xc.RequestErasure, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    if not case.version:
        raise NotFound("child", case.child)
    if case.subject != "child":
        msg = "only what is kept of a child can be erased"
        raise CommandRefused(msg)
    if _asked(case) is not None:
        raise StepRefused("request erasure", "asked", "it has been asked for; somebody else carries it out or declines")
    id_ = short_id("erasure", case.child, context.at.isoformat(), context.actor, taken=set(case.erasures))
    yield xv.ErasureAsked(id_, command.because, context.actor, context.today)


def _decline(command: xc.DeclineErasure, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    yield xv.ErasureDeclined(_open(case, "decline erasure").id, command.because, context.actor, context.today)


def _erase(command: xc.Erase, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    found = _open(case, "erase")
    if context.actor in {found.asked_by, Principal.system().id}:
        msg = "nobody carries out an erasure that they asked for themselves; let somebody else do it"
        raise CommandRefused(msg)
    why = may_be_erased(case, context)
    if why:
        msg = f"nothing was erased: {WHY[why]}"
        raise CommandRefused(msg)
    yield xv.Erased(found.id, command.because, context.actor, context.today, command.receipt)


def _asked(case: Case) -> Erasure | None:
    """The request that waits for an answer."""
    return next((erasure for erasure in case.erasures.values() if erasure.state == "asked"), None)


def _open(case: Case, step: str) -> Erasure:
    found = _asked(case)
    if found is None:
        raise StepRefused(step, case.state, "nobody has asked for it; one person asks, another carries it out")
    return found


def _identity(command: RecordIdentity, case: Case, context: Context) -> Events:  # noqa: ARG001 - every step takes it
    needs_case(case, "record identity")
    yield IdentityRecorded(sealed_only(command.number))


ERASURE_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    xc.RequestErasure: _request,
    xc.DeclineErasure: _decline,
    xc.Erase: _erase,
    RecordIdentity: _identity,
}
