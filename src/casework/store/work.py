"""What is known within one transaction: the school's row, which record has which number, what waits to be sealed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import Executable, FromClause, Select, String, and_, bindparam, or_, select

from casework.errors import StaleCase
from casework.model.events import Applied
from casework.model.ids import check_writable
from casework.store.columns import ID
from casework.store.dialects import NEW_SCHOOL, advisory, locked, locks
from casework.store.keyring import KeyRing
from casework.store.sealed import ChildKey
from casework.store.statements import SCHOOL, Prepared, Statements, Values, Wire, among, padded
from casework.store.tables import Tables
from casework.store.types import from_day, from_json

SAID = ("policy", "calendar", "rules", "applied_on", "started")
"""The columns of a school's settings."""

Who = tuple[str, str]
"""School and child."""


@frozen
class Witness:
    """A row that is there if a transaction was stored: its table, its key, and what one of its columns holds.

    The key begins with a record's, as everything about a record does.
    """

    table: str
    key: Values
    column: str
    value: object


@frozen
class Known:
    """A record as the database holds it: its number, its version, and the mark of its last entry."""

    no: int
    version: int
    mac: bytes | None


@frozen
class SchoolRow:
    """A school as the database holds it; ``said`` are the columns of its settings, None before any were applied.

    ``last_no`` is the number of the record that was made last, ``head`` the seal over all this.
    """

    school: int
    last_no: int
    said: Values | None
    head: bytes

    @property
    def applied(self) -> Applied | None:
        """What the school runs on. Raises `Tampered` for settings that cannot be read."""
        return None if self.said is None else _applied(self.said)


@lru_cache(maxsize=256)
def _applied(said: Values) -> Applied:
    """What these columns say; every transaction asks."""
    policy, calendar, rules, on, started = said
    days = {duty: from_day(day) for duty, day in (from_json(started) or {}).items()}
    return Applied(policy, calendar, rules, from_day(on), days)


@frozen
class Pending:
    """Text that was sealed in this transaction, and waits for the entry that refers to it."""

    kind: str
    ref: bytes
    text: str = field(repr=False)


@define(eq=False)
class Work:
    """One transaction of a store."""

    wire: Wire
    ring: KeyRing
    writing: bool
    one_instant: bool = True
    """Whether all that is read stands as it stood at one instant, whatever others commit meanwhile."""
    schools: dict[str, SchoolRow] = field(factory=dict)
    names: dict[int, str] = field(factory=dict)
    known: dict[Who, Known | None] = field(factory=dict)
    keys: dict[Who, ChildKey] = field(factory=dict)
    pending: dict[Who, list[Pending]] = field(factory=dict)
    held: set[str] = field(factory=set)
    asked: dict[str, Values | None] = field(factory=dict)
    """What the school ran on, by name, when the caller asked: what was decided since rests on it."""
    witness: Witness | None = None
    receipts: list[str] = field(factory=list)
    """Of the keys that were destroyed, for the ring."""

    @property
    def tables(self) -> Tables:
        """The tables."""
        return self.wire.statements.tables

    @property
    def statements(self) -> Statements:
        """The statements for this database."""
        return self.wire.statements

    def school(self, name: str) -> SchoolRow | None:
        """The school's row, or None for one that is not known yet."""
        if name not in self.schools:
            check_writable(name)
            for row in self.wire.rows(_by_name(self.statements), (name,)):
                self.keep(name, _school_row(row))
        return self.schools.get(name)

    def keep(self, name: str, row: SchoolRow) -> None:
        """Remember a school's row for the rest of the transaction."""
        self.schools[name] = row
        self.names[row.school] = name

    def name_of(self, school: int) -> str:
        """The name of a school by its number."""
        if school not in self.names:
            t = self.tables.schools
            prepared = self.statements.get("school names", (), lambda: select(t.c.school, t.c.name))
            self.names.update((number, name) for number, name in self.wire.rows(prepared))
        return self.names[school]

    def record_of(self, school: str, child: str) -> tuple[int, int] | None:
        """The numbers of the school and of the child's record; None where there is none."""
        self.find(school, [child])
        row, known = self.school(school), self.known[school, child]
        return (row.school, known.no) if row is not None and known is not None else None

    def find(self, school: str, children: Iterable[str]) -> None:
        """Make sure that ``known`` says of each child whether there is a record, and its number."""
        missing = [child for child in children if (school, child) not in self.known]
        check_writable(*missing)
        row = self.school(school)
        for child in missing:
            self.known[school, child] = None
        if row is None:
            return
        for some in padded(sorted(missing)):
            prepared = by_child(self.statements, len(some), ("child", "version"), writing=self.writing)
            for _, no, mac, child, version in self.marked(self.wire.rows(prepared, (row.school, *some))):
                self.known[school, child] = Known(no, version, mac)

    def hold(self, school: str) -> bool:
        """Wait for whoever makes records in the school, or the school itself, and keep others from it to the end.

        What is known of the school is then what others have left. False where nobody else can write meanwhile, or where
        it is held already.
        """
        if school in self.held or not locks(self.statements.dialect):
            return False
        if self.school(school) is None:
            self.wire.rows(self.statements.get("new school", (), lambda: advisory(NEW_SCHOOL)))
        self._read_again(school, holding=True)
        self.held.add(school)
        return True

    def check_settings(self, school: str) -> None:
        """Raise `StaleCase` if somebody has applied other settings since the caller asked for them."""
        if school not in self.asked or not locks(self.statements.dialect):
            return
        if school not in self.held:
            self._read_again(school)
        row = self.school(school)
        if row is not None and row.said != self.asked[school]:
            raise StaleCase("somebody applied other settings meanwhile; load again and repeat the command")

    def freshen(self) -> KeyRing:
        """The ring as it is by now, before a child's key is wrapped: nobody may wrap under a key that has left.

        On PostgreSQL a key that leaves the ring waits for whoever is about to write a child's key
        (`casework.store.rotation.retire`); on SQLite one writes at a time.
        """
        if locks(self.statements.dialect):
            self.wire.run(f"LOCK TABLE {self.tables.keys.name} IN ROW EXCLUSIVE MODE")
        self.ring = self.ring.current()
        return self.ring

    def ring_with(self, number: int) -> KeyRing:
        """The ring, looked for again where it lacks that key: another program may have added it meanwhile."""
        if not self.ring.opens(number):
            self.ring = self.ring.current()
        return self.ring

    @contextmanager
    def wiping(self) -> Iterator[None]:
        """Let SQLite overwrite with zeros what is deleted or replaced meanwhile; other databases have no such thing."""
        connection = self.wire.connection
        if connection.dialect.name != "sqlite":
            yield
            return
        before = connection.exec_driver_sql("PRAGMA secure_delete").scalar_one()
        connection.exec_driver_sql("PRAGMA secure_delete = ON").close()
        try:
            yield
        finally:
            if not connection.invalidated:
                connection.exec_driver_sql(f"PRAGMA secure_delete = {int(before)}").close()

    def _read_again(self, school: str, *, holding: bool = False) -> None:
        for row in self.wire.rows(_by_name(self.statements, holding=holding), (school,)):
            self.keep(school, _school_row(row))

    def marked(self, heads: Sequence[Values]) -> Sequence[Values]:
        """The heads with the marks of their last entries, also of those whose lock was waited for.

        Where somebody else wrote a record while we waited, PostgreSQL gives its new row beside the entries of the
        instant before, so without a mark. A head is ``(school, no, mac, …)``.
        """
        bare = [(head[0], head[1]) for head in heads if head[2] is None]
        if not bare or not self.writing:
            return heads
        marks: dict[Values, bytes] = {}
        for some in padded(bare):
            numbers = tuple(number for pair in some for number in pair)
            for school, no, mac in self.wire.rows(_marks(self.statements, len(some)), numbers):
                marks[school, no] = mac
        return [(*head[:2], head[2] or marks.get((head[0], head[1])), *head[3:]) for head in heads]


