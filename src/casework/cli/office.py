"""A school's folder opened for one command: its store, its engine, and a desk for whoever gives the command."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Engine

from casework import (
    Casework,
    Clock,
    Desk,
    ManualClock,
    Principal,
    Rule,
    School,
    StaticDirectory,
    installed_rules,
    system_clock,
)
from casework.cli.exits import Absent, WrongUsage
from casework.cli.options import LONGEST_ID, At, Doing, instant
from casework.cli.printing import remark
from casework.cli.school_file import SchoolFile, placed, read_school_file
from casework.cli.schools import check_school
from casework.errors import Tampered
from casework.model.calendar import Calendar
from casework.model.case import CLASS_MARK
from casework.model.gathering import GATHERING_MARK
from casework.model.roll import StaffRow, id_key
from casework.store import KeyRing, SqlStore, open_engine

TEACHING = "teacher"
"""What rosters call who teaches, whatever they teach."""

LOCKED_SECONDS = 0.5
"""So long a lock is nothing to speak of."""


@frozen
class Office:
    """What a command works with; ``staff`` by id is the roll's, ``rules`` are those of installed packages.

    ``rehearses`` where the clock is not the machine's but the instant of ``--now``; ``asked`` holds the public ids that
    were given, by the child's.
    """

    file: SchoolFile
    engine: Engine
    store: SqlStore
    casework: Casework
    staff: dict[str, StaffRow]
    rules: tuple[Rule, ...]
    rehearses: bool = False
    asked: dict[str, str] = field(factory=dict)

    @property
    def school(self) -> str:
        """The school's name."""
        return self.file.school

    @property
    def calendar(self) -> Calendar:
        """Terms and time zone."""
        return self.file.calendar

    @property
    def today(self) -> date:
        """The local day at the school."""
        return self.calendar.local_date(self.casework.clock())

    def desk(self, person: str) -> Desk:
        """A desk for that person."""
        row = self.staff.get(person)
        principal = Principal(person, self.roles(person), classes=row.classes if row else ())
        return Desk(self.casework, self.store, school=self.school, principal=principal)

    @property
    def people(self) -> frozenset[str]:
        """The staff of the roll, and whoever holds a seat of casework.toml."""
        return frozenset(self.staff).union(*self.file.seats.values())

    def knows(self, person: str) -> bool:
        """Tell whether the person is on the staff or holds a seat; true while nobody is known."""
        return not self.staff or person in self.people

    def has(self, pupil: str) -> bool:
        """Tell whether the id is a pupil's, on the roll now or formerly."""
        with self.store.read():
            return pupil in self.store.roll(self.school)

    def classes(self) -> list[str]:
        """The classes of which something is recorded."""
        with self.store.read():
            ids = self.store.children(self.school, after=CLASS_MARK, limit=1_000_000, open_only=False)
        return [id_[1:] for id_ in ids if id_.startswith(CLASS_MARK) and not id_.startswith(GATHERING_MARK)]

    def lists(self, desk: Desk, pupil: str) -> bool:
        """Tell whether a desk's person may list a pupil of the roll, with or without a case."""
        if desk.may("list_child"):
            return True
        with self.store.read():
            row = self.store.roll(self.school, [pupil]).get(pupil)
        return row is not None and row.class_ in desk.classes

    def child(self, text: str) -> str:
        """The child's id: as the roll spells it, or by the public id of a case; else as it was given."""
        with self.store.read():
            try:
                found = self.store.child_of(self.school, UUID(text))
            except ValueError:
                found = None
            if found is not None:
                self.asked[found] = text
            return found or self._spelt(text)

    def on_roll(self, child: str) -> bool:
        """Tell whether the child is on the roll; true while there is no roll."""
        with self.store.read():
            roll = self.store.roll(self.school)
        return not roll or (child in roll and roll[child].on_roll)

    def _spelt(self, text: str) -> str:
        if not text or len(text) > LONGEST_ID or not text.isprintable():
            raise WrongUsage(f"a child is named by an id of 1 to {LONGEST_ID} characters that can be seen")
        roll = self.store.roll(self.school)
        return text if text in roll else next((pupil for pupil in roll if id_key(pupil) == id_key(text)), text)

    def roles(self, person: str) -> frozenset[str]:
        """The seats of a person; in a school whose staff was not imported yet whoever acts may do what a head may."""
        if not self.staff:
            return frozenset(
                {"administrator", "principal", *(r for r, people in self.file.seats.items() if person in people)}
            )
        row = self.staff.get(person)
        held = {role for role, holders in self.file.seats.items() if person in holders} | set(row.roles if row else ())
        if row is not None and row.classes:
            held.add("class_teacher")
        if TEACHING in held:
            held.add("subject_teacher")
        return frozenset(held)


