"""The judge: windows and acts in, verdicts out, as differences. Late entry, void and correct share this one path.

An act counts by its date, for the open window of its duty that closes first; one act counts for one window of a duty,
and of the duties exclusive with it. Triggered windows do not use an act up: one visit answers every trigger it follows.
"""

from collections.abc import Iterator
from datetime import date

from casework.engine.acts import Acts, acts_of
from casework.engine.happening import Act
from casework.engine.plan import Plan
from casework.engine.referral_limits import meets
from casework.model.case import Case
from casework.model.events import ObligationJudged
from casework.model.obligation import Obligation

_SET_ASIDE = frozenset(("superseded", "excused"))


def judge(plan: Plan, case: Case, today: date, acts: Acts | None = None) -> Iterator[ObligationJudged]:
    """What must change so that every obligation of the record has the verdict its acts and the day give it."""
    done = acts_of(case, plan.wanted) if acts is None else acts
    groups: dict[tuple[str, ...], list[Obligation]] = {}
    for obligation in case.obligations.values():
        if obligation.status not in _SET_ASIDE:
            group = plan.group.get(obligation.duty) or (obligation.duty,)
            groups.setdefault(group, []).append(obligation)
    for group in sorted(groups):
        yield from _verdicts(groups[group], done, today)


def _verdicts(windows: list[Obligation], acts: Acts, today: date) -> Iterator[ObligationJudged]:
    met = _matches(windows, acts)
    verdict: tuple[str, date | None, str]
    for window in windows:
        act = met.get(window.key) if met else None
        if act is not None:
            verdict = "met" if window.due is None or act[0] <= window.due else "met_late", act[0], act[1]
        elif window.closes is not None and today > window.closes:
            verdict = "missed", None, ""
        else:
            verdict = "open", None, ""
        if verdict != (window.status, window.on, window.by):
            yield ObligationJudged(window.key, *verdict)


def _matches(windows: list[Obligation], acts: Acts) -> dict[str, Act]:
    """By obligation, the act that meets it; an act goes to the window that closes first."""
    duties = {window.duty for window in windows}
    mine = sorted({act for duty in duties for act in acts.get(duty, ())})
    if not mine:
        return {}
    used: set[str] = set()
    met: dict[str, Act] = {}
    single = len(duties) == 1
    windows.sort(key=lambda o: (o.closes or date.max, o.opens, o.key))
    for act in mine:
        on = act[0]
        for window in windows:
            if (
                on < window.opens
                or (window.closes is not None and on > window.closes)
                or not meets(act, window.trigger)
            ):
                continue
            if not single and act not in acts.get(window.duty, ()):
                continue
            key = window.key
            if window.trigger or window.rule:
                met.setdefault(key, act)
            elif act[1] not in used and key not in met:
                used.add(act[1])
                met[key] = act
    return met
