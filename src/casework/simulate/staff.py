"""How the staff works: each takes the list of the day and does what is due first, as long as the hours of the week last.

They see what the desk shows them and what an attempt brings; nothing of a child's hidden life.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from attrs import define, field, frozen

from casework.engine.lists import Line
from casework.policy.values import FACTS, ActSpec, Policy
from casework.simulate.chance import Chance, lognormal
from casework.simulate.rates import Rates
from casework.simulate.world import AT_HOME, BY_TELEPHONE

MODES = ("ordinary", "diligent", "zero")


@frozen
class Job:
    """One thing to do today: an act of a kind with these children; siblings are visited together."""

    person: str
    kind: str
    children: tuple[str, ...]
    minutes: int


@define
class Worked:
    """What the staff spent and could not do, for the report.

    ``minutes`` by person and Monday of the week; ``forgotten`` holds (child, obligation) that nobody thought
    of, ``failed`` by (child, kind) the days of attempts that reached nobody.
    """

    minutes: dict[tuple[str, date], int] = field(factory=lambda: defaultdict(int))
    forgotten: set[tuple[str, str]] = field(factory=set)
    failed: dict[tuple[str, str], list[date]] = field(factory=lambda: defaultdict(list))


def how(policy: Policy) -> Mapping[str, Sequence[ActSpec]]:
    """By duty, what discharges it: what its description tells whoever owes it."""
    return {duty.id: duty.discharged_by for duty in policy.duties}


def covers(kind: str, met: Iterable[str], specs: Sequence[ActSpec]) -> bool:
    """Tell whether an act of this kind that met these people does what is asked for."""
    return any(spec.kind == kind and (not spec.met or spec.met in met) for spec in specs)


class Planner:
    """Makes each person's plan of a day out of the lists; ``hours`` is None where time is no object."""

    def __init__(  # noqa: PLR0913 - what a plan depends on
        self,
        specs: Mapping[str, Sequence[ActSpec]],
        chance: Chance,
        rates: Rates,
        *,
        diligent: bool,
        village: Mapping[str, str],
        capacity: Callable[[str], int],
    ) -> None:
        self._specs = specs
        self._chance = chance
        self._rates = rates
        self._diligent = diligent
        self._village = village
        self._capacity = capacity
        self._starts: dict[tuple[str, str], int | None] = {}
        self._visited: set[str] = set()
        self.worked = Worked()

    def new_day(self) -> None:
        """Nobody is on the way to anybody yet."""
        self._visited = set()

    def left(self, person: str, monday: date) -> int:
        """Minutes that a person can still spend today."""
        if self._diligent:
            return 24 * 60
        free = self._capacity(person) - self.worked.minutes[person, monday]
        return min(free, int(self._rates["day_minutes"]))

    def plan(self, person: str, lines: Sequence[Line], today: date, left: int) -> list[Job]:
        """Earliest deadline first, visits of a household and a village together, within ``left`` minutes."""
        wanted = [line for line in lines if line.child and self._begins(person, line, today)]
        wanted.sort(key=lambda line: (line.deadline or date.max, line.child, line.obligation))
        visits: dict[str, list[str]] = defaultdict(list)
        for line in wanted:
            specs = self._specs.get(line.duty, ())
            if specs and specs[0].kind in AT_HOME and line.child not in visits[_home(line)]:
                visits[_home(line)].append(line.child)
        jobs: list[Job] = []
        done: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        villages: set[str] = set()
        for line in wanted:
            specs = self._specs.get(line.duty, ())
            if not specs or any(covers(kind, met, specs) for kind, met in done[line.child]):
                continue
            kind = specs[0].kind
            if kind in AT_HOME:
                if _home(line) in self._visited:
                    continue
                job = self._visit(person, kind, tuple(visits[_home(line)]), villages)
            else:
                job = Job(person, kind, (line.child,), self._minutes(kind))
            if job.minutes > left:
                continue
            left -= job.minutes
            if kind in AT_HOME:
                villages.add(self._village.get(line.child, ""))
                self._visited.add(_home(line))
            jobs.append(job)
            for child in job.children:
                done[child].append((kind, ("carer",) if kind in AT_HOME else ()))
                if kind == "filed":
                    done[child].append(("card", ()))
        return jobs

    def _visit(self, person: str, kind: str, children: tuple[str, ...], villages: set[str]) -> Job:
        near = self._village.get(children[0], "") in villages
        return Job(person, kind, children, int(self._rates["next_visit_minutes" if near else "visit_minutes"]))

    def _minutes(self, kind: str) -> int:
        if kind in FACTS:
            return int(self._rates["form_minutes"])
        return int(self._rates["call_minutes" if kind in BY_TELEPHONE else "talk_minutes"])

    def _begins(self, person: str, line: Line, today: date) -> bool:
        """Whether the person thinks of it by now: some things are forgotten, most are begun some days before they are due."""
        if self._diligent:
            return True
        key = (line.child, line.obligation)
        if key not in self._starts:
            if not self._chance.happens(self._rates["compliance"], "remembers", *key):
                self.worked.forgotten.add(key)
                self._starts[key] = None
            else:
                u = self._chance.uniform("begins", person, *key)
                self._starts[key] = int(lognormal(u, self._rates["start_days"], self._rates["start_sigma"]))
        before = self._starts[key]
        return before is not None and (line.deadline is None or (line.deadline - today).days <= before)


def _home(line: Line) -> str:
    return line.household or line.child
