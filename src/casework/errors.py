"""Every error casework raises on purpose: one root, each child also derives from the builtin it resembles.

Messages carry ids and say what to do next; they never carry a child's name, phone or note.
"""

import re
from collections.abc import Sequence
from datetime import date

from attrs import frozen

_WORD = re.compile(r"[!-~]{0,64}")
LONGEST_SAID = 32
"""So much of what was given is said again."""


class CaseworkError(Exception):
    """Root of all errors that casework raises on purpose."""


class NotFound(CaseworkError, LookupError):
    """There is no such thing, or the principal may not know of it: the two look the same on purpose."""

    def __init__(self, what: str, key: object) -> None:
        named = str(key) if _is_word(str(key)) else "of that name"
        super().__init__(f"{f'no {what} {named}'.rstrip()}: check the id, or ask who may see it")
        self.what = what
        self.key = key


class NotAllowed(CaseworkError, PermissionError):
    """The access matrix does not allow it to this principal, who may know of the case all the same."""

    def __init__(self, action: str, roles: Sequence[str]) -> None:
        super().__init__(
            f"{action.replace('_', ' ')} is not yours to do here; ask {' or '.join(roles) or 'nobody: no role may'}"
        )
        self.action = action
        self.roles = tuple(roles)


class CommandRefused(CaseworkError, ValueError):
    """A command carries a value that cannot be right; nothing was stored."""


class KeyReused(CommandRefused):
    """An idempotency key stands for something else that was asked already; nothing was stored."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the idempotency key {said(key)} stands for something else that was asked; give every form a key of its "
            "own, and repeat a request as it was"
        )
        self.key = key


class WrongType(CaseworkError, TypeError):
    """Something of another kind was given than is taken; the message says what was given, and what to give."""


class WrongValue(CaseworkError, ValueError):
    """A value that an application is set up with cannot be right; the message says what to give."""


def check_kind(given: object, kinds: type | tuple[type, ...], where: str, takes: str) -> None:
    """Raise `WrongType` unless it is of one of the kinds; what was given is named by its kind, never shown."""
    if not isinstance(given, kinds):
        raise WrongType(f"{where} takes {takes}, not {kind_of(given)}")


def kind_of(given: object) -> str:
    """What kind of value it is, in words that tell nothing of the value itself."""
    if given is None:
        return "None"
    return f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__


class StepRefused(CaseworkError, ValueError):
    """A workflow does not allow the step from where the case or emergency is; nothing was stored."""

    def __init__(self, step: str, state: str, why: str) -> None:
        super().__init__(f"{step} refused from {state or 'no case'}: {why}")
        self.step = step
        self.state = state
        self.why = why


class WorkflowRefused(CaseworkError, ValueError):
    """A workflow table cannot be used: a trap, an unreachable state, an unknown name."""


class CalendarRefused(CaseworkError, ValueError):
    """A term or calendar contradicts itself."""


class RuleRefused(CaseworkError, TypeError):
    """A function cannot be a rule as it is declared, or asks beyond what it declared."""


class SchoolRefused(CaseworkError, ValueError):
    """What the host answered for a school's name is not that school."""


class RulesDidNotSettle(CaseworkError, RuntimeError):
    """Rules kept answering each other; what had settled was kept and the rules named are quarantined."""


class StaleCase(CaseworkError, RuntimeError):
    """Somebody else changed the case between load and save; load it again and repeat the command."""


class SettingsChanged(CaseworkError, RuntimeError):
    """Policy, calendar or rules differ from those the school runs on.

    Run ``casework apply --dry-run`` (or ``desk.apply(dry_run=True)``) to see what would change, then apply.
    Emergency commands are never stopped by this.
    """

    def __init__(self, school: str, changed: Sequence[str]) -> None:
        super().__init__(
            f"school {school}: {', '.join(changed)} changed since last applied; "
            "run `casework apply --dry-run` to see what would change, then `casework apply`"
        )
        self.school = school
        self.changed = tuple(changed)


class ClockJumped(CaseworkError, RuntimeError):
    """The clock is far from where the store last saw it; only a person may say that this is right."""


class HostTransactionError(CaseworkError, RuntimeError):
    """The host's transaction cannot carry casework's rows safely; the message names the call to make."""


class TablesDiffer(CaseworkError, LookupError):
    """The database has no tables of casework, or those of another release; the message says what to run."""


class DatabaseBusy(CaseworkError, TimeoutError):
    """Others kept the database from working for longer than was waited; nothing was stored, repeat later."""


class DatabaseUnusable(CaseworkError, OSError):
    """The database cannot be opened, read or written at all; the message says why."""


class CommitUnknown(CaseworkError, RuntimeError):
    """The database failed while it committed, and could not be asked afterwards whether it did.

    Repeat with the same idempotency key, which is carried out once; without one, look first.
    """


class Undeliverable(CaseworkError, OSError):
    """A sink could not deliver a letter; raised by sinks. ``permanent`` says that trying again is of no use.

    ``code`` is kept and shown: a word or a number, such as ``550`` or ``no_address``; never a name, an address or what
    the other side wrote.
    """

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__(f"the letter was not delivered: {code}; {'mend it' if permanent else 'try again'}")
        self.code = code
        self.permanent = permanent


class KeyRingError(CaseworkError, ValueError):
    """The key ring is missing, unreadable, or does not hold the key that is asked for."""


class Tampered(CaseworkError, ValueError):
    """Stored bytes are not what casework wrote."""


def said(given: object) -> str:
    """What was given, if it is a word, a number or a day; else only of what kind it is.

    What stands in the wrong place may be a note, which no message repeats. A word is of visible ASCII characters, since
    in other scripts a sentence may have no space in it.
    """
    if given is None or type(given) in {bool, int, float}:
        return repr(given)
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, str):
        return repr(given) if _is_word(given) and len(given) <= LONGEST_SAID else f"a text of {len(given)} characters"
    return kind_of(given)


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


class KeyDestroyed(CaseworkError, LookupError):
    """What is asked for was erased for good, also where an older copy of the database still holds it."""


@frozen
class Problem:
    """One thing wrong in a file: where it stands, what is wrong, how to mend it."""

    place: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.mend}"


class PolicyRefused(CaseworkError, ValueError):
    """A policy pack cannot be used; ``problems`` lists key, place and mend."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("policy refused:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = tuple(problems)
