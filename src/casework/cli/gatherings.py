"""Collective events: ``gather`` enters one with its attendance, ``attendance`` sets one right, ``gathering`` shows."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer, fields
from casework.cli.cases import Because, On
from casework.cli.exits import WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, DOING, Day, Flag, Many, Note, Somebody, Writer, typed
from casework.cli.render import heading, line, table
from casework.model.gathering import ABSENT, PRESENT, STRUCK, Gathering

if TYPE_CHECKING:
    from casework import Desk
    from casework.cli.office import Office
    from casework.engine.school_desk import Gathered

Present = Annotated[Many, Parameter(help="a child who was there, or whose carer was; repeat")]
NotThere = Annotated[Many, Parameter(help="a child who was not; repeat")]


def gather(  # noqa: PLR0913 - what a gathering may say; only its kind is required
    kind: Annotated[str, Parameter(help="symposium, parents_meeting, examination, theme_meeting, training …")],
    *,
    present: Present = (),
    absent: NotThere = (),
    attendance: Annotated[str, Parameter(help="a CSV file with the columns child and attendance")] = "",
    everybody: Annotated[Flag, Parameter(help="every child with an open case was there, but for --absent")] = False,
    class_: Annotated[Many, Parameter(name="--class", help="whose gathering it was; repeat (default: theirs)")] = (),
    on: On = None,
    who: Annotated[str, Parameter(name="--by", help="who held it, if not you")] = "",
    note: Note = None,
    by: Writer = DOING,
) -> Answer:
    """Enter a gathering (D19, D21): it discharges the duty of every child present; that of an absent one stays open."""
    from casework.interchange.lists import read_attendance  # noqa: PLC0415 - loaded once the line is read

    person = person_of(by)
    listed = read_attendance(Path(attendance)) if attendance else {}
    with opened(by) as office:
        there = _spelt(office, [*present, *(child for child, said in listed.items() if said == PRESENT)])
        away = _spelt(office, [*absent, *(child for child, said in listed.items() if said == ABSENT)])
        if everybody:
            there += [child for child in _open(office.desk(person), class_) if child not in {*there, *away}]
        if not there and not away:
            raise WrongUsage("say who was there: --present ID, --attendance FILE.csv, or --everybody")
        found = office.desk(person).gather(
            kind, there, away, classes=class_, on=on, by=who, note=typed(note), key=by.key
        )
    return _told(found, "entered")


def attendance(
    gathering: Annotated[str, Parameter(help="its id, as `casework gathering` lists it")],
    *,
    because: Because,
    present: Present = (),
    absent: NotThere = (),
    struck: Annotated[Many, Parameter(help="a child that stood on the list by mistake; repeat")] = (),
    moved_to: Annotated[Day, Parameter(help="it was on this day")] = None,
    void: Annotated[Flag, Parameter(help="it never took place")] = False,
    by: Writer = DOING,
) -> Answer:
    """Set a gathering right: who was there, on which day, or that it never was. The original stays."""
    lists = any((present, absent, struck))
    if sum((bool(lists), moved_to is not None, void)) != 1:
        raise WrongUsage("say one thing: --present, --absent and --struck; or --moved-to DAY; or --void")
    person = person_of(by)
    with opened(by) as office:
        desk = office.desk(person)
        if void:
            found = desk.void_gathering(gathering, because, key=by.key)
        elif moved_to is not None:
            found = desk.correct_gathering(gathering, because, on=moved_to, key=by.key)
        else:
            new = {"present": present, "absent": absent, "struck": struck}
            spelt = {name: _spelt(office, children) for name, children in new.items()}
            found = desk.correct_attendance(gathering, because, key=by.key, **spelt)
    return _told(found, "voided" if void else "set right")


def gathering(
    gathering: Annotated[str, Parameter(help="the id of one; all of the term if it is left out")] = "",
    *,
    by: Somebody = BY,
) -> Answer:
    """The gatherings of the term, or one with its attendance."""
    person = person_of(by)
    with opened(by) as office:
        desk = office.desk(person)
        if gathering:
            one = desk.gathering(gathering)
            return Answer(fields(one), _shown(one))
        terms = [term for term in office.calendar.terms if term.first <= office.today]
        found = desk.gatherings(terms[-1].first, terms[-1].last) if terms else []
    rows = [
        (
            g.id,
            g.kind,
            g.on,
            " ".join(g.classes),
            len(g.of(PRESENT)),
            len(g.of(ABSENT)),
            g.voided and f"voided: {g.voided}",
        )
        for g in found
    ]
    shown: Sequence[RenderableType] = [line("no gathering in the term")]
    if rows:
        shown = [table(["gathering", "kind", "on", "classes", "present", "absent", ""], rows)]
    return Answer({"gatherings": [fields(g) for g in found]}, shown)


def _spelt(office: "Office", children: Sequence[str]) -> list[str]:
    return [office.child(child) for child in children]


def _open(desk: "Desk", classes: Sequence[str]) -> list[str]:
    """Children with an open case, as the principal may know them, of these classes if any are named."""
    return [case.child for case in desk.cases() if not classes or case.class_ in classes]


def _told(found: "Gathered", done: str) -> Answer:
    held = found.gathering
    counts = {there: len(held.of(there)) for there in (PRESENT, ABSENT, STRUCK)}
    facts = {**fields(held), "waiting": found.waiting, "repeated": found.repeated, "counts": counts}
    if found.repeated:
        return Answer(facts, [line(f"{held.id}: done before under this key; nothing was done again")])
    said = ", ".join(f"{count} {there}" for there, count in counts.items() if count)
    shown = [line(f"{held.kind} {held.id} of {held.on} {done}: {said}")]
    if found.waiting:
        shown.append(line(f"  of {found.waiting} children the records take it up with the next `casework sweep`"))
    return Answer(facts, shown)


def _shown(one: Gathering) -> list[RenderableType]:
    rows = [(child, there) for child, there in one.attendance.items()]
    title = f"{one.kind} {one.id} of {one.on}, held by {one.by}{f', voided: {one.voided}' if one.voided else ''}"
    return [heading(title), table(["child", "attendance"], rows)]
