"""Sealed text: AES-256-GCM under a key of the child's own, which is wrapped by the host's ring.

The reference to a text is a keyed commitment to it (HMAC-SHA256 under the child's key over its kind and words, 16
bytes). So history can vouch for text that has been erased, and the same text of the same kind about the same child is
one row: correcting twice to the same words is harmless. Who holds the ring can see that two notes of a child are equal.
"""

from hashlib import sha256
from hmac import compare_digest, digest
from secrets import token_bytes

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.errors import Tampered
from casework.store.keyring import KeyRing

NONCE = 12
REF = 16
KEY = 32


def _aad(*parts: str) -> bytes:
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


@frozen(eq=False)
class ChildKey:
    """The key of one child, open in memory for as long as a transaction; ``wrapped`` is how it is stored, if it is."""

    school: str
    child: str
    ring: int
    key: bytes = field(repr=False)
    secret: bool = True
    wrapped: bytes | None = field(default=None, repr=False)

    @classmethod
    def new(cls, ring: KeyRing, school: str, child: str) -> "ChildKey":
        """A new key; without secrecy one that follows from the names."""
        key = token_bytes(KEY) if ring.secret else sha256(_aad("child", school, child)).digest()
        return cls(school, child, ring.number, key, ring.secret)

    @classmethod
    def unwrap(cls, ring: KeyRing, school: str, child: str, number: int, wrapped: bytes) -> "ChildKey":
        """The key that was wrapped; raises `Tampered` where the ring does not open it."""
        nonce, kept = wrapped[:NONCE], wrapped[NONCE:]
        try:
            key = AESGCM(ring.wrap_key(number)).decrypt(nonce, kept, _aad("key", school, child))
        except (InvalidTag, ValueError):
            raise Tampered(
                "a child's key does not open: it was changed, or the ring is not the one the store was written with"
            ) from None
        return cls(school, child, number, key, bool(number), wrapped)

    def wrap(self, ring: KeyRing) -> bytes:
        """The key as it is stored: 60 bytes that the ring alone opens."""
        nonce = token_bytes(NONCE)
        return nonce + AESGCM(ring.wrap_key(self.ring)).encrypt(nonce, self.key, _aad("key", self.school, self.child))

    def commit(self, kind: str, text: str) -> bytes:
        """The reference to a text: 16 bytes that tell nothing without the key."""
        return digest(self.key, _aad("ref", kind, text), "sha256")[:REF]

    def seal(self, kind: str, ref: bytes, text: str) -> tuple[bytes, bytes]:
        """Nonce and ciphertext; without secrecy no nonce and the text itself."""
        if not self.secret:
            return b"", text.encode()
        nonce = token_bytes(NONCE)
        return nonce, AESGCM(self.key).encrypt(nonce, text.encode(), self._about(kind, ref))

    def open(self, kind: str, ref: bytes, nonce: bytes, ciphertext: bytes) -> str:
        """The text; raises `Tampered` unless it is the one that the reference was made of."""
        try:
            kept = AESGCM(self.key).decrypt(nonce, ciphertext, self._about(kind, ref)) if nonce else ciphertext
            text = kept.decode()
        except (InvalidTag, ValueError):
            raise Tampered(f"sealed text {ref.hex()} does not open: it was changed or moved") from None
        if bool(nonce) != self.secret or not compare_digest(self.commit(kind, text), ref):
            raise Tampered(f"sealed text {ref.hex()} is not what its reference was made of")
        return text

    def _about(self, kind: str, ref: bytes) -> bytes:
        return _aad("text", self.school, self.child, kind, ref.hex())
