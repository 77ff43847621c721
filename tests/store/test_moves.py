"""Children who move, on SQL: what is stored folds, verifies and stays readable."""

from collections import Counter
from datetime import timedelta

import pytest

from casework import Casework, ConcernDraft, Desk, Principal, School
from casework.errors import CommandRefused
from casework.model.move import Peer
from casework.store import KeyRing, SqlStore
from casework.store.verify import verify
from casework.testing import open_access
from casework.testing.factories import CALENDAR
from tests.engine.world import CARD, DIRECTORY, TOWN, World


@pytest.fixture
def world(quick_engine):
    """A child who was entered twice, in a database."""
    found = World()
    found.engine, found.store = quick_engine, SqlStore(quick_engine, KeyRing.generate())
    desk = found.desk()
    desk.identify("s-17", away="both", class_="3-1")
    desk.identify("s-71", away="both", class_="3-1")
    desk.file("s-71", CARD)
    desk.pair("s-71", "t.wu")
    desk.record("s-71", "talk", reached=True, words="I miss her")
    desk.note_concern("s-71", ConcernDraft("neglect", implicated=["t.sun"], note="bruises"))
    desk.refer("s-71", "psychology", "grief", note="her father")
    return found


def rows(world, table):
    """The children of whom a table has rows."""
    asked = f"select c.child from {table} t join casework_cases c on c.school = t.school and c.no = t.no"  # noqa: S608 - a name of ours
    with world.engine.connect() as connection:
        return [child for (child,) in connection.exec_driver_sql(asked)]


def texts(world):
    """How many sealed texts are stored of each child."""
    return dict(Counter(rows(world, "casework_sealed")))


def sound(world):
    """Nothing is wrong with what is stored."""
    return verify(world.store, "qinghe").findings == ()


class TestMerge:
    def test_both_chains_verify(self, world):
        """After a merge, a step under the old name and an unmerge the store is sound, and every word readable."""
        raised = world.desk().raise_emergency("s-71", "missing", note="since noon").emergency
        world.desk().merge("s-71", "s-17", "entered_twice")
        merged = sound(world)
        world.desk().acknowledge("s-71", raised)
        case = world.desk().case("s-17")
        said = [world.desk().open("s-17", act.words, "x") for act in case.activity_log.values()]
        card = world.desk().open("s-17", case.card.carer.name, "x")
        world.desk().unmerge("s-71", "two_children")
        back = world.record("s-71")

        assert (True, True) == (merged, sound(world))
        assert (["I miss her"], "Liu") == (said, card)
        assert "acknowledged" == back.emergencies[raised].state
        assert "since noon" == world.desk().open("s-71", back.emergencies[raised].note, "x")
        assert "bruises" in [world.desk().open("s-71", c.note, "x") for c in back.concern_log.values()]

    def test_the_hidden_is_found_by_query(self, world):
        """Who is implicated in the merged record is so in the survivor's, and stays so after it was taken apart."""

        def hidden():
            with world.store.read():
                return world.store.implicated("qinghe", "t.sun")

        before = hidden()
        world.desk().merge("s-71", "s-17", "entered_twice")
        during = hidden()
        world.desk().unmerge("s-71", "two_children")

        assert [["s-71"], ["s-17"], ["s-17", "s-71"]] == [before, during, hidden()]

    def test_what_fails_leaves_both_as_they_were(self, world, monkeypatch):
        """A merge is one transaction: when its second half fails, nothing of the first is there."""
        before = [world.entries("s-17"), world.entries("s-71")]
        monkeypatch.setattr("casework.engine.decide_merge.mg.MergedInto", None)
        with pytest.raises(CommandRefused):
            world.desk().merge("s-71", "s-17", "entered_twice")
        monkeypatch.undo()

        assert before == [world.entries("s-17"), world.entries("s-71")]
        assert sound(world)


class TestTakenApart:
    def test_texts_that_went_back_are_gone_here(self, world):
        """What another child's records say is stored under that child's key alone; both chains verify."""
        before = texts(world)
        world.desk().merge("s-71", "s-17", "entered_twice")
        between = texts(world)
        world.desk().unmerge("s-71", "two_children")

        assert ({"s-71": 7}, {"s-17": 7, "s-71": 7}) == (before, between)
        assert {"s-71": 7} == texts(world)
        assert sound(world)

    def test_erasure_destroys_both_keys(self, world):
        """Erasing the child erases what was written under the other name, in the same transaction."""
        raised = world.desk().case("s-71").referrals
        world.desk().merge("s-71", "s-17", "entered_twice")
        for referral in raised:
            world.desk().revoke("s-17", referral, "over")
        world.desk().close("s-17", "moved_away")
        world.clock.set(world.clock() + timedelta(days=4_000))
        world.desk("t.zhao").request_erasure("s-17", "guardian_asked")
        world.desk("t.ma").erase("s-17", "checked")

        assert {} == texts(world)
        assert [] == rows(world, "casework_keys")
        assert sound(world)


class TestHandOver:
    def test_it_is_stored(self, world):
        """What was handed over is stored, verifies, and nothing is in the old name."""
        done = world.desk("t.zhao").hand_over("t.wu", "moved_away", to="t.li")

        assert ["s-71"] == [line.child for line in done.children]
        assert ("t.li", {}) == (world.record("s-71").lead, world.desk().in_the_name_of("t.wu"))
        assert sound(world)


class TestTransfer:
    def test_two_schools_in_one_database(self, world):
        """Between two schools of one database the calls are the same, and may be one transaction."""
        same = {"policy": TOWN, "calendar": CALENDAR, "directory": DIRECTORY, "access": open_access()}
        peers = [Peer(name, world.store.address(name)) for name in ("qinghe", "beihe")]
        casework = Casework(*(School(peer.school, peers=peers, **same) for peer in peers), clock=world.clock)
        here, there = (Desk(casework, world.store, school=peer.school, principal=Principal("t.chen")) for peer in peers)

        def move():
            with world.store.write():
                offered = here.offer_transfer("s-71", "beihe", "moved_away")
                answer = there.receive_transfer(offered.package)
                yield
                here.confirm_transfer(answer.message)

        broken = move()
        next(broken)
        with pytest.raises(KeyError):
            broken.throw(KeyError())
        before = here.case("s-71").stage, there.transfers()
        list(move())

        assert ("monitored", []) == before
        assert ("closed", "filed") == (here.case("s-71").stage, there.case("s-71").stage)
        assert (True, ()) == (sound(world), verify(world.store, "beihe").findings)
