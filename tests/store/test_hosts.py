"""Every kind of host keeps `host_contract` on both databases; what does not is found out."""

import re
import sqlite3
import subprocess
import sys
from contextlib import suppress
from functools import partial

import psycopg
import psycopg2
import pytest
from psycopg.rows import dict_row
from psycopg2.extras import RealDictConnection
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

import casework.testing
from casework.store import SqlStore
from casework.testing import HOST_PROMISES, HostContractBroken, host_contract
from casework.testing.contract_base import put, record
from tests.servers import count_elsewhere
from tests.store.hosts import (
    STUDENT,
    ConnectionHost,
    DriverHost,
    ServerHost,
    SessionHost,
    SuiteHost,
    create,
)


def sqlite3_of(engine, **how):
    """Return a function that connects to the engine's file, with rows that are no tuples."""

    def connect():
        connection = sqlite3.connect(engine.url.database, **how)
        connection.row_factory = sqlite3.Row
        return connection

    return connect


def dsn(engine):
    """Where a driver finds the engine's server."""
    return f"host={engine.url.query['host']} user={engine.url.username} dbname={engine.url.database}"


class EarlyHost(DriverHost):
    """A program that lets its driver begin, and asks casework to begin first."""

    def transaction(self, work):
        """One request."""
        super().transaction(lambda connection: (self.store(connection).begin(), work(connection)))


def driver_hosts(engine, ring):
    """What a program can do with a driver alone."""
    if engine.dialect.name == "sqlite":
        yield EarlyHost(engine, ring, sqlite3_of(engine))
        yield DriverHost(engine, ring, sqlite3_of(engine, isolation_level=None), "BEGIN")
        return
    yield ServerHost(engine, ring, partial(psycopg.connect, dsn(engine), row_factory=dict_row))
    yield ServerHost(engine, ring, partial(psycopg2.connect, dsn(engine), connection_factory=RealDictConnection))


SERVED = [
    (SessionHost, "sqlite"),
    (SessionHost, "postgres"),
    (ConnectionHost, "sqlite"),
    (SuiteHost, "sqlite"),
    (SessionHost, "psycopg2_engine"),
]


def students(engine):
    """What a second process finds: the host's rows, records, entries."""
    return count_elsewhere(engine, "host_student", "casework_cases", "casework_entries")


@pytest.mark.unmeasured
class TestHosts:
    @pytest.mark.parametrize(("kind", "database"), SERVED)
    def test_hosts_with_sqlalchemy(self, kind, database, request, ring):
        """A host with SQLAlchemy keeps every promise, whatever it gives to the store."""
        host_contract(kind(create(request.getfixturevalue(database)), ring))

    def test_hosts_with_a_driver_alone(self, engine, ring):
        """So does one that lends its driver's connection, whoever begins, and whatever its rows are to itself."""
        for host in driver_hosts(create(engine), ring):
            host_contract(host)

    def test_a_second_process_finds_both_or_neither(self, engine, ring):
        """With a lent connection too: nothing of a request that failed, everything of one that ended well."""
        hosts = list(driver_hosts(create(engine), ring))
        for host in hosts:
            with pytest.raises(ZeroDivisionError):
                host.transaction(lambda connection, host=host: (written(host, "s-17", connection), 1 / 0))
        failed = students(engine)
        for n, host in enumerate(hosts):
            host.transaction(partial(written, host, f"s-{n}"))

        assert [0, 0, 0] == failed
        assert [len(hosts)] * 3 == students(engine)

    def test_promises_are_there_by_name(self):
        """Each can be asked for by itself; what is not promised is not there."""
        assert host_contract.__name__ in casework.testing.__all__
        assert {"nor_after_a_select"} < {promise.__name__ for promise in casework.testing.HOST_PROMISES}
        with pytest.raises(AttributeError, match="no attribute 'promises'"):
            casework.testing.promises  # noqa: B018

    def test_importing_what_tests_need_loads_no_sqlalchemy(self):
        """Only who proves a host pays for it."""
        program = "import sys, casework.testing; print('sqlalchemy' in sys.modules)"
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert "False" == found.stdout.strip()


def written(host, name, connection):
    """The host's row, and a record with one entry."""
    host.insert(connection, name)
    put(host.store(connection), record(name))


class Committing(SessionHost):
    """It commits before its own code has ended."""

    def transaction(self, work):
        """One request."""

        def early(session):
            try:
                work(session)
            finally:
                session.commit()

        with Session(self.engine) as session:
            early(session)


class CommittingDriver(DriverHost):
    """It commits before its own code has ended, on the driver's connection."""

    def store(self, connection):
        """The store in the request."""
        connection.commit()
        return super().store(connection)


class Swallowing(SessionHost):
    """It takes every error for its own."""

    def transaction(self, work):
        """One request."""
        with suppress(Exception):
            super().transaction(work)


class Forgetting(SessionHost):
    """It never commits."""

    def transaction(self, work):
        """One request."""
        with Session(self.engine) as session:
            work(session)


