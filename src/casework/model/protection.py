"""What protects a record: holds, words of consent for a purpose, decisions when its retention has ended."""

from datetime import date

from attrs import field, frozen

from casework.model.people import Sealed
from casework.model.referral import Consent

RETENTION_DECISIONS = ("keep", "erase")
"""What the office may decide when a closed case's retention has ended: keep it, for a reason, until a day; or erase."""


@frozen
class Hold:
    """A legal hold: while it stands nothing of the record may be erased.

    It was placed ``on`` a local day ``by`` a person, ``because`` of a code such as ``court_case``; what more there is
    to say is sealed. ``released_on`` None means that it stands.
    """

    id: str
    because: str
    on: date
    by: str
    note: Sealed | None = field(default=None, repr=False)
    released_on: date | None = None
    released_by: str = ""
    released_because: str = ""

    @property
    def stands(self) -> bool:
        """Nobody has released it."""
        return self.released_on is None


@frozen
class PurposeConsent:
    """What somebody said of consent to a ``purpose``, a code such as ``photographs``."""

    purpose: str
    consent: Consent


@frozen
class RetentionDecision:
    """What was decided of a closed case whose retention had ended: one of `RETENTION_DECISIONS`.

    What is kept is kept ``until`` a local day, on which it is asked again.
    """

    decision: str
    because: str
    on: date
    by: str
    until: date | None = None
