"""R9: how many entries of history a verification looks at in a second: the chain alone, and everything."""

import tempfile
import time
from pathlib import Path

from benchmarks.harness import Figure, Section
from benchmarks.life import live, open_desk
from casework import Contact, ContactCard
from casework.store import KeyRing, SqlStore, open_engine
from casework.store.migrations import migrate
from casework.store.verify import verify

CASES = 60
ROUNDS = 5
GOAL = "20,000"


def run() -> Section:
    """Let cases live to their end, each with sealed texts, and verify them again and again."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(Path(folder) / "school.db")
        migrate(engine)
        store = SqlStore(engine, KeyRing.generate())
        desk, clock = open_desk(store)
        with store.write():
            for number in range(CASES):
                child = f"s-{number}"
                live(desk, clock, child)
                desk.record_card(child, ContactCard(carer=Contact("Liu", "grandmother", "139 0000 0000")))
        figures = [
            Figure("the chain alone", _rate(store, folding=False), "entries/s", None, GOAL),
            Figure("chain, state and sealed text", _rate(store, folding=True), "entries/s"),
        ]
        engine.dispose()
    return Section(f"Verifying {CASES} closed cases, SQLite", figures)


def _rate(store: SqlStore, *, folding: bool) -> float:
    """Entries a second of processor time, the best of the rounds."""
    found = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        report = verify(store, "qinghe", folding=folding)
        found.append(report.entries / (time.process_time() - begun))
        if report.findings:
            msg = f"the store is not in order: {report.findings[0]}"
            raise RuntimeError(msg)
    return max(found)
