"""Applying settings: the school runs on another policy, calendar or rule set from a day on, knowingly."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import field, frozen

from casework.engine.casework import Casework
from casework.engine.context import Context
from casework.engine.opening import with_facts, write_applied
from casework.engine.port import SCHOOL, Store
from casework.engine.run import begin
from casework.model import events as ev
from casework.model.case import CLASS_MARK, Case

PAGE = 200


View = Callable[[Case], Case]
"""A record as the principal may see it."""


@frozen
class Applying:
    """What applying changes: which settings differ, how many records are looked at, and by duty what happens.

    ``effects`` maps ``opened D10``, ``redated D12``, ``superseded D3``, ``excused D14`` to counts. On a real run it
    is empty: the next sweep does it, chunk by chunk. All of it is as the principal may know it.
    """

    changed: tuple[str, ...]
    woken: int
    dry_run: bool
    effects: dict[str, int] = field(factory=dict)


def apply_settings(
    casework: Casework, store: Store, school: str, at: datetime, actor: str, view: View, *, dry_run: bool
) -> Applying:
    """Apply, or count what applying would do. Applying what is applied already changes nothing.

    Open obligations are re-dated or superseded when their records are looked at next; a duty that is new starts on
    this day, as for a child who joins; what is settled keeps its dates. Classes that have no record so far begin.
    """
    before = store.settings(school)
    mine = casework.school(school)
    differing = ("policy", "calendar", "rules") if before is None else mine.changed(before)
    if not differing:
        return Applying((), 0, dry_run)
    applied = mine.applied(mine.calendar.local_date(at), before)
    settings, _ = casework.settings(school, applied)
    context = Context(settings, at, actor)
    hidden = list(store.load(school, store.implicated(school, actor)).values())
    views = [view(record) for record in hidden]
    if dry_run:
        return _count(context, store, differing, {record.child for record in hidden}, views)
    write_applied(store, school, applied, at, actor)
    new = [Case(school, child) for child in _new_classes(context, store)]
    looking = with_facts(context, store, new)
    store.save(school, [change for record in new if (change := begin(record, looking)) is not None])
    woken = store.wake(school, at) + sum(case.open for case in views) - sum(case.open for case in hidden)
    return Applying(differing, woken, dry_run)


def _new_classes(context: Context, store: Store) -> list[str]:
    """The ids of records that classes with a case ought to have, and have not."""
    if not context.settings.keeps_classes:
        return []
    school = context.settings.school
    shares = store.facts(school, ["class_shares"], today=context.today)["class_shares"]
    wanted = [CLASS_MARK + class_ for class_ in sorted(shares) if class_]
    known = store.load(school, wanted)
    return [child for child in wanted if child not in known]


def _count(context: Context, store: Store, differing: tuple[str, ...], hidden: set[str], views: list[Case]) -> Applying:
    """Look at every record as the first sweep after applying will, and count what would happen there."""
    school = context.settings.school
    effects: Counter[str] = Counter()
    seen = 0
    for children in _pages(context, store):
        loaded = store.load(school, children)
        cases = [loaded.get(child) or Case(school, child) for child in children if child not in hidden]
        if SCHOOL in children:
            cases += [case for case in views if case.open]
        looking = with_facts(context, store, cases)
        seen += len(cases)
        for case in cases:
            change = begin(case, looking)
            entry = None if change is None else change.entry
            effects.update(effect for _, event in (entry.events if entry else ()) if (effect := _effect(event)))
    return Applying(differing, seen, dry_run=True, effects=dict(sorted(effects.items())))


def _pages(context: Context, store: Store) -> Iterator[list[str]]:
    """The records that applying wakes: the school's own, those of classes, open cases; and the classes that begin."""
    school = context.settings.school
    yield [SCHOOL, *_new_classes(context, store)]
    for first, open_only in ((CLASS_MARK, False), (SCHOOL, True)):
        after = first
        while page := store.children(school, after=after, limit=PAGE, open_only=open_only):
            yield [child for child in page if child.startswith(first)]
            if not page[-1].startswith(first):
                break
            after = page[-1]


def _effect(event: ev.Event) -> str:
    """What an event does to a duty, in two words; empty for what applying is not about."""
    match event:
        case ev.ObligationOpened():
            return f"opened {event.duty}"
        case ev.ObligationRedated():
            return f"redated {event.key.partition('/')[0]}"
        case ev.ObligationSettled():
            return f"{event.status} {event.key.partition('/')[0]}"
        case _:
            return ""
