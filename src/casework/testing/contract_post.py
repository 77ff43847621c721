"""The store's contract: notices on their way to people."""

from collections.abc import Sequence
from datetime import datetime

from casework.engine.outgoing import Outgoing
from casework.engine.port import Store
from casework.engine.post import DEAD, DELIVERED, WAITING, WITHHELD, Held, Packed, Verdict
from casework.testing.contract_base import AT, HOUR, SCHOOL, change, put, record, same

SINKS = ["mail", "text"]
DAYS = 24 * HOUR


def notice(key: str, person: str = "t.li", *, urgent: bool = True, at: datetime = AT, child: str = "a") -> Outgoing:
    """A notice about a child."""
    return Outgoing(key, "emergency" if urgent else "referral", "lead", person, child, at, {"n": 1})


def letter(*notices: Outgoing, id_: str = "") -> Packed:
    """A letter that holds these notices."""
    first = notices[0]
    keys = tuple(one.key for one in notices)
    child = first.child if first.urgent else ""
    return Packed(id_ or f"L{first.key}", first.person, child, urgent=first.urgent, at=first.at, keys=keys)


def packed(store: Store, *letters: Packed, sinks: Sequence[str] = SINKS) -> None:
    """Write these letters."""
    with store.write():
        store.pack(SCHOOL, letters, sinks, [])


def claimed(
    store: Store, now: datetime = AT + HOUR, *, urgent: bool = True, limit: int = 9, sinks: Sequence[str] = SINKS
) -> list[Held]:
    """Claim letters for an hour."""
    with store.write():
        return store.claim_letters(now, now + HOUR, urgent=urgent, limit=limit, sinks=sinks, school=None)


def settled(store: Store, *verdicts: Verdict) -> tuple[set[tuple[str, str]], dict[str, dict[str, str]]]:
    """Note what came of attempts."""
    with store.write():
        return store.settle_letters(SCHOOL, verdicts)


def due(store: Store, now: datetime, *, urgent: bool, limit: int = 9, school: str | None = None) -> list[str]:
    """The keys of what waits to be packed."""
    with store.write():
        found = store.waiting(now, urgent=urgent, limit=limit, school=school)
    return [f"{name}/{row.key}" for name, row in found]


def places(held: Sequence[Held]) -> list[tuple[str, str, int, int]]:
    """Letter, sink, fence and attempt of what is held."""
    return [(one.id, one.sink, one.fence, one.tries) for one in held]


