"""A first counsellor: referrals are taken on, guardians asked, sessions held and plans gone through, as hours allow.

What this does for a child is not modelled: care changes no hidden distress here, so a run says when somebody was seen
and not whether it helped.
"""

from collections.abc import Mapping
from datetime import timedelta

from casework.engine.desk import Desk
from casework.model.case import Case
from casework.model.referral import Referral
from casework.simulate.place import Place

REVIEW_AFTER = timedelta(days=28)
COUNSEL = frozenset(("referral_answered", "session", "referral_reviewed"))
"""Kinds of job that are about a referral."""


def counsel(place: Place, desk: Desk, child: str) -> None:
    """Do what each open referral of the child is waiting for; whoever does it for a vacant seat names the provider."""
    for id_ in _open(desk.case(child)):
        found = desk.case(child).referrals[id_]
        if found.state == "requested":
            desk.accept(child, id_, by=found.provider)
        elif not found.consent() and not found.urgent:
            _ask(place, desk, child, found)
        elif found.plans:
            _end(place, desk, child, found)
        elif found.urgent or found.consent() in {"given", "not_required"}:
            desk.session(child, id_)
            desk.plan(child, id_, place.today + REVIEW_AFTER)


def _open(case: Case) -> list[str]:
    referrals: Mapping[str, Referral] = case.referrals
    return sorted(id_ for id_, found in referrals.items() if found.open)


def _ask(place: Place, desk: Desk, child: str, found: Referral) -> None:
    """Telephone the guardian, who may not be reached, and may refuse."""
    day = (place.today - place.start).days
    if not place.world.contact(child, "call", day).reached:
        return
    refuses = place.chance.happens(place.rates["refused"], "refuses consent", child, found.on)
    desk.consent(child, found.id, "refused" if refuses else "given", by="parent1", how="by_phone")
    if refuses:
        desk.revoke(child, found.id, "consent_refused")


def _end(place: Place, desk: Desk, child: str, found: Referral) -> None:
    """Go through the plan once it is due, and end there."""
    if found.plans[-1].review_on <= place.today:
        desk.session(child, found.id)
        desk.complete(child, found.id, "gone_through")
