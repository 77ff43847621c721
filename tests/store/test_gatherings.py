"""Gatherings: one event discharges the duty of every child present, small ones at once, large ones chunk by chunk."""

from contextlib import contextmanager
from datetime import date

import pytest

from casework import Desk, Principal, sweep
from casework.engine.evolve import fold
from casework.engine.school_desk import Gathered
from casework.engine.sweep import CHUNK
from casework.errors import CommandRefused, KeyReused, NotFound, StepRefused
from casework.model.case import Case
from casework.model.gathering import ABSENT, PRESENT, STRUCK
from casework.model.roll import RollRow
from casework.policy import load_policy
from casework.store import KeyRing, SqlStore
from casework.testing import MemoryStore
from tests.engine.world import World, day, duty, policy

SYMPOSIUM = duty('{ each = "TERM", due = "start of CLOSE", closes = "term end" }', "D21", by='"symposium"')
D21 = "D21/2026-autumn:TERM"
HELD = day(12, 18)


def school(children=3, *, own=None, store=None):
    """A school whose children owe a symposium, on the day before it is held."""
    world = World(own or policy(SYMPOSIUM))
    if store is not None:
        world.store = store
    desk = world.desk()
    with world.store.write():
        for k in range(children):
            desk.identify(f"s-{k}", away="both", class_="3-1")
    world.on(HELD).sweep(catch_up=True)
    return world


def ids(count):
    """So many children."""
    return [f"s-{k}" for k in range(count)]


def counts(world):
    """By duty and status."""
    with world.store.read():
        return world.store.obligation_counts("qinghe", date.min, date.max)


def status(world, child="s-0", key=D21):
    """The verdict on a child's symposium."""
    return world.desk().case(child).obligations[key].status


@contextmanager
def transactions(store):
    """By transaction of the sweep, how many records it saved."""
    saved = []
    save, transact = store.save, store.transact

    def counted(call, *, writing):
        before = len(saved)
        found = transact(call, writing=writing)
        if len(saved) > before:
            saved[before:] = [sum(saved[before:])]
        return found

    store.transact = counted
    store.save = lambda name, changes: (save(name, changes), saved.append(len(changes)))[0]
    try:
        yield saved
    finally:
        del store.transact, store.save


@pytest.fixture(params=["memory", "sqlite"])
def store(request):
    """An empty store of each kind."""
    if request.param == "memory":
        return MemoryStore()
    return SqlStore(request.getfixturevalue("memory_engine"), KeyRing.without_secrecy())


