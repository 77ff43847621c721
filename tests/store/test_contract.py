"""The store on SQLite keeps the contract at every door."""

import pytest
from sqlalchemy.orm import Session

from casework.store import KeyRing, SqlStore
from casework.testing.contract import OwnTransactionContract, StoreContract
from casework.testing.sql_contract import SqlContract, SqliteDoorsContract


class TestEngineDoor(StoreContract, OwnTransactionContract):
    @pytest.fixture
    def store(self, memory_engine):
        """Opened and committed by casework."""
        return SqlStore(memory_engine, KeyRing.generate())


@pytest.mark.unmeasured
class TestSessionDoor(StoreContract):
    @pytest.fixture
    def store(self, memory_engine):
        """The host's session; nothing is committed."""
        with Session(memory_engine) as session:
            yield SqlStore(session, KeyRing.generate())


@pytest.mark.unmeasured
class TestConnectionDoor(StoreContract):
    @pytest.fixture
    def store(self, memory_engine):
        """The host's connection; nothing is committed."""
        with memory_engine.connect() as connection:
            yield SqlStore(connection, KeyRing.generate())


@pytest.mark.unmeasured
class TestWithoutSecrecy(StoreContract):
    @pytest.fixture
    def store(self, memory_engine):
        """Text kept readable, asked for by name."""
        return SqlStore(memory_engine, KeyRing.without_secrecy())


class TestSqlite(SqlContract, SqliteDoorsContract):
    """A database in a file."""
