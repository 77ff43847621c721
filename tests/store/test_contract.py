"""Every store keeps the contract, on SQL at every door."""

import pytest
from sqlalchemy.orm import Session

from casework.store import KeyRing, SqlStore
from casework.testing import MemoryStore
from casework.testing.contract import OwnTransactionContract, StoreContract
from casework.testing.sql_contract import PostgresDoorsContract, SqlContract, SqliteDoorsContract


class TestStore(StoreContract, OwnTransactionContract):
    @pytest.fixture(params=["memory", "sqlite", "postgres"])
    def store(self, request):
        """Opened and committed by casework."""
        if request.param == "memory":
            return MemoryStore()
        engine = request.getfixturevalue("memory_engine" if request.param == "sqlite" else request.param)
        return SqlStore(engine, KeyRing.generate())


@pytest.mark.unmeasured
class TestSessionDoor(StoreContract):
    @pytest.fixture
    def store(self, quick_engine):
        """The host's session; nothing is committed."""
        with Session(quick_engine) as session:
            yield SqlStore(session, KeyRing.generate())


@pytest.mark.unmeasured
class TestConnectionDoor(StoreContract):
    @pytest.fixture
    def store(self, memory_engine):
        """The host's connection; nothing is committed. What differs on PostgreSQL stands in `SqlContract`."""
        with memory_engine.connect() as connection:
            yield SqlStore(connection, KeyRing.generate())


@pytest.mark.unmeasured
class TestWithoutSecrecy(StoreContract):
    @pytest.fixture
    def store(self, memory_engine):
        """Text kept readable, asked for by name."""
        return SqlStore(memory_engine, KeyRing.without_secrecy())


class TestSqlite(SqlContract, SqliteDoorsContract):
    test_seven_due_of_ten_thousand_load_seven = pytest.mark.unmeasured(
        SqlContract.test_seven_due_of_ten_thousand_load_seven
    )
    test_an_idle_sweep_asks_the_same_of_few_and_of_many = pytest.mark.unmeasured(
        SqlContract.test_an_idle_sweep_asks_the_same_of_few_and_of_many
    )

    @pytest.fixture(params=["sqlite"])
    def engine(self, sqlite):
        """A database in a file."""
        return sqlite


@pytest.mark.unmeasured
class TestPostgres(SqlContract, PostgresDoorsContract):
    large = 1_000

    @pytest.fixture(params=["postgres"])
    def engine(self, postgres):
        """A database on a server."""
        return postgres
