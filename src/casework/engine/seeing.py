"""What a desk's principal may see and do: their world where they are implicated, their rights, and what is left out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from casework import log
from casework.engine.actions import action_of
from casework.engine.checks import MAX_ID
from casework.engine.directory import Guarded
from casework.engine.opening import open_school, with_facts
from casework.engine.outcome import Outcome
from casework.engine.own import is_own, placed_by, reading_of
from casework.engine.port import SCHOOL
from casework.engine.rights import Rights
from casework.engine.shown import Shown, as_said, hidden_since, own_words
from casework.engine.transaction import T
from casework.engine.view import handed, seen_by, visible_entries
from casework.engine.worlds import World, applied_at, world_of
from casework.errors import CommandRefused, NotAllowed, NotFound, WrongType
from casework.model import events as ev
from casework.model.case import CLASS_MARK, Case
from casework.model.commands import Command, Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from casework.engine.casework import Casework
    from casework.engine.context import Context
    from casework.engine.outcome import CaseRef
    from casework.engine.port import Store
    from casework.model.people import Principal

PAGE = 500
"""So many records are loaded at once for a list."""

Asked = tuple[str, Command]
"""A command of a request, with the child it is about."""


class Seeing:
    """The part of a desk that answers what its principal may do, and what is there for them."""

    _casework: Casework
    _store: Store
    _school: str
    _principal: Principal
    _worlds: dict[str, tuple[tuple[object, ...], World]]
    _right: Rights | None = None

    def _context(self, *, urgent: bool = False, writing: bool = True) -> Context:
        at = self._casework.clock()
        return open_school(
            self._casework, self._store, self._school, at, self._principal.id, urgent=urgent, writing=writing
        )

    def _whole(self, call: Callable[[], T], *, writing: bool) -> T:
        """What the call returns, in one transaction."""

        def anew() -> T:
            # What was found within a transaction that failed is not kept.
            if writing:
                self._worlds.clear()
            return call()

        return self._store.transact(anew, writing=writing)

    def _child(self, case: CaseRef) -> str:
        if isinstance(case, UUID):
            found = self._store.child_of(self._school, case)
            record = None if found is None else self._record(found)
            # A UUID can be worked out from a child's id, so it says nothing to who may not know of the case.
            if record is None or not self._known(record) or not self._rights().may("list_child", self._view(record)):
                raise NotFound("case", case)
            return str(found)
        if not isinstance(case, str):
            msg = f"a case is named by its UUID or the child's id, not by {type(case).__name__}; give outcome.case.id"
            raise WrongType(msg)
        if not case.strip() or len(case) > MAX_ID or case.startswith(CLASS_MARK):
            raise NotFound("child", case[:64])
        return case

    # ------------------------------------------------------------------------------------------------------ rights

    def _rights(self) -> Rights:
        """The principal's rights at this instant."""
        at, school = self._casework.clock(), self._casework.school(self._school)
        held = self._right
        if held is None or held.at != at or held.access is not school.access or held.policy is not school.policy:
            directory = Guarded(school.directory, self._casework.raises)
            held = self._right = Rights(
                self._principal, school.access, school.policy, directory, self._school, at, self._class_by_roll
            )
        return held

    def _allow(self, action: str, view: Case, *, class_: str = "", referral: str = "") -> None:
        """Raise unless the matrix allows it: `NotFound` where they may not know of the child, else `NotAllowed`."""
        rights = self._rights()
        if rights.may(action, view, class_, referral=referral):
            return
        if view.subject != "child" or rights.may("list_child", view, class_):
            raise NotAllowed(action, rights.access.roles_for(action))
        raise NotFound("case", view.child)

    def _allow_here(self, action: str, reason: str = "work") -> None:
        """Raise `NotAllowed` unless the matrix allows it about the school as a whole."""
        rights = self._rights()
        if not rights.may_here(action, reason):
            raise NotAllowed(action, rights.access.roles_for(action))

    def _class_by_roll(self, child: str) -> str:
        row = self._store.roll(self._school, [child]).get(child)
        return "" if row is None else row.class_

    def _check(self, command: Command, record: Case, request: Sequence[Asked] = ()) -> None:
        """Raise unless the principal may give this command about this record, alone or in one with its siblings'."""
        action = action_of(command)
        if not action:
            return
        view, me = self._view(record), self._principal.id
        if action == "correct" and is_own(view, command, me):
            action = "correct_own"
        try:
            class_ = getattr(command, "class_", "") or ""
            self._allow(action, view, class_=class_, referral=getattr(command, "referral", ""))
        except (NotFound, NotAllowed):
            others = [child for child, other in request if child != record.child and type(other) is type(command)]
            if not any(self._visits(action, record, self._record(child)) for child in others):
                raise
        if (reading := reading_of(view, command)) and action != "correct_own":
            self._allow(reading, view)
        if isinstance(command, Pair) and me in {command.lead, *command.members}:
            self._paired_by_another(view)

    def _visits(self, action: str, record: Case, sibling: Case) -> bool:
        """Whether the action falls to them with that of a child of the same household, as others say it is."""
        if not self._rights().may_with(action, self._view(record), self._view(sibling)):
            return False
        placed = [placed_by(self._store.entries(self._school, found.child)) for found in (record, sibling)]
        return self._principal.id not in placed

    def _paired_by_another(self, view: Case) -> None:
        """Raise where somebody lets themselves into a child's record, though somebody else could."""
        rights = self._rights()
        if rights.paired_by_another() and not rights.may("pair_self", view):
            msg = "nobody pairs themselves with a child; let somebody else who may pair do it"
            raise CommandRefused(msg)

    def _readable(self, action: str, child: str) -> Case:
        """The whole record, if the principal may read it. Raises `NotFound`, also for a child without one."""
        record = self._record(child)
        if not record.version or not self._known(record):
            raise NotFound("case", child)
        self._allow(action, self._view(record))
        return record

    def _may_see_list_of(self, person: str) -> None:
        """Raise `NotAllowed` for the list of somebody else, unless the matrix allows it."""
        if person not in {"", self._principal.id}:
            self._allow_here("read_lists")

    def _listed(self, *, open_only: bool) -> list[str]:
        """Children with a record who may be in the principal's lists, by id; each of them is to be asked for."""
        reach = self._rights().reach()
        if reach is not None:
            return self._store.within(self._school, reach)
        found: list[str] = []
        while page := self._store.children(
            self._school, after=found[-1] if found else "", limit=PAGE, open_only=open_only
        ):
            found += page
        return [child for child in found if not child.startswith(CLASS_MARK)]

    # ------------------------------------------------------------------------------------------------------- views

    def _view(self, record: Case) -> Case:
        """The record as it stands in the principal's world: what is decided on."""
        return self._world(record).case if record.implicates(self._principal.id) else record

    def _entries(self, record: Case) -> Sequence[ev.Entry]:
        """The record's history in the principal's world."""
        if record.implicates(self._principal.id):
            return self._world(record).entries
        return self._store.entries(self._school, record.child)

    def _shown(self, record: Case, view: Case) -> Shown:
        """What of the view is handed out; ``record`` is the whole one."""
        return Shown(view, self._rights(), self._since(record))

    def _since(self, record: Case) -> datetime | None:
        """From when on the record implicates the principal."""
        return hidden_since(record, self._principal.id) if record.implicates(self._principal.id) else None

    def _hand(self, record: Case) -> Case:
        """The record as it is handed out: in their world, without what they may not read of it."""
        view = self._view(record)
        return handed(self._shown(record, view).case(view))

    def _told(
        self,
        view: Case,
        events: tuple[ev.Caused, ...],
        failed: tuple[str, ...],
        record: Case,
        command: Command,
        *,
        repeated: bool = False,
        preview: bool = False,
    ) -> Outcome:
        """What came of a command, as the principal may know it.

        Who may report and not read is told what they said, and nothing else. What a command would let them read, a
        ``preview`` of it does not: nobody would hear of it.
        """
        asked = f"command:{type(command).__name__}"
        before, rights = self._view(record), self._rights()
        asking = before if preview or rights.may("read_case", before) else view
        if view.subject == "child" and not rights.may("read_case", asking):
            own = (event for cause, event in events if cause == asked and isinstance(event, ev.ASKED))
            said = tuple((asked, as_said(event, command)) for event in own)
            return Outcome(own_words(view, said), said, repeated=repeated)
        raised = frozenset(event.id for _, event in events if isinstance(event, ev.EmergencyRaised))
        shown = Shown(asking, rights, self._since(record), raised)
        return Outcome(handed(shown.case(view)), shown.events(events, asked), failed, repeated)

    def _known(self, record: Case) -> bool:
        """Whether there is a record at all in the principal's world."""
        return not record.implicates(self._principal.id) or bool(self._world(record).entries)

    def _record(self, child: str) -> Case:
        """The record, or that of the child into whose it was merged."""
        found = self._store.load(self._school, [child]).get(child) or Case(self._school, child)
        return self._record(found.merged_into) if found.merged_into else found

    def _world(self, record: Case) -> World:
        """The record and its history as somebody implicated may know them; kept as long as nothing changes."""
        context = self._context(urgent=True, writing=False)
        asked = (record, record.wake_at, context.at, context.emergencies_only)
        kept = self._worlds.get(record.child)
        if kept is None or kept[0] != asked:
            looking = with_facts(context, self._store, [record])
            applied = applied_at(self._store.entries(self._school, SCHOOL))
            entries = self._store.entries(self._school, record.child)
            kept = self._worlds[record.child] = asked, self._lived(record, entries, looking, applied)
        return kept[1]

    def _lived(self, record: Case, entries: Sequence[ev.Entry], context: Context, applied: datetime) -> World:
        """The world found anew; where that fails the stored one without what is hidden, since no report may be lost."""
        try:
            return world_of(record, entries, context, applied, self._casework.worlds)
        except Exception as error:
            if context.settings.raise_errors:
                raise
            log.warning("world_failed", school=self._school, child=record.child, error=type(error).__name__)
            person = self._principal.id
            return World(seen_by(record, person), tuple(visible_entries(record, entries, person)))


@contextmanager
def named_as(case: CaseRef, child: str) -> Iterator[None]:
    """Where a case is named by its public id, "not found" names it so too: the child's id is nobody's to learn."""
    try:
        yield
    except NotFound as error:
        if isinstance(case, UUID) and error.key == child:
            raise NotFound(error.what, case) from None
        raise
