"""The schema's versions, and what the doctor says."""

import importlib
import sqlite3
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, inspect
from sqlalchemy.orm import Session

from casework.store import KeyRing, SqlStore, default_tables, open_engine, tables
from casework.store.doctor import doctor_facts
from casework.store.migrations import (
    VERSION_TABLE,
    _config,
    include_name,
    include_object,
    migrate,
    newest,
    revision,
)
from tests.store.story import tell_all


@pytest.fixture
def empty(tmp_path):
    """A database file with nothing in it."""
    engine = open_engine(tmp_path / "empty.db")
    yield engine
    engine.dispose()


def schema(engine):
    """Everything that SQLite knows of the tables, as it was declared."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE type <> 'view'").fetchall()
    return {(kind, name): sql for kind, name, sql in rows if VERSION_TABLE not in name}


class TestMigrate:
    def test_the_revisions_make_what_the_tables_declare(self, empty, tmp_path):
        """A migrated database and one made from the declarations are the same, to the letter."""
        migrate(empty)
        declared = open_engine(tmp_path / "declared.db")
        default_tables().cases.metadata.create_all(declared)

        assert schema(declared) == schema(empty)
        declared.dispose()

    def test_alembic_finds_nothing_to_change(self, empty):
        """Alembic's own comparison agrees."""
        migrate(empty)
        with empty.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            found = compare_metadata(context, default_tables().cases.metadata)

        assert [] == found

    def test_migrating_again_changes_nothing(self, empty):
        """The revision stays, and the data with it."""
        assert newest() == migrate(empty)
        tell_all(SqlStore(empty, KeyRing.generate()))
        before = doctor_facts(empty)["entries"]

        assert newest() == migrate(empty)
        assert before == doctor_facts(empty)["entries"]

    def test_going_back_leaves_nothing(self, empty):
        """The first revision undone leaves no table of casework's."""
        migrate(empty)
        config = _config()
        with empty.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "base")
            assert "" == revision(connection)

        assert {VERSION_TABLE} == set(inspect(empty).get_table_names())

    def test_a_failing_migration_leaves_nothing(self, empty, monkeypatch):
        """On SQLite it is one transaction."""
        first = importlib.import_module("casework.store.migrations.kinds")

        def broken(*_, **__):
            raise LookupError

        monkeypatch.setattr(first.op, "create_index", broken)
        with pytest.raises(LookupError):
            migrate(empty)

        assert [] == inspect(empty).get_table_names()


class TestFromTheFirstRelease:
    def test_referrals_keep_what_they_said(self, empty):
        """A referral of the first release is there after the upgrade, as open as it was, and after going back."""
        move(empty, "0001", upgrade=True)
        with empty.begin() as connection:
            for table, said in OLD.items():
                put(connection, table, said)
        before = rows(empty, "casework_referrals")
        assert newest() == migrate(empty)
        store = SqlStore(empty, KeyRing.without_secrecy())
        with store.read():
            found = store.load("qinghe", ["s-1"])["s-1"].referrals["r1"]
            assert ["s-1"] == store.referred("qinghe")

        assert ("psychology", ("c1",), "t.li", "requested", (), "") == (
            found.to,
            found.about,
            found.by,
            found.state,
            found.implicated,
            found.provider,
        )
        move(empty, "0001", upgrade=False)
        assert before == rows(empty, "casework_referrals")


OLD = {
    "casework_schools": {"school": 1, "name": "qinghe", "last_no": 1},
    "casework_cases": {"school": 1, "no": 1, "child": "s-1", "version": 1, "stage": "filed", "parts": 1024},
    "casework_referrals": {
        "school": 1,
        "no": 1,
        "id": "r1",
        "target": "psychology",
        "day": 20_700,
        "about": '["c1"]',
        "person": "t.li",
        "state": "requested",
    },
}
EMPTY = {"VARCHAR": "", "TEXT": "", "BLOB": b""}
"""By type, what a column of the first release holds that has nothing to say."""


def put(connection, table, said):
    """Write a row as the first release did; what is not said is empty."""
    columns = connection.exec_driver_sql(f"PRAGMA table_info({table})").fetchall()
    row = {name: EMPTY.get(kind.partition("(")[0], 0) for _, name, kind, needed, *_ in columns if needed} | said
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608


def rows(engine, table):
    """Every row of a table."""
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall()  # noqa: S608


