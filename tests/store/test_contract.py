"""The store on SQLite keeps the contract at every door."""

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from casework.store import KeyRing, SqlStore, default_tables
from casework.testing.contract import OwnTransactionContract, StoreContract


@pytest.fixture
def engine():
    """An empty database in memory."""
    engine = create_engine("sqlite://")
    default_tables().cases.metadata.create_all(engine)
    yield engine
    engine.dispose()


class TestEngineDoor(StoreContract, OwnTransactionContract):
    @pytest.fixture
    def store(self, engine):
        """Opened and committed by casework."""
        return SqlStore(engine, KeyRing.generate())


class TestSessionDoor(StoreContract):
    @pytest.fixture
    def store(self, engine):
        """The host's session; nothing is committed."""
        with Session(engine) as session:
            yield SqlStore(session, KeyRing.generate())


class TestConnectionDoor(StoreContract):
    @pytest.fixture
    def store(self, engine):
        """The host's connection; nothing is committed."""
        with engine.connect() as connection:
            yield SqlStore(connection, KeyRing.generate())


class TestWithoutSecrecy(StoreContract):
    @pytest.fixture
    def store(self, engine):
        """Text kept readable, asked for by name."""
        return SqlStore(engine, KeyRing.without_secrecy())
