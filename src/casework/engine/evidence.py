"""What evidence says besides what it is about: whom it implicates."""

from collections.abc import Collection

from casework.model.activity import Activity, Concern
from casework.model.case import Case
from casework.model.screening import Screening


def implicated_by(case: Case, about: Collection[str], named: Collection[str]) -> tuple[str, ...]:
    """The people who are named, and those whom a concern, an emergency or a referral among it implicates.

    A place on the contact card, such as ``carer``, stands for whoever is there now: their id, if it is known, is kept
    beside it, so that a change of carer later neither tells the one nor hides from the other.
    """
    found = set(named)
    for id_ in about:
        evidence = case.concern_log.get(id_) or case.emergencies.get(id_) or case.referrals.get(id_)
        if evidence is not None:
            found |= set(evidence.implicated)
    contacts = {} if case.card is None else case.card.contacts()
    found |= {contact.person for place, contact in contacts.items() if place in found and contact.person}
    return tuple(sorted(found))


def entered(case: Case, id_: str) -> Activity | Concern | Screening | None:
    """What was entered under an id and can be declared void."""
    return case.activity_log.get(id_) or case.concern_log.get(id_) or case.screening_log.get(id_)