def move(engine, to, *, upgrade):
    """Bring the tables to a revision."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if upgrade else command.downgrade)(config, to)


class TestHosts:
    def test_a_host_may_have_the_tables_in_its_metadata(self):
        """They stand beside the host's own."""
        metadata = MetaData()
        Table("student", metadata, Column("id", Integer, primary_key=True))
        made = tables(metadata)

        assert made.cases is metadata.tables["casework_cases"]
        assert len(made.all()) + 1 == len(metadata.tables)

    def test_a_store_on_the_tables_of_a_host(self, ring):
        """A store works with them."""
        engine = create_engine("sqlite://")
        made = tables()
        made.cases.metadata.create_all(engine)
        tell_all(SqlStore(engine, ring, tables=made))

        assert 4 == doctor_facts(engine, tables=made)["records"]

    @pytest.mark.parametrize(
        ("name", "kind", "parents", "included"),
        [
            ("casework_cases", "table", {}, False),
            ("student", "table", {}, True),
            ("casework_cases_wake", "index", {"table_name": "casework_cases"}, False),
            ("ix_student", "index", {"table_name": "student"}, True),
            (None, "schema", {}, True),
        ],
    )
    def test_a_hosts_alembic_leaves_our_tables_alone(self, name, kind, parents, included):
        """The filter for its ``include_name``."""
        assert included == include_name(name, kind, parents)

    @pytest.mark.parametrize("within", [False, True], ids=["metadata of its own", "metadata of the host"])
    def test_a_hosts_autogenerate_finds_its_own_alone(self, empty, within):
        """Alembic proposes neither to drop casework's tables nor to make them, with the filter that fits the host."""
        metadata = MetaData()
        student = Table("student", metadata, Column("id", String(20), primary_key=True))
        if within:
            tables(metadata)
        student.create(empty)
        migrate(empty)
        filters = {"include_object": include_object} if within else {"include_name": include_name}
        Table("locker", metadata, Column("no", Integer, primary_key=True))
        with empty.connect() as connection:
            seen = compare_metadata(MigrationContext.configure(connection, opts=filters), metadata)
            others = compare_metadata(MigrationContext.configure(connection), MetaData())

        assert [("add_table", "locker")] == [(what, table.name) for what, table in seen]
        assert len(others) > len(default_tables().all())

    def test_the_hosts_own_alembic_is_not_touched(self, empty):
        """Its version and its tables are as they were; casework's version stands in a table of its own."""
        with empty.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('the_hosts')")
        before = schema(empty)
        migrate(empty)

        with empty.connect() as connection:
            assert "the_hosts" == connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        assert before.items() <= schema(empty).items()

    def test_in_a_transaction_of_the_host(self, empty):
        """On a session, or on a lent connection, it is the host who commits: rolled back, nothing is there."""
        connection = sqlite3.connect(empty.url.database)
        migrate(connection)
        connection.rollback()
        with Session(empty) as session:
            migrate(session)
            session.rollback()
        nothing = inspect(empty).get_table_names()
        migrate(connection)
        connection.commit()
        connection.close()

        assert [] == nothing
        assert newest() == migrate(empty)

    def test_every_key_begins_with_the_school(self):
        """A distributed database can put each school in one place."""
        found = []
        for table in default_tables().all():
            keys = [table.primary_key, *table.foreign_key_constraints]
            keys += [c for c in table.constraints if type(c).__name__ == "UniqueConstraint"]
            found += [(table.name, next(iter(key.columns)).name) for key in keys]

        assert {("casework_schools", "name")} == {pair for pair in found if pair[1] != "school"}


class TestDoctor:
    def test_an_empty_database(self, empty):
        """There are no tables yet, and it says which revision is wanted."""
        facts = doctor_facts(empty)

        assert ("sqlite", "delete", "", False) == tuple(
            facts[name] for name in ("database", "journal", "schema", "tables")
        )
        assert newest() == facts["schema_wanted"]
        assert "entries" not in facts

    def test_a_store_with_work_waiting(self, empty):
        """What is due, quarantined and waiting is counted; nothing is readable."""
        migrate(empty)
        tell_all(SqlStore(empty, KeyRing.generate()))
        facts = doctor_facts(empty, clock=lambda: datetime(2027, 1, 1, tzinfo=UTC))

        assert {
            "schools": 1,
            "records": 4,
            "cases_open": 3,
            "entries": 34,
            "due": 4,
            "quarantined": 2,
            "waiting": 2,
            "dead_letters": 0,
            "unsent": 2,
            "unalarmed": 0,
            "readable": 0,
        } == {name: facts[name] for name in list(facts)[-11:]}
        assert newest() == facts["schema"]

    def test_nothing_is_due_before_its_time(self, empty):
        """What is due depends on the clock."""
        migrate(empty)
        tell_all(SqlStore(empty, KeyRing.generate()))

        assert 0 == doctor_facts(empty, clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))["due"]

    def test_emergencies_of_which_nobody_would_be_told_are_counted(self, empty):
        """An emergency that is not reviewed has an alarm; one that lost it shows."""
        migrate(empty)
        tell_all(SqlStore(empty, KeyRing.generate()))
        with empty.begin() as connection:
            connection.exec_driver_sql("UPDATE casework_cases SET alarm_at = NULL WHERE no = 1")

        assert 1 == doctor_facts(empty)["unalarmed"]

    def test_what_was_written_without_secrecy_shows(self, empty):
        """The doctor counts entries that anybody could have written."""
        migrate(empty)
        tell_all(SqlStore(empty, KeyRing.without_secrecy()))

        assert 34 == doctor_facts(empty)["readable"]


class TestWidths:
    @pytest.mark.parametrize(("table", "column"), [("cases", "parts"), ("reads", "n")])
    def test_what_outgrows_a_small_number_is_none(self, table, column):
        """One bit for each table of parts, one place for each reading: PostgreSQL's SMALLINT ends at 32,767."""
        kind = getattr(default_tables(), table).c[column].type

        assert "INTEGER" == str(kind)
