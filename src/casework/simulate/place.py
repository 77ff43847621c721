"""Where a simulated term takes place: the engine, the store, the clock, and everybody's desk."""

from collections import Counter
from datetime import date, datetime, timedelta

from casework.clock import ManualClock
from casework.engine.casework import Casework
from casework.engine.desk import Desk
from casework.engine.port import Store
from casework.engine.sweep import Swept, sweep
from casework.model.calendar import DAY, Calendar
from casework.model.case import Case
from casework.model.people import Contact, ContactCard, Principal
from casework.simulate.chance import Chance
from casework.simulate.children import Child
from casework.simulate.kernel import Kernel
from casework.simulate.rates import Rates
from casework.simulate.school import Staff
from casework.simulate.world import World

MINUTE = timedelta(minutes=1)


class Place:
    """One simulated school while its term runs: the world on one side, the engine on the other, met by people only.

    Minutes count from the first midnight of the term at the school; ``mode`` is how the staff works.
    """

    def __init__(  # noqa: PLR0913 - what a simulated school consists of
        self,
        casework: Casework,
        store: Store,
        *,
        school: str,
        calendar: Calendar,
        clock: ManualClock,
        start: date,
        mode: str,
        world: World,
        staff: Staff,
        chance: Chance,
        rates: Rates,
    ) -> None:
        self.casework = casework
        self.store = store
        self.school = school
        self.calendar = calendar
        self.clock = clock
        self.start = start
        self.mode = mode
        self.world = world
        self.staff = staff
        self.chance = chance
        self.rates = rates
        self.kernel = Kernel()
        self.begin = calendar.midnight(start)
        self.today = start
        self.local_hour = 0
        self.carers: Counter[str] = Counter()
        self.swept = Swept()
        self._desks: dict[str, Desk] = {}

    # --------------------------------------------------------------------------------------------------------- time

    def arrive(self, minute: int) -> None:
        """The clock shows this minute."""
        self.clock.set(self.begin + MINUTE * minute)
        local = self.clock().astimezone(self.calendar.zone)
        self.today, self.local_hour = local.date(), local.hour

    def minute_of(self, at: datetime) -> int:
        """The first whole minute that is not before an instant."""
        return -((self.begin - at) // MINUTE)

    def minute_on(self, day: int, hour: int = 0) -> int:
        """The minute at which an hour of a day of the term begins, by the school's local time."""
        return self.minute_of(self.calendar.midnight(self.start + DAY * day)) + hour * 60

    # ------------------------------------------------------------------------------------------------------- people

    def desk(self, person: str) -> Desk:
        """The desk of a person, who holds the seats they hold and teaches the classes they teach."""
        if person not in self._desks:
            principal = Principal(person, self.staff.roles(person), classes=self.staff.classes(person))
            self._desks[person] = Desk(self.casework, self.store, school=self.school, principal=principal)
        return self._desks[person]

    def teacher(self, child: Child) -> str:
        """The child's class teacher, or the office while there is none."""
        teacher = self.staff.teachers.get(child.row.class_, self.staff.office)
        return self.staff.office if self.staff.absent(teacher, self.today) else teacher

    def card(self, child: Child) -> ContactCard:
        """A made-up card; whoever takes over as carer is somebody else."""
        number = self.carers[child.id]
        carer = Contact(f"carer {number} of {child.id}", child.carer, f"000-{child.id}-{number}")
        away = ("father", "mother") if child.away == "both" else ("father",)
        return ContactCard(carer, tuple(Contact(f"{who} of {child.id}", who, f"001-{child.id}-{who}") for who in away))

    # ---------------------------------------------------------------------------------------------------- the store

    def record(self, child: str) -> Case | None:
        """The child's record as it is stored, or None: for what everybody at the school can see anyway."""
        with self.store.read():
            return self.store.load(self.school, [child]).get(child)

    def open(self, child: str) -> bool:
        """Tell whether the child has an open case."""
        found = self.record(child)
        return found is not None and found.open

    def lead(self, child: str) -> str:
        """The child's lead helper, or empty."""
        found = self.record(child)
        return "" if found is None else found.lead

    def sweep(self) -> None:
        """Look at what is due, and add up what the sweep says it did."""
        done = sweep(self.casework, self.store, school=self.school)
        self.swept.due += done.due
        self.swept.settled += done.settled
        self.swept.written += done.written
        self.swept.told += done.told
        self.swept.failed += done.failed
        self.swept.broken += done.broken
