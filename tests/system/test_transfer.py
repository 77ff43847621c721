"""A transfer between two schools, whatever happens on the way: in the end the child has exactly one owner."""

import itertools
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from casework import Casework, Desk, Principal, School
from casework.errors import CaseworkError
from casework.model.move import Peer
from casework.store import KeyRing, SqlStore
from casework.store.verify import verify
from casework.testing import MemoryStore, open_access
from casework.testing.factories import CALENDAR
from tests.engine.world import CARD, DIRECTORY, TOWN, World
from tests.store.conftest import empty_database
from tests.store.faulty import failing

CHILD = "s-17"
SCHOOLS = ("qinghe", "beihe", "nanhe")
IO = 778
"""SQLite's code for an input or output error at writing."""


class Schools:
    """Three schools with stores of their own, and the messages between them, which may be lost or come twice."""

    def __init__(self, stores, *, begun=False):
        self.clock = World().clock
        self.stores = stores
        self.messages = []
        peers = [Peer(name, stores[name].address(name)) for name in SCHOOLS]
        self.casework = {}
        for name in SCHOOLS:
            self.knows(name, peers)
        if not begun:
            desk = self.desk("qinghe")
            desk.identify(CHILD, away="both", class_="3-1")
            desk.file(CHILD, CARD)
            desk.record(CHILD, "visit", reached=True, note="the roof leaks")

    def knows(self, school, peers):
        """From now on these are the schools in a school's register."""
        made = School(school, policy=TOWN, calendar=CALENDAR, directory=DIRECTORY, access=open_access(), peers=peers)
        self.casework[school] = Casework(made, clock=self.clock)

    def desk(self, school):
        """The safeguarding lead's desk at a school."""
        return Desk(self.casework[school], self.stores[school], school=school, principal=Principal("t.chen"))

    def record(self, school):
        """The child's record at a school, or None."""
        store = self.stores[school]
        with store.read():
            return store.load(school, [CHILD]).get(CHILD)

    def caring(self):
        """The schools where the child's case is open."""
        records = {school: self.record(school) for school in SCHOOLS}
        return [school for school, record in records.items() if record is not None and record.open]

    def offer_of(self, school):
        """The offer that stands at a school, or None."""
        record = self.record(school)
        moves = record.moves.values() if record else ()
        return next((move for move in moves if move.state == "offered"), None)

    # ---------------------------------------------------------------------------- what can happen, in one step each

    def offer(self, to, sender="qinghe"):
        """A school makes a package, for the first time or again."""
        message = self.desk(sender).offer_transfer(CHILD, to, "moved_away").package
        self.messages.append((to, sender, message))

    def withdraw(self):
        """The first school asks for the child back."""
        peer = self.offer_of("qinghe").peer
        self.messages.append((peer, "qinghe", self.desk("qinghe").withdraw_transfer(CHILD)))

    def accept(self, number):
        """A school takes up a package, maybe not for the first time."""
        to, sender, message = self.messages[number]
        answer = self.desk(to).receive_transfer(message)
        self.messages.append((sender, to, answer.message))

    def refuse(self, number):
        """A school refuses a package, or answers a withdrawal."""
        to, sender, message = self.messages[number]
        answer = self.desk(to).refuse_transfer(message, "not_ours")
        self.messages.append((sender, to, answer.message))

    def confirm(self, number):
        """A school takes up an answer, maybe not for the first time."""
        to, _, message = self.messages[number]
        self.desk(to).confirm_transfer(message)

    def does(self, step):
        """One step; tell whether it was possible."""
        name, *given = step
        try:
            getattr(self, name)(*given)
        except (CaseworkError, AttributeError, IndexError):
            return False
        return True

    def end(self):
        """Ask for what was lost until nobody waits: each offer that stands is withdrawn, and its answer taken."""
        while waiting := [school for school in SCHOOLS if self.offer_of(school)]:
            to, message = self.offer_of(waiting[0]).peer, self.desk(waiting[0]).withdraw_transfer(CHILD)
            answer = self.desk(to).refuse_transfer(message, "withdrawn")
            self.desk(waiting[0]).confirm_transfer(answer.message)

    def check(self):
        """What holds at every moment: somebody cares, and all but one of those who do wait for an answer."""
        caring = self.caring()
        assert caring, "nobody cares for the child"
        assert 1 >= len([school for school in caring if not self.offer_of(school)]), "two schools own the child"


def in_memory():
    """A store for each school."""
    return {name: MemoryStore() for name in SCHOOLS}


STEPS = [
    *(("offer", to) for to in ("beihe", "nanhe")),
    ("offer", "qinghe", "beihe"),
    ("withdraw",),
    *((name, k) for name in ("accept", "refuse", "confirm") for k in range(3)),
]


def ways(depth):
    """Every way of so many steps, each of them possible, tried from the beginning; what could not be is left out."""
    found = [()]
    for _ in range(depth):
        longer = []
        for way, step in itertools.product(found, STEPS):
            schools = Schools(in_memory())
            for before in way:
                schools.does(before)
            if schools.does(step):
                schools.check()
                schools.end()
                assert 1 == len(schools.caring()), (way, step)
                longer.append((*way, step))
        found = longer
    return found


