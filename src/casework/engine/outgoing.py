"""One row of the outbox, and one part of all schools."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

URGENT = frozenset(("emergency", "break_glass"))
"""Topics of notices that go at once, whatever the hour and however many there are."""


@frozen
class Shard:
    """One of ``of`` parts of all schools; ``number`` counts from 0. Raises ValueError for a part that is none."""

    number: int
    of: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.number < self.of:
            msg = f"shard={self.number} of={self.of}: shards are counted from 0 to of-1"
            raise ValueError(msg)


@frozen
class Outgoing:
    """One row of the outbox: who must be told what. ``key`` is unique within the school, so nobody is told twice.

    ``topic`` is ``emergency``, ``referral`` or ``rule_failed``; ``facts`` are coded, never free text. What is about an
    emergency is urgent: it goes at once, and alone; the rest goes in a digest.
    """

    key: str
    topic: str
    role: str
    person: str
    child: str
    at: datetime
    facts: Mapping[str, str | int] = field(factory=dict)

    @property
    def urgent(self) -> bool:
        """Whether it may not wait for a digest."""
        return self.topic in URGENT
