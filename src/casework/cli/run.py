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
from casework.cli.exits import Interrupted, WrongUsage
from casework.cli.printing import put
from casework.cli.unstored import SAYS, alarm_of
from casework.cli.usage import usage_message
from casework.errors import StepRefused


def run(argv: Sequence[str]) -> int:
    """Run one command; every error becomes a message on standard error and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    as_json = any(word.partition("=")[0] == "--json" for word in argv)
    failure: Exception
    try:
        answer, as_json = carry_out(argv)
        if answer is not None:
            put(answer, as_json=as_json)
            sys.stdout.flush()
    except CycloptsError as error:
        failure = WrongUsage(usage_message(error))
    except KeyboardInterrupt:
        failure = Interrupted("interrupted; what was stored before is whole")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.DONE
    except Exception as error:  # noqa: BLE001 - the one place where a mistake of ours becomes a message
        if "--debug" in argv:
            traceback.print_exc()
        failure = error
    else:
        return exits.DONE if answer is None else answer.code
    return _failed(failure, argv, as_json=as_json)


def _failed(failure: Exception, argv: Sequence[str], *, as_json: bool) -> int:
    """Tell what happened, and the exit code; above all if it was an alarm that nobody hears now."""
    code, message, alarm = exits.code_of(failure), exits.message_of(failure), alarm_of(argv, failure)
    if alarm is not None:
        message = f"{message}\n{SAYS[alarm]}"
    print(f"casework: {message}", file=sys.stderr)
    if as_json:
        facts: dict[str, object] = {"error": type(failure).__name__, "message": message, "exit": code}
        if isinstance(failure, StepRefused):
            facts |= {"step": failure.step, "state": failure.state, "why": failure.why}
        if alarm is not None:
            facts["alarm"] = alarm
        print(json.dumps(facts, ensure_ascii=False, indent=2))
    return code
