"""Events of referrals and screenings; part of the stored format, as those of `casework.model.events` are."""

from datetime import date, datetime

from attrs import field, frozen

from casework.model.people import Sealed
from casework.model.reason import Reason
from casework.model.referral import CarePlan, Consent, Session
from casework.model.screening import Screening


@frozen
class ReferralRequested:
    """A specialist is asked to look in."""

    id: str
    to: str
    on: date
    about: tuple[str, ...]
    by: str
    rule: str = ""
    because: Reason | None = None
    urgent: bool = False
    implicated: tuple[str, ...] = ()
    note: Sealed | None = field(default=None, repr=False)


@frozen
class ReferralMoved:
    """A referral was accepted, declined, completed or revoked; ``by`` is who took it on, or ended it."""

    id: str
    state: str
    on: date
    by: str
    because: str = ""
    outcome: str = ""


@frozen
class ProviderNamed:
    """Nobody holds the specialist's seat: a provider outside the school is asked."""

    id: str
    provider: str
    why: str


@frozen
class ReferralTold:
    """Somebody was told of a referral; the outbox row is written in the same transaction."""

    id: str
    about: str
    role: str
    person: str
    at: datetime


@frozen
class Consented:
    """Somebody gave, refused or withdrew consent, or said that none is required."""

    id: str
    consent: Consent


@frozen
class SessionHeld:
    """A session was held; the first one begins the work."""

    id: str
    session: Session


@frozen
class CarePlanned:
    """A plan was made, or gone through and made anew."""

    id: str
    plan: CarePlan


@frozen
class Screened:
    """A pupil's answers to a screening instrument were entered."""

    screening: Screening


ReferralEvent = ReferralMoved | ProviderNamed | ReferralTold | Consented | SessionHeld | CarePlanned | Screened
ASKED = (ReferralMoved, Consented, SessionHeld, CarePlanned, Screened)
"""What a person's command says itself, besides the request."""