class Pretending(SessionHost):
    """Its savepoints are none."""

    def savepoint(self, session, work):
        """A savepoint within it."""
        work()


class Hushing(SessionHost):
    """Errors within its savepoints go no further."""

    def savepoint(self, session, work):
        """A savepoint within it."""
        with suppress(Exception):
            super().savepoint(session, work)


class Elsewhere(SessionHost):
    """It lets casework write on its own."""

    def store(self, session):
        """The store in the request."""
        return SqlStore(self.engine, self.ring)


class AutoCommit(SessionHost):
    """Its connections commit each statement."""

    def __init__(self, engine, ring):
        super().__init__(engine.execution_options(isolation_level="AUTOCOMMIT"), ring)


class Reading(SessionHost):
    """It writes down who reads."""

    def select(self, session):
        """A look of the host's."""
        session.execute(insert(STUDENT).values(name="somebody reads"))


def broken(host):
    """The promises that the contract finds broken, by name."""
    with pytest.raises(HostContractBroken, match=f"promises are broken by {type(host).__name__}") as found:
        host_contract(host)
    assert len(found.value.__cause__.exceptions) == str(found.value).count("\n- ")
    return re.findall(r"^- (\w+): ", str(found.value), re.MULTILINE)


class OwnSession(SessionHost):
    """It lets casework write in sessions of its own."""

    def __init__(self, engine, ring):
        super().__init__(engine, ring)
        self.sessions = []

    def store(self, session):
        """The store in the request."""
        self.sessions.append(Session(self.engine))
        return SqlStore(self.sessions[-1], self.ring)


class TestFound:
    def test_who_makes_casework_wait_for_the_request(self, engine, ring, monkeypatch):
        """Two connections in one request that wait for each other: no wait is for ever, and what it was is named."""
        monkeypatch.setattr("casework.testing.host_look._PATIENCE_MS", 100)
        quick = engine
        if engine.dialect.name == "sqlite":
            quick = create_engine(engine.url, connect_args={"timeout": 0.1})
        host = OwnSession(create(quick), ring)
        with pytest.raises(HostContractBroken, match=r"HostWaited: .* on the request's own session") as found:
            host_contract(host)
        for session in host.sessions:
            session.close()
        quick.dispose()

        assert str(found.value).endswith("The promises after this one were not asked for: each would wait as long.")

    def test_a_store_on_an_engine_is_named_at_once_on_sqlite(self, sqlite, ring):
        """There it would wait for the request as long as the engine says, again and again."""
        with pytest.raises(HostContractBroken, match="a store on an Engine, so that casework opens"):
            HOST_PROMISES[0](Elsewhere(create(sqlite), ring))

    def test_who_commits_early(self, engine, ring):
        """A host that is made to commit is found, where its request fails after our write."""
        found = broken(Committing(create(engine), ring))

        assert {"neither_row_outlives_a_failure", "nor_after_a_select", "a_savepoint_opened_after_begin"} <= set(found)

    def test_who_commits_a_lent_connection(self, sqlite, ring):
        """So is one that lends its driver's connection."""
        found = broken(CommittingDriver(create(sqlite), ring, sqlite3_of(sqlite)))

        assert {"nothing_shows_before_the_commit", "neither_row_outlives_a_failure"} <= set(found)

    def test_who_lets_casework_write_elsewhere(self, postgres, ring):
        """A store of an engine's is no guest."""
        found = broken(Elsewhere(create(postgres), ring))

        assert {"nothing_shows_before_the_commit", "neither_row_outlives_a_failure"} <= set(found)
        assert "both_rows_come_with_the_commit" not in found

    def test_who_commits_each_statement(self, engine, ring):
        """Casework refuses to be the guest of a connection that commits each statement by itself."""
        with pytest.raises(HostContractBroken, match="statement by itself") as found:
            host_contract(AutoCommit(create(engine), ring))

        assert len(HOST_PROMISES) - 1 <= len(found.value.__cause__.exceptions)

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            (Swallowing, "neither_row_outlives_a_failure"),
            (Forgetting, "both_rows_come_with_the_commit"),
            (Pretending, "a_later_savepoint_rolled_back"),
            (Hushing, "a_savepoint_in_a_savepoint"),
            (Reading, "reading_writes_nothing"),
        ],
    )
    def test_who_breaks_a_promise(self, kind, name, sqlite, ring):
        """Each way to go wrong is found by the promise that it breaks."""
        (promise,) = [promise for promise in HOST_PROMISES if promise.__name__ == name]
        with pytest.raises(HostContractBroken):
            promise(kind(create(sqlite), ring))

    def test_who_opens_a_savepoint_for_a_transaction(self, sqlite, ring):
        """On SQLite a SAVEPOINT without BEGIN is committed by its release, the host's own row too: that is found."""
        found = broken(DriverHost(create(sqlite), ring, sqlite3_of(sqlite)))

        assert ["a_savepoint_opened_before_casework"] == found
