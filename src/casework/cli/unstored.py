"""What is said when a report of danger could not be stored: that nobody heard it, and what to do without a program."""

from collections.abc import Sequence
from enum import StrEnum

from casework.cli.app import command_of, near
from casework.cli.exits import INTERNAL, INTERRUPTED, code_of
from casework.errors import CommitUnknown


class Alarm(StrEnum):
    """Whether a report of danger was stored, for machines."""

    NOT_STORED = "not stored"
    NOT_KNOWN = "not known"


_AT_ONCE = """At once, without the program:
  1. Telephone the people of the ladder, one after the other, until somebody answers: lead helper or class teacher,
     safeguarding lead, vice principal, principal. Where a child is in danger, call the police."""
SAYS = {
    Alarm.NOT_STORED: f"""THE ALARM WAS NOT STORED, AND NOBODY WAS TOLD. {_AT_ONCE}
  2. Then mend what is said above, and raise it again.""",
    Alarm.NOT_KNOWN: f"""IT IS NOT KNOWN WHETHER THE ALARM WAS STORED AND ANYBODY WAS TOLD. {_AT_ONCE}
  2. Then look with `casework show CHILD`, and raise it again if it is not there: raised twice it does no harm.""",
}


def alarm_of(words: Sequence[str], error: Exception) -> Alarm | None:
    """What became of the report of danger that the line of arguments was; None for a line that was none."""
    if not _reports_danger(words):
        return None
    unsure = code_of(error) in {INTERNAL, INTERRUPTED} or isinstance(error, CommitUnknown)
    return Alarm.NOT_KNOWN if unsure else Alarm.NOT_STORED


def _reports_danger(words: Sequence[str]) -> bool:
    """Tell whether an emergency was to be raised, or what is one at once, or cannot wait, to be entered."""
    command = command_of(words)
    if command in {"record", "concern"}:
        return any(word.endswith(":danger") for word in words)
    if command == "refer":
        return "--urgent" in words
    if command == "screen":
        return any(word.startswith("--self-harm") for word in words)
    return command == "raise" or near(command) == "raise"
