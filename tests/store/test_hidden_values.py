"""What the database's errors say never holds what was to be stored, on an engine of anybody's and at every door."""

import traceback

import pytest
from sqlalchemy import StaticPool, create_engine, event
from sqlalchemy.orm import Session

from casework import Calendar, Casework, Desk, ManualClock, Principal, School, load_policy
from casework.store import KeyRing, SqlStore
from casework.store.doctor import doctor_facts
from casework.testing.contract_base import AT
from tests.model.terms import AUTUMN
from tests.store.conftest import empty_database

CANARY = "he was afraid of his uncle"


@pytest.fixture
def telling():
    """A host's engine that shows the values of statements in its errors, with a table that refuses every text."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", lambda connection, _: connection.deserialize(empty_database()))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refusing BEFORE INSERT ON casework_sealed BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    yield engine
    engine.dispose()


@pytest.fixture(params=["engine", "heard engine", "connection", "session", "lent"])
def door(request, telling):
    """Each of the doors into that database; at one of them somebody listens to the statements."""
    if request.param.endswith("engine"):
        if request.param == "heard engine":
            event.listen(telling, "before_cursor_execute", lambda *_: None)
        yield telling
    elif request.param == "connection":
        with telling.connect() as connection:
            yield connection
    elif request.param == "session":
        with Session(telling) as session:
            yield session
    else:
        with telling.connect() as connection:
            yield connection.connection.driver_connection


class TestErrors:
    def test_no_value_is_shown(self, door):
        """A statement that fails is told without its values, even where nothing is sealed."""
        store = SqlStore(door, KeyRing.without_secrecy())
        school = School("qinghe", policy=load_policy("town-primary"), calendar=Calendar([AUTUMN], tz="Asia/Shanghai"))
        desk = Desk(Casework(school, clock=ManualClock(AT)), store, school="qinghe", principal=Principal("t.li"))
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the door raises
            desk.raise_emergency("s-17", "harm", note=CANARY)
        error = caught.value
        said = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))

        assert "no" in str(error)
        assert CANARY not in said


class TestDoctor:
    def test_engine_that_tells_is_named(self, telling):
        """An engine that shows values in its errors and its log is told of."""
        assert not doctor_facts(telling)["hides_parameters"]

    def test_engine_that_hides_is_no_matter(self, sqlite):
        """An engine that hides them is fine."""
        assert doctor_facts(sqlite)["hides_parameters"]
