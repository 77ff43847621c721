"""The school's own record and those of its classes: the roll as a whole, classes that are there, the terms' programmes.

All of it is level-triggered: what should hold at a look is added, nothing else.
"""

from collections.abc import Iterator
from datetime import date

from casework.engine.context import Context
from casework.engine.work import Work
from casework.errors import NotFound, StepRefused
from casework.model import events as ev
from casework.model import school_events as sv
from casework.model.calendar import Calendar, Term
from casework.model.case import Case
from casework.model.events import Applied, Marked
from casework.model.ids import short_id
from casework.workflows import PROGRAMME_TABLE
from casework.workflows.programme import Standing, mend_of


def take_steps(work: Work) -> None:
    """What has come to hold of the school's record, or a class's, by time and by the roll."""
    case, context = work.draft.case, work.context
    if case.subject == "school":
        work.happen("need:roll_against_cases", scope_marks(case, context))
        work.happen("time", programmes(work.draft.case, context.settings.calendar, context.today))
    elif case.subject == "class":
        work.happen("need:class_sizes", _there(case, context))


def terms_begun(context: Context) -> tuple[Applied, ...]:
    """The settings with the terms that have begun since they were applied: whoever edits those has to apply them."""
    return tuple(applied for first, applied in context.settings.coming if first <= context.today)[-1:]


def scope_marks(case: Case, context: Context) -> Iterator[Marked]:
    """Mark when somebody counted as left behind is out of scope, and when nobody is any more (D41)."""
    counts = context.facts.get("roll_against_cases")
    if counts is None:
        return
    kinds = [mark.kind for mark in case.marks.values()]
    outside = kinds.count("out_of_scope") > kinds.count("in_scope")
    if outside != bool(counts["without_case"]):
        kind = "in_scope" if outside else "out_of_scope"
        id_ = short_id(kind, context.at.isoformat(), taken=case.marks)
        yield Marked(id_, kind, context.today, context.actor)


def _there(case: Case, context: Context) -> Iterator[ev.Event]:
    """A class is there while somebody is in it, so that nothing is asked of one that is no more."""
    sizes = context.facts.get("class_sizes")
    if sizes is None:
        return
    class_ = case.child[1:]
    if bool(sizes.get(class_)) != case.pupil:
        yield sv.RollLeft(context.today) if case.pupil else sv.RollJoined(context.today, class_)


def programmes(case: Case, calendar: Calendar, today: date) -> Iterator[ev.Event]:
    """Every known term that is not over has a programme; it runs from the term's first day."""
    planned = PROGRAMME_TABLE.workflow.initial
    for term in calendar.terms:
        held = case.programmes.get(term.id)
        state = held.state if held else ""
        if held is None and term.last >= today:
            state = planned
            yield sv.ProgrammeMoved(term.id, state, today)
        if state == planned and today >= term.first:
            standing = standing_of(state, term, today)
            yield sv.ProgrammeMoved(term.id, PROGRAMME_TABLE.fire(state, "begin", standing, by="rule"), today)


def next_turn(case: Case, context: Context) -> date:
    """The next day on which a programme takes a step by time."""
    turn = context.settings.calendar.next_turn(context.today) if case.subject == "school" else None
    return turn or date.max


def standing_of(state: str, term: Term, today: date) -> Standing:
    """A programme in that state on that day, as its workflow asks for it."""
    return Standing(state, today, term.first, term.parts()["CLOSE"][0], term.last)


def move(case: Case, context: Context, step: str, term_id: str) -> tuple[Term, str]:
    """The term and the state to which a person's step leads. Raises `NotFound`, or `StepRefused` with the mend.

    Without a term it is the one that runs, or the last that ran.
    """
    calendar = context.settings.calendar
    begun = [term.id for term in calendar.terms if term.first <= context.today]
    wanted = term_id or (begun[-1] if begun else "")
    held = case.programmes.get(wanted)
    term = next((term for term in calendar.terms if term.id == wanted), None)
    if held is None or term is None:
        raise NotFound("programme of the term" if wanted else "programme of the term that runs", wanted)
    standing = standing_of(held.state, term, context.today)
    why = PROGRAMME_TABLE.refusal(held.state, step, standing)
    if why is not None:
        raise StepRefused(f"{step} programme {wanted}", held.state, f"{why}; {mend_of(why, standing)}")
    return term, PROGRAMME_TABLE.fire(held.state, step, standing)
