"""``import``: pupils, classes and staff from a roster; says what changes before anything does."""

from pathlib import Path
from typing import Annotated

from attrs import evolve
from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer
from casework.cli.exits import Absent
from casework.cli.office import Office, opened, person_of
from casework.cli.options import BY, Flag, Somebody
from casework.cli.render import heading, line, table, warning
from casework.interchange import RollChanges, Roster, plan_import, read_roster, staff_rows
from casework.model.roll import RollRow, StaffRow

NOBODY_MARKED = (
    "nobody on this roll is marked left behind, and no roster format says who lives with a child. Either add the "
    "column metadata.casework.leftBehind (none, one, both: parents away) to the pupils' file, import it again, then "
    "`casework identify --from-roll`; or let the class teachers say it of each child: "
    "`casework identify CHILD --away both`"
)


def import_(
    path: Annotated[str, Parameter(help="folder or zip: OneRoster 1.1 or 1.2, School Data Sync v2.1 or v1")],
    *,
    dialect: Annotated[str | None, Parameter(help="the format, where it is not recognised")] = None,
    dry_run: Annotated[Flag, Parameter(help="only say what would change")] = False,
    by: Somebody = BY,
) -> Answer:
    """Import a roster: all of it, or nothing. Importing the same again changes nothing."""
    person = person_of(by)
    roster = read(path, dialect)
    with opened(by) as office:
        with office.store.read():
            roll = office.store.roll(office.school)
        changes = plan_import(roll, roster)
        staff = _staff_changes(office.staff, roster)
        left = [evolve(roll[pupil], on_roll=False) for pupil in changes.left]
        pupils = [*changes.added, *changes.changed, *left]
        if not dry_run and (pupils or staff):
            office.desk(person).update_roll(pupils, staff)
        with office.store.read():
            after = {**roll, **{row.pupil: row for row in pupils}}
            gone = office.store.load(office.school, list(changes.left))
        open_cases = sorted(child for child, case in gone.items() if case.open)
    return _answer(roster, changes, staff, after, open_cases, dry_run=dry_run)


def read(path: str, dialect: str | None = None) -> Roster:
    """The roster at that path. Raises `Absent`, `casework.interchange.RosterRefused`."""
    if not path or "\0" in path or not Path(path).exists():
        raise Absent("there is no such roster; give the path of a folder or of a zip with its CSV files")
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


def _answer(
    roster: Roster,
    changes: RollChanges,
    staff: list[StaffRow],
    after: dict[str, RollRow],
    open_cases: list[str],
    *,
    dry_run: bool,
) -> Answer:
    on_roll = [row for row in after.values() if row.on_roll]
    marked = {word: sum(row.left_behind == word for row in on_roll) for word in ("none", "one", "both")}
    marked["unsaid"] = sum(row.left_behind is None for row in on_roll)
    nobody = not marked["one"] and not marked["both"]
    data = {
        "dialect": roster.dialect,
        "mode": roster.mode,
        "dry_run": dry_run,
        "pupils": len(roster.pupils),
        "staff": len(roster.staff),
        "classes": len(roster.classes),
        "added": [row.pupil for row in changes.added],
        "changed": [row.pupil for row in changes.changed],
        "left": list(changes.left),
        "unchanged": changes.unchanged,
        "staff_changed": [row.person for row in staff],
        "on_roll": len(on_roll),
        "left_behind": marked,
        "left_with_open_case": open_cases,
        "notes": [str(note) for note in roster.notes],
        "next": NOBODY_MARKED if nobody else "casework identify --from-roll",
    }
    return Answer(data, _shown(data, roster, changes, staff, open_cases, nobody=nobody, dry_run=dry_run))


def _shown(
    data: dict[str, object],
    roster: Roster,
    changes: RollChanges,
    staff: list[StaffRow],
    open_cases: list[str],
    *,
    nobody: bool,
    dry_run: bool,
) -> list[RenderableType]:
    verb = "would be imported" if dry_run else "imported"
    marked = data["left_behind"] if isinstance(data["left_behind"], dict) else {}
    rows = [
        ("pupils", len(roster.pupils), len(changes.added), len(changes.changed), len(changes.left), changes.unchanged),
        ("staff", len(roster.staff), "", len(staff), "", ""),
        ("classes", len(roster.classes), "", "", "", ""),
    ]
    shown: list[RenderableType] = [
        heading(f"{roster.dialect}, {roster.mode}: {verb}"),
        table(["", "in the roster", "new", "changed", "leave", "as they were"], rows),
        line(
            f"on the roll: {data['on_roll']}; parents away: both {marked.get('both')}, one {marked.get('one')}, "
            f"none {marked.get('none')}, not said {marked.get('unsaid')}"
        ),
    ]
    shown += [warning(f"note: {note}") for note in roster.notes]
    if open_cases:
        shown.append(
            warning(f"off the roll, but their case is open (nothing closes by itself): {', '.join(open_cases)}")
        )
    if nobody:
        shown.append(warning(NOBODY_MARKED))
    elif not dry_run:
        shown.append(line("next: casework identify --from-roll --as YOU"))
    return shown


def note_stranger(office: Office, person: str) -> list[RenderableType]:
    """A remark for somebody who is not on the staff: perhaps the id was mistyped."""
    return (
        []
        if office.knows(person)
        else [warning(f"note: {person} is not on the staff of {office.school}; is the id right?")]
    )
