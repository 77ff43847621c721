"""What the school's administrator runs: apply, sweep, doctor, verify; and what a policy and the workflows say.

``sweep``, ``doctor`` and ``verify`` act for the machine, not for a person: they print counts and ids, and whoever can
run them can read the database file as well.
"""

from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import RenderableType

from casework import sweep as run_sweep
from casework.cli import exits
from casework.cli.answer import Answer
from casework.cli.identifying import MEANS
from casework.cli.office import opened, person_of
from casework.cli.options import AT, BY, SHOWN, Everybody, Flag, Somebody, There
from casework.cli.render import heading, line, table, warning
from casework.policy import describe, load_policy, shipped_packs
from casework.workflows import CASE, EMERGENCY, REFERRAL, mermaid


def apply(
    *, dry_run: Annotated[Flag, Parameter(help="only say what would change")] = False, by: Somebody = BY
) -> Answer:
    """Let the school run on casework.toml's policy, calendar and rules from now on."""
    person = person_of(by)
    with opened(by) as office:
        done = office.desk(person).apply(dry_run=dry_run)
    facts = {"changed": list(done.changed), "woken": done.woken, "dry_run": dry_run, "effects": dict(done.effects)}
    if not done.changed:
        return Answer(facts, (line("nothing changed since the settings were applied"),))
    shown: list[RenderableType] = [
        heading(f"{', '.join(done.changed)}: {'would be applied' if dry_run else 'applied'}"),
        line(f"{done.woken} records {'would be' if dry_run else 'will be'} looked at"),
    ]
    if done.effects:
        shown.append(table(["what happens", "how often"], done.effects.items()))
    shown.append(line("next: casework apply" if dry_run else "next: casework sweep"))
    return Answer(facts, shown)


def sweep(
    *,
    catch_up: Annotated[Flag, Parameter(help="yes, the clock is right, although much has been due for long")] = False,
    at: There = AT,
) -> Answer:
    """Look at every record whose time has come, alarms first. Let the machine run it every few minutes."""
    with opened(at) as office:
        done = run_sweep(office.casework, office.store, school=office.school, catch_up=catch_up)
    facts = {
        "due": done.due,
        "settled": done.settled,
        "written": done.written,
        "told": done.told,
        "failed": [{"child": child, "rule": rule} for _, child, rule in done.failed],
        "broken": [{"child": child, "error": error} for _, child, error in done.broken],
        "unapplied": sorted(done.unapplied),
    }
    shown = [line(f"{done.due} due, {done.settled} settled, {done.written} written, {done.told} notices")]
    shown += [
        warning(f"rule {rule} raised on {child or 'the school'}, and is set aside there")
        for _, child, rule in done.failed
    ]
    shown += [
        warning(f"record {child or 'of the school'} could not be looked at: {error}") for _, child, error in done.broken
    ]
    if done.unapplied:
        shown.append(
            warning("settings changed since they were applied: only emergencies are settled until `casework apply`")
        )
    return Answer(facts, shown, exits.LEFT if done.failed or done.broken or done.unapplied else exits.DONE)


def policy_show(
    *packs: Annotated[str, Parameter(help="a shipped pack, or the path of one; several are composed")],
    _opts: Everybody = SHOWN,
) -> Answer:
    """What a policy asks for: one line for each window of each duty, the ladder, the definition of left-behind."""
    names = packs or ("town-primary",)
    found = load_policy(*names)
    rows = describe(found)
    ladder = [{"role": rung.role, "deputy": rung.deputy} for rung in found.ladder.rungs]
    facts = {
        "id": found.id,
        "version": found.version,
        "title": found.title,
        "packs": list(found.packs),
        "definition": found.definition,
        "definition_means": MEANS[found.definition],
        "hash": found.hash,
        "thresholds": dict(found.thresholds),
        "ladder": {"rungs": ladder, "step_minutes": found.ladder.step, "limits_minutes": dict(found.ladder.limits)},
        "duties": rows,
        "shipped": list(shipped_packs()),
    }
    columns = ("duty", "title", "subject", "role", "when", "due", "closes", "discharged_by")
    shown: list[RenderableType] = [
        heading(f"{found.id} {found.version}: {found.title}"),
        line(f"left behind: {found.definition}, {MEANS[found.definition]}"),
        table([name.replace("_", " ") for name in columns], [[row[name] for name in columns] for row in rows]),
        line(
            "ladder: "
            + " → ".join(f"{r.role}{f' (deputy {r.deputy})' if r.deputy else ''}" for r in found.ladder.rungs)
        ),
        line(
            f"{found.ladder.step} minutes a rung; limits: "
            + ", ".join(f"{k} {v} min" for k, v in found.ladder.limits.items())
        ),
    ]
    return Answer(facts, shown)


def diagram(
    which: Annotated[Literal["case", "emergency", "referral"], Parameter(help="the workflow")] = "case",
    *,
    _opts: Everybody = SHOWN,
) -> Answer:
    """A workflow as a state diagram in Mermaid, written from the table that the engine runs on."""
    text = {"case": mermaid(CASE), "emergency": mermaid(EMERGENCY), "referral": mermaid(REFERRAL)}[which]
    return Answer({"workflow": which, "mermaid": text}, text=text)