class PostContract:
    """Notices wait, are packed into letters, claimed, and marked by who holds them."""

    def test_notices_wait_by_urgency_and_time(self, store: Store) -> None:
        """Earliest first, urgent ones apart, of one school or of all, and none before its time."""
        rows = [notice("b"), notice("a", at=AT + HOUR), notice("c", urgent=False), notice("d", at=AT + 3 * HOUR)]
        put(store, record("a"), outgoing=rows)
        put(store, record("a", "other"), outgoing=[notice("b")])

        same(due(store, AT + HOUR, urgent=True), [f"{SCHOOL}/b", "other/b", f"{SCHOOL}/a"])
        same(due(store, AT + HOUR, urgent=True, limit=1), [f"{SCHOOL}/b"])
        same(due(store, AT + HOUR, urgent=True, school="other"), ["other/b"])
        same(due(store, AT + HOUR, urgent=True, school="nowhere"), [])
        same(due(store, AT, urgent=False), [f"{SCHOOL}/c"])
        same(due(store, AT - HOUR, urgent=False), [])

    def test_what_waits_for_people(self, store: Store) -> None:
        """All that is not urgent, whenever it is due, by nominal time, then key."""
        rows = [notice("b", urgent=False), notice("a", urgent=False), notice("u"), notice("x", "t.wu", urgent=False)]
        put(store, record("a"), outgoing=rows)
        with store.write():
            store.pack(SCHOOL, [], SINKS, [(rows[0], AT + 9 * HOUR)])

        with store.write():
            same([row.key for row in store.waiting_for(SCHOOL, ["t.li"])], ["a", "b"])
            same([row.key for row in store.waiting_for(SCHOOL, ["t.li", "t.wu"])], ["a", "b", "x"])
            same(store.waiting_for("nowhere", ["t.li"]), [])
        same(due(store, AT + HOUR, urgent=False), [f"{SCHOOL}/a", f"{SCHOOL}/x"])
        same(due(store, AT + 9 * HOUR, urgent=False)[-1], f"{SCHOOL}/b")

    def test_what_is_packed_waits_no_more(self, store: Store) -> None:
        """Neither does it when it is saved once more under the same key."""
        put(store, record("a"), outgoing=[notice("k")])
        packed(store, letter(notice("k")))
        with store.write():
            before = store.load(SCHOOL, ["a"])["a"]
            store.save(SCHOOL, [change(before, before=before, outgoing=[notice("k")])])

        same(due(store, AT + HOUR, urgent=True), [])
        with store.read():
            same(store.letters(SCHOOL, ["Lk", "other"]), {"Lk"})
            same(store.letters("nowhere", ["Lk"]), set())
            same(store.notices(SCHOOL, ["k", "other"]), {"k": notice("k")})

    def test_a_letter_is_written_once(self, store: Store) -> None:
        """A second one under its id leaves the first as it is."""
        put(store, record("a"), outgoing=[notice("k"), notice("m")])
        packed(store, letter(notice("k"), id_="L"))
        packed(store, letter(notice("m"), id_="L"))

        same([one.keys for one in claimed(store)], [("k",), ("k",)])

    def test_a_claimed_letter_is_nobody_elses_before_its_time(self, store: Store) -> None:
        """Then it is claimed anew, with a higher number."""
        put(store, record("a"), outgoing=[notice("k")])
        packed(store, letter(notice("k")))

        same(claimed(store, AT - HOUR), [])
        same(places(claimed(store)), [("Lk", "mail", 1, 1), ("Lk", "text", 1, 1)])
        same(claimed(store), [])
        same(places(claimed(store, AT + 2 * HOUR, limit=1)), [("Lk", "mail", 2, 2)])

    def test_a_later_letter_waits_for_an_earlier_one(self, store: Store) -> None:
        """Of the same child, to the same person, at the same sink, of the same urgency; and of nothing else."""
        rows = [
            notice("k1"),
            notice("k2", at=AT + HOUR),
            notice("k3", "t.wu", at=AT + HOUR),
            notice("k4", urgent=False, at=AT + HOUR),
        ]
        put(store, record("a"), outgoing=rows)
        put(store, record("b"), outgoing=[notice("k5", child="b", at=AT + HOUR)])
        packed(store, *map(letter, rows), letter(notice("k5", child="b", at=AT + HOUR)), sinks=["mail"])
        held = claimed(store)

        same([one.id for one in held], ["Lk1", "Lk3", "Lk5"])
        same([one.id for one in claimed(store, urgent=False)], ["Lk4"])
        settled(store, Verdict(held[0], ("k1",), WAITING, AT + 9 * HOUR, "busy"))
        same(claimed(store), [])
        same([one.id for one in claimed(store, AT + 9 * HOUR)], ["Lk3", "Lk5", "Lk1"])

    def test_a_clock_that_was_far_ahead_keeps_nothing_waiting(self, store: Store) -> None:
        """What is to wait for longer than anything may is looked at now: the clock was wrong when that was written."""
        put(store, record("a"), outgoing=[notice("k"), notice("m", urgent=False), notice("far", at=AT + 999 * DAYS)])
        packed(store, letter(notice("k")), sinks=["mail"])
        with store.write():
            store.pack(SCHOOL, [], SINKS, [(notice("m", urgent=False), AT + 16 * DAYS)])

        same(due(store, AT, urgent=False), [f"{SCHOOL}/m"])
        same(due(store, AT + 2 * DAYS, urgent=False), [])
        same(due(store, AT, urgent=True), [f"{SCHOOL}/far"])
        same(len(claimed(store, AT + 999 * DAYS)), 1)
        same(len(claimed(store, AT)), 1)

    def test_only_asked_sinks_are_claimed(self, store: Store) -> None:
        """A sink that is not there now keeps its letters."""
        put(store, record("a"), outgoing=[notice("k")])
        packed(store, letter(notice("k")))

        same([one.sink for one in claimed(store, sinks=["text"])], ["text"])

    def test_who_holds_the_last_number_marks(self, store: Store) -> None:
        """A word that comes too late changes nothing; the letter's status at every sink is told."""
        put(store, record("a"), outgoing=[notice("k")])
        packed(store, letter(notice("k")))
        first, other = claimed(store)
        again = claimed(store, AT + 2 * HOUR, sinks=["mail"])[0]
        late = settled(store, Verdict(first, ("k",), DEAD, None, "550"), Verdict(other, ("k",), DELIVERED))

        same(late, ({("Lk", "text")}, {"Lk": {"mail": WAITING, "text": DELIVERED}}))
        noted, standing = settled(store, Verdict(again, ("k",), DELIVERED))
        same((noted, standing["Lk"]["mail"]), ({("Lk", "mail")}, DELIVERED))
        same(settled(store, Verdict(again, ("k",), DEAD))[0], set())
        same(claimed(store, AT + 99 * HOUR), [])

    def test_dead_letters_are_listed_and_tried_again(self, store: Store) -> None:
        """In order, with what they hold that is not withheld; whoever held one before can mark nothing."""
        rows = [notice("k1", urgent=False), notice("k2", urgent=False, at=AT + HOUR)]
        put(store, record("a"), outgoing=rows)
        packed(store, letter(*rows, id_="L"))
        mail, text = claimed(store, urgent=False)
        settled(store, Verdict(mail, ("k1", "k2"), DEAD, None, "550"), Verdict(text, ("k1", "k2"), DELIVERED))
        with store.write():
            store.settle_notices(SCHOOL, {"k1": WITHHELD, "k2": DEAD, "other": DEAD})

        with store.read():
            (dead,) = store.dead_letters(SCHOOL)
            same(store.dead_letters("nowhere"), [])
            same(list(store.notices(SCHOOL, ["k1", "k2"])), ["k2"])
            same(list(store.notices(SCHOOL, ["k2", "k1"], withheld=True)), ["k1", "k2"])
        same((dead.id, dead.sink, dead.why, dead.tries, dead.urgent), ("L", "mail", "550", 1, False))
        same(dead.notices, (rows[1],))
        with store.write():
            same(store.deliver_again(SCHOOL, "L", AT + 5 * HOUR), 1)
            same(store.deliver_again(SCHOOL, "L", AT + 5 * HOUR), 0)
            same(store.deliver_again("nowhere", "L", AT), 0)
        same(settled(store, Verdict(mail, (), DELIVERED))[0], set())
        with store.write():
            same(store.lay_aside(SCHOOL, "L"), 0)
        same(places(claimed(store, AT + 5 * HOUR, urgent=False)), [("L", "mail", 3, 1)])

    def test_a_dead_letter_is_laid_aside(self, store: Store) -> None:
        """It stands on the list no more, and is not tried again."""
        put(store, record("a"), outgoing=[notice("k")])
        packed(store, letter(notice("k")))
        settled(store, *(Verdict(one, ("k",), DEAD, None, "550") for one in claimed(store)))
        with store.write():
            same(store.lay_aside(SCHOOL, "Lk"), 2)
            same(store.dead_letters(SCHOOL), [])
            same(store.deliver_again(SCHOOL, "Lk", AT), 0)
            same(store.lay_aside("nowhere", "Lk"), 0)

    def test_what_is_dead_from_the_beginning(self, store: Store) -> None:
        """It is never claimed, and listed."""
        put(store, record("a"), outgoing=[notice("k", "")])
        dead = Packed("L", "", "a", urgent=True, at=AT, keys=("k",), status=DEAD, error="nobody")
        packed(store, dead, sinks=["mail"])

        same(claimed(store), [])
        with store.read():
            same([(one.person, one.why) for one in store.dead_letters(SCHOOL)], [("", "nobody")])

    def test_what_fails_is_undone(self, store: Store) -> None:
        """Packing, claiming and marking live and die with their transaction."""
        put(store, record("a"), outgoing=[notice("k"), notice("m", at=AT + HOUR)])
        packed(store, letter(notice("k")))

        def fail() -> None:
            held = store.claim_letters(AT, AT + HOUR, urgent=True, limit=9, sinks=SINKS, school=SCHOOL)
            store.settle_letters(SCHOOL, [Verdict(held[0], ("k",), DEAD)])
            store.settle_notices(SCHOOL, {"k": DEAD})
            store.pack(SCHOOL, [letter(notice("m", at=AT + HOUR))], SINKS, [])
            raise LookupError

        try:
            with store.write():
                fail()
        except LookupError:
            same(due(store, AT + HOUR, urgent=True), [f"{SCHOOL}/m"])
        same(places(claimed(store)), [("Lk", "mail", 1, 1), ("Lk", "text", 1, 1)])
