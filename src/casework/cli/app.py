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
    referring,
    roster,
    simulation,
    starting,
    summary,
)
from casework.cli.answer import Answer
from casework.cli.demo import play
from casework.cli.exits import WrongUsage
from casework.cli.options import SHOWN, Everybody, Shown
from casework.cli.printing import terminal

HELP = """Cases of left-behind children: duties, visits, emergencies and their account, for one school in one folder.

Begin with `casework init`, `casework import ROSTER --as YOU`, `casework identify --from-roll --as YOU`.
"""

Command = Callable[..., Any]


def demo(*, opts: Everybody = SHOWN) -> Answer:
    """Show a school's term from roster to report, in a fresh folder demo/: under two minutes, the same every time."""
    return play(answered, terminal(errors=opts.json))


def answered(argv: Sequence[str]) -> Answer:
    """What one command answers."""
    answer, _ = carry_out(argv)
    return Answer({}) if answer is None else answer


def carry_out(argv: Sequence[str]) -> tuple[Answer | None, bool]:
    """What the command answers (None for help and version), and whether as JSON."""
    _check_text(argv)
    words = leading_options_last(argv)
    app = build(words[0] if words and words[0] in names() else "")
    command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    carried: Callable[..., Any] = command
    found = carried(*bound.args, **bound.kwargs)
    options = [value.json for value in bound.arguments.values() if isinstance(value, Shown)]
    return (found if isinstance(found, Answer) else None), options[0] if options else False


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
        "Referrals",
        (
            ("refer", referring.refer),
            ("accept", referring.accept),
            ("decline", referring.decline),
            ("consent", referring.consent),
            ("session", referring.session),
            ("plan", referring.plan),
            ("complete", referring.complete),
            ("revoke", referring.revoke),
            ("screen", referring.screen),
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


def build(only: str = "") -> App:
    """The application with all its commands, or with one of them, which is faster."""
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
            if only in {"", name}:
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


def _check_text(argv: Sequence[str]) -> None:
    """Raise `WrongUsage` for a word that no file could hold as text."""
    for place, word in enumerate(argv, 1):
        try:
            word.encode()
        except UnicodeEncodeError:
            raise WrongUsage(
                f"word {place} of the command is not UTF-8; type it again, or set the terminal to UTF-8"
            ) from None
        if "\0" in word:
            raise WrongUsage(f"word {place} of the command holds a NUL character; type it again without")


def _check_name(name: str) -> None:
    if name not in names():
        near = get_close_matches(name[:40], names(), n=1)
        mend = f"did you mean {near[0]}?" if near else "see `casework --help`"
        raise WrongUsage(f"there is no such command; {mend}")
