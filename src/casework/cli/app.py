"""The commands by group; made anew for every run, since nothing here is global."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from cyclopts import App, Group, Parameter

from casework import __version__
from casework.cli import (
    alarm,
    cases,
    checking,
    daily,
    identifying,
    keeping,
    look,
    roster,
    simulation,
    starting,
    summary,
)
from casework.cli.demo import demo
from casework.cli.exits import WrongUsage

HELP = """Cases of left-behind children: duties, visits, emergencies and their account, for one school in one folder.

Begin with `casework init`, `casework import ROSTER --as YOU`, `casework identify --from-roll --as YOU`.
"""

Command = Callable[..., Any]

GROUPS: Sequence[tuple[str, Sequence[tuple[str, Command]]]] = (
    ("A school begins", (("init", starting.init), ("import", roster.import_), ("identify", identifying.identify))),
    (
        "The case",
        (
            ("file", cases.file),
            ("card", cases.card),
            ("pair", cases.pair),
            ("unpair", cases.unpair),
            ("key", cases.key),
            ("facts", cases.facts),
            ("excuse", cases.excuse),
            ("close", cases.close),
            ("reopen", cases.reopen),
        ),
    ),
    (
        "A teacher's day",
        (
            ("today", daily.today),
            ("record", daily.record),
            ("concern", daily.concern),
            ("correct", daily.correct),
            ("void", daily.void),
            ("show", look.show),
            ("read", cases.read_text),
            ("explain", look.explain),
        ),
    ),
    (
        "Danger",
        (
            ("raise", alarm.raise_),
            ("ack", alarm.ack),
            ("respond", alarm.respond),
            ("call-outside", alarm.call_outside),
            ("stand-down", alarm.stand_down),
            ("review", alarm.review),
        ),
    ),
    (
        "The school's account and upkeep",
        (
            ("summary", summary.summary),
            ("sweep", keeping.sweep),
            ("apply", keeping.apply),
            ("doctor", checking.doctor),
            ("verify", checking.verify),
        ),
    ),
    ("To look at and try", (("diagram", keeping.diagram), ("simulate", simulation.simulate_), ("demo", demo))),
)

_VALUED = ("--as", "--dir", "--now")
_FLAGS = ("--json", "--debug")


def build() -> App:
    """The application with all its commands."""
    app = App(
        name="casework",
        help=HELP,
        version=f"casework {__version__}",
        default_parameter=Parameter(show_default=False),
    )
    group = None
    for number, (title, commands) in enumerate(GROUPS):
        group = Group(title, sort_key=number)
        for name, command in commands:
            app.command(command, name=name, group=group)
    policy = App(name="policy", help="What a policy asks for: `casework policy show town-primary`.", group=group)
    policy.command(keeping.policy_show, name="show")
    app.command(policy)
    return app


def names() -> list[str]:
    """The names of all commands, in the order of the groups."""
    return [name for _, commands in GROUPS for name, _ in commands] + ["policy"]


def leading_options_last(argv: Sequence[str]) -> list[str]:
    """The arguments with shared options moved behind the command, so that they may stand before it as well.

    Raises `WrongUsage` for a command that does not exist.
    """
    rest = list(argv)
    moved: list[str] = []
    while rest and (rest[0] in _FLAGS or rest[0].partition("=")[0] in _VALUED):
        option = rest.pop(0)
        moved.append(option)
        if option in _VALUED and rest:
            moved.append(rest.pop(0))
    if rest and not rest[0].startswith("-"):
        _check_name(rest[0])
    return rest + moved if rest else []


def _check_name(name: str) -> None:
    if name not in names():
        near = get_close_matches(name[:40], names(), n=1)
        mend = f"did you mean {near[0]}?" if near else "see `casework --help`"
        raise WrongUsage(f"there is no such command; {mend}")
