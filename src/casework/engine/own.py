"""What somebody entered themselves: it is theirs to correct, and nothing that lets them into another record."""

from collections.abc import Iterable

from casework.engine.evidence import entered
from casework.engine.shown import TALKS
from casework.model import events as ev
from casework.model.activity import Activity, Concern
from casework.model.case import Case
from casework.model.commands import Command, Correct, Void
from casework.model.screening import Screening


def is_own(case: Case, command: Command, person: str) -> bool:
    """Whether what a command corrects or voids was done or entered by that person."""
    found = _item(case, command)
    return found is not None and person in {found.by, getattr(found, "entered_by", "")}


def reading_of(case: Case, command: Command) -> str:
    """The action of the access matrix without which nobody corrects or voids that item; empty for most of them."""
    found = _item(case, command)
    if isinstance(found, Screening):
        return "read_psychology"
    return "read_talk" if isinstance(found, Activity) and found.kind in TALKS else ""


def placed_by(entries: Iterable[ev.Entry]) -> str:
    """Who said last of which household the child is; empty if nobody has."""
    found = ""
    for entry in entries:
        if any(isinstance(event, ev.Identified | ev.FactsChanged) and event.household for _, event in entry.events):
            found = entry.actor
    return found


def _item(case: Case, command: Command) -> Activity | Concern | Screening | None:
    if isinstance(command, Correct):
        return case.activity_log.get(command.activity)
    return entered(case, command.item) if isinstance(command, Void) else None
