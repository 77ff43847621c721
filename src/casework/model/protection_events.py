"""Events of what protects a record; part of the stored format, as those of `casework.model.events` are."""

from datetime import date, datetime

from attrs import field, frozen

from casework.model.people import Sealed
from casework.model.protection import RetentionDecision
from casework.model.referral import Consent


@frozen
class HoldPlaced:
    """A legal hold was placed on the record."""

    id: str
    because: str
    on: date
    by: str
    note: Sealed | None = field(default=None, repr=False)


@frozen
class HoldReleased:
    """A legal hold was released."""

    id: str
    because: str
    on: date
    by: str


@frozen
class PurposeConsented:
    """Somebody gave, refused or withdrew consent to a purpose, or said that none is required."""

    purpose: str
    consent: Consent


@frozen
class RetentionDecided:
    """It was decided what becomes of a closed case whose retention had ended."""

    decision: RetentionDecision


@frozen
class RetentionTold:
    """Somebody was told that nobody has decided; the outbox row is written in the same transaction.

    ``key`` is that of the obligation, ``on`` the local day from which it was overdue.
    """

    key: str
    role: str
    person: str
    at: datetime
    on: date


@frozen
class Exported:
    """So many rows about those local days left the school with ids as they are."""

    reason: str
    first: date
    last: date
    rows: int
    by: str


ProtectionEvent = HoldPlaced | HoldReleased | PurposeConsented | RetentionDecided | RetentionTold | Exported
ASKED = (HoldPlaced, HoldReleased, PurposeConsented, RetentionDecided, Exported)
"""What a person's command says itself."""
