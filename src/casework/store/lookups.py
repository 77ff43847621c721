"""Blind indexes: children found by an exact phone or identity number, without any of them standing in the database.

A row holds a keyed digest of the number under a key of the school's own, which the key ring wraps: a new key in the
ring needs no new index. Rows follow the record: they go with a card that is replaced, and with erasure.
"""

from collections.abc import Sequence
from hmac import digest
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, bindparam, select

from casework.engine.port import Change
from casework.errors import CaseworkError, Tampered
from casework.model.identity import LOOKUPS, lookup_refs, normalised
from casework.store.columns import CODE
from casework.store.erasing import child_key
from casework.store.keyring import KeyRing
from casework.store.sealed import KEY, NONCE, ChildKey, aad
from casework.store.statements import SCHOOL, Values, of_record
from casework.store.work import Work, one

DIGEST = 16
Who = tuple[int, int]


def follow(work: Work, done: Sequence[tuple[Change, Who]]) -> None:
    """Write the rows of what these records are found by since their changes, and delete what they no longer are."""
    new: list[Values] = []
    old: list[Values] = []
    for change, who in done:
        if change.before.card is change.after.card and change.before.identity is change.after.identity:
            continue
        before, after = set(lookup_refs(change.before)), set(lookup_refs(change.after))
        old += [(*who, bytes.fromhex(ref)) for _, ref in before - after]
        added = after - before
        if added:
            texts = _texts(work, change, who, {ref for _, ref in added})
            found = [(what, normalised(what, texts[ref]), ref) for what, ref in sorted(added) if ref in texts]
            key = _index_key(work, change.after.school, who[0])
            new += [
                (who[0], what, _digest(key, what, text), who[1], bytes.fromhex(ref))
                for what, text, ref in found
                if text
            ]
    t = work.tables.lookups
    work.wire.many(work.statements.delete(t, ["school", "no", "ref"]), old)
    work.wire.many(work.statements.insert(t, ignoring=True), new)


def find(work: Work, school: str, what: str, text: str) -> list[tuple[str, str]]:
    """The children who are found by this number, by id, each with the reference to the text."""
    row = work.school(school)
    wanted = normalised(what, text)
    key = _stored(work, school, row.school) if row is not None and wanted else None
    if row is None or key is None:
        return []
    t, c = work.tables.lookups, work.tables.cases
    prepared = work.statements.get(
        "found by",
        ["school", "what", "digest"],
        lambda: (
            select(c.c.child, t.c.ref)
            .select_from(t.join(c, (c.c.school == t.c.school) & (c.c.no == t.c.no)))
            .where(
                t.c.school == SCHOOL,
                t.c.what == bindparam("what", type_=String(CODE)),
                t.c.digest == bindparam("digest", type_=LargeBinary),
            )
            .order_by(c.c.child, t.c.ref)
        ),
    )
    rows = work.wire.rows(prepared, (row.school, what, _digest(key, what, wanted)))
    return [(child, ref.hex()) for child, ref in rows]


def rewrap(work: Work, ring: KeyRing) -> list[str]:
    """Wrap the index keys of schools by the active key of the ring; returns the schools whose key does not open."""
    t, s = work.tables.indexes, work.tables.schools
    prepared = work.statements.get(
        "index keys", (), lambda: select(t.c.school, s.c.name, t.c.ring, t.c.wrapped).join_from(t, s)
    )
    new, left = list[Values](), list[str]()
    for school, name, number, wrapped in work.wire.rows(prepared):
        if number == ring.number:
            continue
        try:
            key = _unwrap(work.ring_with(number), name, number, wrapped)
        except CaseworkError:
            left.append(name)
            continue
        new.append((ring.number, _wrap(ring, name, key), school, wrapped))
    work.wire.many(work.statements.update(t, ["ring", "wrapped"], ["school", "wrapped"]), new)
    return left


def _texts(work: Work, change: Change, who: Who, refs: set[str]) -> dict[str, str]:
    """The texts by reference: those that were just sealed, and those that were sealed before."""
    case = change.after
    waiting = {text.ref.hex(): text.text for text in work.pending.get((case.school, case.child), ())}
    found = {ref: waiting[ref] for ref in refs if ref in waiting}
    if refs <= set(found):
        return found
    key = child_key(work, case.school, case.child)
    return found if key is None else found | _sealed(work, who, key, refs - set(found))


def _sealed(work: Work, who: Who, key: ChildKey, refs: set[str]) -> dict[str, str]:
    t = work.tables.sealed
    prepared = work.statements.get(
        "sealed for lookups",
        ["school", "no"],
        lambda: select(t.c.ref, t.c.kind, t.c.nonce, t.c.ciphertext).where(of_record(t)),
    )
    rows = work.wire.rows(prepared, who)
    return {
        ref.hex(): key.open(kind, ref, nonce, text)
        for ref, kind, nonce, text in rows
        if ref.hex() in refs and kind in LOOKUPS.values()
    }


def _index_key(work: Work, name: str, school: int) -> bytes:
    """The school's key for its indexes, made if there is none yet; whoever was first made it."""
    found = _stored(work, name, school)
    if found is None:
        ring = work.freshen()
        wrapped = _wrap(ring, name, token_bytes(KEY))
        work.wire.many(work.statements.insert(work.tables.indexes, ignoring=True), [(school, ring.number, wrapped)])
        found = _stored(work, name, school)
    if found is None:
        raise Tampered("the key of the school's index is gone; run `casework verify`")
    return found


def _stored(work: Work, name: str, school: int) -> bytes | None:
    t = work.tables.indexes
    prepared = work.statements.get(
        "index key", ["school"], lambda: select(t.c.ring, t.c.wrapped).where(t.c.school == SCHOOL)
    )
    row = one(work.wire.rows(prepared, (school,)))
    return None if row is None else _unwrap(work.ring_with(row[0]), name, *row)


def _wrap(ring: KeyRing, name: str, key: bytes) -> bytes:
    nonce = token_bytes(NONCE)
    return nonce + AESGCM(ring.wrap_key(ring.number)).encrypt(nonce, key, aad("index", name))


def _unwrap(ring: KeyRing, name: str, number: int, wrapped: bytes) -> bytes:
    try:
        return AESGCM(ring.wrap_key(number)).decrypt(wrapped[:NONCE], wrapped[NONCE:], aad("index", name))
    except (InvalidTag, ValueError):
        raise Tampered("the key of the school's index does not open: it was changed, or is of another ring") from None


def _digest(key: bytes, what: str, text: str) -> bytes:
    return digest(key, aad(what, text), "sha256")[:DIGEST]
