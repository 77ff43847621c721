"""Records that are merged and taken apart again, from commands to events. Pure.

What is decided on the record as its giver may see it leaves out what is hidden from them; `beyond_merge` says that.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from casework.engine.context import Context
from casework.engine.evolve_merge import MERGED
from casework.engine.port import sealed_refs
from casework.model import events as ev
from casework.model import merge_commands as mc
from casework.model import merge_events as mg
from casework.model import move_events as mv
from casework.model import protection_events as pv
from casework.model import referral_events as rv
from casework.model.calendar import DAY
from casework.model.case import STAGES, Case
from casework.model.commands import Command
from casework.model.move import IN, Move
from casework.model.people import ContactCard, Pairing
from casework.model.reason import check_code

Events = Iterator[ev.Event]
UNMERGED = "unmerged"


def items(other: Case, case: Case) -> Iterator[tuple[str, ev.Event]]:
    """What makes the items of another record this one's, each with its id; what this record holds already stays."""
    for m in _missing(other, case, "marks"):
        yield m.id, ev.Marked(m.id, m.kind, m.on, m.by)
    for a in _missing(other, case, "activity_log"):
        yield a.id, ev.Recorded(a)
    for s in _missing(other, case, "screening_log"):
        yield s.id, rv.Screened(s)
    for c in _missing(other, case, "concern_log"):
        yield c.id, ev.ConcernNoted(c)
    for e in _missing(other, case, "emergencies"):
        yield e.id, mg.EmergencyTaken(e.id, e.about, e)
    for r in _missing(other, case, "referrals"):
        yield r.id, mg.ReferralTaken(r.id, r.about, r)
    for o in _missing(other, case, "obligations"):
        yield o.key, mg.ObligationTaken(o.key, o.trigger, o)
    for move in _missing(other, case, "moves"):
        if move.kind == IN:
            yield move.id, _received(move)
    yield from _held(other, case)


def _held(other: Case, case: Case) -> Iterator[tuple[str, ev.Event]]:
    """A hold on either record holds both; one that was released there is released here."""
    for hold in other.holds.values():
        mine = case.holds.get(hold.id)
        if mine is None and hold.stands:
            yield hold.id, pv.HoldPlaced(hold.id, hold.because, hold.on, hold.by, hold.note)
        elif mine is not None and mine.stands and hold.released_on is not None:
            yield hold.id, pv.HoldReleased(hold.id, hold.released_because, hold.released_on, hold.released_by)


def _missing(other: Case, case: Case, log: str) -> list[Any]:
    here: Container[str] = getattr(case, log)
    return [value for key, value in getattr(other, log).items() if key not in here]


def _received(move: Move) -> mv.TransferReceived:
    last = move.packages[-1]
    who = (move.peer, move.key, move.child, move.on, move.by)
    return mv.TransferReceived(move.id, *who, last.digest, last.at, move.texts, move.restricted)


