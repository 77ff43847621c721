"""Attendance: what gatherings say of a record becomes acts in it, before anything is judged missed.

Level-triggered: what a gathering says now is compared with what the record holds of it, so that taking it up twice, or
late, or after several corrections, ends the same.
"""

from collections.abc import Iterator

from casework.engine.work import Work
from casework.model import events as ev
from casework.model import school_events as sv
from casework.model.case import CLASS_MARK, Case
from casework.model.gathering import Awaited

GATHERED = "gathering"
"""The cause of what a gathering wrote into a record."""


def take_up(work: Work) -> None:
    """Write what gatherings say of the record into it; afterwards nothing is awaited.

    A child that has no case and is not on the roll gets no act: nobody may tell from one that there is a record.
    """
    case = work.draft.case
    if not case.awaited:
        return
    for awaited in case.awaited:
        if case.subject != "child" or case.stage or case.pupil:
            work.happen(GATHERED, _differing(case, awaited))
    work.draft.set("awaited", ())


def awaiting(case: Case, entry: ev.Entry) -> tuple[str, ...]:
    """The records that have to take up what an entry in a gathering's record says of them, by id."""
    held = case.gathering
    found: set[str] = set()
    if held is None:
        return ()
    for _, event in entry.events:
        if isinstance(event, sv.AttendanceChanged):
            found.update(event.attendance)
        else:
            found.update(held.attendance, (CLASS_MARK + class_ for class_ in held.classes), ("",))
    return tuple(sorted(found))


def _differing(case: Case, awaited: Awaited) -> Iterator[ev.Event]:
    held = case.activity_log.get(awaited.gathering)
    wanted = awaited.activity()
    if awaited.undone:
        if held is not None and not held.voided:
            yield ev.Voided(held.id, awaited.undone)
    elif held is None:
        yield ev.Recorded(wanted)
    elif held != wanted:
        yield ev.Corrected(wanted, awaited.because)
