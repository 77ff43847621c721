"""Free text of a command goes to the store to be sealed, before the engine sees the command."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from attrs import evolve as changed

from casework.errors import CommandRefused, check_kind
from casework.model import commands as c
from casework.model import protection_commands as pc
from casework.model import referral_commands as rc
from casework.model import school_commands as sc
from casework.model.identity import RecordIdentity
from casework.model.people import Contact, ContactCard, Sealed

MAX_TEXT = 20_000
Seal = Callable[[str, str], Sealed]
"""Seals text of a kind."""

_TEXTS: Mapping[type, tuple[str, ...]] = {
    c.Record: ("note", "words"),
    c.Correct: ("note", "words"),
    c.Raise: ("note",),
    c.Review: ("lessons",),
    rc.RequestReferral: ("note",),
    rc.HoldSession: ("note",),
    rc.PlanCare: ("note",),
    sc.Gather: ("note",),
    sc.Examine: ("note",),
    sc.ReviewProgramme: ("note",),
    sc.SummariseProgramme: ("note",),
    pc.PlaceHold: ("note",),
    RecordIdentity: ("number",),
}


def sealed(command: c.Command, seal: Seal) -> c.Command:
    """The command with every free text replaced by its seal."""
    names = _TEXTS.get(type(command), ())
    new: dict[str, Any] = {
        name: _text(value, name, seal) for name in names if isinstance(value := getattr(command, name), str)
    }
    if isinstance(command, c.Record) and command.concerns:
        new["concerns"] = tuple(_draft(draft, seal) for draft in command.concerns)
    elif isinstance(command, c.NoteConcern):
        new["concern"] = _draft(command.concern, seal)
    elif isinstance(command, c.File | c.RecordCard) and command.card is not None:
        new["card"] = _card(command.card, seal)
    return changed(command, **new) if new else command


def _text(text: str, kind: str, seal: Seal) -> Sealed | None:
    if len(text) > MAX_TEXT:
        msg = (
            f"{kind} has {len(text)} characters; at most {MAX_TEXT} are kept, put the rest "
            "into a document of the host's"
        )
        raise CommandRefused(msg)
    return seal(kind, text) if text else None


def _draft(draft: c.ConcernDraft, seal: Seal) -> c.ConcernDraft:
    return changed(draft, note=_text(draft.note, "note", seal)) if isinstance(draft.note, str) else draft


def _card(card: ContactCard, seal: Seal) -> ContactCard:
    for contact in card.contacts().values():
        check_kind(contact, Contact, "a contact card", "Contacts, as in ContactCard(carer=Contact(…), parents=[…])")
    return ContactCard(
        card.carer and _contact(card.carer, seal), tuple(_contact(parent, seal) for parent in card.parents)
    )


def _contact(contact: Contact, seal: Seal) -> Contact:
    def text(value: str | Sealed, kind: str) -> str | Sealed:
        check_kind(value, (str, Sealed), f"{kind}= of a contact", "text")
        return (_text(value, kind, seal) or "") if isinstance(value, str) else value

    check_kind(contact.relation, str, "relation= of a contact", "a word, such as grandmother")
    check_kind(contact.person, str, "person= of a contact", "the host's id, as text")
    check_kind(contact.verified_on, (date, type(None)), "verified_on= of a contact", "a local date")
    return changed(
        contact,
        name=text(contact.name, "name"),
        phone=text(contact.phone, "phone"),
        address=text(contact.address, "address"),
    )
