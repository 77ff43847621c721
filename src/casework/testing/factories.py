"""Values for tests of rules: a case, a calendar and a day, without engine, database or clock."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from attrs import evolve as changed

from casework.clock import ManualClock
from casework.model.activity import Activity, Concern
from casework.model.calendar import DAY, Calendar, Term
from casework.model.case import Case, Mark, Span
from casework.model.emergency import Emergency
from casework.model.people import Pairing
from casework.policy import load_policy
from casework.rules import Now
from casework.rules.declare import KNOWN, NO_CASE

AUTUMN = Term(
    "2026-autumn",
    date(2026, 9, 1),
    date(2027, 1, 22),
    holidays=[(date(2026, 9, 25), date(2026, 9, 27)), (date(2026, 10, 1), date(2026, 10, 7)), date(2027, 1, 1)],
    makeup=[date(2026, 9, 20), date(2026, 10, 10)],
)
"""An autumn term of 20 teaching weeks with its festivals: Tuesday 1 September 2026 to Friday 22 January 2027."""

SPRING = Term(
    "2027-spring",
    date(2027, 3, 1),
    date(2027, 7, 2),
    holidays=[date(2027, 4, 5), (date(2027, 5, 1), date(2027, 5, 5)), date(2027, 6, 9)],
    makeup=[date(2027, 5, 8)],
)
"""The spring term after it: Monday 1 March to Friday 2 July 2027."""

CALENDAR = Calendar([AUTUMN, SPRING], tz="Asia/Shanghai")
"""Both terms, in the time zone of the school."""

TODAY = date(2026, 10, 21)
"""A teaching day in the middle of the autumn term: a Wednesday."""

MORNING = datetime(2026, 10, 21, 0, 30, tzinfo=UTC)
"""Half past eight of `TODAY` at the school."""


def autumn_day(at: datetime = MORNING) -> Now:
    """The present as a rule sees it on a teaching day of the autumn term, with the thresholds of ``town-primary``."""
    return Now(at, CALENDAR, load_policy("town-primary").thresholds)


def clock() -> ManualClock:
    """A clock that stands at `MORNING` until it is moved."""
    return ManualClock(MORNING)


def concern(kind: str, *, id: str = "concern", on: date = TODAY, **facts: Any) -> Concern:  # noqa: A002, ANN401 - Concern's own
    """A concern noted by the class teacher on ``on``, at noon; other facts as in `Concern`."""
    own: dict[str, Any] = {"id": id, "kind": kind, "on": on, "by": "t.wang", "entered_at": _noon(on)}
    return Concern(**(own | facts))


def activity(kind: str, *, id: str = "activity", on: date = TODAY, **facts: Any) -> Activity:  # noqa: A002, ANN401 - Activity's own
    """An activity on ``on``, entered at noon by the class teacher, that reached somebody; the rest as in `Activity`."""
    own: dict[str, Any] = {
        "id": id,
        "kind": kind,
        "on": on,
        "by": "t.wang",
        "entered_at": _noon(on),
        "entered_by": "t.wang",
    }
    return Activity(**(own | facts))


def case(
    state: str = "monitored",
    concerns: Iterable[str | Concern] = (),
    activities: Iterable[str | Activity] = (),
    **facts: Any,  # noqa: ANN401 - Case's own
) -> Case:
    """A case in that state, identified on the first day of the autumn term; ``no_case`` is a child who has none.

    Concerns and activities are given by their kind, or whole; those given by kind happened on the last days before
    `TODAY`, the last of them yesterday, and get ids of their own. Other facts are fields of `Case`; they win over what
    the state brings with it. Raises ValueError for an unknown state.
    """
    if state not in KNOWN:
        msg = f"state {state!r} is unknown; use one of {', '.join(KNOWN)}"
        raise ValueError(msg)
    worries, acts = list(concerns), list(activities)
    noted = [_given(item, k, len(worries), concern) for k, item in enumerate(worries)]
    done = [_given(item, k, len(acts), activity) for k, item in enumerate(acts)]
    logs = {"concern_log": {c.id: c for c in noted}, "activity_log": {a.id: a for a in done}}
    own: dict[str, Any] = {"school": "qinghe", "child": "s-17"} | _of_state(state) | logs
    return Case(**(own | facts))


def _given(item: Any, k: int, count: int, make: Any) -> Any:  # noqa: ANN401 - either log
    return make(item, id=f"{item}-{k + 1}", on=TODAY - DAY * (count - k)) if isinstance(item, str) else item


def _of_state(state: str) -> dict[str, Any]:
    if state == NO_CASE:
        return {}
    first = AUTUMN.first
    stage = "monitored" if state == "escalated" else state
    found: dict[str, Any] = {
        "stage": stage,
        "away": "both",
        "definition": "register",
        "class_": "3-1",
        "spans": (Span("open", first),),
    }
    if stage != "identified":
        found["marks"] = {"filed": Mark("filed", "filed", first, "t.wang")}
    if stage in {"paired", "monitored"}:
        found["pairings"] = (Pairing("t.li", first),)
    if stage == "closed":
        found["spans"] = (changed(found["spans"][0], until=TODAY - DAY, because="parents_returned"),)
    if state == "escalated":
        at = MORNING - timedelta(minutes=10)
        found["emergencies"] = {"danger": Emergency("danger", "missing", at, "t.wang", at)}
    return found


def _noon(day: date) -> datetime:
    return CALENDAR.midnight(day) + timedelta(hours=12)
