"""Erasure in the database: a child's keys and sealed rows go with the entry that says so, and stay gone.

Receipts of destroyed keys stand in the history, in ``casework_erasures`` and, outside the database, in the key ring.
What the ring holds and the database does not is a sign that an older copy of the database was restored.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Integer, Table, bindparam, literal_column, select

from casework.engine.port import Change, destroyed_refs
from casework.errors import CaseworkError
from casework.model.erasure_events import Erased
from casework.store.keyring import KeyRing
from casework.store.sealed import ChildKey
from casework.store.statements import SCHOOL, Prepared, of_record
from casework.store.work import Work

PAGE = 500
"""How many children's keys are read together when a restored copy is looked through."""
GONE = ("keys", "sealed", "lookups")
"""What is deleted of an erased child."""


def destroy(work: Work, done: Sequence[tuple[Change, tuple[int, int]]]) -> None:
    """Delete keys and sealed text of the records whose entries say so, and note the receipts for the ring.

    Of a record that was taken apart only the text that went back to the other one is deleted. On SQLite what was
    deleted is overwritten with zeros, whatever the host's setting.
    """
    gone = [(change, who, erased) for change, who in done for erased in _erased(change)]
    _destroy_texts(work, done)
    if not gone:
        return
    with work.wiping():
        for name in GONE:
            table: Table = getattr(work.tables, name)
            work.wire.many(work.statements.delete(table, ["school", "no"]), [who for _, who, _ in gone])
    for change, _, erased in gone:
        work.keys.pop((change.after.school, change.after.child), None)
        if erased.receipt:
            work.receipts.append(erased.receipt)


def _destroy_texts(work: Work, done: Sequence[tuple[Change, tuple[int, int]]]) -> None:
    gone = [
        (*who, bytes.fromhex(ref))
        for change, who in done
        if change.entry is not None
        for _, event in change.entry.events
        for ref in destroyed_refs(event)
    ]
    if gone:
        with work.wiping():
            work.wire.many(work.statements.delete(work.tables.sealed, ["school", "no", "ref"]), gone)


def _erased(change: Change) -> Iterator[Erased]:
    if change.entry is not None:
        yield from (event for _, event in change.entry.events if isinstance(event, Erased))


def receipts(work: Work) -> set[str]:
    """The receipts of every key that was destroyed, as the database knows them."""
    t = work.tables.erasures
    prepared = work.statements.get(
        "receipts", (), lambda: select(t.c.receipt).where(t.c.receipt != literal_column("''"))
    )
    return {receipt for (receipt,) in work.wire.rows(prepared)}


def asked(work: Work, school: str) -> list[str]:
    """Children with a request of erasure that waits for an answer, by id."""
    row = work.school(school)
    t, c = work.tables.erasures, work.tables.cases
    prepared = work.statements.get(
        "erasures asked for",
        ["school"],
        lambda: (
            select(c.c.child)
            .select_from(t.join(c, (c.c.school == t.c.school) & (c.c.no == t.c.no)))
            .where(t.c.school == SCHOOL, t.c.state == literal_column("'asked'"))
            .order_by(c.c.child)
        ),
    )
    return [] if row is None else [child for (child,) in work.wire.rows(prepared, (row.school,))]


def receipt(work: Work, school: str, child: str) -> str:
    """What stands for the child's key once it is destroyed; empty without a key, and where nothing is secret."""
    key = child_key(work, school, child)
    return work.ring.receipt(key.key) if key is not None and key.secret else ""


def restored(work: Work, school: str | None, child: str | None) -> list[tuple[str, str]]:
    """School and child for each destroyed key that is back; asks nothing while the ring knows of no erasure."""
    if not work.ring.erased:
        return []
    if school is not None and child is not None:
        try:
            key = child_key(work, school, child)
        except CaseworkError:
            # What does not open cannot be told; whoever wants to read it hears why.
            return []
        return [(school, child)] if key is not None and work.ring.is_erased(key.key) else []
    if work.ring.erased <= receipts(work):
        return []
    return [(name, whose) for name, whose in _back(work, work.ring) if school in {None, name}]


def _back(work: Work, ring: KeyRing) -> Iterator[tuple[str, str]]:
    """Every child of the database whose key was destroyed."""
    past = (0, -1)
    while True:
        rows = work.wire.rows(_page(work), (past[0], past[0], past[1], PAGE))
        for _, _, name, child, number, *kept in rows:
            try:
                key = ChildKey.unwrap(ring, name, child, number, *kept, destroyed=True)
            except CaseworkError:
                continue  # `verify` names it, and nobody can read it
            if ring.is_erased(key.key):
                yield name, child
        if len(rows) < PAGE:
            return
        past = rows[-1][0], rows[-1][1]


def child_key(work: Work, school: str, child: str) -> ChildKey | None:
    """The child's key as it is stored, destroyed or not."""
    who = work.record_of(school, child)
    if who is None:
        return None
    for number, *kept in work.wire.rows(stored_key(work), who):
        return ChildKey.unwrap(work.ring_with(number), school, child, number, *kept, destroyed=True)
    return None


def stored_key(work: Work) -> Prepared:
    """The columns of a child's keys."""
    t = work.tables.keys
    return work.statements.get(
        "child key",
        ["school", "no"],
        lambda: select(t.c.ring, t.c.wrapped, t.c.generation, t.c.content, t.c.since).where(of_record(t)),
    )


def _page(work: Work) -> Prepared:
    t, c, s = work.tables.keys, work.tables.cases, work.tables.schools
    past = (t.c.school > bindparam("past", type_=Integer)) | (
        (t.c.school == bindparam("same", type_=Integer)) & (t.c.no > bindparam("no", type_=Integer))
    )
    columns = [t.c.school, t.c.no, s.c.name, c.c.child, t.c.ring, t.c.wrapped, t.c.generation, t.c.content, t.c.since]
    return work.statements.get(
        "all keys",
        ["past", "same", "no", "limit"],
        lambda: (
            select(*columns)
            .select_from(t.join(c, (c.c.school == t.c.school) & (c.c.no == t.c.no)).join(s, s.c.school == t.c.school))
            .where(past)
            .order_by(t.c.school, t.c.no)
            .limit(bindparam("limit", type_=Integer))
        ),
    )
