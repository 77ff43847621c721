"""What a desk does about the school as a whole: gatherings, examinations, letters, the mechanism, the programme."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from casework import log
from casework.engine.lists import Explained, explain
from casework.engine.opening import with_facts
from casework.engine.port import SCHOOL
from casework.engine.reporting_desk import ReportingDesk
from casework.engine.run import look
from casework.engine.transaction import transaction
from casework.engine.view import handed
from casework.errors import NotFound
from casework.model import school_commands as sc
from casework.model.case import CLASS_MARK, Case
from casework.model.gathering import AT_ONCE, GATHERING_MARK, Gathering
from casework.model.ids import short_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from casework.engine.context import Context
    from casework.engine.outcome import CaseRef, Outcome
    from casework.engine.port import Change
    from casework.model.commands import Command
    from casework.model.examination import Examination


@frozen
class Gathered:
    """What entering or correcting a gathering did.

    ``gathering`` has the attendance of the children whom the principal may list or has named just now. ``waiting`` is
    of how many children the next sweep takes it up, chunk by chunk, whether they have a record or not; 0 where all did
    at once. ``repeated`` says that the idempotency key had been used, so that nothing was done again.
    """

    gathering: Gathering
    waiting: int = 0
    repeated: bool = False


class SchoolDesk(ReportingDesk):
    """The part of a `casework.engine.desk.Desk` that is about the school, its classes and its gatherings."""

    @abstractmethod
    def _do_all(self, commands: Sequence[tuple[str, Command]], key: str) -> tuple[Outcome, ...]: ...

    # -------------------------------------------------------------------------------------------------- gatherings

    def gather(
        self,
        kind: str,
        present: Iterable[str],
        absent: Iterable[str] = (),
        *,
        classes: Iterable[str] = (),
        on: date | None = None,
        by: str = "",
        note: str | None = None,
        key: str = "",
    ) -> Gathered:
        """Enter a collective event: it discharges the duty of every child present; that of an absent one stays open.

        Up to 25 children take it up at once; of a larger gathering the next sweep discharges chunk by chunk.
        ``classes`` defaults to those of the children. Raises `NotAllowed`; `NotFound` for a child that is not on the
        roll and has no case.
        """
        return self._hold(sc.Gather(kind, tuple(present), tuple(absent), tuple(classes), on, by, note), key)

    @transaction(writing=True)
    def _hold(self, command: sc.Gather, key: str) -> Gathered:
        self._may_gather()
        said = (*command.present, *command.absent)
        command = evolve(command, present=self._survivors(command.present), absent=self._survivors(command.absent))
        mine = self._named((*command.present, *command.absent))
        if not command.classes:
            command = evolve(command, classes=tuple({class_ for class_ in mine.values() if class_}))
        parts = (
            (self._principal.id, key) if key else (command.kind, command.on, self._casework.clock().isoformat(), *mine)
        )
        return self._gather(short_id("gathering", *parts), command, key, said)

    def _may_gather(self) -> None:
        """Raise `NotAllowed`, whatever child or gathering is named, unless the principal may enter gatherings."""
        self._allow("gather", Case(self._school, GATHERING_MARK))

    def correct_gathering(self, gathering: str, because: str, *, key: str = "", **reads: Any) -> Gathered:  # noqa: ANN401
        """The gathering reads differently (``on``, ``kind``, ``by``); what it discharged is judged again."""
        return self._regather(gathering, sc.CorrectGathering(because, **reads), key)

    def correct_attendance(
        self,
        gathering: str,
        because: str,
        *,
        present: Iterable[str] = (),
        absent: Iterable[str] = (),
        struck: Iterable[str] = (),
        key: str = "",
    ) -> Gathered:
        """Some children were there after all, were not, or stood on the list by mistake; the rest is as it was."""
        return self._regather(
            gathering, sc.CorrectAttendance(because, tuple(present), tuple(absent), tuple(struck)), key
        )

    def void_gathering(self, gathering: str, because: str, *, key: str = "") -> Gathered:
        """Declare that the gathering never took place; what it discharged is judged again, the original stays."""
        return self._regather(gathering, sc.VoidGathering(because), key)

    @transaction(writing=False)
    def gathering(self, gathering: str) -> Gathering:
        """The gathering as it reads now. Raises `NotFound`."""
        found = self._record(f"{GATHERING_MARK}{gathering}").gathering
        if found is None:
            raise NotFound("gathering", gathering)
        return self._seen([found])[0]

    @transaction(writing=False)
    def gatherings(self, first: date, last: date) -> list[Gathering]:
        """All gatherings of those local days, both inside, in the order of their days; voided ones too."""
        return self._seen(self._store.gatherings(self._school, first, last))

    def _seen(self, gatherings: Sequence[Gathering]) -> list[Gathering]:
        """The gatherings as the principal may read them. Raises `NotAllowed`."""
        if not self._rights().may_here("list_child"):
            self._allow_here("read_school")
        return self._with_listed(gatherings)

    def _with_listed(self, gatherings: Sequence[Gathering], said: Iterable[str] = ()) -> list[Gathering]:
        """Gatherings with the attendance of those children only whom the principal may list, or ``said``."""
        if self._rights().may_here("list_child"):
            return list(gatherings)
        named = sorted({child for gathering in gatherings for child in gathering.attendance})
        records = self._store.load(self._school, named)
        rows = self._store.roll(self._school, named)
        mine = set(said) | {
            child
            for child in named
            if self._rights().may(
                "list_child",
                self._view(records.get(child) or Case(self._school, child)),
                rows[child].class_ if child in rows else "",
            )
        }
        return [
            evolve(g, attendance={child: there for child, there in g.attendance.items() if child in mine})
            for g in gatherings
        ]

    @transaction(writing=True)
    def _regather(self, id_: str, command: Command, key: str) -> Gathered:
        self._may_gather()
        before = self._record(f"{GATHERING_MARK}{id_}").gathering
        if before is None:
            raise NotFound("gathering", id_)
        said: tuple[str, ...] = ()
        if isinstance(command, sc.CorrectAttendance):
            said = (*command.present, *command.absent, *command.struck)
            command = self._readdressed(command)
            self._named((*command.present, *command.absent))
        return self._gather(id_, command, key, said, before)

    def _survivors(self, children: Sequence[str]) -> tuple[str, ...]:
        """The children, those whose record was merged by the name of the record that took it up."""
        moved = set(self._store.moved(self._school)).intersection(children)
        return tuple(dict.fromkeys(self._record(child).child if child in moved else child for child in children))

    def _readdressed(self, command: sc.CorrectAttendance) -> sc.CorrectAttendance:
        """The correction, for a child whose record was merged since also of the record that took it up."""
        present, absent = (
            (*children, *(child for child in self._survivors(children) if child not in children))
            for children in (command.present, command.absent)
        )
        return evolve(command, present=present, absent=absent)

    def _gather(
        self, id_: str, command: Command, key: str, said: Sequence[str], before: Gathering | None = None
    ) -> Gathered:
        (outcome,) = self._do_all([(f"{GATHERING_MARK}{id_}", command)], key)
        found = outcome.case.gathering
        if found is None:
            raise NotFound("gathering", id_)
        if outcome.repeated:
            return Gathered(self._with_listed([found])[0], repeated=True)
        (seen,) = self._with_listed([found], said)
        moved = list(found.attendance)
        if isinstance(command, sc.CorrectAttendance) and before is not None:
            moved = [child for child, there in found.attendance.items() if before.attendance.get(child) != there]
        around = [SCHOOL, *(CLASS_MARK + class_ for class_ in found.classes)]
        if len(moved) > AT_ONCE:
            return Gathered(seen, waiting=len(moved))
        self._take_up([*around, *moved], self._context())
        return Gathered(seen)

    def _take_up(self, records: Sequence[str], context: Context) -> None:
        """Let these records take up at once what a gathering says; one that cannot be looked at waits for the sweep."""
        found = [case for case in self._store.load(self._school, records).values() if case.awaited]
        looking = with_facts(context, self._store, found)
        changes: list[Change] = []
        for case in found:
            try:
                change = look(case, looking)
            except Exception as error:
                if context.settings.raise_errors:
                    raise
                log.warning("attendance_left", school=self._school, child=case.child, error=type(error).__name__)
                continue
            if change is not None:
                changes.append(change)
        self._store.save(self._school, changes)

    def _named(self, children: Sequence[str]) -> dict[str, str]:
        """The class of each of these children, empty where it is unknown. Raises `NotFound` for one nobody knows."""
        roll = self._store.roll(self._school)
        here = self._store.having(self._school, children)
        hidden = set(self._store.implicated(self._school, self._principal.id))
        found = {}
        for child in dict.fromkeys(children):
            row = roll.get(child)
            reserved = child.startswith(CLASS_MARK) or not child
            known = not reserved and child in here and (child not in hidden or self._known(self._record(child)))
            if reserved or (row is None and not known):
                raise NotFound("child on the roll or with a case", child[:64])
            found[child] = (row.class_ if row is not None else "") or (here[child] if known else "")
        return found

    @transaction(writing=False)
    def check_named(self, children: Sequence[str]) -> None:
        """Raise for a child, of these, whom the principal may not examine, then for one nobody knows.

        `NotAllowed`, or `NotFound` for one that is neither on the roll nor known by a record.
        """
        self._may_examine(children)
        self._named(children)

    def _may_examine(self, children: Iterable[str]) -> None:
        """Raise unless the principal may examine the children; a child nobody knows is refused as any other is."""
        if self._rights().may_here("examine"):
            return
        for child in children:
            record = self._record(self._child(child))
            self._allow("examine", self._view(record))

    # -------------------------------------------------------------------------- examination, letters, the mechanism

    @transaction(writing=True)
    def examine(
        self,
        child: CaseRef,
        examination: Examination,
        *,
        on: date | None = None,
        by: str = "",
        note: str | None = None,
        key: str = "",
    ) -> Outcome:
        """Enter what an examination found (D29), of any pupil on the roll, with or without a case."""
        if isinstance(child, str):
            self.check_named([child])
        return self.do(child, sc.Examine(examination, on, by, note), key=key)

    def sign(
        self,
        party: str,
        version: str,
        *,
        of: CaseRef = "",
        people: Iterable[str] = (),
        on: date | None = None,
        key: str = "",
    ) -> Outcome:
        """A party signed a version of the letter of responsibility (D24).

        ``party`` is guardian (``of`` a child), class_teacher (``of`` a class), teachers (``people`` are all who signed)
        or school.
        """
        command = sc.Sign(party, version, tuple(people), on)
        if party == "class_teacher":
            return self._about_the_school(command, key, f"{CLASS_MARK}{of}")
        return self._about_the_school(command, key) if not of else self.do(of, command, key=key)

    def adopt_mechanism(self, version: str, *, on: date | None = None, key: str = "") -> Outcome:
        """The school adopted a version of its emergency mechanism (D23)."""
        return self._about_the_school(sc.AdoptMechanism(version, on), key)

    def test_tree(
        self, reached: Iterable[str], not_reached: Iterable[str] = (), *, on: date | None = None, key: str = ""
    ) -> Outcome:
        """The contact tree was tested (D23): who was reached, and whom nobody reached."""
        return self._about_the_school(sc.CallTree(tuple(reached), tuple(not_reached), on), key)

    # --------------------------------------------------------------------------------------------------- programme

    def review_programme(self, term: str = "", *, note: str | None = None, key: str = "") -> Outcome:
        """The term's programme was looked back on; the minute is sealed. Without a term it is the one that runs."""
        return self._about_the_school(sc.ReviewProgramme(term, note), key)

    def summarise_programme(self, term: str = "", *, note: str | None = None, key: str = "") -> Outcome:
        """The work summary of the term was adopted."""
        return self._about_the_school(sc.SummariseProgramme(term, note), key)

    def reopen_programme(self, because: str, term: str = "", *, key: str = "") -> Outcome:
        """A summarised programme is looked at again."""
        return self._about_the_school(sc.ReopenProgramme(because, term), key)

    @transaction(writing=False)
    def of_school(self, class_: str = "") -> Case:
        """The school's own record, or a class's: programmes, acts, obligations. Raises `NotFound` for no such class."""
        child = f"{CLASS_MARK}{class_}" if class_ else SCHOOL
        found = self._record(child)
        if class_ and not found.version:
            raise NotFound("class", class_[:64])
        self._allow("read_school", found)
        return handed(found).having(moves={})

    @transaction(writing=False)
    def explain_school(self, class_: str = "") -> Explained:
        """Why the school's own record, or a class's, stands where it stands: steps, obligations, what rules say."""
        record = self.of_school(class_)
        context = self._context(urgent=True, writing=False)
        return explain(record, with_facts(context, self._store, [record]))

    @transaction(writing=True)
    def _about_the_school(self, command: Command, key: str, record: str = SCHOOL) -> Outcome:
        if record and not self._record(record).version:
            raise NotFound("class", record[1:65])
        return self._do_all([(record, command)], key)[0]
