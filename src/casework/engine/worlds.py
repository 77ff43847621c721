"""The world in which somebody implicated lives: the record's history again, without what they may not know of.

Up to the first thing that implicates them it is the history itself. From there on what people asked is carried out
again, without what is hidden, and everything that follows from it by rules, windows and ladders is found anew. So it is
what would have happened, whatever a rule makes of an emergency or a concern (domain.md, 8).
"""

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime

from attrs import evolve as changed
from attrs import frozen

from casework.engine.attendance import GATHERED
from casework.engine.context import Context, Settings
from casework.engine.evolve import fold
from casework.engine.run import answer, due
from casework.engine.settle import Settled, settle
from casework.engine.view import about_hidden, hidden_ids, seen_by, visible_entries
from casework.model import events as ev
from casework.model.case import Case
from casework.model.erasure_events import Erased
from casework.model.people import Principal
from casework.model.post_events import DELIVERY

_COMMAND = "command:"
_EXCUSE = "command:Excuse"
_APPLY = "command:Apply"
_EVER = datetime.min.replace(tzinfo=UTC)


MOST = 256
"""How many worlds an application keeps."""


@frozen
class World:
    """A record and its history as somebody may know them."""

    case: Case
    entries: tuple[ev.Entry, ...]


@frozen
class Lived:
    """A world that was found, and what it was found from."""

    settings: Settings
    facts: Mapping[str, Mapping[str, int]]
    applied: datetime
    history: tuple[ev.Entry, ...]
    hidden: frozenset[str]
    world: World

    def leads_to(
        self, entries: Sequence[ev.Entry], hidden: frozenset[str], context: Context, applied: datetime
    ) -> bool:
        """Tell whether what was found then is the beginning of what would be found now."""
        asked = (context.settings is self.settings, applied == self.applied, context.facts == self.facts)
        known, new = len(self.history), hidden - self.hidden
        return (
            all(asked)
            and self.hidden <= hidden
            and tuple(entries[:known]) == self.history
            and not (new and _first(self.history, new) < known)
        )


Kept = MutableMapping[tuple[str, str, str], Lived]
"""Worlds that were found, by school, child and person."""


def world_of(record: Case, entries: Sequence[ev.Entry], context: Context, applied: datetime, kept: Kept) -> World:
    """The record as the acting principal may know it, from its whole history.

    What happened before the settings were last ``applied``, or while they wait for it, cannot be found anew with those
    of today; of that the stored history is shown, without what is about the hidden things. What is ``kept`` from an
    earlier time is gone on with, if it is the beginning of the same world.
    """
    person = context.actor
    if context.emergencies_only:
        return World(seen_by(record, person), tuple(visible_entries(record, entries, person)))
    who, hidden = (record.school, record.child, person), hidden_ids(record, person)
    lived = kept.get(who)
    if lived is None or not lived.leads_to(entries, hidden, context, applied):
        lived = _anew(record, entries, hidden, context, applied)
    world = lived.world
    for entry in entries[len(lived.history) :]:
        world = _go_on(world, entry, hidden, context)
    if len(kept) >= MOST:
        kept.clear()
    kept[who] = Lived(context.settings, context.facts, applied, tuple(entries), hidden, world)
    case = world.case
    if record.wake_at is not None and case.wake_at is not None and case.wake_at <= context.at < record.wake_at:
        sweeping = _then(context, case.wake_at, Principal.system().id)
        world = _after(world, settle(case, sweeping), sweeping)
    if record.awaited:
        return World(world.case.having(awaited=record.awaited), world.entries)
    return world


def _anew(
    record: Case, entries: Sequence[ev.Entry], hidden: frozenset[str], context: Context, applied: datetime
) -> Lived:
    """The world until the first entry that is to be carried out again."""
    person = context.actor
    first = _first(entries, hidden)
    since = next((n for n in range(first, len(entries)) if entries[n].at >= applied), len(entries))
    known = [*entries[:first], *visible_entries(record, entries[first:since], person)]
    known = [changed(entry, seq=n) for n, entry in enumerate(known, 1)]
    world = World(fold(Case(record.school, record.child), known), tuple(known))
    if known:
        world = _after(world, settle(world.case, _then(context, known[-1].at, person)), context, told=False)
    return Lived(context.settings, context.facts, applied, tuple(entries[:since]), hidden, world)


def applied_at(entries: Sequence[ev.Entry]) -> datetime:
    """When a person last applied settings, or the first use did, by the history of the school's own record."""
    return max((e.at for e in entries if any(cause == _APPLY for cause, _ in e.events)), default=_EVER)


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
    """Whether a person's command said this, a gathering or a delivery, rather than that it followed."""
    if cause in {GATHERED, DELIVERY} or isinstance(event, Erased):
        return True
    if not cause.startswith(_COMMAND):
        return False
    if isinstance(event, ev.ObligationSettled):
        return cause == _EXCUSE and event.status == "excused"
    return isinstance(event, ev.ASKED)


def _after(world: World, done: Settled, context: Context, idem: str = "", *, told: bool = True) -> World:
    """The world with what was done, as an entry if anything happened; with ``told=False`` only with its next look."""
    if not told or not done.events:
        return World(world.case.having(wake_at=done.wake_at), world.entries)
    entry = ev.Entry(len(world.entries) + 1, context.at, context.actor, idem, done.events)
    return World(done.case.having(version=entry.seq, wake_at=done.wake_at), (*world.entries, entry))
