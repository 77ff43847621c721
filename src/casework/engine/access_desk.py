"""What a desk does about access itself: broken glass, and who read what about whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from casework.engine.erasing import ErasureLine, erasure_lines
from casework.engine.finding import lookup_of
from casework.engine.requests import Requests
from casework.engine.seeing import Seeing
from casework.engine.texts import texts_of
from casework.engine.transaction import transaction
from casework.model.glass import BreakGlass, ReviewGlass

if TYPE_CHECKING:
    from datetime import datetime

    from casework.engine.outcome import CaseRef, Outcome
    from casework.engine.port import Reading
    from casework.model.case import Case
    from casework.model.glass import Glass


@frozen
class Audited:
    """One reading, as the audit tells it: who read what about which child, why and when."""

    child: str
    reading: Reading


class AccessDesk(Seeing, Requests):
    """The part of a `casework.engine.desk.Desk` that is about access."""

    def break_glass(self, case: CaseRef, because: str, *, key: str = "") -> Outcome:
        """Read one case that is not yours for an hour; ``because`` is a code, such as ``lead_unreachable``.

        The safeguarding lead is told at once, and somebody else has to judge it; see `review_glass`. It opens what the
        access matrix allows for the reason ``break_glass``: texts of psychology stay closed.
        """
        return self.do(case, BreakGlass(because), key=key)

    def review_glass(self, case: CaseRef, glass: str, verdict: str, *, key: str = "") -> Outcome:
        """Judge whether the glass was rightly broken: ``justified`` or ``not_justified``; never by who broke it."""
        return self.do(case, ReviewGlass(glass, verdict), key=key)

    @transaction(writing=False)
    def glasses(self) -> list[tuple[str, Glass]]:
        """Child and broken glass that nobody has judged yet, oldest first. Raises `NotAllowed`."""
        self._allow_here("review_break_glass")
        records = self._store.load(self._school, self._store.broken(self._school))
        found = [
            (record.child, glass)
            for record in records.values()
            for glass in self._view(record).glasses.values()
            if not glass.reviewed_by and glass.person != self._principal.id
        ]
        return sorted(found, key=lambda pair: (pair[1].at, pair[0], pair[1].id))

    @transaction(writing=False)
    def audit(
        self, case: CaseRef = "", *, reader: str = "", since: datetime | None = None, reason: str
    ) -> list[Audited]:
        """Who read what: about a child (for a guardian who asks), or by a reader since an instant (after a breach).

        ``reason`` is ``request`` or ``breach``. What implicates whoever asks is left out, and so is what others have
        read since. Raises `NotAllowed`, `NotFound`.
        """
        self._allow_here("read_audit", reason)
        children = [self._child(case)] if case else self._store.read_of(self._school, reader)
        found, me = [], self._principal.id
        for record in self._store.load(self._school, children).values():
            told = {text.ref for text in texts_of(self._entries(record))}
            late = self._since(record)
            found += [
                Audited(record.child, reading)
                for reading in self._store.reads(self._school, record.child)
                if (not reader or reading.reader == reader)
                and (since is None or reading.at >= since)
                and (late is None or (reading.ref in told and (reading.at < late or reading.reader == me)))
            ]
        return sorted(found, key=lambda one: (one.reading.at, one.child, one.reading.ref))

    @transaction(writing=False)
    def find(self, *, phone: str = "", identity: str = "") -> list[str]:
        """The ids of children found by an exact phone of the contact card, or by an identity number.

        Only children whom the principal may list. Raises `NotAllowed`.
        """
        self._allow_here("find_child")
        what, text = lookup_of(phone, identity)
        found = self._store.found_by(self._school, what, text)
        records = self._store.load(self._school, sorted({child for child, _ in found}))
        return sorted({child for child, ref in found if child in records and self._finds(records[child], ref)})

    def _finds(self, record: Case, ref: str) -> bool:
        """Whether the text by which a child was found is there in the principal's world."""
        if not self._rights().may("list_child", self._view(record)):
            return False
        late = self._since(record)
        return late is None or any(text.ref == ref and text.at <= late for text in texts_of(self._entries(record)))

    @transaction(writing=False)
    def erasure_requests(self) -> list[ErasureLine]:
        """Requests of erasure that wait for somebody to carry them out or decline, the oldest first.

        Of a record that implicates the principal it says that it has to be kept. Raises `NotAllowed`.
        """
        self._allow_here("request_erasure")
        context = self._context(urgent=True, writing=False)
        records = self._store.load(self._school, self._store.erasing(self._school))
        return erasure_lines(((record, self._view(record)) for record in records.values()), context)
