"""The store's contract about questions over many records: every store gives the same answer in the same order."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from attrs import evolve

from casework.engine.port import Outgoing, Reach, Store, Whose
from casework.model.activity import Activity, Concern
from casework.model.case import Case
from casework.model.emergency import Emergency, Notice
from casework.model.glass import Glass, GlassNotice
from casework.model.obligation import Obligation
from casework.model.people import Pairing
from casework.model.referral import Referral
from casework.model.roll import RollRow, StaffRow
from casework.testing.contract_base import AT, DAY, HOUR, SCHOOL, change, loaded, put, record, same

NUMBER = count()
NEXT = DAY + timedelta(days=1)


def owing(*roles: str, child: str = "s-17", lead: str = "", **parts: Any) -> Case:  # noqa: ANN401 - fields of a case
    """A case with one open obligation for each role, and one that is met."""
    owed = [Obligation("D1", f"#{k}", DAY, NEXT, None, role) for k, role in enumerate(roles, 1)]
    met = Obligation("D0", "#1", DAY, NEXT, None, roles[0], "met")
    pairings = (Pairing(lead, DAY),) if lead else ()
    return record(child, obligations={o.key: o for o in (*owed, met)}, pairings=pairings, **parts)


def whose(person: str = "t.li", **parts: Any) -> Whose:  # noqa: ANN401 - fields of `Whose`
    """What falls to a person: no seats and no classes unless said."""
    sets = {name: frozenset(parts.get(name, ())) for name in ("roles", "vacant", "classes", "taught")}
    return Whose(person, heads=parts.get("heads", False), **sets)


def reach(person: str, classes: Sequence[str] = (), specialists: Sequence[str] = ()) -> Reach:
    """Whose records may be in a person's lists."""
    return Reach(person, frozenset(classes), frozenset(specialists))


def act(kind: str, day: date = DAY, **parts: Any) -> Activity:  # noqa: ANN401 - fields of an activity
    """An activity of that day."""
    return Activity(f"a{next(NUMBER)}", kind, day, "t.li", AT, "t.li", **parts)


def acted(child: str, *acts: Activity) -> Case:
    """A case with these activities."""
    return record(child, activity_log={a.id: a for a in acts})


def crisis(child: str, state: str = "raised", **parts: Any) -> Case:  # noqa: ANN401 - fields of a case
    """A case with one emergency."""
    people = {"implicated": parts.pop("implicated", ()), "responding_by": parts.pop("by", "")}
    found = Emergency("e1", "missing", parts.pop("at", AT), "t.li", AT, state, **people)
    return record(child, emergencies={"e1": found}, **parts)


