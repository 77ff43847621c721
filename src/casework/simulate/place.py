"""Where a simulated term takes place: the engine, the store, the clock, and everybody's desk."""

from datetime import date, datetime, timedelta

from casework.clock import ManualClock
from casework.engine.casework import Casework
from casework.engine.desk import Desk
from casework.engine.port import Store
from casework.engine.sweep import Swept, sweep
from casework.model.calendar import DAY, Calendar
from casework.model.people import Principal
from casework.simulate.chance import Chance
from casework.simulate.kernel import Kernel
from casework.simulate.rates import Rates
from casework.simulate.school import SEATS, Staff
from casework.simulate.world import World

MINUTE = timedelta(minutes=1)


class Place:
    """One simulated school while its term runs: the world on one side, the engine on the other, met by people only."""

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
        self.mode = mode
        self.world = world
        self.staff = staff
        self.chance = chance
        self.rates = rates
        self.kernel = Kernel()
        self.begin = calendar.midnight(start)
        self.today = start
        self.local_hour = 0
        self.start = start
        self.swept = Swept()
        self._desks: dict[str, Desk] = {}

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

    def desk(self, person: str) -> Desk:
        """The desk of a person, who holds the seats they hold."""
        if person not in self._desks:
            principal = Principal(person, SEATS.get(person, ()))
            self._desks[person] = Desk(self.casework, self.store, school=self.school, principal=principal)
        return self._desks[person]

    def known(self, child: str) -> bool:
        """Tell whether there is a record of the child."""
        with self.store.read():
            return child in self.store.load(self.school, [child])

    def open(self, child: str) -> bool:
        """Tell whether the child has an open case."""
        with self.store.read():
            found = self.store.load(self.school, [child]).get(child)
        return found is not None and found.open

    def sweep(self) -> None:
        """Look at what is due, and add up what the sweep says it did."""
        done = sweep(self.casework, self.store, school=self.school)
        total = self.swept
        total.due += done.due
        total.settled += done.settled
        total.written += done.written
        total.told += done.told
        total.failed += done.failed
        total.broken += done.broken


