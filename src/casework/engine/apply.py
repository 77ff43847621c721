"""Applying settings: the school runs on another policy, calendar or rule set from a day on, knowingly."""

from collections import Counter
from datetime import datetime

from attrs import field, frozen

from casework.engine.casework import Casework
from casework.engine.context import Context
from casework.engine.enrol import enrol, look_around, records_of_classes
from casework.engine.opening import with_facts, write_applied
from casework.engine.port import SCHOOL, Store
from casework.engine.settle import settle
from casework.model import events as ev
from casework.model.case import Case

PAGE = 200


@frozen
class Applying:
    """What applying changes: which settings differ, how many records are looked at, and by duty what happens.

    ``effects`` maps ``opened D10``, ``redated D12``, ``superseded D3``, ``excused D14`` to counts. On a real run it
    is empty: the next sweep does it, chunk by chunk.
    """

    changed: tuple[str, ...]
    woken: int
    dry_run: bool
    effects: dict[str, int] = field(factory=dict)


def apply_settings(
    casework: Casework, store: Store, school: str, at: datetime, actor: str, *, dry_run: bool
) -> Applying:
    """Apply, or count what applying would do. Applying what is applied already changes nothing.

    Open obligations are re-dated or superseded when their records are looked at next; a duty that is new starts on
    this day, as for a child who joins; what is settled keeps its dates.
    """
    before = store.settings(school)
    mine = casework.school(school)
    differing = ("policy", "calendar", "rules") if before is None else mine.changed(before)
    if not differing:
        return Applying((), 0, dry_run)
    applied = mine.applied(mine.calendar.local_date(at), before)
    if not dry_run:
        write_applied(store, school, applied, at, actor)
    settings, _ = casework.settings(school, applied)
    context = Context(settings, at, actor)
    if not dry_run:
        _begin_records(context, store)
        return Applying(differing, store.wake(school, at), dry_run)
    return _count(context, store, differing)


def _begin_records(context: Context, store: Store) -> None:
    """Pupils and classes have records from now on, where these settings ask something of them."""
    school, plan = context.settings.school, context.settings.plan
    if plan.duties["pupil"]:
        enrol(context, store, store.roll(school).values())
    if plan.duties["class"]:
        classes = store.facts(school, ["class_sizes"], today=context.today)["class_sizes"]
        look_around(context, store, records_of_classes(context, classes))


def _count(context: Context, store: Store, differing: tuple[str, ...]) -> Applying:
    school = context.settings.school
    effects: Counter[str] = Counter()
    seen = 0
    after = ""
    page = [SCHOOL]
    while page:
        cases = {SCHOOL: Case(school, SCHOOL)} if page == [SCHOOL] else {}
        cases |= store.load(school, page)
        looking = with_facts(context, store, cases.values())
        for case in cases.values():
            seen += 1
            effects.update(effect for _, event in settle(case, looking).events if (effect := _effect(event)))
        after = page[-1]
        page = store.children(school, after=after, limit=PAGE, open_only=True)
    return Applying(differing, seen, dry_run=True, effects=dict(sorted(effects.items())))


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
