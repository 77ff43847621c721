"""Events about children and staff who move; part of the stored format, as those of `casework.model.events` are."""

from datetime import date, datetime

from attrs import field, frozen

from casework.model.people import Sealed


@frozen
class ReferralHandedOver:
    """Whom a referral is with has changed; ``to`` is empty where nobody is named."""

    id: str
    person: str
    to: str
    because: str


@frozen
class ResponseHandedOver:
    """An emergency that ``person`` had acknowledged, or gone to, is now with ``to``; its limits run on."""

    id: str
    person: str
    to: str
    because: str


@frozen
class TransferOffered:
    """A package was made for another school: for the first time, or again because it was lost or is no longer whole."""

    id: str
    to: str
    key: str
    on: date
    by: str
    because: str
    digest: str
    at: datetime


@frozen
class TransferEnded:
    """The other school's answer came: ``state`` is confirmed, it has the child, or withdrawn, it never will by this."""

    id: str
    state: str
    on: date
    by: str


@frozen
class TransferChased:
    """Somebody was told that no receipt has come; the outbox row is written in the same transaction."""

    id: str
    role: str
    person: str
    on: date
    at: datetime


@frozen
class EmergencyTransferred:
    """An emergency went to another school with the child, and is that school's from now on."""

    id: str
    to: str
    at: datetime
    by: str


@frozen
class TransferReceived:
    """A child came from another school: what came along to be read, sealed."""

    id: str
    sender: str
    key: str
    child: str
    on: date
    by: str
    digest: str
    at: datetime
    texts: tuple[Sealed, ...] = field(default=(), repr=False)
    restricted: tuple[Sealed, ...] = field(default=(), repr=False)


@frozen
class TransferAnswered:
    """The school's word on a transfer, given once and for all: accepted, or refused (in the school's own record).

    ``child`` is the child's id here; ``digest`` that of the package that was taken up, empty for a refusal.
    """

    id: str
    state: str
    sender: str
    key: str
    child: str
    on: date
    by: str
    because: str
    digest: str
    at: datetime


MoveEvent = (
    ReferralHandedOver
    | ResponseHandedOver
    | TransferOffered
    | TransferEnded
    | TransferChased
    | EmergencyTransferred
    | TransferReceived
    | TransferAnswered
)
ASKED = (
    ReferralHandedOver,
    ResponseHandedOver,
    TransferOffered,
    TransferEnded,
    EmergencyTransferred,
    TransferReceived,
    TransferAnswered,
)
"""What a person's command says itself."""
