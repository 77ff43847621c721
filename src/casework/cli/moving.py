"""Children who were entered twice, and staff who leave: merge, unmerge, hand-over."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer
from casework.cli.cases import Because, Child, On
from casework.cli.exits import WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import DOING, Many, Writer
from casework.cli.people import check_staff, stranger
from casework.cli.printing import remark
from casework.cli.render import heading, line, table, warning
from casework.cli.told import told


def hand_over(
    person: Annotated[str, Parameter(help="who leaves: the id of a member of staff")],
    *,
    because: Because,
    to: Annotated[str, Parameter(help="the successor")] = "",
    interim: Annotated[str, Parameter(help="who takes over until there is a successor")] = "",
    other: Annotated[Many, Parameter(help="another successor for one child: p-002=t.wu; repeat")] = (),
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Hand on all that stands in the name of who leaves; refused without a successor or an interim."""
    giver = person_of(by)
    others = _pairs(other)
    if bool(to) == bool(interim):
        raise WrongUsage("say who takes over: --to PERSON, or --interim PERSON until there is a successor")
    with opened(by) as office:
        check_staff(office, [name for name in (to, interim, *others.values()) if name])
        desk = office.desk(giver)
        done = desk.hand_over(
            person, because, to=to, interim=interim, others={office.child(c): p for c, p in others.items()}, on=on
        )
        left = desk.in_the_name_of(person)
        if not done.children and (wrong := stranger(office, person)):
            remark(f"{wrong}; is the id right?")
    facts = {
        "person": person,
        "children": [{"child": each.child, "what": list(each.what), "to": each.to} for each in done.children],
        "seats": list(done.seats),
        "left": {child: list(what) for child, what in left.items()},
    }
    shown: list[RenderableType] = [heading(f"{len(done.children)} children handed over by {person}")]
    if done.children:
        rows = [(each.child, ", ".join(each.what), each.to) for each in done.children]
        shown.append(table(["child", "what passed", "to"], rows))
    shown.append(line(f"nothing is in the name of {person} any more" if not left else f"left: {', '.join(left)}"))
    if done.seats:
        shown.append(warning(f"{person} still holds seats: {', '.join(done.seats)} (casework.toml, or the roster)"))
    return Answer(facts, shown)


def merge(
    child: Child,
    *,
    into: Annotated[str, Parameter(help="the record that stays: the same child under its other id")],
    because: Because,
    by: Writer = DOING,
) -> Answer:
    """A child was entered twice: one record takes the other up, with all its duties and emergencies."""
    person = person_of(by)
    with opened(by) as office:
        name, survivor = office.child(child), office.child(into)
        return told([office.desk(person).merge(name, survivor, because)], f"{name} is merged into it")


def unmerge(
    child: Child,
    *,
    because: Because,
    also: Annotated[Many, Parameter(help="the id of something entered since that goes along; repeat")] = (),
    by: Writer = DOING,
) -> Answer:
    """They were two children after all: what was the merged record's goes back where it stood."""
    person = person_of(by)
    with opened(by) as office:
        return told([office.desk(person).unmerge(office.child(child), because, also=also)], "stands for itself again")


def _pairs(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        child, sign, person = text.partition("=")
        if not (child and sign and person) or child in found:
            raise WrongUsage("--other is written CHILD=PERSON, each child once, as in --other p-002=t.wu")
        found[child] = person
    return found
