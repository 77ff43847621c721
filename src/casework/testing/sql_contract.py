"""What stores on SQL promise besides: as guests they leave commit and rollback to the host, and they ask little.

A test class gives two fixtures: ``engine`` (a database file or server with casework's tables, empty) and ``ring``. The
doors stand in `casework.testing.sql_doors`.
"""

from typing import Any, ClassVar

import pytest
from attrs import evolve
from sqlalchemy import Connection, Engine

from casework.engine.port import Change
from casework.model.case import Case, Mark
from casework.store import KeyRing, SqlStore
from casework.testing.contract_base import AT, DAY, HOUR, SCHOOL, change, record, same
from casework.testing.sql_doors import (
    Base,
    DoorsContract,
    PostgresDoorsContract,
    SqliteDoorsContract,
    Student,
    committed,
    counted,
    write,
)

__all__ = [
    "Base",
    "DoorsContract",
    "PostgresDoorsContract",
    "SqlContract",
    "SqliteDoorsContract",
    "StatementsContract",
    "Student",
    "committed",
    "counted",
    "many",
    "plan",
    "write",
]


def many(count: int, **parts: Any) -> list[Change]:  # noqa: ANN401 - fields of a case
    """Changes that make so many records, none of them due."""
    return [change(record(f"s-{k:05}", **parts), wake=AT + HOUR) for k in range(count)]


class StatementsContract:
    """A constant number of statements, whatever there is."""

    large: ClassVar[int] = 10_000
    """How many cases a large school has; a suite that has to be quick may say less."""

    def test_an_idle_sweep_asks_the_same_of_few_and_of_many(self, engine: Engine, ring: KeyRing) -> None:
        """With 10 cases and with 10,000 (or what is said to be large), of which none is due."""
        store = SqlStore(engine, ring)
        sent: dict[int, list[str]] = {}
        for count in (10, self.large):
            with store.write():
                store.save(f"school {count}", [_moved(c, f"school {count}") for c in many(count)])
            with counted(engine) as sent[count], store.write():
                for alarms in (True, False):
                    same(store.claim(AT, limit=200, school=None, alarms=alarms, skip=()), [])
        with store.write():
            due = store.claim(AT + HOUR, limit=7, school=f"school {self.large}", alarms=False, skip=())

        same(sent[self.large], sent[10])
        same(len(due), 7)

    def test_seven_due_of_ten_thousand_load_seven(self, engine: Engine, ring: KeyRing) -> None:
        """Of a large school what is not due is not touched, and seven cost no more statements than one."""
        store = SqlStore(engine, ring)
        marks = {"m": Mark("m", "filed", DAY, "t.li")}
        with store.write():
            store.save(SCHOOL, many(self.large - 7))
            store.save(SCHOOL, [change(record(f"due-{k}", marks=marks), wake=AT) for k in range(7)])
        sent: dict[int, list[str]] = {}
        rows: dict[int, list[Case]] = {}
        for limit in (1, 7):
            with counted(engine) as sent[limit], store.write():
                rows[limit] = store.claim(AT, limit=limit, school=None, alarms=False, skip=())

        same([len(rows[limit]) for limit in (1, 7)], [1, 7])
        same(len(sent[7]), len(sent[1]))

    @pytest.mark.parametrize("schools", [1, 2])
    def test_a_chunk_costs_a_constant_number_of_statements(self, engine: Engine, ring: KeyRing, schools: int) -> None:
        """Claiming, loading and saving 5 or 60 records with rows in several tables, of one school or of two."""
        store = SqlStore(engine, ring)
        marks = {"m": Mark("m", "filed", DAY, "t.li")}
        sent: dict[int, list[str]] = {}
        for count in (5, 60):
            names = [f"school {count} {k}" for k in range(schools)]
            with store.write():
                for name in names:
                    store.save(name, [_moved(c, name) for c in many(count, marks=marks, failures={"r": "E"})])
            with counted(engine) as sent[count], store.write():
                claimed = store.claim(AT + HOUR, limit=count * schools, school=None, alarms=False, skip=())
                for name in names:
                    mine = [case for case in claimed if case.school == name]
                    store.save(name, [change(evolve(c, marks={}, away="one"), before=c) for c in mine])

            same(len(claimed), count * schools)
        same(len(sent[60]), len(sent[5]))

    def test_saving_writes_only_what_changed(self, engine: Engine, ring: KeyRing) -> None:
        """One mark more in a record with many is one row more, one entry, and the record's own row."""
        store = SqlStore(engine, ring)
        marks = {f"m{k}": Mark(f"m{k}", "filed", DAY, "t.li") for k in range(50)}
        with store.write():
            store.save(SCHOOL, [change(record(marks=marks))])
        with counted(engine) as sent, store.write():
            before = store.load(SCHOOL, ["s-17"])["s-17"]
            more = evolve(before, marks={**before.marks, "new": Mark("new", "filed", DAY, "t.li")})
            store.save(SCHOOL, [change(more, before=before)])
        written = sorted(" ".join(s.split()[:3]) for s in sent if s.split()[0] in {"INSERT", "UPDATE", "DELETE"})

        same(written, ["INSERT INTO casework_entries", "INSERT INTO casework_marks", "UPDATE casework_cases SET"])

    def test_a_list_of_the_day_asks_the_same_of_few_and_of_many(self, engine: Engine, ring: KeyRing) -> None:
        """What a person owes takes as many statements with 3 children as with 300."""
        from casework.testing.contract_questions import owing, whose  # noqa: PLC0415

        store = SqlStore(engine, ring)
        sent: dict[int, list[str]] = {}
        for count in (3, 300):
            name = f"school {count}"
            with store.write():
                store.save(
                    name, [_moved(change(owing("lead", lead="t.li", child=f"s-{k}")), name) for k in range(count)]
                )
            with counted(engine) as sent[count], store.read():
                same(len(store.owed(name, whose(roles=["office"]), hidden=())), count)

        same(len(sent[300]), len(sent[3]))


def _moved(made: Change, school: str) -> Change:
    """The same change for another school."""
    return evolve(made, before=evolve(made.before, school=school), after=evolve(made.after, school=school))


class SqlContract(DoorsContract, StatementsContract):
    """Everything that a store on SQL promises besides `casework.testing.contract.StoreContract`."""


def plan(connection: Connection, statement: str, *values: object) -> str:
    """SQLite's plan for a statement, as one text."""
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    return "\n".join(str(row[3]) for row in rows)
