"""Open referrals as lists for people, and their next steps: read models made of values."""

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from casework.engine.port import Whose
from casework.model.case import Case
from casework.model.referral import Referral
from casework.policy.values import Policy
from casework.workflows import REFERRAL_TABLE, NextStep


@frozen
class ReferralLine:
    """One open referral: whom it is with, what holds of consent, and which day comes next.

    ``next_on`` is the day agreed for the next session or set for the review of the plan, whichever comes first.
    """

    child: str
    referral: str
    to: str
    state: str
    on: date
    urgent: bool
    with_: str
    consent: str
    next_on: date | None


def referral_lines(cases: Iterable[Case], mine: Whose, policy: Policy) -> list[ReferralLine]:
    """The open referrals that concern a person: urgent ones first, then the oldest."""
    found = [
        _line(case, referral)
        for case in cases
        for referral in case.referrals.values()
        if referral.open and _concerns(referral, case, mine, policy)
    ]
    return sorted(found, key=lambda line: (not line.urgent, line.on, line.child, line.referral))


def _concerns(found: Referral, case: Case, mine: Whose, policy: Policy) -> bool:
    """Whether it is this person's: by seat, as who made it or took it on, or as the child's own helper or teacher.

    The safeguarding lead has what is urgent, and what no seat answers.
    """
    specialist = policy.specialists.get(found.to)
    role = specialist.role if specialist else ""
    unseated = not role or role in mine.vacant
    return (
        mine.person in {found.by, found.answered_by, case.lead}
        or role in mine.roles
        or case.class_ in mine.classes
        or ("safeguarding_lead" in mine.roles and (found.urgent or unseated))
    )


def _line(case: Case, found: Referral) -> ReferralLine:
    days = [session.next_on for session in found.sessions[-1:] if session.next_on is not None]
    days += [plan.review_on for plan in found.plans[-1:]]
    return ReferralLine(
        case.child,
        found.id,
        found.to,
        found.state,
        found.on,
        found.urgent,
        found.answered_by or found.provider,
        found.consent(),
        min(days, default=None),
    )


def referral_steps(case: Case) -> dict[str, tuple[NextStep, ...]]:
    """By referral, each step of its workflow, allowed or why not."""
    return {id_: REFERRAL_TABLE.next_steps(found.state, found) for id_, found in sorted(case.referrals.items())}
