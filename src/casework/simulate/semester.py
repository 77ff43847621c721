"""A term of a simulated school on the real engine: children identified, filed, paired, seen; emergencies; churn."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from casework.clock import ManualClock
from casework.engine.casework import Casework, School
from casework.engine.port import Store
from casework.errors import CalendarRefused, CommandRefused
from casework.model.calendar import Calendar, Term
from casework.model.roll import RollRow, StaffRow
from casework.policy.load import load_policy
from casework.policy.values import Policy
from casework.rules import Rule
from casework.simulate.alarms import Alarms
from casework.simulate.chance import Chance
from casework.simulate.children import make_children, make_roll
from casework.simulate.happenings import Happening, said
from casework.simulate.life import Life
from casework.simulate.place import Place
from casework.simulate.rates import load_rates
from casework.simulate.replay import is_shipped, places
from casework.simulate.report import Run, Setting, report
from casework.simulate.school import class_names, fall_ill_by_chance, how_many_classes, make_staff, staff_of
from casework.simulate.staff import MODES
from casework.simulate.work import Work
from casework.simulate.world import World
from casework.testing.memory import MemoryStore

AUTUMN = Term(
    "2026-autumn",
    date(2026, 9, 1),
    date(2027, 1, 20),
    holidays=[date(2026, 9, 25), (date(2026, 10, 1), date(2026, 10, 7)), date(2027, 1, 1)],
    makeup=[date(2026, 9, 20), date(2026, 10, 10)],
)
"""The term that is simulated unless another calendar is given: Mid-Autumn, National Day and New Year are off."""

USUAL = Calendar([AUTUMN], tz="Asia/Shanghai")
SCHOOL = "simulated"
MOST_HELPERS = 99


def simulate(  # noqa: PLR0913, PLR0917 - what makes a simulated term; everything has a default
    policy: str | Path | Policy = "town-primary",
    children: int = 180,
    helpers: int = 12,
    staff: str = "ordinary",
    seed: int = 7,
    rules: Iterable[Rule] = (),
    store: Store | None = None,
    calendar: Calendar | None = None,
    start: date | None = None,
    script: Iterable[tuple[str, Happening]] = (),
    *,
    pupils: Sequence[RollRow] = (),
    members: Sequence[StaffRow] = (),
    school: str = SCHOOL,
    rates: dict[str, float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Let a school live through the term that holds ``start`` (by default the first term of the calendar), and report.

    ``children`` counts cases, ``helpers`` the teachers who help; ``staff`` is ordinary, diligent (chance removed:
    everybody is reached, everything done as soon as it opens) or zero (nobody works). ``script`` holds happenings, each
    with its local time. ``pupils`` are rows of a roll to use in place of made-up ones; their number in scope then
    stands for ``children``. ``members`` are rows of the staff, likewise: who teaches helps, and their number stands
    for ``helpers``. ``rates`` changes numbers of rates.csv by name. ``progress`` is told the days passed and
    the days in all.

    The same arguments give the same run, on every store. Raises `CommandRefused` for arguments that cannot be.
    """
    if staff not in MODES:
        raise CommandRefused(f"staff={staff!r}; use one of {', '.join(MODES)}")
    if children < 1 or not 1 <= helpers <= MOST_HELPERS:
        raise CommandRefused(
            f"children={children}, helpers={helpers}; give at least one of each, and at most 99 helpers"
        )
    known = policy if isinstance(policy, Policy) else load_policy(policy)
    rules = tuple(rules)
    calendar = calendar or USUAL
    start = start or calendar.terms[0].first
    term = calendar.term_on(start)
    if term is None:
        raise CalendarRefused(f"start={start} is in no term of the calendar; give a day inside one")
    days = (term.last - start).days + 1
    chance = Chance(seed)
    table = load_rates(rates)
    rows = list(pupils) or make_roll(children, how_many_classes(children, helpers), chance, table)
    inhabitants = make_children(rows, days, chance, table)
    if not inhabitants:
        raise CommandRefused("nobody on this roll has a parent away; say so with left_behind='one' or 'both'")
    world = World(inhabitants, days, chance, table, certain=staff == "diligent")
    people = staff_of(members) if members else make_staff(helpers, class_names(rows))
    mondays = [start - timedelta(days=start.weekday()) + timedelta(weeks=k) for k in range(days // 7 + 2)]
    if staff == "ordinary":
        fall_ill_by_chance(people, mondays, chance, table)
    clock = ManualClock(calendar.midnight(start))
    casework = Casework(School(school, known, calendar, rules, people.directory(calendar.tz)), clock=clock)
    place = Place(
        casework,
        MemoryStore() if store is None else store,
        school=school,
        calendar=calendar,
        clock=clock,
        start=start,
        mode=staff,
        world=world,
        staff=people,
        chance=chance,
        rates=table,
    )
    alarms = Alarms(place)
    work = Work(place, known, alarms)
    life = Life(place, rows, days, alarms, work)
    script = tuple(script)
    life.script(script)
    for day in range(days + 1):
        place.kernel.run(place.minute_on(day + 1) - 1 if day < days else place.minute_on(day), place.arrive)
        if progress is not None and day < days:
            progress(day + 1, days)
    placed, loose = places(rules)
    changed = {
        "calendar": calendar != USUAL,
        "start": start != calendar.terms[0].first,
        "rates": bool(rates),
        "pupils": bool(pupils),
        "members": bool(members),
        "policy": isinstance(policy, Policy) and not is_shipped(policy),
    }
    setting = Setting(
        known,
        known.id if isinstance(policy, Policy) else str(policy),
        len(inhabitants),
        len(people.helpers),
        staff,
        seed,
        start,
        term.last,
        tuple(said(when, happening) for when, happening in script),
        placed,
        (*loose, *(f"the same {name}" for name, it in changed.items() if it)),
    )
    return report(place, alarms, work, setting)
