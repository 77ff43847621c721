"""Which sealed texts a record refers to, and which of them are not for everybody who may see the record."""

from collections.abc import Callable, Mapping

from casework.model.case import Case
from casework.model.people import Principal, Sealed
from casework.policy.values import Specialist

FOR_FEW = ("safeguarding_lead", "psychologist")
"""Who reads the restricted texts that came with a transfer, besides the lead helper."""


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
    moves = [text for move in case.moves.values() for text in (*move.texts, *move.restricted)]
    every = (*acts, *concerns, *emergencies, *referrals, *contacts, *moves)
    return {ref.ref for ref in every if isinstance(ref, Sealed)}


def restricted(
    case: Case, principal: Principal, specialists: Mapping[str, Specialist], holds: Callable[[str], bool]
) -> set[str]:
    """References to texts of referrals, and of what came with a transfer, that are not the principal's to read.

    A referral's texts are read by who holds the specialist's seat, as the host's word for the principal says or its
    directory (``holds``), and each of them by whoever wrote it or held the session. To accept a referral or to enter a
    session opens nothing that others wrote; only where the policy knows no such specialist does who took it on read.
    """
    found: set[str] = set()
    me = principal.id
    if case.lead != me and not any(role in principal.roles or holds(role) for role in FOR_FEW):
        found |= {text.ref for move in case.moves.values() for text in move.restricted}
    if case.implicates(me):
        found |= {text.ref for move in case.moves.values() for text in (*move.texts, *move.restricted)}
    for referral in case.referrals.values():
        specialist = specialists.get(referral.to)
        if specialist is None and me == referral.answered_by:
            continue
        if specialist is not None and (specialist.role in principal.roles or holds(specialist.role)):
            continue
        written = [(referral.note, {referral.by})]
        written += [(session.note, {session.by, session.entered_by}) for session in referral.sessions]
        written += [(plan.note, {plan.by}) for plan in referral.plans]
        found |= {text.ref for text, people in written if text is not None and me not in people}
    return found
