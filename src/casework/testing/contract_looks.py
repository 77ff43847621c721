"""The store's contract about looks: what is due is claimed, earliest first, and nothing else is touched."""

import pytest
from attrs import evolve

from casework.engine.port import Change, Shard, Store
from casework.testing.contract_base import AT, HOUR, SCHOOL, change, loaded, put, record, same


def claimed(
    store: Store, *, limit: int = 9, school: str | None = None, alarms: bool = False, **more: object
) -> list[str]:
    """The children claimed now (or ``at``), passing over ``skip``."""
    at, skip = more.get("at", AT), more.get("skip", ())
    with store.write():
        found = store.claim(at, limit=limit, school=school, alarms=alarms, skip=skip)  # type: ignore[arg-type]
    return [case.child for case in found]


class LooksContract:
    """Claiming, counting and setting what is due."""

    def test_what_is_due_is_claimed_earliest_first(self, store: Store) -> None:
        """Records whose look has come are claimed in the order of their looks; later ones are not."""
        put(store, record("late"), wake=AT)
        put(store, record("early"), wake=AT - HOUR)
        put(store, record("not yet"), wake=AT + HOUR)
        put(store, record("never"))

        same(claimed(store), ["early", "late"])

    def test_those_due_at_the_same_instant_come_as_they_were_made(self, store: Store) -> None:
        """Among equals the record that was made first is first, on every store."""
        put(store, record("b"), record("a"), record("c", school="other"), record("d"), wake=AT)

        same(claimed(store), ["b", "a", "d", "c"])

    def test_no_more_are_claimed_than_asked_for(self, store: Store) -> None:
        """The limit holds."""
        put(store, record("a"), record("b"), record("c"), wake=AT)

        same(claimed(store, limit=2), ["a", "b"])

    def test_those_seen_are_passed_over(self, store: Store) -> None:
        """A record that stays due does not starve those behind it."""
        put(store, record("a"), record("b"), record("c"), wake=AT)

        same(claimed(store, limit=2, skip=[(SCHOOL, "a"), ("other", "b")]), ["b", "c"])

    def test_alarms_are_claimed_by_their_own_instant(self, store: Store) -> None:
        """The ladder's alarm is another instant than the look."""
        put(store, record("alarm"), wake=AT + HOUR, alarm=AT)
        put(store, record("look"), wake=AT)

        same((claimed(store, alarms=True), claimed(store)), (["alarm"], ["look"]))

    def test_one_school_may_be_swept_alone(self, store: Store) -> None:
        """With a school named, the others' records stay."""
        put(store, record("a"), record("b", school="other"), wake=AT)

        same(claimed(store, school="other"), ["b"])
        same(claimed(store, school="nowhere"), [])

    def test_schools_are_parted_among_sweepers(self, store: Store) -> None:
        """Each of three shards claims its own schools' records; together they claim each record once."""
        names = [f"school {k}" for k in range(7)]
        for name in names:
            put(store, record("a", school=name), record("b", school=name), wake=AT, alarm=AT)
        parts = []
        for number in range(3):
            with store.write():
                shard = Shard(number, 3)
                looks = store.claim(AT, limit=99, school=None, alarms=False, skip=(), shard=shard)
                alarms = store.claim(AT, limit=99, school=None, alarms=True, skip=(), shard=shard)
            same([(c.school, c.child) for c in looks], [(c.school, c.child) for c in alarms])
            parts.append({case.school for case in looks})
            same(len(looks), 2 * len(parts[-1]))

        same(sorted(name for part in parts for name in part), names)
        same(sorted(map(len, parts)), [2, 2, 3])

    def test_a_shard_that_is_none_is_refused(self) -> None:
        """Shards are counted from 0."""
        for number, of in ((3, 3), (-1, 3), (0, 0)):
            with pytest.raises(ValueError, match="counted from 0 to of-1"):
                Shard(number, of)

    def test_what_is_claimed_is_loaded_whole(self, store: Store) -> None:
        """A claimed record is the record, with its looks."""
        put(store, record("a", failures={"r": "KeyError"}), record("b", school="other"), wake=AT, alarm=AT + HOUR)
        with store.write():
            found = store.claim(AT, limit=9, school=None, alarms=False, skip=())

        same([loaded(store, "a"), loaded(store, "b", "other")], found)
        same((found[0].wake_at, found[0].alarm_at), (AT, AT + HOUR))

    def test_what_is_settled_is_due_no_more(self, store: Store) -> None:
        """Claiming chunk after chunk comes to an end, each record once."""
        put(store, *(record(f"s-{k:02}") for k in range(23)), wake=AT)
        seen: list[str] = []
        for _ in range(9):
            with store.write():
                chunk = store.claim(AT, limit=5, school=None, alarms=False, skip=())
                store.save(SCHOOL, [Change(c, c, None, AT + HOUR, None) for c in chunk])
            seen += [c.child for c in chunk]

        same([f"s-{k:02}" for k in range(23)], seen)

    def test_what_is_due_is_counted(self, store: Store) -> None:
        """Looks and alarms count, each record once."""
        put(store, record("a"), wake=AT, alarm=AT)
        put(store, record("b"), alarm=AT)
        put(store, record("c", school="other"), wake=AT)
        put(store, record("d"), wake=AT + HOUR)

        with store.read():
            same([store.due(AT, school=school) for school in (None, SCHOOL, "other", "nowhere")], [3, 2, 1, 0])

    def test_a_record_may_have_no_look(self, store: Store) -> None:
        """A look that is taken away is due no more."""
        put(store, record("a"), wake=AT, alarm=AT)
        case = loaded(store, "a")
        with store.write():
            store.save(SCHOOL, [change(case, before=case)])

        same((claimed(store), claimed(store, alarms=True)), ([], []))

    def test_open_cases_can_all_be_woken(self, store: Store) -> None:
        """Open cases, the school's own record and those of classes become due; closed and mere records do not."""
        put(store, record("a"), record("", stage=""), record("b", stage="closed"), record("c", stage=""))
        put(store, record("@3-1", stage=""), record("A", stage=""), record("d", school="other"))
        with store.write():
            count = store.wake(SCHOOL, AT)

        same(count, len(["", "@3-1", "a"]))
        same(sorted(claimed(store)), ["", "@3-1", "a"])

    def test_closed_cases_can_be_woken_too(self, store: Store) -> None:
        """Where something is asked of closed cases they become due with the others; mere records do not."""
        put(store, record("a"), record("", stage=""), record("b", stage="closed"), record("c", stage=""))
        with store.write():
            count = store.wake(SCHOOL, AT, closed=True)

        same(count, len(["", "a", "b"]))
        same(sorted(claimed(store)), ["", "a", "b"])

    def test_waking_never_delays(self, store: Store) -> None:
        """A look that comes sooner stays as it is."""
        put(store, record("soon"), wake=AT - HOUR)
        put(store, record("later"), wake=AT + HOUR)
        with store.write():
            store.wake(SCHOOL, AT)

        same((loaded(store, "soon").wake_at, loaded(store, "later").wake_at), (AT - HOUR, AT))
        with store.write():
            same(store.wake("nowhere", AT), 0)

    def test_the_looks_of_a_record_can_be_asked(self, store: Store) -> None:
        """The next look and the next alarm."""
        put(store, record("a"), wake=AT, alarm=AT + HOUR)

        with store.read():
            same(store.wake_of(SCHOOL, "a"), (AT, AT + HOUR))
            same(store.wake_of(SCHOOL, "nobody"), (None, None))

    def test_a_change_within_the_transaction_is_seen(self, store: Store) -> None:
        """What was saved is claimed and loaded by the same transaction."""
        with store.write():
            store.save(SCHOOL, [change(record("a"), wake=AT)])
            (found,) = store.claim(AT, limit=9, school=None, alarms=False, skip=())
            store.save(SCHOOL, [change(evolve(found, away="one"), before=found, wake=AT + HOUR)])
            same(store.claim(AT, limit=9, school=None, alarms=False, skip=()), [])

        same(loaded(store, "a").away, "one")