class QuestionsContract:
    """Who owes what, who may not know, what is told, and the figures of a summary."""

    @pytest.mark.parametrize(
        ("case", "asked", "expected"),
        [
            (owing("lead", lead="t.li"), whose(), ["lead"]),
            (owing("lead", lead="t.wu"), whose(), []),
            (owing("lead", class_="3-2"), whose(classes=["3-2"]), ["lead"]),
            (owing("class_teacher", class_="3-2"), whose(classes=["3-2"], taught=["3-2"]), ["class_teacher"]),
            (owing("class_teacher", class_="3-2", lead="t.li"), whose(taught=["3-2"]), []),
            (owing("class_teacher", class_="3-2", lead="t.li"), whose(), ["class_teacher"]),
            (owing("office", "lead"), whose(roles=["office"]), ["office"]),
            (owing("office", lead="t.li"), whose(vacant=["office"]), ["office"]),
            (owing("office", lead="t.li"), whose(roles=["psychologist"]), []),
            (owing("office", "lead", lead="t.li"), whose(roles=["office"]), ["office", "lead"]),
        ],
    )
    def test_what_falls_to_a_person(self, store: Store, case: Case, asked: Whose, expected: list[str]) -> None:
        """Open obligations come by lead, by class, by seat, and vacant seats' fall to the lead."""
        put(store, case)
        with store.read():
            found = store.owed(SCHOOL, asked, hidden=())

        same([o.obligation.role for o in found], expected)

    @pytest.mark.parametrize(
        ("case", "expected"),
        [
            (record(pairings=(Pairing("t.li", DAY),)), ["s-17"]),
            (record(pairings=(Pairing("t.wu", DAY, ["t.ma", "t.li"]),)), ["s-17"]),
            (record(pairings=(Pairing("t.li", DAY, [], DAY), Pairing("t.wu", DAY, ["t.lin"]))), []),
            (record(referrals={"r1": Referral("r1", "psychology", DAY, (), "t.wu", answered_by="t.li")}), ["s-17"]),
            (
                record(
                    referrals={
                        "r1": Referral(
                            "r1", "psychology", DAY, (), "t", answered_by="t.li", ended_on=DAY, state="revoked"
                        )
                    }
                ),
                [],
            ),
            (crisis("s-17", "responding", by="t.li"), ["s-17"]),
            (crisis("s-17", "reviewed", by="t.li"), []),
            (owing("lead"), []),
        ],
    )
    def test_what_is_in_a_name(self, store: Store, case: Case, expected: list[str]) -> None:
        """A pairing that stands, an open referral, a live emergency that somebody answered are in their name."""
        put(store, case, record("s-18"))
        with store.read():
            same(store.named(SCHOOL, "t.li"), expected)
            same(store.named("beihe", "t.li"), [])

    def test_what_is_owed_comes_by_child_then_as_it_arose(self, store: Store) -> None:
        """With class and household for a list of the day; the same one is not listed twice."""
        mine = {"lead": "t.li", "class_": "3-2", "household": "h1"}
        put(store, owing("lead", "office", child="b", **mine), owing("office", "lead", child="a", **mine))
        with store.read():
            found = store.owed(SCHOOL, whose(roles=["office"], classes=["3-2"]), hidden=())

        same(
            [(o.child, o.obligation.role, o.class_, o.household) for o in found],
            [
                ("a", "office", "3-2", "h1"),
                ("a", "lead", "3-2", "h1"),
                ("b", "lead", "3-2", "h1"),
                ("b", "office", "3-2", "h1"),
            ],
        )

    def test_an_obligation_is_owed_as_it_stands(self, store: Store) -> None:
        """The whole obligation comes, with all its dates."""
        put(store, owing("lead", lead="t.li"))
        with store.read():
            (found,) = store.owed(SCHOOL, whose(), hidden=())

        same(found.obligation, Obligation("D1", "#1", DAY, NEXT, None, "lead"))

    def test_what_is_hidden_is_left_out(self, store: Store) -> None:
        """Children whom the person may not know of are not listed."""
        put(store, owing("lead", child="a", lead="t.li"), owing("lead", child="b", lead="t.li"))

        with store.read():
            same([o.child for o in store.owed(SCHOOL, whose(), hidden=["a"])], ["b"])
            same(store.owed("nowhere", whose(), hidden=()), [])

    def test_who_is_implicated(self, store: Store) -> None:
        """People named in an emergency or a concern, also in one that was voided or reviewed."""
        concern = Concern("c1", "harm", DAY, "t.wu", AT, implicated=("t.li", "p"), voided="mistake")
        put(store, record("z", concern_log={"c1": concern}), crisis("a", "reviewed", implicated=("t.li",)), record("b"))

        with store.read():
            same(store.implicated(SCHOOL, "t.li"), ["a", "z"])
            same(store.implicated(SCHOOL, "p"), ["z"])
            same(store.implicated(SCHOOL, "t.wu"), [])

    def test_who_is_implicated_no_more(self, store: Store) -> None:
        """The answer follows the record."""
        put(store, crisis("a", implicated=("t.li", "t.wu")))
        before = loaded(store, "a")
        with store.write():
            store.save(SCHOOL, [change(crisis("a", implicated=("t.wu", "p")), before=before)])

        with store.read():
            same([store.implicated(SCHOOL, who) for who in ("t.li", "t.wu", "p")], [[], ["a"], ["a"]])

    def test_which_children_have_an_emergency(self, store: Store) -> None:
        """Until it is reviewed, with or without a case."""
        put(store, crisis("c", "stood_down"), crisis("b", "reviewed"), crisis("a", stage=""), record("d"))

        with store.read():
            same(store.live(SCHOOL), ["a", "c"])

    def test_which_children_have_an_open_referral(self, store: Store) -> None:
        """Until it is declined, completed or revoked, with or without a case."""
        asked = Referral("r1", "psychology", DAY, (), "t.li")
        ended = evolve(asked, state="revoked", ended_on=DAY)
        for child, found in (("c", asked), ("b", ended), ("a", asked)):
            put(store, record(child, referrals={"r1": found}))
        put(store, record("d"))

        with store.read():
            same(store.referred(SCHOOL), ["a", "c"])
            same(store.referred("nowhere"), [])

    def test_who_is_implicated_in_a_referral(self, store: Store) -> None:
        """A referral that names somebody implicates them as an emergency does."""
        put(store, record("a", referrals={"r1": Referral("r1", "x", DAY, (), "t.li", implicated=("t.wu",))}))

        with store.read():
            same([store.implicated(SCHOOL, who) for who in ("t.wu", "t.li")], [["a"], []])

    def test_the_outbox_comes_in_order(self, store: Store) -> None:
        """By nominal time, then by key, each row once and as it was first written."""
        first = Outgoing("k2", "emergency", "lead", "t.li", "a", AT, {"rung": 0, "kind": "missing"})
        rows = [
            Outgoing("k1", "rule_failed", "office", "", "a", AT + HOUR),
            first,
            Outgoing("K", "t", "r", "", "a", AT),
        ]
        put(store, record("a"), outgoing=rows)
        before = loaded(store, "a")
        with store.write():
            again = [Outgoing("k2", "emergency", "lead", "t.wu", "a", AT + HOUR)]
            store.save(SCHOOL, [change(before, before=before, outgoing=again)])

        with store.read():
            same(store.outgoing(SCHOOL), [rows[2], first, rows[0]])
            same(store.outgoing("nowhere"), [])

    def test_rows_for_the_outbox_come_with_an_idle_look_too(self, store: Store) -> None:
        """Telling people need not change the record."""
        put(store, record("a"))
        case = loaded(store, "a")
        told = Outgoing("k", "rule_failed", "office", "", "a", AT)
        with store.write():
            idle = change(case, before=case, outgoing=[told])
            store.save(SCHOOL, [idle])

        with store.read():
            same(store.outgoing(SCHOOL), [told])

    def test_declared_facts(self, store: Store) -> None:
        """How many children each helper leads and each class has, and who on the roll has no case."""
        put(
            store,
            record("a", class_="3-2", pairings=(Pairing("t.li", DAY),)),
            record("b", class_="3-2", pairings=(Pairing("t.li", DAY, until=DAY), Pairing("t.wu", DAY))),
            record("c", class_="3-1", pairings=(Pairing("t.li", DAY),)),
            record("d", class_="3-1", stage="closed", pairings=(Pairing("t.li", DAY),)),
            record("e", stage="", class_="3-1"),
            record("f", pairings=(Pairing("t.wu", DAY, until=DAY),)),
        )
        away = {"a": "both", "d": "one", "e": "both", "x": "one", "y": "none", "z": None}
        with store.write():
            rows = [RollRow(pupil, left_behind=said) for pupil, said in away.items()]
            store.save_roll(SCHOOL, [*rows, RollRow("gone", left_behind="both", on_roll=False)], [])
        with store.read():
            found = store.facts(SCHOOL, ["class_shares", "helper_load", "roll_against_cases"], today=DAY)

        same(found["helper_load"], {"t.li": 2, "t.wu": 1})
        same(found["class_shares"], {"3-1": 1, "3-2": 2})
        same(found["roll_against_cases"], {"positives": 4, "without_case": 2})

    def test_declared_facts_of_nothing(self, store: Store) -> None:
        """A school with no records has the same facts, all nought; an unknown fact is an error."""
        with store.read():
            found = store.facts("nowhere", ["helper_load", "roll_against_cases"], today=DAY)
            same(store.facts("nowhere", [], today=DAY), {})
            with pytest.raises(LookupError):
                store.facts("nowhere", ["moon"], today=DAY)

        same(found, {"helper_load": {}, "roll_against_cases": {"positives": 0, "without_case": 0}})

    def test_obligations_are_counted_by_the_day_they_opened(self, store: Store) -> None:
        """Duty by status, first and last day inside, the school's own included."""
        days = [DAY - timedelta(days=1), DAY, NEXT, NEXT + timedelta(days=1)]
        mixed = [Obligation("D9", f"#{k}", day, None, None, "lead", "met") for k, day in enumerate(days)]
        more = (
            Obligation("D9", "x", DAY, None, None, "lead", "missed"),
            Obligation("D4", "#1", DAY, None, None, "office"),
        )
        put(store, record("a", obligations={o.key: o for o in mixed}))
        put(store, record("", stage="", obligations={o.key: o for o in more}))

        with store.read():
            same(store.obligation_counts(SCHOOL, DAY, NEXT), {"D4": {"open": 1}, "D9": {"met": 2, "missed": 1}})
            same(store.obligation_counts("nowhere", DAY, NEXT), {})

    def test_cases_are_counted_by_state(self, store: Store) -> None:
        """An open case with an emergency is escalated, a closed one is closed; no case is not counted."""
        put(store, crisis("a"), crisis("b", stage="closed"), crisis("c", "stood_down", stage="paired"))
        put(store, record("d"), record("e"), crisis("f", stage=""), record("", stage=""))

        with store.read():
            same(store.states(SCHOOL), {"closed": 1, "escalated": 1, "identified": 2, "paired": 1})

    def test_activities_are_counted_by_kind(self, store: Store) -> None:
        """Reached and not, first and last day inside, without what was voided."""
        early, late = DAY - timedelta(days=1), NEXT + timedelta(days=1)
        put(store, acted("a", act("visit"), act("visit", NEXT), act("call", reached=False), act("visit", voided="x")))
        put(store, acted("b", act("visit", early), act("visit", late), act("visit", reached=False)))

        with store.read():
            same(
                store.activity_counts(SCHOOL, DAY, NEXT),
                {"call": {"reached": 0, "not_reached": 1}, "visit": {"reached": 2, "not_reached": 1}},
            )

    def test_emergencies_of_a_time(self, store: Store) -> None:
        """From the first instant, until before the last, in the order of raising."""
        put(store, crisis("b", at=AT), crisis("a", at=AT + HOUR), crisis("c", at=AT - HOUR), crisis("d", at=AT))
        put(store, crisis("e", at=AT + HOUR * 2))
        with store.read():
            found = store.emergencies(SCHOOL, AT, AT + HOUR * 2)
            same(store.emergencies("nowhere", AT, AT + HOUR), [])

        same([child for child, _ in found], ["b", "d", "a"])
        same(found[0][1], loaded(store, "b").emergencies["e1"])

    def test_the_roll_is_kept(self, store: Store) -> None:
        """Rows come back as they were, by id; written again they replace, and leave the others."""
        full = RollRow("É", "3-2", "3", "both", boarder=True, household="h", birth_date=DAY, sex="f", on_roll=False)
        plain, changed = RollRow("b"), RollRow("b", left_behind="none")
        teacher = StaffRow("t.li", ("class_teacher", "lead"), ("3-2",))
        with store.write():
            store.save_roll(SCHOOL, [full, plain], [teacher, StaffRow("A")])
        with store.write():
            store.save_roll(SCHOOL, [plain, changed], [StaffRow("A", ("office",))])

        with store.read():
            same(list(store.roll(SCHOOL).items()), [("b", changed), ("É", full)])
            same(list(store.staff(SCHOOL).items()), [("A", StaffRow("A", ("office",))), ("t.li", teacher)])
            same((store.roll("nowhere"), store.staff("nowhere")), ({}, {}))

    def test_who_is_within_reach(self, store: Store) -> None:
        """A child whom a person leads, helps, teaches, was told of, took on, or whose referral their seat answers."""
        asked = Referral("r1", "psychology", DAY, (), "t.x")
        noticed = evolve(crisis("s-5").emergencies["e1"], notices=(Notice("raised", 0, 0, "lead", "t.li", AT),))
        put(
            store,
            record("s-1", pairings=(Pairing("t.li", DAY),)),
            record("s-2", pairings=(Pairing("t.x", DAY, ("t.li", "100%_t.li")),)),
            record("s-3", pairings=(Pairing("t.x", DAY, ("t.li",), DAY),)),
            record("s-4", class_="3-1"),
            record("s-5", emergencies={"e1": noticed}),
            record("s-6", referrals={"r1": evolve(asked, answered_by="t.li")}),
            record("s-7", referrals={"r1": asked}),
            record("s-8", class_="3-2", pairings=(Pairing("t.lii", DAY, ("t.l_",)),)),
        )

        with store.read():
            same(store.within(SCHOOL, reach("t.li", ["3-1"], ["psychology"])), [f"s-{k}" for k in (1, 2, 4, 5, 6, 7)])
            same(store.within(SCHOOL, reach("t.li")), [f"s-{k}" for k in (1, 2, 5, 6)])
            same(store.within(SCHOOL, reach("t.l_")), ["s-8"])
            same(store.within(SCHOOL, reach("nobody")), [])
            same(store.within("nowhere", reach("t.li", ["3-1"])), [])

    def test_glass_that_nobody_judged(self, store: Store) -> None:
        """Children about whom glass was broken, until somebody has judged it."""
        broken = Glass("g1", "t.wu", "found_alone", AT, AT + HOUR, (GlassNotice(0, "principal", "t.sun", AT),))
        judged = evolve(broken, reviewed_by="t.sun", reviewed_at=AT, verdict="justified")
        put(store, record("s-1", glasses={"g1": broken}), record("s-2", glasses={"g1": judged}), record("s-3"))

        with store.read():
            same(store.broken(SCHOOL), ["s-1"])
            same(store.broken("nowhere"), [])
        same(loaded(store, "s-2").glasses, {"g1": judged})

    def test_some_pupils_of_the_roll(self, store: Store) -> None:
        """Those who are asked for and on it, by id."""
        one, two = RollRow("s-1", class_="3-1"), RollRow("s-2")
        with store.write():
            store.save_roll(SCHOOL, [two, one, RollRow("s-3")], [])

        with store.read():
            same(store.roll(SCHOOL, ["s-9", "s-2", "s-1", "s-1"]), {"s-1": one, "s-2": two})
            same(store.roll(SCHOOL, []), {})
            same(store.roll("nowhere", ["s-1"]), {})
