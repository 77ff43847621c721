"""Applying settings: the school runs on another policy, calendar or rule set from a day on, knowingly."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import field, frozen

from casework.engine.casework import Casework
from casework.engine.context import Context
from casework.engine.enrol import look_around, records_of_classes
from casework.engine.evolve import fold
from casework.engine.opening import with_facts, write_applied
from casework.engine.port import SCHOOL, Change, Store
from casework.engine.run import begin
from casework.model import events as ev
from casework.model.case import Case
from casework.model.gathering import GATHERING_MARK
from casework.model.school_events import RollJoined

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
    pupils = _new_pupils(context, store)
    if dry_run:
        return _count(context, store, differing, {record.child for record in hidden}, views, pupils)
    write_applied(store, mine, applied, at, actor)
    look_around(context, store, _new_classes(context, store))
    for first in range(0, len(pupils), PAGE):
        store.save(school, pupils[first : first + PAGE])
    asked = sum(_asked(case, context) for case in views) - sum(_asked(case, context) for case in hidden)
    closed = settings.policy.retention is not None
    return Applying(differing, store.wake(school, at, closed=closed) + asked, dry_run)


def _asked(case: Case, context: Context) -> bool:
    """Whether these settings may ask something of the record of a child."""
    return case.open or case.pupil or (case.stage == "closed" and context.settings.policy.retention is not None)


def _new_classes(context: Context, store: Store) -> list[str]:
    """The ids of records that classes ought to have, and have not."""
    school = context.settings.school
    sizes = store.facts(school, ["class_sizes"], today=context.today)["class_sizes"]
    wanted = records_of_classes(context, sizes)
    known = store.having(school, wanted)
    return [child for child in wanted if child not in known]


def _new_pupils(context: Context, store: Store) -> list[Change]:
    """What lets the records of pupils say that they are on the roll, where these settings ask something of them."""
    if not context.settings.plan.duties["pupil"]:
        return []
    school = context.settings.school
    pupils = {row.pupil: row.class_ for row in store.roll(school).values() if row.on_roll}
    records = store.load(school, list(pupils))
    found = []
    for child, class_ in pupils.items():
        record = records.get(child) or Case(school, child)
        if not record.pupil:
            joined = RollJoined(context.today, class_)
            entry = ev.Entry(record.version + 1, context.at, context.actor, "", (("command:Apply", joined),))
            after = fold(record, [entry]).having(wake_at=context.at)
            found.append(Change(record, after, entry, context.at, record.alarm_at))
    return found


def _count(
    context: Context,
    store: Store,
    differing: tuple[str, ...],
    hidden: set[str],
    views: list[Case],
    pupils: list[Change],
) -> Applying:
    """Look at every record as the first sweep after applying will, and count what would happen there."""
    school = context.settings.school
    effects: Counter[str] = Counter()
    seen = 0
    joined = {change.after.child: change.after for change in pupils}
    new = [*_new_classes(context, store), *(child for child, case in joined.items() if case.version == 1)]
    for children in _pages(context, store, new):
        loaded = store.load(school, children) | {child: joined[child] for child in children if child in joined}
        cases = [loaded.get(child) or Case(school, child) for child in children if child not in hidden]
        cases = [case for case in cases if _asked(case, context) or case.subject != "child"]
        if SCHOOL in children:
            cases += [case for case in views if _asked(case, context)]
        looking = with_facts(context, store, cases)
        seen += len(cases)
        for case in cases:
            change = begin(case, looking)
            entry = None if change is None else change.entry
            effects.update(effect for _, event in (entry.events if entry else ()) if (effect := _effect(event)))
    return Applying(differing, seen, dry_run=True, effects=dict(sorted(effects.items())))


def _pages(context: Context, store: Store, new: list[str]) -> Iterator[list[str]]:
    """The records that applying may wake, and those that are ``new``; gatherings have nothing to be woken for."""
    school = context.settings.school
    yield [SCHOOL, *new]
    after = SCHOOL
    while page := store.children(school, after=after, limit=PAGE, open_only=False):
        yield [child for child in page if not child.startswith(GATHERING_MARK)]
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
