"""W: an idle sweep over many schools, on PostgreSQL and SQLite; nothing is due, so it should cost next to nothing.

The rows are copies of one child's, written by one statement each: what an idle sweep reads is the index of looks alone.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Engine, Table, create_engine, event, select, text

from benchmarks.harness import Figure, Section
from benchmarks.life import AUTUMN, START, open_desk
from casework import Calendar, Casework, ManualClock, School, load_policy, sweep
from casework.engine.plan import Plan
from casework.store import KeyRing, SqlStore, default_tables
from casework.store.migrations import migrate

SCHOOLS = 5_000
CASES = 100
ROUNDS = 15
SERVER = Path(__file__).parents[1] / "tools" / "postgres.py"
CALENDAR = Calendar([AUTUMN], tz="Asia/Shanghai")
UUIDS = {
    "postgresql": "decode(lpad(to_hex(n), 32, '0'), 'hex')",
    "sqlite": "CAST(substr('0000000000000000' || n, -16) AS BLOB)",
}
"""Sixteen bytes of each child's own."""
PACKS = ("town-primary", "school", "class-teacher")


def run() -> Section:
    """Measure idle sweeps, of all schools and of a shard, and what compiling the policies of all schools takes."""
    figures = []
    with _postgres() as url:
        figures += _idle(url, "PostgreSQL", "50 ms")
    with tempfile.TemporaryDirectory() as folder:
        figures += _idle(f"sqlite:///{folder}/schools.db", "SQLite", "")
    figures += _compiling()
    return Section(f"W: {SCHOOLS:,} schools with {CASES} cases each", figures)


@contextmanager
def _postgres() -> Iterator[str]:
    command = [sys.executable, str(SERVER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        yield server.stdout.readline().strip() if server.stdout else ""
        server.communicate()


def _idle(url: str, name: str, goal: str) -> list[Figure]:
    engine = create_engine(url)
    migrate(engine)
    store = SqlStore(engine, KeyRing.generate())
    desk, _ = open_desk(store)
    desk.identify("s-1", away="both")
    _copies(engine)
    clock = ManualClock(START + timedelta(hours=1))
    casework = Casework(schools=_nobody, clock=clock)
    statements: list[str] = []
    sweep(casework, store)
    with _listening(engine, statements):
        swept = sweep(casework, store)
    if swept.due:
        raise SystemExit(f"{swept.due} records are due: this was no idle sweep")
    figures = [
        Figure(f"idle sweep of all schools ({name})", _milliseconds(casework, store), "ms", None, goal),
        Figure(f"its statements ({name})", len(statements), ""),
        Figure(f"idle sweep of one shard of eight ({name})", _milliseconds(casework, store, shard=3, of=8), "ms"),
    ]
    engine.dispose()
    return figures


def _nobody(name: str) -> None:
    """An idle sweep asks for no school."""


def _copies(engine: Engine) -> None:
    """Many schools with many children, all like the one that is there, none due before tomorrow."""
    tables = default_tables()
    tomorrow = int((START + timedelta(days=1)).timestamp() * 1_000_000)
    with engine.begin() as connection:
        first = connection.execute(select(tables.schools.c.school)).scalar_one()
        schools = {"school": f"{first} + n", "name": "'school ' || n"}
        connection.execute(text(_spread(tables.schools, SCHOOLS - 1, schools, "true")))
        number = "(SELECT max(no) FROM casework_cases)"
        cases = {
            "school": f"{first} + n / {CASES}",
            "no": f"{number} + 1 + n",
            "child": "'child ' || n",
            "uuid": UUIDS[engine.dialect.name],
            "wake_at": str(tomorrow),
        }
        connection.execute(text(_spread(tables.cases, SCHOOLS * CASES, cases, "child = 's-1'")))
        connection.execute(tables.cases.update().where(tables.cases.c.wake_at < tomorrow).values(wake_at=tomorrow))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _spread(table: Table, count: int, changed: dict[str, str], which: str) -> str:
    """One statement that copies the row so many times, with other values in some columns; n counts from 0 or 1."""
    names = [column.name for column in table.columns]
    values = [changed.get(name, f"t.{name}") for name in names]
    first = 1 if table.name.endswith("schools") else 0
    numbers = f"SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {count - 1 + first}"  # noqa: S608 - our own numbers
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) "  # noqa: S608 - our own names
        f"WITH RECURSIVE numbers(n) AS ({numbers}) "
        f"SELECT {', '.join(values)} FROM {table.name} AS t CROSS JOIN numbers WHERE {which}"
    )


@contextmanager
def _listening(engine: Engine, statements: list[str]) -> Iterator[None]:
    def listener(*said: object) -> None:
        statements.append(str(said[2]))

    event.listen(engine, "before_cursor_execute", listener)
    yield
    event.remove(engine, "before_cursor_execute", listener)


def _milliseconds(casework: Casework, store: SqlStore, shard: int | None = None, of: int = 1) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = perf_counter()
        sweep(casework, store, shard=shard, of=of)
        taken.append((perf_counter() - start) * 1000)
    return median(taken)


def _compiling() -> list[Figure]:
    """Every school asks for its settings once: the first of each policy pays, the others share."""
    packs = [load_policy(pack) for pack in PACKS]
    schools = {f"s{k}": School(f"s{k}", packs[k % len(packs)], CALENDAR) for k in range(SCHOOLS)}
    casework = Casework(schools=schools.get)
    on = datetime(2026, 9, 1, tzinfo=UTC).date()
    applied = {name: school.applied(on, None) for name, school in schools.items()}
    start = perf_counter()
    for name, settings in applied.items():
        casework.settings(name, settings)
    taken = perf_counter() - start
    start = perf_counter()
    for pack in packs:
        Plan(pack, CALENDAR, dict(applied["s0"].started))
    alone = perf_counter() - start
    what = f"settings of {SCHOOLS:,} schools with {len(PACKS)} policies"
    return [
        Figure(f"{len(PACKS)} policies compiled alone", alone * 1000, "ms", 1.0),
        Figure(what, taken * 1000, "ms", taken / alone),
    ]
