"""Opening a school for work: its settings, checked against the application's, and declared aggregates."""

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve as changed

from casework.engine.casework import Casework, School
from casework.engine.context import Context
from casework.engine.evolve import fold
from casework.engine.port import SCHOOL, Change, Store
from casework.engine.programme import programmes, terms_begun
from casework.engine.run import look
from casework.errors import SettingsChanged
from casework.model.case import Case
from casework.model.events import Applied, Entry, Event
from casework.model.people import Principal
from casework.model.school_events import RollJoined
from casework.rules.declare import ON_SUBJECT


def open_school(
    casework: Casework, store: Store, school: str, at: datetime, actor: str, *, urgent: bool, writing: bool = True
) -> Context:
    """The context of work at this instant. A school unknown so far is applied first, if ``writing``.

    What is written first in a new term, by a sweep or a command that is not urgent, keeps the dates of that term.
    Raises `SettingsChanged` unless ``urgent``: then only emergencies are settled.
    """
    applied = store.settings(school)
    if applied is None:
        local = casework.school(school).calendar.local_date(at)
        applied = casework.school(school).applied(local, None)
        if writing:
            write_applied(store, casework.school(school), applied, at, actor)
    settings, differing = casework.settings(school, applied)
    if differing and not urgent:
        raise SettingsChanged(school, differing)
    context = Context(settings, at, actor, emergencies_only=bool(differing))
    begun = terms_begun(context) if writing and not urgent else ()
    if begun:
        _look_at_school(context, store)
        settings, _ = casework.settings(school, *begun)
        context = changed(context, settings=settings)
    return context


def _look_at_school(context: Context, store: Store) -> None:
    """Look at the school's own record now, as the next sweep would."""
    school = context.settings.school
    record = store.load(school, [SCHOOL])[SCHOOL]
    change = look(record, with_facts(changed(context, actor=Principal.system().id), store, [record]))
    store.save(school, [] if change is None else [change])


def write_applied(store: Store, school: School, applied: Applied, at: datetime, actor: str) -> None:
    """Write to the school's own record that it runs on these settings from now on, and plan the terms they know."""
    record = store.load(school.name, [SCHOOL]).get(SCHOOL) or Case(school.name, SCHOOL)
    today = school.calendar.local_date(at)
    events: list[Event] = [applied] if record.pupil else [applied, RollJoined(today)]
    events += programmes(record, school.calendar, today)
    entry = Entry(record.version + 1, at, actor, "", tuple(("command:Apply", event) for event in events))
    store.save(school.name, [Change(record, fold(record, [entry]), entry, at, record.alarm_at)])


def with_facts(context: Context, store: Store, cases: Iterable[Case]) -> Context:
    """The context with the aggregates that rules on these records declare; no statement where none is declared."""
    settings = context.settings
    kinds = {ON_SUBJECT[case.subject] for case in cases}
    needs = {need for rule in settings.rules if rule.on in kinds for need in rule.needs}
    if "programme" in kinds and settings.plan.watches_scope:
        needs.add("roll_against_cases")
    if "class" in kinds and settings.plan.duties["class"]:
        needs.add("class_sizes")
    if not needs or context.emergencies_only:
        return context
    return changed(context, facts=store.facts(settings.school, sorted(needs), today=context.today))
