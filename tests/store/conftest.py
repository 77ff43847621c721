"""Databases with casework's tables, made quickly."""

from functools import cache

import pytest
from sqlalchemy import StaticPool, create_engine, event

from casework.store import KeyRing, default_tables


@cache
def empty_database():
    """The bytes of a database that holds the tables and nothing else."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    default_tables().cases.metadata.create_all(engine)
    with engine.connect() as connection:
        found = connection.connection.driver_connection.serialize()
    engine.dispose()
    return found


@pytest.fixture
def memory_engine():
    """An SQLite database in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", lambda connection, _: connection.deserialize(empty_database()))
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite(tmp_path):
    """An SQLite database in a file, which several connections can open."""
    path = tmp_path / "casework.db"
    path.write_bytes(empty_database())
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request):
    """A database that several connections can open."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def psycopg2_engine(postgres):
    """The same database by psycopg2."""
    engine = create_engine(postgres.url.set(drivername="postgresql+psycopg2"), hide_parameters=True)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def quick_engine(request):
    """A database that is made in no time: on SQLite it has but one connection."""
    return request.getfixturevalue("memory_engine" if request.param == "sqlite" else request.param)


@pytest.fixture
def ring():
    """A key ring in memory."""
    return KeyRing.generate()
