"""The store on SQL: one transaction through an engine of ours, or within a session or connection of the host's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from threading import local
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Engine, LargeBinary, bindparam, select
from sqlalchemy.exc import DataError, IntegrityError

from casework.engine.port import Change, Outgoing, Owed, Reach, Reading, Shard, Whose, check_changes
from casework.errors import HostTransactionError, KeyRingError, StaleCase, check_kind
from casework.model.case import Case
from casework.model.emergency import Emergency
from casework.model.events import Applied, Entry
from casework.model.gathering import Gathering
from casework.model.people import Sealed
from casework.model.roll import RollRow, StaffRow
from casework.store import erasing, history, load, lookups, queries, roll, save, vault, waking
from casework.store.again import Patience, insist
from casework.store.dialects import locks
from casework.store.doors import Given, begin, flush, given, opened, savepoint
from casework.store.keyring import KeyRing
from casework.store.lent import Lent
from casework.store.reach import within
from casework.store.ring_file import remember
from casework.store.schema import check_tables
from casework.store.sql_moves import SqlMoves
from casework.store.sql_post import SqlPost
from casework.store.statements import SCHOOL, Wire, statements, unheard
from casework.store.students import check_ids
from casework.store.tables import Tables, default_tables
from casework.store.work import Work

T = TypeVar("T")


class _Opened(local):
    """What one thread has open: another thread's transaction is never joined."""

    work: Work | None = None


