"""``import``: pupils, classes and staff from a roster; says what changes before anything does. Contact cards, too."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from attrs import evolve, frozen
from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer
from casework.cli.exits import Absent, WrongUsage
from casework.cli.identifying import NOBODY_MARKED
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, Flag, Somebody
from casework.cli.render import heading, line, table, warning
from casework.interchange import RollChanges, Roster, plan_import, read_roster, staff_rows
from casework.model.people import Contact, ContactCard
from casework.model.roll import RollRow, StaffRow, id_key

MOST_NAMED = 20
"""Up to so many pupils who are new, changed or leave are named; beyond, ``--json`` has them."""


@frozen
class Imported:
    """What an import did, or would do; ``after`` is the roll afterwards, ``staff`` the rows that are new or changed."""

    roster: Roster
    changes: RollChanges
    staff: tuple[StaffRow, ...]
    new_staff: int
    after: Mapping[str, RollRow]
    open_cases: tuple[str, ...]
    dry_run: bool

    @property
    def marked(self) -> dict[str, int]:
        """How many pupils on the roll have none, one or both parents away, or of how many nobody has said it."""
        words = Counter(row.left_behind or "unsaid" for row in self.after.values() if row.on_roll)
        return {word: words[word] for word in ("none", "one", "both", "unsaid")}


def import_(
    path: Annotated[str, Parameter(help="folder or zip: OneRoster 1.1 or 1.2, School Data Sync v2.1 or v1, OEA")],
    *,
    dialect: Annotated[str | None, Parameter(help="the format, where it is not recognised")] = None,
    dry_run: Annotated[Flag, Parameter(help="only say what would change")] = False,
    by: Somebody = BY,
) -> Answer:
    """Import a roster: all of it, or nothing. Importing the same again changes nothing."""
    person = person_of(by)
    roster = read(path, dialect)
    with opened(by, begins=True) as office:
        desk = office.desk(person)
        with office.store.read():
            roll = office.store.roll(office.school)
        changes = plan_import(roll, roster)
        staff = _staff_changes(office.staff, roster)
        left = [evolve(roll[pupil], on_roll=False) for pupil in changes.left]
        pupils = [*changes.added, *changes.changed, *left]
        if pupils or staff:
            desk.check("import_roll")
            if not dry_run:
                desk.update_roll(pupils, staff)
        after = {**roll, **{row.pupil: row for row in pupils}}
        left_roll = set(changes.left)
        open_cases = tuple(case.child for case in desk.cases() if case.child in left_roll)
        new_staff = sum(row.person not in office.staff for row in staff)
    return _answer(Imported(roster, changes, tuple(staff), new_staff, after, open_cases, dry_run))


def read(path: str, dialect: str | None = None) -> Roster:
    """The roster at that path. Raises `Absent`, `casework.interchange.RosterRefused`."""
    try:
        there = bool(path) and Path(path).exists()
    except OSError:
        there = False
    if not there:
        raise Absent("there is no such roster; give the path of a folder or of a zip with its CSV files")
    if Path(path).is_file() and Path(path).suffix.lower() == ".csv":
        raise WrongUsage("this is one file of a roster; give the path of the folder that holds it and the others")
    return read_roster(Path(path), dialect=dialect)


def _staff_changes(old: dict[str, StaffRow], roster: Roster) -> list[StaffRow]:
    """New and changed rows; somebody who is gone keeps a row without seats and classes."""
    new = {row.person: row for row in staff_rows(roster)}
    if roster.mode == "bulk":
        gone = set(old) - set(new)
    else:
        gone = {member.id for member in roster.staff} & set(old) - set(new)
    rows = [*new.values(), *(StaffRow(person) for person in gone)]
    return sorted((row for row in rows if old.get(row.person) != row), key=lambda row: row.person)


def _answer(done: Imported) -> Answer:
    roster, changes, marked = done.roster, done.changes, done.marked
    nobody = not marked["one"] and not marked["both"]
    facts = {
        "dialect": roster.dialect,
        "mode": roster.mode,
        "dry_run": done.dry_run,
        "pupils": len(roster.pupils),
        "staff": len(roster.staff),
        "classes": len(roster.classes),
        "added": [row.pupil for row in changes.added],
        "changed": [row.pupil for row in changes.changed],
        "left": list(changes.left),
        "unchanged": changes.unchanged,
        "staff_changed": [row.person for row in done.staff],
        "on_roll": sum(marked.values()),
        "left_behind": marked,
        "left_with_open_case": list(done.open_cases),
        "notes": [str(note) for note in roster.notes],
        "next": NOBODY_MARKED if nobody else "casework identify --from-roll",
    }
    return Answer(facts, _shown(done, nobody=nobody))


def _shown(done: Imported, *, nobody: bool) -> list[RenderableType]:
    roster, changes, marked = done.roster, done.changes, done.marked
    left = len(changes.left)
    rows = [
        ("pupils", len(roster.pupils), len(changes.added), len(changes.changed), left, changes.unchanged),
        ("staff", len(roster.staff), done.new_staff, len(done.staff) - done.new_staff, "", ""),
        ("classes", len(roster.classes), "", "", "", ""),
    ]
    shown: list[RenderableType] = [
        heading(f"{roster.dialect}, {roster.mode}: {'would be imported' if done.dry_run else 'imported'}"),
        table(["what", "in the roster", "new", "changed", "left", "as they were"], rows),
        line(
            f"on the roll: {sum(marked.values())}; parents away: both {marked['both']}, one {marked['one']}, "
            f"none {marked['none']}, not said {marked['unsaid']}"
        ),
    ]
    moved = {
        "new": [row.pupil for row in changes.added],
        "changed": [row.pupil for row in changes.changed],
        "leave": changes.left,
    }
    if sum(map(len, moved.values())) <= MOST_NAMED:
        shown += [line(f"{what}: {', '.join(pupils)}") for what, pupils in moved.items() if pupils]
    shown += [warning(f"note: {note}") for note in roster.notes]
    if done.open_cases:
        names = ", ".join(done.open_cases)
        shown.append(warning(f"off the roll, but their case is open (nothing closes by itself): {names}"))
    if nobody:
        shown.append(warning(NOBODY_MARKED))
    elif not done.dry_run:
        shown.append(line("next: casework identify --from-roll --as YOU"))
    return shown


def cards_of(roster: Roster) -> dict[str, ContactCard]:
    """By pupil (`id_key`), a card from the guardians the roster names: parents, and of the others the first as carer.

    A roster does not say with whom a child lives: the card has to be verified.
    """
    found = {}
    for pupil in roster.pupils:
        parents = [g for g in pupil.guardians if g.relation in {"parent", "father", "mother"}]
        others = [g for g in pupil.guardians if g not in parents]
        contacts = [Contact(g.name, g.relation, g.phone, "", g.id) for g in [*others[:1], *parents[:2]] if g.name]
        carer = contacts[0] if others and others[0].name else None
        if contacts:
            found[id_key(pupil.id)] = ContactCard(carer, tuple(contacts[1:] if carer else contacts))
    return found
