"""A transaction of casework's own is run again when the database was busy, or chose it as the victim of a collision.

Where the database failed while it committed, what was written is looked for before anything is done again, so that
nothing is stored twice and nothing is lost. As a guest nothing is run again: the transaction is the host's.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from secrets import randbelow
from time import monotonic, sleep
from typing import Generic, TypeVar

from attrs import define, field, frozen
from sqlalchemy import bindparam, select

from casework.errors import CommitUnknown, DatabaseBusy, StaleCase
from casework.store.dialects import locked
from casework.store.statements import of_record
from casework.store.work import Witness, Work

T = TypeVar("T")


def _spread() -> float:
    return randbelow(1024) / 1024


@frozen
class Patience:
    """How often a transaction is run again, and how long is waited before.

    ``pauses`` are seconds, one for each further attempt; each is stretched by up to as much again (``spread`` gives
    numbers from 0 to 1), so that two who collided do not meet again. No attempt begins later than ``within`` seconds
    after the first: on SQLite each of them waits for other writers as long as the engine says.
    """

    pauses: tuple[float, ...] = (0.01, 0.05, 0.2, 1.0)
    within: float = 30.0
    spread: Callable[[], float] = _spread
    sleep: Callable[[float], None] = sleep
    stopwatch: Callable[[], float] = monotonic

    def wait(self, pauses: Iterator[float], begun: float) -> bool:
        """Wait before the next attempt; False, without waiting, if there is none."""
        pause = next(pauses, None)
        if pause is None or self.stopwatch() - begun >= self.within:
            return False
        self.sleep(pause * (1 + self.spread()))
        return True


@define
class _Doubts(Generic[T]):
    """What may have been stored although its commit failed, and what its call returned; ``error`` while unclear."""

    rows: list[tuple[Witness, T]] = field(factory=list)
    error: CommitUnknown | None = None


_AGAIN = (CommitUnknown, DatabaseBusy, StaleCase)
"""What another attempt may mend; a record becomes stale at a desk by somebody else's doing."""


def insist(patience: Patience, opened: Callable[[], AbstractContextManager[Work]], call: Callable[[], T]) -> T:
    """What the call returns in a transaction that was stored, or the error of the last attempt.

    Raises `CommitUnknown` where an attempt may have been stored, and no later one could tell.
    """
    doubts = _Doubts[T]()
    pauses, begun = iter(patience.pauses), patience.stopwatch()
    while True:
        try:
            return _attempt(opened, call, doubts)
        except Exception as error:
            if not isinstance(error, _AGAIN) or not patience.wait(pauses, begun):
                if doubts.error is not None and doubts.error is not error:
                    raise doubts.error from error
                raise


def _attempt(opened: Callable[[], AbstractContextManager[Work]], call: Callable[[], T], doubts: _Doubts[T]) -> T:
    """One transaction; what an earlier one stored against all appearances is returned instead."""
    witness = None
    try:
        with opened() as work:
            for row, result in doubts.rows:
                if _there(work, row):
                    return result
            doubts.error = None
            result = call()
            witness = work.witness
    except CommitUnknown as error:
        doubts.error = error
        if witness is not None:
            doubts.rows.append((witness, result))
        raise
    return result


def _there(work: Work, row: Witness) -> bool:
    """Tell whether the row is there as it was written; waits for a commit of it that is still under way."""
    c, table = work.tables.cases, getattr(work.tables, row.table)
    lock = work.statements.get(
        "locked record",
        ["school", "no"],
        lambda: locked(select(c.c.version).where(of_record(c)), c),
    )
    work.wire.rows(lock, row.key[:2])
    keys = list(table.primary_key.columns)
    prepared = work.statements.get(
        ("witness", row.table, row.column),
        [key.name for key in keys],
        lambda: select(table.c[row.column]).where(*(key == bindparam(key.name, type_=key.type) for key in keys)),
    )
    return [tuple(found) for found in work.wire.rows(prepared, row.key)] == [(row.value,)]
