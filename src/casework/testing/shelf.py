"""What a school has stored in memory, and the small steps in which that changes."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from attrs import define, field, frozen

from casework.engine.port import Outgoing, Owed, Reading, Whose
from casework.engine.post import Packed
from casework.model.case import Case
from casework.model.emergency import Emergency
from casework.model.events import Applied, Entry
from casework.model.gathering import Awaited
from casework.model.roll import RollRow, StaffRow

V = TypeVar("V")

Due = tuple[datetime, int, int, str, str]
"""When, the school's number, the record's number, school, child: the order in which records are claimed."""


@frozen
class Glance:
    """What is asked of a record again and again."""

    lead: str
    class_: str
    owed: tuple[Owed, ...]
    roles: frozenset[str]
    implicated: frozenset[str]
    live: bool
    referred: bool


def glance(case: Case) -> Glance:
    """What is asked of the record again and again."""
    owed = [Owed(case.child, case.class_, case.household, o) for o in case.obligations.values() if o.status == "open"]
    people = {person for e in case.emergencies.values() for person in e.implicated}
    people |= {person for c in case.concern_log.values() for person in c.implicated}
    people |= {person for r in case.referrals.values() for person in r.implicated}
    people |= {person for m in case.moves.values() for hidden in m.hides for person in hidden.implicated}
    live = any(e.state != "reviewed" for e in case.emergencies.values())
    roles = frozenset(o.obligation.role for o in owed)
    referred = any(r.ended_on is None for r in case.referrals.values())
    return Glance(case.lead, case.class_, tuple(owed), roles, frozenset(people), live, referred)


@define
class Glances:
    """Glances by child, and who is to be found there; ``stale`` are the records written since the last question."""

    stale: set[str] = field(factory=set)
    by_child: dict[str, Glance] = field(factory=dict)
    by_lead: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    by_class: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    grave: set[str] = field(factory=set)

    def renew(self, cases: Mapping[str, Case]) -> None:
        """Look again at what was written."""
        for child in self.stale:
            before = self.by_child.pop(child, None)
            if before is not None:
                self.by_lead[before.lead].discard(child)
                self.by_class[before.class_].discard(child)
                self.grave.discard(child)
            if child in cases:
                found = self.by_child[child] = glance(cases[child])
                self.by_lead[found.lead].add(child)
                self.by_class[found.class_].add(child)
                if found.implicated or found.live or found.referred:
                    self.grave.add(child)
        self.stale.clear()

    def owing(self, whose: Whose) -> Iterable[str]:
        """Children of whom something can fall to the person."""
        if whose.roles:
            return self.by_child
        return self.by_lead.get(whose.person, set()).union(*(self.by_class.get(c, ()) for c in whose.classes))


@frozen
class Delivery:
    """A letter at a sink; without ``due_at`` nothing is tried any more."""

    letter: Packed
    sink: str
    status: str
    due_at: datetime | None
    fence: int = 0
    tries: int = 0
    error: str = ""


@define
class School:
    """Everything that one school has stored."""

    number: int
    cases: dict[str, Case] = field(factory=dict)
    numbers: dict[str, int] = field(factory=dict)
    order: list[str] = field(factory=list)
    uuids: dict[UUID, str] = field(factory=dict)
    looks: dict[str, tuple[datetime | None, datetime | None]] = field(factory=dict)
    entries: dict[str, list[Entry]] = field(factory=dict)
    idem: dict[tuple[str, str, str], tuple[Entry, str]] = field(factory=dict)
    texts: dict[tuple[str, str], str] = field(factory=dict)
    reads: dict[str, list[Reading]] = field(factory=dict)
    outbox: dict[str, Outgoing] = field(factory=dict)
    roll: dict[str, RollRow] = field(factory=dict)
    staff: dict[str, StaffRow] = field(factory=dict)
    applied: Applied | None = None
    awaiting: dict[str, frozenset[str]] = field(factory=dict)
    due: dict[str, datetime | None] = field(factory=dict)
    statuses: dict[str, str] = field(factory=dict)
    deliveries: dict[tuple[str, str], Delivery] = field(factory=dict)
    _glances: Glances = field(factory=Glances)

    def case(self, child: str) -> Case:
        """The record, with what it still has to take up of gatherings."""
        found = self.cases[child]
        ids = sorted(self.awaiting.get(child, ()), key=lambda id_: self.numbers[id_])
        held = [self.cases[id_].gathering for id_ in ids]
        return found.having(awaited=tuple(Awaited.of(g, child) for g in held if g is not None)) if held else found

    @property
    def glances(self) -> Glances:
        """What is asked again and again, of every record as it stands now."""
        self._glances.renew(self.cases)
        return self._glances

    def written(self, child: str) -> None:
        """Remember that the child's record changed."""
        self._glances.stale.add(child)

    def ordered(self) -> Iterator[Case]:
        """Every record by child, the school's own first."""
        if "" in self.cases:
            yield self.cases[""]
        for child in self.order:
            yield self.cases[child]