class TestEveryWay:
    def test_it_ends_with_one_owner(self):
        """Packages and answers lost, repeated and late, in every order: in the end exactly one school has the child."""
        assert ways(2)

    @pytest.mark.soak
    def test_longer_ways(self):
        """The same, with more steps."""
        assert len(ways(4)) > 100

    @pytest.mark.parametrize(
        "way",
        [
            [("offer", "beihe"), ("withdraw",), ("accept", 0), ("refuse", 1), ("confirm", 2), ("confirm", 3)],
            [("offer", "beihe"), ("withdraw",), ("refuse", 1), ("confirm", 2), ("offer", "nanhe"), ("accept", 0)],
            [("offer", "beihe"), ("offer", "nanhe"), ("accept", 0), ("accept", 1), ("confirm", 2)],
            [("offer", "beihe"), ("refuse", 0), ("confirm", 1), ("offer", "nanhe"), ("accept", 2), ("accept", 0)],
            [("offer", "beihe"), ("offer", "beihe"), ("accept", 1), ("accept", 0), ("confirm", 2), ("confirm", 3)],
            [
                ("offer", "beihe"),
                ("accept", 0),
                ("offer", "qinghe", "beihe"),
                ("accept", 2),
                ("confirm", 1),
                ("confirm", 3),
            ],
            [
                ("offer", "beihe"),
                ("accept", 0),
                ("offer", "qinghe", "beihe"),
                ("confirm", 1),
                ("accept", 2),
                ("confirm", 1),
            ],
            [
                ("offer", "beihe"),
                ("accept", 0),
                ("offer", "nanhe", "beihe"),
                ("accept", 2),
                ("confirm", 1),
                ("accept", 0),
            ],
            [
                ("offer", "beihe"),
                ("accept", 0),
                ("offer", "qinghe", "beihe"),
                ("offer", "beihe"),
                ("accept", 3),
                ("accept", 2),
            ],
            [("offer", "beihe"), ("accept", 0), ("accept", 0), ("confirm", 1), ("offer", "nanhe"), ("confirm", 2)],
        ],
    )
    def test_ways_that_look_dangerous(self, way):
        """A withdrawal that crosses the package, an old package after a new offer, two packages, an answer twice."""
        schools = Schools(in_memory())
        for step in way:
            schools.does(step)
            schools.check()
        schools.end()

        assert 1 == len(schools.caring())


@pytest.fixture
def databases(tmp_path):
    """Three databases, each with a key ring of its own."""
    made = {}
    for name in SCHOOLS:
        path = tmp_path / f"{name}.db"
        path.write_bytes(empty_database())
        made[name] = create_engine(f"sqlite:///{path}")
    yield made
    for engine in made.values():
        engine.dispose()


RINGS = {name: KeyRing.generate() for name in SCHOOLS}
WAY = [("qinghe", ("offer", "beihe")), ("beihe", ("accept", 0)), ("qinghe", ("confirm", 1))]
BACK = [("qinghe", ("offer", "beihe")), ("qinghe", ("withdraw",)), ("beihe", ("refuse", 1)), ("qinghe", ("confirm", 2))]


def interrupted(schools, databases, way, place, moment, *, after):
    """Go that way; at its step ``place`` the database fails at that moment. Tell whether it did, and go on again."""
    failed = False
    for number, (school, step) in enumerate(way):
        if number == place:
            with failing(databases[school], IO, lambda k: k == moment, after=after) as fault:
                schools.messages, before = list(schools.messages), list(schools.messages)
                if not schools_try(schools, step):
                    schools.messages = before
            failed = bool(fault.failed)
            schools.check()
            if len(schools.messages) > len(before):
                continue
        schools.does(step)
        schools.check()
    return failed


def schools_try(schools, step):
    """One step that may be cut short by the database."""
    name, *given = step
    try:
        getattr(schools, name)(*given)
    except Exception:  # noqa: BLE001 - whatever the driver's error became on its way
        return False
    return True


class TestTwoDatabases:
    @pytest.mark.parametrize("after", [False, True])
    @pytest.mark.parametrize(("way", "owner"), [(WAY, "beihe"), (BACK, "qinghe")])
    @pytest.mark.parametrize("every", [61, pytest.param(1, marks=pytest.mark.soak)])
    def test_interrupted_at_each_step(self, databases, way, owner, after, every):
        """A fault at a statement or commit of each step, before or after it: begun again it ends with one owner."""
        stores = {name: SqlStore(databases[name], RINGS[name]) for name in SCHOOLS}
        Schools(stores)
        begun = {name: Path(engine.url.database).read_bytes() for name, engine in databases.items()}
        hit = 0
        for place in range(len(way)):
            for moment in itertools.count(0, every):
                for name, engine in databases.items():
                    engine.dispose()
                    Path(engine.url.database).write_bytes(begun[name])
                schools = Schools(stores, begun=True)
                failed = interrupted(schools, databases, way, place, moment, after=after)
                schools.end()

                assert [owner] == schools.caring()
                hit += failed
                if not failed:
                    break
        assert hit >= len(way)
        for name in SCHOOLS[:2]:
            assert () == verify(stores[name], name).findings

    def test_the_key_of_another_ring(self, databases):
        """A package made under another ring than the one whose key was registered is refused."""
        schools = Schools({name: SqlStore(databases[name], RINGS[name]) for name in SCHOOLS})
        schools.offer("beihe")
        schools.knows("beihe", [Peer("qinghe", SqlStore(databases["qinghe"], KeyRing.generate()).address("qinghe"))])
        with pytest.raises(CaseworkError, match="not signed with the key registered for qinghe"):
            schools.accept(0)

        assert ["qinghe"] == schools.caring()
