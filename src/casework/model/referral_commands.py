"""Commands about referrals and screenings: what people ask. Dates default to the local day of entry."""

from datetime import date

from attrs import field, frozen

from casework.model.convert import of_kind, sorted_words, words
from casework.model.people import Sealed

_NOTE = of_kind("note=", "text", str, Sealed, type(None))


@frozen
class RequestReferral:
    """Ask a specialist to look in: ``to`` is a code such as ``psychology``, ``because`` another.

    ``about`` names the evidence, if there is any. An urgent one is stopped by nothing and needs no consent.
    """

    to: str
    because: str
    urgent: bool = False
    about: tuple[str, ...] = field(default=(), converter=words)
    implicated: tuple[str, ...] = field(default=(), converter=sorted_words)
    note: str | Sealed | None = field(default=None, repr=False, validator=_NOTE)


@frozen
class AcceptReferral:
    """Take the child on; ``by`` is who does, if that is not the principal (a provider outside the school)."""

    referral: str
    by: str = ""


@frozen
class DeclineReferral:
    """Say no, with the reason; the evidence stays answered until there is more of it."""

    referral: str
    because: str


@frozen
class RecordConsent:
    """Enter what was said of consent: ``answer`` is given, refused, not_required or withdrawn.

    It is about a ``referral``, or else about a ``purpose``, a code such as photographs.

    ``by`` is the guardian (an id, or parent1, parent2 for whom the contact card has there), ``capacity`` is
    ``guardian``, ``how`` a code such as by_phone or in_writing. That none is required is the ``school``'s to say, with
    ``because``.
    """

    referral: str
    answer: str
    by: str = ""
    capacity: str = ""
    how: str = ""
    because: str = ""
    on: date | None = None
    purpose: str = ""


@frozen
class HoldSession:
    """Enter a session: the first one begins the work. ``next_on`` is the day agreed for the next."""

    referral: str
    by: str = ""
    on: date | None = None
    next_on: date | None = None
    note: str | Sealed | None = field(default=None, repr=False, validator=_NOTE)


@frozen
class PlanCare:
    """Make a plan of psychological correction (D27), or go through it and make it anew, until ``review_on``."""

    referral: str
    review_on: date
    note: str | Sealed | None = field(default=None, repr=False, validator=_NOTE)


@frozen
class CompleteReferral:
    """The work is done; ``outcome`` is a code such as recovered or referred_on."""

    referral: str
    outcome: str


@frozen
class RevokeReferral:
    """The referral is taken back, with the reason."""

    referral: str
    because: str


@frozen
class Screen:
    """Enter a pupil's answers to a named instrument: the score, and what its item on self-harm says, if it has one.

    A positive answer there is observed danger, and an emergency at once.
    """

    instrument: str
    score: int
    self_harm: int | None = None
    by: str = ""
    on: date | None = None
