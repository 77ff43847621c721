"""What the desk asks of a store. Memory and SQL implement it; one conformance suite holds both to it.

Nothing here is a transaction of its own: a store is opened for reading or writing, and everything in between is one
transaction (of the store's own at the Engine door, the host's at the others).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cache
from types import NoneType
from typing import Any, Protocol, TypeVar
from uuid import UUID

from attrs import field, fields, frozen, has

from casework.engine.outgoing import Outgoing, Shard
from casework.engine.post import Post
from casework.engine.questions import Owed, Reach, Reading, Whose
from casework.model.case import Case
from casework.model.emergency import Emergency
from casework.model.events import Applied, Entry
from casework.model.gathering import Gathering
from casework.model.merge_events import ItemLeft, MergeUndone
from casework.model.move import Message
from casework.model.people import Sealed
from casework.model.roll import RollRow, StaffRow

__all__ = [
    "SCHOOL",
    "Change",
    "Outgoing",
    "Owed",
    "Reach",
    "Reading",
    "Shard",
    "Store",
    "Whose",
    "check_changes",
    "destroyed_refs",
    "sealed_refs",
]

T = TypeVar("T")

SCHOOL = ""
"""The child id of a school's own record (stream 0)."""


@frozen
class Change:
    """One record's change, to be saved whole or not at all.

    ``before.version`` is what the store must still hold, or it raises `StaleCase`. Without ``entry`` only ``wake_at``
    and ``alarm_at`` move (an idle look). ``alarm_at`` is the next instant of an emergency's ladder alone. ``asked`` is
    what was asked under the entry's idempotency key (`casework.engine.asked`): a store keeps a digest of it.
    ``awaiting`` names the records that have to take up what this one, a gathering's, says of them: those that exist are
    woken with it, their versions untouched. A record that held something ``awaited`` before and not after has taken it
    up.
    """

    before: Case
    after: Case
    entry: Entry | None
    wake_at: datetime | None
    alarm_at: datetime | None
    outgoing: tuple[Outgoing, ...] = ()
    asked: str = field(default="", repr=False)
    awaiting: tuple[str, ...] = ()


def check_changes(school: str, changes: Sequence[Change]) -> None:
    """Raise ValueError for changes that contradict themselves: an engine that asks for this has a bug.

    One record stands once in the changes, its entry follows the version it was decided on, what is told is about it.
    """
    seen = set()
    for change in changes:
        before, after, entry = change.before, change.after, change.entry
        if not before.school == after.school == school or before.child != after.child or after.child in seen:
            raise ValueError(f"changes to save name record {after.child!r} twice, or that of another school or child")
        seen.add(after.child)
        if (entry.seq if entry else before.version) != after.version or after.version - before.version != bool(entry):
            raise ValueError(f"the entry to save does not lead from version {before.version} to {after.version}")
        if any(outgoing.child != after.child for outgoing in change.outgoing):
            raise ValueError(f"a row for the outbox that is saved with {after.child!r} is about another child")


def sealed_refs(value: object) -> Iterator[str]:
    """The references to sealed text anywhere within a value."""
    if isinstance(value, Sealed):
        yield value.ref
    elif isinstance(value, tuple):
        for item in value:
            yield from sealed_refs(item)
    else:
        kind: Any = type(value)
        for name in _names(kind):
            inner = getattr(value, name)
            if not isinstance(inner, _PLAIN):
                yield from sealed_refs(inner)


def destroyed_refs(event: object) -> tuple[str, ...]:
    """The references to sealed text that is destroyed with this event: it went back to another record."""
    return event.texts if isinstance(event, ItemLeft | MergeUndone) else ()


_PLAIN = (str, int, date, NoneType)


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - any class
    """The names of the fields of a value that may hold more than plain ones; none for what is no value of ours."""
    return tuple(part.name for part in fields(kind) if part.type not in _BARE) if has(kind) else ()


_BARE = (str, int, bool, date, datetime)