class SqlStore(SqlPost, SqlMoves):
    """The `casework.engine.port.Store` on SQLAlchemy.

    ``bind`` is an ``Engine`` (casework opens, commits and rolls back); or of the host's, who commits, a ``Session``, a
    ``Connection``, or a connection as its driver gives it (sqlite3, psycopg, psycopg2). ``keyring`` seals free text and
    vouches for history; there is no store without one, unless ``KeyRing.without_secrecy()`` is asked for by name.
    ``tables`` are the host's, if they stand in its ``MetaData``.
    Threads may share a store on an engine (or a ``scoped_session``): each has its own connection and transaction.
    ``patience`` says how often casework runs a transaction of its own again, and is of no use to a guest.
    """

    def __init__(
        self,
        bind: Given,
        keyring: KeyRing | None,
        *,
        tables: Tables | None = None,
        patience: Patience | None = None,
    ) -> None:
        if keyring is None:
            raise KeyRingError(
                "a store needs a key ring: make one with KeyRing.create(path) and give KeyRing.load(path); or, where "
                "every child is invented, ask for keyring=KeyRing.without_secrecy(), which keeps text readable"
            )
        check_kind(keyring, KeyRing, "keyring=", "a KeyRing, as KeyRing.load(path) gives it")
        check_kind(tables, (Tables, type(None)), "tables=", "what tables(metadata) made")
        check_kind(patience, (Patience, type(None)), "patience=", "a Patience")
        self._bind = given(bind)
        self._ring = keyring
        self._tables = tables or default_tables()
        self._patience = patience or Patience()
        self._open = _Opened()

    # --------------------------------------------------------------------------------------------- transactions

    def begin(self) -> None:
        """As a guest, begin the host's transaction so that casework may write in it: before the host's first savepoint.

        Only SQLite needs this; elsewhere it does nothing. Raises `HostTransactionError` where it comes too late.
        """
        begin(self._bind)

    @contextmanager
    def write(self) -> Iterator[None]:
        """A transaction that may write; re-entering joins. With an engine it is committed at the end."""
        work = self._open.work
        if work is not None:
            if not work.writing:
                raise HostTransactionError("this store is open for reading; open write() outside of read()")
            yield
            return
        with self._opened(writing=True):
            yield

    @contextmanager
    def read(self) -> Iterator[None]:
        """A transaction that only reads; inside ``write()`` it joins."""
        if self._open.work is not None:
            yield
            return
        with self._opened(writing=False):
            yield

    def transact(self, call: Callable[[], T], *, writing: bool) -> T:
        """What the call returns, in one transaction; with an engine it is called again where the database was busy.

        A transaction that was stored although its commit failed is not run again. Raises `DatabaseBusy`, `StaleCase` or
        `CommitUnknown` when patience is at its end.
        """
        if self._open.work is not None or not isinstance(self._bind, Engine):
            with self.write() if writing else self.read():
                return call()
        return insist(self._patience, lambda: self._opened(writing=writing), call)

    @contextmanager
    def _opened(self, *, writing: bool) -> Iterator[Work]:
        with opened(self._bind, writing=writing) as connection:
            check_tables(connection)
            direct = isinstance(self._bind, Engine | Lent) and unheard(connection)
            wire = Wire(connection, statements(self._tables, connection.dialect), direct=direct)
            one_instant = isinstance(self._bind, Engine) or not locks(connection.dialect)
            work = self._open.work = Work(wire, self.keyring, writing, one_instant)
            try:
                yield work
                self._remember(work)
            finally:
                self._open.work = None
                wire.close()

    def _remember(self, work: Work) -> None:
        """Before a transaction of ours is stored, let the ring refuse the keys that it destroys.

        If it is not stored after all, those texts cannot be read either, and the next sweep erases them again: two
        people have decided so. A host's transaction may still be undone: there the host says so (`remember`).
        """
        if work.receipts and not self.guest:
            self.remember(work.receipts)

    def remember(self, receipts: Sequence[str]) -> None:
        """Let the key ring refuse these destroyed keys for good; a ring that is a file keeps them.

        For a host, after it has committed a transaction with an erasure: the event's ``receipt``. What a ring from
        elsewhere knows is lost with the program, so keep the receipts where the ring is made. Raises `KeyRingError`.
        """
        path = self.keyring.path
        self._ring = self._ring.remembering(receipts) if path is None else remember(path, receipts)

    @property
    def keyring(self) -> KeyRing:
        """The key ring, as its file holds it now."""
        self._ring = self._ring.current()
        return self._ring

    @property
    def guest(self) -> bool:
        """Whether the transaction is the host's, who ends it."""
        return not isinstance(self._bind, Engine)

    @property
    def work(self) -> Work:
        """The transaction that is open: for the store's own modules, such as `casework.store.verify`."""
        work = self._open.work
        if work is None:
            raise HostTransactionError("nothing is open; use `with store.read():` or `with store.write():`")
        return work

    @property
    def _writing(self) -> Work:
        work = self._open.work
        if work is None or not work.writing:
            raise HostTransactionError("nothing is open for writing; use `with store.write():`")
        return work

    # ------------------------------------------------------------------------------------------------- records

    def settings(self, school: str) -> Applied | None:
        """What the school runs on, or None for a school not known yet."""
        work = self.work
        row = work.school(school)
        work.asked[school] = row.said if row else None
        return row.applied if row else None

    def load(self, school: str, children: Sequence[str]) -> dict[str, Case]:
        """The records of these children that exist."""
        return load.load(self.work, school, children)

    def having(self, school: str, children: Sequence[str]) -> dict[str, str]:
        """By child that has a record: its class."""
        return queries.having(self.work, school, children)

    def gatherings(self, school: str, first: date, last: date) -> list[Gathering]:
        """The gatherings of those days."""
        return queries.gatherings(self.work, school, first, last)

    def child_of(self, school: str, case: UUID) -> str | None:
        """The child whose case has this public id."""
        work = self.work
        row = work.school(school)
        c = work.tables.cases
        prepared = work.statements.get(
            "child of case",
            ["school", "uuid"],
            lambda: select(c.c.child).where(c.c.school == SCHOOL, c.c.uuid == bindparam("uuid", type_=LargeBinary)),
        )
        rows = work.wire.rows(prepared, (row.school, case.bytes)) if row else ()
        return rows[0][0] if rows else None

    def children(self, school: str, *, after: str, limit: int, open_only: bool) -> list[str]:
        """Children with a record, by id, past ``after``."""
        return load.children(self.work, school, after=after, limit=limit, open_only=open_only)

    def repeated(self, school: str, child: str, actor: str, idem: str, asked: str) -> Entry | None:
        """The entry which that actor wrote under this idempotency key; raises `KeyReused` if it was for another."""
        return history.repeated(self.work, school, child, actor, idem, asked)

    def save(self, school: str, changes: Sequence[Change]) -> None:
        """Write all changes or none, in a constant number of statements; raises `StaleCase`."""
        work = self._writing
        check_changes(school, changes)
        check_ids(self._tables.cases, [change.after.child for change in changes if not change.before.version])
        flush(self._bind)
        before = (dict(work.schools), dict(work.known), dict(work.keys), set(work.held), dict(work.asked))
        try:
            with savepoint(self._bind, work.wire):
                save.save(work, school, changes)
        except Exception as error:
            work.schools, work.known, work.keys, work.held, work.asked = before
            if isinstance(error, IntegrityError | DataError):
                save.check_lengths(work.tables, changes)
                self._check_new(work, school, changes)
            raise

    def _check_new(self, work: Work, school: str, changes: Sequence[Change]) -> None:
        """Raise `StaleCase` if a record to be made was made by somebody else meanwhile."""
        made = [change.after.child for change in changes if not change.before.version]
        for child in made:
            work.known.pop((school, child), None)
        work.find(school, made)
        if any(work.known[school, child] for child in made):
            raise StaleCase("somebody else made the record meanwhile; load it and repeat the command")

    # --------------------------------------------------------------------------------------------------- looks

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
        """Lock and load up to ``limit`` records that are due, earliest first."""
        return load.claim(self._writing, now, limit=limit, school=school, alarms=alarms, skip=skip, shard=shard)

    def due(self, now: datetime, *, school: str | None) -> int:
        """How many records have a look or an alarm due by ``now``."""
        return load.due(self.work, now, school=school)

    def wake(self, school: str, at: datetime, *, closed: bool = False) -> int:
        """Make open cases, the school's record and those of classes due at ``at`` at the latest; returns how many."""
        return waking.wake(self._writing, school, at, closed=closed)

    def wake_of(self, school: str, child: str) -> tuple[datetime | None, datetime | None]:
        """The record's next look and next alarm."""
        found = self.load(school, [child]).get(child)
        return (found.wake_at, found.alarm_at) if found else (None, None)

    # --------------------------------------------------------------------------------------------- sealed text

    def seal(self, school: str, child: str, kind: str, text: str) -> Sealed:
        """Seal text about a child; it is written with the next `save` of an entry that refers to it."""
        return vault.seal(self._writing, school, child, kind, text)

    def unseal(self, school: str, child: str, sealed: Sealed, *, reader: str, reason: str, at: datetime) -> str:
        """What the sealed text says; the reading is audited in the same transaction. Raises `NotFound`."""
        return vault.unseal(self._writing, school, child, sealed, reader=reader, reason=reason, at=at)

    def receipt(self, school: str, child: str) -> str:
        """What stands for the child's key once it is destroyed."""
        return erasing.receipt(self._writing, school, child)

    def restored(self, school: str | None, child: str | None = None) -> list[tuple[str, str]]:
        """School and child for each destroyed key that a restored copy brought back."""
        return erasing.restored(self.work, school, child)

    def erasing(self, school: str) -> list[str]:
        """Children with a request of erasure that waits for an answer."""
        return erasing.asked(self.work, school)

    def found_by(self, school: str, what: str, text: str) -> list[tuple[str, str]]:
        """Children found by an exact phone or identity number, each with the reference to the text."""
        return lookups.find(self.work, school, what, text)

    def reads(self, school: str, child: str) -> list[Reading]:
        """Who read sealed text of this child."""
        return vault.reads(self.work, school, child)

    def read_of(self, school: str, reader: str) -> list[str]:
        """Children of whom somebody read sealed text, by id."""
        return queries.read_of(self.work, school, reader)

    def broken(self, school: str) -> list[str]:
        """Children about whom glass was broken that nobody has judged yet, by id."""
        return queries.broken(self.work, school)

    # ------------------------------------------------------------------------------------------------- history

    def entries(self, school: str, child: str) -> list[Entry]:
        """A record's history, oldest first."""
        return history.entries(self.work, school, child)

    def histories(self, school: str) -> Iterator[tuple[str, Entry]]:
        """Every entry of the school with its child, ordered by child, then seq."""
        return history.histories(self.work, school)

    # ----------------------------------------------------------------------------------------------- questions

    def owed(self, school: str, whose: Whose, *, hidden: Sequence[str]) -> list[Owed]:
        """Open obligations that fall to a person."""
        return queries.owed(self.work, school, whose, hidden=hidden)

    def implicated(self, school: str, person: str) -> list[str]:
        """Children whose records implicate the person."""
        return queries.implicated(self.work, school, person)

    def within(self, school: str, reach: Reach) -> list[str]:
        """Children who are within a person's reach, by id."""
        return within(self.work, school, reach)

    def live(self, school: str) -> list[str]:
        """Children with an emergency that is not reviewed yet."""
        return queries.live(self.work, school)

    def referred(self, school: str) -> list[str]:
        """Children with a referral that is still open."""
        return queries.referred(self.work, school)

    def outgoing(self, school: str) -> list[Outgoing]:
        """The outbox, in the order of nominal times, then keys."""
        return queries.outgoing(self.work, school)

    def facts(self, school: str, needs: Sequence[str], *, today: date) -> dict[str, Mapping[str, int]]:  # noqa: ARG002
        """Declared aggregates; those there are now do not depend on the day."""
        return queries.facts(self.work, school, needs)

    def obligation_counts(self, school: str, first: date, last: date) -> dict[str, dict[str, int]]:
        """Duty → status → how many obligations opened in those days."""
        return queries.obligation_counts(self.work, school, first, last)

    def states(self, school: str) -> dict[str, int]:
        """State → how many cases."""
        return queries.states(self.work, school)

    def activity_counts(self, school: str, first: date, last: date) -> dict[str, dict[str, int]]:
        """Kind → ``reached`` and ``not_reached`` → activities of those days."""
        return queries.activity_counts(self.work, school, first, last)

    def emergencies(self, school: str, since: datetime, until: datetime) -> list[tuple[str, Emergency]]:
        """Child and emergency for those raised in that time, in the order of raising."""
        return queries.emergencies(self.work, school, since, until)

    # ---------------------------------------------------------------------------------------------------- roll

    def roll(self, school: str, pupils: Sequence[str] | None = None) -> dict[str, RollRow]:
        """All pupils by id, or of these those that are on it."""
        return roll.pupils(self.work, school, pupils)

    def staff(self, school: str) -> dict[str, StaffRow]:
        """Members of staff by id."""
        return roll.staff(self.work, school)

    def save_roll(self, school: str, pupils: Sequence[RollRow], staff: Sequence[StaffRow]) -> None:
        """Write these rows of the roll and of the staff, leaving the others."""
        work = self._writing
        flush(self._bind)
        with savepoint(self._bind, work.wire):
            roll.write(work, school, pupils, staff)
