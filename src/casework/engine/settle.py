"""Settling: rules, ladder, plan and judge to a fixed point. Level-triggered, so settling twice changes nothing.

Emergencies come first: danger that was seen, then the ladder; then windows and verdicts; then the other rules. Rounds
are repeated as long as rules add something, at most `ROUNDS` times.
"""

from collections.abc import Iterator
from datetime import date, datetime

from attrs import evolve as changed
from attrs import field, frozen

from casework.engine import chasing
from casework.engine.answers import Answers, answer
from casework.engine.attendance import take_up
from casework.engine.carer import CARER, IMPLICATED, Ground, grounds, unfounded
from casework.engine.context import Context
from casework.engine.evidence import implicated_by
from casework.engine.glass import watch
from casework.engine.judge import judge
from casework.engine.ladder import climb
from casework.engine.plan import BACK, FORMER, Due
from casework.engine.programme import next_turn, take_steps, terms_begun
from casework.engine.referrals import attend, look
from casework.engine.retaining import look_at_overdue, tell_overdue
from casework.engine.work import Work
from casework.errors import RulesDidNotSettle
from casework.model import events as ev
from casework.model.calendar import DAY
from casework.model.case import Case
from casework.model.emergency import Emergency
from casework.model.obligation import Obligation
from casework.rules.builtin import EMERGENCY_RULES

ROUNDS = 12
REOPENABLE = frozenset(("superseded", "excused"))
_LASTING = (ev.EmergencyRaised, ev.EvidenceJoined, ev.ReferralRequested)
_QUIET = frozenset((ev.FlagRaised, ev.FlagLowered, ev.RuleFailed, ev.RuleReleased, ev.StageChanged))
"""What rules may add without any window or verdict depending on it: only rules have to look again."""


@frozen
class Settled:
    """What settling found: the case, the events with their causes, when to look again, which rules failed."""

    case: Case
    events: tuple[ev.Caused, ...]
    wake_at: datetime | None
    alarm_at: datetime | None
    failed_rules: tuple[str, ...] = field(default=())


def settle(case: Case, context: Context) -> Settled:
    """Bring a record to what policy and rules say should hold at this instant.

    Rules that keep answering each other are left out: what they had said before stands, and what they escalated or
    referred on the way is kept; they are quarantined and asked again at the next look.
    """
    if case.merged_into:
        return Settled(case, (), None, None)
    work = Work(case, context)
    found = _settle(work, frozenset())
    if isinstance(found, Settled):
        return found
    again = Work(case, context)
    for cause, event in work.events:
        if cause.removeprefix("rule:") in found and isinstance(event, _LASTING):
            again.happen(cause, (event,))
    settled = _settle(again, found)
    return settled if isinstance(settled, Settled) else settle(case, changed(context, emergencies_only=True))


def _settle(work: Work, without: frozenset[str]) -> Settled | frozenset[str]:
    """The record settled without these rules, or those that kept answering each other."""
    context = work.context
    answers = Answers(context, without)
    answers.set_aside(work)
    if work.draft.get("child") == "" and not context.emergencies_only:
        work.happen("time", terms_begun(context))
    stirred = True
    if not context.emergencies_only:
        take_up(work)
    for _ in range(ROUNDS):
        _emergencies(work, answers)
        if context.emergencies_only:
            attend(work)
            break
        opened_again = False
        if stirred:
            _plan(work)
            opened_again = _judge(work)
            tell_overdue(work)
        attend(work)
        chasing.chase(work)
        before = len(work.events)
        if not answer(work, answers) and not opened_again:
            break
        stirred = opened_again or any(type(event) not in _QUIET for _, event in work.events[before:])
    else:
        culprits = frozenset(answers.busy)
        if context.settings.raise_errors:
            msg = (
                f"rules {', '.join(sorted(culprits))} kept answering each other for {ROUNDS} rounds; let "
                "one of them not undo the other"
            )
            raise RulesDidNotSettle(msg)
        return without | culprits
    watch(work)
    _next_looks(work, answers)
    _alarm(work)
    return Settled(work.draft.case, tuple(work.events), work.wake, work.alarm, tuple(sorted(answers.failed)))


def _emergencies(work: Work, answers: Answers) -> None:
    """Danger first, then everybody whose limit has run."""
    answers.only(EMERGENCY_RULES, work)
    context = work.context
    emergencies = work.draft.get("emergencies")
    for id_ in sorted(emergencies):
        if emergencies[id_].state != "reviewed":
            seats = context.seats(work.draft.case)
            emergency = _hiding(emergencies[id_], work.draft.case)
            steps, _ = climb(emergency, context.settings.policy.ladder, seats, context.at)
            work.happen("time", steps)


def _hiding(emergency: Emergency, case: Case) -> Emergency:
    """The emergency as the ladder reads it: places on the card stand for whoever is there."""
    people = implicated_by(case, (), emergency.implicated)
    return emergency if people == emergency.implicated else changed(emergency, implicated=people)


def _alarm(work: Work) -> None:
    context = work.context
    for emergency in work.draft.get("emergencies").values():
        if emergency.state != "reviewed":
            case = work.draft.case
            _, at = climb(_hiding(emergency, case), context.settings.policy.ladder, context.seats(case), context.at)
            if at is not None and (work.alarm is None or at < work.alarm):
                work.alarm = at
    work.look(work.alarm)


