"""The host's key ring: the keys under which every child's own key, and the chain of history, are kept.

A ring comes from a small JSON file that only its owner may read, from an environment variable, or key by key from a
service of the host's. Without it, sealed text cannot be opened by anybody. `casework.store.ring_file` changes a file.
"""

import json
import os
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from hmac import digest
from pathlib import Path
from secrets import token_bytes

from attrs import evolve, field, frozen
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework import log
from casework.errors import KeyRingError, check_kind

FORMAT = 1
WITH_RETIRED = 2
"""The form of a ring that keeps what left it, or what was erased; earlier releases refuse it, not to forget that."""
LENGTH = 32
LAST = 1 << 15
_RECEIPT = 16
_KNOWN_TO_ALL = b"casework keeps no secret here...."[:LENGTH]
_SPOILT = (ValueError, TypeError, LookupError, AttributeError, RecursionError)

Service = Callable[[int], bytes]
"""A key service: from a number to the 32 bytes of that key."""
Stamp = tuple[int, int, int]
"""What a file looked like when it was read: its inode, its size, when it was changed (ns)."""


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), LENGTH, salt=None, info=f"casework/{purpose}/1".encode()).derive(key)


class _Served(Mapping[int, bytes]):
    """The keys 1 to ``active`` of a service, each asked for when it is needed."""

    def __init__(self, ask: Service, active: int) -> None:
        self._ask = ask
        self._active = active

    def __getitem__(self, number: int) -> bytes:
        if not 0 < number <= self._active:
            raise KeyError(number)
        try:
            key = self._ask(number)
        except Exception as error:
            raise KeyRingError(
                f"the key service did not give key {number} ({type(error).__name__}); see that it answers, then repeat"
            ) from error
        if not isinstance(key, bytes) or len(key) != LENGTH:
            raise KeyRingError(f"the key service gave something else than {LENGTH} bytes for key {number}")
        return key

    def __contains__(self, number: object) -> bool:
        return number in range(1, self._active + 1)

    def __iter__(self) -> Iterator[int]:
        return iter(range(1, self._active + 1))

    def __len__(self) -> int:
        return self._active


