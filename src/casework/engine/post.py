"""Letters: what goes to a person through a sink, and what the delivery asks of a store.

A notice of an emergency is a letter of its own; other notices share a letter, the digest of a person and day. Each
letter has an id that follows from the key of its notice, or from person and day: the same at every attempt and sink.
"""

from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Protocol, TypeAlias

from attrs import frozen

from casework.engine.outgoing import Outgoing

WAITING, SENDING, DELIVERED, DEAD, WITHHELD = "waiting", "sending", "delivered", "dead", "withheld"
"""What has come of a notice: in no letter yet, in one that is on its way, arrived, given up, kept from a suspect."""
LAID_ASIDE = "laid_aside"
"""A letter that was dead, and whose person was told otherwise."""


FAR = timedelta(days=15)
"""Nothing waits for longer: what says so was written while the clock was wrong, and is looked at."""


@frozen
class Letter:
    """What a sink delivers: codes and ids only, never a name, a note or a phone.

    ``id`` is the same at every attempt and sink, so that whoever gets a letter twice can tell. ``at`` is the nominal
    instant of its notice; of a digest, when it was put together.
    """

    id: str
    school: str
    person: str
    urgent: bool
    at: datetime
    notices: tuple[Outgoing, ...]

    @property
    def topic(self) -> str:
        """``emergency`` or ``digest``."""
        return "emergency" if self.urgent else "digest"


Sink: TypeAlias = Callable[[Letter], None]
"""Delivers a letter, or raises `Undeliverable`; any other error means that it is tried again.

A sink that reaches nobody, such as a log, says so by an attribute ``reaches = False``.
"""


def letter_id(*parts: object) -> str:
    """An id of 26 letters and digits that follows from the parts; nothing can be read from it."""
    text = "\x1f".join(map(str, parts))
    return b32encode(blake2b(text.encode(), digest_size=16).digest()).decode().lower().rstrip("=")


@frozen
class Packed:
    """A letter to be written: what it holds, and with what it begins at each sink."""

    id: str
    person: str
    child: str
    urgent: bool
    at: datetime
    keys: tuple[str, ...]
    status: str = WAITING
    error: str = ""


@frozen
class Held:
    """A letter claimed for one sink until an instant; ``fence`` is the number that the database gave for it."""

    school: str
    id: str
    sink: str
    person: str
    child: str
    urgent: bool
    at: datetime
    keys: tuple[str, ...]
    fence: int
    tries: int


@frozen
class Verdict:
    """What came of an attempt: delivered, dead, withheld, or waiting until ``due_at``; ``keys`` are what was sent."""

    held: Held
    keys: tuple[str, ...]
    status: str
    due_at: datetime | None = None
    error: str = ""


@frozen
class DeadLetter:
    """A letter that is not tried any more at a sink, until a person says so.

    ``id`` stands for it in `casework deliver --again`. ``why`` is a code: ``no_address``, ``550``, ``TimeoutError``.
    ``notices`` are what it held, without those that are withheld.
    """

    id: str
    sink: str
    person: str
    urgent: bool
    at: datetime
    tries: int
    why: str
    notices: tuple[Outgoing, ...] = ()


class Post(Protocol):
    """What the delivery asks of a store, besides records."""

    def waiting(self, now: datetime, *, urgent: bool, limit: int, school: str | None) -> list[tuple[str, Outgoing]]:
        """Lock and return up to ``limit`` notices, with their schools, that are in no letter and due by ``now``.

        Those that another deliverer holds are passed over; what is not urgent is put together by one at a time.
        """
        ...

    def waiting_for(self, school: str, people: Sequence[str]) -> list[Outgoing]:
        """Lock and return all that waits for these people and is not urgent, by nominal time, then key."""
        ...

    def letters(self, school: str, ids: Sequence[str]) -> set[str]:
        """Which of these letters have been written."""
        ...

    def pack(
        self, school: str, letters: Sequence[Packed], sinks: Sequence[str], later: Sequence[tuple[Outgoing, datetime]]
    ) -> None:
        """Write letters, one delivery for each sink; what is to wait is looked at again ``later``.

        A letter that is there already stays as it is.
        """
        ...

    def claim_letters(
        self,
        now: datetime,
        until: datetime,
        *,
        urgent: bool,
        limit: int,
        sinks: Sequence[str],
        school: str | None,
    ) -> list[Held]:
        """Claim letters that are due at these sinks, earliest first; nobody else gets them before ``until``.

        None comes while an earlier one about the same child (or an earlier digest) to the same person waits at that
        sink.
        """
        ...

    def notices(self, school: str, keys: Sequence[str], *, withheld: bool = False) -> dict[str, Outgoing]:
        """Notices by key; those that are withheld only if asked for."""
        ...

    def settle_letters(
        self, school: str, verdicts: Sequence[Verdict]
    ) -> tuple[set[tuple[str, str]], dict[str, dict[str, str]]]:
        """Note what came of these attempts, except of those whose letter another has claimed since.

        The letters and sinks of which it was noted; and by letter, its status at each sink.
        """
        ...

    def settle_notices(self, school: str, statuses: Mapping[str, str]) -> None:
        """Note by key what has come of notices."""
        ...

    def dead_letters(self, school: str) -> list[DeadLetter]:
        """Letters that are not tried any more, by nominal time, then id and sink."""
        ...

    def lay_aside(self, school: str, letter: str) -> int:
        """Take a dead letter off the list, since its person was told otherwise; at how many sinks it was there."""
        ...

    def deliver_again(self, school: str, letter: str, now: datetime) -> int:
        """Let a dead letter be tried again from ``now`` on, from the first attempt; at how many sinks."""
        ...
