"""The school's own record: what concerns the roll as a whole."""

from collections.abc import Iterator

from casework.engine.context import Context
from casework.model.case import Case
from casework.model.events import Marked
from casework.model.ids import short_id


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
