"""Referrals: a specialist is asked to look in (D26, D27); a workflow of their own beside the case.

Dates are the school's local days. Free text is sealed and read only by whom the referral is with.
"""

from collections.abc import Iterator
from datetime import date, datetime

from attrs import field, frozen

from casework.model.people import Sealed
from casework.model.reason import Reason

REFERRAL_STATES = ("requested", "accepted", "in_progress", "completed", "declined", "revoked")
OPEN_REFERRAL = frozenset(("requested", "accepted", "in_progress"))

CONSENTS = ("given", "refused", "not_required", "withdrawn")
CAPACITIES = ("guardian", "school")
"""In what capacity somebody speaks of consent: the guardian gives, refuses and withdraws it; that none is required is
the school's to say. A carer, who is entrusted with the child, does neither.
"""


@frozen
class Consent:
    """What somebody said of consent: ``answer`` is one of `CONSENTS`, ``capacity`` one of `CAPACITIES`.

    ``on`` is the day on which they said it, ``how`` a code such as ``by_phone``; ``because`` says why none is required.
    """

    answer: str
    by: str
    capacity: str
    on: date
    how: str
    because: str
    entered_at: datetime
    entered_by: str


@frozen
class Session:
    """One session with the child: held ``on`` by ``by``, the next one agreed for ``next_on``.

    ``unconsented`` is the reason why it was held without consent, which only urgent referrals are; else empty.
    """

    id: str
    on: date
    by: str
    entered_at: datetime
    entered_by: str
    next_on: date | None = None
    unconsented: str = ""
    note: Sealed | None = field(default=None, repr=False)


@frozen
class CarePlan:
    """A plan of psychological correction (D27) and the day on which it is to be gone through again."""

    on: date
    by: str
    review_on: date
    note: Sealed | None = field(default=None, repr=False)


@frozen
class ReferralNotice:
    """Somebody was told of the referral ``at`` an instant: that it is urgent, or that a limit has run (``about``)."""

    about: str
    role: str
    person: str
    at: datetime


@frozen
class Referral:
    """A request that a specialist looks in: ``to`` is a code such as ``psychology``; ``about`` its evidence.

    ``implicated`` are people who may not know of it; ``provider`` the one outside the school who is asked while the
    seat is vacant. ``answered_by`` took it on or declined it; ``ended_because`` says why it was declined or revoked,
    ``outcome`` how it was completed.
    """

    id: str
    to: str
    on: date
    about: tuple[str, ...]
    by: str
    rule: str = ""
    because: Reason | None = None
    urgent: bool = False
    state: str = "requested"
    implicated: tuple[str, ...] = ()
    note: Sealed | None = field(default=None, repr=False)
    provider: str = ""
    answered_by: str = ""
    answered_on: date | None = None
    ended_by: str = ""
    ended_on: date | None = None
    ended_because: str = ""
    outcome: str = ""
    consents: tuple[Consent, ...] = ()
    sessions: tuple[Session, ...] = ()
    plans: tuple[CarePlan, ...] = ()
    notices: tuple[ReferralNotice, ...] = ()

    @property
    def open(self) -> bool:
        """Not declined, completed or revoked yet."""
        return self.state in OPEN_REFERRAL

    def consent(self, day: date | None = None) -> str:
        """What holds of consent, one of `CONSENTS`, or empty while nobody said; with ``day``, what held that day.

        Of several words the one that was said last holds, and of one day that which was entered last.
        """
        said = [(c.on, k, c.answer) for k, c in enumerate(self.consents) if day is None or c.on <= day]
        return max(said)[2] if said else ""

    def texts(self) -> Iterator[Sealed]:
        """Every sealed text of the referral."""
        for text in (self.note, *(s.note for s in self.sessions), *(p.note for p in self.plans)):
            if text is not None:
                yield text
