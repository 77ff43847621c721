"""The store's contract about gatherings: what they say waits for the records they name, and is read as it stands."""

from typing import Any

from attrs import evolve

from casework.engine.port import Change, Store
from casework.model import school_events as sv
from casework.model.case import Case
from casework.model.gathering import ABSENT, PRESENT, STRUCK, Awaited, Gathering
from casework.testing.contract_base import AT, DAY, HOUR, SCHOOL, change, entry, loaded, put, record, same

HELD = Gathering("g1", "symposium", DAY, "t.li", AT, "vp", ("3-1",), {"a": PRESENT, "b": ABSENT, "nobody": PRESENT})
RECORD = "@@g1"


def hold(store: Store, *, awaiting: tuple[str, ...] = ("a", "b", "nobody"), **reads: Any) -> None:  # noqa: ANN401 - fields of a gathering
    """Save a gathering, or what it reads from now on."""
    with store.write():
        before = store.load(SCHOOL, [RECORD]).get(RECORD) or Case(SCHOOL, RECORD)
        after = evolve(before, version=before.version + 1, gathering=evolve(before.gathering or HELD, **reads))
        made = entry(after.version, [sv.GatheringHeld(HELD)])
        store.save(SCHOOL, [Change(before, after, made, None, None, awaiting=awaiting)])


class GatheringsContract:
    """Gatherings with attendance, and the records that have to take them up."""

    def test_a_gathering_is_what_was_saved(self, store: Store) -> None:
        """Its attendance too, in the order of the children's ids."""
        hold(store)

        same(loaded(store, RECORD).gathering, HELD)
        same(loaded(store, RECORD).subject, "gathering")

    def test_records_await_what_it_says_of_them(self, store: Store) -> None:
        """Those that exist do, each its own attendance; their versions are as before."""
        put(store, record("a"), record("b"), record("c"), wake=AT + 9 * HOUR)
        hold(store)

        same(
            [loaded(store, child).awaited for child in "abc"], [(Awaited.of(HELD, "a"),), (Awaited.of(HELD, "b"),), ()]
        )
        same([loaded(store, child).version for child in "abc"], [1, 1, 1])

    def test_they_are_woken_at_once(self, store: Store) -> None:
        """What is due earlier stays so; the alarm is not touched."""
        put(store, record("a"), wake=AT + 9 * HOUR, alarm=AT + 5 * HOUR)
        put(store, record("b"), wake=AT - HOUR)
        hold(store)

        with store.read():
            found = [store.wake_of(SCHOOL, child) for child in ("a", "b")]
        same(found, [(AT + HOUR, AT + 5 * HOUR), (AT - HOUR, None)])

    def test_what_is_claimed_brings_it_along(self, store: Store) -> None:
        """A sweep that claims a record has what it has to take up."""
        put(store, record("a"), wake=AT + 9 * HOUR)
        hold(store)
        with store.write():
            claimed = store.claim(AT + HOUR, limit=9, school=None, alarms=False, skip=())

        same([(case.child, len(case.awaited)) for case in claimed], [("a", 1)])

    def test_what_was_taken_up_is_awaited_no_more(self, store: Store) -> None:
        """Neither after an entry nor after an idle look; for others it stays."""
        put(store, record("a"), record("b"))
        hold(store)
        before, idle = loaded(store, "a"), loaded(store, "b")
        with store.write():
            store.save(SCHOOL, [change(evolve(before, away="both", awaited=()), before=before)])
        same([len(loaded(store, child).awaited) for child in ("a", "b")], [0, 1])
        with store.write():
            store.save(SCHOOL, [Change(idle, evolve(idle, awaited=()), None, None, None)])
        same(len(loaded(store, "b").awaited), 0)

    def test_an_entry_that_takes_up_nothing_leaves_it(self, store: Store) -> None:
        """While settings wait a record goes on without, and finds it later."""
        put(store, record("a"))
        hold(store)
        before = loaded(store, "a")
        with store.write():
            store.save(SCHOOL, [change(evolve(before, away="both"), before=before)])

        same(len(loaded(store, "a").awaited), 1)

    def test_it_is_read_as_the_gathering_stands(self, store: Store) -> None:
        """A correction before it was taken up is the only thing that is taken up."""
        put(store, record("a"), record("b"))
        hold(store)
        hold(store, awaiting=("b",), attendance={"a": PRESENT, "b": STRUCK}, because="typo")

        (found,) = loaded(store, "b").awaited
        same((found.there, found.because, found.undone), (STRUCK, "typo", "typo"))

    def test_two_gatherings_come_in_the_order_in_which_they_were_made(self, store: Store) -> None:
        """So that every store writes the same history."""
        put(store, record("a"))
        hold(store)
        other = evolve(HELD, id="a0", kind="training")
        with store.write():
            made = Case(SCHOOL, "@@a0", version=1, gathering=other)
            events = entry(1, [sv.GatheringHeld(other)])
            store.save(SCHOOL, [Change(Case(SCHOOL, "@@a0"), made, events, None, None, awaiting=("a",))])

        same([awaited.gathering for awaited in loaded(store, "a").awaited], ["g1", "a0"])

    def test_a_class_and_the_school_are_present(self, store: Store) -> None:
        """They stand on no list, and hold an act of their own."""
        put(store, record("@3-1", stage=""), record("", stage=""))
        hold(store, awaiting=("", "@3-1"))

        same([loaded(store, child).awaited[0].there for child in ("", "@3-1")], [PRESENT, PRESENT])

    def test_what_fails_leaves_nothing_awaited(self, store: Store) -> None:
        """The gathering, its list and the looks it set are one write."""
        put(store, record("a"), wake=AT + 9 * HOUR)
        try:
            with store.write():
                hold(store)
                raise LookupError  # noqa: TRY301 - how a transaction fails
        except LookupError:
            same((loaded(store, "a").awaited, loaded(store, "a").wake_at), ((), AT + 9 * HOUR))

    def test_gatherings_of_some_days(self, store: Store) -> None:
        """By day, then id; both ends inside."""
        hold(store)
        with store.read():
            same(store.gatherings(SCHOOL, DAY, DAY), [HELD])
            same(store.gatherings("elsewhere", DAY, DAY), [])

    def test_who_has_a_record_and_in_which_class(self, store: Store) -> None:
        """Others are left out; the order is that of the question."""
        put(store, record("a", class_="3-1"), record("b"))
        with store.read():
            same(store.having(SCHOOL, ["b", "nobody", "a"]), {"b": "", "a": "3-1"})
            same(store.having(SCHOOL, []), {})
            same(store.having("elsewhere", ["a"]), {})
