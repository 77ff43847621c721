"""The world in which somebody implicated lives: the record's history again, without what they may not know of.

Up to the first thing that implicates them it is the history itself. From there on what people asked is carried out
again, without what is hidden, and everything that follows from it by rules, windows and ladders is found anew. So it is
what would have happened, whatever a rule makes of an emergency or a concern (domain.md, 8).
"""

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve as changed
from attrs import frozen

from casework.engine.attendance import GATHERED
from casework.engine.context import Context
from casework.engine.evolve import fold
from casework.engine.run import answer, due
from casework.engine.settle import Settled, settle
from casework.engine.view import about_hidden, hidden_ids, seen_by, visible_entries
from casework.model import events as ev
from casework.model import school_events as sv
from casework.model.case import Case
from casework.model.people import Principal

_ASKED = (
    ev.Identified,
    ev.FactsChanged,
    ev.Marked,
    ev.CardRecorded,
    ev.Paired,
    ev.Unpaired,
    ev.KeyBegan,
    ev.KeyEnded,
    ev.Recorded,
    ev.Corrected,
    ev.Voided,
    ev.ConcernNoted,
    ev.EmergencyMoved,
    ev.StoodDown,
    ev.Reviewed,
    ev.OutsideCalled,
    sv.RollJoined,
    sv.RollLeft,
)
_COMMAND = "command:"
_EXCUSE = "command:Excuse"


@frozen
class World:
    """A record and its history as somebody may know them."""

    case: Case
    entries: tuple[ev.Entry, ...]


def world_of(record: Case, entries: Sequence[ev.Entry], context: Context, applied: datetime) -> World:
    """The record as the acting principal may know it, from its whole history.

    What happened before the settings were last ``applied``, or while they wait for it, cannot be found anew with those
    of today; of that the stored history is shown, without what is about the hidden things.
    """
    person = context.actor
    if context.emergencies_only:
        return World(seen_by(record, person), tuple(visible_entries(record, entries, person)))
    hidden = hidden_ids(record, person)
    first = _first(entries, hidden)
    since = next((n for n in range(first, len(entries)) if entries[n].at >= applied), len(entries))
    known = [*entries[:first], *visible_entries(record, entries[first:since], person)]
    known = [changed(entry, seq=n) for n, entry in enumerate(known, 1)]
    world = World(fold(Case(record.school, record.child), known), tuple(known))
    if known:
        world = _after(world, settle(world.case, _then(context, known[-1].at, person)), context, told=False)
    for entry in entries[since:]:
        world = _go_on(world, entry, hidden, context)
    case = world.case
    if record.wake_at is not None and case.wake_at is not None and case.wake_at <= context.at < record.wake_at:
        sweeping = _then(context, case.wake_at, Principal.system().id)
        world = _after(world, settle(case, sweeping), sweeping)
    if record.awaited:
        return World(changed(world.case, awaited=record.awaited), world.entries)
    return world


def _first(entries: Sequence[ev.Entry], hidden: frozenset[str]) -> int:
    """The place of the first entry that says something hidden."""
    return next(
        (n for n, entry in enumerate(entries) if any(about_hidden(event, hidden) for _, event in entry.events)),
        len(entries),
    )


def _then(now: Context, at: datetime, actor: str) -> Context:
    return changed(now, at=at, actor=actor, today=now.settings.calendar.local_date(at))


def _go_on(world: World, entry: ev.Entry, hidden: frozenset[str], now: Context) -> World:
    """What came of this entry, if anything did."""
    context = _then(now, entry.at, entry.actor)
    asked = tuple(caused for caused in entry.events if _was_asked(*caused) and not about_hidden(caused[1], hidden))
    if asked:
        gathered = tuple(caused for caused in asked if caused[0] == GATHERED)
        rest = asked[len(gathered) :]
        # What gatherings said stood in the record before anything else was found, as in the whole one.
        done = answer(_untouched(world.case), gathered, context) if gathered else due(world.case, context)
        if rest:
            done = answer(done, rest, changed(context, cause=rest[0][0]))
        return _after(world, done, context, entry.idem)
    if entry.actor == Principal.system().id:
        return _after(world, settle(world.case, context), context)
    return world


def _untouched(case: Case) -> Settled:
    return Settled(case, (), case.wake_at, case.alarm_at)


def _was_asked(cause: str, event: ev.Event) -> bool:
    """Whether a person's command said this, or a gathering, rather than that it followed."""
    if cause == GATHERED:
        return True
    if not cause.startswith(_COMMAND):
        return False
    if isinstance(event, ev.ObligationSettled):
        return cause == _EXCUSE and event.status == "excused"
    return isinstance(event, (*_ASKED, ev.StageChanged, ev.EmergencyRaised))


def _after(world: World, done: Settled, context: Context, idem: str = "", *, told: bool = True) -> World:
    """The world with what was done, as an entry if anything happened; with ``told=False`` only with its next look."""
    if not told or not done.events:
        return World(changed(world.case, wake_at=done.wake_at), world.entries)
    entry = ev.Entry(len(world.entries) + 1, context.at, context.actor, idem, done.events)
    return World(changed(done.case, version=entry.seq, wake_at=done.wake_at), (*world.entries, entry))
