"""What a simulated term came to, read back from the store; every figure is synthetic."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any

from attrs import frozen

from casework import __version__
from casework.engine.desk import Desk
from casework.engine.port import SCHOOL, Store
from casework.engine.trace import trace_hash
from casework.model import events as ev
from casework.model.calendar import DAY
from casework.model.case import Case
from casework.policy.values import Policy
from casework.simulate.alarms import Alarms
from casework.simulate.emergencies import Emergencies, Emergency
from casework.simulate.place import Place
from casework.simulate.rates import Rates
from casework.simulate.timeline import timeline
from casework.simulate.work import Work

CHILD_SEEN = ("visit", "talk", "review", "call", "letter")
"""Kinds of contact that reach the child itself."""

Counts = Mapping[str, Mapping[str, int]]


@frozen
class Setting:
    """What was simulated: the arguments of the run."""

    policy: Policy
    pack: str
    children: int
    helpers: int
    staff: str
    seed: int
    first: date
    last: date
    script: tuple[str, ...]
    rules: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that replays the run, with its script and its rules.

        What no command line can say (a calendar, changed rates, a rule without a place) stands behind it.
        """
        words = (
            f"casework simulate --policy {shlex.quote(self.pack)} --children {self.children} --helpers {self.helpers}"
        )
        words += f" --staff {self.staff} --seed {self.seed}"
        words += "".join(f" --rules {rule}" for rule in self.rules)
        words += "".join(f" --at {shlex.quote(line)}" for line in self.script)
        return words + (f"  # and, in Python: {', '.join(self.besides)}" if self.besides else "")


@frozen
class Load:
    """Notices a person and week, the highest and the mean over all persons and weeks."""

    max: int
    mean: float


