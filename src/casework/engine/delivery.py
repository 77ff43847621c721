"""One delivery under way: how fast it goes, through which sinks, and what it did."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from hashlib import blake2b

from attrs import define, field, frozen

from casework.engine.casework import Casework
from casework.engine.digest import Hours
from casework.engine.port import Store
from casework.engine.post import Sink
from casework.errors import WrongValue

CHUNK = 20
LEASE = timedelta(minutes=5)
LONGEST = timedelta(days=7)


@frozen
class Retries:
    """How often a letter is tried at a sink: each pause is twice the one before, from ``first`` up to ``cap``.

    Each is shortened by up to half of itself, by a share that follows from the letter and the attempt, so that many
    letters do not meet again at once. After so many ``attempts`` it is dead. Raises `WrongValue`.
    """

    first: timedelta
    cap: timedelta
    attempts: int

    def __attrs_post_init__(self) -> None:
        if not timedelta() < self.first <= self.cap <= LONGEST or self.attempts < 1:
            raise WrongValue(
                "retries take a first pause above zero, a cap from there to seven days, and at least one attempt"
            )

    def pause(self, letter: str, tries: int) -> timedelta:
        """How long is waited after so many attempts."""
        whole = min(self.first * 2.0 ** min(tries - 1, 30), self.cap)
        share = blake2b(f"{letter}/{tries}".encode(), digest_size=2).digest()
        return whole - whole * int.from_bytes(share) / 0x2_0000


URGENT = Retries(timedelta(seconds=30), timedelta(minutes=5), 6)
"""Emergencies: given up within a quarter of an hour, before the next rung would be told by itself."""
CALM = Retries(timedelta(minutes=5), timedelta(hours=6), 10)
"""Digests: given up after about a day."""


@frozen
class Pace:
    """How often letters are tried, for how long one is claimed, and how many at once.

    A letter is claimed for ``lease``, which is longer than ``chunk`` attempts take at a sink. Raises `WrongValue`.
    """

    urgent: Retries = URGENT
    calm: Retries = CALM
    lease: timedelta = LEASE
    chunk: int = CHUNK

    def __attrs_post_init__(self) -> None:
        if not timedelta() < self.lease <= LONGEST or self.chunk < 1:
            raise WrongValue("a pace takes a lease above zero, of seven days at most, and a chunk of at least one")


@define
class Delivered:
    """What a delivery did, in letters and sinks: ``tried`` = ``delivered`` + ``failed`` + ``dead``, unless ``stale``.

    ``packed`` counts letters that were put together, ``failed`` attempts that are made again, ``dead`` letters given up
    at a sink (``ids`` of all that were, by school), ``withheld`` those that nobody may get any more, ``stale`` attempts
    that took longer than they were given, ``climbed`` ladders that went on since nobody was reached, ``broken`` records
    that could not be told so (school, child, type of error).
    """

    packed: int = 0
    tried: int = 0
    delivered: int = 0
    failed: int = 0
    dead: int = 0
    withheld: int = 0
    stale: int = 0
    climbed: int = 0
    ids: list[tuple[str, str]] = field(factory=list)
    broken: list[tuple[str, str, str]] = field(factory=list)


@frozen
class Round:
    """One delivery under way."""

    casework: Casework
    store: Store
    sinks: Mapping[str, Sink]
    school: str | None
    hours: Hours
    pace: Pace
    report: Delivered = field(factory=Delivered)

    def reaching(self, names: Collection[str]) -> set[str]:
        """The sinks, of these, that reach somebody; all of them if none does."""
        found = {name for name in names if getattr(self.sinks.get(name), "reaches", True)}
        return found or set(names)
