"""The part of the store on SQL that letters on their way ask for."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from casework.engine.outgoing import Outgoing
from casework.engine.post import DeadLetter, Held, Packed, Verdict
from casework.store import post
from casework.store.work import Work


class SqlPost(ABC):
    """`casework.engine.post.Post` over the transaction that is open."""

    @property
    @abstractmethod
    def work(self) -> Work:
        """The transaction that is open."""

    @property
    @abstractmethod
    def _writing(self) -> Work:
        """The transaction that is open for writing."""

    def waiting(self, now: datetime, *, urgent: bool, limit: int, school: str | None) -> list[tuple[str, Outgoing]]:
        """Lock and return notices, with their schools, that are in no letter and due."""
        return post.waiting(self._writing, now, urgent=urgent, limit=limit, school=school)

    def waiting_for(self, school: str, people: Sequence[str]) -> list[Outgoing]:
        """Lock and return all that waits for these people and is not urgent."""
        return post.waiting_for(self._writing, school, people)

    def letters(self, school: str, ids: Sequence[str]) -> set[str]:
        """Which of these letters have been written."""
        return post.letters(self.work, school, ids)

    def pack(
        self, school: str, letters: Sequence[Packed], sinks: Sequence[str], later: Sequence[tuple[Outgoing, datetime]]
    ) -> None:
        """Write letters, one delivery for each sink; what is to wait is looked at again later."""
        post.pack(self._writing, school, letters, sinks, later)

    def claim_letters(
        self, now: datetime, until: datetime, *, urgent: bool, limit: int, sinks: Sequence[str], school: str | None
    ) -> list[Held]:
        """Claim letters that are due at these sinks, earliest first."""
        return post.claim(self._writing, now, until, urgent=urgent, limit=limit, sinks=sinks, school=school)

    def notices(self, school: str, keys: Sequence[str], *, withheld: bool = False) -> dict[str, Outgoing]:
        """Notices by key; those that are withheld only if asked for."""
        return post.notices(self.work, school, keys, withheld=withheld)

    def settle_letters(
        self, school: str, verdicts: Sequence[Verdict]
    ) -> tuple[set[tuple[str, str]], dict[str, dict[str, str]]]:
        """Note what came of attempts, except of those whose letter another has claimed since."""
        return post.settle(self._writing, school, verdicts)

    def settle_notices(self, school: str, statuses: Mapping[str, str]) -> None:
        """Note by key what has come of notices."""
        post.settle_notices(self._writing, school, statuses)

    def dead_letters(self, school: str) -> list[DeadLetter]:
        """Letters that are not tried any more."""
        return post.dead_letters(self.work, school)

    def lay_aside(self, school: str, letter: str) -> int:
        """Take a dead letter off the list; at how many sinks it was there."""
        return post.lay_aside(self._writing, school, letter)

    def deliver_again(self, school: str, letter: str, now: datetime) -> int:
        """Let a dead letter be tried again; at how many sinks."""
        return post.again(self._writing, school, letter, now)
