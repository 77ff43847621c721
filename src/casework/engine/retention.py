"""How long records are kept: when what is confidential about a child may be erased."""

from collections.abc import Iterator
from datetime import date, datetime

from casework.engine.context import Context
from casework.model.case import Case

KEPT = "kept"
"""Something keeps the record that is not said to everybody, such as a hold."""

WHY = {
    "case_open": "the case is open; close it first",
    "emergency": "an emergency is not reviewed yet; review it first",
    "referral": "a referral is open; complete or revoke it first",
    "retention": "the years for which the policy keeps it are not over",
    KEPT: "it has to be kept for now; ask the safeguarding lead",
}
"""The reasons for which nothing is erased, in words."""


def may_be_erased(case: Case, context: Context) -> str:
    """Why the texts of a record have to be kept today, a code of `WHY`; empty where they may be erased.

    They are kept while the case is open, an emergency is not reviewed or a referral is open, and for the years of the
    policy (``[retention] years``, local dates) since the last day on which anything happened about the child.
    """
    if case.subject != "child":
        return KEPT
    if case.open:
        return "case_open"
    if any(emergency.state != "reviewed" for emergency in case.emergencies.values()):
        return "emergency"
    if any(referral.open for referral in case.referrals.values()):
        return "referral"
    last = max(_days(case, context), default=date.min)
    return "retention" if kept_until(last, context.settings.policy.retention_years) > context.today else ""


def kept_until(last: date, years: int) -> date:
    """The first local day on which nothing need be kept any more: so many years after the last day."""
    if last.year + years > date.max.year:
        return date.max
    try:
        return last.replace(year=last.year + years)
    except ValueError:  # 29 February, in a year that has none
        return date(last.year + years, 3, 1)


def _days(case: Case, context: Context) -> Iterator[date]:
    """The days on which something happened about the child."""

    def local(*instants: datetime | None) -> Iterator[date]:
        return (context.settings.calendar.local_date(at) for at in instants if at is not None)

    yield from (span.until for span in case.spans if span.kind == "open" and span.until is not None)
    yield from (mark.on for mark in case.marks.values() if mark.kind != "begun")
    yield from (act.on for act in case.activity_log.values())
    yield from (concern.on for concern in case.concern_log.values())
    yield from (screening.on for screening in case.screening_log.values())
    yield from (on for r in case.referrals.values() for on in (r.on, r.answered_on, r.ended_on) if on is not None)
    for emergency in case.emergencies.values():
        yield from local(emergency.raised_at, emergency.since, emergency.stood_down_at, emergency.reviewed_at)
