"""What of a record is handed to somebody who may read it, but not every kind of it: restricted kinds are left out.

Talks and psychology are for those assigned, addresses and phones for those who have to reach somebody, emergencies for
those who have to do with them. What is left out looks as if it had never been entered.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cached_property

from attrs import evolve as changed

from casework.engine.evolve import evolve
from casework.engine.rights import Rights
from casework.engine.view import handed
from casework.model import events as ev
from casework.model import merge_events as mg
from casework.model import referral_events as rv
from casework.model.activity import Activity
from casework.model.case import Case
from casework.model.commands import Command
from casework.model.people import Contact, ContactCard
from casework.model.referral import Referral
from casework.model.rule_events import FlagLowered, FlagRaised

TALKS = frozenset(("talk",))
"""Kinds of activity that are heart-to-heart talks with the child (D9): restricted reading."""

_OF_EMERGENCIES = (
    ev.EmergencyRaised,
    ev.EmergencyMoved,
    ev.StoodDown,
    ev.Reviewed,
    ev.OutsideCalled,
    ev.Notified,
    ev.RungPassed,
    mg.EmergencyTaken,
)
_WHOLE = (ev.Recorded, ev.Corrected, *mg.MERGES)
"""What a command asks for and that yet holds more than was said with it."""


def hidden_since(record: Case, person: str) -> datetime | None:
    """The instant at which the whole record first implicated somebody; None if it does not.

    Texts that others have entered since are not for them: whatever is said of the matter may stand there.
    """
    names = record.names_of(person)
    found = [e.raised_at for e in record.emergencies.values() if not names.isdisjoint(e.implicated)]
    found += [c.entered_at for c in record.concern_log.values() if not names.isdisjoint(c.implicated)]
    return min(found, default=None)


class Shown:
    """The view of one record for one principal: ``case`` and ``events`` leave out what they may not read of it.

    ``since`` is from when on texts of others are not for them (`hidden_since`); ``raised`` are emergencies that came of
    what they said just now, which they know of whatever else they may.
    """

    def __init__(
        self, record: Case, rights: Rights, since: datetime | None = None, raised: frozenset[str] = frozenset()
    ) -> None:
        self._record = record
        self._rights = rights
        self._since = since
        self._raised = raised

    # Asked only where there is something to leave out: most records hold little that is restricted.

    @cached_property
    def _talks(self) -> bool:
        return self._rights.may("read_talk", self._record)

    @cached_property
    def _emergencies(self) -> bool:
        return self._rights.may("read_emergency", self._record)

    @cached_property
    def _contacts(self) -> bool:
        return self._rights.may("read_contact", self._record)

    @cached_property
    def _addresses(self) -> bool:
        return self._rights.may("read_address", self._record)

    def case(self, case: Case) -> Case:
        """The record without restricted kinds; the same value where nothing is restricted."""
        new: dict[str, object] = {}
        acts = {id_: self._act(act) for id_, act in case.activity_log.items()}
        if any(acts[id_] is not act for id_, act in case.activity_log.items()):
            new["activity_log"] = acts
        referrals = {id_: self._referral(found) for id_, found in case.referrals.items()}
        if any(referrals[id_] is not found for id_, found in case.referrals.items()):
            new["referrals"] = referrals
        if case.screening_log and not self._psychology():
            new["screening_log"] = {
                id_: found for id_, found in case.screening_log.items() if self._rights.principal.id in _who(found)
            }
        if case.emergencies and not self._emergencies:
            new["emergencies"] = {id_: found for id_, found in case.emergencies.items() if id_ in self._raised}
            flags = {key: flag for key, flag in case.flags.items() if not self._is_of_emergency(flag.about)}
            if len(flags) < len(case.flags):
                new["flags"] = flags
        card = self._card(case.card)
        if card is not case.card:
            new["card"] = card
        return case.having(**new) if new else case

    def entries(self, entries: Iterable[ev.Entry]) -> list[ev.Entry]:
        """A history without restricted kinds, numbered anew where whole entries are left out."""
        found: list[ev.Entry] = []
        for entry in entries:
            events = self.events(entry.events)
            if events:
                found.append(
                    entry
                    if events is entry.events and entry.seq == len(found) + 1
                    else changed(entry, seq=len(found) + 1, events=events)
                )
        return found

    def events(self, events: tuple[ev.Caused, ...], asked: str = "") -> tuple[ev.Caused, ...]:
        """Events without restricted kinds; those that the principal's own command said (``asked``) are kept."""
        found = []
        same = True
        for caused in events:
            cause, event = caused
            said = cause == asked and isinstance(event, ev.ASKED) and not isinstance(event, _WHOLE)
            kept = event if said else self._event(event)
            if kept is event:
                found.append(caused)
                continue
            same = False
            if kept is not None:
                found.append((cause, kept))
        return events if same else tuple(found)

    def _event(self, event: ev.Event) -> ev.Event | None:
        if isinstance(event, ev.Recorded | ev.Corrected):
            act = self._act(event.activity)
            return event if act is event.activity else changed(event, activity=act)
        if isinstance(event, ev.CardRecorded):
            card = self._card(event.card)
            return event if card is event.card or card is None else changed(event, card=card)
        if isinstance(event, mg.ReferralTaken):
            found = self._referral(event.referral)
            return event if found is event.referral else changed(event, referral=found)
        if isinstance(event, rv.ReferralMoved):
            return event if not event.outcome or self._of_referral(event.id) else changed(event, outcome="")
        return event if self._may_know(event) else None

    def _may_know(self, event: ev.Event) -> bool:
        """Whether the event is of no restricted kind, or of one that they may read."""
        if isinstance(event, rv.Screened):
            return self._psychology() or self._rights.principal.id in _who(event.screening)
        if isinstance(event, rv.SessionHeld | rv.CarePlanned):
            return self._of_referral(event.id)
        joined = isinstance(event, ev.EvidenceJoined) and event.id not in self._record.referrals
        flagged = isinstance(event, FlagRaised | FlagLowered) and self._is_of_emergency(_about(event))
        restricted = joined or flagged or isinstance(event, _OF_EMERGENCIES)
        return not restricted or getattr(event, "id", "") in self._raised or self._emergencies

    def _is_of_emergency(self, about: Iterable[str]) -> bool:
        return not self._record.emergencies.keys().isdisjoint(about)

    def _act(self, act: Activity) -> Activity:
        if self._rights.principal.id in {act.by, act.entered_by}:
            return act
        late = self._since is not None and act.entered_at >= self._since
        talk = act.kind in TALKS and not self._talks
        if not late and not talk:
            return act
        if talk:
            act = changed(act, mood="", minutes=None, details={})
        return changed(act, note=None, words=None) if act.note or act.words or talk else act

    def _card(self, card: ContactCard | None) -> ContactCard | None:
        if card is None or (self._contacts and self._addresses):
            return card
        return _mapped(card, self._contact)

    def _contact(self, contact: Contact) -> Contact:
        known = contact if self._contacts else changed(contact, name="", phone="")
        return known if self._addresses else changed(known, address="")

    def _referral(self, found: Referral) -> Referral:
        if self._of_referral(found.id):
            return found
        bare = not (found.sessions or found.plans or found.outcome or found.note)
        return found if bare else changed(found, sessions=(), plans=(), outcome="", note=None)

    def _of_referral(self, id_: str) -> bool:
        found = self._record.referrals.get(id_)
        rights, record = self._rights, self._record
        return found is not None and any(
            rights.may(action, record, referral=id_) for action in ("read_psychology", "give_care")
        )

    def _psychology(self) -> bool:
        return self._rights.may("read_psychology", self._record)