@frozen(slots=False)
class Run:
    """A simulated term.

    ``obligations`` holds duty → status → count, and ``required``, counted on its own from the history; ``states``
    state → cases; ``coverage`` for each teaching week (its Monday) the share of open cases whose child was reached;
    ``missed`` duty → cause → count; ``distress`` what became of the hidden life; ``conserved`` that every sum adds up.
    The report is the test's, who runs the school; ``desk`` gives one of the staff's, and `seen_by` what they may know.
    """

    setting: Setting
    rates: Rates
    states: Mapping[str, int]
    obligations: Counts
    emergencies: Emergencies
    notices: Load
    emergency_notices: Load
    coverage: Mapping[date, float]
    missed: Counts
    distress: Mapping[str, int]
    minutes: Mapping[tuple[str, date], int]
    capacity: Mapping[str, int]
    conserved: bool
    store: Store
    school: str
    desk: Callable[[str], Desk]

    @property
    def seed(self) -> int:
        """The seed of all chance."""
        return self.setting.seed

    @cached_property
    def trace_hash(self) -> str:
        """The hash of everything that was committed, read back from the store."""
        return trace_hash(self.store, [self.school])

    @cached_property
    def code_hash(self) -> str:
        """A hash of the library that ran: its source and its data."""
        digest = blake2b(digest_size=8)
        for name, text in sorted(_sources(files("casework"), "")):
            digest.update(name.encode() + b"\0" + text + b"\0")
        return digest.hexdigest()

    @property
    def notices_per_person_week(self) -> Mapping[str, Mapping[str, float]]:
        """Non-emergency and emergency notices a person and week; above 5 non-emergency ones is a failing policy."""
        return {
            "non_emergency": {"max": self.notices.max, "mean": self.notices.mean},
            "emergency": {"max": self.emergency_notices.max, "mean": self.emergency_notices.mean},
        }

    @property
    def within_capacity(self) -> bool:
        """Nobody worked longer in a week than there were hours; without meaning for diligent staff, who have no end."""
        return all(spent <= self.capacity[person] for (person, _), spent in self.minutes.items())

    def timeline(self, child: str) -> list[str]:
        """The child's history as text, with ids and codes only."""
        return timeline(self.store, self.school, child)

    def longest_gaps(self) -> Mapping[str, int]:
        """By child, the most days in this term without a contact that reached the child, while the case was open."""
        return {case.child: _gap(case, self.setting.first, self.setting.last) for case in self._cases()}

    def seen_by(self, person: str) -> dict[str, Any]:
        """The term as one of the staff may know it: states, gaps, emergencies that are not over (docs/access.md)."""
        desk = self.desk(person)
        first, last = self.setting.first, self.setting.last
        return {
            "person": person,
            "states": desk.states(),
            "longest_gaps": {case.child: _gap(case, first, last) for case in desk.cases(open_only=False)},
            "emergencies": {case.child: sorted(case.emergencies) for case in desk.emergencies()},
        }

    def assert_every_child_reached(self, *, days: int) -> None:
        """Raise AssertionError if a child was not reached for more than ``days`` days running while the case was open.

        The message shows that child's timeline and the command that replays the run.
        """
        gaps = self.longest_gaps()
        child = max(gaps, key=lambda child: (gaps[child], child), default="")
        if child and gaps[child] > days:
            others = sum(1 for gap in gaps.values() if gap > days) - 1
            raise AssertionError(
                f"child {child} was not reached for {gaps[child]} days ({others} others over {days})\n"
                + self.account(child)
            )

    def account(self, *children: str) -> str:
        """For a failing test: the timelines of these children, and the command that replays the run."""
        lines = [f"child {child}\n" + "\n".join(f"  {line}" for line in self.timeline(child)) for child in children]
        lines.append(f"seed {self.seed}, trace {self.trace_hash}, code {self.code_hash}, synthetic")
        return "\n".join([*lines, f"replay: {self.setting.command}"])

    def to_json(self) -> dict[str, Any]:
        """The run for JSON: plain values only; ``synthetic`` is always true."""
        setting = self.setting
        assumed = self.rates.assumptions()
        return {
            "synthetic": True,
            "casework": __version__,
            "code": self.code_hash,
            "policy": {"id": setting.policy.id, "version": setting.policy.version, "hash": setting.policy.hash},
            "definition": setting.policy.definition,
            "children": setting.children,
            "helpers": setting.helpers,
            "staff": setting.staff,
            "seed": setting.seed,
            "days": (setting.last - setting.first).days + 1,
            "first": setting.first.isoformat(),
            "last": setting.last.isoformat(),
            "script": list(setting.script),
            "replay": setting.command,
            "trace_hash": self.trace_hash,
            "states": dict(self.states),
            "obligations": {duty: dict(counts) for duty, counts in self.obligations.items()},
            "missed_because": {duty: dict(counts) for duty, counts in self.missed.items()},
            "emergencies": [emergency.as_dict() for emergency in self.emergencies],
            "notices_per_person_week": {kind: dict(load) for kind, load in self.notices_per_person_week.items()},
            "coverage": {monday.isoformat(): round(share, 4) for monday, share in self.coverage.items()},
            "distress": dict(self.distress),
            "minutes_worked": sum(self.minutes.values()),
            "conserved": self.conserved,
            "assumptions": {
                "count": len(assumed),
                "of": len(self.rates),
                "names": list(assumed),
                "note": "no source was found for these numbers; a result is a range over them, never a forecast",
            },
        }

    def _cases(self) -> list[Case]:
        return cases_of(self.store, self.school)


def cases_of(store: Store, school: str) -> list[Case]:
    """Every case of a school, by child."""
    return [case for case in records_of(store, school) if case.stage]


def records_of(store: Store, school: str) -> list[Case]:
    """Every record of a school: its own, then by id those of children, with a case or without, and of classes."""
    found: list[Case] = []
    with store.read():
        found += store.load(school, [SCHOOL]).values()
        after = ""
        while page := store.children(school, after=after, limit=500, open_only=False):
            cases = store.load(school, page)
            found += [cases[child] for child in page]
            after = page[-1]
    return found


