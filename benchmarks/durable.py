"""W2: durable operations on SQLite, and the bytes that a closed case takes.

The floor is the bare driver that runs the very statements which write, with the same values, one transaction an
operation: nothing is read, decided, judged, sealed or chained there.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, create_engine, event

from benchmarks.harness import Figure, Section
from benchmarks.life import OPERATIONS, live, open_desk
from casework import Desk, ManualClock
from casework.store import KeyRing, SqlStore
from casework.store.migrations import migrate

ROUNDS = 5
CASES = 6
STORED = 40
MODES = {"rollback journal, FULL": ("DELETE", "FULL"), "WAL, NORMAL": ("WAL", "NORMAL")}

Written = list[tuple[str, Any, bool]]


def run() -> Section:
    """Measure both journal modes, and the bytes of a closed case."""
    figures = []
    for name, (journal, synchronous) in MODES.items():
        ours, floor = _times(journal, synchronous)
        ratio = median(a / b for a, b in zip(ours, floor, strict=True))
        figures.append(Figure(f"bare driver, the same writes ({name})", median(floor) * 1e6, "µs", 1.0))
        figures.append(Figure(f"durable operation ({name})", median(ours) * 1e6, "µs", ratio, "12 × for now"))
    figures.append(Figure(f"a closed case of {OPERATIONS} operations", _bytes() / 1024, "KB", None, "8 KB"))
    return Section(
        f"W2: {OPERATIONS} operations a case, one transaction each, SQLite {sqlite3.sqlite_version}", figures
    )


@contextmanager
def _file(journal: str, synchronous: str) -> Iterator[tuple[Engine, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.db"
        engine = create_engine(f"sqlite:///{path}")

        def set_up(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(f"PRAGMA journal_mode = {journal}")
            connection.execute(f"PRAGMA synchronous = {synchronous}")

        event.listen(engine, "connect", set_up)
        migrate(engine)
        yield engine, path
        engine.dispose()


def _times(journal: str, synchronous: str) -> tuple[list[float], list[float]]:
    """Seconds an operation, round by round: ours, then the same writes on the bare driver."""
    written = _recorded(journal, synchronous)
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(ROUNDS):
        with _file(journal, synchronous) as (engine, path):
            desk, clock = open_desk(SqlStore(engine, KeyRing.generate()))
            live(desk, clock, "first")
            ours.append(_timed(lambda: _cases(desk, clock)))  # noqa: B023 - run at once
        with _file(journal, synchronous) as (engine, path):
            engine.dispose()
            floor.append(_replay(path, journal, synchronous, written))
    return ours, floor


def _recorded(journal: str, synchronous: str) -> Written:
    """What the same operations write, with its values; recorded apart, since listening takes time."""
    written: Written = []
    with _file(journal, synchronous) as (engine, _):
        event.listen(engine, "before_cursor_execute", _listener(written))
        desk, clock = open_desk(SqlStore(engine, KeyRing.generate()))
        live(desk, clock, "first")
        _cases(desk, clock)
    return written


def _cases(desk: Desk, clock: ManualClock) -> None:
    for k in range(CASES):
        live(desk, clock, f"s-{k}")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / (CASES * OPERATIONS)


def _listener(written: Written) -> Callable[..., None]:
    def listener(_: object, __: object, statement: str, values: Any, ___: object, many: bool) -> None:  # noqa: ANN401, FBT001 - SQLAlchemy's
        if statement.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE")):
            written.append((statement, values, many))

    return listener


def _replay(path: Path, journal: str, synchronous: str, written: Written) -> float:
    """Run what was written again on the bare driver; seconds an operation, the first case left out."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    begins = [k for k, (statement, _, _) in enumerate(written) if statement.startswith("BEGIN")]
    first = begins[-CASES * OPERATIONS]
    _play(connection, written[:first])
    start = time.perf_counter()
    _play(connection, written[first:])
    took = time.perf_counter() - start
    connection.close()
    return took / (CASES * OPERATIONS)


def _play(connection: sqlite3.Connection, written: Written) -> None:
    for statement, values, many in written:
        if statement.startswith("BEGIN") and connection.in_transaction:
            connection.execute("COMMIT")
        if many:
            connection.executemany(statement, values)
        else:
            connection.execute(statement, values)
    if connection.in_transaction:
        connection.execute("COMMIT")


def _bytes() -> float:
    """Bytes of the file for each of many closed cases, packed."""
    with _file("DELETE", "OFF") as (engine, path):
        desk, clock = open_desk(SqlStore(engine, KeyRing.generate()))
        live(desk, clock, "first")
        before = _packed(path)
        for k in range(STORED):
            live(desk, clock, f"s-{k}")
        return (_packed(path) - before) / STORED


def _packed(path: Path) -> int:
    connection = sqlite3.connect(path)
    connection.execute("VACUUM")
    connection.close()
    return path.stat().st_size
