"""What a school does as a whole, from commands to events: gatherings, examinations, letters, mechanism, programme."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from casework.engine.checks import a_word, known_id, known_ids, local_day, maybe_ids, sealed_only
from casework.engine.context import Context
from casework.engine.programme import move
from casework.errors import CommandRefused, NotFound, StepRefused, said
from casework.model import events as ev
from casework.model import school_commands as sc
from casework.model import school_events as sv
from casework.model.activity import Activity, Detail
from casework.model.case import Case
from casework.model.gathering import ABSENT, PRESENT, STRUCK, Gathering
from casework.model.ids import short_id
from casework.model.reason import check_code

Events = Iterator[ev.Event]
PARTIES: Mapping[str, str] = {
    "guardian": "child",
    "class_teacher": "class",
    "teachers": "school",
    "school": "school",
}
"""The parties of a letter of responsibility (D24), each with whose record holds its signature."""


def _about(case: Case, subject: str, command: object) -> None:
    if case.subject != subject:
        msg = f"{type(command).__name__} is about a {subject}; call it by its own name at the desk"
        raise CommandRefused(msg)


def _act(  # noqa: PLR0913 - what an act of the school may say
    case: Case,
    context: Context,
    kind: str,
    on: date,
    by: str = "",
    *,
    reached: bool = True,
    met: tuple[str, ...] = (),
    details: Mapping[str, Detail] | None = None,
    note: Any = None,  # noqa: ANN401 - sealed by now, or refused
) -> ev.Recorded:
    taken = {*case.activity_log, *context.taken}
    id_ = short_id(case.child, context.at.isoformat(), context.actor, kind, on, reached, *met, taken=taken)
    activity = Activity(
        id_,
        kind,
        on,
        by or context.actor,
        context.at,
        context.actor,
        reached,
        met,
        details=dict(details or {}),
        note=sealed_only(note),
    )
    return ev.Recorded(activity)


# -------------------------------------------------------------------------------------------------------- gatherings


def _gather(command: sc.Gather, case: Case, context: Context) -> Events:
    _about(case, "gathering", command)
    if case.gathering is not None:
        raise StepRefused("gather", "held", "this gathering is entered already; correct it, or enter another one")
    check_code(command.kind, "kind")
    known_ids((*command.present, *command.absent), "a child")
    if both := sorted(set(command.present) & set(command.absent)):
        msg = f"{len(both)} children stand on both lists, {both[0]} first; leave each on one of them"
        raise CommandRefused(msg)
    if not command.present and not command.absent:
        raise CommandRefused("nobody stands on the lists; name who was there, or should have been")
    known_ids(command.classes, "a class")
    maybe_ids("by", command.by)
    attendance = dict.fromkeys(command.present, PRESENT) | dict.fromkeys(command.absent, ABSENT)
    found = Gathering(
        case.child[2:],
        command.kind,
        local_day(command.on, context),
        command.by or context.actor,
        context.at,
        context.actor,
        command.classes,
        attendance,
        sealed_only(command.note),
    )
    yield sv.GatheringHeld(found)


def _gathering(case: Case, command: object, step: str) -> Gathering:
    _about(case, "gathering", command)
    if case.gathering is None:
        raise NotFound("gathering", case.child[2:])
    if case.gathering.voided:
        raise StepRefused(step, "voided", "the gathering was voided; enter it again as another one")
    return case.gathering


def _correct_gathering(command: sc.CorrectGathering, case: Case, context: Context) -> Events:
    found = _gathering(case, command, "correct gathering")
    check_code(command.because, "because")
    new = {
        name: getattr(command, name)
        for name in ("on", "kind", "by")
        if getattr(command, name) not in {None, getattr(found, name)}
    }
    if not new:
        raise CommandRefused("nothing to correct is given; name what should read differently")
    if "kind" in new:
        check_code(new["kind"], "kind")
    if "by" in new:
        known_id(new["by"], "by")
    local_day(new.get("on"), context)
    yield sv.GatheringChanged(command.because, **new)


def _correct_attendance(command: sc.CorrectAttendance, case: Case, context: Context) -> Events:  # noqa: ARG001 - as all
    found = _gathering(case, command, "correct attendance")
    check_code(command.because, "because")
    lists = {PRESENT: command.present, ABSENT: command.absent, STRUCK: command.struck}
    named = [child for children in lists.values() for child in children]
    known_ids(named, "a child")
    if len(set(named)) != len(named):
        raise CommandRefused("a child stands on two of the lists; leave it on one")
    if strange := [child for child in command.struck if child not in found.attendance]:
        raise NotFound("child on this list", strange[0])
    new = {child: there for there, children in lists.items() for child in children}
    new = {child: there for child, there in sorted(new.items()) if found.attendance.get(child) != there}
    if not new:
        raise CommandRefused("the lists say so already; name the children whose attendance should read differently")
    yield sv.AttendanceChanged(new, command.because)


def _void_gathering(command: sc.VoidGathering, case: Case, context: Context) -> Events:  # noqa: ARG001 - as all
    _gathering(case, command, "void gathering")
    check_code(command.because, "because")
    yield sv.GatheringVoided(command.because)


# -------------------------------------------------------------------------------- examination, letters, the mechanism


def _examine(command: sc.Examine, case: Case, context: Context) -> Events:
    _about(case, "child", command)
    details = command.examination.details()
    if not details:
        raise CommandRefused("nothing was examined; give at least one measure, or eye, ear, nose or mouth")
    maybe_ids("by", command.by)
    on = local_day(command.on, context)
    yield _act(case, context, "examination", on, command.by, details=details, note=command.note)


def _sign(command: sc.Sign, case: Case, context: Context) -> Events:
    whose = PARTIES.get(command.party)
    if whose is None:
        raise CommandRefused(f"party {said(command.party)} is unknown; use one of {', '.join(PARTIES)}")
    _about(case, whose, command)
    if whose == "child" and not case.stage:
        raise StepRefused("sign", "", "the child has no case yet; identify the child first")
    _version(command.version)
    people = known_ids(command.people, "people")
    if command.party == "teachers" and not people:
        raise CommandRefused("teachers sign each for themselves: name who signed, by their ids")
    met = (command.party, *people)
    on = local_day(command.on, context)
    yield _act(case, context, "signature", on, met=met, details={"version": command.version})


def _version(version: str) -> None:
    a_word(version, "version")
    if not version:
        raise CommandRefused("version= names what was adopted or signed, such as 2026.1")


def _adopt(command: sc.AdoptMechanism, case: Case, context: Context) -> Events:
    _about(case, "school", command)
    _version(command.version)
    yield _act(case, context, "mechanism", local_day(command.on, context), details={"version": command.version})


def _call_tree(command: sc.CallTree, case: Case, context: Context) -> Events:
    _about(case, "school", command)
    on = local_day(command.on, context)
    adopted = [a for a in case.activity_log.values() if a.kind == "mechanism" and not a.voided and a.on <= on]
    if not adopted:
        why = "no mechanism was adopted by then; adopt one first: `casework mechanism VERSION`"
        raise StepRefused("test the contact tree", "no mechanism", why)
    known_ids((*command.reached, *command.not_reached), "who was called")
    if set(command.reached) & set(command.not_reached):
        raise CommandRefused("somebody was both reached and not; leave each person on one of the lists")
    if not command.reached and not command.not_reached:
        raise CommandRefused("nobody was called; name who was reached, and who was not")
    details = {"version": max(adopted, key=lambda a: (a.on, a.entered_at)).details["version"]}
    for reached, people in ((True, command.reached), (False, command.not_reached)):
        if people:
            yield _act(case, context, "tree_test", on, reached=reached, met=people, details=details)


# -------------------------------------------------------------------------------------------------------- programme


def _step(name: str) -> Callable[[Any, Case, Context], Events]:
    def taken(
        command: sc.ReviewProgramme | sc.SummariseProgramme | sc.ReopenProgramme, case: Case, context: Context
    ) -> Events:
        _about(case, "school", command)
        because = getattr(command, "because", "")
        if isinstance(command, sc.ReopenProgramme):
            check_code(because, "because")
        term, to = move(case, context, name, command.term)
        note = sealed_only(getattr(command, "note", None))
        yield sv.ProgrammeMoved(term.id, to, context.today, context.actor, because, note)

    return taken


SCHOOL_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    sc.Gather: _gather,
    sc.CorrectGathering: _correct_gathering,
    sc.CorrectAttendance: _correct_attendance,
    sc.VoidGathering: _void_gathering,
    sc.Examine: _examine,
    sc.Sign: _sign,
    sc.AdoptMechanism: _adopt,
    sc.CallTree: _call_tree,
    sc.ReviewProgramme: _step("review"),
    sc.SummariseProgramme: _step("summarise"),
    sc.ReopenProgramme: _step("reopen"),
}