def report(place: Place, alarms: Alarms, work: Work, setting: Setting) -> Run:
    """Read the run back from the store."""
    store, school = place.store, place.school
    cases = cases_of(store, school)
    with store.read():
        counts = store.obligation_counts(school, setting.first, setting.last)
        states = store.states(school)
        since, until = place.begin, place.calendar.midnight(setting.last + DAY)
        emergencies = Emergencies(
            Emergency.of(child, found) for child, found in store.emergencies(school, since, until)
        )
        required = _required(store, school, setting)
    obligations = {
        duty: {"required": required.get(duty, 0), **dict(counts.get(duty, {}))} for duty in sorted({*required, *counts})
    }
    swept = place.swept
    conserved = all(n["required"] == sum(n.values()) - n["required"] for n in obligations.values())
    return Run(
        setting=setting,
        rates=place.rates,
        states=states,
        obligations=obligations,
        emergencies=emergencies,
        notices=_load(place, alarms, setting, emergency=False),
        emergency_notices=_load(place, alarms, setting, emergency=True),
        coverage=_coverage(place, cases, setting),
        missed=_missed(work, records_of(store, school), setting),
        distress=place.world.distress(),
        minutes=dict(work.planner.worked.minutes),
        capacity=work.capacity,
        conserved=conserved and swept.due == swept.settled + len(swept.broken),
        store=store,
        school=school,
        desk=place.desk,
    )


def _required(store: Store, school: str, setting: Setting) -> dict[str, int]:
    """Duty → obligations that arose, counted from the history alone."""
    opens: dict[tuple[str, str], date] = {}
    for child, entry in store.histories(school):
        for _, event in entry.events:
            if isinstance(event, ev.ObligationOpened):
                opens[child, f"{event.duty}/{event.window}"] = event.opens
            elif isinstance(event, ev.ObligationRedated):
                opens[child, event.key] = event.opens
    found = Counter(key.partition("/")[0] for (_, key), day in opens.items() if setting.first <= day <= setting.last)
    return dict(sorted(found.items()))


def _load(place: Place, alarms: Alarms, setting: Setting, *, emergency: bool) -> Load:
    people = place.staff.everybody
    weeks = -(-((setting.last - setting.first).days + 1) // 7)
    counts: Counter[tuple[str, int]] = Counter()
    for row in alarms.told:
        if (row.topic == "emergency") == emergency and row.person in people:
            counts[row.person, (row.at - place.begin) // timedelta(weeks=1)] += 1
    total = sum(counts.values())
    return Load(max(counts.values(), default=0), round(total / (len(people) * weeks), 4))


def _reached(case: Case) -> list[date]:
    return sorted(a.on for a in case.activity_log.values() if a.kind in CHILD_SEEN and a.reached and not a.voided)


def _gap(case: Case, first: date, last: date) -> int:
    longest = 0
    reached = _reached(case)
    for span in case.spans:
        if span.kind == "open":
            begin, end = max(span.since, first), min(span.until or last, last)
            days = [begin, *(day for day in reached if begin <= day <= end), end]
            longest = max([longest, *((b - a).days for a, b in pairwise(days))])
    return longest


def _coverage(place: Place, cases: Sequence[Case], setting: Setting) -> dict[date, float]:
    term = place.calendar.term_on(setting.first)
    days = [(case, set(_reached(case))) for case in cases]
    found = {}
    for monday, sunday in () if term is None else term.weeks():
        if sunday >= setting.first:
            week = [monday + DAY * k for k in range(7)]
            mine = [reached for case, reached in days if any(case.in_span("open", day) for day in week)]
            if mine:
                found[monday] = sum(1 for reached in mine if reached.intersection(week)) / len(mine)
    return found


def _missed(work: Work, cases: Sequence[Case], setting: Setting) -> dict[str, dict[str, int]]:
    """Duty → cause → missed obligations: not_done (forgotten), unreachable (nobody was reached), else no_capacity."""
    worked = work.planner.worked
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        for held in case.obligations.values():
            if held.status == "missed" and setting.first <= held.opens <= setting.last:
                known = setting.policy.duty(held.duty)
                kinds = [spec.kind for spec in known.discharged_by] if known else []
                tried = [day for kind in kinds for day in worked.failed.get((case.child, kind), ())]
                if (case.child, held.key) in worked.forgotten:
                    cause = "not_done"
                elif any(held.opens <= day <= (held.closes or date.max) for day in tried):
                    cause = "unreachable"
                else:
                    cause = "no_capacity"
                found[held.duty][cause] += 1
    return {duty: dict(sorted(causes.items())) for duty, causes in sorted(found.items())}


def _sources(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        name = f"{path}/{entry.name}"
        if entry.is_dir():
            found += _sources(entry, name)
        elif entry.name.endswith((".py", ".toml", ".csv")):
            found.append((name, entry.read_bytes()))
    return found
