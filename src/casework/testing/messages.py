"""Messages between schools for a store in memory: made and read as SQL's are, under a key that is known to all."""

from importlib import import_module
from typing import Any

from casework.model.move import Message


class Messages:
    """The part of a store in memory that packs and unpacks messages between schools."""

    def address(self, school: str) -> str:
        """The school's public transfer key, which follows from its name."""
        found: str = _messages().address(_ring(), school)
        return found

    def enclose(self, school: str, letter: Message) -> str:  # noqa: ARG002 - the letter says which school sends it
        """The letter as a message for its receiver."""
        found: str = _messages().enclose(_ring(), letter)
        return found

    def disclose(self, school: str, message: str | bytes) -> Message:
        """The letter in a message for this school."""
        found: Message = _messages().disclose(_ring(), school, message)
        return found

    def digest(self, message: str | bytes) -> str:
        """The digest of a message."""
        found: str = _messages().digest(message)
        return found


def _messages() -> Any:  # noqa: ANN401 - a module; a store in memory loads no SQL before a message is made
    return import_module("casework.store.messages")


def _ring() -> Any:  # noqa: ANN401 - a key ring
    return import_module("casework.store.keyring").KeyRing.without_secrecy()
