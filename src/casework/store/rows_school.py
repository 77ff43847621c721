"""Rows of what a school does as a whole: gatherings, programmes; and measures and signatures out of acts."""

from typing import Any

from casework.model.case import Case
from casework.model.examination import ABNORMAL, MEASURES
from casework.model.gathering import Gathering
from casework.model.programme import Programme
from casework.store.types import to_day, to_instant, to_ref, to_words

Row = tuple[Any, ...]


def gathering_row(n: int, g: Gathering) -> Row:
    """A row of ``casework_gatherings`` after school and number."""
    said = (g.id, g.kind, to_day(g.on), g.by, to_instant(g.entered_at), g.entered_by)
    return (n, *said, to_words(g.classes), to_ref(g.note), g.because, g.voided)


def attendance_of(case: Case) -> list[tuple[str, str]]:
    """Child and attendance of a gathering's record."""
    return [] if case.gathering is None else list(case.gathering.attendance.items())


def programme_row(n: int, p: Programme) -> Row:
    """A row of ``casework_programmes`` after school and number."""
    return (n, p.term, p.state, to_day(p.since), p.by, to_ref(p.note))


def measure_rows(case: Case) -> list[Row]:
    """Every number of the record's examinations, with its unit, by the act's place."""
    found: list[Row] = []
    for n, act in enumerate(case.activity_log.values()):
        if act.kind == "examination" and not act.voided:
            for name, measures in MEASURES.items():
                abnormal = int(bool(act.details.get(f"{ABNORMAL}_{name}")))
                found += [
                    (n, measure.detail, act.details[measure.detail], _unit(measure.detail), abnormal)
                    for measure in measures
                    if measure.detail in act.details
                ]
    return found


def _unit(detail: str) -> str:
    """The unit of a stored number, which its name ends with: ``height_mm`` is in mm."""
    return detail.rpartition("_")[2]


def signature_rows(case: Case) -> list[Row]:
    """Every signature on a letter of responsibility, by the act's place: one for each who signed."""
    found: list[Row] = []
    for n, act in enumerate(case.activity_log.values()):
        if act.kind == "signature" and act.met and not act.voided:
            party, *people = act.met
            version = str(act.details.get("version", ""))
            found += [(n, person, party, version, to_day(act.on)) for person in sorted(set(people)) or [act.by]]
    return found
