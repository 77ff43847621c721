"""Pupils and classes get records of their own where duties are about every pupil, or about classes."""

from collections.abc import Iterable, Iterator

from casework.engine.context import Context
from casework.engine.opening import with_facts
from casework.engine.port import Change, Store
from casework.engine.run import answer, begin, change_of, due
from casework.model import events as ev
from casework.model import school_events as sv
from casework.model.case import CLASS_MARK, Case
from casework.model.roll import RollRow


def enrol(context: Context, store: Store, pupils: Iterable[RollRow]) -> None:
    """Let the records of these pupils say whether they are on the roll, and since when; no duty, no record."""
    settings = context.settings
    if not settings.plan.duties["pupil"]:
        return
    rows = {row.pupil: row for row in pupils}
    records = store.load(settings.school, list(rows))
    looking = with_facts(context, store, records.values())
    changes = []
    for child, row in rows.items():
        record = records.get(child) or Case(settings.school, child)
        asked = tuple(("command:UpdateRoll", event) for event in _differing(record, row, context))
        if asked:
            done = answer(due(record, looking), asked, looking)
            changes.append(change_of(record, done, looking, idem="", actor=context.actor))
    save_all(store, settings.school, changes)


def save_all(store: Store, school: str, changes: Iterable[Change | None]) -> None:
    """Save what changed, if anything did."""
    found = [change for change in changes if change is not None]
    if found:
        store.save(school, found)


def _differing(record: Case, row: RollRow, context: Context) -> Iterator[ev.Event]:
    if record.merged_into:
        return
    if row.on_roll and not record.pupil:
        yield sv.RollJoined(context.today, row.class_)
    elif record.pupil and not row.on_roll:
        yield sv.RollLeft(context.today)
    elif record.pupil and not record.open and row.class_ not in {"", record.class_}:
        yield ev.FactsChanged(context.today, class_=row.class_)


def look_around(context: Context, store: Store, records: Iterable[str]) -> None:
    """Look at records of classes, or the school's, which something concerns that was done elsewhere."""
    school, children = context.settings.school, list(records)
    known = store.load(school, children) if children else {}
    cases = [known.get(child) or Case(school, child) for child in children]
    looking = with_facts(context, store, cases)
    save_all(store, school, [begin(case, looking) for case in cases])


def records_of_classes(context: Context, classes: Iterable[str]) -> list[str]:
    """The records of these classes, if classes have records at all."""
    if not context.settings.keeps_classes:
        return []
    return [CLASS_MARK + class_ for class_ in sorted(set(classes)) if class_]