@pytest.mark.unmeasured
class TestLarge:
    def test_six_hundred_of_whom_forty_are_absent(self, store):
        """A symposium of 600 with 40 absent discharges exactly 560 obligations, in chunks, each its own transaction."""
        world = school(600, store=store)
        versions = {child: len(world.entries(child)) for child in ids(600)}
        held = world.desk().gather("symposium", ids(600)[40:], ids(600)[:40])

        assert 600 == held.waiting
        assert {"D21": {"open": 600}} == counts(world)
        assert versions == {child: len(world.entries(child)) for child in ids(600)}
        with transactions(world.store) as saved:
            world.sweep()

        assert {"D21": {"met": 560, "open": 40}} == counts(world)
        assert [*[CHUNK] * 12, 1] == [size for size in saved if size]
        world.on(day(1, 25)).sweep(catch_up=True)
        assert {"D21": {"met": 560, "missed": 40}} == counts(world)

    def test_a_kill_between_chunks_loses_nothing(self, store):
        """What one sweep left undone the next one does, and nothing is done twice."""
        world = school(60, store=store)
        world.desk().gather("symposium", ids(60))
        kill_after(world.store, 3)
        with pytest.raises(KeyboardInterrupt):
            sweep(world.casework, world.store, chunk=10)
        del world.store.claim
        done = counts(world)["D21"]["met"]

        assert 0 < done < 60
        world.sweep()
        assert {"D21": {"met": 60}} == counts(world)
        assert 1 == len([a for a in world.desk().case("s-7").activity_log.values() if a.kind == "symposium"])

    def test_a_late_sweep_counts_attendance_before_misses(self, store):
        """A sweep that comes after the window closed finds who was there, and misses only for the others."""
        world = school(30, store=store)
        world.desk().gather("symposium", ids(29), ["s-29"])
        world.on(day(2, 10)).sweep(catch_up=True)

        assert {"D21": {"met": 29, "missed": 1}} == counts(world)

    def test_a_command_before_the_sweep_counts_it_too(self, store):
        """Whoever writes into a record takes up first what a gathering said of it."""
        world = school(30, store=store)
        world.desk().gather("symposium", ids(30))
        world.on(day(2, 10)).desk().record("s-3", "call", reached=True)

        assert "met" == status(world, "s-3")
        assert ["symposium", "call"] == [a.kind for a in world.desk().case("s-3").activity_log.values()]

    def test_corrections_before_the_sweep_come_to_one(self, store):
        """What the list says when a record takes it up counts, and nothing that it said in between."""
        world = school(30, store=store)
        held = world.desk().gather("symposium", ids(30)).gathering
        world.desk().correct_attendance(held.id, "typing_error", absent=["s-1"], struck=["s-2"])
        world.sweep()

        assert {"D21": {"met": 28, "open": 2}} == counts(world)
        assert [False] == [a.reached for a in world.desk().case("s-1").activity_log.values()]
        assert {} == world.desk().case("s-2").activity_log

    def test_a_large_one_is_voided_chunk_by_chunk(self, store):
        """Voiding wakes the records as entering did; the acts stay, voided, and everything is judged again."""
        world = school(30, store=store)
        held = world.desk().gather("symposium", ids(30)).gathering
        world.sweep()

        assert 30 == world.desk().void_gathering(held.id, "wrong_school").waiting
        assert {"D21": {"met": 30}} == counts(world)
        world.sweep()
        assert {"D21": {"open": 30}} == counts(world)
        assert ["wrong_school"] == [a.voided for a in world.desk().case("s-7").activity_log.values()]


def kill_after(store, chunks):
    """Let the sweep be interrupted when it asks for records once more than so many times."""
    claim, asked = store.claim, []

    def claiming(*args, **how):
        asked.append(args)
        if len(asked) > chunks:
            raise KeyboardInterrupt
        return claim(*args, **how)

    store.claim = claiming


class TestSmall:
    def test_up_to_twenty_five_children_at_once(self, store):
        """Their duties are discharged in the same transaction, and nothing waits for a sweep."""
        world = school(25, store=store)
        held = world.desk().gather("symposium", ids(24), ["s-24"])

        assert isinstance(held, Gathered)
        assert 0 == held.waiting
        assert {"D21": {"met": 24, "open": 1}} == counts(world)
        assert 0 == world.sweep().written

    def test_the_act_tells_who_held_it_and_who_entered_it(self, store):
        """Two times and two people, as for every act; the gathering's id is the act's."""
        world = school(store=store)
        held = world.desk().gather("symposium", ["s-0"], on=day(12, 16), by="t.head").gathering
        act = world.desk().case("s-0").activity_log[held.id]

        assert ("symposium", day(12, 16), "t.head", "t.wang") == (act.kind, act.on, act.by, act.entered_by)
        assert day(12, 16) == world.desk().case("s-0").obligations[D21].on

    def test_folding_the_histories_gives_the_records(self, store):
        """The gathering has a record of its own, whose history gives it; so it is for the children."""
        world = school(store=store)
        held = world.desk().gather("symposium", ["s-0"], ["s-1"], note="minutes").gathering
        world.desk().correct_attendance(held.id, "came_late", present=["s-1"])
        with world.store.read():
            for child in (f"@@{held.id}", "", "s-0", "s-1"):
                stored = world.store.load("qinghe", [child])[child]
                assert stored == fold(Case("qinghe", child), world.store.entries("qinghe", child))


