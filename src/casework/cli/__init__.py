"""The command line: ``casework …``, or ``python -m casework.cli …``; needs the extra ``cli`` (cyclopts and rich)."""

import sys
from collections.abc import Sequence

_EXTRA = {"cyclopts", "rich"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (`casework.cli.exits`); ``argv`` defaults to the program's arguments."""
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