def _merge(command: mc.Merge, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    yield from (event for id_, event in items(command.other, case) if id_ not in command.hidden)
    yield from _joined_facts(command.other, case, context)
    yield mg.MergedOf(command.id, command.other.child, context.today, context.actor, command.because)


def _joined_facts(other: Case, case: Case, context: Context) -> Events:
    """The case of both: it is open if either is, as far on as either is, with everybody who helps."""
    stage, today = case.stage, context.today
    if not stage and other.stage:
        span = [s for s in other.spans if s.kind == "open"][-1]
        yield ev.Identified(
            span.since, other.away, other.definition, other.class_, other.household, boarder=other.boarder
        )
        stage = "identified"
        if other.stage == "closed":
            yield ev.StageChanged("closed", span.until or today, MERGED)
    elif stage == "closed" and other.open:
        stage = "identified"
        yield ev.StageChanged(stage, today, MERGED)
    if case.card is None and other.card is not None:
        yield ev.CardRecorded(other.card)
    if not other.open:
        return
    yield from _joined_group(standing(other), standing(case), context)
    if STAGES.index(other.stage) > STAGES.index(stage):
        yield ev.StageChanged(other.stage, today, MERGED)
    if other.key_child and not case.key_child:
        yield ev.KeyBegan(today, MERGED)


def standing(case: Case) -> Pairing | None:
    """The pairing that stands now."""
    return case.pairings[-1] if case.pairings and case.pairings[-1].until is None else None


def _joined_group(theirs: Pairing | None, mine: Pairing | None, context: Context) -> Events:
    if theirs is None:
        return
    if mine is None:
        yield ev.Paired(theirs.lead, theirs.since, theirs.members)
        return
    members = tuple(m for m in dict.fromkeys((*mine.members, theirs.lead, *theirs.members)) if m != mine.lead)
    if members != mine.members:
        yield ev.Unpaired(max(mine.since, context.today - DAY), MERGED)
        yield ev.Paired(mine.lead, max(mine.since, context.today), members)


def _merge_into(command: mc.MergeInto, case: Case, context: Context) -> Events:  # noqa: ARG001
    yield mg.MergedInto(command.id, command.into, context.today, context.actor, command.because)


def _unmerge(command: mc.Unmerge, case: Case, context: Context) -> Events:
    check_code(command.because, "because")
    for item in command.leaving:
        if item.id not in command.hidden:
            yield _left(item, command)
    yield from _parted_facts(command, case, context)
    taken = _taken_card(command, case)
    if taken is not None:
        yield ev.CardRecorded(ContactCard())
    gone = tuple(sealed_refs(taken)) if taken is not None else ()
    yield mg.MergeUndone(command.id, context.today, context.actor, command.because, gone)


def _left(item: mc.Leaving, command: mc.Unmerge) -> mg.ItemLeft:
    return mg.ItemLeft(item.id, item.what, command.id, item.hidden, item.texts)


def _taken_card(command: mc.Unmerge, case: Case) -> ContactCard | None:
    """The contact card that came with the merge, if nobody has changed it since."""
    return case.card if command.before.card is None and case.card == command.after.card else None


def _parted_facts(command: mc.Unmerge, case: Case, context: Context) -> Events:
    """The case goes back to what it was by itself, where nobody has changed it since."""
    before, after, today = command.before, command.after, context.today
    gone = {item.id for item in command.leaving}
    if not case.open:
        return
    now = standing(case)
    if now is not None and now == standing(after) != standing(before):
        yield ev.Unpaired(max(now.since, today - DAY), UNMERGED)
        now = standing(before)
        if now is not None:
            yield ev.Paired(now.lead, max(now.since, today), now.members)
    if case.key_child and after.key_child and not before.key_child:
        yield ev.KeyEnded(today, UNMERGED)
    if not before.open and not any(e.live for e in case.emergencies.values() if e.id not in gone):
        if now is not None:
            yield ev.Unpaired(max(now.since, today), UNMERGED)
        yield ev.StageChanged("closed", today, UNMERGED)
    elif now is None:
        filed = any(mark.kind == "filed" for mark in case.marks.values() if mark.id not in gone)
        stage = "filed" if filed else "identified"
        if stage != case.stage:
            yield ev.StageChanged(stage, today, UNMERGED)


def _unmerge_from(command: mc.UnmergeFrom, case: Case, context: Context) -> Events:
    yield mg.MergedBack(command.id, command.stage, context.today, context.actor, command.because)
    yield from (event for id_, event in items(command.back, case) if id_ not in command.hidden)


def beyond_merge(command: Command, whole: Case) -> tuple[ev.Event, ...]:
    """What happens besides to what the command's giver may not know of."""
    if isinstance(command, mc.Merge):
        return tuple(event for id_, event in items(command.other, whole) if id_ in command.hidden)
    if isinstance(command, mc.Unmerge):
        gone = [item for item in command.leaving if item.id in command.hidden]
        return tuple(_left(item, command) for item in gone)
    if isinstance(command, mc.UnmergeFrom):
        return tuple(event for id_, event in items(command.back, whole) if id_ in command.hidden)
    return ()


MERGE_STEPS: Mapping[type, Callable[[Any, Case, Context], Events]] = {
    mc.Merge: _merge,
    mc.MergeInto: _merge_into,
    mc.Unmerge: _unmerge,
    mc.UnmergeFrom: _unmerge_from,
}
