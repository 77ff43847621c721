"""Messages between two schools: sealed for the receiver, signed by the sender, under keys that follow from the ring.

Each school has a pair of keys to seal (X25519) and one to sign (Ed25519), derived from each key of its ring and its
name. The public halves together are its transfer key, which is handed over by another way than the messages. A message
is sealed under a key that is agreed anew each time (an X25519 key made for it, HKDF-SHA256, AES-256-GCM over its open
head), and signed whole. So nobody but the receiver reads it, nobody but the sender made it, and no byte of it changes.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from attrs import frozen
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.errors import CommandRefused, Tampered
from casework.model.move import Message, Peer
from casework.store.keyring import KeyRing

FORMAT = 1
MARK = "cw1-"
LONGEST = 12_000_000
"""The most bytes of a message; one that is larger is refused unread."""
KINDS = ("package", "receipt", "refusal", "withdrawal")
_LENGTH = 32
_NONCE = 12
_LONGEST_NAME = 64
_HEAD = ("casework_transfer", "kind", "id", "sender", "sender_key", "receiver", "receiver_key")
_BODY = ("ephemeral", "nonce", "sealed")
_NAMES = {*_HEAD, *_BODY, "signature"}


@frozen
class Keys:
    """One school's private transfer keys under one key of its ring."""

    seal: X25519PrivateKey
    sign: Ed25519PrivateKey

    @classmethod
    def of(cls, ring: KeyRing, number: int, school: str) -> "Keys":
        """The keys that follow from the ring and the school's name."""
        root = ring.chain_key(number)

        def derived(what: str) -> bytes:
            info = f"casework/transfer/{what}/1/".encode() + school.encode()
            return HKDF(SHA256(), _LENGTH, salt=None, info=info).derive(root)

        return cls(
            X25519PrivateKey.from_private_bytes(derived("seal")), Ed25519PrivateKey.from_private_bytes(derived("sign"))
        )

    @property
    def address(self) -> str:
        """The public halves, to be handed to other schools."""
        return MARK + _text(self.seal.public_key().public_bytes_raw() + self.sign.public_key().public_bytes_raw())


def address(ring: KeyRing, school: str) -> str:
    """The school's public transfer key under the active key of its ring."""
    return Keys.of(ring, ring.number, school).address


def enclose(ring: KeyRing, letter: Message) -> str:
    """The letter as a message for its receiver. Raises `CommandRefused` for a receiver's key that is none."""
    mine = _mine(ring, letter.sender)
    if mine is None:
        raise CommandRefused("the message is asked for under a transfer key that this school's ring does not hold")
    seal_to, _ = public(letter.receiver.key)
    once = X25519PrivateKey.generate()
    nonce = token_bytes(_NONCE)
    head = {
        "casework_transfer": FORMAT,
        "kind": letter.kind,
        "id": letter.id,
        "sender": letter.sender.school,
        "sender_key": letter.sender.key,
        "receiver": letter.receiver.school,
        "receiver_key": letter.receiver.key,
    }
    try:
        key = _agreed(once.exchange(seal_to), once.public_key(), seal_to)
    except ValueError:
        raise CommandRefused("the receiver's transfer key is a point that nobody may use; ask for it again") from None
    body = {
        "ephemeral": _text(once.public_key().public_bytes_raw()),
        "nonce": _text(nonce),
        "sealed": _text(AESGCM(key).encrypt(nonce, letter.text.encode(), _canonical(head))),
    }
    signature = _text(mine.sign.sign(_canonical({**head, **body})))
    return json.dumps({**head, **body, "signature": signature}, indent=1) + "\n"


