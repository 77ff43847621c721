"""What follows from a notice that did not arrive, and who may get one at all.

An emergency whose notice was given up climbs on at once when nobody else of that rung can be reached: in the history,
by the system, together with the notices to the next rung. It acknowledges nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve as changed

from casework import log
from casework.engine.context import Context
from casework.engine.port import Change, Outgoing
from casework.engine.run import answer, change_of, due
from casework.engine.view import hidden_ids
from casework.model.case import Case
from casework.model.people import Principal
from casework.model.post_events import DELIVERY, NoticeFailed


def gave_up(notice: Outgoing, at: datetime) -> NoticeFailed | None:
    """The event that says so of a rung's notice; None for any other, such as one that more evidence came."""
    facts = notice.facts
    if not notice.urgent or "step" not in facts:
        return None
    place = (str(facts["emergency"]), str(facts["state"]), int(facts["step"]), int(facts["rung"]))
    return NoticeFailed(*place, notice.role, notice.person, at)


def not_reached(case: Case, failed: Sequence[NoticeFailed], context: Context) -> Change | None:
    """The record after these notices were given up, each told once; the ladder climbs at once, where it must.

    Whatever a rule does to the rest of the record, the ladder climbs.
    """
    new = [event for event in failed if _stands(case, event)]
    if not new:
        return None
    try:
        return _not_reached(case, new, context)
    except Exception as error:
        if context.settings.raise_errors:
            raise
        log.warning("settling_failed", school=case.school, child=case.child, error=type(error).__name__)
        return _not_reached(case, new, changed(context, emergencies_only=True))


def _not_reached(case: Case, failed: Sequence[NoticeFailed], context: Context) -> Change | None:
    told = tuple((DELIVERY, event) for event in failed)
    settled = answer(due(case, context), told, changed(context, cause=DELIVERY))
    return change_of(case, settled, context, idem="", actor=Principal.system().id)


def _stands(case: Case, event: NoticeFailed) -> bool:
    """Whether the notice stands in an emergency that is not over, and is not known to have failed."""
    emergency = case.emergencies.get(event.id)
    place = (event.state, event.step, event.rung, event.role, event.person)
    return (
        emergency is not None
        and emergency.state != "reviewed"
        and any((n.state, n.step, n.rung, n.role, n.person) == place and n.failed_at is None for n in emergency.notices)
    )


def may_get(case: Case, notice: Outgoing, person: str) -> bool:
    """Whether the person may be told, as the record stands now: nothing goes to those whom its subject implicates.

    Of rules that failed somebody implicated is told what is so in their own world, which another look decides.
    """
    if not case.implicates(person):
        return True
    hidden = hidden_ids(case, person)
    about = {ABOUT[notice.topic]} if notice.topic in ABOUT else set[str]()
    named = {str(notice.facts[name]) for name in about if name in notice.facts}
    return bool(named) and hidden.isdisjoint(named)


ABOUT = {"emergency": "emergency", "referral": "referral", "break_glass": "glass"}
"""By topic: which fact of a notice names what it is about."""
