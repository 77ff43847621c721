"""Which sealed texts a record refers to, what kind of reading each of them takes, and who wrote it."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TypeGuard

from attrs import frozen

from casework.engine.rights import Rights
from casework.engine.shown import TALKS
from casework.model import events as ev
from casework.model import merge_events as mg
from casework.model import referral_events as rv
from casework.model.activity import Activity
from casework.model.case import Case
from casework.model.identity import IdentityRecorded
from casework.model.merge_commands import MERGE_COMMANDS
from casework.model.move_events import TransferReceived
from casework.model.people import ContactCard, Sealed
from casework.model.protection_events import HoldPlaced
from casework.model.school_events import GatheringHeld, ProgrammeMoved

FOR_FEW = ("safeguarding_lead", "psychologist")
"""Who reads the restricted texts that came with a transfer, besides the lead helper."""

_CARRIED = frozenset(f"command:{command.__name__}" for command in MERGE_COMMANDS)
"""Causes that carry texts from one record to another, sealed anew: nobody wrote them by that."""


@frozen
class Text:
    """One place in a record's history where a sealed text stands.

    ``action`` of the access matrix is what reading it takes; ``writers`` wrote or said it and may read it always;
    ``referral`` is the one that it is about, if any; ``at`` when it was entered; ``came`` with a transfer.
    """

    ref: str
    action: str
    writers: frozenset[str]
    at: datetime
    referral: str = ""
    came: bool = False


def readable(
    record: Case, entries: Iterable[ev.Entry], rights: Rights, ref: str, since: datetime | None = None
) -> bool:
    """Tell whether the principal may open a text: of the record as they see it, and of what was corrected since.

    ``since`` is from when on they are implicated: texts that others entered since are not for them.
    """
    me = rights.principal.id
    for text in texts_of(entries):
        if text.ref != ref:
            continue
        mine = me in text.writers
        late = since is not None and (text.came or (text.at >= since and not mine))
        if not late and (mine or rights.may(text.action, record, referral=text.referral)):
            return True
    return False


def texts_of(entries: Iterable[ev.Entry]) -> Iterator[Text]:
    """Every text of a history, where it was entered first.

    Whoever corrects an entry or merges records is no writer of what stood there before. What a correction made a talk
    is read as one from then on, and so is what was one once.
    """
    known: set[str] = set()
    history = list(entries)
    talks = {event.activity.id for entry in history for _, event in entry.events if _is_talk(event)}
    for entry in history:
        for cause, event in entry.events:
            writer = "" if cause in _CARRIED else entry.actor
            for sealed, action, writers, referral in _in_event(event, writer, talks):
                if isinstance(sealed, Sealed) and sealed.ref not in known:
                    known.add(sealed.ref)
                    came = isinstance(event, TransferReceived)
                    yield Text(sealed.ref, action, frozenset(writers) - {""}, _at(event, entry), referral, came)


_Place = tuple[object, str, Iterable[str], str]
"""Perhaps a text, the action that reading it takes, who wrote it, the referral that it is about."""


def _in_event(event: ev.Event, actor: str, talks: AbstractSet[str]) -> Iterator[_Place]:
    if isinstance(event, ev.Recorded | ev.Corrected):
        act = event.activity
        # Who corrects an entry writes the new words alone: they may be about whoever made it.
        writers = (actor,) if isinstance(event, ev.Corrected) else (act.by, act.entered_by, actor)
        yield from _of_act(act, writers, talk=act.id in talks)
    elif isinstance(event, ev.CardRecorded):
        yield from _of_card(event.card)
    elif isinstance(event, ev.ConcernNoted):
        yield event.concern.note, "read_note", (event.concern.by, actor), ""
    elif isinstance(event, GatheringHeld):
        yield event.gathering.note, "read_school", (event.gathering.by, actor), ""
    elif isinstance(event, ProgrammeMoved):
        yield event.note, "read_school", (event.by,), ""
    elif isinstance(event, ev.EmergencyRaised):
        yield event.note, "read_emergency", (event.by,), ""
    elif isinstance(event, ev.Reviewed):
        yield event.lessons, "read_emergency", (event.by,), ""
    else:
        yield from _of_referral(event)
        yield from _of_what_protects(event, actor)


def _of_merge(event: mg.EmergencyTaken | mg.ReferralTaken) -> Iterator[_Place]:
    """What came along with an item of a record that was merged, or went back to it."""
    if isinstance(event, mg.EmergencyTaken):
        yield event.emergency.note, "read_emergency", (event.emergency.raised_by,), ""
        yield event.emergency.lessons, "read_emergency", (event.emergency.reviewed_by,), ""
        return
    referral = event.referral
    yield referral.note, "read_psychology", (referral.by,), event.id
    for session in referral.sessions:
        yield session.note, "read_psychology", (session.by, session.entered_by), event.id
    for plan in referral.plans:
        yield plan.note, "read_psychology", (plan.by,), event.id


def _of_what_protects(event: ev.Event, actor: str) -> Iterator[_Place]:
    if isinstance(event, TransferReceived):
        yield from ((text, "read_history", (), "") for text in event.texts)
        yield from ((text, "read_transferred", (), "") for text in event.restricted)
    elif isinstance(event, mg.EmergencyTaken | mg.ReferralTaken):
        yield from _of_merge(event)
    elif isinstance(event, IdentityRecorded):
        yield event.number, "record_identity", (actor,), ""
    elif isinstance(event, HoldPlaced):
        yield event.note, "hold", (event.by,), ""


def _of_referral(event: ev.Event) -> Iterator[_Place]:
    if isinstance(event, rv.ReferralRequested):
        yield event.note, "read_psychology", (event.by,), event.id
    elif isinstance(event, rv.SessionHeld):
        yield event.session.note, "read_psychology", (event.session.by, event.session.entered_by), event.id
    elif isinstance(event, rv.CarePlanned):
        yield event.plan.note, "read_psychology", (event.plan.by,), event.id


def _at(event: ev.Event, entry: ev.Entry) -> datetime:
    """When a text was entered: what another record took up keeps its instant."""
    if isinstance(event, ev.Recorded):
        return event.activity.entered_at
    return event.concern.entered_at if isinstance(event, ev.ConcernNoted) else entry.at


def _is_talk(event: ev.Event) -> TypeGuard[ev.Recorded | ev.Corrected]:
    return isinstance(event, ev.Recorded | ev.Corrected) and event.activity.kind in TALKS


def _of_act(act: Activity, writers: Iterable[str], *, talk: bool) -> Iterator[_Place]:
    yield act.note, "read_talk" if talk else "read_note", writers, ""
    yield act.words, "read_talk" if talk else "read_words", writers, ""


def _of_card(card: ContactCard) -> Iterator[_Place]:
    contacts: Mapping[str, object] = card.contacts()
    for contact in contacts.values():
        yield getattr(contact, "name", None), "read_contact", (), ""
        yield getattr(contact, "phone", None), "read_contact", (), ""
        yield getattr(contact, "address", None), "read_address", (), ""
