"""The judge: windows and acts in, verdicts out, as differences. Late entry, void and correct share this one path.

An act counts by its date, for the open window of its duty that closes first; one act counts for one window of a duty,
and of the duties exclusive with it. Triggered windows do not use an act up: one visit answers every trigger it follows.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import islice

from casework.engine.acts import Acts, acts_of
from casework.engine.happening import Act
from casework.engine.plan import Plan
from casework.engine.referral_limits import meets
from casework.model.case import Case
from casework.model.events import ObligationJudged
from casework.model.obligation import Obligation

_SET_ASIDE = frozenset(("superseded", "excused"))
_AS_IT_AROSE = (date.min, date.min, "")

Group = tuple[str, ...]
Window = tuple[str, Obligation]
"""An obligation with its key."""


def judge(plan: Plan, case: Case, today: date, acts: Acts | None = None) -> list[ObligationJudged]:
    """What must change so that every obligation of the record has the verdict its acts and the day give it."""
    done = acts_of(case, plan.wanted) if acts is None else acts
    judged = [window for window in case.obligations.items() if window[1].status not in _SET_ASIDE]
    met = _met(judged, done, plan)
    found: dict[str, ObligationJudged] = {}
    for key, window in judged:
        act = met.get(key)
        if act is not None:
            status = "met" if window.due is None or act[0] <= window.due else "met_late"
            if (status, *act) != (window.status, window.on, window.by):
                found[key] = ObligationJudged(key, status, *act)
        else:
            status = "missed" if window.closes is not None and today > window.closes else "open"
            if (status, None, "") != (window.status, window.on, window.by):
                found[key] = ObligationJudged(key, status)
    return _ordered(found, judged, done, plan) if len(found) > 1 else list(found.values())


def _ordered(
    found: Mapping[str, ObligationJudged], judged: Sequence[Window], acts: Acts, plan: Plan
) -> list[ObligationJudged]:
    """The verdicts by duty, then by the closing of their windows; as these arose where nothing was done yet."""
    lively = {_group(plan, window) for _, window in judged if acts.get(window.duty)}

    def place(key: str, window: Obligation) -> tuple[Group, tuple[date, date, str]]:
        group = _group(plan, window)
        return group, _by_closing(key, window) if group in lively else _AS_IT_AROSE

    places = {key: place(key, window) for key, window in judged if key in found}
    return [found[key] for key in sorted(places, key=lambda key: places[key])]


def _met(judged: Sequence[Window], acts: Acts, plan: Plan) -> dict[str, Act]:
    """By obligation, the act that meets it.

    That is the first within the window. Only where two windows that use an act up have the same first one are acts
    given out in turn.
    """
    met: dict[str, Act] = {}
    shared = plan.group
    takers: dict[tuple[Group | None, str], str] = {}
    crowded = set()
    for key, o in judged:
        done = acts.get(o.duty)
        act = _first(o, done) if done else None
        if act is not None:
            met[key] = act
            if not (o.trigger or o.rule) and takers.setdefault((shared.get(o.duty), act[1]), key) != key:
                crowded.add(_group(plan, o))
    for group in crowded:
        taking = [(key, o) for key, o in judged if _group(plan, o) == group and not (o.trigger or o.rule)]
        for key, _ in taking:
            met.pop(key, None)
        met |= _in_turn(taking, acts)
    return met


def _group(plan: Plan, obligation: Obligation) -> Group:
    """The duties that share the acts of this one."""
    return plan.group.get(obligation.duty) or (obligation.duty,)


def _first(window: Obligation, acts: Sequence[Act]) -> Act | None:
    """The first act within the window; of what was done about referrals only what its own trigger asked for."""
    place = bisect_left(acts, (window.opens, ""))
    for act in islice(acts, place, None):
        if window.closes is not None and act[0] > window.closes:
            return None
        if meets(act, window.trigger):
            return act
    return None


def _in_turn(windows: Iterable[Window], acts: Acts) -> dict[str, Act]:
    """Each act in turn to the window that closes first, of those that hold it and have none yet."""
    waiting = sorted(windows, key=lambda window: _by_closing(*window))
    met: dict[str, Act] = {}
    for act in sorted({act for _, o in waiting for act in acts.get(o.duty, ()) if meets(act, o.trigger)}):
        for key, o in waiting:
            if key not in met and o.opens <= act[0] <= (o.closes or date.max) and act in acts.get(o.duty, ()):
                met[key] = act
                break
    return met


def _by_closing(key: str, window: Obligation) -> tuple[date, date, str]:
    return window.closes or date.max, window.opens, key
