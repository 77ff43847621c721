"""The store in memory, beyond the contract that tests/store holds it to."""

import pytest
from attrs import evolve

from casework.testing import MemoryStore
from casework.testing.contract_base import SCHOOL, change, loaded, put
from casework.testing.contract_questions import crisis, owing, whose


class TestWhatIsAskedAgainAndAgain:
    def asked(self, store):
        """Who owes what, who is implicated, where there is an emergency."""
        found = [(owed.child, owed.obligation.role) for owed in store.owed(SCHOOL, whose(), hidden=())]
        return found, store.implicated(SCHOOL, "t.li"), store.live(SCHOOL)

    def test_what_was_undone_is_not_remembered(self):
        """What was asked inside of a write that fails is as it was before, once that is undone."""
        store = MemoryStore()
        put(store, owing("lead", lead="t.li"))
        before = loaded(store, "s-17")

        def fail():
            with store.write():
                store.save(SCHOOL, [change(evolve(before, pairings=()), before=before)])
                store.save(SCHOOL, [change(crisis("s-18", implicated=("t.li",)))])
                assert ([], ["s-18"], ["s-18"]) == self.asked(store)
                raise LookupError

        with pytest.raises(LookupError):
            fail()
        with store.read():
            assert ([("s-17", "lead")], [], []) == self.asked(store)
