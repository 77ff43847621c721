"""``identify``: one child by somebody who knows, or all whom the roll and the policy's definition name."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated

from attrs import frozen
from cyclopts import Parameter

from casework.cli.answer import Answer
from casework.cli.exits import Unknown, WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import DOING, Day, Flag, Writer
from casework.cli.render import heading, line, warning
from casework.cli.told import data as outcome_data
from casework.cli.told import told
from casework.errors import said
from casework.model.commands import Command, Identify
from casework.model.roll import RollRow

if TYPE_CHECKING:
    from casework import Desk
    from casework.cli.office import Office

MEANS: Mapping[str, str] = {
    "register": "the school register's words: one or both parents away for three months or more",
    "state-council-2016": (
        "the State Council's of 2016: under 16, both parents away, or one away and the other unable to care"
    ),
    "census-before-2016": "what censuses before 2016 mostly used: one or both parents away",
}
"""Each named definition of left-behind, in words (domain.md, last lines)."""

NOBODY_MARKED = (
    "nobody on this roll is marked left behind, and no roster format says who lives with a child. Either add the "
    "column metadata.casework.leftBehind (none, one, both: parents away) to the pupils' file, import it again, then "
    "`casework identify --from-roll`; or let the class teachers say it of each child: "
    "`casework identify CHILD --away both`"
)

GROWN_UP = 16
LONGEST_AGO = 20
"""Years: nobody at school was identified earlier; such a day is a slip of the pen."""


@frozen
class Verdict:
    """Whom a definition names on a roll: to identify, and those whom a person has to decide on, with the reason."""

    named: tuple[str, ...]
    undecided: tuple[tuple[str, str], ...]
    unsaid: int


def by_definition(definition: str, roll: Mapping[str, RollRow], today: date) -> Verdict:
    """Whom the definition names among the pupils on the roll; nothing that the roll does not say is guessed."""
    named: list[str] = []
    undecided: list[tuple[str, str]] = []
    unsaid = 0
    for pupil, row in sorted(roll.items()):
        if not row.on_roll:
            continue
        unsaid += row.left_behind is None
        if row.left_behind not in {"one", "both"}:
            continue
        why = _doubt(definition, row, today)
        if why is None:
            named.append(pupil)
        elif why:
            undecided.append((pupil, why))
    return Verdict(tuple(named), tuple(undecided), unsaid)


def _doubt(definition: str, row: RollRow, today: date) -> str | None:
    """None if the definition names the pupil, an empty text if it does not, else what a person has to find out."""
    if definition != "state-council-2016":
        return None
    if row.birth_date is None:
        return "birth date unknown: is the child under 16?"
    born = row.birth_date
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age >= GROWN_UP:
        return ""
    return None if row.left_behind == "both" else "one parent is away: is the other able to care?"


def identify(  # noqa: PLR0913 - the facts of a child
    child: Annotated[str, Parameter(help="the child's id; leave it out with --from-roll")] = "",
    *,
    away: Annotated[str | None, Parameter(help="how many parents work away: one or both")] = None,
    from_roll: Annotated[Flag, Parameter(help="everybody on the roll whom the policy's definition names")] = False,
    class_: Annotated[str, Parameter(name="--class", help="the child's class, if the roll does not say it")] = "",
    household: Annotated[str, Parameter(help="an id that siblings share, if the roll does not say it")] = "",
    boarder: Annotated[Flag, Parameter(help="the child boards")] = False,
    on: Annotated[Day, Parameter(help="the day, if not today")] = None,
    dry_run: Annotated[Flag, Parameter(help="with --from-roll: only say who would be identified")] = False,
    not_on_roll: Annotated[Flag, Parameter(help="yes, this child is not on the roll")] = False,
    by: Writer = DOING,
) -> Answer:
    """Bring a child into scope: a case begins, and with it the duties."""
    person = person_of(by)
    if bool(child) == from_roll:
        raise WrongUsage("name one child, as in `casework identify CHILD --away both`, or say --from-roll")
    if from_roll and (away or class_ or household or boarder):
        raise WrongUsage("--from-roll takes away, class, household and boarding from the roll; leave those options out")
    if dry_run and not from_roll:
        raise WrongUsage("--dry-run goes with --from-roll; one child is identified, or not")
    with opened(by, begins=True) as office:
        _check_day(on, office.today)
        if from_roll:
            return _from_roll(office, office.desk(person), on, by.key, dry_run=dry_run)
        if away is None:
            raise WrongUsage("say how many parents work away: --away one, or --away both")
        id_ = office.child(child)
        if not not_on_roll and not office.on_roll(id_):
            raise Unknown(
                f"no pupil on the roll is {said(id_)}: check the id, or say --not-on-roll if the child is right "
                "although the roll is not"
            )
        with office.store.read():
            row = office.store.roll(office.school).get(id_) or RollRow(id_)
        outcome = office.desk(person).identify(
            id_,
            away=away,
            class_=class_ or row.class_,
            household=household or row.household,
            boarder=boarder or row.boarder,
            on=on,
            key=by.key,
        )
        return told([outcome], f"identified, by the definition {outcome.case.definition}")


def _check_day(on: date | None, today: date) -> None:
    if on is not None and (on.year + LONGEST_AGO, on.month, on.day) < (today.year, today.month, today.day):
        raise WrongUsage(
            f"--on {on} is more than {LONGEST_AGO} years ago, before any pupil of today was at school; give the day on "
            "which the school knew that the parents are away"
        )


def _from_roll(office: "Office", desk: "Desk", on: date | None, key: str, *, dry_run: bool) -> Answer:
    definition = office.file.policy.definition
    with office.store.read():
        roll = office.store.roll(office.school)
        known = office.store.load(office.school, sorted(roll))
    seen = {case.child for case in desk.cases(open_only=False)}
    if not desk.may("list_child"):
        roll = {pupil: row for pupil, row in roll.items() if row.class_ in desk.classes}
    verdict = by_definition(definition, roll, on or office.today)
    begun = [child for child in verdict.named if child in known and known[child].stage]
    had = [child for child in begun if child in seen]
    commands: list[tuple[str, Command]] = [
        (child, _identify(roll[child], on)) for child in verdict.named if child not in set(begun)
    ]
    outcomes = desk.do_together(commands, key=key) if commands and not dry_run else ()
    chosen = [child for child, _ in commands]
    count = sum(row.on_roll for row in roll.values())
    facts = {
        "definition": definition,
        "definition_means": MEANS[definition],
        "on_roll": count,
        "dry_run": dry_run,
        "identified": chosen,
        "had_a_case": had,
        "undecided": [{"child": child, "ask": why} for child, why in verdict.undecided],
        "unsaid": verdict.unsaid,
        "outcomes": [outcome_data(outcome) for outcome in outcomes],
    }
    shown = [
        heading(f"{len(chosen)} of {count} pupils on the roll {'would be ' * dry_run}identified as left behind"),
        line(f"definition: {definition}, {MEANS[definition]}"),
    ]
    if dry_run and chosen:
        shown.append(line(f"they are: {', '.join(chosen)}"))
    if had:
        shown.append(line(f"{len(had)} had a case before"))
    shown += [warning(f"to be decided by a person: {child}: {why}") for child, why in verdict.undecided]
    if verdict.unsaid:
        shown.append(warning(f"of {verdict.unsaid} pupils the roll does not say whether their parents are away"))
    if not verdict.named and not verdict.undecided:
        shown.append(warning(NOBODY_MARKED))
    elif outcomes:
        shown.append(line("next: casework file CHILD --as YOU, casework pair --balance --as YOU"))
    return Answer(facts, shown)


def _identify(row: RollRow, on: date | None) -> Identify:
    return Identify(row.left_behind or "", "", row.class_, row.household, row.boarder, on)
