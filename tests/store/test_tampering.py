# ruff: noqa: S608 - the statements are made of this file's own words
"""Seven hundred ways to change what casework wrote: each is found, and the finding says where."""

import pytest
from sqlalchemy import text

from casework.store import SqlStore
from casework.store.verify import verify
from casework.testing.contract_base import SCHOOL
from tests.store.story import tell_all
from tests.store.test_verify import EDITS, NOT_HISTORY, TABLES

CHILD, NO = "s-17", 1
ENTRIES = 16
MARK = 16
PIECE = 12
"""Into how many regions a body and a ciphertext are divided."""


@pytest.fixture
def store(memory_engine, ring):
    """A store that holds a few stories, with the rows that a chain is made of."""
    store = SqlStore(memory_engine, ring)
    tell_all(store)
    return store


def other_byte(column, place):
    """The column with another byte at that place, counted from 1, in SQL."""
    byte = f"substr({column}, {place}, 1)"
    changed = f"CASE WHEN {byte} = x'5a' THEN x'5b' ELSE x'5a' END"
    return f"CAST(substr({column}, 1, {place - 1}) || {changed} || substr({column}, {place} + 1) AS BLOB)"


def region(column, n):
    """The place of a byte in the n-th region of a column, counted from 1, in SQL."""
    return f"(1 + (length({column}) * {n}) / {PIECE})"


def in_region(column, n):
    """The column with another byte in that region."""
    place = region(column, n)
    byte = f"substr({column}, {place}, 1)"
    changed = f"CASE WHEN {byte} = x'5a' THEN x'5b' ELSE x'5a' END"
    return f"CAST(substr({column}, 1, {place} - 1) || {changed} || substr({column}, {place} + 1) AS BLOB)"


def entry_edits():
    """Every entry: each byte of its mark, every region of its body, every column, gone, doubled, out of order."""
    for seq in range(1, ENTRIES + 1):
        where = f"WHERE no = {NO} AND seq = {seq}"
        for place in range(1, MARK + 1):
            yield [f"UPDATE casework_entries SET mac = {other_byte('mac', place)} {where}"], {seq}
        for n in range(PIECE):
            yield [f"UPDATE casework_entries SET body = {in_region('body', n)} {where}"], {seq}
        for column, new in (
            ("at", "at + 1"),
            ("actor", "actor || 'x'"),
            ("idem", "idem || 'x'"),
            ("asked", "zeroblob(16)"),
            ("alg", "2"),
            ("ring", "7"),
            ("seq", "99"),
            ("no", "99"),
            ("body", "(SELECT body FROM casework_entries WHERE no = 0)"),
            ("mac", "zeroblob(16)"),
        ):
            yield [f"UPDATE casework_entries SET {column} = {new} {where}"], {seq, *end(seq)}
        yield [f"DELETE FROM casework_entries {where}"], {seq, *end(seq)}
        if seq < ENTRIES:
            yield exchanged(seq, seq + 1), {seq}
            yield [f"DELETE FROM casework_entries WHERE no = {NO} AND seq > {seq}"], {seq}
            cut = f"UPDATE casework_cases SET version = {seq} WHERE no = {NO}"
            yield [f"DELETE FROM casework_entries WHERE no = {NO} AND seq > {seq}", cut], {seq}
        if seq < ENTRIES - 1:
            yield exchanged(seq, ENTRIES), {seq}


def end(seq):
    """Where the last entry is gone, the finding is about the one before."""
    return {seq - 1} if seq == ENTRIES else set()


def exchanged(one, other):
    """Two entries change places."""
    return [
        f"UPDATE casework_entries SET seq = {new} WHERE no = {NO} AND seq = {old}"
        for old, new in ((one, 98), (other, one), (98, other))
    ]


def head_edits():
    """The seal of every record, byte by byte, and the whole history exchanged with another's."""
    for child, no, last in (("", 0, 1), (CHILD, NO, ENTRIES), ("s-18", 2, ENTRIES), ("s-19", 3, 1)):
        for place in range(1, MARK + 1):
            yield [f"UPDATE casework_cases SET head = {other_byte('head', place)} WHERE no = {no}"], (child, last)
    history = [f"UPDATE casework_entries SET no = {new} WHERE no = {old}" for old, new in ((NO, 99), (2, NO), (99, 2))]
    yield history, (CHILD, 1)
    yield [f"DELETE FROM casework_entries WHERE no = {NO}"], (CHILD, None)


