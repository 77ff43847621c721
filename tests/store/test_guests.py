"""As a guest casework writes a call of a desk whole or not at all, though the host goes on and commits."""

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from casework import Calendar, Casework, Desk, ManualClock, Principal, School, StaticDirectory, load_policy
from casework.errors import CommandRefused, StaleCase
from casework.model import commands as c
from casework.store import SqlStore
from casework.testing.contract_base import SCHOOL, change, record
from casework.testing.sql_contract import Base, Student, committed
from tests.system.world import AUTUMN, MORNING


@pytest.fixture(params=["session", "connection"])
def host(request, engine):
    """A host's session or connection, within its transaction, which it commits in the end."""
    Base.metadata.create_all(engine)
    if request.param == "session":
        with Session(engine) as session, session.begin():
            yield session
    else:
        with engine.connect() as connection, connection.begin():
            yield connection


def desk(bind, ring):
    """The desk of a class teacher."""
    teachers = StaticDirectory(teachers={"3-1": "t.li"})
    calendar = Calendar([AUTUMN], tz="Asia/Shanghai")
    school = School(SCHOOL, policy=load_policy("town-primary"), calendar=calendar, directory=teachers)
    casework = Casework(school, clock=ManualClock(MORNING))
    return Desk(casework, SqlStore(bind, ring), school=SCHOOL, principal=Principal("t.li", roles=["class_teacher"]))


class TestRefused:
    def test_nothing_of_a_refused_call_is_committed(self, engine, host, ring):
        """The second command is refused, the host catches that and commits: its own rows are there, ours are not."""
        host.execute(insert(Student).values(no=1, name="before"))
        desk(host, ring).identify("s-1", away="both")
        with pytest.raises(CommandRefused):
            desk(host, ring).do_together([("s-2", c.Identify(away="both")), ("s-3", c.Identify(away="nobody"))])
        host.execute(insert(Student).values(no=2, name="after"))
        desk(host, ring).identify("s-4", away="both")
        host.commit()

        assert ["before", "after", "", "s-1", "s-4"] == committed(engine)

    def test_the_desk_goes_on_after_it(self, engine, host, ring):
        """The same desk forgets what was undone, the school's number included, and can do it again."""
        mine = desk(host, ring)
        for _ in range(2):
            with pytest.raises(CommandRefused):
                mine.do_together([("s-2", c.Identify(away="both")), ("s-3", c.Identify(away="nobody"))])
        mine.do_together([("s-2", c.Identify(away="both")), ("s-3", c.Identify(away="one"))])
        host.commit()

        assert ["", "s-2", "s-3"] == committed(engine)

    def test_what_is_caught_inside_costs_no_more_than_itself(self, engine, host, ring):
        """A save that is caught within write() is undone alone."""
        store = SqlStore(host, ring)
        with store.write():
            store.save(SCHOOL, [change(record("a"))])
            with pytest.raises(StaleCase):
                store.save(SCHOOL, [change(record("b")), change(record("a"))])
            store.save(SCHOOL, [change(record("c"))])
        host.commit()

        assert ["a", "c"] == committed(engine)


class TestRowsOfTheHost:
    def test_what_the_session_held_before_stays(self, engine, ring):
        """Rows that the host had not flushed yet are no part of our savepoint; those added inside go with it."""
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add(Student(no=1, name="before"))

            def fail():
                session.add(Student(no=2, name="inside"))
                store.save(SCHOOL, [change(record("a"))])
                raise LookupError

            store = SqlStore(session, ring)
            with pytest.raises(LookupError), store.write():
                fail()
            session.add(Student(no=2, name="again"))
            session.commit()

        assert ["before", "again"] == committed(engine)
