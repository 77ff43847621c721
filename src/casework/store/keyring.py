"""The host's key ring: the keys under which every child's own key, and the chain of history, are kept.

A ring is a small JSON file that only its owner may read. Without it, sealed text cannot be opened by anybody.
"""

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from secrets import token_bytes

from attrs import field, frozen
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.errors import KeyRingError

FORMAT = 1
LENGTH = 32
_KNOWN_TO_ALL = b"casework keeps no secret here...."[:LENGTH]


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), LENGTH, salt=None, info=f"casework/{purpose}/1".encode()).derive(key)


@frozen(eq=False, slots=False)
class KeyRing:
    """Several keys of 32 bytes by number, one of them active: new text is sealed under it, older text still opens.

    Make one with `KeyRing.create` or `KeyRing.generate`, read one with `KeyRing.load`. ``secret`` is False for
    `KeyRing.without_secrecy`.
    """

    active: int
    keys: Mapping[int, bytes] = field(repr=False)
    secret: bool = True

    def __attrs_post_init__(self) -> None:
        if self.active not in self.keys or any(len(key) != LENGTH for key in self.keys.values()):
            raise KeyRingError(
                "a key ring holds keys of 32 bytes, one of them active; restore the file from its backup"
            )
        if not all(0 < number < 1 << 15 for number in self.keys):
            raise KeyRingError("the keys of a ring are numbered from 1 to 32767; restore the file from its backup")

    @classmethod
    def generate(cls) -> "KeyRing":
        """A new ring in memory, with one key; lost when the program ends."""
        return cls(1, {1: token_bytes(LENGTH)})

    @classmethod
    def create(cls, path: str | Path) -> "KeyRing":
        """Make a new ring and write it to ``path``, readable by its owner alone; an existing file is never touched."""
        ring = cls.generate()
        text = json.dumps(
            {
                "casework_keyring": FORMAT,
                "active": ring.active,
                "keys": {str(k): v.hex() for k, v in ring.keys.items()},
            },
            indent=2,
        )
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyRingError(
                f"{path} exists already; load it with KeyRing.load, or give another path: a lost key opens nothing"
            ) from None
        except OSError as error:
            raise KeyRingError(
                f"{path} cannot be written ({error.strerror}); give a path in a folder of yours"
            ) from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        return ring

    @classmethod
    def load(cls, path: str | Path) -> "KeyRing":
        """Read a ring that `create` wrote. Raises `KeyRingError`, which never shows what the file holds."""
        try:
            found = json.loads(Path(path).read_text(encoding="ascii"))
            form, active = found["casework_keyring"], int(found["active"])
            keys = {int(number): bytes.fromhex(key) for number, key in found["keys"].items()}
        except OSError as error:
            raise KeyRingError(
                f"{path} cannot be read ({error.strerror}); restore it from a copy: nothing else opens what it sealed"
            ) from None
        except (ValueError, TypeError, LookupError, AttributeError):
            raise KeyRingError(f"{path} is no key ring; restore it from its backup") from None
        if form != FORMAT:
            raise KeyRingError(f"{path} is a key ring of a later release; upgrade casework")
        return cls(active, keys)

    @classmethod
    def without_secrecy(cls) -> "KeyRing":
        """No secrecy, asked for by name: text is stored readable, and history is chained under a key that all know.

        For demonstrations with invented children only; ``casework doctor`` says that a store was written so.
        """
        return cls(1, {1: _KNOWN_TO_ALL}, secret=False)

    @property
    def number(self) -> int:
        """The number under which rows name the key they were written with; 0 where nothing is secret."""
        return self.active if self.secret else 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every number under which rows may name a key, the active one first."""
        return (self.number, *(k for k in self.keys if self.secret and k != self.active))

    def chain_key(self, number: int) -> bytes:
        """The key of the chain of history for a row's number. Raises `KeyRingError` for one that is missing."""
        return self._key("chain", number)

    def wrap_key(self, number: int) -> bytes:
        """The key that wraps the keys of children. Raises `KeyRingError` for one that is missing."""
        return self._key("wrap", number)

    @cached_property
    def _derived(self) -> Mapping[tuple[str, int], bytes]:
        numbers = {number if self.secret else 0: key for number, key in self.keys.items()}
        return {(what, k): _derive(key, what) for k, key in numbers.items() for what in ("chain", "wrap")}

    def _key(self, what: str, number: int) -> bytes:
        try:
            return self._derived[what, number]
        except KeyError:
            mend = "add it to the ring" if number else "open the store with KeyRing.without_secrecy()"
            raise KeyRingError(f"the ring does not hold key {number}, under which this was written; {mend}") from None
