"""A store in memory: the same promises as SQL, without the database. Asked for by name: texts lie here readable."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b
from itertools import islice, takewhile
from threading import get_ident
from typing import TypeVar
from uuid import UUID

from casework.engine.checks import MAX_ID
from casework.engine.port import Change, Reading, Shard, check_changes, destroyed_refs, sealed_refs
from casework.errors import CommandRefused, HostTransactionError, KeyReused, NotFound, StaleCase
from casework.model.case import CLASS_MARK, Case
from casework.model.erasure_events import Erased
from casework.model.events import Applied, Entry
from casework.model.identity import lookup_refs, normalised
from casework.model.ids import check_writable
from casework.model.people import Principal, Sealed
from casework.model.roll import RollRow, StaffRow
from casework.testing.letterbox import Letterbox
from casework.testing.messages import Messages
from casework.testing.shelf import (
    Due,
    School,
    drop,
    swap,
    version,
    with_looks,
)

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")

READ, WRITE = 1, 2


class MemoryStore(Letterbox, Messages):
    """The `casework.engine.port.Store` of tests and simulations.

    What fails inside ``write()`` is undone. Not for several threads: a second one is refused meanwhile. Texts are
    kept readable, nothing is encrypted: it is never a place for real children's data.
    """

    def __init__(self) -> None:
        self._schools: dict[str, School] = {}
        self._wakes: list[Due] = []
        self._alarms: list[Due] = []
        self._undo: list[Callable[[], None]] = []
        self._pending: dict[tuple[str, str, str], str] = {}
        self._kinds: dict[str, str] = {}
        self._doing = 0
        self._thread = 0

    # --------------------------------------------------------------------------------------------- transactions

    @contextmanager
    def write(self) -> Iterator[None]:
        """Everything inside happens, or nothing of it; re-entering joins."""
        doing = self._mine()
        if doing == READ:
            raise HostTransactionError("this store is open for reading; open write() outside of read()")
        if doing == WRITE:
            yield
            return
        self._doing, self._thread = WRITE, get_ident()
        try:
            yield
        except BaseException:
            for undo in reversed(self._undo):
                undo()
            raise
        finally:
            self._undo.clear()
            self._pending.clear()
            self._doing = 0

    @contextmanager
    def read(self) -> Iterator[None]:
        """Reading only; inside ``write()`` it joins."""
        if self._mine():
            yield
            return
        self._doing, self._thread = READ, get_ident()
        try:
            yield
        finally:
            self._doing = 0

    def transact(self, call: Callable[[], T], *, writing: bool) -> T:
        """What the call returns, in one transaction."""
        with self.write() if writing else self.read():
            return call()

    def _mine(self) -> int:
        """What is open, if this thread opened it."""
        if self._doing and self._thread != get_ident():
            raise HostTransactionError(
                "this store in memory is open in another thread; give each thread its own, or use SqlStore on an engine"
            )
        return self._doing

    def _writing(self) -> None:
        if self._mine() != WRITE:
            raise HostTransactionError("nothing is open for writing; use `with store.write():`")

    def _school(self, name: str) -> School:
        """The school, or an empty one that is not kept."""
        if not self._mine():
            raise HostTransactionError("nothing is open; use `with store.read():` or `with store.write():`")
        if name in self._schools:
            return self._schools[name]
        check_writable(name)
        return School(0)

    def _school_to_write(self, name: str) -> School:
        self._writing()
        if name not in self._schools:
            check_writable(name)
            self._put(self._schools, name, School(len(self._schools) + 1))
        return self._schools[name]

    def _put(self, where: dict[K, V], key: K, value: V) -> None:
        if key in where:
            old = where[key]
            self._undo.append(lambda: where.__setitem__(key, old))
        else:
            self._undo.append(lambda: where.__delitem__(key))
        where[key] = value

    def _take(self, where: dict[K, V], key: K) -> None:
        old = where.pop(key)
        self._undo.append(lambda: where.__setitem__(key, old))

    def _append(self, where: list[V], value: V) -> None:
        where.append(value)
        self._undo.append(lambda: drop(where))

    # ------------------------------------------------------------------------------------------------- records

    def settings(self, school: str) -> Applied | None:
        """What the school runs on."""
        return self._school(school).applied

    def load(self, school: str, children: Sequence[str]) -> dict[str, Case]:
        """The records of these children that exist."""
        mine = self._school(school)
        check_writable(*(child for child in children if child not in mine.cases))
        return {child: mine.case(child) for child in children if child in mine.cases}

    def child_of(self, school: str, case: UUID) -> str | None:
        """The child whose case has this public id."""
        return self._school(school).uuids.get(case)

    def children(self, school: str, *, after: str, limit: int, open_only: bool) -> list[str]:
        """A page of children with a record."""
        mine = self._school(school)
        found: list[str] = []
        for child in mine.order[bisect_right(mine.order, after) :]:
            if len(found) == limit:
                break
            if not open_only or mine.cases[child].open:
                found.append(child)
        return found

    def repeated(self, school: str, child: str, actor: str, idem: str, asked: str) -> Entry | None:
        """The entry written under this idempotency key; raises `KeyReused` if it was for something else."""
        found = self._school(school).idem.get((child, actor, idem))
        if found is None:
            return None
        entry, first = found
        if first and first != asked:
            raise KeyReused(idem)
        return entry

    def save(self, school: str, changes: Sequence[Change]) -> None:
        """Write all changes, or raise `StaleCase` before anything is written."""
        mine = self._school_to_write(school)
        check_changes(school, changes)
        check_writable(*(change.after.child for change in changes if not change.before.version))
        stale = [c.after.child for c in changes if version(mine.cases.get(c.after.child)) != c.before.version]
        if stale:
            raise StaleCase(f"changed since it was loaded: {', '.join(stale)}; load again and repeat the command")
        for change in changes:
            if change.entry is not None:
                case = with_looks(change.after, change.wake_at, change.alarm_at)
                self._enter(mine, case, change.entry, change.asked)
            if change.after.version:
                self._look(mine, school, change.after.child, change.wake_at, change.alarm_at)
            for outgoing in change.outgoing:
                if outgoing.key not in mine.outbox:
                    self._put(mine.outbox, outgoing.key, outgoing)
                    self._put(mine.due, outgoing.key, outgoing.at)
        for change in changes:
            self._call(mine, school, change)

    def _call(self, mine: School, name: str, change: Change) -> None:
        """Note what a record took up of gatherings, and let those that a gathering names do so."""
        if change.before.awaited and not change.after.awaited:
            self._put(mine.awaiting, change.after.child, frozenset())
        for child in change.awaiting:
            if change.entry is not None and child in mine.cases:
                wake, alarm = mine.looks.get(child, (None, None))
                self._put(mine.awaiting, child, mine.awaiting.get(child, frozenset()) | {change.after.child})
                self._look(mine, name, child, min(wake or change.entry.at, change.entry.at), alarm)

    def _enter(self, mine: School, case: Case, entry: Entry, asked: str) -> None:
        child = case.child
        if child not in mine.cases:
            self._put(mine.numbers, child, len(mine.numbers) + 1 if child else 0)
            self._put(mine.uuids, case.id, child)
            self._put(mine.entries, child, [])
            if child:
                insort(mine.order, child)
                self._undo.append(lambda: mine.order.remove(child))
        self._keep(mine, case.having(awaited=()) if case.awaited else case)
        self._append(mine.entries[child], entry)
        if entry.idem:
            self._put(mine.idem, (child, entry.actor, entry.idem), (entry, asked))
        for _, event in entry.events:
            if isinstance(event, Applied) and not child:
                self._apply(mine, event)
        self._write_texts(mine, case, entry)

    def _write_texts(self, mine: School, case: Case, entry: Entry) -> None:
        """Write the waiting texts that the entry refers to; take all away where it says that they were erased."""
        child = case.child
        if any(isinstance(event, Erased) for _, event in entry.events):
            for key in [key for key in mine.texts if key[0] == child]:
                self._take(mine.texts, key)
        for ref in (ref for _, event in entry.events for ref in destroyed_refs(event)):
            if (child, ref) in mine.texts:
                self._take(mine.texts, (child, ref))
        if self._pending:
            said = set(sealed_refs(tuple(event for _, event in entry.events)))
            for (school, whose, ref), text in self._pending.items():
                if school == case.school and whose == child and ref in said:
                    self._put(mine.texts, (child, ref), text)

    def _keep(self, mine: School, case: Case) -> None:
        self._put(mine.cases, case.child, case)
        mine.written(case.child)
        self._undo.append(lambda: mine.written(case.child))

    def _apply(self, mine: School, applied: Applied) -> None:
        before, mine.applied = mine.applied, applied
        self._undo.append(lambda: setattr(mine, "applied", before))

    # --------------------------------------------------------------------------------------------------- looks

    def _look(self, mine: School, name: str, child: str, wake: datetime | None, alarm: datetime | None) -> None:
        old = mine.looks.get(child, (None, None))
        case = with_looks(mine.cases[child], wake, alarm)
        if case is not mine.cases[child]:
            self._keep(mine, case)
        if old == (wake, alarm):
            return
        self._put(mine.looks, child, (wake, alarm))
        number = mine.numbers[child]
        for queue, before, after in ((self._wakes, old[0], wake), (self._alarms, old[1], alarm)):
            if before != after:
                self._requeue(queue, (mine.number, number, name, child), before, after)

    def _requeue(
        self, queue: list[Due], who: tuple[int, int, str, str], before: datetime | None, after: datetime | None
    ) -> None:
        if before is not None:
            del queue[bisect_left(queue, (before, *who))]
        if after is not None:
            insort(queue, (after, *who))
        if self._doing == WRITE:
            self._undo.append(lambda: swap(queue, who, after, before))

    def claim(
        self,
        now: datetime,
        *,
        limit: int,
        school: str | None,
        alarms: bool,
        skip: Sequence[tuple[str, str]],
        shard: Shard | None = None,
    ) -> list[Case]:
        """Up to ``limit`` records that are due, earliest first."""
        self._writing()
        passed = set(skip)
        mine = set(self._schools) if shard is None else set(list(self._schools)[shard.number :: shard.of])
        queue = takewhile(lambda due: due[0] <= now, self._alarms if alarms else self._wakes)
        pairs = ((name, child) for _, _, _, name, child in queue if school in {None, name} and name in mine)
        wanted = (pair for pair in pairs if pair not in passed)
        return [self._schools[name].case(child) for name, child in islice(wanted, limit)]

    def due(self, now: datetime, *, school: str | None) -> int:
        """How many records have a look or an alarm due."""
        queues = (takewhile(lambda due: due[0] <= now, queue) for queue in (self._wakes, self._alarms))
        return len({(name, child) for queue in queues for _, _, _, name, child in queue if school in {None, name}})

    def wake(self, school: str, at: datetime, *, closed: bool = False) -> int:
        """Make every open case, the school's record and those of classes due at ``at`` at the latest."""
        mine = self._school_to_write(school)
        found = [
            case.child
            for case in mine.cases.values()
            if case.open or case.pupil or case.child[:1] in {"", CLASS_MARK} or (closed and case.stage)
        ]
        for child in found:
            wake, alarm = mine.looks.get(child, (None, None))
            self._look(mine, school, child, at if wake is None else min(wake, at), alarm)
        return len(found)

    def wake_of(self, school: str, child: str) -> tuple[datetime | None, datetime | None]:
        """The record's next look and next alarm."""
        return self._school(school).looks.get(child, (None, None))

    # --------------------------------------------------------------------------------------------- sealed text

    def seal(self, school: str, child: str, kind: str, text: str) -> Sealed:
        """Keep the text for the next save of that child; the same text of the same kind has the same reference."""
        self._writing()
        try:
            said = f"{school}\x1f{child}\x1f{kind}\x1f{text}".encode()
        except UnicodeEncodeError:
            raise CommandRefused("a text holds half a character; give text that UTF-8 can write") from None
        ref = blake2b(said, digest_size=16).hexdigest()
        self._pending[school, child, ref] = text
        self._kinds[ref] = kind
        return Sealed(ref)

    def unseal(self, school: str, child: str, sealed: Sealed, *, reader: str, reason: str, at: datetime) -> str:
        """What the text says; the reading is kept."""
        if len(reason) > MAX_ID:
            raise CommandRefused(f"a reason has at most {MAX_ID} characters; this one has {len(reason)}")
        mine = self._school_to_write(school)
        text = mine.texts.get((child, sealed.ref))
        if text is None or reader == Principal.system().id:
            raise NotFound("sealed text", sealed.ref)
        if child not in mine.reads:
            self._put(mine.reads, child, [])
        self._append(mine.reads[child], Reading(sealed.ref, reader, reason, at, self._kinds[sealed.ref]))
        return text

    def found_by(self, school: str, what: str, text: str) -> list[tuple[str, str]]:
        """Children found by an exact phone or identity number."""
        mine, wanted = self._school(school), normalised(what, text)
        found = {
            (case.child, ref)
            for case in mine.cases.values()
            for kind, ref in lookup_refs(case)
            if kind == what and wanted and normalised(what, mine.texts.get((case.child, ref), "")) == wanted
        }
        return sorted(found)

    def receipt(self, school: str, child: str) -> str:
        """What stands for the child's texts once they are gone; empty without any."""
        texts = sorted(ref for whose, ref in self._school_to_write(school).texts if whose == child)
        return f"0.{blake2b(''.join(texts).encode(), digest_size=16).hexdigest()}" if texts else ""

    def restored(self, school: str | None, child: str | None = None) -> list[tuple[str, str]]:  # noqa: ARG002
        """Nothing: memory has no older copy."""
        return []

    def reads(self, school: str, child: str) -> list[Reading]:
        """Who read sealed text of this child."""
        return list(self._school(school).reads.get(child, ()))

    # ------------------------------------------------------------------------------------------------- history

    def entries(self, school: str, child: str) -> list[Entry]:
        """A record's history."""
        return list(self._school(school).entries.get(child, ()))

    def histories(self, school: str) -> Iterator[tuple[str, Entry]]:
        """Every entry by child, then seq."""
        mine = self._school(school)
        for case in mine.ordered():
            for entry in mine.entries[case.child]:
                yield case.child, entry

    # ---------------------------------------------------------------------------------------------------- roll

    def save_roll(self, school: str, pupils: Sequence[RollRow], staff: Sequence[StaffRow]) -> None:
        """Write these rows, leaving the others."""
        mine = self._school_to_write(school)
        check_writable(*(pupil.pupil for pupil in pupils), *(member.person for member in staff))
        for pupil in pupils:
            self._put(mine.roll, pupil.pupil, pupil)
        for member in staff:
            self._put(mine.staff, member.person, member)
