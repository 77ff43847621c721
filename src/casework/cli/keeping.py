"""``apply`` and ``sweep``: what the school's administrator runs, by hand and by the machine.

``sweep`` acts for the machine, not for a person: it prints counts and ids, and whoever can run it can read the database
file as well.
"""

from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli import exits
from casework.cli.answer import Answer
from casework.cli.opening import opened, person_of
from casework.cli.options import AT, BY, Flag, Somebody, There
from casework.cli.render import heading, line, table, warning


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
    from casework.engine.sweep import sweep as engine_sweep  # noqa: PLC0415 - loaded once the line is read

    with opened(at) as office:
        done = engine_sweep(office.casework, office.store, school=office.school, catch_up=catch_up)
    facts = {
        "due": done.due,
        "settled": done.settled,
        "written": done.written,
        "told": done.told,
        "failed": [{"child": child, "rule": rule} for _, child, rule in done.failed],
        "broken": [{"child": child, "error": error} for _, child, error in done.broken],
        "unapplied": sorted(done.unapplied),
        "erased": done.erased,
    }
    were = "record was" if done.due == 1 else "records were"
    what = f"{done.due} {were} due: {done.written} entries of history written, {done.told} notices"
    shown = [line(what if done.due else "no record was due")]
    shown += [
        warning(f"rule {rule} raised on {child or 'the school'}, and is set aside there")
        for _, child, rule in done.failed
    ]
    shown += [
        warning(f"record {child or 'of the school'} could not be looked at: {error}") for _, child, error in done.broken
    ]
    if done.erased:
        shown.append(warning(f"a restored backup held {done.erased} children again who were erased: erased once more"))
    if done.unapplied:
        shown.append(
            warning("settings changed since they were applied: only emergencies are settled until `casework apply`")
        )
    return Answer(facts, shown, exits.LEFT if done.failed or done.broken or done.unapplied else exits.DONE)
