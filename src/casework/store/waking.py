"""Waking: records are to be looked at by then, since what they are judged by has changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import literal_column, or_

from casework.errors import StaleCase
from casework.store.chain import START, head_mac
from casework.store.dialects import locked
from casework.store.load import of_school, on_roll, still
from casework.store.statements import SCHOOL, Prepared, Statements
from casework.store.types import to_instant
from casework.store.work import Work, head_columns


def wake(work: Work, school: str, at: datetime, *, closed: bool) -> int:
    """Make every open case, every pupil's record, the school's and its classes' due at ``at`` at the latest.

    ``closed``: closed cases too. Their heads are sealed anew, so it is no single UPDATE.
    """
    row = work.school(school)
    if row is None:
        return 0
    when, ring = to_instant(at), work.ring.number
    key = work.ring.chain_key(ring)
    found = work.marked(work.wire.rows(_sleeping(work.statements, closed=closed), (row.school,)))
    sooner = [
        (when, head_mac(key, ring, UUID(bytes=uuid), version, mac or START, (when, alarm)), row.school, no, version)
        for _, no, mac, uuid, version, wake_at, alarm in found
        if wake_at is None or wake_at > when
    ]
    prepared = work.statements.update(work.tables.cases, ["wake_at", "head"], ["school", "no", "version"])
    if work.wire.many(prepared, sooner) != len(sooner):
        raise StaleCase("somebody else changed a record while all were woken; repeat the command")
    return len(found)


def _sleeping(statements: Statements, *, closed: bool) -> Prepared:
    c = statements.tables.cases
    cases = c.c.stage != literal_column("''") if closed else still(statements)
    return statements.get(
        ("sleeping records", closed),
        ["school"],
        lambda: locked(
            head_columns(statements, "uuid", "version", "wake_at", "alarm_at")
            .where(c.c.school == SCHOOL, or_(of_school(c), cases, on_roll(statements)))
            .order_by(c.c.child),
            c,
        ),
    )
