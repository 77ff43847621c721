"""Applying settings: the school runs on another policy, calendar or rule set from a day on, knowingly."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from casework.engine.casework import Casework
from casework.engine.context import Context
from casework.engine.evolve import fold
from casework.engine.opening import with_facts, write_applied
from casework.engine.port import SCHOOL, Change, Store
from casework.engine.settle import settle
from casework.model import events as ev
from casework.model.case import CLASS_MARK, Case
from casework.model.school_events import RollJoined

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
        write_applied(store, mine, applied, at, actor)
    settings, _ = casework.settings(school, applied)
    context = Context(settings, at, actor)
    begun = _begun(context, store)
    if not dry_run:
        for first in range(0, len(begun), PAGE):
            store.save(school, begun[first : first + PAGE])
        return Applying(differing, store.wake(school, at), dry_run)
    return _count(context, store, differing, {change.after.child: change.after for change in begun})


def _begun(context: Context, store: Store) -> list[Change]:
    """The records of pupils and classes that begin now, because these settings ask something of them."""
    school, plan = context.settings.school, context.settings.plan
    pupils = {row.pupil: row.class_ for row in store.roll(school).values() if row.on_roll}
    sizes = store.facts(school, ["class_sizes"], today=context.today)["class_sizes"]
    wanted = pupils if plan.duties["pupil"] else {}
    wanted |= {CLASS_MARK + class_: class_ for class_ in sizes} if plan.duties["class"] else {}
    records = store.load(school, list(wanted))
    found = []
    for child, class_ in wanted.items():
        record = records.get(child) or Case(school, child)
        if not record.pupil:
            joined = RollJoined(context.today, class_)
            entry = ev.Entry(record.version + 1, context.at, context.actor, "", (("command:Apply", joined),))
            found.append(Change(record, fold(record, [entry]), entry, context.at, record.alarm_at))
    return found


def _count(context: Context, store: Store, differing: tuple[str, ...], begun: Mapping[str, Case]) -> Applying:
    """Look at every record that applying would wake, and count what that would do."""
    school = context.settings.school
    effects: Counter[str] = Counter()
    seen = 0
    after = ""
    page = [SCHOOL]
    rest = dict(begun)
    while page:
        cases = {SCHOOL: Case(school, SCHOOL)} if page == [SCHOOL] else {}
        cases |= store.load(school, page)
        cases |= {child: rest.pop(child) for child in page if child in rest}
        looked = [case for case in cases.values() if case.open or case.pupil or case.subject in {"class", "school"}]
        seen += len(looked)
        effects += _effects(context, store, looked)
        after = page[-1]
        page = store.children(school, after=after, limit=PAGE, open_only=False)
    return Applying(
        differing,
        seen + len(rest),
        dry_run=True,
        effects=dict(sorted((effects + _effects(context, store, list(rest.values()))).items())),
    )


def _effects(context: Context, store: Store, cases: Sequence[Case]) -> Counter[str]:
    looking = with_facts(context, store, cases)
    return Counter(effect for case in cases for _, event in settle(case, looking).events if (effect := _effect(event)))


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
