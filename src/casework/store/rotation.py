"""New keys for old: children's keys wrapped by the ring's active key, texts sealed anew, and keys that leave the ring.

Everything goes chunk by chunk, each a transaction, and begins again where it was interrupted: before and after each
chunk every text opens. Others may read and write meanwhile, also with a ring that they loaded before (they take a new
key from the ring's file).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import frozen
from sqlalchemy import BigInteger, Integer, bindparam, func, select

from casework.errors import CaseworkError, KeyRingError, StaleCase, Tampered
from casework.store import erasing, lookups
from casework.store.dialects import locks
from casework.store.load import rows_of
from casework.store.ring_file import rewrite
from casework.store.sealed import ChildKey
from casework.store.sql import SqlStore
from casework.store.statements import Prepared, Values, padded
from casework.store.types import to_instant
from casework.store.work import Work

REWRAPPED = 200
"""How many children's keys are wrapped anew in one transaction."""
RENEWED = 20
"""How many children's texts are sealed anew in one transaction."""
START = (0, -1)

T = TypeVar("T")
Place = tuple[int, int]
"""The numbers of a school and of a record."""
Whose = tuple[int, int, str, str]
"""School and record by number, school and child by name."""


@frozen
class Rotated:
    """How many children's keys were made anew, and whose could not: school and child (`verify` says why)."""

    done: int
    left: tuple[tuple[str, str], ...]


def keys_under(store: SqlStore) -> dict[int, int]:
    """By the number of a key of the ring: how many children's keys are wrapped by it. 0: what was never secret."""
    with store.read():
        work = store.work
        t = work.tables.keys
        prepared = work.statements.get(
            "keys by ring", (), lambda: select(t.c.ring, func.count()).group_by(t.c.ring).order_by(t.c.ring)
        )
        return dict(work.wire.rows(prepared))


def _indexes_under(work: Work, number: int) -> bool:
    """Tell whether the key of a school's index is wrapped by that key."""
    t = work.tables.indexes
    prepared = work.statements.get("index rings", (), lambda: select(t.c.ring))
    return (number,) in [tuple(row) for row in work.wire.rows(prepared)]


def receipts(store: SqlStore) -> set[str]:
    """The receipts of every key that was erased in this database: what its key ring has to refuse."""
    with store.read():
        return erasing.receipts(store.work)


def rewrap(store: SqlStore, *, chunk: int = REWRAPPED) -> Rotated:
    """Wrap every child's key by the active key of the ring; texts stay as they are. Run it again if it was killed."""
    left = store.transact(lambda: lookups.rewrap(store.work, store.work.freshen()), writing=True)
    done = _through(store, lambda past: _rewrap(store.work, past, chunk))
    return Rotated(done.done, (*((school, "") for school in left), *done.left))


def renew(store: SqlStore, *, before: datetime, at: datetime, chunk: int = RENEWED) -> Rotated:
    """Give every child whose content key is older than ``before`` a new one, and seal the child's texts with it.

    ``at`` is now. What was killed goes on with the same ``before``. References, and with them the history, stay.
    """
    return _through(store, lambda past: _renew(store.work, past, chunk, to_instant(before), to_instant(at)))


def retire(store: SqlStore, number: int) -> None:
    """Let a key leave the ring's file: only its chain key stays, with which history written under it is verified.

    What it wrapped, also in every backup, cannot be opened with this ring any more. Raises `KeyRingError` while a
    child's key is wrapped by it, for the active key, and for a ring that is no file.
    """
    path = store.keyring.path
    if path is None:
        raise KeyRingError(
            "this ring is no file: look with keys_under(store) that the key wraps nothing, take it out of the ring "
            f"with ring.without({number}), and keep its text() where it came from; a service keeps chain_key({number})"
        )
    with store.write():
        work = store.work
        if locks(work.statements.dialect):
            work.wire.run(f"LOCK TABLE {work.tables.keys.name} IN SHARE MODE")
        under = keys_under(store).get(number, 0)
        if not under and _indexes_under(work, number):
            raise KeyRingError(
                f"the key of a school's index is still wrapped by key {number}: wrap it anew first "
                "(`casework keys --rotate`)"
            )
        if under:
            raise KeyRingError(
                f"{under} children's keys are still wrapped by key {number}: wrap them anew first "
                "(`casework keys --rotate`)"
            )
        rewrite(path, lambda ring: ring.without(number))


def _through(store: SqlStore, step: Callable[[Place], tuple[Place | None, Rotated]]) -> Rotated:
    """Go through all children's keys, a transaction a chunk."""
    done, left, past = 0, list[tuple[str, str]](), START
    while True:
        # What the call works on is bound now: a transaction that is run again begins at the same place.
        after, found = store.transact(lambda past=past: step(past), writing=True)  # type: ignore[misc]
        done += found.done
        left += found.left
        if after is None:
            return Rotated(done, tuple(left))
        past = after


