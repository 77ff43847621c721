"""Verification notices what casework did not write; `tests.store.test_tampering` tries whatever can be changed."""

import pytest
from attrs import evolve
from sqlalchemy import LargeBinary, String

from casework.engine.evolve import fold
from casework.engine.port import Change, Outgoing
from casework.errors import CommandRefused, StaleCase
from casework.model import events as ev
from casework.model.case import Case
from casework.store import KeyRing, SqlStore, default_tables, rows
from casework.store.statements import Wire
from casework.store.verify import Anchor, Report, verify
from casework.testing.contract_base import AT, DAY, HOUR, SCHOOL, change, record
from tests.store.conftest import empty_database
from tests.store.story import step, tell_all

TABLES = default_tables()

NOT_HISTORY = {
    f"casework_{name}"
    for name in ("reads", "outbox", "roll", "staff", "awaited", "waiting", "deliveries", "lookups", "indexes")
}
"""What no history says, so that verification cannot know it (see `casework.store.verify`)."""


@pytest.fixture
def store(memory_engine, ring):
    """A store that holds a few stories."""
    store = SqlStore(memory_engine, ring)
    tell_all(store)
    with store.write():
        sealed = store.load(SCHOOL, ["s-17"])["s-17"].activity_log["a1"].note
        store.unseal(SCHOOL, "s-17", sealed, reader="t.li", reason="visit", at=store.entries(SCHOOL, "s-17")[0].at)
    return store


def edits():
    """Every column of every table that history covers, changed in one row; every table's row gone, and doubled."""
    for table in TABLES.all():
        if table.name in NOT_HISTORY:
            continue
        yield table.name, "", f"DELETE FROM {table.name} WHERE school = 1 AND {one(table)}"  # noqa: S608
        for column in table.c:
            for other in changes(column):
                yield (
                    table.name,
                    column.name,
                    f'UPDATE {table.name} SET "{column.name}" = {other} WHERE school = 1 AND {one(table)}',  # noqa: S608
                )


def one(table):
    """A condition that picks one row of a child's record (the school's, where there is no other)."""
    if "no" not in table.c:
        return "1 = 1"
    keys = [c.name for c in table.primary_key.columns if c.name not in {"school", "no"}]
    names = ", ".join(f'"{key}"' for key in keys)
    return f"no = 1 AND ({names}) = (SELECT {names} FROM {table.name} WHERE no = 1 LIMIT 1)" if keys else "no = 1"  # noqa: S608


def changes(column):
    """Other values for a column, in SQL."""
    name = f'"{column.name}"'
    if isinstance(column.type, LargeBinary):
        return [f"CASE WHEN {name} IS NULL THEN zeroblob(16) ELSE CAST({name} || x'00' AS BLOB) END"]
    if isinstance(column.type, String):
        return [f"coalesce({name}, '') || 'x'"]
    if column.type.__class__.__name__ == "Text":
        return ["'[\"x\"]'"]
    return [f"coalesce({name}, 0) + 1000"]


EDITS = list(edits())


class TestUntouched:
    def test_what_casework_wrote_is_in_order(self, store):
        """Records, entries, heads, rows, texts: nothing to report."""
        report = verify(store, SCHOOL)

        assert (4, 34, ()) == (report.records, report.entries, report.findings)

    def test_the_chain_alone(self, store):
        """Without folding the same entries are checked."""
        assert 34 == verify(store, SCHOOL, folding=False).entries

    def test_an_unknown_school_has_nothing_to_check(self, store):
        """There is nothing, so there is nothing wrong."""
        assert Report(0, 0, (), Anchor("nowhere", {})) == verify(store, "nowhere")

    def test_history_gives_the_stored_state(self, store):
        """A store opened anew folds the entries and gets what is stored."""
        with store.read():
            for child in ("", "s-17", "s-18", "s-19"):
                stored = store.load(SCHOOL, [child])[child]
                assert stored == fold(Case(SCHOOL, child), store.entries(SCHOOL, child))

    def test_records_of_a_school_that_is_gone(self, store, memory_engine):
        """Records whose school has no row any more are reported for whatever school is asked."""
        with memory_engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM casework_schools")

        assert ["casework_cases has records of school 1, which does not exist"] == [
            finding.what for finding in verify(store, "nowhere").findings
        ]

    def test_many_records_are_checked_by_pages(self, memory_engine, ring):
        """More records than one page holds are all looked at."""
        from casework.testing.sql_contract import many  # noqa: PLC0415

        store = SqlStore(memory_engine, ring)
        with store.write():
            store.save(SCHOOL, many(150))

        assert 150 == verify(store, SCHOOL, folding=False).records


