"""Which sealed texts a record refers to, and which of them are not for everybody who may see the record."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve as changed
from attrs import fields, has

from casework.model.case import Case
from casework.model.people import Contact, Principal, Sealed
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
    others = (*referrals, *contacts, case.identity)
    return {ref.ref for ref in (*acts, *concerns, *emergencies, *others) if isinstance(ref, Sealed)}


def without_texts(case: Case) -> dict[str, Any]:
    """By the name of a field: what it holds without any sealed text; only fields that held some."""
    found = {part.name: (getattr(case, part.name), _bare(getattr(case, part.name))) for part in fields(Case)}
    bare = {name: after for name, (before, after) in found.items() if after is not before}
    return bare if case.identity is None else {**bare, "identity": None}


def _bare(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """The value without sealed text, the same one where it holds none."""
    if isinstance(value, tuple):
        items = tuple(map(_bare, value))
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    if isinstance(value, Mapping):
        held = {key: _bare(item) for key, item in value.items()}
        return value if all(held[key] is value[key] for key in value) else held
    kind: Any = type(value)
    if not has(kind) or isinstance(value, Sealed):
        return value
    nothing = "" if isinstance(value, Contact) else None
    old = {part.name: getattr(value, part.name) for part in fields(kind) if part.init}
    new = {name: nothing if isinstance(item, Sealed) else _bare(item) for name, item in old.items()}
    gone = {name: item for name, item in new.items() if item is not old[name]}
    return changed(value, **gone) if gone else value


def restricted(
    case: Case, principal: Principal, specialists: Mapping[str, Specialist], holds: Callable[[str], bool]
) -> set[str]:
    """References to texts of referrals that are not the principal's to read.

    A referral's texts are read by who holds the specialist's seat, as the host's word for the principal says or its
    directory (``holds``), and each of them by whoever wrote it or held the session. To accept a referral or to enter a
    session opens nothing that others wrote; only where the policy knows no such specialist does who took it on read.
    """
    found: set[str] = set()
    me = principal.id
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
