"""Commands: what people ask. ``decide`` answers with events or refuses with the reason.

Dates default to the local day of entry. Free text (``note``, ``words``, names, phones) is plain here for the moment
between the desk's caller and the desk, which seals it before the engine sees the command.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from attrs import field, frozen

from casework.errors import check_kind
from casework.model import erasure_commands as xc
from casework.model import referral_commands as rc
from casework.model.activity import Detail
from casework.model.convert import of_kind, sorted_words, words
from casework.model.glass import BreakGlass, ReviewGlass
from casework.model.identity import RecordIdentity
from casework.model.merge_commands import MergeCommand
from casework.model.move_commands import MoveCommand, ReceiveTransfer
from casework.model.people import ContactCard, Sealed
from casework.model.protection_commands import ProtectionCommand
from casework.model.school_commands import SchoolCommand

if TYPE_CHECKING:
    from attrs import Attribute

Text = str | Sealed | None


def _text(_: object, attribute: "Attribute[Text]", given: Text) -> None:
    if given is not None:
        check_kind(given, (str, Sealed), f"{attribute.name}=", "text")


def _drafts(_: object, __: object, given: "Iterable[ConcernDraft]") -> None:
    where, takes = "concerns=", "a list of ConcernDraft"
    check_kind(given, (list, tuple), where, takes)
    for draft in given:
        check_kind(draft, ConcernDraft, where, takes)


_CARD = ("card=", "a ContactCard, as in ContactCard(carer=Contact(…))", ContactCard)


@frozen
class Identify:
    """Bring a child into scope. ``away``: ``one`` or ``both`` parents; ``definition``: who counts as left behind."""

    away: str
    definition: str = ""
    class_: str = ""
    household: str = ""
    boarder: bool = False
    on: date | None = None


@frozen
class ChangeFacts:
    """Facts about the child changed: a parent left or returned, class, household, boarding. None means unchanged."""

    away: str | None = None
    class_: str | None = None
    household: str | None = None
    boarder: bool | None = None
    on: date | None = None


@frozen
class File:
    """Open the child's file (D2), with the contact card (D3) if it is known already."""

    card: ContactCard | None = field(default=None, validator=of_kind(*_CARD, type(None)))
    on: date | None = None


@frozen
class RecordCard:
    """Write the contact card anew (D3); a different carer is a change of carer."""

    card: ContactCard = field(validator=of_kind(*_CARD))
    on: date | None = None


@frozen
class VerifyContact:
    """A contact was reached by the card: verified on that day. ``contact`` is carer, parent1 or parent2."""

    contact: str
    on: date | None = None


@frozen
class MarkNumberDead:
    """A number on the card no longer works: the card is asked for again at once."""

    contact: str
    on: date | None = None


@frozen
class Pair:
    """Give the child a helping group (D8): the lead and members; replaces a pairing that stands."""

    lead: str
    members: tuple[str, ...] = field(default=(), converter=words)
    on: date | None = None


@frozen
class Unpair:
    """End the pairing, with the reason."""

    because: str
    on: date | None = None


@frozen
class DesignateKey:
    """Make the child a key child (D7), with the reason."""

    because: str
    on: date | None = None


@frozen
class EndKey:
    """The child is no longer a key child."""

    because: str
    on: date | None = None


@frozen
class ConcernDraft:
    """A concern within a record, or to be noted by itself."""

    kind: str
    severity: str = "medium"
    observed: bool = True
    implicated: tuple[str, ...] = field(default=(), converter=sorted_words)
    note: Text = field(default=None, repr=False, validator=_text)


@frozen
class Record:
    """Enter an activity: child, kind and reached are enough; the rest may be completed later."""

    kind: str
    reached: bool
    on: date | None = None
    by: str = ""
    met: tuple[str, ...] = field(default=(), converter=words)
    mood: str = ""
    minutes: int | None = None
    details: Mapping[str, Detail] = field(factory=dict, validator=of_kind("details=", "a mapping", Mapping))
    occasion: str = ""
    note: Text = field(default=None, repr=False, validator=_text)
    words: Text = field(default=None, repr=False, validator=_text)
    concerns: tuple[ConcernDraft, ...] = field(default=(), validator=_drafts)


