"""Deterministic ids: the same happening in the same world has the same id, so runs can be compared."""

from base64 import b32encode
from collections.abc import Container
from hashlib import blake2b
from re import compile as compiled

from casework.errors import CommandRefused

_UNWRITABLE = compiled("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def check_writable(*ids: str) -> None:
    """Raise `CommandRefused` for an id of the host's that holds a control character or half a character."""
    for given in ids:
        if _UNWRITABLE.search(given):
            raise CommandRefused(f"{_shown(given)} holds a control character or half a character; give it without")


def _shown(given: str) -> str:
    """The id with what cannot be written spelt out, unless it may be a text that went astray."""
    plain = _UNWRITABLE.sub("", given)
    return f"the id {given[:40]!a}" if plain.isascii() and " " not in plain else "an id"


def short_id(*parts: object, taken: Container[str] = ()) -> str:
    """Eight letters and digits from ``parts``; the next free one when that is ``taken``.

    Nothing counts up in them, so that an id never tells how much a reader may not see.
    """
    k = 0
    while True:
        text = "\x1f".join(map(str, (*parts, k)))
        found = b32encode(blake2b(text.encode(), digest_size=5).digest()).decode().lower()
        if found not in taken:
            return found
        k += 1