def sealed_edits():
    """Keys byte by byte of both, nonces, regions of ciphertexts, rows gone or exchanged: all of one child."""
    for column in ("wrapped", "content"):
        for place in range(1, 61, 6):
            yield [f"UPDATE casework_keys SET {column} = {other_byte(column, place)} WHERE no = {NO}"]
        yield [f"UPDATE casework_keys SET {column} = (SELECT {column} FROM casework_keys WHERE no = 2) WHERE no = {NO}"]
    first = f"WHERE no = {NO} AND ref = (SELECT min(ref) FROM casework_sealed WHERE no = {NO})"
    last = f"(SELECT max(ref) FROM casework_sealed WHERE no = {NO})"
    of_last = f"FROM casework_sealed WHERE no = {NO} AND ref = {last}"
    for place in range(1, 13, 3):
        yield [f"UPDATE casework_sealed SET nonce = {other_byte('nonce', place)} {first}"]
    for n in range(0, PIECE, 2):
        yield [f"UPDATE casework_sealed SET ciphertext = {in_region('ciphertext', n)} {first}"]
    yield [f"DELETE FROM casework_sealed {first}"]
    for column in ("nonce", "ciphertext"):
        yield [f"UPDATE casework_sealed SET {column} = (SELECT {column} {of_last}) {first}"]
    yield [f"UPDATE casework_sealed SET (nonce, ciphertext) = (SELECT nonce, ciphertext {of_last}) {first}"]


def school_edits():
    """The seal of the school, byte by byte."""
    for place in range(1, MARK + 1):
        yield [f"UPDATE casework_schools SET head = {other_byte('head', place)}"]


CHAIN = [
    *((statements, (CHILD, seqs)) for statements, seqs in entry_edits()),
    *((statements, (child, {seq})) for statements, (child, seq) in head_edits()),
    *((statements, ("", {None})) for statements in school_edits()),
]
"""What the chain alone finds, and where: the child and the entries that may be named."""
TEXTS = [(statements, (CHILD, {None})) for statements in sealed_edits()]


class TestLocated:
    def test_there_are_enough_of_them(self):
        """Seven hundred, all different."""
        every = {tuple(statements) for statements, _ in [*CHAIN, *TEXTS]} | {(statement,) for *_, statement in EDITS}

        assert len(every) >= 700
        assert len(CHAIN) + len(TEXTS) + len(EDITS) == len(every)

    @pytest.mark.unmeasured
    @pytest.mark.parametrize(("edits", "folding"), [(CHAIN, False), (TEXTS, True)], ids=["chain", "texts"])
    def test_each_is_found_where_it_was_done(self, store, memory_engine, ring, edits, folding):
        """The finding names the record and, for an entry, the entry."""
        missed = []
        for statements, (child, seqs) in edits:
            found = self._found(memory_engine, ring, statements, folding=folding)
            if not any(finding.child == child and finding.seq in seqs for finding in found):
                missed.append((statements, [str(finding) for finding in found]))

        assert [] == missed

    @pytest.mark.unmeasured
    def test_so_is_every_column_of_every_table(self, store, memory_engine, ring):
        """The finding names the record, or the number that its rows were given."""
        missed = []
        for table, column, statement in EDITS:
            found = self._found(memory_engine, ring, [statement], folding=True)
            if not any(self._names(table, column, finding) for finding in found):
                missed.append((table, column, [str(finding) for finding in found]))

        assert [] == missed

    def _names(self, table, column, finding):
        """Tell whether the finding says where the edit was made: in the first child's record, or the school's."""
        owner = "" if table in {"casework_schools", "casework_programmes"} else CHILD
        if column in {"no", "school", "child"} or (table, column) == ("casework_cases", ""):
            said = f"{finding.child} {finding.what}"
            return any(name in said for name in ("1001", "record 1 ", "record 1,", CHILD)) or not owner
        return finding.child in {owner, CHILD} and (table != "casework_entries" or finding.seq == 1)

    def _found(self, engine, ring, statements, *, folding):
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            done = [connection.execute(text(one.replace(":", "\\:"))).rowcount for one in statements]
            found = verify(SqlStore(connection, ring), SCHOOL, folding=folding).findings
            connection.rollback()
        return found if all(done) else ()


def test_every_table_of_the_history_is_among_them():
    """Also one that is added later."""
    assert {table.name for table in TABLES.all()} == {table for table, *_ in EDITS} | NOT_HISTORY
