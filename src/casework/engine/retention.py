"""How long records are kept: when what is confidential about a child may be erased."""

from datetime import date

from casework.engine.context import Context
from casework.engine.keeping import happened, held, years_after
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


RETENTION_YEARS = 3
"""So long nothing of a closed case is erased where the policy says nothing; a default of ours, no law names one."""


def may_be_erased(case: Case, context: Context) -> str:
    """Why the texts of a record have to be kept today, a code of `WHY`; empty where they may be erased.

    They are kept while a hold stands, the case is open, an emergency is not reviewed or a referral is open, and for the
    years of the policy (``[retention] years``, local dates) since the last day on which anything happened about the
    child.
    """
    if case.subject != "child" or held(case):
        return KEPT
    if case.open:
        return "case_open"
    if any(emergency.state != "reviewed" for emergency in case.emergencies.values()):
        return "emergency"
    if any(referral.open for referral in case.referrals.values()):
        return "referral"
    retention = context.settings.policy.retention
    years = RETENTION_YEARS if retention is None else retention.years
    last = max(happened(case, context.settings.calendar), default=date.min)
    return "retention" if years_after(last, years) > context.today else ""
