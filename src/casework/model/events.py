"""Events: what happened. Folding a record's events gives its state; nothing else does.

Every class here is part of the stored format: ``store/codec.py`` writes the fields in this order, so fields are only
ever added at the end, with a default.
"""

from collections.abc import Mapping
from datetime import date, datetime

from attrs import field, frozen

from casework.model import erasure_events as xv
from casework.model import glass_events as gv
from casework.model import merge_events as mg
from casework.model import move_events as mv
from casework.model import protection_events as pv
from casework.model import referral_events as rv
from casework.model import rule_events as uv
from casework.model.activity import Activity, Concern
from casework.model.emergency import OutsideCall
from casework.model.people import ContactCard, Sealed
from casework.model.post_events import NoticeFailed
from casework.model.reason import Reason
from casework.model.school_events import ROLL, SchoolEvent

ReferralRequested = rv.ReferralRequested
FlagRaised = uv.FlagRaised
FlagLowered = uv.FlagLowered
RuleFailed = uv.RuleFailed
RuleReleased = uv.RuleReleased


@frozen
class Identified:
    """A child came into scope: the case begins, or an empty record becomes one."""

    on: date
    away: str
    definition: str
    class_: str = ""
    household: str = ""
    boarder: bool = False


@frozen
class FactsChanged:
    """Facts about the child changed; None means unchanged."""

    on: date
    away: str | None = None
    class_: str | None = None
    household: str | None = None
    boarder: bool | None = None


@frozen
class Marked:
    """A dated fact that discharges or triggers duties (see `casework.model.case.Mark`)."""

    id: str
    kind: str
    on: date
    by: str


@frozen
class CardRecorded:
    """The contact card as it now stands, whole."""

    card: ContactCard


@frozen
class StageChanged:
    """The stored stage moved; the event's cause says whether a person or a rule moved it."""

    to: str
    on: date
    because: str = ""


@frozen
class Paired:
    """A helping group took the child on."""

    lead: str
    since: date
    members: tuple[str, ...] = ()


@frozen
class Unpaired:
    """The pairing ended; ``until`` is its last day."""

    until: date
    because: str


@frozen
class KeyBegan:
    """The child was designated a key child (D7)."""

    since: date
    because: str


@frozen
class KeyEnded:
    """The child ceased to be a key child; ``until`` is the last day."""

    until: date
    because: str


@frozen
class Recorded:
    """An activity was entered."""

    activity: Activity


@frozen
class Corrected:
    """An activity as it reads after a correction; what it said before stands in its earlier events."""

    activity: Activity
    because: str


@frozen
class Voided:
    """An activity or a concern never happened, or not with this child."""

    id: str
    because: str


@frozen
class ConcernNoted:
    """A concern was entered."""

    concern: Concern


@frozen
class ObligationOpened:
    """A window of a duty opened for this subject."""

    duty: str
    window: str
    opens: date
    due: date | None
    closes: date | None
    role: str
    trigger: str = ""
    rule: str = ""


@frozen
class ObligationRedated:
    """An open obligation got other dates or another role, keeping its identity."""

    key: str
    opens: date
    due: date | None
    closes: date | None
    role: str


@frozen
class ObligationJudged:
    """An obligation's verdict is now this: open, met, met_late or missed; ``by``, ``on`` name the act that met it."""

    key: str
    status: str
    on: date | None = None
    by: str = ""


@frozen
class ObligationSettled:
    """An obligation was excused or superseded, with the reason."""

    key: str
    status: str
    because: str


@frozen
class EmergencyRaised:
    """An emergency began; free of any approval, pairing, form or case."""

    id: str
    kind: str
    at: datetime
    by: str
    observed: bool = True
    about: tuple[str, ...] = ()
    rule: str = ""
    because: Reason | None = None
    implicated: tuple[str, ...] = ()
    note: Sealed | None = field(default=None, repr=False)


@frozen
class EvidenceJoined:
    """New evidence joined an emergency (or a referral) that is open already."""

    id: str
    about: tuple[str, ...]
    implicated: tuple[str, ...] = ()
    urgent: bool = False


@frozen
class EmergencyMoved:
    """Somebody acknowledged the emergency or went to respond."""

    id: str
    state: str
    at: datetime
    by: str


@frozen
class StoodDown:
    """The emergency was stood down: who saw the child safe, when, why, and when to look again."""

    id: str
    at: datetime
    by: str
    safe_seen_by: str
    safe_seen_at: datetime
    because: str
    look_again: date | None = None


@frozen
class Reviewed:
    """The emergency was reviewed and is done; the lessons are sealed."""

    id: str
    at: datetime
    by: str
    lessons: Sealed | None = field(default=None, repr=False)


@frozen
class OutsideCalled:
    """Somebody outside the school was called."""

    id: str
    call: OutsideCall


@frozen
class Notified:
    """A rung of the ladder was told; the outbox row is written in the same transaction."""

    id: str
    state: str
    step: int
    rung: int
    role: str
    person: str
    at: datetime


@frozen
class RungPassed:
    """A rung was vacant or implicated, so the next was told at once."""

    id: str
    state: str
    step: int
    rung: int
    role: str
    why: str
    at: datetime


@frozen
class Applied:
    """The school runs on these settings from now on (stream 0); ``started`` dates duties that are new to it."""

    policy: str
    calendar: str
    rules: str
    on: date
    started: Mapping[str, date] = field(factory=dict)


Event = (
    Identified
    | FactsChanged
    | Marked
    | CardRecorded
    | StageChanged
    | Paired
    | Unpaired
    | KeyBegan
    | KeyEnded
    | Recorded
    | Corrected
    | Voided
    | ConcernNoted
    | ObligationOpened
    | ObligationRedated
    | ObligationJudged
    | ObligationSettled
    | EmergencyRaised
    | EvidenceJoined
    | EmergencyMoved
    | StoodDown
    | Reviewed
    | OutsideCalled
    | Notified
    | RungPassed
    | ReferralRequested
    | FlagRaised
    | FlagLowered
    | RuleFailed
    | RuleReleased
    | Applied
    | rv.ReferralEvent
    | SchoolEvent
    | gv.GlassEvent
    | NoticeFailed
    | pv.ProtectionEvent
    | xv.ProtectionEvent
    | mv.MoveEvent
    | mg.MergeEvent
)

ASKED = (
    Identified,
    FactsChanged,
    Marked,
    CardRecorded,
    StageChanged,
    Paired,
    Unpaired,
    KeyBegan,
    KeyEnded,
    Recorded,
    Corrected,
    Voided,
    ConcernNoted,
    EmergencyRaised,
    EmergencyMoved,
    StoodDown,
    Reviewed,
    OutsideCalled,
    ReferralRequested,
    *rv.ASKED,
    *ROLL,
    *gv.ASKED,
    *pv.ASKED,
    *xv.ASKED,
    *mv.ASKED,
    *mg.MERGES,
)
"""What a person's command says itself; every other event under a command's cause follows from it, but an excuse."""

Caused = tuple[str, Event]
"""An event and its cause: ``command:Record``, ``rule:quarrels_at_home``, ``time``."""


@frozen
class Entry:
    """One line of history: everything that one command or one settling did.

    ``seq`` counts from 1 within the record; ``at`` is the instant of entry; ``actor`` the principal's id; ``idem`` the
    idempotency key, empty if there was none.
    """

    seq: int
    at: datetime
    actor: str
    idem: str
    events: tuple[Caused, ...]