def drop(items: list[V]) -> None:
    """Undo an append."""
    items.pop()


def swap(queue: list[Due], who: tuple[int, int, str, str], gone: datetime | None, back: datetime | None) -> None:
    """Undo a change of a queue."""
    if gone is not None:
        del queue[bisect_left(queue, (gone, *who))]
    if back is not None:
        insort(queue, (back, *who))


def version(case: Case | None) -> int:
    """The version of a record, 0 where there is none."""
    return case.version if case else 0


def sorted_counts(names: Iterable[str]) -> Mapping[str, int]:
    """How often each name occurs, by name; empty ones are left out."""
    return dict(sorted(Counter(name for name in names if name).items()))


def class_sizes(mine: School) -> Mapping[str, int]:
    """Pupils on the roll and open cases together, by class."""
    pupils = [row.class_ for row in mine.roll.values() if row.on_roll]
    return sorted_counts([*pupils, *(case.class_ for case in mine.cases.values() if case.open)])


def facts_of(mine: School, needs: Sequence[str]) -> dict[str, Mapping[str, int]]:
    """Declared aggregates by name."""
    known: dict[str, Callable[[], Mapping[str, int]]] = {
        "roll_against_cases": lambda: roll_against_cases(mine),
        "helper_load": lambda: sorted_counts(case.lead for case in mine.cases.values() if case.open),
        "class_sizes": lambda: class_sizes(mine),
        "class_shares": lambda: sorted_counts(case.class_ for case in mine.cases.values() if case.open),
    }
    return {need: known[need]() for need in needs}


def roll_against_cases(mine: School) -> Mapping[str, int]:
    """Pupils on the roll whose parents work away, and those of them with no case."""
    positives = [row.pupil for row in mine.roll.values() if row.on_roll and row.left_behind in {"one", "both"}]
    without = [child for child in positives if child not in mine.cases or not mine.cases[child].stage]
    return {"positives": len(positives), "without_case": len(without)}


def obligation_counts(mine: School, first: date, last: date) -> dict[str, dict[str, int]]:
    """Duty → status → obligations that opened in those days."""
    counts: Counter[tuple[str, str]] = Counter()
    for case in mine.cases.values():
        counts.update((o.duty, o.status) for o in case.obligations.values() if first <= o.opens <= last)
    found: dict[str, dict[str, int]] = {}
    for (duty, status), count in sorted(counts.items()):
        found.setdefault(duty, {})[status] = count
    return found


def emergencies(mine: School, since: datetime, until: datetime) -> list[tuple[str, Emergency]]:
    """Emergencies raised in that time, with their child, in the order of raising."""
    found = [
        (case.child, emergency)
        for case in mine.cases.values()
        for emergency in case.emergencies.values()
        if since <= emergency.raised_at < until
    ]
    return sorted(found, key=lambda pair: (pair[1].raised_at, pair[0], pair[1].id))


def activity_counts(mine: School, first: date, last: date) -> dict[str, dict[str, int]]:
    """Kind → reached and not → activities of those days."""
    found: dict[str, dict[str, int]] = {}
    for case in mine.cases.values():
        for a in case.activity_log.values():
            if not a.voided and first <= a.on <= last:
                counts = found.setdefault(a.kind, {"reached": 0, "not_reached": 0})
                counts["reached" if a.reached else "not_reached"] += 1
    return dict(sorted(found.items()))


def with_looks(case: Case, wake: datetime | None, alarm: datetime | None) -> Case:
    """The record with its next look and alarm."""
    if case.wake_at == wake and case.alarm_at == alarm:
        return case
    return case.having(wake_at=wake, alarm_at=alarm)
