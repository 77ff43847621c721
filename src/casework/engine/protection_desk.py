"""The desk's named calls about what protects a record: holds, consent to a purpose, what becomes of a closed case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.engine.access_desk import AccessDesk
from casework.model import protection_commands as pc
from casework.model import referral_commands as rc

if TYPE_CHECKING:
    from datetime import date

    from casework.engine.outcome import CaseRef, Outcome


class ProtectionDesk(AccessDesk):
    """Named calls over ``do``; ``key`` is an idempotency key."""

    def hold(self, case: CaseRef, because: str, *, note: str | None = None, key: str = "") -> Outcome:
        """Place a legal hold on the record: nothing of it may be erased while it stands. The note is sealed."""
        return self.do(case, pc.PlaceHold(because, note), key=key)

    def release_hold(self, case: CaseRef, hold: str, because: str, *, key: str = "") -> Outcome:
        """Release a hold that somebody else placed, with the reason."""
        return self.do(case, pc.ReleaseHold(hold, because), key=key)

    def consent_to(  # noqa: PLR0913 - what may be said of consent; all but three have defaults
        self,
        case: CaseRef,
        purpose: str,
        answer: str,
        *,
        by: str = "",
        capacity: str = "",
        how: str = "",
        because: str = "",
        on: date | None = None,
        key: str = "",
    ) -> Outcome:
        """Enter what was said of consent to a purpose such as photographs; as `consent` does of a referral.

        Nothing of casework's own waits for it: whoever wants to do something for that purpose asks
        ``case.consent(purpose)``.
        """
        return self.do(case, rc.RecordConsent("", answer, by, capacity, how, because, on, purpose), key=key)

    def decide_retention(
        self, case: CaseRef, decision: str, because: str, *, until: date | None = None, key: str = ""
    ) -> Outcome:
        """Decide of a closed case whose retention has ended: ``keep`` it ``until`` a day, or ``erase`` it."""
        return self.do(case, pc.DecideRetention(decision, because, until), key=key)
