"""What happens in a term besides the staff's work: sweeps at midnight, who comes and goes, what is told, the script."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from attrs import evolve

from casework.errors import CommandRefused
from casework.model.calendar import DAY
from casework.model.commands import ConcernDraft
from casework.model.roll import RollRow
from casework.simulate.alarms import Alarms
from casework.simulate.children import Child
from casework.simulate.happenings import DeadPhone, Disclosure, Happening, Sick, SilentRung, instant
from casework.simulate.hidden import MINUTES
from casework.simulate.kernel import PEOPLE, SWEEP, WORLD
from casework.simulate.place import Place
from casework.simulate.work import Work
from casework.simulate.world import Told

MORNING, NOON, AFTERNOON = 8, 12, 15
"""Hours: children are identified and speak, facts are entered, lists are read and worked."""

FAREWELL = 7
"""Days after a parent's return at which somebody decides to close the case."""


class Life:
    """Everything that goes on in one simulated school, put onto the kernel of its `Place`."""

    def __init__(self, place: Place, rows: Sequence[RollRow], days: int, alarms: Alarms, work: Work) -> None:
        self.place = place
        self.days = days
        self._rows = rows
        self._alarms = alarms
        self._order = list(place.world.children)
        at = place.kernel.at
        at(0, WORLD, self._roll)
        for day in range(days + 1):
            at(place.minute_on(day), SWEEP, self._night)
            if day < days and place.mode != "zero" and place.calendar.is_teaching(place.start + DAY * day):
                at(place.minute_on(day, AFTERNOON), PEOPLE, work.afternoon)
        for child in place.world.children.values():
            self._on(child.enters, MORNING, partial(self._identify, child))
            if place.mode != "zero":
                self._on(child.returns, NOON, partial(self._parent_returns, child))
                self._on(child.carer_changes, NOON, partial(self._carer_changes, child))
                self._on(child.leaves, NOON, partial(self._close, child.id, "transferred"))
        for told in place.world.disclosures() if place.mode != "zero" else ():
            minute = max(int(told.day * MINUTES), place.minute_on(int(told.day), MORNING))
            at(minute, WORLD, partial(self._tells, told))
        for id_, crisis in place.world.crises():
            if crisis.noticed is not None:
                at(crisis.noticed, WORLD, partial(alarms.crisis, id_, crisis))
        term = place.calendar.term_on(place.start)
        if term is not None and place.mode != "zero":
            close = term.parts()["CLOSE"][0]
            self._on((max(close, place.start) - place.start).days, NOON, partial(self._programme, "review"))
            self._on((term.last - place.start).days, AFTERNOON, partial(self._programme, "summarise"))

    def _on(self, day: int | None, hour: int, action: Callable[[], None]) -> None:
        if day is not None and day < self.days:
            self.place.kernel.at(self.place.minute_on(day, hour), WORLD, action)

    # -------------------------------------------------------------------------------------------------- the script

    def script(self, script: Iterable[tuple[str, Happening]]) -> None:
        """Put scripted happenings onto the kernel. Raises `CommandRefused` for one outside the term or about nobody."""
        place = self.place
        for when, happening in script:
            at = instant(when, place.calendar.zone)
            minute = place.minute_of(at)
            if not 0 <= minute < place.minute_on(self.days):
                raise CommandRefused(f"script time {when[:32]!r} is outside the simulated term")
            if isinstance(happening, Sick):
                # Who is away is known for whole days: the host's directory may not change within one.
                place.staff.fall_ill(self.person(happening.person), place.calendar.local_date(at), happening.days)
            else:
                place.kernel.at(minute, WORLD, self._scripted(happening))

    def _scripted(self, happening: Happening) -> Callable[[], None]:
        if isinstance(happening, Disclosure):
            return partial(self._discloses, self.child(happening.child), happening)
        if isinstance(happening, DeadPhone):
            return partial(self.place.world.dead.add, (self.child(happening.child), happening.contact))
        if isinstance(happening, SilentRung):
            return partial(self._alarms.silence, happening.role, happening.days)
        raise CommandRefused(f"{type(happening).__name__} is no happening; see casework.simulate.happenings")

    def child(self, child: int | str) -> str:
        """The id of a child, given as id or as number on the list of children."""
        return _named(child, self._order, self._order, "child")

    def person(self, person: int | str) -> str:
        """The id of a member of staff, given as id or as number of a helper."""
        return _named(person, self.place.staff.helpers, self.place.staff.everybody, "member of staff")

    # --------------------------------------------------------------------------------------------------- the world

    def _night(self) -> None:
        self.place.sweep()
        self._alarms.follow()

    def _programme(self, step: str) -> None:
        desk = self.place.desk(self.place.staff.vice)
        if step == "review":
            desk.review_programme()
        else:
            desk.summarise_programme()

    def _roll(self) -> None:
        """The roll as the term begins; who is seen later comes onto it on that day."""
        later = {child.id for child in self.place.world.children.values() if child.enters > 0}
        rows = [row for row in self._rows if row.pupil not in later]
        self.place.desk(self.place.staff.office).update_roll(rows, self.place.staff.rows())

    def _identify(self, child: Child) -> None:
        desk, row = self.place.desk(self.place.staff.office), child.row
        if child.enters > 0:
            desk.update_roll([row], ())
        if not self.place.open(child.id):
            desk.identify(child.id, away=child.away, class_=row.class_, household=row.household, boarder=row.boarder)

    def _close(self, child: str, because: str) -> None:
        """A person closes; while an emergency is live it is tried again the next day."""
        place = self.place
        if not place.open(child):
            return
        desk = place.desk(place.staff.vice)
        if not any(step.name == "close" and step.allowed for step in desk.next_steps(child)):
            place.kernel.at(place.kernel.minute + MINUTES, WORLD, partial(self._close, child, because))
            return
        desk.close(child, because)
        if because == "transferred":
            place.desk(place.staff.office).update_roll([evolve(place.world.children[child].row, on_roll=False)], ())

    def _parent_returns(self, child: Child) -> None:
        place = self.place
        if place.open(child.id):
            away = "none" if child.away == "one" else "one"
            place.desk(place.staff.office).update_roll([evolve(child.row, left_behind=away)], ())
            if away == "none":
                later = place.kernel.minute + FAREWELL * MINUTES
                place.kernel.at(later, WORLD, partial(self._close, child.id, "parents_returned"))

    def _carer_changes(self, child: Child) -> None:
        if self.place.open(child.id):
            self.place.carers[child.id] += 1
            self.place.desk(self.place.teacher(child)).record_card(child.id, self.place.card(child))

    def _tells(self, told: Told) -> None:
        place = self.place
        if place.open(told.child) and place.world.tell(told):
            teacher = place.teacher(place.world.children[told.child])
            place.desk(teacher).note_concern(told.child, ConcernDraft("told_of_distress"))

    def _discloses(self, child: str, happening: Disclosure) -> None:
        by = happening.to or self.place.lead(child)
        self._alarms.report(child, happening.kind, by, happening.implicated)


def _named(named: int | str, numbered: Sequence[str], known: Sequence[str], what: str) -> str:
    id_ = numbered[named - 1] if isinstance(named, int) and 0 < named <= len(numbered) else str(named)
    if id_ not in known:
        raise CommandRefused(f"no {what} {id_[:64]}; give 1 to {len(numbered)}, or an id such as {known[0]}")
    return id_
