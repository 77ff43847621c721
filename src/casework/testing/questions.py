"""What is asked of a store in memory over many records: the half of it that only reads."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from casework.engine.decide_moves import named
from casework.engine.port import Outgoing, Owed, Reach, Whose
from casework.model.emergency import Emergency
from casework.model.gathering import Gathering
from casework.model.roll import RollRow, StaffRow
from casework.testing.shelf import School, activity_counts, facts_of, obligation_counts, sorted_counts


class Questions(ABC):
    """Questions over what a school has stored."""

    @abstractmethod
    def _school(self, name: str) -> School:
        """The school, or an empty one that is not kept."""

    def having(self, school: str, children: Sequence[str]) -> dict[str, str]:
        """By child that has a record: its class."""
        cases = self._school(school).cases
        return {child: cases[child].class_ for child in children if child in cases}

    def gatherings(self, school: str, first: date, last: date) -> list[Gathering]:
        """The gatherings of those days, by day, then id."""
        held = [case.gathering for case in self._school(school).cases.values() if case.gathering is not None]
        return sorted((g for g in held if first <= g.on <= last), key=lambda g: (g.on, g.id))

    def owed(self, school: str, whose: Whose, *, hidden: Sequence[str]) -> list[Owed]:
        """Open obligations that fall to a person."""
        mine = self._school(school)
        glances = mine.glances
        found: list[Owed] = []
        for child in sorted(set(glances.owing(whose)).difference(hidden)):
            seen = glances.by_child[child]
            roles = {role for role in seen.roles if whose.owes(role, seen.lead, seen.class_, child)}
            found += [owed for owed in seen.owed if owed.obligation.role in roles] if roles else ()
        return found

    def implicated(self, school: str, person: str) -> list[str]:
        """Children whose records implicate the person."""
        glances = self._school(school).glances
        return sorted(child for child in glances.grave if person in glances.by_child[child].implicated)

    def within(self, school: str, reach: Reach) -> list[str]:
        """Children who are within a person's reach, by id."""
        children = self._school(school).cases.values()
        return sorted(case.child for case in children if case.subject == "child" and reach.holds(case))

    def erasing(self, school: str) -> list[str]:
        """Children with a request of erasure that waits for an answer."""
        cases = self._school(school).ordered()
        return [case.child for case in cases if any(e.state == "asked" for e in case.erasures.values())]

    def live(self, school: str) -> list[str]:
        """Children with an emergency that is not reviewed yet."""
        glances = self._school(school).glances
        return sorted(child for child in glances.grave if glances.by_child[child].live)

    def read_of(self, school: str, reader: str) -> list[str]:
        """Children of whom somebody read sealed text."""
        reads = self._school(school).reads.items()
        return sorted(child for child, found in reads if any(not reader or r.reader == reader for r in found))

    def broken(self, school: str) -> list[str]:
        """Children about whom glass was broken that nobody has judged yet."""
        cases = self._school(school).cases.values()
        return sorted(c.child for c in cases if any(not g.reviewed_by for g in c.glasses.values()))

    def referred(self, school: str) -> list[str]:
        """Children with a referral that is still open."""
        glances = self._school(school).glances
        return sorted(child for child in glances.grave if glances.by_child[child].referred)

    def named(self, school: str, person: str) -> list[str]:
        """Children of whose care something is in the person's name."""
        return sorted(child for child, case in self._school(school).cases.items() if named(case, person))

    def moved(self, school: str) -> list[str]:
        """Records with a transfer or a merge, by id."""
        return sorted(child for child, case in self._school(school).cases.items() if case.moves)

    def outgoing(self, school: str) -> list[Outgoing]:
        """The outbox by nominal time, then key."""
        return sorted(self._school(school).outbox.values(), key=lambda row: (row.at, row.key))

    def facts(self, school: str, needs: Sequence[str], *, today: date) -> dict[str, Mapping[str, int]]:  # noqa: ARG002
        """Declared aggregates by name."""
        return facts_of(self._school(school), needs)

    def obligation_counts(self, school: str, first: date, last: date) -> dict[str, dict[str, int]]:
        """Duty → status → obligations that opened in those days."""
        return obligation_counts(self._school(school), first, last)

    def states(self, school: str) -> dict[str, int]:
        """State → cases."""
        return dict(sorted_counts(case.state for case in self._school(school).cases.values()))

    def activity_counts(self, school: str, first: date, last: date) -> dict[str, dict[str, int]]:
        """Kind → reached and not → activities of those days."""
        return activity_counts(self._school(school), first, last)

    def emergencies(self, school: str, since: datetime, until: datetime) -> list[tuple[str, Emergency]]:
        """Emergencies raised in that time, with their child, in the order of raising."""
        found = [
            (case.child, emergency)
            for case in self._school(school).cases.values()
            for emergency in case.emergencies.values()
            if since <= emergency.raised_at < until
        ]
        return sorted(found, key=lambda pair: (pair[1].raised_at, pair[0], pair[1].id))

    def roll(self, school: str, pupils: Sequence[str] | None = None) -> dict[str, RollRow]:
        """All pupils by id, or of these those that are on it."""
        roll = self._school(school).roll
        return {id_: roll[id_] for id_ in sorted(roll if pupils is None else {*pupils} & roll.keys())}

    def staff(self, school: str) -> dict[str, StaffRow]:
        """Members of staff by id."""
        return dict(sorted(self._school(school).staff.items()))