class TestCorrections:
    def test_one_child_s_attendance(self, store):
        """Judged again, both ways; the original stays in the history."""
        world = school(store=store)
        held = world.desk().gather("symposium", ["s-0"], ["s-1"]).gathering
        world.desk().correct_attendance(held.id, "mixed_up", present=["s-1", "s-2"], absent=["s-0"])

        assert ["open", "met", "met"] == [status(world, child) for child in ids(3)]
        assert {"s-0": ABSENT, "s-1": PRESENT, "s-2": PRESENT} == world.desk().gathering(held.id).attendance
        assert ["GatheringHeld", "AttendanceChanged"] == [
            type(event).__name__ for entry in world.entries(f"@@{held.id}") for _, event in entry.events
        ]

    def test_a_child_struck_off_the_list_and_put_back(self, store):
        """The act is voided, and counts again when the child was there after all."""
        world = school(store=store)
        held = world.desk().gather("symposium", ids(3)).gathering
        world.desk().correct_attendance(held.id, "other_child", struck=["s-0"])
        found = [status(world)]
        world.desk().correct_attendance(held.id, "there_after_all", present=["s-0"])

        assert ["open", "met"] == [*found, status(world)]
        assert STRUCK not in world.desk().gathering(held.id).attendance.values()

    def test_another_day(self, store):
        """A day after the due one is late; the act keeps its id."""
        world = school(store=store)
        world.on(day(1, 22))
        held = world.desk().gather("symposium", ids(3), on=HELD).gathering
        world.desk().correct_gathering(held.id, "wrong_date", on=day(1, 20))

        assert "met_late" == status(world)
        assert day(1, 20) == world.desk().case("s-0").activity_log[held.id].on

    def test_an_act_of_a_gathering_is_corrected_there(self, store):
        """In the child's record it cannot be, so that the two never differ."""
        world = school(store=store)
        held = world.desk().gather("symposium", ids(3)).gathering

        with pytest.raises(CommandRefused, match=f"casework attendance {held.id}"):
            world.desk().correct("s-0", held.id, "wrong_date", on=day(12, 17))
        with pytest.raises(CommandRefused, match="comes from a gathering"):
            world.desk().void("s-0", held.id, "wrong_child")

    @pytest.mark.parametrize(
        ("asked", "error", "said"),
        [
            (lambda desk, id_: desk.correct_gathering(id_, "typo"), CommandRefused, "nothing to correct"),
            (lambda desk, id_: desk.correct_gathering(id_, "typo", on=day(12, 19)), CommandRefused, "not come yet"),
            (lambda desk, id_: desk.correct_attendance(id_, "typo", present=["s-0"]), CommandRefused, "say so already"),
            (
                lambda desk, id_: desk.correct_attendance(id_, "typo", present=["s-1"], struck=["s-1"]),
                CommandRefused,
                "two of the lists",
            ),
            (lambda desk, id_: desk.correct_attendance(id_, "typo", struck=["s-2"]), NotFound, "s-2"),
            (lambda desk, id_: desk.correct_attendance(id_, "typo", present=["s-9"]), NotFound, "s-9"),
            (lambda desk, id_: desk.void_gathering(id_, "A reason"), CommandRefused, "is no code"),
            (lambda desk, id_: desk.void_gathering("nothing", "typo"), NotFound, "no gathering nothing"),
        ],
    )
    def test_refusals(self, asked, error, said):
        """What cannot be corrected is refused with the mend, and nothing is stored."""
        world = school()
        held = world.desk().gather("symposium", ["s-0"], ["s-1"]).gathering
        with pytest.raises(error, match=said):
            asked(world.desk(), held.id)

        assert held == world.desk().gathering(held.id)

    def test_a_voided_one_stays_so(self):
        """It is entered anew instead."""
        world = school()
        held = world.desk().gather("symposium", ids(3)).gathering
        world.desk().void_gathering(held.id, "twice")

        with pytest.raises(StepRefused, match="was voided; enter it again"):
            world.desk().correct_attendance(held.id, "typo", absent=["s-0"])


