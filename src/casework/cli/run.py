"""One command from its arguments to its exit code: parse, carry out, print; and what every error comes to."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from cyclopts import CycloptsError
from rich.console import Console

from casework.cli import exits
from casework.cli.answer import Answer
from casework.cli.app import build, leading_options_last
from casework.cli.options import Shown
from casework.cli.usage import usage_message

WIDTH = 100
"""Columns where nobody says how many: in a pipe or a file."""


def run(argv: Sequence[str]) -> int:
    """Run one command; every error becomes a message on standard error and an exit code."""
    as_json = any(word.partition("=")[0] == "--json" for word in argv)
    try:
        answer, as_json = _carry_out(argv)
        if answer is not None:
            _print(answer, as_json=as_json)
            sys.stdout.flush()
    except CycloptsError as error:
        return _failed(exits.USAGE, "WrongUsage", usage_message(error), as_json=as_json)
    except KeyboardInterrupt:
        return _failed(
            exits.INTERRUPTED, "Interrupted", "interrupted; what was stored before is whole", as_json=as_json
        )
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.DONE
    except Exception as error:  # noqa: BLE001 - the one place where a mistake of ours becomes a message
        if "--debug" in argv:
            traceback.print_exc()
        return _failed(exits.code_of(error), type(error).__name__, exits.message_of(error), as_json=as_json)
    return exits.DONE if answer is None else answer.code


def _carry_out(argv: Sequence[str]) -> tuple[Answer | None, bool]:
    """What the command answers (None for help and version), and whether as JSON."""
    app = build()
    command, bound, _ = app.parse_args(leading_options_last(argv), exit_on_error=False, print_error=False)
    carried: Callable[..., Any] = command
    found = carried(*bound.args, **bound.kwargs)
    options = [value.json for value in bound.arguments.values() if isinstance(value, Shown)]
    return (found if isinstance(found, Answer) else None), options[0] if options else False


def _print(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer.data, ensure_ascii=False, indent=2))
        return
    if answer.text is not None:
        print(answer.text, end="")
        return
    console = terminal()
    for part in answer.shown:
        console.print(part, markup=False, highlight=False, soft_wrap=False)


def terminal(*, errors: bool = False) -> Console:
    """Standard output (or error) as rich sees it; wide enough for a table where it is no terminal."""
    stream = sys.stderr if errors else sys.stdout
    known = stream.isatty() or "COLUMNS" in os.environ
    return Console(file=stream, width=None if known else WIDTH)


def _failed(code: int, kind: str, message: str, *, as_json: bool) -> int:
    print(f"casework: {message}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": kind, "message": message, "exit": code}, ensure_ascii=False, indent=2))
    return code