def _plan(work: Work) -> None:
    """Open, re-date, supersede, excuse: what should be there by now, as differences."""
    context = work.context
    plan, today = context.settings.plan, context.today
    if work.draft.case.subject != "child":
        take_steps(work)
    case = work.draft.case
    reported = grounds(case, context.settings.calendar)
    if _judge_again(work, reported):
        case = work.draft.case
    whole = case.open or case.subject != "child"
    kept = plan.lasting
    if not whole:
        closed = max((span.until for span in case.spans if span.kind == "open" and span.until), default=today)
        still = [
            o
            for o in case.obligations.values()
            if o.status == "open" and (o.closes or closed) >= closed and o.duty not in kept
        ]
        work.happen(context.cause, (ev.ObligationSettled(o.key, "excused", "case_closed") for o in still))
        if not kept:
            return
        case = work.draft.case
    required = plan.required(case, today, work.acts())
    events: list[ev.Event] = []
    for key, due in required.items():
        held = case.obligations.get(key)
        if held is None or not _stands(due, held):
            events += _due(due, held, today)
    for key, held in case.obligations.items():
        unasked = held.status == "open" and not held.rule and key not in required
        if unasked and (held.closes or today) >= today - BACK and (whole or held.duty in kept):
            events.append(ev.ObligationSettled(key, "superseded", "not_required"))
    work.happen(context.cause, events)
    lasting = [ground for ground in reported if ground.until is None and not ground.mistaken]
    if lasting:
        work.happen(context.cause, _excuse_carer(work, lasting))


def _judge_again(work: Work, reported: list[Ground]) -> bool:
    """Open again what was excused because of a report of the carer that was a mistake; tell whether anything was."""
    if not any(ground.mistaken for ground in reported):
        return False
    excused = [o.key for o in work.draft.get("obligations").values() if unfounded(o, reported)]
    return work.happen(work.context.cause, (ev.ObligationJudged(key, "open") for key in excused))


def _stands(due: Due, held: Obligation) -> bool:
    """Tell whether the obligation is open as it is due, which most are."""
    dates = (due.due, due.closes, due.role)
    return held.status == "open" and (held.due, held.closes, held.role) == dates and held.opens >= due.opens


def _due(due: Due, held: Obligation | None, today: date) -> Iterator[ev.Event]:
    """What makes the obligation that is held, if one is, the one that is due. What is settled is never re-dated."""
    if held is None:
        yield ev.ObligationOpened(due.duty, due.window, due.opens, due.due, due.closes, due.role, due.trigger)
        return
    again = held.status in REOPENABLE and held.because in _UNDONE and (due.closes is None or due.closes >= today)
    if again:
        yield ev.ObligationJudged(due.key, "open")
    if again or held.status == "open":
        opens = max(held.opens, due.opens)
        if (held.opens, held.due, held.closes, held.role) != (opens, due.due, due.closes, due.role):
            yield ev.ObligationRedated(due.key, opens, due.due, due.closes, due.role)


_UNDONE = frozenset(("not_required", "case_closed"))


def _excuse_carer(work: Work, lasting: list[Ground]) -> list[ev.Event]:
    duties = {duty.id for duty in work.context.settings.policy.duties if duty.contact == CARER}
    return [
        ev.ObligationSettled(o.key, "excused", IMPLICATED)
        for o in work.draft.get("obligations").values()
        if o.status == "open" and o.duty in duties and any(ground.during(o) for ground in lasting)
    ]


def _judge(work: Work) -> bool:
    """Give every obligation its verdict; tell whether one is open again, so that the plan has to look once more."""
    context = work.context
    verdicts = judge(context.settings.plan, work.draft.case, context.today, work.acts())
    for verdict in verdicts:
        work.happen("time" if verdict.status == "missed" else context.cause, (verdict,))
    return any(verdict.status == "open" for verdict in verdicts)


def _next_looks(work: Work, answers: Answers) -> None:
    """When something can change by time alone: a window opens or closes, a rule asked for it, a rule is tried again."""
    context = work.context
    calendar, today = context.settings.calendar, context.today
    work.look(answers.now.earliest)
    look(work)
    chasing.look(work)
    case = work.draft.case
    if context.emergencies_only or case.subject == "gathering":
        return
    plan = context.settings.plan
    if case.subject == "school":
        work.look(
            min((calendar.midnight(first) for first, _ in context.settings.coming if first > today), default=None)
        )
    closings = [o.closes or today for o in case.obligations.values() if o.status == "open"]
    asked = case.open or case.subject != "child" or closings or (plan.duties["pupil"] and case.pupil)
    if asked or (plan.duties[FORMER] and case.stage == "closed"):
        opening = plan.next_opening(case, today)
        turn = next_turn(case, context)
        closing = min([day for day in closings if day >= today], default=None)
        days = (opening, turn, None if closing is None else closing + DAY)
        first = min([day for day in days if day is not None], default=date.max)
        work.look(None if first == date.max else calendar.midnight(first))
    look_at_overdue(work)
    if case.failures:
        work.look(calendar.midnight(today + DAY))