class Store(Post, Protocol):
    """Where records live. Children are named by the host's ids; ``""`` is the school's own record."""

    def write(self) -> AbstractContextManager[None]:
        """A transaction that may write; re-entering it joins. Only the Engine door commits."""
        ...

    def read(self) -> AbstractContextManager[None]:
        """A transaction that only reads."""
        ...

    def transact(self, call: Callable[[], T], *, writing: bool) -> T:
        """What the call returns, in one transaction of `write` or `read`; joins one that is open.

        At the Engine door it is called again where the database was busy or a record became stale meanwhile, so the
        call does everything anew each time, and does nothing outside of the store.
        """
        ...

    def settings(self, school: str) -> Applied | None:
        """What the school runs on, or None for a school not known yet."""
        ...

    def load(self, school: str, children: Sequence[str]) -> dict[str, Case]:
        """The records of these children that exist, in a constant number of statements; locked when writing.

        ``wake_at`` and ``alarm_at`` of the cases are filled from the store (here and in `claim`).
        """
        ...

    def having(self, school: str, children: Sequence[str]) -> dict[str, str]:
        """By child, of these, that has a record: its class, empty where that is unknown."""
        ...

    def gatherings(self, school: str, first: date, last: date) -> list[Gathering]:
        """The gatherings of those local days, both inside, by day, then id; voided ones too."""
        ...

    def child_of(self, school: str, case: UUID) -> str | None:
        """The child whose case has this public id, or None."""
        ...

    def children(self, school: str, *, after: str, limit: int, open_only: bool) -> list[str]:
        """Children with a record, ordered by id, past ``after``: for going through all of them page by page."""
        ...

    def repeated(self, school: str, child: str, actor: str, idem: str, asked: str) -> Entry | None:
        """The entry which that actor wrote under this idempotency key, or None.

        Raises `KeyReused` if something else than ``asked`` was asked then; an entry that does not say is taken for it.
        """
        ...

    def save(self, school: str, changes: Sequence[Change]) -> None:
        """Write all changes in a constant number of statements; raises `StaleCase`."""
        ...

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
        """Lock and load up to ``limit`` records whose look (or alarm) is due by ``now``, earliest first.

        ``skip`` names (school, child) pairs already seen in this sweep; rows locked by another sweeper are passed over.
        ``shard`` keeps to one part of the schools; each school is in exactly one part.
        """
        ...

    def due(self, now: datetime, *, school: str | None) -> int:
        """How many records are due by ``now``."""
        ...

    def wake(self, school: str, at: datetime, *, closed: bool = False) -> int:
        """Make every open case, every pupil's record, the school's and its classes' due at ``at``; returns how many.

        ``closed``: closed cases too.
        """
        ...

    def wake_of(self, school: str, child: str) -> tuple[datetime | None, datetime | None]:
        """The record's next look and next alarm."""
        ...

    def seal(self, school: str, child: str, kind: str, text: str) -> Sealed:
        """Seal text about a child; it is written with the next `save` of that child in this transaction."""
        ...

    def unseal(self, school: str, child: str, sealed: Sealed, *, reader: str, reason: str, at: datetime) -> str:
        """What the sealed text says; the reading is audited in the same transaction. Raises `NotFound`."""
        ...

    def receipt(self, school: str, child: str) -> str:
        """What stands for the child's key once it is destroyed: a digest that tells nothing; empty without a key.

        An entry that says `casework.model.erasure_events.Erased` destroys it when it is saved, with all sealed text of
        the child.
        """
        ...

    def restored(self, school: str | None, child: str | None = None) -> list[tuple[str, str]]:
        """School and child for each destroyed key that a restored copy brought back; of one school or child, or all."""
        ...

    def erasing(self, school: str) -> list[str]:
        """Children with a request of erasure that waits for an answer, by id."""
        ...

    def found_by(self, school: str, what: str, text: str) -> list[tuple[str, str]]:
        """Children found by an exact ``phone`` of the card or ``identity``: id, and reference to the text; by id.

        A constant number of statements. Two spellings of one number are the same: `casework.model.identity.normalised`.
        """
        ...

    def reads(self, school: str, child: str) -> list[Reading]:
        """Who read sealed text of this child, oldest first."""
        ...

    def read_of(self, school: str, reader: str) -> list[str]:
        """Children of whom somebody read sealed text, by id; with an empty ``reader`` whoever it was."""
        ...

    def broken(self, school: str) -> list[str]:
        """Children about whom glass was broken that nobody has judged yet, by id."""
        ...

    def entries(self, school: str, child: str) -> list[Entry]:
        """A record's history, oldest first."""
        ...

    def histories(self, school: str) -> Iterator[tuple[str, Entry]]:
        """Every entry of the school with its child, ordered by child, then seq."""
        ...

    def owed(self, school: str, whose: Whose, *, hidden: Sequence[str]) -> list[Owed]:
        """Open obligations that fall to a person, without those of the ``hidden`` children.

        A constant number of statements; ordered by child, then as the obligations arose.
        """
        ...

    def implicated(self, school: str, person: str) -> list[str]:
        """Children whose records implicate the person."""
        ...

    def within(self, school: str, reach: Reach) -> list[str]:
        """Children with a record who are within a person's reach, by id, in a constant number of statements."""
        ...

    def live(self, school: str) -> list[str]:
        """Children with an emergency that is not reviewed yet."""
        ...

    def referred(self, school: str) -> list[str]:
        """Children with a referral that is still open."""
        ...

    def named(self, school: str, person: str) -> list[str]:
        """Children whose pairing, open referral or live emergency is in the person's name."""
        ...

    def moved(self, school: str) -> list[str]:
        """Records with a transfer or a merge, by id; the school's own among them once it has answered one."""
        ...

    def address(self, school: str) -> str:
        """The school's public transfer key."""
        ...

    def enclose(self, school: str, letter: Message) -> str:
        """The message of this school as text for its receiver: sealed and signed."""
        ...

    def disclose(self, school: str, message: str | bytes) -> Message:
        """The message in a text for this school. Raises `Tampered` where it was changed, `CommandRefused` for others.

        Its sender's key has signed it; whether that is the key of the school it names, the caller knows.
        """
        ...

    def digest(self, message: str | bytes) -> str:
        """The digest of a message, as `disclose` gives it at the other school: 64 hex digits."""
        ...

    def outgoing(self, school: str) -> list[Outgoing]:
        """The outbox, in the order of nominal times, then keys."""
        ...

    def facts(self, school: str, needs: Sequence[str], *, today: date) -> dict[str, Mapping[str, int]]:
        """Declared aggregates, one grouped query each: see `casework.rules.declare.NEEDS`."""
        ...

    def obligation_counts(self, school: str, first: date, last: date) -> dict[str, dict[str, int]]:
        """Duty → status → how many obligations opened from ``first`` to ``last``, both inside; the school's own too."""
        ...

    def states(self, school: str) -> dict[str, int]:
        """State → how many cases; children without a case are not counted."""
        ...

    def activity_counts(self, school: str, first: date, last: date) -> dict[str, dict[str, int]]:
        """Kind → ``reached`` and ``not_reached`` → activities of those local days, voided ones left out."""
        ...

    def emergencies(self, school: str, since: datetime, until: datetime) -> list[tuple[str, Emergency]]:
        """Child and emergency for those raised from ``since`` until before ``until``, in the order of raising."""
        ...

    def roll(self, school: str, pupils: Sequence[str] | None = None) -> dict[str, RollRow]:
        """All pupils by id, or of these those that are on it."""
        ...

    def staff(self, school: str) -> dict[str, StaffRow]:
        """Members of staff by id."""
        ...

    def save_roll(self, school: str, pupils: Sequence[RollRow], staff: Sequence[StaffRow]) -> None:
        """Write these rows of the roll and of the staff, leaving the others."""
        ...
