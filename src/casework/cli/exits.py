"""Exit codes, and what an error says on the command line; ``docs/cli.md`` shows the same table, and a test compares."""

from collections.abc import Mapping, Sequence

from casework.cli.sentences import refusal
from casework.errors import (
    CaseworkError,
    ClockJumped,
    CommitUnknown,
    DatabaseUnusable,
    KeyRingError,
    NotFound,
    Problem,
    SettingsChanged,
    StepRefused,
    TablesDiffer,
    Tampered,
)

DONE = 0
REFUSED = 1
USAGE = 2
NOT_FOUND = 3
DECIDE = 4
TAMPERED = 5
LEFT = 6
INTERNAL = 70
INTERRUPTED = 130

EXITS: Mapping[int, str] = {
    DONE: "done",
    REFUSED: "refused: the engine, a roster or a policy pack says why; nothing was stored",
    USAGE: "wrong usage: an option or argument is missing, unknown or cannot be read; nothing was stored",
    NOT_FOUND: "not found: no such child, person, emergency, activity or file, or the principal may not know of it",
    DECIDE: "somebody has to decide first: settings changed since they were applied, or the clock jumped",
    TAMPERED: "the store or its key ring is missing, damaged, or not what casework wrote; nothing was stored",
    LEFT: "done, but something was left that a person has to look at: a rule that raised, a slip, a lost answer",
    INTERNAL: "a mistake in casework; --debug shows where",
    INTERRUPTED: "interrupted from the keyboard",
}


class WrongUsage(CaseworkError, ValueError):
    """An argument, an option or casework.toml cannot be read as it stands; the message says what to write."""


class SchoolFileRefused(WrongUsage):
    """casework.toml cannot be used; ``problems`` lists line, what is wrong, and the mend."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("casework.toml refused:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = tuple(problems)


class Unknown(CaseworkError, LookupError):
    """Nobody of that id is known, or nothing of them; the message says who may be meant, or what to do."""


class Absent(CaseworkError, FileNotFoundError):
    """A file or folder that the command needs is not there; the message says how it comes to be."""


class Unwritten(CaseworkError, OSError):
    """The answer could not be written; ``gone`` tells that somebody read no further, which is no fault."""

    def __init__(self, why: str, *, gone: bool) -> None:
        super().__init__(
            f"done, but the answer could not be written ({why}); what was stored stays: look with `casework show` "
            "or `casework today` before you repeat the command"
        )
        self.gone = gone


class Interrupted(CaseworkError):
    """Somebody stopped the program from the keyboard."""


_CODES: tuple[tuple[type[Exception], int], ...] = (
    (Interrupted, INTERRUPTED),
    (WrongUsage, USAGE),
    (Absent, NOT_FOUND),
    (NotFound, NOT_FOUND),
    (Unknown, NOT_FOUND),
    (SettingsChanged, DECIDE),
    (ClockJumped, DECIDE),
    (Tampered, TAMPERED),
    (TablesDiffer, TAMPERED),
    (DatabaseUnusable, TAMPERED),
    (CommitUnknown, LEFT),
    (Unwritten, LEFT),
    (KeyRingError, TAMPERED),
    (CaseworkError, REFUSED),
)
_DATABASE_CODES = {"OperationalError": REFUSED, "DatabaseError": TAMPERED}


def code_of(error: Exception) -> int:
    """The exit code for an error."""
    return next(
        (code for kind, code in _CODES if isinstance(error, kind)), _DATABASE_CODES.get(_database(error), INTERNAL)
    )


def _database(error: Exception) -> str:
    """OperationalError or DatabaseError if it is one of SQLAlchemy's, which need not be loaded for that; else empty."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "sqlalchemy.exc"]
    return next((kind for kind in kinds if kind in _DATABASE_CODES), "")


def message_of(error: Exception) -> str:
    """What the error says to a person: what happened and what to do next, never a name, a phone or a note."""
    if isinstance(error, StepRefused):
        return refusal(error)
    if isinstance(error, CaseworkError):
        return str(error)
    if kind := _database(error):
        driver = getattr(error, "orig", None)
        name = getattr(driver, "sqlite_errorname", "") or type(driver).__name__
        if kind == "OperationalError":
            return (
                f"the database could not be used ({name}): its tables may be of another release, or it is damaged; see "
                "`casework verify`, or restore it from its backup"
            )
        return f"the database is not one that casework wrote ({name}): restore it from its backup"
    return f"{type(error).__name__}: this is a mistake in casework; repeat with --debug to see where, and report it"
