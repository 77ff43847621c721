"""The desk's named calls about referrals and screenings. Each hands on to ``do``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from casework.engine.actions import permitted
from casework.engine.referral_lists import referral_steps
from casework.model import referral_commands as rc

if TYPE_CHECKING:
    from datetime import date

    from casework.engine.outcome import CaseRef, Outcome
    from casework.engine.rights import Rights
    from casework.model import commands as c
    from casework.model.case import Case
    from casework.workflows import NextStep


class ReferralRequests(ABC):
    """Named calls over ``do``; all dates default to today at the school, ``key`` is an idempotency key."""

    @abstractmethod
    def do(self, case: CaseRef, command: c.Command, *, key: str = "") -> Outcome:
        """Carry out a command."""

    @abstractmethod
    def case(self, case: CaseRef) -> Case:
        """The case as the principal may see it."""

    @abstractmethod
    def _rights(self) -> Rights: ...

    def referral_steps(self, case: CaseRef) -> Mapping[str, tuple[NextStep, ...]]:
        """By referral, each step of its workflow, allowed or why not."""
        found = self.case(case)
        steps = referral_steps(found)
        return {id_: permitted(said, self._rights(), found, id_) for id_, said in steps.items()}

    def refer(
        self,
        case: CaseRef,
        to: str,
        because: str,
        *,
        urgent: bool = False,
        about: Iterable[str] = (),
        implicated: Iterable[str] = (),
        note: str | None = None,
        key: str = "",
    ) -> Outcome:
        """Ask a specialist to look in (D26); ``outcome.referral`` is its id. An urgent one waits for nothing."""
        return self.do(case, rc.RequestReferral(to, because, urgent, about, implicated, note), key=key)

    def accept(self, case: CaseRef, referral: str, *, by: str = "", key: str = "") -> Outcome:
        """Take the child on; ``by`` is who does, if that is not the principal."""
        return self.do(case, rc.AcceptReferral(referral, by), key=key)

    def decline(self, case: CaseRef, referral: str, because: str, *, key: str = "") -> Outcome:
        """Say no, with the reason."""
        return self.do(case, rc.DeclineReferral(referral, because), key=key)

    def consent(  # noqa: PLR0913 - what may be said of consent; all but three have defaults
        self,
        case: CaseRef,
        referral: str,
        answer: str,
        *,
        by: str = "",
        capacity: str = "",
        how: str = "",
        because: str = "",
        on: date | None = None,
        key: str = "",
    ) -> Outcome:
        """Enter what was said of consent: given, refused or withdrawn by the guardian, or not_required, because."""
        return self.do(case, rc.RecordConsent(referral, answer, by, capacity, how, because, on), key=key)

    def session(
        self,
        case: CaseRef,
        referral: str,
        *,
        by: str = "",
        on: date | None = None,
        next_on: date | None = None,
        note: str | None = None,
        key: str = "",
    ) -> Outcome:
        """Enter a session; the first one begins the work. The note is sealed, for the specialist alone."""
        return self.do(case, rc.HoldSession(referral, by, on, next_on, note), key=key)

    def plan(self, case: CaseRef, referral: str, review_on: date, *, note: str | None = None, key: str = "") -> Outcome:
        """Make a plan (D27), or go through it and make it anew, until the day of its review."""
        return self.do(case, rc.PlanCare(referral, review_on, note), key=key)

    def complete(self, case: CaseRef, referral: str, outcome: str, *, key: str = "") -> Outcome:
        """The work is done, with its outcome."""
        return self.do(case, rc.CompleteReferral(referral, outcome), key=key)

    def revoke(self, case: CaseRef, referral: str, because: str, *, key: str = "") -> Outcome:
        """Take the referral back, with the reason."""
        return self.do(case, rc.RevokeReferral(referral, because), key=key)

    def screen(
        self,
        case: CaseRef,
        instrument: str,
        score: int,
        *,
        self_harm: int | None = None,
        by: str = "",
        on: date | None = None,
        key: str = "",
    ) -> Outcome:
        """Enter a pupil's answers to a named instrument; a positive answer on self-harm is an emergency at once."""
        return self.do(case, rc.Screen(instrument, score, self_harm, by, on), key=key)
