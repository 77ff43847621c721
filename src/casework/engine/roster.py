"""What a row of a roster says that an open case does not know yet."""

from casework.model.case import Case
from casework.model.commands import ChangeFacts
from casework.model.roll import RollRow


def changed_facts(row: RollRow, record: Case) -> ChangeFacts | None:
    """The facts that changed for an open case, if any did. What the row leaves empty is not known, not gone."""
    if not record.open:
        return None
    news = ChangeFacts(row.left_behind, row.class_ or None, row.household or None, row.boarder)
    known = ((news.away, record.away), (news.class_, record.class_), (news.household, record.household))
    differs = any(new is not None and new != old for new, old in (*known, (news.boarder, record.boarder)))
    return news if differs else None
