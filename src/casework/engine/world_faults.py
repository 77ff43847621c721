"""What somebody implicated is told of rules that failed (domain.md, 8).

They are told what they would be told if nothing implicated them: of a rule that fails in the world which they may see,
and of no other. So neither a notice nor its absence tells.
"""

from collections.abc import Iterable, Iterator

from attrs import evolve as changed

from casework import log
from casework.engine.context import Context
from casework.engine.faults import INSTEAD, Fault, fault_seats, fault_told
from casework.engine.port import SCHOOL, Change, Outgoing, Store
from casework.engine.worlds import Kept, applied_at, world_of
from casework.model.case import Case
from casework.model.events import Entry, RuleFailed


def with_faults_of_worlds(change: Change | None, store: Store, context: Context, kept: Kept) -> Change | None:
    """The change, with what is told to implicated holders of `SEATS` of rules that fail in their worlds."""
    if change is None or context.emergencies_only:
        return change
    if not (change.after.emergencies or change.after.concern_log or change.after.referrals):
        return change
    suspects = dict.fromkeys(
        person for _, person in fault_seats(change.after, context) if change.after.implicates(person)
    )
    told = [row for person in suspects for row in _told(change, store, changed(context, actor=person), kept)]
    return changed(change, outgoing=(*change.outgoing, *told)) if told else change


def _told(change: Change, store: Store, context: Context, kept: Kept) -> Iterator[Outgoing]:
    """What is new to this person, who is the principal of the context."""
    school, child = change.after.school, change.after.child
    applied = applied_at(store.entries(school, SCHOOL))
    before = store.entries(school, child)
    after = before if change.entry is None else [*before, change.entry]
    try:
        known = set(_faults(world_of(change.before, before, context, applied, kept).entries))
        world = world_of(change.after, after, context, applied, kept)
    except Exception as error:
        if context.settings.raise_errors:
            raise
        log.warning("world_failed", school=school, child=child, error=type(error).__name__)
        return
    for fault in _faults(world.entries):
        row = fault_told(world.case, fault, context)
        if fault not in known and row.person == context.actor:
            yield row


def told_in_world(notice: Outgoing, case: Case, store: Store, context: Context, kept: Kept) -> bool:
    """Whether a notice that a rule failed is still one in the world of the principal, whom the record implicates."""
    applied = applied_at(store.entries(case.school, SCHOOL))
    try:
        world = world_of(case, store.entries(case.school, case.child), context, applied, kept)
    except Exception as error:
        if context.settings.raise_errors:
            raise
        log.warning("world_failed", school=case.school, child=case.child, error=type(error).__name__)
        return False
    keys = {fault_told(world.case, fault, context).key.removesuffix(INSTEAD) for fault in _faults(world.entries)}
    return notice.key.removesuffix(INSTEAD) in keys


def _faults(entries: Iterable[Entry]) -> list[Fault]:
    return [(entry.at, event) for entry in entries for _, event in entry.events if isinstance(event, RuleFailed)]
