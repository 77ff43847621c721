"""Which sealed texts a record refers to, and which of them are not for everybody who may see the record."""

from collections.abc import Mapping

from casework.model.case import Case
from casework.model.people import Principal, Sealed
from casework.policy.values import Specialist


def refs_of(case: Case) -> set[str]:
    """Every sealed text that the record refers to."""
    acts = [ref for act in case.activity_log.values() for ref in (act.note, act.words)]
    concerns = [concern.note for concern in case.concern_log.values()]
    emergencies = [ref for e in case.emergencies.values() for ref in (e.note, e.lessons)]
    referrals = [text for r in case.referrals.values() for text in r.texts()]
    contacts = [
        getattr(contact, name)
        for contact in ({} if case.card is None else case.card.contacts()).values()
        for name in ("name", "phone", "address")
    ]
    return {ref.ref for ref in (*acts, *concerns, *emergencies, *referrals, *contacts) if isinstance(ref, Sealed)}


def restricted(case: Case, principal: Principal, specialists: Mapping[str, Specialist]) -> set[str]:
    """References to texts of referrals that are not the principal's to read: those of others' referrals.

    A referral's texts are read by whoever made it, took it on, held a session or made a plan, and by who holds the
    specialist's seat, as the host's word for the principal says.
    """
    found: set[str] = set()
    for referral in case.referrals.values():
        specialist = specialists.get(referral.to)
        if specialist is not None and specialist.role in principal.roles:
            continue
        people = {referral.by, referral.answered_by, *(plan.by for plan in referral.plans)}
        people |= {person for s in referral.sessions for person in (s.by, s.entered_by)}
        if principal.id not in people:
            found |= {text.ref for text in referral.texts()}
    return found