def _rewrap(work: Work, past: Place, chunk: int) -> tuple[Place | None, Rotated]:
    ring = work.freshen()
    t = work.tables.keys
    rows = work.wire.rows(_older(work), (ring.number, *_twice(past), chunk))
    new, left = list[Values](), list[tuple[str, str]]()
    for school, no, name, child, number, *kept in rows:
        key = _opened(work, name, child, number, kept)
        if key is None:
            left.append((name, child))
            continue
        stored = key.under(ring).stored(ring)
        new.append((stored[0], stored[1], stored[3], school, no, kept[0]))
    # Whose key was erased or made anew meanwhile is not matched, and needs nothing.
    work.wire.many(work.statements.update(t, ["ring", "wrapped", "content"], ["school", "no", "wrapped"]), new)
    return (rows[-1][:2] if len(rows) == chunk else None), Rotated(len(new), tuple(left))


def _renew(work: Work, past: Place, chunk: int, before: int, at: int) -> tuple[Place | None, Rotated]:
    found = [tuple(row) for row in work.wire.rows(_aged(work), (before, *_twice(past), chunk))]
    left: list[tuple[str, str]] = []
    done = 0
    with work.wiping():
        for name in dict.fromkeys(row[2] for row in found):
            mine = [row for row in found if row[2] == name]
            done += _renew_of(work, mine, before, at, left)
    return (found[-1][:2] if len(found) == chunk else None), Rotated(done, tuple(left))


def _renew_of(work: Work, whose: Sequence[Whose], before: int, at: int, left: list[tuple[str, str]]) -> int:
    """Seal the texts of these children of one school anew; returns of how many."""
    name = whose[0][2]
    work.find(name, [child for *_, child in whose])
    ring = work.freshen()
    children = {no: child for _, no, _, child in whose}
    kept = _by_number(work, "keys", whose)
    sealed = _by_number(work, "sealed", whose)
    keys: list[Values] = []
    texts: list[Values] = []
    for school, no, _, child in whose:
        row = next(iter(kept.get(no, ())), None)
        if row is None or row[4] >= before:
            continue
        old = _opened(work, name, children[no], row[0], row[1:])
        if old is None or not old.secret:
            left += [(name, child)] if old is None else []
            continue
        new = old.under(ring).renewed(at)
        try:
            anew = [
                (*new.seal(kind, ref, old.open(kind, ref, nonce, text)), school, no, ref)
                for ref, kind, nonce, text in sealed.get(no, ())
            ]
        except Tampered:
            left.append((name, child))
            continue
        texts += anew
        keys.append((*new.stored(ring), school, no, row[1]))
    t = work.tables
    columns = ["ring", "wrapped", "generation", "content", "since"]
    matched = work.wire.many(work.statements.update(t.keys, columns, ["school", "no", "wrapped"]), keys)
    if matched != len(keys):
        raise StaleCase("somebody else wrapped a child's key anew meanwhile; call it again")
    work.wire.many(work.statements.update(t.sealed, ["nonce", "ciphertext"], ["school", "no", "ref"]), texts)
    return len(keys)


def _opened(work: Work, school: str, child: str, number: int, kept: Iterable[object]) -> ChildKey | None:
    """The child's keys, or None where they do not open: `verify` finds them, and nothing else waits for that."""
    try:
        return ChildKey.unwrap(work.ring_with(number), school, child, number, *kept)  # type: ignore[arg-type]
    except CaseworkError:
        return None


def _by_number(work: Work, table: str, whose: Sequence[Whose]) -> dict[int, list[Values]]:
    """The rows of a table by the numbers of these records of one school."""
    found: dict[int, list[Values]] = {}
    for some in padded([no for _, no, *_ in whose]):
        for row in work.wire.rows(rows_of(work.statements, table, len(some)), (whose[0][0], *some)):
            found.setdefault(row[1], []).append(tuple(row[2:]))
    return found


def _twice(past: Place) -> tuple[int, int, int]:
    return past[0], past[0], past[1]


def _older(work: Work) -> Prepared:
    t = work.tables.keys
    return _keys(work, "older keys", "active", t.c.ring != bindparam("active", type_=Integer))


def _aged(work: Work) -> Prepared:
    t = work.tables.keys
    return _keys(work, "aged keys", "before", t.c.since < bindparam("before", type_=BigInteger))


def _keys(work: Work, key: str, name: str, condition: object) -> Prepared:
    """The next children's keys of which the condition holds, with whose they are."""
    t, c, s = work.tables.keys, work.tables.cases, work.tables.schools
    past = (t.c.school > bindparam("past", type_=Integer)) | (
        (t.c.school == bindparam("same", type_=Integer)) & (t.c.no > bindparam("no", type_=Integer))
    )
    columns = [t.c.school, t.c.no, s.c.name, c.c.child]
    if name == "active":
        columns += [t.c.ring, t.c.wrapped, t.c.generation, t.c.content, t.c.since]
    return work.statements.get(
        key,
        [name, "past", "same", "no", "limit"],
        lambda: (
            select(*columns)
            .select_from(t.join(c, (c.c.school == t.c.school) & (c.c.no == t.c.no)).join(s, s.c.school == t.c.school))
            .where(condition, past)  # type: ignore[arg-type]
            .order_by(t.c.school, t.c.no)
            .limit(bindparam("limit", type_=Integer))
        ),
    )
