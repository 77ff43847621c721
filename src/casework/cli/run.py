"""One command from its arguments to its exit code: parse, carry out, print; and what every error comes to."""

import json
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from cyclopts import CycloptsError

from casework.cli import exits
from casework.cli.answer import Answer
from casework.cli.app import carry_out
from casework.cli.exits import Interrupted, Unwritten, WrongUsage
from casework.cli.printing import put
from casework.cli.streams import streams
from casework.cli.unstored import SAYS, alarm_of
from casework.cli.usage import usage_message
from casework.errors import StepRefused


def run(argv: Sequence[str]) -> int:
    """Run one command; every error becomes a message on standard error and an exit code."""
    with streams():
        return _ended(argv)


def _ended(argv: Sequence[str]) -> int:
    as_json = any(word.partition("=")[0] == "--json" for word in argv)
    failure: Exception
    answer: Answer | None = None
    try:
        answer, as_json = carry_out(argv)
        if answer is not None:
            put(answer, as_json=as_json)
        sys.stdout.flush()
    except CycloptsError as error:
        failure = WrongUsage(usage_message(error))
    except KeyboardInterrupt:
        failure = Interrupted("interrupted; what was stored before is whole")
    except Unwritten as error:
        # What was done is done: whoever read no further need not hear of it, everybody else does.
        code = exits.DONE if answer is None else answer.code
        if error.gone:
            return code
        print(f"casework: {exits.message_of(error)}", file=sys.stderr)
        return code or exits.LEFT
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
        with suppress(Unwritten):  # standard error has said it
            print(json.dumps(facts, ensure_ascii=False, indent=2))
            sys.stdout.flush()
    return code
