"""The referral: requested, accepted or declined, in progress, completed; or revoked on the way (D26, D27).

Every step is a person's: a rule may request, people answer. Consent gates the sessions alone, and those of urgent
referrals never (reliability, "Protection", 10); whatever guards say, what is open can be revoked.
"""

from casework.model.referral import REFERRAL_STATES, Referral
from casework.workflows.spec import Step, Workflow, staying

CONSENTED = frozenset(("given", "not_required"))


def without_consent(referral: Referral) -> str | None:
    """Refuse while a referral that is not urgent has no consent, or none any more."""
    return None if referral.urgent or referral.consent() in CONSENTED else "without_consent"


REFERRAL: Workflow[Referral] = Workflow(
    name="referral",
    states=REFERRAL_STATES,
    initial="requested",
    final=frozenset({"completed", "declined", "revoked"}),
    steps=(
        Step("accept", ("requested",), "accepted"),
        Step("decline", ("requested",), "declined"),
        Step("session", ("accepted", "in_progress"), "in_progress", guards=(without_consent,)),
        *staying("plan", "accepted", "in_progress"),
        *staying("consent", "requested", "accepted", "in_progress", "completed"),
        Step("complete", ("in_progress",), "completed"),
        Step("revoke", ("requested", "accepted", "in_progress"), "revoked"),
    ),
)
