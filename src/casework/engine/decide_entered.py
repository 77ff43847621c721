"""What people enter of a child: activities, concerns, and what they correct or void. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import evolve as changed

from casework.engine.checks import (
    a_word,
    coded_facts,
    known_ids,
    known_mood,
    local_day,
    maybe_ids,
    minutes_of,
    needs_case,
    of_its_own,
    sealed_only,
    yes_or_no,
)
from casework.engine.context import Context
from casework.engine.evidence import entered, implicated_by
from casework.errors import CommandRefused, NotFound, said
from casework.model import commands as c
from casework.model import events as ev
from casework.model.activity import SEVERITIES, Activity, Concern
from casework.model.case import Case
from casework.model.ids import short_id
from casework.model.reason import check_code

Events = Iterator[ev.Event]


def _record(command: c.Record, case: Case, context: Context) -> Events:
    # Danger is taken about any child: a refusal would lose the report, and tell who has a case.
    if not c.is_urgent(command):
        needs_case(case, "record")
    check_code(command.kind, "kind")
    known_mood(command.mood)
    coded_facts(command.kind, command.details)
    yes_or_no(command.reached, "reached")
    maybe_ids("by", command.by)
    a_word(command.occasion, "occasion")
    taken = {*case.activity_log, *context.taken}
    id_ = short_id(case.child, context.at.isoformat(), context.actor, command.kind, command.on, taken=taken)
    activity = Activity(
        id_,
        command.kind,
        local_day(command.on, context),
        command.by or context.actor,
        context.at,
        context.actor,
        command.reached,
        _met(command.met),
        command.mood,
        minutes_of(command.minutes),
        dict(command.details),
        command.occasion,
        sealed_only(command.note),
        sealed_only(command.words),
    )
    yield ev.Recorded(activity)
    taken = {*case.concern_log, *context.taken}
    for draft in command.concerns:
        concern = _concern(draft, activity.on, activity.by, id_, taken, case, context)
        taken.add(concern.id)
        yield ev.ConcernNoted(concern)


def _met(people: Iterable[str]) -> tuple[str, ...]:
    return tuple(check_code(person, "met") for person in people)


def _concern(
    draft: c.ConcernDraft, on: date, by: str, about: str, taken: set[str], case: Case, context: Context
) -> Concern:
    check_code(draft.kind, "concern")
    known_ids(draft.implicated, "implicated=")
    yes_or_no(draft.observed, "observed")
    if draft.severity not in SEVERITIES:
        msg = f"severity {said(draft.severity)} is unknown; use one of {', '.join(SEVERITIES)}"
        raise CommandRefused(msg)
    id_ = short_id("concern", case.child, context.at.isoformat(), context.actor, draft.kind, on, taken=taken)
    return Concern(
        id_,
        draft.kind,
        on,
        by,
        context.at,
        draft.severity,
        draft.observed,
        about,
        implicated_by(case, [about], draft.implicated),
        sealed_only(draft.note),
    )


def _note_concern(command: c.NoteConcern, case: Case, context: Context) -> Events:
    on = local_day(command.on, context)
    a_word(command.about, "about")
    yield ev.ConcernNoted(
        _concern(command.concern, on, context.actor, command.about, {*case.concern_log, *context.taken}, case, context)
    )


def _correct(command: c.Correct, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    before = case.activity_log.get(command.activity)
    if before is None or before.voided:
        raise NotFound("activity", command.activity)
    names = ("kind", "on", "by", "reached", "met", "mood", "minutes", "details", "note", "words")
    given: dict[str, Any] = {name: getattr(command, name) for name in names if getattr(command, name) is not None}
    if not given:
        msg = "nothing to correct is given; name what should read differently"
        raise CommandRefused(msg)
    of_its_own(before)
    known_mood(given.get("mood", ""))
    coded_facts(given.get("kind", before.kind), given.get("details", before.details))
    check_code(given.get("kind", "visit"), "kind")
    local_day(given.get("on"), context)
    sealed_only(given.get("note"))
    sealed_only(given.get("words"))
    minutes_of(command.minutes)
    maybe_ids("by", command.by)
    if "reached" in given:
        yes_or_no(given["reached"], "reached")
    if "met" in given:
        given["met"] = _met(given["met"])
    yield ev.Corrected(changed(before, **given), command.because)


def _void(command: c.Void, case: Case, context: Context) -> Events:  # noqa: ARG001 - every step takes the same
    check_code(command.because, "because")
    found = entered(case, command.item)
    if found is None or found.voided:
        raise NotFound("activity or concern", command.item)
    of_its_own(found)
    yield ev.Voided(command.item, command.because)


ENTRY_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    c.Record: _record,
    c.NoteConcern: _note_concern,
    c.Correct: _correct,
    c.Void: _void,
}