class TestEdits:
    @pytest.mark.parametrize(
        ("numbers", "what"),
        [
            ("2", ["record 2 is gone with all rows: 3 were made"]),
            ("1, 2", ["records 1 to 2 are gone with all rows: 3 were made"]),
            ("3", ["record 3 is gone with all rows: 3 were made"]),
            ("1, 3", [f"record {no} is gone with all rows: 3 were made" for no in (1, 3)]),
            ("0", ["the record of the school is gone, though it runs on settings that were applied"]),
        ],
    )
    @pytest.mark.parametrize("folding", [True, False])
    def test_whole_records_that_are_gone(self, store, memory_engine, numbers, what, folding):
        """Taken out of every table, so that nothing refers to them: their numbers are missing."""
        with memory_engine.begin() as connection:
            for table in reversed(TABLES.all()):
                if "no" in table.c:
                    connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE no IN ({numbers})")  # noqa: S608

        assert what == [finding.what for finding in verify(store, SCHOOL, folding=folding).findings]

    def test_an_emergency_without_an_alarm(self, store, memory_engine):
        """Whoever takes away its alarm silences it, and is noticed; where there is none, none is missed."""
        with memory_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE casework_cases SET alarm_at = NULL")
        found = verify(store, SCHOOL).findings

        assert ["s-17", "s-18"] == [
            finding.child
            for finding in found
            if finding.what == "an emergency is not reviewed and has no alarm: nobody would be told of it any more"
        ]

    @pytest.mark.parametrize("column", ["wake_at", "alarm_at"])
    @pytest.mark.parametrize("folding", [True, False])
    def test_a_look_that_is_put_off(self, store, memory_engine, column, folding):
        """Whoever puts off an alarm, so that the ladder stands still, is noticed."""
        with memory_engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE casework_cases SET {column} = {column} + 1 WHERE no = 2")  # noqa: S608

        assert [("s-18", "its sealed head does not fit its last entry, its next look and its alarm")] == [
            (finding.child, finding.what) for finding in verify(store, SCHOOL, folding=folding).findings
        ]

    @pytest.mark.parametrize("lowered", [2, 0])
    def test_the_last_records_with_their_number(self, store, memory_engine, lowered):
        """Taken out together with the count of the school's records, they are missed by its seal."""
        with memory_engine.begin() as connection:
            for table in reversed(TABLES.all()):
                if "no" in table.c:
                    connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE no > {lowered}")  # noqa: S608
            connection.exec_driver_sql(f"UPDATE casework_schools SET last_no = {lowered}")  # noqa: S608

        assert ["the row of school 1 in casework_schools was changed: its name, last_no or settings"] == [
            finding.what for finding in verify(store, SCHOOL).findings
        ]

    def test_a_school_under_another_name(self, store, memory_engine):
        """It is not there by its name any more, but its row is."""
        with memory_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE casework_schools SET name = 'other'")

        assert 1 == len(verify(store, SCHOOL).findings)

    def test_many_gone_from_later_pages(self, memory_engine, ring):
        """A gap between two pages is one finding, and so is one at the end."""
        from casework.testing.sql_contract import many  # noqa: PLC0415

        store = SqlStore(memory_engine, ring)
        with store.write():
            store.save(SCHOOL, many(150))
        with memory_engine.begin() as connection:
            for table in ("casework_entries", "casework_cases"):
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE no BETWEEN 60 AND 70 OR no > 148")  # noqa: S608

        assert [f"records {these} are gone with all rows: 150 were made" for these in ("60 to 70", "149 to 150")] == [
            finding.what for finding in verify(store, SCHOOL, folding=False).findings
        ]

    @pytest.mark.parametrize(
        ("statements", "what"),
        [
            (["DELETE FROM casework_entries WHERE no = 1 AND seq > 7"], "there are 7 entries where 16 were written"),
            (
                [
                    "DELETE FROM casework_entries WHERE no = 1 AND seq = 16",
                    "UPDATE casework_cases SET version = 15 WHERE no = 1",
                ],
                "its sealed head does not fit its last entry",
            ),
            (["DELETE FROM casework_entries WHERE no = 1 AND seq = 3"], "entry 3 is missing"),
            (["DELETE FROM casework_entries WHERE no = 1"], "there are 0 entries where 16 were written"),
            (
                [
                    "UPDATE casework_entries SET seq = 99 WHERE no = 1 AND seq = 4",
                    "UPDATE casework_entries SET seq = 4 WHERE no = 1 AND seq = 5",
                    "UPDATE casework_entries SET seq = 5 WHERE no = 1 AND seq = 99",
                ],
                "it was changed, or stood elsewhere",
            ),
            (
                [
                    "UPDATE casework_entries SET no = 99 WHERE no = 1",
                    "UPDATE casework_entries SET no = 1 WHERE no = 2",
                    "UPDATE casework_entries SET no = 2 WHERE no = 99",
                ],
                "it was changed, or stood elsewhere",
            ),
            (["UPDATE casework_entries SET alg = 2 WHERE no = 1"], "algorithm"),
            (["UPDATE casework_entries SET ring = 7 WHERE no = 1"], "the ring does not hold key 7"),
            (["UPDATE casework_entries SET at = 'x' WHERE no = 1 AND seq = 2"], "it was changed"),
            (["UPDATE casework_spans SET since = 'x' WHERE no = 1"], "its rows cannot be read"),
            (["UPDATE casework_activities SET details = '{' WHERE no = 1"], "its rows cannot be read"),
            (["UPDATE casework_marks SET no = 77 WHERE no = 1"], "rows of record 77, which does not exist"),
            (["UPDATE casework_cases SET parts = 0 WHERE no = 1"], "parts"),
            (["DELETE FROM casework_sealed WHERE no = 1"], "5 sealed texts that its history refers to are gone"),
            (["DELETE FROM casework_keys WHERE no = 1"], "the key to its sealed texts is gone"),
            (["UPDATE casework_keys SET wrapped = (SELECT wrapped FROM casework_keys WHERE no = 2)"], "does not open"),
            (
                [
                    "UPDATE casework_sealed SET nonce = (SELECT nonce FROM casework_sealed WHERE no = 2) WHERE no = 1",
                ],
                "does not open",
            ),
            (["UPDATE casework_schools SET last_no = 1"], "last_no"),
            (["UPDATE casework_schools SET policy = x'00'"], "the row of school 1 in casework_schools was changed"),
            (["UPDATE casework_cases SET alarm_at = 'x' WHERE no = 1"], "its sealed head does not fit"),
            (["UPDATE casework_schools SET policy = 'other'"], "casework_schools says otherwise"),
            (["UPDATE casework_schools SET started = ''"], "casework_schools says otherwise"),
            (["UPDATE casework_cases SET child = 's-99' WHERE no = 1"], "its public id is not that of its child"),
        ],
    )
    def test_what_was_done_is_said(self, store, memory_engine, ring, statements, what):
        """Cut off, left out, put in another order, moved to another child: each is named."""
        with memory_engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            for statement in statements:
                connection.exec_driver_sql(statement)
            found = verify(SqlStore(connection, ring), SCHOOL).findings
            connection.rollback()

        assert [str(finding) for finding in found if what in finding.what]

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM casework_outbox WHERE no = 1",
            "UPDATE casework_outbox SET person = 'x' WHERE no = 1",
            "UPDATE casework_outbox SET role = 'x' WHERE no = 1",
            "UPDATE casework_outbox SET topic = 'x' WHERE no = 1",
            "UPDATE casework_outbox SET at = at + 1 WHERE no = 1",
        ],
    )
    def test_a_notice_of_an_emergency_that_is_gone(self, memory_engine, ring, statement):
        """What would tell somebody of an emergency that is not reviewed is missed; a vacant rung told nobody."""
        store = SqlStore(memory_engine, ring)
        told = Outgoing("k", "emergency", "lead", "t.li", "s-1", AT)
        raised = (
            ev.EmergencyRaised("e1", "harm", AT, "t.li"),
            ev.RungPassed("e1", "raised", 0, 0, "class_teacher", "vacant", AT),
            ev.Notified("e1", "raised", 1, 1, "lead", "t.li", AT),
        )
        with store.write():
            step(store, "s-1", ev.Identified(DAY, "both", "register", "3-2", "h1"))
            step(store, "s-1", *raised, outgoing=[told])
        before = verify(store, SCHOOL).findings
        with memory_engine.begin() as connection:
            connection.exec_driver_sql(statement)
        (finding,) = verify(store, SCHOOL).findings

        assert () == before
        assert "1 notices of an emergency that is not reviewed are not in casework_outbox, to be sent" == finding.what

    def test_a_finding_names_school_case_and_entry(self, store, memory_engine, ring):
        """So that a person can look it up; it says no name and no note."""
        with memory_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE casework_entries SET actor = 'x' WHERE no = 1 AND seq = 3")
        (finding,) = verify(store, SCHOOL, folding=False).findings

        assert (SCHOOL, "s-17", 3) == (finding.school, finding.child, finding.seq)
        assert f"{SCHOOL}: s-17 ({finding.case}), entry 3: it was changed, or stood elsewhere" == str(finding)

    def test_a_history_that_makes_no_sense(self, store, memory_engine, ring):
        """Entries that were rightly marked but fold into nothing are reported, not an error."""
        with store.write():
            before = store.load(SCHOOL, ["s-19"])["s-19"]
            store.save(SCHOOL, [change(before, before=before, events=[ev.Reviewed("never raised", AT, "t.li")])])

        assert ["its history does not fold into a record"] == [
            finding.what for finding in verify(store, SCHOOL).findings
        ]

    def test_entries_that_cannot_be_read(self, store, memory_engine, ring, monkeypatch):
        """An entry in a form of a later release is reported by its number."""
        monkeypatch.setattr("casework.store.codec.VERSION", 2)
        found = verify(store, SCHOOL).findings

        assert {1} <= {finding.seq for finding in found if "form that this release does not know" in finding.what}

    def test_another_ring_vouches_for_nothing(self, store, memory_engine):
        """Under another key every record is reported."""
        found = verify(SqlStore(memory_engine, KeyRing.generate()), SCHOOL).findings

        assert {"", "s-17", "s-18", "s-19"} == {finding.child for finding in found}


