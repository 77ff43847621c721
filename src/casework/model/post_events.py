"""Events of notices on their way; part of the stored format, as those of `casework.model.events` are."""

from datetime import datetime

from attrs import frozen

DELIVERY = "delivery"
"""The cause of what the delivery of notices wrote into a record."""


@frozen
class NoticeFailed:
    """A notice of an emergency did not arrive, and is not tried any more: that person of the rung was not reached.

    ``state``, ``step``, ``rung``, ``role`` and ``person`` are the notice's; ``at`` is when it was given up. It
    acknowledges nothing.
    """

    id: str
    state: str
    step: int
    rung: int
    role: str
    person: str
    at: datetime
