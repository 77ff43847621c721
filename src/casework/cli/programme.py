"""What the school does as a whole: its programme, examinations, letters, the emergency mechanism."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer, fields, plain
from casework.cli.cases import On
from casework.cli.exits import WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, DOING, Many, Note, Somebody, Writer, typed
from casework.cli.people import check_staff
from casework.cli.render import heading, line, table, until
from casework.cli.told import data, told
from casework.model.school_commands import Examine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casework import Case, Outcome
    from casework.model.commands import Command
    from casework.workflows import NextStep

CHUNK = 50
"""How many examinations of a list are entered in one transaction, so that nobody waits long for it."""

Step = Literal["show", "review", "summarise", "reopen"]


def programme(
    step: Annotated[Step, Parameter(help="what to do with it")] = "show",
    *,
    term: Annotated[str, Parameter(help="the term's id; the one that runs if it is left out")] = "",
    because: Annotated[str, Parameter(help="with reopen: the reason as a code")] = "",
    note: Note = None,
    by: Writer = DOING,
) -> Answer:
    """The programme of a term: planned, running, reviewed, summarised; and what the school and its classes owe."""
    person = person_of(by)
    with opened(by) as office:
        desk = office.desk(person)
        if step == "review":
            desk.review_programme(term, note=typed(note), key=by.key)
        elif step == "summarise":
            desk.summarise_programme(term, note=typed(note), key=by.key)
        elif step == "reopen":
            if not because:
                raise WrongUsage("--because says why it is looked at again, as a code such as figures_wrong")
            desk.reopen_programme(because, term, key=by.key)
        record, steps = desk.of_school(), desk.explain_school().steps
        theirs = office.classes()
        mine = theirs if desk.may("list_child") else [class_ for class_ in theirs if class_ in desk.classes]
        classes = [desk.of_school(class_) for class_ in mine]
    shown: list[RenderableType] = [
        table(
            ["term", "programme", "since", "by"], [(p.term, p.state, p.since, p.by) for p in record.programmes.values()]
        ),
        _steps(steps),
    ]
    owed = [(_name(case), o) for case in (record, *classes) for o in case.obligations.values()]
    if owed:
        rows = [(whose, o.key, o.status.replace("_", " "), until(o.due), o.role) for whose, o in owed]
        shown += [heading("what the school and its classes owe"), table(["whose", "duty", "", "due", "owed by"], rows)]
    facts = {
        "programmes": plain(record.programmes),
        "next_steps": plain(steps),
        "obligations": [{"whose": whose, **fields(o)} for whose, o in owed],
    }
    return Answer(facts, shown)


def _steps(steps: "Iterable[NextStep]") -> RenderableType:
    return table(["step", "", "why not"], [(s.name, "open" if s.allowed else "", s.why) for s in steps])


def _name(case: "Case") -> str:
    return case.child or "the school"


def examine(  # noqa: PLR0913 - five measures, four organs
    child: Annotated[str, Parameter(help="the pupil's id; leave it out with --list")] = "",
    *,
    list_: Annotated[str, Parameter(name="--list", help="a CSV file: child, measures, eye, ear, nose, mouth")] = "",
    blood_pressure: Annotated[str, Parameter(help="mmHg, as in 95/60")] = "",
    height: Annotated[str, Parameter(help="cm, as in 131.5")] = "",
    vision: Annotated[str, Parameter(help="left/right on the five-grade scale, as in 5.0/4.8")] = "",
    vital_capacity: Annotated[str, Parameter(help="ml, as in 1400")] = "",
    chest_circumference: Annotated[str, Parameter(help="cm, as in 62.5")] = "",
    eye: Annotated[str, Parameter(help="normal, or a code")] = "",
    ear: Annotated[str, Parameter(help="normal, or a code")] = "",
    nose: Annotated[str, Parameter(help="normal, or a code")] = "",
    mouth: Annotated[str, Parameter(help="normal, or a code such as caries")] = "",
    abnormal: Annotated[Many, Parameter(help="a measure that is abnormal; repeat")] = (),
    on: On = None,
    who: Annotated[str, Parameter(name="--by", help="who examined, if not you")] = "",
    note: Note = None,
    by: Writer = DOING,
) -> Answer:
    """Enter a physical examination (D29) of any pupil, with or without a case, or a whole list of them."""
    from casework.interchange.lists import examination_of, read_examinations  # noqa: PLC0415 - when the line is read

    measures = (blood_pressure, height, vision, vital_capacity, chest_circumference)
    cells = dict(zip(_MEASURES, (*measures, eye, ear, nose, mouth), strict=True)) | {"abnormal": " ".join(abnormal)}
    person = person_of(by)
    if list_:
        if child or any(cells.values()):
            raise WrongUsage("--list brings children and measures; leave CHILD and the others out")
        found = {id_: one for id_, one in read_examinations(Path(list_)).items() if one is not None}
        with opened(by) as office:
            desk = office.desk(person)
            commands: list[tuple[str, Command]] = [
                (office.child(id_), Examine(one, on, who, typed(note))) for id_, one in found.items()
            ]
            desk.check_named([id_ for id_, _ in commands])
            outcomes: list[Outcome] = []
            for first in range(0, len(commands), CHUNK):
                key = f"{by.key}/{first}" if by.key else ""
                outcomes += desk.do_together(commands[first : first + CHUNK], key=key)
        abnormal_ones = [id_ for id_, one in found.items() if one.findings]
        shown = [line(f"{len(outcomes)} examinations entered")]
        if abnormal_ones:
            shown.append(line(f"  to be followed up: {', '.join(abnormal_ones)}"))
        return Answer({"examined": len(outcomes), "follow_up": abnormal_ones}, shown)
    if not child:
        raise WrongUsage("name the pupil, or say --list FILE.csv")
    one = examination_of(cells)
    with opened(by) as office:
        outcome = office.desk(person).examine(office.child(child), one, on=on, by=who, note=typed(note), key=by.key)
    return told([outcome], "examination entered")


_MEASURES = (
    "blood_pressure",
    "height",
    "vision",
    "vital_capacity",
    "chest_circumference",
    "eye",
    "ear",
    "nose",
    "mouth",
)


def sign(
    party: Annotated[str, Parameter(help="guardian, class_teacher, teachers or school")],
    version: Annotated[str, Parameter(help="which version of the letter, as in 2026.1")],
    *,
    of: Annotated[str, Parameter(help="the child, or the class")] = "",
    people: Annotated[Many, Parameter(name="--person", help="the id of who signed; repeat for teachers")] = (),
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Enter who signed the letter of responsibility for safety (D24)."""
    person = person_of(by)
    with opened(by) as office:
        whose = office.child(of) if party == "guardian" and of else of
        outcome = office.desk(person).sign(party, version, of=whose, people=people, on=on, key=by.key)
    return _of_school(outcome, f"{party} signed {version}")


