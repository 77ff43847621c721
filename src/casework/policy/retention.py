"""How long a closed case is kept, read from ``[retention]`` of a pack; and the duty that follows from it."""

from attrs import frozen

from casework.policy.read import Table
from casework.policy.values import ActSpec, Duty, Length, Retention, Window

DUTY = "RETENTION"
"""The id of the duty to decide."""
_DECIDE_DAYS = 30


@frozen
class Bounds:
    """The least and the most that a pack may say."""

    least: int
    most: int


YEARS, DAYS = Bounds(1, 100), Bounds(1, 180)


def read_retention(table: Table) -> Retention | None:
    """What the pack says of retention: ``years``, and within how many ``days`` somebody decides (30)."""
    rows = table.table("retention")
    if rows is None:
        return None
    years = rows.whole("years", YEARS.least, YEARS.most)
    days = rows.whole("days", DAYS.least, DAYS.most, needed=False)
    rows.done()
    return None if years is None else Retention(years, _DECIDE_DAYS if days is None else days)


def retention_duty(retention: Retention) -> Duty:
    """The duty of the office to decide of each closed case whose retention has ended: once a year until it does."""
    return Duty(
        DUTY,
        "Decide what becomes of a closed case whose retention has ended: keep it, with a reason, or erase it",
        ("retention",),
        "former",
        "office",
        ("decision", "because"),
        (ActSpec("retention_decided"),),
        (Window(on=("retention_ended",), within=Length(retention.days, "days"), closes=Length(364, "days")),),
    )
