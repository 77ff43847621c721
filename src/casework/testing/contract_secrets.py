"""The store's contract about sealed text: opened by those who may, written down each time, and nothing left over."""

import pytest
from attrs import evolve

from casework.engine.port import Change, Reading, Store
from casework.errors import CommandRefused, NotFound, StaleCase
from casework.model import events as ev
from casework.model.case import Case
from casework.model.erasure import Erasure
from casework.model.erasure_events import Erased
from casework.model.people import Sealed
from casework.testing.contract_base import AT, DAY, SCHOOL, change, loaded, put, record, same


def noted(store: Store, text: str, child: str = "s-17") -> tuple[Sealed, Change]:
    """A text sealed in the open transaction, and the change that refers to it."""
    sealed = store.seal(SCHOOL, child, "note", text)
    before = store.load(SCHOOL, [child]).get(child) or Case(SCHOOL, child)
    after = evolve(before, stage="identified", version=before.version + 1)
    return sealed, change(after, before=before, events=[ev.Reviewed("e1", AT, "t.li", sealed)])


def opened(store: Store, sealed: Sealed, child: str = "s-17", reader: str = "t.li") -> str:
    """What the text says, opened in a transaction of its own."""
    with store.write():
        return store.unseal(SCHOOL, child, sealed, reader=reader, reason="visit", at=AT)


