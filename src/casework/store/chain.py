"""The chain of history: each entry carries a keyed mark over itself and the entry before, each record a sealed head.

The head covers how many entries there are, the last mark, and when the record is looked at next, so that neither a
history cut short nor an alarm put off goes unnoticed. The school has one over the number of its records and what it
runs on. What none of them can prove is that a record is not an older copy of itself as a whole: that takes an anchor
kept elsewhere (`casework.store.anchor`).
"""

from hmac import digest
from struct import pack
from uuid import UUID

from casework.store.types import to_json

MAC = 16
START = bytes(MAC)
"""What stands in for the entry before the first."""

HMAC_SHA256 = 1
"""The number of the algorithm in ``casework_entries.alg``: HMAC-SHA256, cut to 16 bytes."""


Said = tuple[int, int, str, str, bytes | None, bytes]
"""What an entry says: seq, at (µs), actor, idempotency key, digest of what was asked under it, body."""


Looks = tuple[int | None, int | None]
"""A record's next look and its next alarm, in µs."""

_NEVER = -(1 << 63)


def entry_mac(key: bytes, ring: int, case: UUID, said: Said, before: bytes) -> bytes:
    """The mark of an entry. ``case`` is the public id, which follows from the school and the child."""
    seq, at, actor, idem, asked, body = said
    who, once, request = actor.encode(), idem.encode(), asked or b""
    head = pack(">BBhqqIIb", HMAC_SHA256, 1, ring, seq, at, len(who), len(once), -1 if asked is None else len(asked))
    return digest(key, head + case.bytes + before + who + once + request + body, "sha256")[:MAC]


def head_mac(key: bytes, ring: int, case: UUID, version: int, last: bytes, looks: Looks) -> bytes:
    """The sealed head of a record: over the number of its entries, the last mark, and its next look and alarm."""
    wake, alarm = (_NEVER if at is None else at for at in looks)
    head = pack(">BBhq", HMAC_SHA256, 2, ring, version) + case.bytes + last + pack(">qq", wake, alarm)
    return digest(key, head, "sha256")[:MAC]


def school_mac(key: bytes, ring: int, *said: object) -> bytes:
    """The sealed head of a school: over its number, name, how many records were made, and what it runs on."""
    return digest(key, pack(">BBh", HMAC_SHA256, 4, ring) + to_json(said).encode(), "sha256")[:MAC]


def asked_mac(key: bytes, ring: int, case: UUID, asked: str) -> bytes:
    """The digest of what was asked under an idempotency key; without the key ring nobody can try what it may have been.

    Sealed text stands in ``asked`` as its reference, so after an erasure the ring alone does not help either.
    """
    return digest(key, pack(">BBh", HMAC_SHA256, 3, ring) + case.bytes + asked.encode(), "sha256")[:MAC]
