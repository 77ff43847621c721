"""The store's contract about records: what is saved is loaded, whole or not at all, and nobody overwrites anybody."""

from uuid import uuid4

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from casework.engine.port import Change, Outgoing, Store
from casework.errors import CommandRefused, HostTransactionError, KeyReused, StaleCase
from casework.model import events as ev
from casework.model.case import Case, Mark, case_id
from casework.model.events import Entry
from casework.model.roll import RollRow
from casework.testing import strategies
from casework.testing.contract_base import AT, DAY, HOUR, SCHOOL, change, entry, loaded, put, record, same

MANY = settings(
    max_examples=max(10, settings().max_examples // 2), deadline=None, suppress_health_check=list(HealthCheck)
)

UNICODE = ("Z-1", "a-1", "A-1", "é", "e\u0301", "Ω", "一", "\U0001f600", "_", "10", "9")
"""Ids that collations other than the binary one put in another order, or take for equal."""


class RecordsContract:
    """Records, their versions, their history."""

    def test_an_unknown_school_has_nothing(self, store: Store) -> None:
        """A school that nobody wrote to runs on nothing and has no records."""
        with store.read():
            same(store.settings("nowhere"), None)
            same(store.load("nowhere", ["s-17"]), {})
            same(store.children("nowhere", after="", limit=5, open_only=False), [])
            same(store.child_of("nowhere", uuid4()), None)
            same(store.entries("nowhere", "s-17"), [])
            same(list(store.histories("nowhere")), [])
            same(store.repeated("nowhere", "s-17", "t.li", "k", ""), None)
            same(store.wake_of("nowhere", "s-17"), (None, None))

    @pytest.mark.parametrize("bad", ["s\x00", "s\n1", "\x7f", "\x85", "\ud800", "s\udfff"])
    def test_ids_that_cannot_be_written_are_refused(self, store: Store, bad: str) -> None:
        """Control characters and halves of characters stand in no id of a child or school, and nothing is written."""
        with store.write():
            for ask in (
                lambda: store.load(SCHOOL, [bad]),
                lambda: store.save(SCHOOL, [change(record("a")), change(record(bad))]),
                lambda: store.settings(bad),
                lambda: store.save(bad, [change(record("a", school=bad))]),
                lambda: store.save_roll(SCHOOL, [RollRow(bad)], []),
            ):
                with pytest.raises(CommandRefused, match="control character"):
                    ask()
            same(store.load(SCHOOL, ["a"]), {})

    def test_children_without_a_record_are_absent(self, store: Store) -> None:
        """Loading returns the records that exist, in the order asked for, each once."""
        put(store, record("b"), record("a"))

        with store.read():
            same(list(store.load(SCHOOL, ["b", "nobody", "a", "b"])), ["b", "a"])

    @MANY
    @given(case=strategies.cases())
    def test_a_record_comes_back_exactly(self, store: Store, case: Case) -> None:
        """Every field of a record is loaded as it was saved, mappings in their order."""
        case = evolve(case, school=uuid4().hex)
        put(store, case)
        found = loaded(store, case.child, case.school)

        same(found, case)
        for name in ("marks", "activity_log", "concern_log", "obligations", "emergencies", "referrals", "failures"):
            same(list(getattr(found, name)), list(getattr(case, name)))

    @MANY
    @given(versions=strategies.versions())
    def test_a_changed_record_comes_back_exactly(self, store: Store, versions: tuple[Case, Case]) -> None:
        """Whatever changed, grew or vanished between two versions, the second is loaded as it was saved."""
        school = uuid4().hex
        first, second = (evolve(case, school=school) for case in versions)
        put(store, first)
        with store.write():
            store.save(school, [change(second, before=store.load(school, [first.child])[first.child])])

        same(loaded(store, first.child, school), second)

    @MANY
    @given(first=strategies.entries(), second=strategies.entries())
    def test_history_comes_back_exactly(self, store: Store, first: Entry, second: Entry) -> None:
        """Entries are read as they were written."""
        school = uuid4().hex
        case = Case(school, "s-17")
        written = [evolve(e, seq=seq, idem=e.idem and f"{seq}{e.idem}") for seq, e in ((1, first), (2, second))]
        for e in written:
            before, case = case, evolve(case, version=e.seq)
            with store.write():
                store.save(school, [Change(before, case, e, None, None)])

        with store.read():
            same(store.entries(school, "s-17"), written)
            same(list(store.histories(school)), [("s-17", e) for e in written])

    def test_a_stale_record_is_refused(self, store: Store) -> None:
        """Who decided on an older version is told so, and nothing of it is written."""
        put(store, record())
        old = loaded(store)
        with store.write():
            store.save(SCHOOL, [change(evolve(old, away="both"), before=old)])
        with store.write(), pytest.raises(StaleCase):
            store.save(SCHOOL, [change(evolve(old, away="one"), before=old, wake=AT)])

        same((loaded(store).away, loaded(store).version), ("both", 2))
        with store.read():
            same([e.seq for e in store.entries(SCHOOL, "s-17")], [1, 2])
            same(store.wake_of(SCHOOL, "s-17"), (None, None))

    def test_a_record_that_was_made_meanwhile_is_stale(self, store: Store) -> None:
        """Two who identify the same child do not make two records."""
        put(store, record(away="both"))
        with store.write(), pytest.raises(StaleCase):
            store.save(SCHOOL, [change(record(away="one"))])

        same(loaded(store).away, "both")

    def test_a_chunk_with_one_stale_record_writes_none(self, store: Store) -> None:
        """Changes are saved together or not at all."""
        put(store, record("a"), record("b"))
        a, b = loaded(store, "a"), loaded(store, "b")
        with store.write():
            store.save(SCHOOL, [change(b, before=b)])
        with store.write(), pytest.raises(StaleCase):
            store.save(
                SCHOOL, [change(evolve(a, away="one"), before=a), change(record("c")), change(evolve(b), before=b)]
            )

        same(loaded(store, "a").away, "")
        with store.read():
            same(store.children(SCHOOL, after="", limit=9, open_only=False), ["a", "b"])

    def test_a_chunk_is_saved_together(self, store: Store) -> None:
        """New and changed records and idle looks go in one call."""
        put(store, record("a"), record("b"))
        a, b = loaded(store, "a"), loaded(store, "b")
        with store.write():
            store.save(
                SCHOOL,
                [change(record("c")), change(evolve(a, away="one"), before=a), Change(b, b, None, AT, None)],
            )

        same([loaded(store, child).version for child in "abc"], [2, 1, 1])
        same((loaded(store, "a").away, loaded(store, "b").wake_at), ("one", AT))

    def test_after_a_refused_save_the_transaction_goes_on(self, store: Store) -> None:
        """A refused save leaves nothing; what else the transaction saves is kept."""
        put(store, record("a"))
        old = loaded(store, "a")
        with store.write():
            store.save(SCHOOL, [change(old, before=old)])
            with pytest.raises(StaleCase):
                store.save(SCHOOL, [change(record("b")), change(old, before=old)])
            store.save(SCHOOL, [change(record("c"))])

        with store.read():
            same(store.children(SCHOOL, after="", limit=9, open_only=False), ["a", "c"])

    def test_an_idle_look_moves_only_the_looks(self, store: Store) -> None:
        """Without an entry the version stays; the next look and alarm move."""
        put(store, record(), wake=AT)
        before = loaded(store)
        with store.write():
            store.save(SCHOOL, [Change(before, before, None, AT + HOUR, AT + HOUR * 2)])

        after = loaded(store)
        same(before, after)
        same((after.wake_at, after.alarm_at), (AT + HOUR, AT + HOUR * 2))

    def test_an_idle_look_at_an_older_version_is_stale(self, store: Store) -> None:
        """A look that was worked out on an older version must not move the newer one's."""
        put(store, record())
        old = loaded(store)
        with store.write():
            store.save(SCHOOL, [change(old, before=old, wake=AT)])
        with store.write(), pytest.raises(StaleCase):
            store.save(SCHOOL, [Change(old, old, None, None, None)])

        same(loaded(store).wake_at, AT)

    def test_an_idle_look_at_no_record_leaves_nothing(self, store: Store) -> None:
        """Looking at a child without a record makes none."""
        empty = Case(SCHOOL, "s-17")
        with store.write():
            store.save(SCHOOL, [Change(empty, empty, None, AT, None)])

        with store.read():
            same(store.load(SCHOOL, ["s-17"]), {})

    @pytest.mark.parametrize(
        "changes",
        [
            [change(record("a")), change(record("a"))],
            [change(record("a", school="other"))],
            [evolve(change(record("a")), before=Case(SCHOOL, "b"))],
            [evolve(change(record("a")), entry=entry(7))],
            [evolve(change(record("a")), entry=None)],
            [change(record("a"), outgoing=[Outgoing("k", "emergency", "lead", "x", "b", AT)])],
        ],
        ids=["twice", "school", "child", "gap", "no entry", "outgoing"],
    )
    def test_changes_that_contradict_themselves_are_refused(self, store: Store, changes: list[Change]) -> None:
        """A mistake of the engine's is an error at once, not a wrong row."""
        with store.write(), pytest.raises(ValueError, match=r"saved? "):
            store.save(SCHOOL, changes)

    def test_an_entry_is_found_by_its_key(self, store: Store) -> None:
        """The same actor's same key is found; another actor's, another child's and the empty key are not."""
        put(store, record("a"), idem="k1")
        put(store, record("b"))

        with store.read():
            found = store.repeated(SCHOOL, "a", "t.li", "k1", "whatever")
            same(found, store.entries(SCHOOL, "a")[0])
            same(store.repeated(SCHOOL, "a", "t.wu", "k1", ""), None)
            same(store.repeated(SCHOOL, "b", "t.li", "k1", ""), None)
            same(store.repeated(SCHOOL, "b", "t.li", "", ""), None)

    def test_a_key_stands_for_what_was_asked(self, store: Store) -> None:
        """The same request is found, another one under the same key is refused."""
        with store.write():
            store.save(SCHOOL, [evolve(change(record("a"), idem="k1"), asked="a visit")])

        with store.read():
            same(store.repeated(SCHOOL, "a", "t.li", "k1", "a visit"), store.entries(SCHOOL, "a")[0])
            with pytest.raises(KeyReused, match="'k1' stands for something else"):
                store.repeated(SCHOOL, "a", "t.li", "k1", "another visit")

    def test_a_call_is_one_transaction(self, store: Store) -> None:
        """What the call returns comes back; it joins a transaction that is open, and may only read if that is said."""

        def call() -> dict[str, Case]:
            put(store, record("a"))
            return store.load(SCHOOL, ["a"])

        with store.write():
            same(list(store.transact(call, writing=True)), ["a"])
        same(list(store.transact(lambda: store.load(SCHOOL, ["a"]), writing=False)), ["a"])
        with pytest.raises(HostTransactionError):
            store.transact(call, writing=False)

    def test_children_come_in_pages_by_binary_order(self, store: Store) -> None:
        """Ids are ordered by their characters' numbers, whatever the database's language."""
        put(store, *(record(child) for child in UNICODE))
        found: list[str] = []
        with store.read():
            while page := store.children(SCHOOL, after=found[-1] if found else "", limit=4, open_only=False):
                found += page

        same(sorted(UNICODE), found)

    def test_only_open_cases_when_asked(self, store: Store) -> None:
        """Closed cases and records without a case can be left out."""
        put(store, record("a"), record("b", stage="closed"), record("c", stage=""), record("d", stage="paired"))

        with store.read():
            same(store.children(SCHOOL, after="", limit=9, open_only=True), ["a", "d"])
            same(store.children(SCHOOL, after="a", limit=1, open_only=True), ["d"])

    def test_histories_come_by_child_then_number(self, store: Store) -> None:
        """All of a school's entries come in one order on every store."""
        put(store, *(record(child) for child in UNICODE))
        with store.write():
            for child in UNICODE[:3]:
                before = store.load(SCHOOL, [child])[child]
                store.save(SCHOOL, [change(before, before=before)])
        with store.read():
            found = [(child, e.seq) for child, e in store.histories(SCHOOL)]

        same(sorted([(child, 1) for child in UNICODE] + [(child, 2) for child in UNICODE[:3]]), found)

    def test_long_histories_come_whole(self, store: Store) -> None:
        """However many entries there are, none is left out between two pages."""
        case = Case(SCHOOL, "s-17")
        put(store, record("a"), record("z"))
        with store.write():
            for _ in range(450):
                made = change(case, before=case)
                store.save(SCHOOL, [made])
                case = made.after
        with store.read():
            found = [(child, e.seq) for child, e in store.histories(SCHOOL)]

        same([("a", 1), *(("s-17", seq) for seq in range(1, 451)), ("z", 1)], found)

    def test_a_child_is_found_by_the_public_id(self, store: Store) -> None:
        """The public id of a case leads to its child; one of another school's leads nowhere."""
        put(store, record("a"))

        with store.read():
            same(store.child_of(SCHOOL, case_id(SCHOOL, "a")), "a")
            same(store.child_of(SCHOOL, case_id("other", "a")), None)

    def test_the_school_has_a_record_of_its_own(self, store: Store) -> None:
        """The school's record is loaded by the empty id, and is no child."""
        put(store, record("a"), record("", stage="", marks={"m": Mark("m", "plan", DAY, "p")}))

        same(loaded(store, "").marks["m"].kind, "plan")
        with store.read():
            same(store.children(SCHOOL, after="", limit=9, open_only=False), ["a"])
            same([child for child, _ in store.histories(SCHOOL)], ["", "a"])

    def test_what_the_school_runs_on_is_what_was_applied_last(self, store: Store) -> None:
        """Settings come from the school's own record alone, and the last ones count."""
        first, last = ev.Applied("p1", "c1", "r1", DAY, {"D9": DAY}), ev.Applied("p2", "c1", "r2", DAY)
        put(store, record("", stage=""), events=[first])
        with store.read():
            same(store.settings(SCHOOL), first)

        put(store, record("a"), events=[ev.Applied("p9", "c9", "r9", DAY)])
        own = loaded(store, "")
        with store.write():
            store.save(SCHOOL, [change(own, before=own, events=[first, last])])
            same(store.settings(SCHOOL), last)
        with store.read():
            same(store.settings(SCHOOL), last)

    def test_schools_do_not_mix(self, store: Store) -> None:
        """The same child's id in two schools is two records."""
        put(store, record("a", away="one"), record("a", school="other", away="both"))

        same((loaded(store, "a").away, loaded(store, "a", "other").away), ("one", "both"))
        with store.read():
            same([child for child, _ in store.histories("other")], ["a"])

    def test_nothing_is_done_outside_a_transaction(self, store: Store) -> None:
        """Reading needs an open store, writing one that is open for writing."""
        with pytest.raises(HostTransactionError, match=r"store\.read\(\)"):
            store.load(SCHOOL, ["a"])
        with store.read(), pytest.raises(HostTransactionError, match=r"store\.write\(\)"):
            store.save(SCHOOL, [change(record())])
        with store.read(), pytest.raises(HostTransactionError, match="outside of read"), store.write():
            pass

    def test_transactions_join(self, store: Store) -> None:
        """Opening again inside joins what is open."""
        with store.write():
            with store.write():
                store.save(SCHOOL, [change(record())])
            with store.read():
                same(list(store.load(SCHOOL, ["s-17"])), ["s-17"])
        with store.read(), store.read():
            same(list(store.load(SCHOOL, ["s-17"])), ["s-17"])


class OwnTransactionContract:
    """For stores that own their transaction: what fails is undone. A guest leaves that to its host."""

    def test_what_fails_leaves_nothing(self, store: Store) -> None:
        """An error inside write() undoes all of it: records, looks, settings, outbox, roll."""
        put(store, record("a"), wake=AT)
        a = loaded(store, "a")

        def fail() -> None:
            store.save(SCHOOL, [change(evolve(a, away="both"), before=a, events=[ev.Applied("p", "c", "r", DAY)])])
            store.save(SCHOOL, [change(record("b"), outgoing=[Outgoing("k", "emergency", "lead", "x", "b", AT)])])
            store.save("new", [change(record("", school="new"), events=[ev.Applied("p", "c", "r", DAY)])])
            store.wake(SCHOOL, AT - HOUR)
            raise LookupError

        with pytest.raises(LookupError), store.write():
            fail()

        after = loaded(store, "a")
        same((a, AT), (after, after.wake_at))
        with store.write():
            same(store.children(SCHOOL, after="", limit=9, open_only=False), ["a"])
            same(store.outgoing(SCHOOL), [])
            same(store.settings("new"), None)
            same(store.claim(AT - HOUR, limit=9, school=None, alarms=False, skip=()), [])
            same([c.child for c in store.claim(AT, limit=9, school=None, alarms=False, skip=())], ["a"])