class SecretsContract:
    """Sealing, opening, and what must not be left behind."""

    def test_a_text_is_opened_as_it_was_sealed(self, store: Store) -> None:
        """What was sealed with an entry can be read later, in any script."""
        with store.write():
            sealed, made = noted(store, "爷爷说孩子想妈妈 — \x00 \U0001f600")
            store.save(SCHOOL, [made])

        same(opened(store, sealed), "爷爷说孩子想妈妈 — \x00 \U0001f600")

    def test_a_text_can_be_opened_where_it_was_saved(self, store: Store) -> None:
        """Also within the transaction that saved it."""
        with store.write():
            sealed, made = noted(store, "x")
            store.save(SCHOOL, [made])
            same(store.unseal(SCHOOL, "s-17", sealed, reader="t.li", reason="visit", at=AT), "x")

    def test_every_opening_is_written_down(self, store: Store) -> None:
        """Who read what, why and when, in order."""
        with store.write():
            sealed, made = noted(store, "x")
            store.save(SCHOOL, [made])
        opened(store, sealed)
        opened(store, sealed, reader="t.wu")

        with store.read():
            same(
                store.reads(SCHOOL, "s-17"),
                [Reading(sealed.ref, who, "visit", AT, "note") for who in ("t.li", "t.wu")],
            )
            same(store.reads(SCHOOL, "nobody"), [])
            same(store.read_of(SCHOOL, "t.wu"), ["s-17"])
            same(store.read_of(SCHOOL, ""), ["s-17"])
            same(store.read_of(SCHOOL, "nobody"), [])

    @pytest.mark.parametrize("ref", ["00" * 16, "", "not a reference", "00"])
    def test_a_text_that_nobody_wrote_is_not_found(self, store: Store, ref: str) -> None:
        """Refusing says the same whether there is nothing or it is not to be known, and leaves no reading."""
        put(store, record())
        with store.write(), pytest.raises(NotFound):
            store.unseal(SCHOOL, "s-17", Sealed(ref), reader="t.li", reason="visit", at=AT)

        with store.read():
            same(store.reads(SCHOOL, "s-17"), [])

    def test_a_text_is_not_found_by_way_of_another_child(self, store: Store) -> None:
        """A reference opens only with the child whom the text is about."""
        with store.write():
            sealed, made = noted(store, "x")
            store.save(SCHOOL, [made, noted(store, "y", "other")[1]])

        for child in ("other", "nobody"):
            with pytest.raises(NotFound):
                opened(store, sealed, child)

    def test_erased_text_is_gone(self, store: Store) -> None:
        """With the entry that says so, for that child alone; what is undone was never erased, what is new is read."""
        with store.write():
            sealed, made = noted(store, "x")
            other, others = noted(store, "x", "other")
            store.save(SCHOOL, [made, others])
        with pytest.raises(StaleCase), store.write():
            self._erase(store, then=StaleCase("undone"))
        same(opened(store, sealed), "x")
        with store.write():
            self._erase(store)
            gone = store.receipt(SCHOOL, "s-17")
            same((store.erasing(SCHOOL), store.erasing("nowhere")), ([], []))
            same(store.restored(None), [])
        with pytest.raises(NotFound):
            opened(store, sealed)
        with store.write():
            again, made = noted(store, "x")
            store.save(SCHOOL, [made])
            same((store.receipt(SCHOOL, "nobody"), store.restored(SCHOOL, "s-17")), ("", []))

        same(gone, "")
        same(opened(store, other, "other"), "x")
        same(opened(store, again), "x")

    def _erase(self, store: Store, then: Exception | None = None) -> None:
        before = store.load(SCHOOL, ["s-17"])["s-17"]
        event = Erased("z1", "checked", "t.sun", DAY, store.receipt(SCHOOL, "s-17"))
        erasure = Erasure("z1", "checked", "t.sun", DAY, "erased", "t.sun", DAY, "checked", event.receipt)
        after = evolve(before, erasures={"z1": erasure})
        store.save(SCHOOL, [change(after, before=before, events=[event])])
        if then is not None:
            raise then

    def test_the_engine_itself_reads_nothing(self, store: Store) -> None:
        """The principal of sweeps cannot open text."""
        with store.write():
            sealed, made = noted(store, "x")
            store.save(SCHOOL, [made])

        with pytest.raises(NotFound):
            opened(store, sealed, reader="system")

    def test_sealing_the_same_text_again_is_harmless(self, store: Store) -> None:
        """Correcting twice to the same words is one text."""
        with store.write():
            first, made = noted(store, "x")
            store.save(SCHOOL, [made])
        with store.write():
            second, again = noted(store, "x")
            store.save(SCHOOL, [again])

        same(second, first)
        same(opened(store, first), "x")

    def test_texts_are_told_apart(self, store: Store) -> None:
        """Another text, another kind, another child: another reference."""
        with store.write():
            refs = {
                store.seal(SCHOOL, child, kind, text).ref
                for child in ("a", "b")
                for kind in ("note", "words")
                for text in ("x", "y")
            }

        same(len(refs), 2 * 2 * 2)

    def test_a_refused_command_leaves_no_text(self, store: Store) -> None:
        """What was sealed for a change that was refused cannot be opened, though the transaction went on."""
        put(store, record())
        old = loaded(store)
        with store.write():
            store.save(SCHOOL, [change(old, before=old)])
            sealed = store.seal(SCHOOL, "s-17", "note", "refused")
            with pytest.raises(StaleCase):
                store.save(SCHOOL, [change(old, before=old, events=[ev.Reviewed("e", AT, "t", sealed)])])
            kept, made = noted(store, "kept")
            store.save(SCHOOL, [made])

        same(opened(store, kept), "kept")
        with pytest.raises(NotFound):
            opened(store, sealed)

    def test_a_text_that_no_entry_refers_to_is_dropped(self, store: Store) -> None:
        """Sealing alone stores nothing, nor does a later transaction's save."""
        with store.write():
            sealed = store.seal(SCHOOL, "s-17", "note", "dropped")
        with store.write():
            store.save(SCHOOL, [change(record(), events=[ev.Reviewed("e", AT, "t", sealed)])])

        with pytest.raises(NotFound):
            opened(store, sealed)

    def test_one_child_key_serves_all_its_texts(self, store: Store) -> None:
        """Texts of several entries, in one transaction and in several, all open."""
        sealed = []
        for turn in range(3):
            with store.write():
                for text in ("a", "b"):
                    ref, made = noted(store, f"{text}{turn}")
                    store.save(SCHOOL, [made])
                    sealed.append(ref)

        same([opened(store, ref) for ref in sealed], ["a0", "b0", "a1", "b1", "a2", "b2"])

    def test_half_a_character_is_refused(self, store: Store) -> None:
        """Text that no encoding can write is refused when it is sealed."""
        with store.write(), pytest.raises(CommandRefused, match="half a character"):
            store.seal(SCHOOL, "s-17", "note", "\ud800")

    def test_a_reason_that_is_too_long_is_refused(self, store: Store) -> None:
        """The limit is said before anything is read, and no reading is left."""
        with store.write():
            sealed, made = noted(store, "x")
            store.save(SCHOOL, [made])
            with pytest.raises(CommandRefused, match="at most 255 characters; this one has 256"):
                store.unseal(SCHOOL, "s-17", sealed, reader="t.li", reason="x" * 256, at=AT)
            same(store.reads(SCHOOL, "s-17"), [])

    def test_marks_without_text_need_no_key(self, store: Store) -> None:
        """A record that never had a text opens nothing, and says so."""
        put(store, record(), events=[ev.Marked("m", "filed", DAY, "t.li")])

        with pytest.raises(NotFound):
            opened(store, Sealed("11" * 16))
