"""The simulated school: who works there, in which seats and for how long, and who is away when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from math import ceil

from attrs import define, field

from casework.errors import CommandRefused
from casework.model.people import StaticDirectory
from casework.model.roll import RollRow, StaffRow
from casework.simulate.chance import Chance, lognormal
from casework.simulate.rates import Rates

TEACHING = frozenset({"teacher", "class_teacher", "subject_teacher"})
"""Roles of a roster whose holders help."""

CLASS_SIZE = 15
"""Left-behind children of one class, about."""

PRINCIPAL, VICE, SAFEGUARDING, OFFICE, MEDICAL = "principal", "vice-principal", "safeguarding", "office", "medical"
SEATS: Mapping[str, tuple[str, ...]] = {
    PRINCIPAL: ("principal",),
    VICE: ("vice_principal", "leading_group"),
    SAFEGUARDING: ("safeguarding_lead",),
    OFFICE: ("office",),
    MEDICAL: ("medical_staff",),
}
"""Who holds which seats beside the helpers; every other seat is vacant, so its duties fall to the lead helper."""

ABSENCE_SIGMA = 0.6


@define
class Staff:
    """Everybody who works at the school: helpers, the first of whom are class teachers, and those who hold seats.

    ``teachers`` names the class teacher by class, ``seats`` the roles by holder; ``members`` are the rows of a roll
    that they were taken from, if they were.
    """

    helpers: tuple[str, ...]
    teachers: dict[str, str]
    seats: Mapping[str, tuple[str, ...]] = field(default=SEATS)
    members: tuple[StaffRow, ...] = ()
    away: dict[str, list[tuple[date, date]]] = field(factory=dict)
    load: dict[str, int] = field(factory=dict)
    lead_of: dict[str, str] = field(factory=dict)

    @property
    def everybody(self) -> tuple[str, ...]:
        """Helpers, then seats."""
        return tuple(dict.fromkeys((*self.helpers, *self.seats)))

    @property
    def office(self) -> str:
        """Who enters what nobody else does."""
        return self._holder("office")

    @property
    def vice(self) -> str:
        """Who closes cases."""
        return self._holder("vice_principal")

    def roles(self, person: str) -> tuple[str, ...]:
        """The seats that somebody holds; whoever stands in for a vacant office or vice principal has their rights."""
        stands_in = {"office": self.office, "vice_principal": self.vice}
        held = (*self.seats.get(person, ()), *(role for role, holder in stands_in.items() if holder == person))
        return (*held, *(("class_teacher",) if self.classes(person) else ()))

    def classes(self, person: str) -> tuple[str, ...]:
        """The classes that somebody teaches."""
        return tuple(class_ for class_, teacher in self.teachers.items() if teacher == person)

    def _holder(self, role: str) -> str:
        return next((person for person, roles in self.seats.items() if role in roles), self.helpers[0])

    def directory(self, tz: str) -> StaticDirectory:
        """What the school's host would say; it follows later absences, since it shares the tables."""
        seats: dict[str, list[str]] = {}
        for person, roles in self.seats.items():
            for role in roles:
                seats.setdefault(role, []).append(person)
        return StaticDirectory(seats, self.teachers, self.away, tz)

    def rows(self) -> list[StaffRow]:
        """The staff as rows of the roll."""
        if self.members:
            return list(self.members)
        classes = {person: tuple(c for c, who in self.teachers.items() if who == person) for person in self.helpers}
        return [
            *(StaffRow(p, ("class_teacher",) if classes[p] else (), classes[p]) for p in self.helpers),
            *(StaffRow(person, roles) for person, roles in self.seats.items()),
        ]

    def fall_ill(self, person: str, first: date, days: int) -> None:
        """Let somebody be away from a day on."""
        self.away.setdefault(person, []).append((first, first + timedelta(days=max(days, 1) - 1)))

    def absent(self, person: str, day: date) -> bool:
        """Tell whether somebody is away on a day."""
        return any(first <= day <= last for first, last in self.away.get(person, ()))

    def choose_lead(self, household: str) -> str:
        """The helper with the fewest children; siblings have the same one."""
        if household not in self.lead_of:
            self.lead_of[household] = min(self.helpers, key=lambda person: (self.load.get(person, 0), person))
        lead = self.lead_of[household]
        self.load[lead] = self.load.get(lead, 0) + 1
        return lead


def class_names(rows: Iterable[RollRow]) -> list[str]:
    """The classes of a roll, in order."""
    return sorted({row.class_ for row in rows if row.class_})


def how_many_classes(children: int, helpers: int) -> int:
    """As many classes as there are class teachers for, of about fifteen children each."""
    return max(1, min(helpers, ceil(children / CLASS_SIZE)))


def make_staff(helpers: int, classes: Sequence[str]) -> Staff:
    """So many helpers ``t.01``, ``t.02``; they are the class teachers of the classes, in order."""
    people = tuple(f"t.{number:02}" for number in range(1, helpers + 1))
    return Staff(people, {class_: people[k % helpers] for k, class_ in enumerate(classes)})


def staff_of(members: Iterable[StaffRow]) -> Staff:
    """The staff of a roll: who has a class or teaches helps, class teachers first; who has another seat holds it too.

    Raises `CommandRefused` where nobody helps.
    """
    rows = sorted(members, key=lambda row: (not row.classes, row.person))
    helping = [row.person for row in rows if row.classes or TEACHING.intersection(row.roles)]
    teachers = {class_: row.person for row in rows for class_ in row.classes}
    if not helping:
        raise CommandRefused("none of these members teaches; give somebody a class, or the role teacher")
    others = {row.person: tuple(role for role in row.roles if role not in TEACHING) for row in rows}
    seats = {person: roles for person, roles in others.items() if roles}
    return Staff(tuple(helping), teachers, seats, tuple(rows))


def fall_ill_by_chance(staff: Staff, weeks: Sequence[date], chance: Chance, rates: Rates) -> None:
    """Absences of everybody, week by week."""
    for person in staff.everybody:
        for monday in weeks:
            if chance.happens(rates["staff_absence"], "absence", person, monday):
                first = monday + timedelta(days=int(chance.uniform("absent from", person, monday) * 5))
                length = lognormal(chance.uniform("absent for", person, monday), rates["absence_days"], ABSENCE_SIGMA)
                staff.fall_ill(person, first, ceil(length))
