"""Spreading children over helpers (D8): siblings together, whoever has the fewest first, nobody who is implicated."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.console import RenderableType

from casework.cli.answer import Answer
from casework.cli.exits import WrongUsage
from casework.cli.render import heading, line, table, warning
from casework.cli.told import data as outcome_data
from casework.model.commands import Command, Pair
from casework.model.roll import StaffRow

if TYPE_CHECKING:
    from casework import Case
    from casework.cli.office import Office

HELPING_ROLES = frozenset({"teacher", "class_teacher", "subject_teacher"})
"""Roles of a roster whose holders help when nobody is named."""


def helpers_of(staff: Mapping[str, StaffRow]) -> tuple[str, ...]:
    """The teachers among the staff."""
    return tuple(sorted(row.person for row in staff.values() if HELPING_ROLES & set(row.roles)))


def spread(cases: "Sequence[Case]", helpers: Sequence[str], load: Mapping[str, int]) -> dict[str, str]:
    """Child to lead: households in the order of their ids, each to the helper with the fewest children, then by id.

    A helper whom something about one of the children implicates is passed over; a household that nobody is left for is
    left out.
    """
    homes: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda case: case.child):
        homes.setdefault(case.household or case.child, []).append(case)
    count = Counter(dict(load))
    found = {}
    for _, siblings in sorted(homes.items(), key=lambda home: (-len(home[1]), home[0])):
        fit = [helper for helper in helpers if not any(case.implicates(helper) for case in siblings)]
        if fit:
            lead = min(fit, key=lambda helper: (count[helper], helper))
            count[lead] += len(siblings)
            found.update({case.child: lead for case in siblings})
    return found


def balance(office: "Office", person: str, named: Sequence[str], on: date | None, key: str) -> Answer:
    """Pair every open case without a lead; whoever enters it is none of the helpers, unless named or alone."""
    desk, teachers = office.desk(person), helpers_of(office.staff)
    others = tuple(teacher for teacher in teachers if teacher != person)
    helpers = tuple(dict.fromkeys(named)) or others or teachers
    if not helpers:
        raise WrongUsage(
            "no teacher is on the staff list; import a roster, or name helpers: --helper t.li --helper t.wu"
        )
    cases = desk.cases()
    load = Counter(case.lead for case in cases if case.lead)
    alone = [case for case in cases if not case.lead]
    leads = spread(alone, helpers, load)
    commands: list[tuple[str, Command]] = [(child, Pair(lead, (), on)) for child, lead in sorted(leads.items())]
    outcomes = desk.do_together(commands, key=key) if commands else ()
    after = load + Counter(leads.values())
    left = [case.child for case in alone if case.child not in leads]
    facts = {
        "paired": leads,
        "children_per_helper": dict(sorted(after.items())),
        "not_paired": left,
        "outcomes": [outcome_data(outcome) for outcome in outcomes],
    }
    rows = [(helper, after[helper]) for helper in sorted({*helpers, *after})]
    shown: list[RenderableType] = [
        heading(f"{len(outcomes)} children paired with {len(helpers)} helpers"),
        table(["helper", "children"], rows),
    ]
    if left:
        shown.append(warning(f"pair these by hand: {', '.join(left)}"))
    if not alone:
        shown.append(line("every open case has a lead helper"))
    return Answer(facts, shown)
