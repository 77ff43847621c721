"""The staff at work: lists are read in the afternoon, jobs done one after the other, each recorded by its desk."""

from collections.abc import Mapping
from functools import partial

from casework.engine.desk import Desk
from casework.model.calendar import DAY
from casework.model.commands import ConcernDraft, Record
from casework.policy.values import Policy
from casework.simulate.alarms import Alarms
from casework.simulate.counsel import COUNSEL, counsel
from casework.simulate.kernel import PEOPLE
from casework.simulate.occasions import Occasions
from casework.simulate.place import Place
from casework.simulate.staff import Job, Planner, how
from casework.simulate.world import Contact

DETAILS: Mapping[str, Mapping[str, bool]] = {
    "visit": {"home_safety": True, "child_situation": True, "carer_view": True, "follow_ups": False},
    "carer_talk": {"life": True, "body": True, "mind": True},
    "census": {"study": True, "life": True, "psychology": True, "safety": True, "health": True},
}
"""Coded facts of a full record, by kind."""

WORDS = ("visit", "talk")
"""Kinds of record that hold the child's own words."""

EVENING = 7 * 60
"""Minutes after the lists are read; who has more to do than fits is still done by then (only diligent staff has)."""


class Work:
    """The staff's days; ``capacity`` is in minutes a week."""

    def __init__(self, place: Place, policy: Policy, alarms: Alarms) -> None:
        self._place = place
        self._alarms = alarms
        asked = {window.role or duty.role for duty in policy.duties for window in duty.windows}
        seats = [person for person, roles in place.staff.seats.items() if asked.intersection(roles)]
        self._working = tuple(dict.fromkeys((*place.staff.helpers, *seats)))
        self.capacity = dict.fromkeys(place.staff.seats, int(place.rates["seat_hours"] * 60))
        self.capacity |= dict.fromkeys(place.staff.helpers, int(place.rates["helper_hours"] * 60))
        self.planner = Planner(
            how(policy),
            place.chance,
            place.rates,
            diligent=place.mode == "diligent",
            village={child.id: child.village for child in place.world.children.values()},
        )
        self._occasions = Occasions(place, self.planner, how(policy))

    def afternoon(self) -> None:
        """Everybody who is there and has hours left reads the list of the day and sets out."""
        place, planner = self._place, self.planner
        planner.new_day()
        monday = place.today - DAY * place.today.weekday()
        begin = place.kernel.minute
        for person in self._working:
            left = planner.left(person, monday, self.capacity[person])
            if left <= 0 or place.staff.absent(person, place.today):
                continue
            minute = begin
            lines, spent = self._occasions.hold(person, place.desk(person).today(), left)
            planner.worked.minutes[person, monday] += spent
            for job in planner.plan(person, lines, place.today, left - spent):
                minute = min(minute + job.minutes, begin + EVENING)
                planner.worked.minutes[person, monday] += job.minutes
                place.kernel.at(minute, PEOPLE, partial(self._do, job))

    def _do(self, job: Job) -> None:
        place = self._place
        desk = place.desk(job.person)
        id_ = job.children[0]
        child = place.world.children.get(id_)
        if child is None:
            self._call_in(job, desk)
        elif not all(place.open(one) for one in job.children):
            return
        elif job.kind == "filed":
            desk.file(id_, place.card(child))
        elif job.kind == "card":
            desk.record_card(id_, place.card(child))
            place.world.dead -= {(id_, "carer"), (id_, "parents")}
        elif job.kind == "pairing":
            self._pair(job.person, id_)
        elif job.kind in COUNSEL:
            counsel(place, desk, id_)
        else:
            self._contact(job, desk)

    def _pair(self, person: str, id_: str) -> None:
        place = self._place
        row = place.world.children[id_].row
        if not place.lead(id_):
            lead = place.staff.choose_lead(row.household or id_)
            teacher = place.staff.teachers.get(row.class_, lead)
            group = dict.fromkeys((lead, teacher))
            # Nobody pairs themselves: who would be one of the group has it entered by who heads the school.
            asked = (person, place.staff.vice, place.staff.office)
            enters = next((one for one in asked if one not in group), person)
            place.desk(enters).pair(id_, lead, () if teacher == lead else (teacher,))

    def _call_in(self, job: Job, desk: Desk) -> None:
        """A pupil without a case has no record for single acts, so what is done is entered as a gathering of one."""
        place, pupil = self._place, job.children[0]
        if place.world.contact(pupil, job.kind, (place.today - place.start).days).reached:
            desk.gather(job.kind, [pupil])
        else:
            self.planner.worked.failed[pupil, job.kind].append(place.today)

    def _contact(self, job: Job, desk: Desk) -> None:
        place = self._place
        day = (place.today - place.start).days
        contacts = {child: place.world.contact(child, job.kind, day) for child in job.children}
        raised = desk.do_together([(child, self._record(job, contact)) for child, contact in contacts.items()])
        for child, contact in contacts.items():
            if not contact.reached:
                self.planner.worked.failed[child, job.kind].append(place.today)
            if contact.number_dead:
                self._number_dead(desk, child, "carer" if job.kind == "carer_talk" else "parent1")
        if any(outcome.emergency for outcome in raised):
            self._alarms.follow()

    def _number_dead(self, desk: Desk, child: str, place_on_card: str) -> None:
        card = desk.case(child).card
        contact = card.contacts().get(place_on_card) if card else None
        if contact is not None and not contact.dead:
            desk.mark_number_dead(child, place_on_card)

    def _record(self, job: Job, contact: Contact) -> Record:
        together = len(job.children)
        occasion = f"{self._place.today}:{job.children[0]}" if together > 1 else ""
        minutes = job.minutes // together
        if not contact.reached:
            why = {contact.why: True}
            return Record(job.kind, reached=False, minutes=minutes, details=why, occasion=occasion)
        concerns = [ConcernDraft(contact.noticed)] if contact.noticed else []
        concerns += [ConcernDraft(contact.danger, "danger")] if contact.danger else []
        return Record(
            job.kind,
            reached=True,
            met=contact.met,
            mood=("low" if contact.noticed else "even") if job.kind == "talk" else "",
            minutes=minutes,
            details=DETAILS.get(job.kind, {}),
            occasion=occasion,
            words="made up by a simulation" if job.kind in WORDS else None,
            concerns=tuple(concerns),
        )
