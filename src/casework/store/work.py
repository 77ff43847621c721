"""What is known within one transaction: the school's row, which record has which number, what waits to be sealed."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from attrs import define, field, frozen
from sqlalchemy import Executable, String, bindparam, select

from casework.model.events import Applied
from casework.model.ids import check_writable
from casework.store.again import Witness
from casework.store.columns import ID
from casework.store.keyring import KeyRing
from casework.store.sealed import ChildKey
from casework.store.statements import SCHOOL, Prepared, Statements, Values, Wire, padded
from casework.store.tables import Tables
from casework.store.types import from_day, from_json

SAID = ("policy", "calendar", "rules", "applied_on", "started")
"""The columns of a school's settings."""

Who = tuple[str, str]
"""School and child."""


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
    schools: dict[str, SchoolRow] = field(factory=dict)
    names: dict[int, str] = field(factory=dict)
    known: dict[Who, Known | None] = field(factory=dict)
    keys: dict[Who, ChildKey] = field(factory=dict)
    pending: dict[Who, list[Pending]] = field(factory=dict)
    witness: Witness | None = None

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
            for school, last_no, *said, head in self.wire.rows(_by_name(self.statements), (name,)):
                self.keep(name, SchoolRow(school, last_no, None if said[3] is None else tuple(said), head))
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
        for some in padded(missing):
            for no, child, version, mac in self.wire.rows(_heads(self.statements, len(some)), (row.school, *some)):
                self.known[school, child] = Known(no, version, mac)


def texts(size: int) -> list[str]:
    """Names of parameters for a list of so many texts."""
    return [f"t{k}" for k in range(size)]


def text_in(names: Sequence[str]) -> list[Executable]:
    """Parameters for a list of texts."""
    return [bindparam(name, type_=String(ID)) for name in names]  # type: ignore[misc]


def _by_name(statements: Statements) -> Prepared:
    t = statements.tables.schools
    columns = [t.c[name] for name in ("school", "last_no", *SAID, "head")]
    return statements.get(
        "school by name", ["name"], lambda: select(*columns).where(t.c.name == bindparam("name", type_=String(ID)))
    )


def _heads(statements: Statements, size: int) -> Prepared:
    c, e = statements.tables.cases, statements.tables.entries
    names = texts(size)
    return statements.get(
        ("heads", size),
        ["school", *names],
        lambda: (
            select(c.c.no, c.c.child, c.c.version, e.c.mac)
            .select_from(c.outerjoin(e, (e.c.school == c.c.school) & (e.c.no == c.c.no) & (e.c.seq == c.c.version)))
            .where(c.c.school == SCHOOL, c.c.child.in_(text_in(names)))
        ),
    )


def one(rows: Sequence[Values]) -> Values | None:
    """The first row, if there is one."""
    return rows[0] if rows else None
