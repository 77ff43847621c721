"""Who may do what, who read what, and broken glass."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer, plain
from casework.cli.cases import Child, done
from casework.cli.exits import WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import BY, DOING, SHOWN, Everybody, Somebody, Writer, instant
from casework.cli.printing import remark
from casework.cli.render import heading, line, local, table
from casework.model.glass import BreakGlass, ReviewGlass
from casework.policy.access import ACTIONS, ROLES, default_access, load_access

if TYPE_CHECKING:
    from casework.cli.office import Office

NAMES = ("role", "relation", "action", "state", "reason")
"""The parts of a cell, in order."""


def matrix(
    *,
    role: Annotated[str | None, Parameter(help="only this role")] = None,
    action: Annotated[str | None, Parameter(help="only this action")] = None,
    table_: Annotated[str, Parameter(name="--table", help="a school's own table, a TOML file")] = "",
    shown: Everybody = SHOWN,  # noqa: ARG001 - --json is read by whoever prints
) -> Answer:
    """The access matrix: role, relation, action, state, reason, and whether it is allowed. It needs no database."""
    for word, known, option in ((role, ROLES, "--role"), (action, ACTIONS, "--action")):
        if word is not None and word not in known:
            raise WrongUsage(f"{option} {word[:40]!r} is unknown, and so it is denied; use one of {', '.join(known)}")
    access = load_access(table_) if table_ else default_access()
    cells = [
        (cell, allowed) for cell, allowed in access.cells() if role in {None, cell[0]} and action in {None, cell[2]}
    ]
    facts = [{**dict(zip(NAMES, cell, strict=True)), "allowed": allowed} for cell, allowed in cells]
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for (who, how, what, state, why), allowed in cells:
        if allowed:
            rows.setdefault((who, how, what, why), []).append(state)
    lines: list[RenderableType] = [
        heading(
            f"{len(cells)} cells, {sum(allowed for _, allowed in cells)} of them allowed; what is not here is denied"
        ),
        table(
            ["role", "relation", "action", "for", "states"],
            [(who, how, what, why, ", ".join(states)) for (who, how, what, why), states in rows.items()],
        ),
    ]
    return Answer({}, lines, listed=facts)


def audit(
    child: Annotated[str, Parameter(help="about whom; every child if it is left out")] = "",
    *,
    reader: Annotated[str, Parameter(help="who read")] = "",
    since: Annotated[str, Parameter(help="from this instant on: 2026-09-10T16:00, local time")] = "",
    reason: Annotated[Literal["request", "breach"], Parameter(help="a guardian's request, or after a breach")],
    by: Somebody = BY,
) -> Answer:
    """Who read which sealed text about whom, when and why."""
    person = person_of(by)
    if not child and not reader:
        raise WrongUsage("say about whom, as in `casework audit p-001`, or who read: --reader t.li")
    with opened(by) as office:
        zone = office.calendar.zone
        start: datetime | None = instant(since, zone, "--since") if since else None
        id_ = office.child(child) if child else ""
        found = office.desk(person).audit(id_, reader=reader, since=start, reason=reason)
    rows = [
        (one.child, one.reading.reader, local(one.reading.at, zone), one.reading.kind, one.reading.reason)
        for one in found
    ]
    facts = [{"child": one.child, **{k: plain(getattr(one.reading, k)) for k in _READ}} for one in found]
    shown = [table(["child", "reader", "at", "what", "why"], rows)] if rows else [line("nobody read anything of that")]
    return Answer({"readings": facts}, shown)


_READ = ("reader", "at", "kind", "reason", "ref")


def break_glass(
    child: Child,
    *,
    because: Annotated[str, Parameter(help="why, as a code such as found_alone or lead_unreachable")],
    by: Writer = DOING,
) -> Answer:
    """Read one case that is not yours, for an hour. The safeguarding lead is told at once; somebody else judges it."""
    told = "the glass is broken for an hour, and who has to judge it is told"
    return done(by, child, BreakGlass(because), told, _not_on_roll(child))


def _not_on_roll(child: str) -> "Callable[[Office], None]":
    """Remark an id that is not on the roll; it says nothing of whether there is a case."""

    def look(office: "Office") -> None:
        if not office.on_roll(office.child(child)):
            remark(f"{child} is not on the roll (is the id right?)")

    return look


def judge_glass(
    child: Child,
    glass: Annotated[str, Parameter(help="which one, as `casework glasses` lists it")],
    verdict: Annotated[Literal["justified", "not_justified"], Parameter(help="what you find")],
    *,
    by: Writer = DOING,
) -> Answer:
    """Judge whether the glass was rightly broken; nobody judges what they did themselves."""
    return done(by, child, ReviewGlass(glass, verdict), f"judged: {verdict.replace('_', ' ')}")


def glasses(*, by: Somebody = BY) -> Answer:
    """Broken glass that nobody has judged yet."""
    person = person_of(by)
    with opened(by) as office:
        found = office.desk(person).glasses()
        zone = office.calendar.zone
    facts = [
        {"child": child, "glass": g.id, "by": g.person, "because": g.because, "at": plain(g.at)} for child, g in found
    ]
    rows = [(child, g.id, g.person, g.because, local(g.at, zone)) for child, g in found]
    shown = [table(["child", "glass", "by", "because", "at"], rows)] if rows else [line("nothing waits to be judged")]
    return Answer({"glasses": facts}, shown)
