"""What happens in a term, day by day: the sweep at midnight, the world's doings, the staff in the afternoon."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import evolve

from casework.engine.desk import Desk
from casework.errors import CommandRefused
from casework.model.calendar import DAY
from casework.model.commands import ConcernDraft, Record
from casework.model.people import Contact as Card
from casework.model.people import ContactCard
from casework.model.roll import RollRow
from casework.policy.values import Policy
from casework.simulate.alarms import Alarms
from casework.simulate.children import Child
from casework.simulate.happenings import DeadPhone, Disclosure, Happening, Sick, SilentRung, instant
from casework.simulate.hidden import MINUTES, Crisis
from casework.simulate.kernel import PEOPLE, SWEEP, WORLD
from casework.simulate.place import Place
from casework.simulate.school import OFFICE, VICE
from casework.simulate.staff import Job, Planner, how
from casework.simulate.world import AT_HOME, Contact

AFTERNOON = 15
"""The hour at which lists are read and work begins."""

DETAILS: Mapping[str, Mapping[str, bool]] = {
    "visit": {"home_safety": True, "child_situation": True, "carer_view": True, "follow_ups": False},
    "carer_talk": {"life": True, "body": True, "mind": True},
    "census": {"study": True, "life": True, "psychology": True, "safety": True, "health": True},
}
"""Coded facts of a full record, by kind."""


class Life:
    """Everything that goes on in one simulated school, put onto the kernel of its `Place`."""

    def __init__(self, place: Place, rows: Sequence[RollRow], policy: Policy, days: int) -> None:
        self.place = place
        self.alarms = Alarms(place)
        self.days = days
        self._order = list(place.world.children)
        self._rows = rows
        self._cards: dict[str, int] = {}
        self._known_numbers: set[tuple[str, str]] = set()
        minutes = {p: place.rates["helper_hours"] * 60 for p in place.staff.helpers}
        self.capacity = {p: int(minutes.get(p, place.rates["seat_hours"] * 60)) for p in place.staff.everybody}
        self.planner = Planner(
            how(policy),
            place.chance,
            place.rates,
            diligent=place.mode == "diligent",
            village={child.id: child.village for child in place.world.children.values()},
            capacity=self.capacity.__getitem__,
        )
        self._schedule()

    # --------------------------------------------------------------------------------------------------- the plan

    def _schedule(self) -> None:
        place, world = self.place, self.place.world
        at = place.kernel.at
        at(0, WORLD, self._roll)
        for day in range(self.days + 1):
            at(place.minute_on(day), SWEEP, self._night)
            if day < self.days and place.mode != "zero" and place.calendar.is_teaching(place.start + DAY * day):
                at(place.minute_on(day, AFTERNOON), PEOPLE, self._afternoon)
        for child in world.children.values():
            self._on(child.enters, 8, lambda child=child: self._identify(child))
            if place.mode != "zero":
                for day, does in (
                    (child.returns, self._parent_returns),
                    (child.carer_changes, self._carer_changes),
                    (child.leaves, self._leaves),
                ):
                    if day is not None and day > child.enters:
                        self._on(day, 9, lambda child=child, does=does: does(child))
        if place.mode != "zero":
            for id_, when, episode in world.disclosures():
                at(max(int(when * MINUTES), place.minute_on(int(when), 8)), WORLD, self._tells(id_, when, episode))
        for id_, crisis in world.crises():
            at(crisis.noticed or 0, WORLD, self._noticed(id_, crisis))

    def _on(self, day: int, hour: int, action: Callable[[], None]) -> None:
        if day < self.days:
            self.place.kernel.at(self.place.minute_on(day, hour), WORLD, action)

    def script(self, script: Iterable[tuple[str, Happening]]) -> None:
        """Put scripted happenings onto the kernel. Raises `CommandRefused` for one outside the term."""
        place = self.place
        for when, happening in script:
            minute = place.minute_of(instant(when, place.calendar.zone))
            if not 0 <= minute < place.minute_on(self.days):
                raise CommandRefused(f"script time {when[:32]!r} is outside the simulated term")
            place.kernel.at(minute, WORLD, self._scripted(happening))

    def _scripted(self, happening: Happening) -> Callable[[], None]:
        place = self.place
        if isinstance(happening, Disclosure):
            child = self.child(happening.child)
            return lambda: self._discloses(child, happening)
        if isinstance(happening, DeadPhone):
            child = self.child(happening.child)
            return lambda: place.world.dead.add((child, happening.contact))
        if isinstance(happening, Sick):
            person = self._helper(happening.person)
            return lambda: place.staff.fall_ill(person, place.today, happening.days)
        if isinstance(happening, SilentRung):
            until = happening.days * MINUTES
            return lambda: self.alarms.silent.update({happening.role: place.kernel.minute + until})
        raise CommandRefused(f"{type(happening).__name__} is no happening; see casework.simulate.happenings")

    def child(self, child: int | str) -> str:
        """The id of a child, or of the so-manieth on the list."""
        id_ = self._order[child - 1] if isinstance(child, int) and 0 < child <= len(self._order) else str(child)
        if id_ not in self.place.world.children:
            raise CommandRefused(f"no child {id_[:64]}; give 1 to {len(self._order)}, or an id of the roll")
        return id_

    def _helper(self, person: int | str) -> str:
        people = self.place.staff.helpers
        id_ = people[person - 1] if isinstance(person, int) and 0 < person <= len(people) else str(person)
        if id_ not in self.place.staff.everybody:
            raise CommandRefused(f"no member of staff {id_[:64]}; give 1 to {len(people)}, or an id of the staff")
        return id_

    # --------------------------------------------------------------------------------------------------- the world

    def _roll(self) -> None:
        """The roll as the term begins; who joins later comes onto it on that day."""
        later = {child.id for child in self.place.world.children.values() if child.enters > 0}
        rows = [row for row in self._rows if row.pupil not in later]
        self.place.desk(OFFICE).update_roll(rows, self.place.staff.rows())

    def _night(self) -> None:
        self.place.sweep()
        self.alarms.follow()

    def _identify(self, child: Child) -> None:
        place = self.place
        desk = place.desk(OFFICE)
        if child.enters > 0:
            desk.update_roll([child.row], ())
        if not place.open(child.id):
            row = child.row
            desk.identify(
                child.id, away=child.away, class_=row.class_, household=row.household, boarder=row.boarder
            )

    def _leaves(self, child: Child) -> None:
        self._close(child.id, "transferred")

    def _close(self, child: str, because: str) -> None:
        """A person closes; while an emergency is live it is tried again the next day."""
        place = self.place
        if not place.open(child):
            return
        desk = place.desk(VICE)
        if any(step.name == "close" and step.allowed for step in desk.next_steps(child)):
            desk.close(child, because)
            if because == "transferred":
                place.desk(OFFICE).update_roll([evolve(place.world.children[child].row, on_roll=False)], ())
        else:
            place.kernel.at(place.kernel.minute + MINUTES, WORLD, lambda: self._close(child, because))

    def _parent_returns(self, child: Child) -> None:
        place = self.place
        if not place.open(child.id):
            return
        away = "none" if child.away == "one" else "one"
        place.desk(OFFICE).update_roll([evolve(child.row, left_behind=away)], ())
        if away == "none":
            later = place.kernel.minute + 7 * MINUTES
            place.kernel.at(later, WORLD, lambda: self._close(child.id, "parents_returned"))

    def _carer_changes(self, child: Child) -> None:
        if self.place.open(child.id):
            self._cards[child.id] = self._cards.get(child.id, 0) + 1
            self.place.desk(self._teacher(child)).record_card(child.id, self._card(child))

    def _tells(self, id_: str, when: float, episode: int) -> Callable[[], None]:
        def tells() -> None:
            place = self.place
            if place.open(id_) and place.world.tell(id_, when, episode):
                teacher = self._teacher(place.world.children[id_])
                place.desk(teacher).note_concern(id_, ConcernDraft("told_of_distress"))

        return tells

    def _noticed(self, id_: str, crisis: Crisis) -> Callable[[], None]:
        return lambda: self.alarms.crisis(id_, crisis)

    def _discloses(self, id_: str, happening: Disclosure) -> None:
        place = self.place
        by = happening.to
        if not by and place.known(id_):
            by = place.desk(OFFICE).case(id_).lead
        if place.staff.absent(by, place.today) or by in happening.implicated:
            by = ""
        self.alarms.report(id_, happening.kind, by, happening.implicated)

    def _teacher(self, child: Child) -> str:
        """The class teacher, or the office while there is none."""
        teacher = self.place.staff.teachers.get(child.row.class_, OFFICE)
        return OFFICE if self.place.staff.absent(teacher, self.place.today) else teacher

    def _card(self, child: Child) -> ContactCard:
        """A made-up card; whoever takes over as carer has another number."""
        number = self._cards.get(child.id, 0)
        carer = Card(f"carer {number} of {child.id}", child.carer, f"000-{child.id}-{number}")
        away = ("father", "mother") if child.away == "both" else ("father",)
        return ContactCard(carer, tuple(Card(f"{who} of {child.id}", who, f"001-{child.id}-{who}") for who in away))

    # --------------------------------------------------------------------------------------------------- the staff

    def _afternoon(self) -> None:
        """Everybody who is there and has hours left reads the list of the day and sets out."""
        place = self.place
        self.planner.new_day()
        monday = place.today - DAY * place.today.weekday()
        begin = place.kernel.minute
        for person in place.staff.everybody:
            left = self.planner.left(person, monday)
            if left < place.rates["form_minutes"] or place.staff.absent(person, place.today):
                continue
            minute = begin
            for job in self.planner.plan(person, place.desk(person).today(), place.today, left):
                minute += job.minutes
                self.planner.worked.minutes[person, monday] += job.minutes
                finished = min(minute, begin + 8 * 60) if place.mode == "diligent" else minute
                place.kernel.at(finished, PEOPLE, lambda job=job: self._do(job))

    def _do(self, job: Job) -> None:
        place = self.place
        desk = place.desk(job.person)
        child = job.children[0]
        if not all(place.open(one) for one in job.children):
            return
        if job.kind == "filed":
            desk.file(child, self._card(place.world.children[child]))
        elif job.kind == "card":
            desk.record_card(child, self._card(place.world.children[child]))
            place.world.dead -= {(child, "carer"), (child, "parents")}
        elif job.kind == "pairing":
            self._pair(desk, child)
        else:
            self._contact(job, desk)

    def _pair(self, desk: Desk, child: str) -> None:
        place = self.place
        known = place.world.children[child]
        if desk.case(child).lead:
            return
        lead = place.staff.choose_lead(known.row.household or child)
        teacher = place.staff.teachers.get(known.row.class_, lead)
        desk.pair(child, lead, () if teacher == lead else (teacher,))

    def _contact(self, job: Job, desk: Desk) -> None:
        place = self.place
        day = (place.today - place.start).days
        commands = []
        for child in job.children:
            contact = place.world.contact(child, job.kind, day)
            commands.append((child, self._record(job, contact, len(job.children))))
            if not contact.reached:
                self.planner.worked.failed[child, job.kind].append(place.today)
            if contact.number_dead and contact.why == "unreachable":
                self._number_dead(desk, child, "carer" if job.kind == "carer_talk" else "parent1")
        raised = [outcome.emergency for outcome in desk.do_together(commands)]
        if any(raised):
            self.alarms.follow()

    def _number_dead(self, desk: Desk, child: str, place_on_card: str) -> None:
        case = desk.case(child)
        contact = case.card.contacts().get(place_on_card) if case.card else None
        if contact is not None and not contact.dead:
            desk.mark_number_dead(child, place_on_card)

    def _record(self, job: Job, contact: Contact, together: int) -> Record:
        concerns = []
        if contact.noticed:
            concerns.append(ConcernDraft(contact.noticed))
        if contact.danger:
            concerns.append(ConcernDraft(contact.danger, "danger"))
        occasion = f"{self.place.today}:{job.children[0]}" if together > 1 else ""
        if not contact.reached:
            return Record(job.kind, reached=False, minutes=job.minutes // together, details={contact.why: True}, occasion=occasion)
        seen = "child" in contact.met
        return Record(
            job.kind,
            reached=True,
            met=contact.met,
            mood=("low" if contact.noticed else "even") if job.kind == "talk" else "",
            minutes=job.minutes // together,
            details=DETAILS.get(job.kind, {}),
            occasion=occasion,
            words="made up by a simulation" if seen and job.kind in (*AT_HOME, "talk") else None,
            concerns=tuple(concerns),
        )