def disclose(ring: KeyRing, school: str, message: str | bytes) -> Message:
    """The letter that a message for this school holds.

    Raises `Tampered` where a byte of it was changed or it is for another school, `CommandRefused` for what is no
    message of casework's. Whose key signed it stands in the letter: the caller knows whom to trust.
    """
    found = _read(message)
    head = {name: found[name] for name in _HEAD}
    sender, receiver = Peer(found["sender"], found["sender_key"]), Peer(found["receiver"], found["receiver_key"])
    if receiver.school != school:
        raise CommandRefused(f"the message is for the school {receiver.school[:64]}, not for {school}")
    mine = _mine(ring, receiver)
    if mine is None:
        raise CommandRefused(
            "the message is sealed for a transfer key that this ring does not hold; give the sender the present one: "
            "`casework transfer address`"
        )
    _, signed_by = public(sender.key)
    try:
        signed = {**head, **{name: found[name] for name in _BODY}}
        signed_by.verify(_bytes(found["signature"]), _canonical(signed))
        once = X25519PublicKey.from_public_bytes(_bytes(found["ephemeral"]))
        key = _agreed(mine.seal.exchange(once), once, mine.seal.public_key())
        text = AESGCM(key).decrypt(_bytes(found["nonce"]), _bytes(found["sealed"]), _canonical(head)).decode()
    except (InvalidSignature, InvalidTag, ValueError):
        raise Tampered("the message was changed on its way, or is not its sender's; ask for it again") from None
    return Message(found["kind"], found["id"], sender, receiver, text, sha256(_canonical(found)).hexdigest())


def digest(message: str | bytes) -> str:
    """The digest of a message, however its JSON is laid out. Raises `CommandRefused` for what is none."""
    return sha256(_canonical(_read(message))).hexdigest()


def public(key: str) -> tuple[X25519PublicKey, Ed25519PublicKey]:
    """The two public keys in a transfer key. Raises `CommandRefused` for text that is none."""
    try:
        raw = _bytes(key.removeprefix(MARK)) if key.startswith(MARK) else b""
        seal, sign = raw[:_LENGTH], raw[_LENGTH:]
        return X25519PublicKey.from_public_bytes(seal), Ed25519PublicKey.from_public_bytes(sign)
    except ValueError:
        raise CommandRefused(
            f"a transfer key begins with {MARK} and has 90 characters; copy the other school's whole key"
        ) from None


def _mine(ring: KeyRing, who: Peer) -> Keys | None:
    """This school's private keys for one of its public ones: of the active key of the ring, or an earlier one."""
    every = (Keys.of(ring, number, who.school) for number in ring.numbers)
    return next((keys for keys in every if keys.address == who.key), None)


def _agreed(shared: bytes, once: X25519PublicKey, receiver: X25519PublicKey) -> bytes:
    salt = once.public_bytes_raw() + receiver.public_bytes_raw()
    return HKDF(SHA256(), _LENGTH, salt=salt, info=b"casework/transfer/message/1").derive(shared)


def _read(message: str | bytes) -> dict[str, Any]:
    """The fields of a message, all of them text but the number of its format."""
    none = "this is no message of casework's; give the file as the other school wrote it"
    if len(message) > LONGEST:
        raise CommandRefused(f"a message has at most {LONGEST} bytes; this one is refused unread")
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        raise CommandRefused(none) from None
    if not isinstance(found, dict) or "casework_transfer" not in found:
        raise CommandRefused(none)
    if found["casework_transfer"] != FORMAT or type(found["casework_transfer"]) is not int:
        raise CommandRefused("the message is of a later release; upgrade casework")
    named = [found.get(name) for name in ("id", "sender", "receiver")]
    if any(not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME for name in named):
        raise CommandRefused(none)
    texts = [found.get(name) for name in _NAMES - {"casework_transfer"}]
    if set(found) != _NAMES or not all(isinstance(value, str) for value in texts) or found["kind"] not in KINDS:
        raise CommandRefused(none)
    return found


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """The bytes of a text; ValueError unless it is written in the one way that we write them."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(raw) != text:
        raise ValueError("not written as casework writes it")
    return raw
