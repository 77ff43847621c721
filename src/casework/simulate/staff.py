"""How the staff plans: each takes the list of the day and does what is due first while the hours of the week last.

They see what the desk shows them and what an attempt brings; nothing of a child's hidden life.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from attrs import define, field, frozen

from casework.engine.lists import Line
from casework.policy.values import FACTS, ActSpec, Policy
from casework.simulate.chance import Chance, lognormal
from casework.simulate.rates import Rates
from casework.simulate.world import AT_HOME, BY_TELEPHONE

MODES = ("ordinary", "diligent", "zero")
DAY_AND_NIGHT = 24 * 60


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

    ``minutes`` by person and Monday of the week; ``forgotten`` holds (child, obligation) that nobody thought of,
    ``failed`` by (child, kind) the days of attempts that reached nobody.
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
    """Makes each person's plan of a day out of their list; diligent people have all day and put nothing off."""

    def __init__(
        self,
        specs: Mapping[str, Sequence[ActSpec]],
        chance: Chance,
        rates: Rates,
        *,
        diligent: bool,
        village: Mapping[str, str],
    ) -> None:
        self.worked = Worked()
        self._specs = specs
        self._chance = chance
        self._rates = rates
        self._diligent = diligent
        self._village = village
        self._starts: dict[tuple[str, str], int | None] = {}
        self._visited: set[str] = set()

    def new_day(self) -> None:
        """Nobody is on the way to anybody yet."""
        self._visited = set()

    def left(self, person: str, monday: date, capacity: int) -> int:
        """Minutes that a person with so many a week can still spend today; 0 where nothing can be done with them."""
        if self._diligent:
            return DAY_AND_NIGHT
        free = min(capacity - self.worked.minutes[person, monday], int(self._rates["day_minutes"]))
        return free if free >= min(self._minutes(kind) for kind in ("talk", "call", "filed", "pairing")) else 0

    def plan(self, person: str, lines: Sequence[Line], today: date, left: int) -> list[Job]:
        """Earliest deadline first, visits of a household and a village together, within ``left`` minutes."""
        wanted = [line for line in lines if self._specs.get(line.duty) and self.begins(person, line, today)]
        wanted.sort(key=lambda line: (line.deadline or date.max, line.child, line.obligation))
        at_home: dict[str, list[str]] = defaultdict(list)
        for line in wanted:
            if self._specs[line.duty][0].kind in AT_HOME and line.child not in at_home[_home(line)]:
                at_home[_home(line)].append(line.child)
        jobs: list[Job] = []
        done: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        villages: set[str] = set()
        for line in wanted:
            specs = self._specs[line.duty]
            if any(covers(kind, met, specs) for kind, met in done[line.child]):
                continue
            job = self._job(person, specs[0].kind, line, at_home, villages)
            if job is None or job.minutes > left:
                continue
            left -= job.minutes
            jobs.append(job)
            if job.kind in AT_HOME:
                villages.add(self._village.get(line.child, ""))
                self._visited.add(_home(line))
            for child in job.children:
                done[child] += _DOES.get(job.kind, ((job.kind, ()),))
        return jobs

    def _job(
        self, person: str, kind: str, line: Line, at_home: Mapping[str, Sequence[str]], villages: set[str]
    ) -> Job | None:
        """The job that the line asks for; None where somebody is on the way to that household already."""
        if not line.child or kind == "in_scope":
            return None
        if kind not in AT_HOME:
            return Job(person, kind, (line.child,), self._minutes(kind))
        if _home(line) in self._visited:
            return None
        near = self._village.get(line.child, "") in villages
        minutes = int(self._rates["next_visit_minutes" if near else "visit_minutes"])
        return Job(person, kind, tuple(at_home[_home(line)]), minutes)

    def _minutes(self, kind: str) -> int:
        if kind == "pairing":
            return int(self._rates["pairing_minutes"])
        if kind in FACTS:
            return int(self._rates["form_minutes"])
        return int(self._rates["call_minutes" if kind in BY_TELEPHONE else "talk_minutes"])

    def begins(self, person: str, line: Line, today: date) -> bool:
        """Whether the person set about it by now: some things are forgotten, most begin days before they are due."""
        if self._diligent:
            return True
        key = (line.child, line.obligation)
        if key not in self._starts:
            self._starts[key] = None
            if self._chance.happens(self._rates["compliance"], "remembers", *key):
                u = self._chance.uniform("begins", person, *key)
                self._starts[key] = int(lognormal(u, self._rates["start_days"], self._rates["start_sigma"]))
            else:
                self.worked.forgotten.add(key)
        before = self._starts[key]
        return before is not None and (line.deadline is None or (line.deadline - today).days <= before)


_DOES: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "visit": (("visit", ("child", "carer")),),
    "filed": (("filed", ()), ("card", ())),
}
"""What a job is expected to do besides its own kind: a visit meets the carer, the file brings its card."""


def _home(line: Line) -> str:
    return line.household or line.child
