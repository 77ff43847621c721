"""The judge: windows and acts in, verdicts out, as differences. Late entry, void and correct share this one path.

An act counts by its date, for the open window of its duty that closes first; one act counts for one window of a duty, and of
the duties exclusive with it. Triggered windows do not use an act up: one visit answers every trigger it follows.
"""

from collections.abc import Iterator
from datetime import date

from casework.engine.plan import Plan, facts
from casework.model.case import Case
from casework.model.events import ObligationJudged
from casework.model.obligation import Obligation


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
    acts: dict[str, list[tuple[date, str]]] = {}
    for duty in {o.duty for o in obligations}:
        known = plan.policy.duty(duty)
        acts[duty] = [] if known is None else facts(case, known)
    used: set[str] = set()
    met: dict[str, tuple[date, str]] = {}
    windows = sorted(obligations, key=lambda o: (o.closes or date.max, o.opens, o.key))
    for on, id_ in sorted({act for found in acts.values() for act in found}):
        for window in windows:
            if window.opens <= on <= (window.closes or date.max) and (on, id_) in acts[window.duty]:
                if window.trigger or window.rule:
                    met.setdefault(window.key, (on, id_))
                elif id_ not in used and window.key not in met:
                    used.add(id_)
                    met[window.key] = (on, id_)
    for window in windows:
        on_by = met.get(window.key)
        if on_by is not None:
            status = "met" if window.due is None or on_by[0] <= window.due else "met_late"
            verdict = (status, *on_by)
        elif window.closes is not None and today > window.closes:
            verdict = ("missed", None, "")
        else:
            verdict = ("open", None, "")
        if verdict != (window.status, window.on, window.by):
            yield ObligationJudged(window.key, *verdict)
