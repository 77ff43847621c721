"""Counts over the records of a school: by class and state, by duty and status, emergencies by kind and state."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from attrs import frozen

from casework.model.calendar import Calendar
from casework.model.case import Case

Table = Mapping[str, Mapping[str, int]]


@frozen
class Counts:
    """Counts of one school, not suppressed: ``cases`` by class and state as they stand, the others of a period."""

    school: str
    cases: Table
    obligations: Table
    emergencies: Table


def counts_of(school: str, cases: Iterable[Case], first: date, last: date, calendar: Calendar) -> Counts:
    """Count these records; obligations that opened, and emergencies that were raised, from ``first`` to ``last``."""
    standing: dict[str, Counter[str]] = {}
    owed: dict[str, Counter[str]] = {}
    alarms: dict[str, Counter[str]] = {}
    for case in cases:
        if case.stage and case.subject == "child":
            standing.setdefault(case.class_, Counter())[case.state] += 1
        for o in case.obligations.values():
            if first <= o.opens <= last:
                owed.setdefault(o.duty, Counter())[o.status] += 1
        for emergency in case.emergencies.values():
            if first <= calendar.local_date(emergency.raised_at) <= last:
                alarms.setdefault(emergency.kind, Counter())[emergency.state] += 1
    return Counts(school, standing, owed, alarms)
