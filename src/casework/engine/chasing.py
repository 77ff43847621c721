"""Receipts that do not come: who is told, from the sixth day on and then every week, as long as the offer stands.

Level-triggered and counted from nominal days, so that a late sweep tells the same as a timely one. Where nobody can be
told it is tried again every day.
"""

from collections.abc import Iterator
from datetime import date

from casework.engine.context import Context
from casework.engine.decide_transfer import offered
from casework.engine.work import Work
from casework.model.calendar import DAY
from casework.model.case import Case
from casework.model.move import Move
from casework.model.move_events import TransferChased

WITHIN = 5
"""Days within which the receipt has to come (England, KCSIE: the file follows within 5 days, and is chased)."""
AGAIN = 7
"""Days after which it is told again."""
TOLD = ("office", "safeguarding_lead", "vice_principal", "principal")
"""Who is told: the first of these seats that somebody holds whom nothing in the record implicates."""


def receipt_due(move: Move) -> date:
    """The last local day on which the receipt is in time."""
    return move.on + DAY * WITHIN


def chase(work: Work) -> None:
    """Tell what should have been told by now of an offer without a receipt."""
    case = work.draft.case
    move = offered(case) if case.moves else None
    if move is not None:
        work.happen("time", _steps(move, case, work.context))


def look(work: Work) -> None:
    """When the next one is due."""
    case = work.draft.case
    move = offered(case) if case.moves else None
    if move is not None:
        day = max(_next(move), work.context.today + DAY)
        work.look(work.context.settings.calendar.midnight(day))


def _next(move: Move) -> date:
    return receipt_due(move) + DAY if move.chased is None else move.chased + DAY * AGAIN


def _steps(move: Move, case: Case, context: Context) -> Iterator[TransferChased]:
    day = _next(move)
    while day <= context.today:
        told = list(_tell(move, case, context, day))
        yield from told
        day += DAY * (AGAIN if told else 1)


def _tell(move: Move, case: Case, context: Context, day: date) -> Iterator[TransferChased]:
    at = context.settings.calendar.midnight(day)
    seats = context.seats(case)
    for role in TOLD:
        people = [person for person in dict.fromkeys(seats(role, at)) if not case.implicates(person)]
        if people:
            for person in people:
                yield TransferChased(move.id, role, person, day, at)
            return
