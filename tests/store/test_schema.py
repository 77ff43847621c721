"""A database without casework's tables, or with those of another release, is told with what to run."""

import subprocess
import sys

import pytest
from sqlalchemy.orm import Session

import casework.store
from casework.errors import TablesDiffer
from casework.store import SqlStore, default_tables, migrate, open_engine
from casework.store.migrations import newest
from casework.store.schema import REVISION
from casework.testing.contract_base import put, record
from casework.testing.sql_contract import counted


@pytest.fixture
def empty(tmp_path):
    """A file with nothing in it."""
    path = tmp_path / "empty.db"
    path.touch()
    engine = open_engine(path)
    yield engine
    engine.dispose()


def say(engine, revision):
    """Let the database say that it is of this revision."""
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE casework_schema_version SET version_num = ?", (revision,))
    engine.dispose()


class TestTables:
    def test_an_empty_file(self, empty, ring):
        """It says how the tables come to be, and works once they are there."""
        store = SqlStore(empty, ring)
        for door in (store.read, store.write):
            with pytest.raises(TablesDiffer, match=r"casework\.store\.migrate.*casework init"), door():
                pass
        migrate(empty)

        put(store, record())

    def test_a_host_is_told_as_well(self, empty, ring):
        """So is a guest, and the host's transaction goes on."""
        with Session(empty) as session:
            with pytest.raises(TablesDiffer), SqlStore(session, ring).write():
                pass
            session.connection().exec_driver_sql("CREATE TABLE host (name TEXT)")
            session.commit()

    @pytest.mark.parametrize(("revision", "mend"), [("9999", "upgrade casework"), ("0000", r"back it up; call")])
    def test_a_database_of_another_release(self, empty, ring, revision, mend):
        """A later one wants a later casework, an earlier one is to be migrated."""
        migrate(empty)
        say(empty, revision)

        with pytest.raises(TablesDiffer, match=mend), SqlStore(empty, ring).read():
            pass

    def test_tables_that_a_host_made_by_itself(self, empty, ring):
        """Tables without a version are taken as they are."""
        default_tables().cases.metadata.create_all(empty)

        put(SqlStore(empty, ring), record())

    def test_a_connection_is_asked_once(self, engine, ring):
        """Work after the first costs no question more."""
        store = SqlStore(engine, ring)
        with store.read():
            pass
        with counted(engine) as sent, store.read():
            pass

        assert [] == [statement for statement in sent if statement != "BEGIN"]

    def test_the_revision_is_the_newest(self):
        """What the store asks for is what Alembic makes."""
        assert newest() == REVISION


class TestMigrate:
    def test_the_store_offers_it(self):
        """It is found where the store is, by name only."""
        assert casework.store.migrate is migrate
        with pytest.raises(AttributeError, match="no attribute 'migration'"):
            casework.store.migration  # noqa: B018

    def test_importing_the_store_loads_no_alembic(self):
        """Only who migrates pays for it."""
        program = "import sys, casework.store; print('alembic' in sys.modules, 'migrate' in casework.store.__all__)"
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert "False True" == found.stdout.strip()
