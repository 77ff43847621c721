"""Pupils and classes get records of their own where duties are about every pupil, or about classes."""

from collections.abc import Iterable, Iterator

from casework.engine.context import Context
from casework.engine.opening import with_facts
from casework.engine.port import Store
from casework.engine.run import answer, begin, change_of, due
from casework.model import events as ev
from casework.model import school_events as sv
from casework.model.case import CLASS_MARK, Case
from casework.model.roll import RollRow

PAGE = 200


def enrol(context: Context, store: Store, pupils: Iterable[RollRow]) -> None:
    """Let the records of these pupils say whether they are on the roll, and since when; no duty, no record."""
    settings = context.settings
    if not settings.plan.duties["pupil"]:
        return
    rows = list({row.pupil: row for row in pupils}.values())
    for first in range(0, len(rows), PAGE):
        page = rows[first : first + PAGE]
        records = store.load(settings.school, [row.pupil for row in page])
        looking = with_facts(context, store, records.values())
        changes = []
        for row in page:
            record = records.get(row.pupil) or Case(settings.school, row.pupil)
            asked = tuple(("command:UpdateRoll", event) for event in _differing(record, row, context))
            if asked:
                done = answer(due(record, looking), asked, looking)
                change = change_of(record, done, looking, idem="", actor=context.actor)
                if change is not None:
                    changes.append(change)
        store.save(settings.school, changes)


def _differing(record: Case, row: RollRow, context: Context) -> Iterator[ev.Event]:
    if row.on_roll and not record.pupil:
        yield sv.RollJoined(context.today, row.class_)
    elif record.pupil and not row.on_roll:
        yield sv.RollLeft(context.today)
    elif record.pupil and not record.open and row.class_ not in {"", record.class_}:
        yield ev.FactsChanged(context.today, class_=row.class_)


def look_around(context: Context, store: Store, records: Iterable[str]) -> None:
    """Look at records of classes, or the school's, which something concerns that was done elsewhere."""
    school = context.settings.school
    for child in records:
        record = store.load(school, [child]).get(child) or Case(school, child)
        change = begin(record, with_facts(context, store, [record]))
        if change is not None:
            store.save(school, [change])


def records_of_classes(context: Context, classes: Iterable[str]) -> list[str]:
    """The records of these classes, if classes have records at all."""
    if not context.settings.keeps_classes:
        return []
    return [CLASS_MARK + class_ for class_ in sorted(set(classes)) if class_]
