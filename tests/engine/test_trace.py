"""The trace of committed entries: the same for the same run on every store, another for anything else."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta, timezone

import pytest
from attrs import evolve

from casework import Calendar, Term
from casework.engine.trace import SEALED, trace_hash, trace_lines
from casework.simulate import simulate
from casework.store import KeyRing, SqlStore, open_engine
from casework.store.migrations import migrate

pytestmark = pytest.mark.unmeasured

TERM = Term("2026-autumn", date(2026, 9, 1), date(2026, 11, 6))
RUN = {"children": 4, "helpers": 2, "calendar": Calendar([TERM], tz="Asia/Shanghai"), "rates": {"crisis_base": 0.01}}
PROGRAM = """
from datetime import date
from casework import Calendar, Term
from casework.simulate import simulate
term = Term("2026-autumn", date(2026, 9, 1), date(2026, 11, 6))
calendar = Calendar([term], tz="Asia/Shanghai")
print(simulate(children=4, helpers=2, calendar=calendar, rates={"crisis_base": 0.01}).trace_hash)
"""


@pytest.fixture(scope="module")
def run():
    """A small term in memory."""
    return simulate(**RUN)


def entries_of(run):
    """The histories in memory, open for tampering."""
    return run.store._schools[run.school].entries


class TestTraceHash:
    @pytest.mark.parametrize("database", ["sqlite", "postgres"])
    def test_memory_and_databases_leave_the_same_trace(self, run, tmp_path, request, database):
        """The same seed has the same hash in memory, on SQLite and on PostgreSQL, whatever the keys."""
        url = tmp_path / "term.db" if database == "sqlite" else request.getfixturevalue("bare_postgres")
        engine = open_engine(url)
        migrate(engine)
        stored = simulate(**RUN, store=SqlStore(engine, KeyRing.generate()))
        found = stored.trace_hash, stored.to_json()
        engine.dispose()

        assert (run.trace_hash, run.to_json()) == found

    @pytest.mark.parametrize("hash_seed", ["1", "2"])
    def test_the_order_of_sets_leaves_no_trace(self, run, hash_seed):
        """A process with another PYTHONHASHSEED has the same hash."""
        env = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True)

        assert run.trace_hash == done.stdout.strip()

    def test_an_edited_entry_leaves_another_trace(self):
        """One fact of one event, an actor, an instant, a cause or an order that is changed shows."""
        run = simulate(**RUN)
        before = trace_hash(run.store, [run.school])
        entries = entries_of(run)["s-1"]
        first = entries[0]
        (cause, event), *rest = first.events
        edits = [
            evolve(first, actor="somebody"),
            evolve(first, at=first.at + timedelta(microseconds=1)),
            evolve(first, events=((cause, evolve(event, class_="9-9")), *rest)),
            evolve(first, events=(("time", event), *rest)),
            evolve(first, events=tuple(reversed(first.events))),
        ]
        hashes = []
        for edited in edits:
            entries[0] = edited
            hashes.append(trace_hash(run.store, [run.school]))
        entries[0] = first

        assert before not in hashes
        assert len(set(hashes)) == len(edits)
        assert before == trace_hash(run.store, [run.school])

    def test_a_lost_last_entry_leaves_another_trace(self):
        """A history that is cut short shows."""
        run = simulate(**RUN)
        before = trace_hash(run.store, [run.school])
        entries_of(run)["s-1"].pop()

        assert before != trace_hash(run.store, [run.school])

    def test_the_order_of_schools_does_not_matter(self, run):
        """Schools are taken by name, each once; an unknown one adds nothing."""
        assert run.trace_hash == trace_hash(run.store, ["unknown", run.school, run.school])


class TestTraceLines:
    def test_a_line_is_canonical_json(self, run):
        """School, child, number, instant, actor and events, keys in order; children in order, their numbers from 1."""
        lines = [json.loads(line) for line in trace_lines(run.store, run.school)]
        numbers = {}
        for school, child, seq, _, _, _ in lines:
            assert run.school == school
            numbers.setdefault(child, []).append(seq)

        assert sorted(numbers) == list(numbers)
        assert all(list(range(1, len(found) + 1)) == found for found in numbers.values())

    def test_no_sealed_text_and_no_reference_to_one_stands_in_it(self, run):
        """A sealed text is a constant there, since its reference depends on keys."""
        text = "\n".join(trace_lines(run.store, run.school))
        with run.store.read():
            card = run.store.load(run.school, ["s-1"])["s-1"].card

        assert f'"phone":"{SEALED}"' in text
        assert card.carer.name.ref not in text
        assert "carer 0 of" not in text

    def test_an_instant_is_the_same_in_every_zone(self):
        """Where a driver hands back another zone the trace is the same."""
        run = simulate(**RUN)
        before = trace_hash(run.store, [run.school])
        entries = entries_of(run)["s-1"]
        entries[0] = evolve(entries[0], at=entries[0].at.astimezone(timezone(timedelta(hours=8))))

        assert before == trace_hash(run.store, [run.school])

    def test_what_is_no_plain_value_is_refused(self):
        """An event that holds something else cannot be traced; better to know."""
        run = simulate(**RUN | {"children": 1})
        entries = entries_of(run)["s-1"]
        (cause, event), *rest = entries[0].events
        entries[0] = evolve(entries[0], events=((cause, evolve(event, class_=object())), *rest))

        with pytest.raises(TypeError, match="entries hold plain values only"):
            trace_hash(run.store, [run.school])
