"""Sealed text: AES-256-GCM under a key of the child's own, which is wrapped by the host's ring.

A child has two keys. The reference to a text is a keyed commitment to it (HMAC-SHA256 under the child's commitment key
over its kind and words, 16 bytes). So history can vouch for text that has been erased, and the same text of the same
kind about the same child is one row: correcting twice to the same words is harmless. Who holds the ring can see that
two notes of a child are equal. The commitment key never changes, since the chain covers references; the content key,
under which the text itself is sealed, may be made anew, generation by generation. Generation 0 is what releases before
that wrote: there the commitment key seals the text too.
"""

from hashlib import sha256
from hmac import compare_digest, digest
from secrets import token_bytes
from typing import Any

from attrs import evolve, field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.errors import KeyDestroyed, Tampered
from casework.store.keyring import KeyRing

NONCE = 12
REF = 16
KEY = 32


def aad(*parts: str) -> bytes:
    """What a ciphertext is bound to, as bytes that no other parts make."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


Stored = tuple[int, bytes, int, bytes, int]
"""A child's keys as columns: the ring's key, wrapped commitment key, generation, wrapped content key, since when."""


@frozen(eq=False)
class ChildKey:
    """The keys of one child, open in memory for as long as a transaction; ``wrapped`` is how they are stored, if so.

    ``key`` makes references, ``content`` seals texts since the instant ``since`` (µs); None where ``key`` does both.
    """

    school: str
    child: str
    ring: int
    key: bytes = field(repr=False)
    secret: bool = True
    wrapped: bytes | None = field(default=None, repr=False)
    generation: int = 0
    content: bytes | None = field(default=None, repr=False)
    since: int = 0

    @classmethod
    def new(cls, ring: KeyRing, school: str, child: str) -> "ChildKey":
        """New keys; without secrecy one that follows from the names."""
        if not ring.secret:
            return cls(school, child, 0, sha256(aad("child", school, child)).digest(), secret=False)
        first, second = token_bytes(KEY), token_bytes(KEY)
        return cls(school, child, ring.number, first, generation=1, content=second)

    @classmethod
    def unwrap(
        cls,
        ring: KeyRing,
        school: str,
        child: str,
        number: int,
        wrapped: bytes,
        *rest: Any,  # noqa: ANN401 - generation, wrapped content key, since; none of them before there were any
        destroyed: bool = False,
    ) -> "ChildKey":
        """The keys that were wrapped, from the columns of a row; ``destroyed`` takes those as well that were destroyed.

        Raises `Tampered` where the ring does not open them, `KeyDestroyed` for destroyed ones, `KeyRingError` where the
        ring does not hold the key any more.
        """
        generation, kept, since = rest or (0, b"", 0)
        with_ring = AESGCM(ring.wrap_key(number))
        try:
            key = with_ring.decrypt(wrapped[:NONCE], wrapped[NONCE:], aad("key", school, child))
            content = None
            if generation or kept or since:
                about = aad("content", school, child, str(generation), str(since))
                content = with_ring.decrypt(kept[:NONCE], kept[NONCE:], about)
        except (InvalidTag, ValueError):
            raise Tampered(
                "a child's key does not open: it was changed, or the ring is not the one the store was written with"
            ) from None
        if not destroyed and ring.is_erased(key):
            raise KeyDestroyed(
                "a child's key was destroyed, and is back from a copy of the database: `casework sweep` erases it again"
            )
        return cls(school, child, number, key, bool(number), wrapped, generation, content, since)

    def wrap(self, ring: KeyRing) -> bytes:
        """The commitment key as it is stored: 60 bytes that the ring alone opens."""
        return self._wrapped(ring, self.key, "key", self.school, self.child)

    def stored(self, ring: KeyRing) -> Stored:
        """The columns of a row that holds the keys, wrapped by the key of the ring that ``ring`` names."""
        kept = b""
        if self.content is not None:
            about = (self.school, self.child, str(self.generation), str(self.since))
            kept = self._wrapped(ring, self.content, "content", *about)
        return self.ring, self.wrap(ring), self.generation, kept, self.since

    def under(self, ring: KeyRing) -> "ChildKey":
        """The same keys, to be wrapped by the ring's active key."""
        return evolve(self, ring=ring.number, wrapped=None) if self.secret else self

    def renewed(self, since: int) -> "ChildKey":
        """The same child with a new content key, of the next generation; what is sealed has to be sealed anew."""
        return evolve(self, generation=self.generation + 1, content=token_bytes(KEY), since=since, wrapped=None)

    def _wrapped(self, ring: KeyRing, key: bytes, *about: str) -> bytes:
        nonce = token_bytes(NONCE)
        return nonce + AESGCM(ring.wrap_key(self.ring)).encrypt(nonce, key, aad(*about))

    def commit(self, kind: str, text: str) -> bytes:
        """The reference to a text: 16 bytes that tell nothing without the key."""
        return digest(self.key, aad("ref", kind, text), "sha256")[:REF]

    def seal(self, kind: str, ref: bytes, text: str) -> tuple[bytes, bytes]:
        """Nonce and ciphertext; without secrecy no nonce and the text itself."""
        if not self.secret:
            return b"", text.encode()
        nonce = token_bytes(NONCE)
        return nonce, AESGCM(self.content or self.key).encrypt(nonce, text.encode(), self._about(kind, ref))

    def open(self, kind: str, ref: bytes, nonce: bytes, ciphertext: bytes) -> str:
        """The text; raises `Tampered` unless it is the one that the reference was made of."""
        try:
            with_key = AESGCM(self.content or self.key)
            kept = with_key.decrypt(nonce, ciphertext, self._about(kind, ref)) if nonce else ciphertext
            text = kept.decode()
        except (InvalidTag, ValueError):
            raise Tampered(f"sealed text {ref.hex()} does not open: it was changed or moved") from None
        if bool(nonce) != self.secret or not compare_digest(self.commit(kind, text), ref):
            raise Tampered(f"sealed text {ref.hex()} is not what its reference was made of")
        return text

    def _about(self, kind: str, ref: bytes) -> bytes:
        generation = (str(self.generation),) if self.generation else ()
        return aad("text", self.school, self.child, kind, ref.hex(), *generation)