def texts(size: int) -> list[str]:
    """Names of parameters for a list of so many texts."""
    return [f"t{k}" for k in range(size)]


def text_in(names: Sequence[str]) -> list[Executable]:
    """Parameters for a list of texts."""
    return [bindparam(name, type_=String(ID)) for name in names]  # type: ignore[misc]


def _school_row(row: Values) -> SchoolRow:
    school, last_no, *said, head = row
    return SchoolRow(school, last_no, None if said[3] is None else tuple(said), head)


def _by_name(statements: Statements, *, holding: bool = False) -> Prepared:
    t = statements.tables.schools

    def made() -> Select[Any]:
        columns = [t.c[name] for name in ("school", "last_no", *SAID, "head")]
        found = select(*columns).where(t.c.name == bindparam("name", type_=String(ID)))
        return locked(found, t) if holding else found

    return statements.get(("school by name", holding), ["name"], made)


def _last(statements: Statements) -> FromClause:
    """Records beside their last entries."""
    c, e = statements.tables.cases, statements.tables.entries
    return c.outerjoin(e, and_(e.c.school == c.c.school, e.c.no == c.c.no, e.c.seq == c.c.version))


def head_columns(statements: Statements, *names: str) -> Select[Any]:
    """The rows of records with the mark of the last entry: school, no, mac, then the columns named."""
    c, e = statements.tables.cases, statements.tables.entries
    return select(c.c.school, c.c.no, e.c.mac, *(c.c[name] for name in names)).select_from(_last(statements))


def by_child(statements: Statements, size: int, columns: Sequence[str], *, writing: bool) -> Prepared:
    """The heads of these children of a school, locked for ``writing``, all transactions in one order."""
    c = statements.tables.cases
    names = texts(size)

    def made() -> Select[Any]:
        found = head_columns(statements, *columns).where(c.c.school == SCHOOL, c.c.child.in_(text_in(names)))
        return locked(found.order_by(c.c.child), c) if writing else found

    return statements.get(("heads", size, *columns, writing), ["school", *names], made)


def _marks(statements: Statements, size: int) -> Prepared:
    c, e = statements.tables.cases, statements.tables.entries
    pairs = list(zip(among(size, "s"), among(size), strict=True))
    return statements.get(
        ("marks", size),
        [parameter.key for pair in pairs for parameter in pair],
        lambda: (
            select(c.c.school, c.c.no, e.c.mac)
            .select_from(_last(statements))
            .where(or_(*(and_(c.c.school == school, c.c.no == no) for school, no in pairs)))
        ),
    )


def one(rows: Sequence[Values]) -> Values | None:
    """The first row, if there is one."""
    return rows[0] if rows else None
