"""Broken glass: who is told of it at once, and who next while nobody has judged it; and what the two commands do.

Steps are counted from nominal times, as those of the ladder: a sweep that comes late tells the same people under the
same keys. Whoever broke it, and whoever anything in the record implicates, is told nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from casework.engine.context import Context
from casework.engine.work import Work
from casework.errors import CommandRefused, NotFound
from casework.model import events as ev
from casework.model import glass_events as gv
from casework.model.case import Case
from casework.model.glass import MOST_UNJUDGED, OPEN_FOR, VERDICTS, BreakGlass, Glass, ReviewGlass
from casework.model.ids import short_id
from casework.model.reason import check_code

RUNGS = ("safeguarding_lead", "vice_principal", "principal")
"""Who has to judge it: the first at once, the next ones while nobody has; the last is told again and again."""

REVIEW_WITHIN = timedelta(days=3)
"""The limit for judging it; a default of ours, no law names one."""
CLIMB = timedelta(days=1)
AGAIN = timedelta(days=7)

Events = Iterator[ev.Event]


def watch(work: Work) -> None:
    """Tell whoever should have been told by now of glass that nobody has judged; look again when the next is due."""
    for id_ in sorted(work.draft.get("glasses")):
        while True:
            glass: Glass = work.draft.get("glasses")[id_]
            step = max((notice.step for notice in glass.notices), default=-1) + 1
            due = _due(glass, step)
            if glass.reviewed_by or due > work.context.at:
                break
            work.happen("time", list(_tell(glass, step, due, work.draft.case, work.context)))
        if not glass.reviewed_by:
            work.look(due)


def _due(glass: Glass, step: int) -> datetime:
    """The nominal instant of a step."""
    if step == 0:
        return glass.at
    climbs = min(step, len(RUNGS)) - 1
    return glass.at + REVIEW_WITHIN + CLIMB * climbs + AGAIN * max(step - len(RUNGS), 0)


def _tell(glass: Glass, step: int, at: datetime, case: Case, context: Context) -> Iterator[gv.GlassTold]:
    """The notices of one step: its rung, or the next one up where nobody there may be told."""
    seats = context.seats(case)
    hidden = implicated(case) | {glass.person}
    for role in RUNGS[min(step, len(RUNGS) - 1) :]:
        holders = list(dict.fromkeys(seats(role, at)))
        free = [person for person in holders if person not in hidden]
        for person in free:
            yield gv.GlassTold(glass.id, step, role, person, at)
        if free:
            return
        yield gv.GlassTold(glass.id, step, role, "", at, "implicated" if holders else "vacant")


def implicated(case: Case) -> set[str]:
    """Everybody whom anything in the record implicates."""
    logs = (case.emergencies, case.concern_log, case.referrals)
    named = {person for log in logs for found in log.values() for person in found.implicated}
    contacts = {} if case.card is None else case.card.contacts()
    return named | {contact.person for place, contact in contacts.items() if place in named and contact.person}


# ---------------------------------------------------------------------------------------------------- the commands


def _break(command: BreakGlass, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    mine = [glass for glass in case.glasses.values() if glass.person == context.actor]
    if any(glass.refused for glass in mine):
        msg = "you broke the glass for this child before, and it was found not justified; report danger instead: raise"
        raise CommandRefused(f"{msg} an emergency, or ask who may see the child")
    if sum(not glass.reviewed_by for glass in mine) >= MOST_UNJUDGED:
        msg = f"{MOST_UNJUDGED} breakings of yours for this child wait to be judged; ask the safeguarding lead to judge"
        raise CommandRefused(f"{msg} them first; danger is reported all the same: raise an emergency")
    taken = {*case.glasses, *context.taken}
    id_ = short_id("glass", case.child, context.at.isoformat(), context.actor, taken=taken)
    yield gv.GlassBroken(id_, context.actor, command.because, context.at, context.at + OPEN_FOR)


def _review(command: ReviewGlass, case: Case, context: Context) -> Events:
    glass = case.glasses.get(command.glass)
    if glass is None:
        raise NotFound("broken glass", command.glass)
    if command.verdict not in VERDICTS:
        raise CommandRefused(f"verdict {str(command.verdict)[:20]!r} is unknown; use one of {', '.join(VERDICTS)}")
    if glass.person == context.actor:
        raise CommandRefused("nobody judges what they did themselves; ask another of those who were told")
    if glass.reviewed_by:
        raise CommandRefused("it was judged already; what was found stands in the history")
    yield gv.GlassReviewed(glass.id, context.actor, context.at, command.verdict)


GLASS_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {BreakGlass: _break, ReviewGlass: _review}
