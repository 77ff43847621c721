"""What importing a roster would change on a stored roll; nothing here writes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from casework.interchange._problems import Problems, shown
from casework.interchange._values import ACTIVE, LEAVES, Amendment, Pupil, Roster
from casework.model.roll import RollRow, StaffRow, id_key


@frozen
class RollChanges:
    """What an import does to the roll.

    ``added`` are new rows, ``changed`` the new state of stored ones (also of pupils who come back), ``left`` the ids
    of pupils who leave the roll; ``unchanged`` counts the pupils of the roster whose row stays as it is.
    """

    added: tuple[RollRow, ...] = ()
    changed: tuple[RollRow, ...] = ()
    left: tuple[str, ...] = ()
    unchanged: int = 0


def plan_import(old: Mapping[str, RollRow], roster: Roster) -> RollChanges:
    """What importing ``roster`` would change on the roll ``old`` (rows by pupil id).

    A bulk roster is the whole roll: pupils who are not in it leave. A delta changes only what it mentions. What a
    roster does not say (left behind, boarder, household, birth date, sex, grade) stays as it is stored; an empty class
    in bulk is said. Ids are matched without regard to case. Raises `RosterRefused` when a delta moves a pupil who is
    neither on the roll nor in the delta.
    """
    stored = {id_key(id_): row for id_, row in old.items()}
    said = {id_key(pupil.id): pupil for pupil in roster.pupils}
    new: dict[str, RollRow] = {}
    leaving = {key for key, pupil in said.items() if pupil.status == LEAVES}
    for key, pupil in said.items():
        if pupil.status == ACTIVE:
            base = stored.get(key) or RollRow(pupil.id)
            new[key] = _said(base, pupil, takes_class=roster.mode == "bulk")
    if roster.mode == "bulk":
        leaving |= set(stored) - set(said)
    else:
        _amend(new, stored, leaving, roster)
    left = sorted(stored[key].pupil for key in leaving if key in stored and stored[key].on_roll)
    return RollChanges(
        added=tuple(row for key, row in sorted(new.items()) if key not in stored),
        changed=tuple(row for key, row in sorted(new.items()) if key in stored and stored[key] != row),
        left=tuple(left),
        unchanged=sum(stored.get(key) == row for key, row in new.items()),
    )


def staff_rows(roster: Roster) -> tuple[StaffRow, ...]:
    """The staff of a roster as rows of the roll; those who leave are not among them."""
    return tuple(StaffRow(s.id, s.roles, s.classes) for s in roster.staff if s.status == ACTIVE)


def _said(base: RollRow, pupil: Pupil, *, takes_class: bool) -> RollRow:
    same_class = not takes_class or id_key(pupil.class_) == id_key(base.class_)
    return evolve(
        base,
        class_=base.class_ if same_class else pupil.class_,
        grade=pupil.grade or base.grade,
        left_behind=base.left_behind if pupil.left_behind is None else pupil.left_behind,
        boarder=base.boarder if pupil.boarder is None else pupil.boarder,
        household=pupil.household or base.household,
        birth_date=pupil.birth_date or base.birth_date,
        sex=pupil.sex or base.sex,
        on_roll=True,
    )


def _amend(new: dict[str, RollRow], stored: Mapping[str, RollRow], leaving: set[str], roster: Roster) -> None:
    """Apply a delta's amendments, endings before beginnings, homerooms last so that they win."""
    classes = {id_key(row.class_) for row in stored.values() if row.class_}
    by_pupil: defaultdict[str, list[Amendment]] = defaultdict(list)
    for amendment in roster.amendments:
        by_pupil[id_key(amendment.pupil)].append(amendment)
    problems = Problems()
    for key, amendments in by_pupil.items():
        if key in leaving:
            continue
        row = new.get(key) or stored.get(key)
        if row is not None and (row.on_roll or key in new):
            new[key] = _amended(row, amendments, classes)
        else:
            _refuse_strangers(amendments, problems)
    problems.stop_if_any()


def _amended(row: RollRow, amendments: Iterable[Amendment], classes: set[str]) -> RollRow:
    for amendment in sorted(amendments, key=lambda a: (bool(a.joins), a.homeroom)):
        class_ = row.class_
        if amendment.ends and id_key(amendment.ends) == id_key(class_):
            class_ = ""
        joins = id_key(amendment.joins)
        # A teaching group is not the pupil's class: it is taken only where nothing better is known.
        if joins and joins != id_key(class_) and (amendment.homeroom or joins in classes or not class_):
            class_ = amendment.joins
        row = evolve(
            row,
            class_=class_,
            birth_date=amendment.birth_date or row.birth_date,
            sex=amendment.sex or row.sex,
        )
    return row


def _refuse_strangers(amendments: Iterable[Amendment], problems: Problems) -> None:
    """Joining a class needs a pupil; birth dates and endings of others (staff, pupils gone) are no matter."""
    for a in amendments:
        if a.joins:
            what = f"{shown(a.pupil)} is neither on the roll nor in this delta"
            problems.add(a.file, what, "deliver the pupil's own row, or import in bulk first", row=a.row)
