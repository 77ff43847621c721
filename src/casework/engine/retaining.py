"""Who is told that nobody has decided of a closed case whose retention has ended.

Level-triggered, as with referrals: what was told stands in the record as a mark, and only what is missing is added.
Where nobody can be told it is tried again every day.
"""

from collections.abc import Iterator
from datetime import date

from casework.engine.keeping import TOLD
from casework.engine.work import Work
from casework.model.calendar import DAY
from casework.model.obligation import Obligation
from casework.model.protection_events import RetentionTold
from casework.policy.retention import DUTY

SEATS = ("principal", "vice_principal")
"""Who is told: whoever holds the first of these seats that somebody holds."""


def tell_overdue(work: Work) -> None:
    """Tell of every decision that is overdue and that nobody was told of."""
    for late in [o for o in work.draft.get("obligations").values() if o.duty == DUTY]:
        if late.due is not None and late.due < work.context.today and _untold(work, late):
            work.happen("time", list(_tell(work, late, late.due + DAY)))


def look_at_overdue(work: Work) -> None:
    """When time alone can change that: a decision becomes overdue, a seat changes hands."""
    calendar, today = work.context.settings.calendar, work.context.today
    for open_ in [o for o in work.draft.get("obligations").values() if o.duty == DUTY]:
        if open_.due is not None and _untold(work, open_):
            work.look(calendar.midnight(max(open_.due, today) + DAY))


def _untold(work: Work, late: Obligation) -> bool:
    if late.status not in {"open", "missed"} or late.due is None:
        return False
    first = late.due + DAY
    return not any(mark.kind == TOLD and mark.on == first for mark in work.draft.get("marks").values())


def _tell(work: Work, late: Obligation, first: date) -> Iterator[RetentionTold]:
    context = work.context
    seats = context.seats(work.draft.case)
    for day in (first + DAY * k for k in range((context.today - first).days + 1)):
        at = context.settings.calendar.midnight(day)
        for role in SEATS:
            people = list(dict.fromkeys(seats(role, at)))
            if people:
                yield from (RetentionTold(late.key, role, person, at, first) for person in people)
                return
