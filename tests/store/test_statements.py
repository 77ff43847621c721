"""Statements for other databases, and values on their way into columns."""

from datetime import datetime

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import psycopg, psycopg2
from sqlalchemy.schema import CreateTable

from casework.errors import CommandRefused, Tampered
from casework.model.people import Contact, ContactCard
from casework.store import SqlStore, default_tables, types
from casework.store.dialects import locked
from casework.store.statements import SIZES, Statements, padded
from casework.store.work import by_child, head_columns
from casework.testing.contract_base import SCHOOL, change, record

TABLES = default_tables()


@pytest.fixture
def elsewhere():
    """Statements for a driver whose parameters have names."""
    return Statements(TABLES, psycopg2.dialect())


class TestPrepared:
    def test_named_parameters(self, elsewhere):
        """A driver that wants names gets a mapping."""
        prepared = elsewhere.update(TABLES.cases, ["version"], ["school", "no"])

        assert {"version": 5, "is_school": 1, "is_no": 2} == prepared.bind((5, 1, 2))

    def test_parameters_by_place(self):
        """A driver that takes values by place as well gets a tuple, which is cheaper."""
        prepared = Statements(TABLES, psycopg.dialect()).update(TABLES.cases, ["version"], ["school", "no"])

        assert (5, 1, 2) == prepared.bind((5, 1, 2))
        assert "version=%s" in prepared.text

    def test_rows_that_are_there_already(self, elsewhere):
        """PostgreSQL is asked to leave them, too."""
        assert "ON CONFLICT DO NOTHING" in elsewhere.insert(TABLES.sealed, ignoring=True).text

    def test_locks_where_there_are_locks(self, elsewhere):
        """Claiming locks the records and passes over those that others hold."""
        statement = locked(head_columns(elsewhere), TABLES.cases, skip=True)

        assert "FOR NO KEY UPDATE OF casework_cases SKIP LOCKED" in elsewhere.get("x", (), lambda: statement).text

    def test_all_lock_in_one_order(self):
        """Two who write the same records cannot each hold what the other waits for."""
        prepared = by_child(Statements(TABLES, psycopg.dialect()), 4, ("child",), writing=True)

        assert prepared.text.endswith("ORDER BY casework_cases.child FOR NO KEY UPDATE OF casework_cases")

    def test_every_table_can_be_made_elsewhere(self):
        """Texts are in binary order there as well."""
        made = "".join(str(CreateTable(table).compile(dialect=psycopg.dialect())) for table in TABLES.all())

        assert 46 == made.count("CREATE TABLE")
        assert 'COLLATE "C"' in made

    def test_other_parameters_than_said_are_an_error(self, elsewhere):
        """A statement and the values given to it cannot drift apart."""
        with pytest.raises(TypeError, match="parameters are school, not child"):
            elsewhere.get(
                "wrong", ["child"], lambda: select(TABLES.cases).where(TABLES.cases.c.school == bindparam("school"))
            )
        with pytest.raises(TypeError, match="only queries"):
            elsewhere.get("ddl", (), lambda: CreateTable(TABLES.cases))


class TestPadded:
    @pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 64, 65, 256, 257, 600])
    def test_lists_have_a_few_lengths(self, count):
        """Every item is there, in lists of a few lengths, filled up with the last."""
        found = list(padded(range(count)))

        assert set(range(count)) == {item for some in found for item in some}
        assert {len(some) for some in found} <= set(SIZES)
        assert -(-count // 256) == len(found)


class TestTypes:
    def test_a_naive_instant_is_refused(self):
        """Nobody knows when it was."""
        with pytest.raises(CommandRefused, match="time zone"):
            types.to_instant(datetime(2026, 9, 1))  # noqa: DTZ001

    def test_json_that_is_none(self):
        """A list that was changed by hand is reported as that."""
        with pytest.raises(Tampered, match="casework verify"):
            types.from_json("{")

    def test_readable_names_are_not_stored(self, memory_engine, ring):
        """A contact card that no desk has sealed is refused, and nothing is stored."""
        store = SqlStore(memory_engine, ring)
        with store.write():
            with pytest.raises(CommandRefused, match="sealed"):
                store.save(SCHOOL, [change(record(card=ContactCard(Contact("Liu", "grandmother"))))])
            assert {} == store.load(SCHOOL, ["s-17"])