@contextmanager
def office_in(at: At, *, begins: bool = False) -> Iterator[Office]:
    """Open the school of the folder, which the command may ``begin``; everything is closed at the end."""
    file = read_school_file(Path(at.dir))
    ring = KeyRing.from_environment(file.key_variable) if file.key_ring is None else KeyRing.load(file.key_ring)
    with engine_in(at, file, writing=isinstance(at, Doing)) as engine:
        store = SqlStore(engine, ring)
        with store.read():
            staff = store.staff(file.school)
        if not staff:
            check_school(engine, file.school, begins=begins)
        rules = _rules()
        yield Office(
            file, engine, store, _casework(file, staff, rules, clock_of(at, file.calendar)), staff, rules, bool(at.now)
        )


@contextmanager
def engine_in(at: At, file: SchoolFile, *, writing: bool) -> Iterator[Engine]:
    """The school's database; nothing is asked of its tables yet."""
    database = file.database if at.database is None else placed(at.database, Path(at.dir))
    if "://" not in database:
        _look_at(Path(database), writing=writing)
    engine = open_engine(database)
    try:
        yield engine
    finally:
        engine.dispose()


def _look_at(database: Path, *, writing: bool) -> None:
    """Raise `Absent` or `Tampered` for a file that is no database; tell somebody who writes that they will wait."""
    if not database.is_file():
        raise Absent(
            f"the database {database} is not there; restore it from its backup, or name another in casework.toml"
        )
    if not database.stat().st_size:
        raise Tampered(
            f"the database {database} is empty: restore it from its backup; if nothing was ever stored, take the "
            f"three files of {database.parent} away and begin anew with `casework init`"
        )
    if writing and _busy(database):
        remark("another program is writing to the database; casework waits for it, half a minute at most")


def _busy(database: Path) -> bool:
    """Tell whether somebody else holds the write lock: who raises an alarm should not wait without a word."""
    with closing(sqlite3.connect(database, timeout=LOCKED_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            # Whatever else is wrong is told by the store, in its own words.
            return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return False


def clock_of(at: At, calendar: Calendar) -> Clock:
    """The machine's clock, or the instant of ``--now``."""
    return system_clock if not at.now else ManualClock(instant(at.now, calendar.zone, "--now"))


def _casework(file: SchoolFile, staff: dict[str, StaffRow], rules: tuple[Rule, ...], clock: Clock) -> Casework:
    school = School(
        file.school,
        policy=file.policy,
        calendar=file.calendar,
        rules=rules,
        directory=directory(file, staff),
        peers=file.peers,
    )
    return Casework(school, clock=clock)


def _rules() -> tuple[Rule, ...]:
    """The rules of installed packages; one that is broken is told of, and keeps no emergency from being raised."""
    try:
        return installed_rules()
    except Exception as error:  # noqa: BLE001 - whatever the package raises
        kind = type(error).__name__
        remark(f"rules of an installed package cannot be loaded ({kind}): mend or remove it")
        return ()


def directory(file: SchoolFile, staff: dict[str, StaffRow]) -> StaticDirectory:
    """Who holds which seat: what casework.toml says, and for other seats what the roster says."""
    seats: dict[str, tuple[str, ...]] = {}
    for row in sorted(staff.values(), key=lambda row: row.person):
        for role in row.roles:
            seats[role] = (*seats.get(role, ()), row.person)
    teachers = {
        class_: row.person for row in sorted(staff.values(), key=lambda row: row.person) for class_ in row.classes
    }
    return StaticDirectory(seats | dict(file.seats), teachers, file.absences, file.calendar.tz)
