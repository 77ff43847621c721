"""What an entry keeps of the request under an idempotency key: a digest, which the ring alone can tell."""

import pytest
from attrs import evolve

from casework.errors import KeyReused, KeyRingError
from casework.store import KeyRing, SqlStore
from casework.store.verify import verify
from casework.testing.contract_base import SCHOOL, change, record


def save(store, asked="a visit", child="s-17"):
    """Save an entry of which this was asked."""
    with store.write():
        store.save(SCHOOL, [evolve(change(record(child), idem="k1"), asked=asked)])


def digests(engine):
    """What the database holds of the requests."""
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT asked FROM casework_entries").scalars().all()


class TestDigest:
    def test_it_tells_nothing_without_the_ring(self, memory_engine, ring):
        """The same request of two children has two digests of 16 bytes."""
        store = SqlStore(memory_engine, ring)
        save(store)
        save(store, child="s-18")
        found = digests(memory_engine)

        assert [16, 16] == [len(digest) for digest in found]
        assert 2 == len(set(found))

    def test_without_a_key_there_is_none(self, memory_engine, ring):
        """An entry that no key stands for holds nothing."""
        with (store := SqlStore(memory_engine, ring)).write():
            store.save(SCHOOL, [change(record())])

        assert [None] == digests(memory_engine)

    def test_it_outlives_a_new_key_of_the_ring(self, memory_engine, ring):
        """Each entry names the key that it was written with."""
        save(SqlStore(memory_engine, ring))
        newer = KeyRing(2, {**ring.keys, 2: bytes(32)})
        with (store := SqlStore(memory_engine, newer)).read():
            assert store.repeated(SCHOOL, "s-17", "t.li", "k1", "a visit")
            with pytest.raises(KeyReused):
                store.repeated(SCHOOL, "s-17", "t.li", "k1", "a talk")
        with (store := SqlStore(memory_engine, KeyRing(2, {2: bytes(32)}))).read(), pytest.raises(KeyRingError):
            store.repeated(SCHOOL, "s-17", "t.li", "k1", "a visit")

    @pytest.mark.parametrize("other", ["NULL", "x''", "zeroblob(16)"])
    def test_who_changes_it_is_noticed(self, memory_engine, ring, other):
        """It is part of what the entry's mark covers."""
        store = SqlStore(memory_engine, ring)
        save(store)
        with memory_engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE casework_entries SET asked = {other}")  # noqa: S608

        assert ["it was changed, or stood elsewhere"] == [f.what for f in verify(store, SCHOOL, folding=False).findings]

    @pytest.mark.parametrize(("asked", "kept"), [("a visit", True), ("", False)])
    def test_a_text_that_no_event_holds_still_has_its_reference(self, memory_engine, ring, asked, kept):
        """Asked again, the child's key is the same, though the first time nothing of the text was kept."""
        store = SqlStore(memory_engine, ring)
        refs = []
        with store.write():
            refs.append(store.seal(SCHOOL, "s-17", "note", "dropped"))
            store.save(SCHOOL, [evolve(change(record(), idem="k1"), asked=asked)])
        with store.write():
            refs.append(store.seal(SCHOOL, "s-17", "note", "dropped"))
        with memory_engine.connect() as connection:
            left = connection.exec_driver_sql("SELECT count(*) FROM casework_sealed").scalar_one()

        assert (kept, 0) == (refs[0] == refs[1], left)
        assert () == verify(store, SCHOOL, folding=False).findings
