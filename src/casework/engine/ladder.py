"""The ladder: who is told next, by when (domain.md, 9). Limits run in wall-clock time, nights and holidays included.

Steps are counted from nominal times, so that a sweep which comes late climbs at once and tells the same people under
the same keys as a timely one. A rung whose seat is vacant or implicated passes at once: first to its deputy, then
upwards. A rung of which nobody could be reached, since no notice arrived, passes as soon as that is known.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from casework.model.emergency import Emergency, Notice
from casework.model.events import Notified, RungPassed
from casework.policy.values import Ladder, Rung

Seats = Callable[[str, datetime], Sequence[str]]
"""Who holds a role at an instant."""

OUTSIDE = "outside"
NEVER = datetime.max.replace(tzinfo=UTC)


def climb(
    emergency: Emergency, ladder: Ladder, seats: Seats, at: datetime
) -> tuple[list[Notified | RungPassed], datetime | None]:
    """The steps that are due by ``at`` and not taken, and the instant of the next one (None when reviewed)."""
    events: list[Notified | RungPassed] = []
    notices = list(emergency.notices)
    while True:
        found = _next(emergency, ladder, notices)
        if found is None or found[0] > at:
            return events, None if found is None else found[0]
        when, step, rung = found
        for event in _tell(emergency, ladder.rungs[rung], seats, notices, when, step, rung):
            events.append(event)
            person, why = (event.person, "") if isinstance(event, Notified) else ("", event.why)
            notices.append(Notice(event.state, step, rung, event.role, person, when, why))


def _next(emergency: Emergency, ladder: Ladder, notices: Sequence[Notice]) -> tuple[datetime, int, int] | None:
    """Instant, step and rung of the next step in the emergency's present state."""
    state = emergency.state
    if state == "reviewed":
        return None
    top = _top(ladder, state)
    here = [notice for notice in notices if notice.state == state and notice.at >= emergency.since]
    if not here:
        if state == "raised":
            return emergency.since, 0, 0
        told = [notice.rung for notice in notices if not notice.why]
        rung = 0 if state == "stood_down" or not told else min(max(told) + 1, top)
        return emergency.since + timedelta(minutes=ladder.limits[state]), 0, rung
    last = here[-1]
    if last.rung < top:
        wait = 0 if last.why else ladder.step
        return min(last.at + timedelta(minutes=wait), _given_up(here)), last.step + 1, last.rung + 1
    times = len({notice.step for notice in here if notice.rung == top})
    wait = min(ladder.step * 2 ** min(times - 1, 16), ladder.repeat_cap)
    return last.at + timedelta(minutes=wait), last.step + 1, top


def _given_up(here: Sequence[Notice]) -> datetime:
    """When the last notice of the step taken last was given up; never, while one of them may have arrived."""
    told = [notice.failed_at for notice in here if notice.step == here[-1].step and notice.person]
    failed = [at for at in told if at is not None]
    return max(failed) if failed and len(failed) == len(told) else NEVER


def _top(ladder: Ladder, state: str) -> int:
    """The highest rung to climb to: a review that is overdue stays inside the school."""
    inside = [k for k, rung in enumerate(ladder.rungs) if rung.role != OUTSIDE]
    return inside[-1] if state == "stood_down" and inside else len(ladder.rungs) - 1


def _tell(
    emergency: Emergency, rung: Rung, seats: Seats, notices: Sequence[Notice], when: datetime, step: int, number: int
) -> Iterator[Notified | RungPassed]:
    here = [notice for notice in notices if notice.state == emergency.state]
    again = any(notice.rung == number for notice in here)
    told = set() if again else {notice.person for notice in here if notice.rung < number}
    why = "vacant"
    for role in (rung.role, rung.deputy) if rung.deputy else (rung.role,):
        holders = list(dict.fromkeys(seats(role, when))) or ([OUTSIDE] if role == OUTSIDE else [])
        free = [person for person in holders if person not in emergency.implicated]
        fresh = [person for person in free if person not in told]
        if fresh:
            for person in fresh:
                yield Notified(emergency.id, emergency.state, step, number, role, person, when)
            return
        why = "told_before" if free else ("implicated" if holders else why)
    yield RungPassed(emergency.id, emergency.state, step, number, rung.role, why, when)
