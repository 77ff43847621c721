"""What the tests of deliveries share: a school, a sink that remembers, and one that fails as it is told."""

from attrs import define, field

from casework import Casework, Desk, ManualClock, deliver
from casework.errors import Undeliverable
from casework.store.verify import verify
from casework.testing import MemoryStore
from tests.system.world import (
    DIRECTORY,
    LEAD,
    MORNING,
    SCHOOL,
    TEACHER,
    identified,
    make_school,
    principal,
)


@define
class Box:
    """A sink that keeps every letter; ``failing`` says by person what it raises, or a call that it makes."""

    letters: list = field(factory=list)
    failing: dict = field(factory=dict)
    reaches: bool = True

    def __call__(self, letter):
        """Keep the letter, or fail."""
        said = self.failing.get(letter.person)
        if callable(said):
            said = said(letter)
        if said is not None:
            raise said
        self.letters.append(letter)

    def got(self, person):
        """Topic and facts of what the person got, in order."""
        return [
            [(n.topic, n.facts.get("state", n.facts.get("about", ""))) for n in letter.notices]
            for letter in self.letters
            if letter.person == person
        ]


GONE = Undeliverable("550", permanent=True)
BUSY = Undeliverable("421")


class Post:
    """A school with a store, a sink, and a clock that is moved by hand."""

    def __init__(self, store, directory=DIRECTORY, rules=()):
        self.store = store
        self.clock = ManualClock(MORNING)
        self.casework = Casework(make_school(rules, directory=directory), clock=self.clock)
        self.box = Box()

    def desk(self, person=TEACHER):
        """A desk for that person."""
        return Desk(self.casework, self.store, school=SCHOOL, principal=principal(person))

    def child(self, child="s-1", **facts):
        """A child with a case and a lead."""
        return identified(self.desk(), child, **facts)

    def emergency(self, child="s-1", kind="missing", **parts):
        """An emergency of the child's; its id."""
        return self.desk().raise_emergency(child, kind, **parts).emergency

    def deliver(self, sinks=None, **how):
        """Deliver now."""
        return deliver(self.casework, self.store, sinks or {"box": self.box}, **how)

    def told(self, child="s-1", n=0):
        """Who was told of the child's emergency, and whether it failed."""
        emergency = list(self.desk("t.office").case(child).emergencies.values())[n]
        return [(notice.person or notice.why, notice.failed_at is not None) for notice in emergency.notices]

    def statuses(self):
        """The status of each notice, by person."""
        with self.store.read():
            if isinstance(self.store, MemoryStore):
                mine = self.store._school(SCHOOL)
                return sorted((row.person, mine.statuses.get(key, "waiting")) for key, row in mine.outbox.items())
            found = self.store.work.wire.connection.exec_driver_sql("SELECT person, status FROM casework_outbox")
            rows = [tuple(row) for row in found]
        return sorted(rows)

    def children(self, person):
        """Of whom each letter to the person was."""
        return [[n.child for n in letter.notices] for letter in self.box.letters if letter.person == person]

    def findings(self):
        """What verification finds; nothing in memory."""
        return () if isinstance(self.store, MemoryStore) else verify(self.store, SCHOOL).findings


__all__ = ["BUSY", "GONE", "LEAD", "Box", "Post"]
