"""The judge: windows and acts in, verdicts out, as differences. Late entry, void and correct share this one path.

An act counts by its date, for the open window of its duty that closes first; one act counts for one window of a duty,
and of the duties exclusive with it. Triggered windows do not use an act up: one visit answers every trigger it follows.
"""

from collections.abc import Iterator
from datetime import date

from casework.engine.plan import Plan, facts
from casework.model.case import Case
from casework.model.events import ObligationJudged
from casework.model.obligation import Obligation

Act = tuple[date, str]
"""The local date and the id of an act or a fact."""


def judge(plan: Plan, case: Case, today: date) -> Iterator[ObligationJudged]:
    """What must change so that every obligation of the record has the verdict its acts and the day give it."""
    by_duty: dict[str, list[Obligation]] = {}
    for obligation in case.obligations.values():
        if obligation.status not in {"superseded", "excused"}:
            by_duty.setdefault(obligation.duty, []).append(obligation)
    seen: set[str] = set()
    for id_ in sorted(by_duty):
        if id_ not in seen:
            group = plan.group.get(id_, (id_,))
            seen.update(group)
            yield from _verdicts(plan, case, [o for member in group for o in by_duty.get(member, ())], today)


def _verdicts(plan: Plan, case: Case, obligations: list[Obligation], today: date) -> Iterator[ObligationJudged]:
    acts: dict[str, list[Act]] = {}
    for duty in {o.duty for o in obligations}:
        known = plan.policy.duty(duty)
        acts[duty] = [] if known is None else facts(case, known)
    windows = sorted(obligations, key=lambda o: (o.closes or date.max, o.opens, o.key))
    met = _matches(windows, acts)
    verdict: tuple[str, date | None, str]
    for window in windows:
        act = met.get(window.key)
        if act is not None:
            verdict = "met" if window.due is None or act[0] <= window.due else "met_late", act[0], act[1]
        elif window.closes is not None and today > window.closes:
            verdict = "missed", None, ""
        else:
            verdict = "open", None, ""
        if verdict != (window.status, window.on, window.by):
            yield ObligationJudged(window.key, *verdict)


def _matches(windows: list[Obligation], acts: dict[str, list[Act]]) -> dict[str, Act]:
    """By obligation, the act that meets it; windows come in the order in which they close."""
    used: set[str] = set()
    met: dict[str, Act] = {}
    for act in sorted({act for found in acts.values() for act in found}):
        for window in windows:
            if not window.opens <= act[0] <= (window.closes or date.max) or act not in acts[window.duty]:
                continue
            if window.trigger or window.rule:
                met.setdefault(window.key, act)
            elif act[1] not in used and window.key not in met:
                used.add(act[1])
                met[window.key] = act
    return met
