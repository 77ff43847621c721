"""What a sweep costs on SQLite: nothing that grows with the number of cases, and no more than what is due."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from attrs import evolve
from sqlalchemy import event

from casework import Desk, sweep
from casework.engine.evolve import fold
from casework.engine.port import Change
from casework.model import events as ev
from casework.model.case import Case
from tests.system.twins import hasty
from tests.system.world import LEAD, MORNING, SCHOOL, TEACHER, make_casework, principal, sql_store

pytestmark = pytest.mark.unmeasured

FEW, MANY, DUE = 10, 10_000, 7
LATER = timedelta(days=200)
USED: set[str] = set()  # of the large school: a case that was looked at once has its windows, and costs less


class Counted:
    """Statements in the order in which they were run, and how many parameter sets and rows each had."""

    def __init__(self):
        self.statements = []

    @property
    def loaded(self):
        """The parameters of what reads records."""
        return [values for text, values in self.statements if text.startswith("SELECT") and "casework_spans" in text]


@contextmanager
def counting(engine):
    """Counts what is run on the engine meanwhile."""
    counted = Counted()

    def before(connection, cursor, statement, parameters, context, executemany):
        counted.statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", before)
    try:
        yield counted
    finally:
        event.remove(engine, "before_cursor_execute", before)


def school_of(path, count):
    """A school with so many like cases, none of which is due, written at once; its engine, store and casework."""
    store, engine = sql_store(path)
    engine.dispose()
    hasty(engine)
    casework = make_casework()
    desk = Desk(casework, store, school=SCHOOL, principal=principal(TEACHER))
    desk.identify("model", away="both", class_="3-1")
    desk.pair("model", LEAD)
    sweep(casework, store)
    with store.read():
        model = store.load(SCHOOL, ["model"])["model"]
        entries = store.entries(SCHOOL, "model")
    events = tuple(caused for entry in entries for caused in entry.events if not _opens(caused[1]))
    entry = ev.Entry(1, MORNING, TEACHER, "", events)
    model = fold(Case(SCHOOL, "model"), [entry])
    for first in range(0, count, 1_000):
        changes = [
            Change(Case(SCHOOL, child), evolve(model, child=child), entry, MORNING + LATER, None)
            for child in (f"c-{n:05}" for n in range(first, min(first + 1_000, count)))
        ]
        with store.write():
            store.save(SCHOOL, changes)
    let_all_wait(engine)
    return engine, store, casework


def _opens(happened):
    """Whether this is about a window other than that of the file: so the ten thousand are small, and soon made."""
    about = getattr(happened, "duty", "") or getattr(happened, "key", "")
    return bool(about) and about.partition("/")[0] != "D2"


def let_all_wait(engine):
    """Nothing is due for a long time."""
    with engine.begin() as connection:
        at = int((MORNING + LATER).timestamp() * 1_000_000)
        connection.exec_driver_sql("UPDATE casework_cases SET wake_at = ?", (at,))


@pytest.fixture(scope="module")
def schools(tmp_path_factory):
    """A small school and a large one."""
    folder = tmp_path_factory.mktemp("cost")
    made = {count: school_of(folder / f"{count}.db", count) for count in (FEW, MANY)}
    yield made
    for engine, *_ in made.values():
        engine.dispose()


def make_due(store, casework, count):
    """Let the next look of so many cases come now, spread over the school: not those of an earlier call."""
    with store.read():
        fresh = [child for child in store.children(SCHOOL, after="c", limit=MANY, open_only=True) if child not in USED]
    chosen = fresh[:: max(1, len(fresh) // count)][:count]
    USED.update(chosen)
    make_again(store, casework, chosen)
    return chosen


def make_again(store, casework, chosen):
    """Let the next look of these cases come now."""
    with store.write():
        cases = store.load(SCHOOL, chosen)
        store.save(SCHOOL, [Change(case, case, None, casework.clock(), None) for case in cases.values()])


def shape(statement):
    """What a statement does, whatever the number of its parameters."""
    return re.sub(r"(\?, )+\?", "?", statement)


class TestIdle:
    def test_the_same_number_of_statements_for_few_and_many(self, schools):
        """A sweep when nothing is due runs the same statements with 10 cases and with 10,000."""
        found = {}
        for count, (engine, store, casework) in schools.items():
            with counting(engine) as counted:
                report = sweep(casework, store)
            assert (0, 0) == (report.due, report.written)
            found[count] = [text for text, _ in counted.statements]

        assert found[FEW] == found[MANY]
        assert len(found[MANY]) <= 6

    def test_no_statement_goes_through_all_cases(self, schools):
        """What finds the due ones goes by the index on the next look, over all schools."""
        engine, store, casework = schools[MANY]
        with counting(engine) as counted:
            sweep(casework, store)
        plans = []
        with engine.connect() as connection:
            for text, values in counted.statements:
                if text.startswith("SELECT"):
                    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
                    plans += [row[3] for row in rows]

        assert plans
        assert [] == [step for step in plans if step.startswith("SCAN casework_cases") and "INDEX" not in step]


class TestDue:
    def test_seven_due_of_ten_thousand_loads_seven(self, schools):
        """With 7 due of 10,000 exactly those 7 are loaded and looked at."""
        engine, store, casework = schools[MANY]
        chosen = make_due(store, casework, DUE)
        loaded = []
        claim = store.claim
        store.claim = lambda *args, **how: loaded.extend(found := claim(*args, **how)) or found
        with counting(engine) as counted:
            report = sweep(casework, store)
        del store.claim

        assert sorted(chosen) == sorted(case.child for case in loaded)
        assert (DUE, DUE) == (report.due, report.settled)
        for values in counted.loaded:
            assert len(set(values)) <= DUE + 1

    def test_statements_of_a_chunk_do_not_grow_with_its_records(self, schools):
        """A chunk of 20 records takes the same statements as one of 90: when windows open, and when nothing does."""
        engine, store, casework = schools[MANY]
        found = {}
        for count in (20, 90):
            let_all_wait(engine)
            chosen = make_due(store, casework, count)
            with counting(engine) as opening:
                first = sweep(casework, store, chunk=100)
            let_all_wait(engine)
            make_again(store, casework, chosen)
            with counting(engine) as idle:
                second = sweep(casework, store, chunk=100)
            assert (count, count) == (first.due, second.due)
            assert 0 < first.written <= count
            assert 0 == second.written
            found[count] = [[shape(text) for text, _ in counted.statements] for counted in (opening, idle)]

        assert found[20] == found[90]

    def test_a_days_list_takes_the_same_statements(self, schools):
        """A helper's list of the day takes the same number of statements for 10 cases and for 10,000."""
        found = {}
        for count, (engine, store, casework) in schools.items():
            desk = Desk(casework, store, school=SCHOOL, principal=principal("t.nobody"))
            with counting(engine) as counted:
                lines = desk.today(TEACHER)
            assert count <= len(lines)
            found[count] = [text for text, _ in counted.statements]

        assert found[FEW] == found[MANY]
