"""The command line: ``casework …``, or ``python -m casework.cli …``; needs the extra ``cli`` (cyclopts and rich)."""

import gc
import sys
from collections.abc import Sequence

_EXTRA = {"cyclopts", "rich"}
_SELDOM = 50_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (`casework.cli.exits`); ``argv`` defaults to the program's arguments."""
    often = gc.get_threshold()
    # What is loaded stays: looking through all of it again and again while it is loaded takes a tenth of the time.
    gc.set_threshold(_SELDOM)
    try:
        from casework.cli.run import run  # noqa: PLC0415 - so that a missing extra can be explained

        return run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        # Before `run` could catch it: while the program is loaded.
        return 130
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        message = "casework: the command line needs cyclopts and rich; install them with: pip install 'casework[cli]'"
        print(message, file=sys.stderr)
        return 2
    finally:
        gc.set_threshold(*often)