@frozen
class NoteConcern:
    """Note a concern that did not come up in an activity; an absence from school is recorded as an activity."""

    concern: ConcernDraft = field(validator=of_kind("a concern", "a ConcernDraft", ConcernDraft))
    on: date | None = None
    about: str = ""


@frozen
class Correct:
    """Correct an activity, keeping its id: only what is given changes. The original stays in the history."""

    activity: str
    because: str
    kind: str | None = None
    on: date | None = None
    by: str | None = None
    reached: bool | None = None
    met: tuple[str, ...] | None = None
    mood: str | None = None
    minutes: int | None = None
    details: Mapping[str, Detail] | None = None
    note: Text = field(default=None, repr=False, validator=_text)
    words: Text = field(default=None, repr=False, validator=_text)


@frozen
class Void:
    """Declare that an activity or concern never happened, or not with this child; ``because`` is a code."""

    item: str
    because: str


@frozen
class Raise:
    """Raise an emergency, in every state, for a closed case and for a child with no case."""

    kind: str
    observed: bool = True
    about: tuple[str, ...] = field(default=(), converter=words)
    implicated: tuple[str, ...] = field(default=(), converter=sorted_words)
    note: Text = field(default=None, repr=False, validator=_text)


@frozen
class Acknowledge:
    """Somebody has heard: the climb stops until the next limit."""

    emergency: str


@frozen
class Respond:
    """Somebody is on the way or with the child."""

    emergency: str


@frozen
class CallOutside:
    """Record the call that left the school: agency, who called, when, which reference."""

    emergency: str
    agency: str
    reference: str
    by: str = ""
    at: datetime | None = None


@frozen
class StandDown:
    """The child is safe: who saw the child, and when; ``look_again`` wakes the case on that day."""

    emergency: str
    because: str
    safe_seen_by: str
    safe_seen_at: datetime
    look_again: date | None = None


@frozen
class Review:
    """The emergency was gone through afterwards; what was learnt is sealed."""

    emergency: str
    lessons: Text = field(default=None, repr=False, validator=_text)


@frozen
class Excuse:
    """Excuse an open obligation, with the reason."""

    obligation: str
    because: str


@frozen
class Close:
    """Close the case; open obligations are excused with that reason. Only a person closes."""

    because: str
    on: date | None = None


@frozen
class Reopen:
    """Open a closed case again, with its memory."""

    because: str
    on: date | None = None


Command = (
    Identify
    | ChangeFacts
    | File
    | RecordCard
    | VerifyContact
    | MarkNumberDead
    | Pair
    | Unpair
    | DesignateKey
    | EndKey
    | Record
    | NoteConcern
    | Correct
    | Void
    | Raise
    | Acknowledge
    | Respond
    | CallOutside
    | StandDown
    | Review
    | Excuse
    | Close
    | Reopen
    | rc.RequestReferral
    | rc.AcceptReferral
    | rc.DeclineReferral
    | rc.RecordConsent
    | rc.HoldSession
    | rc.PlanCare
    | rc.CompleteReferral
    | rc.RevokeReferral
    | rc.Screen
    | SchoolCommand
    | BreakGlass
    | ReviewGlass
    | ProtectionCommand
    | xc.RequestErasure
    | xc.DeclineErasure
    | xc.Erase
    | RecordIdentity
    | MoveCommand
    | MergeCommand
)

EMERGENCY_COMMANDS = (Raise, Acknowledge, Respond, CallOutside, StandDown, Review)


def is_urgent(command: Command) -> bool:
    """Tell whether nothing may stop this command: it is about an emergency, or reports danger, or is urgent itself."""
    if isinstance(command, (*EMERGENCY_COMMANDS, BreakGlass)):
        return True
    if isinstance(command, rc.RequestReferral):
        return command.urgent is True
    if isinstance(command, rc.Screen):
        return bool(command.self_harm)
    if isinstance(command, ReceiveTransfer):
        return bool(command.parcel.emergencies)
    if isinstance(command, Record):
        return any(concern.severity == "danger" for concern in command.concerns)
    return isinstance(command, NoteConcern) and command.concern.severity == "danger"
