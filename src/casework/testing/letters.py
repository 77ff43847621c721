"""Messages between schools for a store in memory: made and read as SQL's are, under a key that is known to all."""

from importlib import import_module
from typing import Any

from casework.model.move import Letter


class Letters:
    """The part of a store in memory that packs and unpacks messages between schools."""

    def address(self, school: str) -> str:
        """The school's public transfer key, which follows from its name."""
        found: str = _letters().address(_ring(), school)
        return found

    def pack(self, school: str, letter: Letter) -> str:  # noqa: ARG002 - the letter says which school sends it
        """The letter as a message for its receiver."""
        found: str = _letters().pack(_ring(), letter)
        return found

    def unpack(self, school: str, message: str | bytes) -> Letter:
        """The letter in a message for this school."""
        found: Letter = _letters().unpack(_ring(), school, message)
        return found

    def digest(self, message: str | bytes) -> str:
        """The digest of a message."""
        found: str = _letters().digest(message)
        return found


def _letters() -> Any:  # noqa: ANN401 - a module; a store in memory loads no SQL before a message is made
    return import_module("casework.store.letters")


def _ring() -> Any:  # noqa: ANN401 - a key ring
    return import_module("casework.store.keyring").KeyRing.without_secrecy()
