"""The school's own record: what concerns the roll as a whole."""

from collections.abc import Iterator

from casework.engine.context import Context
from casework.model.case import Case
from casework.model.events import Applied, Marked
from casework.model.ids import short_id


def terms_begun(context: Context) -> tuple[Applied, ...]:
    """The settings with the terms that have begun since they were applied: whoever edits those has to apply them."""
    return tuple(applied for first, applied in context.settings.coming if first <= context.today)[-1:]


def scope_marks(case: Case, context: Context) -> Iterator[Marked]:
    """Mark when somebody counted as left behind is out of scope, and when nobody is any more (D41)."""
    counts = context.facts.get("roll_against_cases")
    if counts is None:
        return
    kinds = [mark.kind for mark in case.marks.values()]
    outside = kinds.count("out_of_scope") > kinds.count("in_scope")
    if outside != bool(counts["without_case"]):
        kind = "in_scope" if outside else "out_of_scope"
        id_ = short_id(kind, context.at.isoformat(), taken=case.marks)
        yield Marked(id_, kind, context.today, context.actor)
