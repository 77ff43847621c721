"""Sealing and opening text about a child within a transaction; every opening leaves its audit row in the same one."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, bindparam, func, literal_column, select

from casework.engine.port import Reading
from casework.errors import CommandRefused, NotFound
from casework.model.people import Principal, Sealed
from casework.store.again import Witness
from casework.store.columns import ID
from casework.store.save import insert
from casework.store.sealed import REF, ChildKey
from casework.store.types import from_instant, to_instant
from casework.store.work import Pending, Work, one


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
    work.find(school, [child])
    row, known = work.school(school), work.known[school, child]
    key = _key(work, school, child)
    found = None
    ref = _bytes(sealed)
    if row is not None and known is not None and key is not None and ref is not None:
        t = work.tables.sealed
        prepared = work.statements.get(
            "sealed text",
            ["school", "no", "ref"],
            lambda: select(t.c.kind, t.c.nonce, t.c.ciphertext).where(
                t.c.school == bindparam("school", type_=Integer),
                t.c.no == bindparam("no", type_=Integer),
                t.c.ref == bindparam("ref", type_=LargeBinary),
            ),
        )
        found = one(work.wire.rows(prepared, (row.school, known.no, ref)))
    if found is None or row is None or known is None or key is None or ref is None or reader == Principal.system().id:
        raise NotFound("sealed text", sealed.ref)
    who = (row.school, known.no)
    reads = work.tables.reads
    place = work.statements.get(
        "next reading",
        ["school", "no"],
        lambda: select(func.coalesce(func.max(reads.c.n) + literal_column("1"), literal_column("0"))).where(
            reads.c.school == bindparam("school", type_=Integer), reads.c.no == bindparam("no", type_=Integer)
        ),
    )
    n, when = work.wire.rows(place, who)[0][0], to_instant(at)
    insert(work, reads, [(*who, n, ref, reader, reason, when)])
    work.witness = Witness("reads", (*who, n), "at", when)
    kind, nonce, ciphertext = found
    return key.open(kind, ref, nonce, ciphertext)


def reads(work: Work, school: str, child: str) -> list[Reading]:
    """Who read sealed text of this child, oldest first."""
    work.find(school, [child])
    row, known = work.school(school), work.known[school, child]
    if row is None or known is None:
        return []
    t = work.tables.reads
    prepared = work.statements.get(
        "readings",
        ["school", "no"],
        lambda: (
            select(t.c.ref, t.c.reader, t.c.reason, t.c.at)
            .where(t.c.school == bindparam("school", type_=Integer), t.c.no == bindparam("no", type_=Integer))
            .order_by(t.c.n)
        ),
    )
    found = work.wire.rows(prepared, (row.school, known.no))
    return [Reading(ref.hex(), reader, reason, from_instant(at)) for ref, reader, reason, at in found]


def _key(work: Work, school: str, child: str) -> ChildKey | None:
    """The child's key, if there is one yet."""
    if (school, child) not in work.keys:
        work.find(school, [child])
        row, known = work.school(school), work.known[school, child]
        if row is None or known is None:
            return None
        t = work.tables.keys
        prepared = work.statements.get(
            "child key",
            ["school", "no"],
            lambda: select(t.c.ring, t.c.wrapped).where(
                t.c.school == bindparam("school", type_=Integer), t.c.no == bindparam("no", type_=Integer)
            ),
        )
        for ring, wrapped in work.wire.rows(prepared, (row.school, known.no)):
            work.keys[school, child] = ChildKey.unwrap(work.ring, school, child, ring, wrapped)
    return work.keys.get((school, child))


def _bytes(sealed: Sealed) -> bytes | None:
    """The reference as it is stored, or None for what never was one."""
    try:
        ref = bytes.fromhex(sealed.ref)
    except ValueError:
        return None
    return ref if len(ref) == REF else None
