"""Sealing and opening text about a child within a transaction; every opening leaves its audit row in the same one."""

from datetime import datetime

from sqlalchemy import LargeBinary, and_, bindparam, func, literal_column, select

from casework.engine.port import Reading
from casework.errors import CommandRefused, NotFound
from casework.model.people import Principal, Sealed
from casework.store.columns import ID
from casework.store.erasing import stored_key
from casework.store.save import insert
from casework.store.sealed import REF, ChildKey
from casework.store.statements import of_record
from casework.store.types import from_instant, to_instant
from casework.store.work import Pending, Witness, Work, one


def seal(work: Work, school: str, child: str, kind: str, text: str) -> Sealed:
    """The reference to a text, which waits to be written with the child's next entry that refers to it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise CommandRefused("a text holds half a character; give text that UTF-8 can write") from None
    key = _key(work, school, child) or ChildKey.new(work.ring, school, child)
    work.keys[school, child] = key
    ref = key.commit(kind, text)
    work.pending.setdefault((school, child), []).append(Pending(kind, ref, text))
    return Sealed(ref.hex())


def unseal(work: Work, school: str, child: str, sealed: Sealed, *, reader: str, reason: str, at: datetime) -> str:
    """What the text says, after the reading has been written down. Raises `NotFound`, `CommandRefused`."""
    if len(reason) > ID:
        raise CommandRefused(f"a reason has at most {ID} characters; this one has {len(reason)}")
    who = work.record_of(school, child)
    key = _key(work, school, child)
    found = None
    ref = _bytes(sealed)
    if who is not None and key is not None and ref is not None:
        t = work.tables.sealed
        prepared = work.statements.get(
            "sealed text",
            ["school", "no", "ref"],
            lambda: select(t.c.kind, t.c.nonce, t.c.ciphertext).where(
                of_record(t),
                t.c.ref == bindparam("ref", type_=LargeBinary),
            ),
        )
        found = one(work.wire.rows(prepared, (*who, ref)))
    if found is None or who is None or key is None or ref is None or reader == Principal.system().id:
        raise NotFound("sealed text", sealed.ref)
    reads = work.tables.reads
    place = work.statements.get(
        "next reading",
        ["school", "no"],
        lambda: select(func.coalesce(func.max(reads.c.n) + literal_column("1"), literal_column("0"))).where(
            of_record(reads)
        ),
    )
    n, when = work.wire.rows(place, who)[0][0], to_instant(at)
    kind, nonce, ciphertext = found
    insert(work, reads, [(*who, n, ref, reader, reason, when)])
    work.witness = Witness("reads", (*who, n), "at", when)
    return key.open(kind, ref, nonce, ciphertext)


def reads(work: Work, school: str, child: str) -> list[Reading]:
    """Who read sealed text of this child, oldest first."""
    who = work.record_of(school, child)
    if who is None:
        return []
    t, s = work.tables.reads, work.tables.sealed
    same = and_(s.c.school == t.c.school, s.c.no == t.c.no, s.c.ref == t.c.ref)
    prepared = work.statements.get(
        "readings",
        ["school", "no"],
        lambda: (
            select(t.c.ref, t.c.reader, t.c.reason, t.c.at, func.coalesce(s.c.kind, literal_column("''")))
            .select_from(t.outerjoin(s, same))
            .where(of_record(t))
            .order_by(t.c.n)
        ),
    )
    found = work.wire.rows(prepared, who)
    return [Reading(ref.hex(), reader, reason, from_instant(at), kind) for ref, reader, reason, at, kind in found]


def _key(work: Work, school: str, child: str) -> ChildKey | None:
    """The child's key, if there is one yet."""
    if (school, child) not in work.keys:
        who = work.record_of(school, child)
        if who is None:
            return None
        for number, *kept in work.wire.rows(stored_key(work), who):
            work.keys[school, child] = ChildKey.unwrap(work.ring_with(number), school, child, number, *kept)
    return work.keys.get((school, child))


def _bytes(sealed: Sealed) -> bytes | None:
    """The reference as it is stored, or None for what never was one."""
    try:
        ref = bytes.fromhex(sealed.ref)
    except ValueError:
        return None
    return ref if len(ref) == REF else None