def _about(event: FlagRaised | FlagLowered) -> Iterable[str]:
    """The ids that a remark is about; the key of one ends with them (`casework.model.case.Flag.key`)."""
    return event.about if isinstance(event, FlagRaised) else event.key.rpartition("/")[2].split(",")


def outline(view: Case) -> Case:
    """That there is a case, in which class: for who may list children and not read of them."""
    return Case(view.school, view.child, stage=view.stage, class_=view.class_)


def as_said(event: ev.Event, command: Command) -> ev.Event:
    """What a report said, without the people whom the record added to those that it named."""
    named = set(getattr(command, "implicated", ()))
    for draft in (getattr(command, "concern", None), *getattr(command, "concerns", ())):
        named.update(getattr(draft, "implicated", ()))
    if isinstance(event, ev.ConcernNoted):
        concern = event.concern
        return changed(event, concern=changed(concern, implicated=_those(concern.implicated, named)))
    if isinstance(event, ev.EmergencyRaised | ev.ReferralRequested):
        return changed(event, implicated=_those(event.implicated, named))
    return event


def _those(people: Iterable[str], named: AbstractSet[str]) -> tuple[str, ...]:
    return tuple(person for person in people if person in named)


def own_words(view: Case, said: Sequence[ev.Caused]) -> Case:
    """A record that holds nothing but what somebody said who may report and not read."""
    found = Case(view.school, view.child)
    for _, event in said:
        found = evolve(found, event)
    return handed(found.having(stage="", class_="", household=""))


def _mapped(card: ContactCard, each: Callable[[Contact], Contact]) -> ContactCard:
    return ContactCard(None if card.carer is None else each(card.carer), tuple(each(parent) for parent in card.parents))


def _who(found: object) -> set[str]:
    """Who gave a screening or entered it."""
    return {getattr(found, name, "") for name in ("by", "entered_by")}
