"""How long a closed case is kept, and when somebody has to decide what becomes of it: pure functions of the record.

The retention of a closed case ends so many years after the last day on which anything happened about the child: that it
was closed, or what was done and noticed afterwards. From then on somebody owes a decision;
where nobody decides, or what was decided has run out, it is asked again every year. While a hold stands nothing is
asked, and what was asked before it and not decided is asked anew on the day of its release.
"""

from calendar import isleap
from collections.abc import Iterator
from datetime import date
from itertools import count

from casework.engine.happening import Act, Trigger
from casework.model.calendar import DAY, Calendar
from casework.model.case import Case

ENDED = "retention_ended"
"""The trigger of the obligation to decide."""
DECIDED = "retention_decided"
"""The fact that meets it."""
TOLD = "retention_told"
"""The kind of mark that says that somebody was told of a decision that is overdue; its day is the first of that."""
_OURS = frozenset(("begun", TOLD))
"""Marks that are the engine's own: nothing happened about the child."""


def retention_ends(case: Case, years: int, calendar: Calendar) -> date | None:
    """The local day from which a closed case need no longer be kept; None for one that is not closed."""
    if case.stage != "closed":
        return None
    last = max(happened(case, calendar), default=None)
    return None if last is None else years_after(last, years)


def happened(case: Case, calendar: Calendar) -> Iterator[date]:
    """The local days on which something happened about the child."""
    yield from (span.until for span in case.spans if span.kind == "open" and span.until is not None)
    yield from (mark.on for mark in case.marks.values() if mark.kind not in _OURS)
    yield from (act.on for act in case.activity_log.values())
    yield from (concern.on for concern in case.concern_log.values())
    yield from (screening.on for screening in case.screening_log.values())
    yield from (on for r in case.referrals.values() for on in (r.on, r.answered_on, r.ended_on) if on is not None)
    for e in case.emergencies.values():
        for at in (e.raised_at, e.since, e.stood_down_at, e.reviewed_at):
            if at is not None:
                yield calendar.local_date(at)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 1 March for a leap day in a year that has none; no day past the last year."""
    year = day.year + years
    if year > date.max.year - 1:
        return date(date.max.year - 1, 12, 31)
    leap = (day.month, day.day) == (2, 29) and not isleap(year)
    return date(year, 3, 1) if leap else day.replace(year=year)


def held(case: Case) -> bool:
    """Tell whether a hold stands, so that nothing of the record may be erased."""
    return any(hold.stands for hold in case.holds.values())


def asked_days(case: Case, years: int, begun: date, calendar: Calendar) -> Iterator[date]:
    """The days on which a decision is asked for, oldest first, without an end; none before ``begun``.

    Of a window that a hold cut short before anybody decided there is none.
    """
    ends = retention_ends(case, years, calendar)
    if ends is None:
        return
    day = max(ends, begun)
    while day.year < date.max.year - 1:
        hold = next((h for h in case.holds.values() if h.on <= day and (h.stands or _until(h.released_on) > day)), None)
        if hold is not None:
            if hold.released_on is None:
                return
            day = hold.released_on
            continue
        closes = years_after(day, 1)
        decided = min((d for d in case.retention if day <= d.on < closes), key=lambda d: d.on, default=None)
        last = closes if decided is None else decided.on
        cut = [h for h in case.holds.values() if day < h.on < last and (h.stands or _until(h.released_on) > h.on)]
        if cut:
            day = min(h.on for h in cut)
            continue
        yield day
        if decided is None:
            day = closes
        else:
            # Of what is kept on several decisions of one window the last one holds.
            latest = [d for d in case.retention if day <= d.on < closes][-1]
            day = max(latest.until or years_after(latest.on, 1), latest.on + DAY)


def _until(day: date | None) -> date:
    return date.max if day is None else day


def retention_triggers(case: Case, years: int, begun: date, today: date, calendar: Calendar) -> Iterator[Trigger]:
    """What has asked for a decision by ``today``."""
    for day in asked_days(case, years, begun, calendar):
        if day > today:
            return
        yield Trigger(ENDED, day, f"retention-{day}")


def next_asked(case: Case, years: int, begun: date, today: date, calendar: Calendar) -> date | None:
    """The next day to come on which a decision is asked for."""
    return next((day for day in asked_days(case, years, begun, calendar) if day > today), None)


def retention_acts(case: Case) -> Iterator[tuple[str, Act]]:
    """The decisions, as what meets the obligation."""
    for place, decision in zip(count(1), case.retention, strict=False):
        yield DECIDED, (decision.on, f"decided-{place}")