@frozen(eq=False, slots=False)
class KeyRing:
    """Several keys of 32 bytes by number, one of them active: new text is sealed under it, older text still opens.

    Make one with `KeyRing.create` or `KeyRing.generate`; read one with `KeyRing.load`, `KeyRing.from_environment` or
    `KeyRing.from_service`. ``retired`` are the chain keys of keys that left: history written under them can still be
    verified, but nothing that they wrapped can be opened. ``erased`` are the receipts of children's keys that were
    destroyed, so that a restored backup does not bring them back. ``secret`` is False for `KeyRing.without_secrecy`.
    """

    active: int
    keys: Mapping[int, bytes] = field(repr=False)
    secret: bool = True
    retired: Mapping[int, bytes] = field(factory=dict, repr=False)
    erased: frozenset[str] = field(default=frozenset(), repr=lambda found: str(len(found)))
    path: Path | None = None
    stamp: Stamp | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        known = self.active in self.keys and self.active not in self.retired
        lengths = () if isinstance(self.keys, _Served) else (*self.keys.values(), *self.retired.values())
        if not known or any(len(key) != LENGTH for key in lengths):
            raise KeyRingError(
                "a key ring holds keys of 32 bytes, one of them active; restore the file from its backup"
            )
        if not all(0 < number < LAST for number in (self.active, *self.retired, *self.keys)):
            raise KeyRingError("the keys of a ring are numbered from 1 to 32767; restore the file from its backup")

    # ------------------------------------------------------------------------------------------- where it is from

    @classmethod
    def generate(cls) -> "KeyRing":
        """A new ring in memory, with one key; lost when the program ends."""
        return cls(1, {1: token_bytes(LENGTH)})

    @classmethod
    def create(cls, path: str | Path) -> "KeyRing":
        """Make a new ring and write it to ``path``, readable by its owner alone; an existing file is never touched."""
        ring = cls.generate()
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
            file.write(ring.text())
            file.flush()
            os.fsync(file.fileno())
        return cls.load(path)

    @classmethod
    def load(cls, path: str | Path) -> "KeyRing":
        """Read a ring that `create` wrote. Raises `KeyRingError`, which never shows what the file holds.

        Stores look whether the file has changed since, before each transaction, so that a key which another program
        added is known here too.
        """
        where = Path(path)
        try:
            stamp = _stamp(where)
            text = where.read_text(encoding="ascii")
        except OSError as error:
            raise KeyRingError(
                f"{path} cannot be read ({error.strerror}); restore it from a copy: nothing else opens what it sealed"
            ) from None
        except ValueError:
            text = ""
        return evolve(cls._read(text, str(path), "restore it from its backup"), path=where, stamp=stamp)

    @classmethod
    def from_environment(cls, name: str, *, erased: Iterable[str] = ()) -> "KeyRing":
        """The ring that an environment variable holds: what stands in the file of a ring, as it is or in base64.

        ``erased`` are receipts of erasures that the host keeps elsewhere. Raises `KeyRingError`, which never shows what
        the variable holds.
        """
        given = os.environ.get(name, "")
        if not given:
            raise KeyRingError(f"the environment has no {name}; let it hold what stands in the file of a key ring")
        text = given.strip()
        if not text.startswith("{"):
            try:
                text = b64decode("".join(text.split()), validate=True).decode("ascii")
            except (NotBase64, ValueError):
                text = ""
        mend = "let it hold what stands in the file of a key ring, as it is or in base64"
        return cls._read(text, f"the environment's {name}", mend).remembering(erased)

    @classmethod
    def from_service(
        cls, ask: Service, *, active: int, retired: Mapping[int, bytes] | None = None, erased: Iterable[str] = ()
    ) -> "KeyRing":
        """A ring whose keys 1 to ``active`` a service of the host's holds: ``ask(number)`` gives the 32 bytes of one.

        Each key is asked for when it is first needed, and what follows from it is kept as long as the ring: make the
        ring once, with the application. ``retired`` are the chain keys (`chain_key`) of keys that the service no longer
        gives, ``erased`` receipts of erasures. Raises `KeyRingError` when the service fails or gives something else.
        """
        check_kind(active, int, "active=", "the number of a key, counted from 1")
        left = dict(retired or {})
        return cls(active, _Served(ask, active), retired=left, erased=frozenset(erased))

    @classmethod
    def without_secrecy(cls) -> "KeyRing":
        """No secrecy, asked for by name: text is stored readable, and history is chained under a key that all know.

        For demonstrations with invented children only; ``casework doctor`` says that a store was written so.
        """
        return cls(1, {1: _KNOWN_TO_ALL}, secret=False)

    @classmethod
    def _read(cls, text: str, where: str, mend: str) -> "KeyRing":
        try:
            found = json.loads(text)
            form, active = found["casework_keyring"], int(found["active"])
            keys = {int(number): bytes.fromhex(key) for number, key in found["keys"].items()}
            retired = {int(number): bytes.fromhex(key) for number, key in found.get("retired", {}).items()}
            erased = frozenset(map(str, found.get("erased", ())))
        except _SPOILT:
            raise KeyRingError(f"{where} is no key ring; {mend}") from None
        if form not in {FORMAT, WITH_RETIRED}:
            raise KeyRingError(f"{where} is a key ring of a later release; upgrade casework")
        return cls(active, keys, retired=retired, erased=erased)

    def text(self) -> str:
        """The ring as JSON, for a file or a variable: whoever has it can open what is sealed."""
        said: dict[str, object] = {"casework_keyring": FORMAT, "active": self.active, "keys": _hex(self._held())}
        if self.retired or self.erased:
            said |= {
                "casework_keyring": WITH_RETIRED,
                "retired": _hex(self.retired),
                "erased": sorted(self.erased),
            }
        return json.dumps(said, indent=2) + "\n"

    def current(self) -> "KeyRing":
        """The ring as its file holds it now; the same value while the file is the same, or while it cannot be read.

        A report of danger is not lost because somebody spoilt the file meanwhile.
        """
        if self.path is None:
            return self
        try:
            if _stamp(self.path) == self.stamp:
                return self
            return KeyRing.load(self.path)
        except (OSError, KeyRingError) as error:
            log.warning("keyring_unreadable", error=type(error).__name__)
            return self

    # --------------------------------------------------------------------------------------------- another ring

    def with_key(self, key: bytes | None = None, *, activate: bool = True) -> "KeyRing":
        """This ring with one more key, a new one by default; active unless other programs have to learn of it first."""
        number = max((*self.keys, *self.retired)) + 1
        keys = {**self._held(), number: token_bytes(LENGTH) if key is None else key}
        return evolve(self, keys=keys, active=number if activate else self.active)

    def with_active(self, number: int) -> "KeyRing":
        """This ring with that key active."""
        if number not in self._held():
            raise KeyRingError(f"the ring does not hold key {number}; it holds {', '.join(map(str, self.keys))}")
        return evolve(self, active=number)

    def without(self, number: int) -> "KeyRing":
        """This ring where of that key only its chain key is left: what it wrapped can never be opened again."""
        if number == self.active:
            raise KeyRingError(f"key {number} is active; add another first, and wrap the children's keys anew")
        if number not in self._held():
            raise KeyRingError(f"the ring does not hold key {number}; it holds {', '.join(map(str, self.keys))}")
        keys = {k: key for k, key in self._held().items() if k != number}
        return evolve(self, keys=keys, retired={**self.retired, number: self.chain_key(number)})

    def remembering(self, receipts: Iterable[str]) -> "KeyRing":
        """This ring, which refuses the keys of these erasures for good."""
        new = frozenset(receipts) - self.erased
        return evolve(self, erased=self.erased | new) if new else self

    def _held(self) -> Mapping[int, bytes]:
        """The keys themselves. Raises `KeyRingError` where nothing is secret, or a service holds them."""
        if isinstance(self.keys, _Served) or not self.secret:
            raise KeyRingError(
                "the keys of this ring are not its own to change; add or take them away at the key service, and make "
                "the ring anew with KeyRing.from_service(…, active=…, retired=…)"
            )
        return self.keys

    # -------------------------------------------------------------------------------------------- what it is for

    @property
    def number(self) -> int:
        """The number under which rows name the key they were written with; 0 where nothing is secret."""
        return self.active if self.secret else 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every number under which rows of history may name a key, the active one first; retired ones too."""
        others = [k for k in (*self.keys, *self.retired) if self.secret and k != self.active]
        return (self.number, *dict.fromkeys(others))

    def opens(self, number: int) -> bool:
        """Tell whether the ring may open what that key wrapped."""
        return number in self.keys and number not in self.retired if self.secret else number == 0

    def chain_key(self, number: int) -> bytes:
        """The key of the chain of history for a row's number. Raises `KeyRingError` for one that is missing."""
        return self._key("chain", number)

    def wrap_key(self, number: int) -> bytes:
        """The key that wraps the keys of children. Raises `KeyRingError` for one that is missing or retired."""
        return self._key("wrap", number)

    def receipt(self, key: bytes) -> str:
        """What stands for a child's key that is to be destroyed: a keyed digest, which tells nothing of the child."""
        return self._receipt(self.number, key)

    def is_erased(self, key: bytes) -> bool:
        """Tell whether a child's key was destroyed, so that it must not be used, wherever it comes from."""
        if not self.erased:
            return False
        return any(self._receipt(number, key) in self.erased for number in self._erased_under)

    @cached_property
    def _erased_under(self) -> tuple[int, ...]:
        """The numbers of the keys under which receipts were written."""
        written = {receipt.partition(".")[0] for receipt in self.erased}
        return tuple(number for number in self.numbers if str(number) in written)

    def _receipt(self, number: int, key: bytes) -> str:
        return f"{number}.{digest(self._key('erased', number), key, 'sha256')[:_RECEIPT].hex()}"

    @cached_property
    def _derived(self) -> dict[tuple[str, int], bytes]:
        """What was derived so far, by purpose and number."""
        return {}

    def _key(self, what: str, number: int) -> bytes:
        found = self._derived.get((what, number))
        if found is None:
            self._work_out(number)
            found = self._derived.get((what, number))
        if found is None:
            if number in self.retired:
                raise KeyRingError(f"key {number} has left the ring: what it wrapped cannot be opened any more")
            mend = "add it to the ring" if number else "open the store with KeyRing.without_secrecy()"
            raise KeyRingError(f"the ring does not hold key {number}, under which this was written; {mend}") from None
        return found

    def _work_out(self, number: int) -> None:
        chain = self.retired.get(number)
        held = number if self.secret else 1 - number
        if chain is None and held in self.keys:
            key = self.keys[held]
            chain = _derive(key, "chain")
            self._derived["wrap", number] = _derive(key, "wrap")
        if chain is not None:
            self._derived["chain", number] = chain
            self._derived["erased", number] = _derive(chain, "erased")


def _hex(keys: Mapping[int, bytes]) -> dict[str, str]:
    return {str(number): key.hex() for number, key in sorted(keys.items())}


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
