"""Letters on their way, in memory: what the delivery asks of a store."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import evolve

from casework.engine.outgoing import Outgoing
from casework.engine.post import DEAD, FAR, LAID_ASIDE, SENDING, WAITING, WITHHELD, DeadLetter, Held, Packed, Verdict
from casework.testing.questions import Questions
from casework.testing.shelf import Delivery, School

K = TypeVar("K")
V = TypeVar("V")


class Letterbox(Questions):
    """Letters on their way."""

    _schools: dict[str, School]

    @abstractmethod
    def _school_to_write(self, name: str) -> School:
        """The school, kept from now on."""

    @abstractmethod
    def _writing(self) -> None:
        """Raise `HostTransactionError` unless something is open for writing."""

    @abstractmethod
    def _put(self, where: dict[K, V], key: K, value: V) -> None:
        """Put a value so that it can be undone."""

    def waiting(self, now: datetime, *, urgent: bool, limit: int, school: str | None) -> list[tuple[str, Outgoing]]:
        """Notices that are in no letter and due, with their schools."""
        self._writing()
        found = [
            (at, mine.number, key, name)
            for name, mine in self._schools.items()
            if school in {None, name}
            for key, at in mine.due.items()
            if at is not None and not now < at <= now + FAR and mine.outbox[key].urgent is urgent
        ]
        return [(name, self._schools[name].outbox[key]) for _, _, key, name in sorted(found)[:limit]]

    def waiting_for(self, school: str, people: Sequence[str]) -> list[Outgoing]:
        """All that waits for these people and is not urgent."""
        self._writing()
        mine = self._school(school)
        rows = [mine.outbox[key] for key, at in mine.due.items() if at is not None]
        found = [row for row in rows if row.person in people and not row.urgent]
        return sorted(found, key=lambda row: (row.at, row.key))

    def letters(self, school: str, ids: Sequence[str]) -> set[str]:
        """Which of these letters have been written."""
        return {letter for letter, _ in self._school(school).deliveries}.intersection(ids)

    def pack(
        self, school: str, letters: Sequence[Packed], sinks: Sequence[str], later: Sequence[tuple[Outgoing, datetime]]
    ) -> None:
        """Write letters, one delivery for each sink; what is to wait is looked at again later."""
        mine = self._school_to_write(school)
        for letter in letters:
            live = letter.status == WAITING
            for sink in sinks:
                if (letter.id, sink) not in mine.deliveries:
                    due = letter.at if live else None
                    made = Delivery(letter, sink, letter.status, due, error=letter.error)
                    self._put(mine.deliveries, (letter.id, sink), made)
            for key in letter.keys:
                self._put(mine.due, key, None)
                self._put(mine.statuses, key, SENDING if live else letter.status)
        for notice, at in later:
            self._put(mine.due, notice.key, at)

    def claim_letters(
        self, now: datetime, until: datetime, *, urgent: bool, limit: int, sinks: Sequence[str], school: str | None
    ) -> list[Held]:
        """Claim letters that are due at these sinks, earliest first."""
        self._writing()
        found = [
            (one.due_at, mine.number, one.letter.id, one.sink, name)
            for name, mine in self._schools.items()
            if school in {None, name}
            for one in mine.deliveries.values()
            if one.due_at is not None
            and not now < one.due_at <= now + FAR
            and one.letter.urgent is urgent
            and one.sink in sinks
            if not any(_before(other, one) for other in mine.deliveries.values())
        ]
        held = []
        for _, _, id_, sink, name in sorted(found)[:limit]:
            mine = self._schools[name]
            one = mine.deliveries[id_, sink]
            one = evolve(one, due_at=until, fence=one.fence + 1, tries=one.tries + 1)
            self._put(mine.deliveries, (id_, sink), one)
            letter = one.letter
            who = (name, id_, sink, letter.person, letter.child, letter.urgent, letter.at, letter.keys)
            held.append(Held(*who, one.fence, one.tries))
        return held

    def notices(self, school: str, keys: Sequence[str], *, withheld: bool = False) -> dict[str, Outgoing]:
        """Notices by key; those that are withheld only if asked for."""
        mine = self._school(school)
        rows = [mine.outbox[key] for key in set(keys) if key in mine.outbox]
        shown = [row for row in rows if withheld or mine.statuses.get(row.key) != WITHHELD]
        return {row.key: row for row in sorted(shown, key=lambda row: (row.at, row.key))}

    def settle_letters(
        self, school: str, verdicts: Sequence[Verdict]
    ) -> tuple[set[tuple[str, str]], dict[str, dict[str, str]]]:
        """Note what came of attempts, except of those whose letter another has claimed since."""
        mine = self._school_to_write(school)
        noted = set()
        for verdict in verdicts:
            place = (verdict.held.id, verdict.held.sink)
            one = mine.deliveries.get(place)
            if one is not None and one.status == WAITING and one.fence == verdict.held.fence:
                noted.add(place)
                said = evolve(one, status=verdict.status, due_at=verdict.due_at, error=verdict.error)
                self._put(mine.deliveries, place, said)
        standing: dict[str, dict[str, str]] = {}
        for (letter, sink), one in mine.deliveries.items():
            standing.setdefault(letter, {})[sink] = one.status
        return noted, {id_: standing[id_] for id_ in standing if id_ in {verdict.held.id for verdict in verdicts}}

    def settle_notices(self, school: str, statuses: Mapping[str, str]) -> None:
        """Note by key what has come of notices."""
        mine = self._school_to_write(school)
        for key, status in statuses.items():
            if key in mine.outbox:
                self._put(mine.statuses, key, status)

    def dead_letters(self, school: str) -> list[DeadLetter]:
        """Letters that are not tried any more."""
        mine = self._school(school)
        dead = [one for one in mine.deliveries.values() if one.status == DEAD]
        return [
            DeadLetter(
                one.letter.id,
                one.sink,
                one.letter.person,
                one.letter.urgent,
                one.letter.at,
                one.tries,
                one.error,
                tuple(row for key, row in self.notices(school, one.letter.keys).items() if key in one.letter.keys),
            )
            for one in sorted(dead, key=lambda one: (one.letter.at, one.letter.id, one.sink))
        ]

    def lay_aside(self, school: str, letter: str) -> int:
        """Take a dead letter off the list; at how many sinks it was there."""
        mine = self._school_to_write(school)
        dead = [place for place, one in mine.deliveries.items() if place[0] == letter and one.status == DEAD]
        for place in dead:
            self._put(mine.deliveries, place, evolve(mine.deliveries[place], status=LAID_ASIDE))
        return len(dead)

    def deliver_again(self, school: str, letter: str, now: datetime) -> int:
        """Let a dead letter be tried again; at how many sinks."""
        mine = self._school_to_write(school)
        dead = [place for place, one in mine.deliveries.items() if place[0] == letter and one.status == DEAD]
        for place in dead:
            one = mine.deliveries[place]
            again = evolve(one, status=WAITING, due_at=now, fence=one.fence + 1, tries=0)
            self._put(mine.deliveries, place, again)
        return len(dead)


def _before(other: Delivery, one: Delivery) -> bool:
    """Whether one waits for another: to the same person, about the same child, at the same sink."""
    line, mine = (
        (d.letter.person, d.letter.child, d.sink, d.letter.urgent, d.letter.at, d.letter.id) for d in (other, one)
    )
    return other.due_at is not None and line[:4] == mine[:4] and line[4:] < mine[4:]
