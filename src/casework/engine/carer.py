"""The carer whom somebody reported: nobody is sent to talk to them, as long as the report stands (domain.md, 8)."""

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from casework.model.calendar import Calendar
from casework.model.case import Case
from casework.model.obligation import Obligation

CARER = "carer"
IMPLICATED = "carer_implicated"
"""Why an obligation is excused while the carer is implicated."""


@frozen
class Ground:
    """From when to when something implicated the carer; ``mistaken`` if it was taken back since."""

    since: date
    until: date | None
    mistaken: bool

    def during(self, obligation: Obligation) -> bool:
        """Tell whether it held at any time of the obligation's window."""
        ended = self.until is not None and self.until < obligation.opens
        return not ended and (obligation.closes is None or self.since <= obligation.closes)


def grounds(case: Case, calendar: Calendar) -> list[Ground]:
    """What implicates the carer: grave concerns until there is another carer, emergencies until they are reviewed.

    They count from the local day of entry. An emergency is a mistake when it is reviewed and all that it was about is
    voided.
    """
    if not case.concern_log and not case.emergencies:
        return []
    names = {CARER}
    if case.card is not None and case.card.carer is not None and case.card.carer.person:
        names.add(case.card.carer.person)
    return [*_concerns(case, names, calendar), *_emergencies(case, names, calendar)]


def _concerns(case: Case, names: set[str], calendar: Calendar) -> Iterator[Ground]:
    changes = sorted(mark.on for mark in case.marks.values() if mark.kind == "carer_changed")
    for concern in case.concern_log.values():
        if concern.severity in {"high", "danger"} and names & set(concern.implicated):
            until = next((on for on in changes if on >= concern.on), None)
            yield Ground(calendar.local_date(concern.entered_at), until, bool(concern.voided))


def _emergencies(case: Case, names: set[str], calendar: Calendar) -> Iterator[Ground]:
    voided = {concern.id for concern in case.concern_log.values() if concern.voided}
    for emergency in case.emergencies.values():
        if names & set(emergency.implicated):
            since = calendar.local_date(emergency.raised_at)
            over = emergency.reviewed_at
            until = None if over is None else calendar.local_date(over)
            yield Ground(since, until, over is not None and bool(emergency.about) and voided >= set(emergency.about))


def unfounded(obligation: Obligation, found: list[Ground]) -> bool:
    """Tell whether the obligation was excused because of the carer by mistake: nothing that stands held meanwhile."""
    if obligation.status != "excused" or obligation.because != IMPLICATED:
        return False
    during = [ground.mistaken for ground in found if ground.during(obligation)]
    return bool(during) and all(during)
