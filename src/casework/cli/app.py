"""The commands by group; made anew for every run, since nothing here is global."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from cyclopts import App, Group, Parameter

from casework import __version__
from casework.cli.answer import Answer
from casework.cli.commands import GROUPS, WITHIN, Listed, names
from casework.cli.exits import WrongUsage
from casework.cli.options import Shown

HELP = """Cases of left-behind children: duties, visits, emergencies and their account, for one school in one folder.

Begin with `casework init`, `casework import ROSTER --as YOU`, `casework identify --from-roll --as YOU`.
"""


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


_VALUED = ("--as", "--dir", "--now")
_FLAGS = ("--json", "--debug", "--help", "-h")


def build(only: str = "") -> App:
    """The application with the list of all commands, or with one of them, which alone is loaded."""
    app = App(
        name="casework",
        help=HELP,
        version=f"casework {__version__}",
        default_parameter=Parameter(show_default=False),
    )
    for number, (title, commands) in enumerate(GROUPS):
        group = Group(title, sort_key=number)
        for command in commands:
            if not only:
                app.command(App(name=command.name, help=command.says, group=group))
            elif command.name == only:
                _put(app, command)
    return app


def _put(app: App, command: Listed) -> None:
    """The command itself, with its options."""
    if command.name in WITHIN:
        outer = App(name=command.name, help=command.says)
        app.command(outer)
        outer.command(command.load(), name=WITHIN[command.name])
    else:
        app.command(command.load(), name=command.name)


def leading_options_last(argv: Sequence[str]) -> list[str]:
    """The arguments with shared options moved behind the command, so that they may stand before it as well.

    Raises `WrongUsage` for a command that does not exist.
    """
    moved, rest = _divided(argv)
    if rest and not rest[0].startswith("-"):
        _check_name(rest[0])
    return rest + moved if rest else []


def command_of(argv: Sequence[str]) -> str:
    """The word that stands where the command should; empty if there is none."""
    return next(iter(_divided(argv)[1]), "")


def _divided(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """The shared options that stand before the command, and the rest."""
    rest = list(argv)
    moved: list[str] = []
    while rest and (rest[0] in _FLAGS or rest[0].partition("=")[0] in _VALUED):
        option = rest.pop(0)
        moved.append(option)
        if option in _VALUED and rest:
            moved.append(rest.pop(0))
    return moved, rest


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


def near(name: str) -> str:
    """The command that may be meant by a name; empty if none is near."""
    return next(iter(get_close_matches(name[:40], names(), n=1)), "")


def _check_name(name: str) -> None:
    if name not in names():
        meant = near(name)
        raise WrongUsage(f"there is no such command; {f'did you mean {meant}?' if meant else 'see `casework --help`'}")
