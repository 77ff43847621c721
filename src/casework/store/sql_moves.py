"""The part of the store on SQL that children and staff who move ask for."""

from abc import ABC, abstractmethod

from casework.model.move import Message
from casework.store import messages, moves
from casework.store.keyring import KeyRing
from casework.store.work import Work


class SqlMoves(ABC):
    """Who is named by which record, and messages between schools, over the transaction that is open."""

    _ring: KeyRing

    @property
    @abstractmethod
    def work(self) -> Work:
        """The transaction that is open."""

    def named(self, school: str, person: str) -> list[str]:
        """Children of whose care something is in the person's name."""
        return moves.named(self.work, school, person)

    def moved(self, school: str) -> list[str]:
        """Records with a transfer or a merge, by id."""
        return moves.moved(self.work, school)

    def address(self, school: str) -> str:
        """The school's public transfer key."""
        return messages.address(self._ring, school)

    def enclose(self, school: str, letter: Message) -> str:  # noqa: ARG002 - the letter says which school sends it
        """The letter as a message for its receiver."""
        return messages.enclose(self._ring, letter)

    def disclose(self, school: str, message: str | bytes) -> Message:
        """The letter in a message for this school."""
        return messages.disclose(self._ring, school, message)

    def digest(self, message: str | bytes) -> str:
        """The digest of a message."""
        return messages.digest(message)
