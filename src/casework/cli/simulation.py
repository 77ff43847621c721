"""``simulate``: a term of a made-up school on the real engine, in memory; and the progress bar that it shares."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from casework.cli.answer import Answer
from casework.cli.exits import WrongUsage
from casework.cli.options import SHOWN, Everybody, Many, Number
from casework.cli.render import duties_table, heading, line, table

MOST_CHILDREN = 5_000


@contextmanager
def progress_bar(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; elsewhere nothing but a line at the begin."""
    if not console.is_terminal:
        console.print(f"{what} …", markup=False, highlight=False)
        yield _unseen
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _unseen(done: int, of: int) -> None:
    """Nobody watches: no bar is drawn."""


def simulate_(
    *,
    policy: Annotated[str, Parameter(help="a shipped pack, or the path of one")] = "town-primary",
    children: Annotated[Number, Parameter(help="how many cases")] = 180,
    helpers: Annotated[Number, Parameter(help="how many teachers help")] = 12,
    staff: Annotated[
        Literal["ordinary", "diligent", "zero"],
        Parameter(help="ordinary, diligent (everything is done) or zero (nobody works)"),
    ] = "ordinary",
    seed: Annotated[Number, Parameter(help="the same seed gives the same term")] = 7,
    rules: Annotated[Many, Parameter(help="rules of your own, as package.module:name or file.py:name")] = (),
    at: Annotated[Many, Parameter(help="what happens besides, as '2026-10-20 21:40 disclosure child=17'")] = (),
    _opts: Everybody = SHOWN,
) -> Answer:
    """A term of a made-up school on the real engine, without database and key. Every figure is synthetic."""
    if not 1 <= children <= MOST_CHILDREN:
        raise WrongUsage(f"--children takes 1 to {MOST_CHILDREN}")
    from casework.policy import load_policy  # noqa: PLC0415 - loaded once the line is read
    from casework.simulate import find_rules, read_happening  # noqa: PLC0415 - as above
    from casework.simulate.semester import MOST_HELPERS, simulate  # noqa: PLC0415 - as above

    if not 1 <= helpers <= MOST_HELPERS:
        raise WrongUsage(f"--helpers takes 1 to {MOST_HELPERS}")
    titles = {duty.id: duty.title for duty in load_policy(policy).duties}
    if rules and "" not in sys.path:
        sys.path.insert(0, "")  # rules that lie in the folder at hand are found, as `python -m` finds them
    own, script = find_rules(rules), [read_happening(line) for line in at]
    console = Console(stderr=True)
    with progress_bar(console, f"a term of {children} children") as progress:
        run = simulate(policy, children, helpers, staff, seed, own, script=script, progress=progress)
    facts = run.to_json()
    return Answer(facts, report(facts, titles))


def report(facts: Mapping[str, object], titles: Mapping[str, str]) -> list[RenderableType]:
    """A simulated term for people."""
    states, required = facts["states"], facts["obligations"]
    shown: list[RenderableType] = [heading(f"a simulated term, seed {facts['seed']}: every figure is synthetic")]
    if isinstance(states, Mapping):
        shown += [heading("children by state"), table(["state", "children"], states.items())]
    if isinstance(required, Mapping):
        duties = {duty: {k: n for k, n in counts.items() if k != "required"} for duty, counts in required.items()}
        shown.append(duties_table(duties, titles))
    shown.append(line(f"notices that are no emergency, for a person and week: {facts['notices_per_person_week']}"))
    shown.append(line(f"counts add up: {'yes' if facts['conserved'] else 'NO'}; trace {facts['trace_hash']}"))
    return shown