class TestSeals:
    def test_looks_that_casework_moves_are_in_order(self, store, memory_engine, ring):
        """Idle looks and waking seal the records anew, also under a newer key of the ring than their last entry."""
        newer = SqlStore(memory_engine, KeyRing(2, {**ring.keys, 2: bytes(32)}))
        with newer.write():
            newer.wake(SCHOOL, AT)
            for case in newer.load(SCHOOL, ["s-17", "s-19"]).values():
                newer.save(SCHOOL, [Change(case, case, None, AT + HOUR, case.alarm_at)])

        assert () == verify(newer, SCHOOL).findings
        with newer.read():
            assert [AT, AT + HOUR] == [newer.wake_of(SCHOOL, child)[0] for child in ("s-18", "s-17")]
        assert ["s-17", "s-18", "s-19"] == [f.child for f in verify(store, SCHOOL).findings if "head" in f.what][-3:]

    def test_what_was_written_meanwhile_is_stale(self, store, memory_engine):
        """A row of the school that somebody else has written since is not written over."""
        with store.write():
            assert store.settings(SCHOOL)
            memory_head = "UPDATE casework_schools SET head = zeroblob(16)"
            store.work.wire.connection.exec_driver_sql(memory_head)
            with pytest.raises(StaleCase, match="somebody else made a record"):
                store.save(SCHOOL, [change(record("s-20"))])

    def test_so_is_waking(self, store, monkeypatch):
        """A record that is written while all are woken is not written over."""
        with store.write():
            monkeypatch.setattr(Wire, "many", lambda *_: 1)
            with pytest.raises(StaleCase, match="while all were woken"):
                store.wake(SCHOOL, AT - HOUR)