class TestEntering:
    def test_the_same_key_enters_it_once(self, store):
        """A form that was sent twice holds one gathering; another one under the key is refused."""
        world = school(store=store)
        first = world.desk().gather("symposium", ["s-0"], ["s-1"], key="form-1")
        again = world.desk().gather("symposium", ["s-0"], ["s-1"], key="form-1")

        assert (first.gathering, True) == (again.gathering, again.repeated)
        with pytest.raises(KeyReused):
            world.desk().gather("symposium", ["s-2"], key="form-1")

    @pytest.mark.parametrize(
        ("present", "absent", "said"),
        [
            (["s-0"], ["s-0"], "both lists"),
            ([], [], "nobody stands on the lists"),
            (["s-9"], [], "no child on the roll or with a case s-9"),
            (["@3-1"], [], "no child on the roll"),
            (["@@x"], [], "no child on the roll"),
            ([""], [], "no child on the roll"),
        ],
    )
    def test_lists_that_cannot_be(self, present, absent, said):
        """Each child stands on one list, and is known to the school."""
        with pytest.raises((CommandRefused, NotFound), match=said):
            school().desk().gather("symposium", present, absent)

    def test_a_pupil_without_a_case_and_one_whose_case_is_closed(self, store):
        """Both may stand on the list; nothing is owed to either, and the list keeps them."""
        world = school(store=store)
        world.desk().close("s-1", "moved_away")
        world.desk().update_roll([RollRow("p-1", "3-1")], [])
        held = world.desk().gather("symposium", ["p-1", "s-0", "s-1"]).gathering

        assert ["p-1", "s-0", "s-1"] == held.of(PRESENT)
        assert ["met", "excused"] == [status(world, child) for child in ("s-0", "s-1")]
        with pytest.raises(NotFound):
            world.desk().case("p-1")

    def test_who_joins_after_it_still_owes_it(self, store):
        """A case that begins afterwards has its own window, which the gathering before does not discharge."""
        world = school(store=store)
        world.on(day(10, 12))
        world.desk().update_roll([RollRow("p-1", "3-1")], [])
        world.desk().gather("symposium", ["p-1", "s-0"])
        world.on(day(10, 20)).desk().identify("p-1", away="one")

        assert "open" == status(world, "p-1")

    def test_gatherings_are_listed_by_day(self, store):
        """Those of some days, voided ones too."""
        world = school(store=store)
        held = [world.desk().gather("symposium", ids(3), on=on).gathering.id for on in (day(12, 17), day(12, 14))]
        world.desk().void_gathering(held[0], "twice")

        assert held[::-1] == [g.id for g in world.desk().gatherings(day(12, 1), day(12, 31))]
        assert [] == world.desk().gatherings(day(12, 18), day(12, 31))

    def test_a_record_that_cannot_be_looked_at_is_left_to_the_sweep(self, store, monkeypatch):
        """The others take the gathering up; nothing is lost of the one."""
        world = school(store=store)
        plan = world.casework.settings("qinghe", settings_of(world))[0].plan
        required = plan.required
        monkeypatch.setattr(
            plan, "required", lambda case, *a: boom(case) if case.child == "s-1" else required(case, *a)
        )
        world.desk().gather("symposium", ids(3))

        assert ["met", "open", "met"] == [status(world, child) for child in ids(3)]
        monkeypatch.undo()
        world.on(day(12, 20)).sweep()
        assert "met" == status(world, "s-1")

    def test_nobody_implicated_learns_from_a_list(self, store):
        """A child of whom the principal may not know is not found, as one of whom nothing is recorded."""
        world = school(store=store)
        Desk(world.casework, world.store, school="qinghe", principal=Principal("t.chen")).raise_emergency(
            "x-1", "violence", implicated=["t.wang"]
        )

        with pytest.raises(NotFound, match="no child on the roll or with a case x-1"):
            world.desk().gather("symposium", ["x-1", "s-0"])
        assert 1 == len(world.desk("t.chen").gather("symposium", ["x-1"]).gathering.attendance)


def settings_of(world):
    """What the school runs on."""
    with world.store.read():
        return world.store.settings("qinghe")


def boom(case):
    """A mistake in the engine."""
    raise ZeroDivisionError(case.child)


class TestShippedPack:
    def test_the_whole_school_s_pack_owes_a_symposium(self):
        """S2: asked for from the start of the term, due as CLOSE begins, closed as the term ends."""
        world = school(own=load_policy("school"))
        owed = world.desk().case("s-0").obligations[D21]

        assert (day(9, 1), day(1, 4), day(1, 22)) == (owed.opens, owed.due, owed.closes)
