"""One command from its arguments to its exit code: parse, carry out, print; and what every error comes to."""

import json
import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper

from cyclopts import CycloptsError

from casework.cli import exits
from casework.cli.app import carry_out
from casework.cli.printing import put
from casework.cli.usage import usage_message


def run(argv: Sequence[str]) -> int:
    """Run one command; every error becomes a message on standard error and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    as_json = any(word.partition("=")[0] == "--json" for word in argv)
    try:
        answer, as_json = carry_out(argv)
        if answer is not None:
            put(answer, as_json=as_json)
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


def _failed(code: int, kind: str, message: str, *, as_json: bool) -> int:
    print(f"casework: {message}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": kind, "message": message, "exit": code}, ensure_ascii=False, indent=2))
    return code