@pytest.fixture
def copy(memory_engine):
    """Take a copy of the database, or put one back."""

    def take(back=None):
        with memory_engine.connect() as connection:
            driver = connection.connection.driver_connection
            return driver.deserialize(back) if back else driver.serialize()

    return take


class TestAnchor:
    def test_what_went_on_since_is_in_order(self, store):
        """More entries and more records than it knows are what is expected."""
        anchor = Anchor.read(verify(store, SCHOOL).anchor.text())
        with store.write():
            before = store.load(SCHOOL, ["s-17"])["s-17"]
            store.save(SCHOOL, [change(before, before=before), change(record("s-20"))])

        assert () == verify(store, SCHOOL, folding=False, anchor=anchor).findings

    def test_a_database_that_was_put_back(self, store, copy):
        """An older copy of everything is in order by itself; the anchor misses what it knew."""
        old = copy()
        with store.write():
            before = store.load(SCHOOL, ["s-17"])["s-17"]
            store.save(SCHOOL, [change(before, before=before), change(record("s-20"))])
        anchor = verify(store, SCHOOL, folding=False).anchor
        copy(old)

        assert () == verify(store, SCHOOL).findings
        assert [
            ("s-17", 17, "it was put back or written anew: the anchor knows 17 entries that are not these"),
            ("", None, "record 4 is gone: the anchor knows 1 entries of it"),
        ] == [(f.child, f.seq, f.what) for f in verify(store, SCHOOL, anchor=anchor).findings]

    def test_a_history_that_was_written_anew(self, store, copy):
        """As many entries as before, but others."""
        old = copy()
        anchors = []
        for actor in ("t.li", "t.wu"):
            with store.write():
                before = store.load(SCHOOL, ["s-19"])["s-19"]
                made = change(before, before=before)
                store.save(SCHOOL, [evolve(made, entry=evolve(made.entry, actor=actor))])
            anchors.append(verify(store, SCHOOL, folding=False).anchor)
            if actor == "t.li":
                copy(old)

        assert () == verify(store, SCHOOL).findings
        assert ["s-19"] == [f.child for f in verify(store, SCHOOL, anchor=anchors[0]).findings]

    def test_a_school_that_is_gone(self, store, copy):
        """Nothing is left to complain of it but the anchor."""
        anchor = verify(store, SCHOOL).anchor
        copy(empty_database())

        assert () == verify(store, SCHOOL).findings
        assert [0, 1, 2, 3] == sorted(anchor.records)
        assert 4 == len(verify(store, SCHOOL, anchor=anchor).findings)

    def test_it_says_nothing_of_children(self, store):
        """Whoever keeps it learns numbers."""
        text = verify(store, SCHOOL).anchor.text()

        assert "s-17" not in text
        assert "t.li" not in text

    def test_an_anchor_of_another_school(self, store):
        """Two anchors are not to be mixed up."""
        with pytest.raises(CommandRefused, match="of the school other, not of qinghe"):
            verify(store, SCHOOL, anchor=Anchor("other", {}))

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("", "no anchor"),
            ("{}", "no anchor"),
            ("[" * 100_000, "no anchor"),
            ('{"casework_anchor": 1, "school": "q", "records": {"1": [1, "xy"]}}', "no anchor"),
            ('{"casework_anchor": 2, "school": "q", "records": {}}', "upgrade casework"),
        ],
    )
    def test_what_is_no_anchor(self, text, what):
        """Another text is refused, and none of it is said again."""
        with pytest.raises(CommandRefused, match=what):
            Anchor.read(text)


class TestMutants:
    @pytest.mark.parametrize("part", [part for part in rows.PARTS if part.name != "implicated"], ids=lambda p: p.name)
    def test_a_dropped_column_is_noticed(self, memory_engine, ring, part, monkeypatch):
        """A store that forgets one column of a part no longer loads what history says."""

        def forgetful(n, value):
            row = list(part.row(n, value))
            for k in reversed(range(part.key, len(row))):
                if isinstance(row[k], str) and row[k] and len(row[k]) > 1:
                    row[k] = ""
                    return tuple(row)
            row[-1] = None if row[-1] and part.name != "unreached" else 1
            return tuple(row)

        mutant = tuple(evolve(p, row=forgetful) if p is part else p for p in rows.PARTS)
        monkeypatch.setattr("casework.store.save.PARTS", mutant)
        store = SqlStore(memory_engine, ring)
        tell_all(store)

        assert verify(store, SCHOOL).findings
