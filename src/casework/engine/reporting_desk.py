"""The desk's calls that go over all records of a school: counts, and exports with pseudonyms or with names."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from casework.engine.counting import Counts, counts_of
from casework.engine.exporting import Export, Naming, as_they_are, export_of, under_pseudonyms
from casework.engine.port import SCHOOL
from casework.engine.protection_desk import ProtectionDesk
from casework.engine.transaction import transaction
from casework.errors import CommandRefused
from casework.model import protection_commands as pc
from casework.model.gathering import GATHERING_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from casework.engine.outcome import Outcome
    from casework.model.case import Case
    from casework.model.commands import Command


PAGE = 200


class ReportingDesk(ProtectionDesk):
    """The part of a `casework.engine.desk.Desk` that reads all records of its school, as the principal may see them."""

    @abstractmethod
    def _do_all(self, commands: Sequence[tuple[str, Command]], key: str) -> tuple[Outcome, ...]: ...

    @transaction(writing=False)
    def counts(self, first: date, last: date) -> Counts:
        """Counts of this school for those local days, both inside, with small ones as they are.

        What leaves the school is suppressed: see `casework.interchange.statistics`. Raises `NotAllowed`.
        """
        self._allow_here("read_account")
        return counts_of(self._school, self._records(), first, last, self._casework.school(self._school).calendar)

    @transaction(writing=False)
    def export(self, first: date, last: date, *, key: bytes) -> Export:
        """The tables of those local days, both inside, under pseudonyms made with ``key``, days by their month.

        Raises `WrongValue` for a key that is too short; `casework.interchange.export.fresh_key` makes one.
        """
        self._allow_here("export_pseudonymous")
        return self._exported(first, last, under_pseudonyms(self._school, key))

    @transaction(writing=True)
    def export_named(self, first: date, last: date, *, reason: str) -> Export:
        """The same with ids and days as they are. ``reason`` is a code, and stands in the school's history with it."""
        self._allow_here("export_named")
        found = self._exported(first, last, as_they_are())
        self._do_all([(SCHOOL, pc.ExportNamed(reason, first, last, found.rows))], "")
        return found

    def _exported(self, first: date, last: date, naming: Naming) -> Export:
        if last < first:
            raise CommandRefused(f"the period ends on {last}, before it begins on {first}; give its first day first")
        return export_of(self._records(), first, last, naming, self._casework.school(self._school).calendar)

    def _records(self) -> Iterator[Case]:
        """Every record but those of gatherings, page by page, without what the principal may not read of it."""
        yield from (self._hand(record) for record in self._store.load(self._school, [SCHOOL]).values())
        after = SCHOOL
        while page := self._store.children(self._school, after=after, limit=PAGE, open_only=False):
            wanted = [child for child in page if not child.startswith(GATHERING_MARK)]
            for record in self._store.load(self._school, wanted).values():
                if self._known(record):
                    yield self._hand(record)
            after = page[-1]
