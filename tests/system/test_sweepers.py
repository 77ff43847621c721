"""Several sweepers at once on PostgreSQL: each case is settled once, nobody waits, a killed one loses nothing."""

import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from attrs import evolve
from sqlalchemy import create_engine, make_url

from casework import Desk, sweep
from casework.engine.evolve import fold
from casework.engine.port import Change
from casework.model import events as ev
from casework.model.case import Case
from casework.store import SqlStore
from casework.store.verify import verify
from tests.system.sweeper import CHUNK, LATER, RING, sweeper
from tests.system.world import LEAD, MORNING, SCHOOL, TEACHER, make_casework, principal

ROOT = Path(__file__).parents[2]
SWEEPERS = 8
NO_WAITING = {"options": "-c lock_timeout=3000"}
"""Whoever waits three seconds for a lock gets an error: nobody does, while another holds its own all the time."""


@pytest.fixture
def store(postgres):
    """A store on PostgreSQL."""
    return SqlStore(postgres, RING)


def due(store, count):
    """Make so many like cases, whose next look came with the month."""
    casework = make_casework()
    desk = Desk(casework, store, school=SCHOOL, principal=principal(TEACHER))
    desk.identify("model", away="both", class_="3-1")
    desk.pair("model", LEAD)
    sweep(casework, store)
    with store.read():
        events = tuple(caused for entry in store.entries(SCHOOL, "model") for caused in entry.events)
    entry = ev.Entry(1, MORNING, TEACHER, "", events)
    model = fold(Case(SCHOOL, "model"), [entry])
    with store.write():
        others = store.load(SCHOOL, ["", "@3-1", "model"]).values()
        store.save(SCHOOL, [Change(case, case, None, None, None) for case in others])
        cases = [evolve(model, child=f"c-{n:05}") for n in range(count)]
        store.save(SCHOOL, [Change(Case(SCHOOL, case.child), case, entry, MORNING, None) for case in cases])
    with store.write():
        store.work.wire.run("ANALYZE")


@contextmanager
def process(url, *how):
    """A process that sweeps meanwhile; killed at the end, if it still runs."""
    command = [sys.executable, "-m", "tests.system.sweeper", url, *how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as running:
        try:
            yield running
        finally:
            running.kill()


def wait_until_alone(engine, others=0):
    """Return when the server has noticed that a killed one is gone."""
    alive = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'doomed'"
    until = time.monotonic() + 20
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.exec_driver_sql(alive).scalar_one() > others:
            assert time.monotonic() < until, "the server keeps the transaction of a process that was killed"
            time.sleep(0.01)


def url_of(engine, **options):
    """The URL of the database for another process."""
    return make_url(engine.url).update_query_dict(options).render_as_string(hide_password=False)


def entries_by_case(engine):
    """How many cases have how many entries."""
    counted = "SELECT count(*) FROM casework_entries e JOIN casework_cases c USING (school, no) "
    with engine.connect() as connection:
        found = connection.exec_driver_sql(counted + "WHERE starts_with(c.child, 'c-') GROUP BY e.no").scalars()
        return Counter(found.all())


@pytest.mark.unmeasured
class TestEight:
    def test_each_case_is_settled_once_while_a_ninth_holds_its_own(self, store, postgres):
        """Eight settle all that the ninth does not hold, and never wait for it; when it is killed its own come next."""
        due(store, 200)
        swift = create_engine(postgres.url, connect_args=NO_WAITING, pool_size=SWEEPERS)
        with process(url_of(postgres, application_name="doomed"), "stop") as doomed:
            assert "claimed" == doomed.stdout.readline().strip()
            with ThreadPoolExecutor(SWEEPERS) as pool:
                reports = list(pool.map(lambda _: sweeper(swift), range(SWEEPERS)))
            before = entries_by_case(postgres)
        wait_until_alone(postgres)
        last = sweeper(swift)
        swift.dispose()

        assert [[]] * SWEEPERS == [report.broken for report in reports]
        assert 200 - CHUNK == sum(report.settled for report in reports)
        assert {1: CHUNK, 2: 200 - CHUNK} == before
        assert (CHUNK, CHUNK) == (last.settled, last.written)
        assert {2: 200} == entries_by_case(postgres)
        assert () == verify(store, SCHOOL).findings

    @pytest.mark.soak
    def test_five_thousand_cases(self, store, postgres):
        """Eight processes, of which one is killed somewhere in between: five thousand cases, each settled once."""
        due(store, 5_000)
        url = url_of(postgres, options="-c lock_timeout=3000")
        with ExitStack() as running:
            doomed = running.enter_context(process(url_of(postgres, application_name="doomed")))
            others = [running.enter_context(process(url)) for _ in range(SWEEPERS - 1)]
            while len(entries_by_case(postgres)) == 1:
                time.sleep(0.01)
            doomed.kill()
            said = [other.communicate()[0].split() for other in others]
        wait_until_alone(postgres)
        sweeper(postgres)

        assert ["0"] * len(said) == [broken for _, _, broken in said]
        assert {2: 5_000} == entries_by_case(postgres)
        assert () == verify(store, SCHOOL).findings


class TestDue:
    def test_what_was_due_is_due_no_more(self, store, postgres):
        """A sweep by eight leaves nothing behind that was due."""
        due(store, 60)
        with ThreadPoolExecutor(SWEEPERS) as pool:
            list(pool.map(lambda _: sweeper(postgres), range(SWEEPERS)))
        with store.read():
            assert 0 == store.due(LATER, school=None)
