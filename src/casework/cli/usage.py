"""What a wrong command line is told: the option or argument, and the mend; never the words that were typed.

A note or a name that was typed without quotes would otherwise stand in a log.
"""

from typing import Literal, get_args, get_origin

from cyclopts import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)

HELP = "see `casework --help` and `casework COMMAND --help`"


def usage_message(error: CycloptsError) -> str:
    """The message for a command line that cannot be read."""
    command = " ".join(["casework", *(error.command_chain or ())])
    if isinstance(error, UnusedCliTokensError):
        return f"{command}: there are more words than it takes; put a text of several words in quotes, or {HELP}"
    if isinstance(error, CoercionError | ValidationError):
        why = f": {error.msg}" if getattr(error, "msg", None) else _choices(error)
        return f"{command}: {_named(error)} cannot be read{why}; {HELP}"
    if isinstance(error, MissingArgumentError):
        return f"{command}: {_named(error)} is missing; {HELP}"
    if isinstance(error, RepeatArgumentError):
        return f"{command}: {_named(error)} is given more than once; give it once"
    if isinstance(error, UnknownOptionError):
        option = (error.token.keyword or error.token.value).partition("=")[0][:40]
        return f"{command}: {option} is no option of it; {HELP}"
    return f"{command}: this cannot be read ({type(error).__name__}); {HELP}"


def _choices(error: CycloptsError) -> str:
    """What the argument takes, where it takes only a few words."""
    hint = getattr(getattr(error, "argument", None), "hint", None)
    return f": it takes {', '.join(map(str, get_args(hint)))}" if get_origin(hint) is Literal else ""


def _named(error: CycloptsError) -> str:
    argument = getattr(error, "argument", None)
    if argument is None:
        return "an argument"
    name = str(argument.name)
    return name.removeprefix("--").upper() if argument.index is not None else name
