"""What a referral asks for, and what answers it: the triggers and the acts of D26 and D27, read from the record alone.

A trigger of a referral is met by what was done about that referral and by nothing else, so its acts bear its name.
"""

from collections.abc import Iterator
from datetime import date

from casework.engine.happening import Act, Trigger
from casework.model.case import Case
from casework.model.referral import Referral

OF_REFERRAL = "referral:"
"""What the name of every such trigger begins with; the referral's id and what it asks for follow."""


def asked_about(trigger: str) -> str:
    """What a trigger is about: the id within the record that it names, for a referral's the referral."""
    return trigger.split(":")[1] if trigger.startswith(OF_REFERRAL) else trigger


def meets(act: Act, trigger: str) -> bool:
    """Tell whether an act may meet the window of a trigger: what was done about a referral meets its own alone."""
    return act[1] == trigger or not act[1].startswith(OF_REFERRAL)


def referral_triggers(case: Case) -> Iterator[Trigger]:
    """What each referral asks for: an answer, a first session, a review of its plan on that plan's day.

    What was revoked before it was answered, begun or due asks for nothing any more.
    """
    for found in case.referrals.values():
        if found.state != "revoked" or found.answered_on is not None:
            yield Trigger("referral", found.on, _name(found, "answer"), found.to)
        first = _first_session(found)
        begun = found.state == "accepted" or first is not None
        if found.answered_on is not None and begun and (first is None or first >= found.answered_on):
            yield Trigger("referral_accepted", found.answered_on, _name(found, "session"), found.to)
        for k, (due, done) in enumerate(_reviews(found), 1):
            if found.open or done is not None:
                yield Trigger("referral_review", due, _name(found, f"review-{k}"), found.to)


def referral_acts(case: Case) -> Iterator[tuple[str, Act]]:
    """Each fact of a referral that meets a window, with its kind."""
    for found in case.referrals.values():
        if found.answered_on is not None:
            yield "referral_answered", (found.answered_on, _name(found, "answer"))
        first = _first_session(found)
        if first is not None:
            yield "session", (first, _name(found, "session"))
        for k, (_, done) in enumerate(_reviews(found), 1):
            if done is not None:
                yield "referral_reviewed", (done, _name(found, f"review-{k}"))


def next_reviews(case: Case, today: date) -> list[date]:
    """The days to come on which a plan is to be gone through."""
    return [t.on for t in referral_triggers(case) if t.on > today] if case.referrals else []


def _name(found: Referral, what: str) -> str:
    return f"{OF_REFERRAL}{found.id}:{what}"


def _first_session(found: Referral) -> date | None:
    return min((session.on for session in found.sessions), default=None)


def _reviews(found: Referral) -> Iterator[tuple[date, date | None]]:
    """Of each plan that came to its day: that day, and when it was gone through (by a new plan, or at the end)."""
    for k, plan in enumerate(found.plans):
        after = found.plans[k + 1].on if k + 1 < len(found.plans) else None
        if after is None and found.state == "completed":
            after = found.ended_on
        if after is None or after >= plan.review_on:
            yield plan.review_on, after
