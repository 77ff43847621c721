"""The desk's named calls about erasure and identity numbers. Each hands on to ``do``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from casework.model import erasure_commands as xc
from casework.model.identity import RecordIdentity

if TYPE_CHECKING:
    from casework.engine.outcome import CaseRef, Outcome
    from casework.model import commands as c


class ErasureRequests(ABC):
    """Named calls over ``do``; ``because`` is a code, ``key`` an idempotency key."""

    @abstractmethod
    def do(self, case: CaseRef, command: c.Command, *, key: str = "") -> Outcome:
        """Carry out a command."""

    def record_identity(self, case: CaseRef, number: str | None, *, key: str = "") -> Outcome:
        """Enter the child's identity number, which is sealed; None takes away the one that was entered before."""
        return self.do(case, RecordIdentity(number), key=key)

    def request_erasure(self, case: CaseRef, because: str, *, key: str = "") -> Outcome:
        """Ask that a child's texts be destroyed. Somebody else carries it out, or declines."""
        return self.do(case, xc.RequestErasure(because), key=key)

    def decline_erasure(self, case: CaseRef, because: str, *, key: str = "") -> Outcome:
        """The texts stay; or the request is taken back."""
        return self.do(case, xc.DeclineErasure(because), key=key)

    def erase(self, case: CaseRef, because: str, *, key: str = "") -> Outcome:
        """Destroy a child's texts and the key to them, for good, as somebody else has asked.

        Refused (`CommandRefused`) to who asked, and while the record has to be kept: see
        `casework.engine.retention.may_be_erased`. The entry about it stays, and so do coded facts. With an engine and a
        ring that is a file, the ring remembers it, so that a restored backup does not bring the texts back; elsewhere
        the host keeps the event's ``receipt`` (docs/keys.md).
        """
        return self.do(case, xc.Erase(because), key=key)