def mechanism(
    version: Annotated[str, Parameter(help="which version the school adopted, as in 2026.1")],
    *,
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Adopt a version of the emergency mechanism (D23)."""
    person = person_of(by)
    with opened(by) as office:
        outcome = office.desk(person).adopt_mechanism(version, on=on, key=by.key)
    return _of_school(outcome, f"mechanism {version} adopted")


def call_tree(
    *,
    reached: Annotated[Many, Parameter(help="somebody who was reached; repeat")] = (),
    not_reached: Annotated[Many, Parameter(help="somebody whom nobody reached; repeat")] = (),
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Enter a test of the contact tree (D23): who was reached, and who was not."""
    person = person_of(by)
    with opened(by) as office:
        check_staff(office, (*reached, *not_reached))
        outcome = office.desk(person).test_tree(reached, not_reached, on=on, key=by.key)
    return _of_school(outcome, f"contact tree tested: {len(reached)} reached, {len(not_reached)} not")


def _of_school(outcome: "Outcome", done: str) -> Answer:
    if outcome.case.subject == "child":
        return told([outcome], done)
    name = _name(outcome.case)
    if outcome.repeated:
        return Answer(data(outcome), [line(f"{name}: done before under this key; nothing was done again")])
    return Answer(data(outcome), [line(f"{name}: {done}")])


def explain_place(place: str, by: Somebody = BY) -> Answer:
    """Why the school's own record (``@``), or a class's (``@3-1``), stands where it stands."""
    person = person_of(by)
    with opened(by) as office:
        said = office.desk(person).explain_school(place[1:])
    shown: list[RenderableType] = [heading(place[1:] or "the school")]
    if said.steps:
        shown.append(_steps(said.steps))
    if said.obligations:
        owed = [(o.key, o.status.replace("_", " "), until(o.due), o.role, o.trigger) for o in said.obligations]
        shown.append(table(["obligation", "", "due", "owed by", "asked for by"], owed))
    if said.rules:
        shown.append(table(["rule", "says now"], [(rule, "; ".join(said) or "nothing") for rule, said in said.rules]))
    return Answer({"place": place} | fields(said), shown)
