"""A host's transaction: its row and ours are committed together, or neither is there; another process looks."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import String, create_engine, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from casework import (
    Calendar,
    Casework,
    ConcernDraft,
    Contact,
    ContactCard,
    Desk,
    ManualClock,
    Principal,
    School,
    StaticDirectory,
    load_policy,
    sweep,
)
from casework.errors import HostTransactionError
from casework.store import KeyRing, SqlStore, default_tables
from casework.store.migrations import migrate
from tests.servers import count_elsewhere
from tests.system.world import AUTUMN, MORNING


class Base(DeclarativeBase):
    """The host's own tables."""


class Student(Base):
    __tablename__ = "student"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)


class HostFails(Exception):
    """Something of the host's own goes wrong after our write."""


def rows(engine):
    """What a second process finds: students, cases, entries, obligations, schools."""
    tables = ("casework_cases", "casework_entries", "casework_obligations", "casework_schools")
    return count_elsewhere(engine, "student", *tables)


def stored(engine):
    """All that the database holds: the file, or every row."""
    if engine.dialect.name == "sqlite":
        return Path(engine.url.database).read_bytes()
    with engine.connect() as connection:
        tables = default_tables().all()
        found = {table.name: connection.execute(select(table)).all() for table in tables}
    return repr(found).encode()


NOTHING = [0, 0, 0, 0, 0]


@pytest.fixture
def sqlite(tmp_path):
    """The host's own engine on a file, as SQLAlchemy makes it, with its tables and ours."""
    engine = create_engine(f"sqlite:///{tmp_path}/host.db")
    Base.metadata.create_all(engine)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request):
    """The host's own engine, on a database with its tables and ours."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    engine = create_engine(request.getfixturevalue("postgres").url)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def casework():
    """The application's lifetime."""
    teachers = StaticDirectory(teachers={"3-1": "t.li"})
    calendar = Calendar([AUTUMN], tz="Asia/Shanghai")
    return Casework(
        School("qinghe", policy=load_policy("town-primary"), calendar=calendar, directory=teachers),
        clock=ManualClock(MORNING),
    )


@pytest.fixture
def keyring():
    """A key ring in memory."""
    return KeyRing.generate()


teacher = Principal("t.li", roles=["class_teacher"])


def take_on(casework, bind, keyring, child="s-17"):
    """What the embedding program does with a child; returns the desk."""
    desk = Desk(casework, SqlStore(bind, keyring), school="qinghe", principal=teacher)
    case = desk.identify(child, away="both").case
    desk.file(case.id, ContactCard(carer=Contact("Liu", "grandmother", "13800000000")))
    desk.pair(case.id, lead="t.li")
    return desk


class TestFirstProgram:
    def test_it_runs_as_written(self, casework, engine, keyring):
        """The program of the design runs as written; the host's row and ours are committed together."""
        SessionLocal = sessionmaker(engine)  # noqa: N806 - as the program says it
        phone = "13800000000"

        with SessionLocal() as session, session.begin():  # the host's transaction: both rows, or neither
            session.add(Student(id="s-17"))
            desk = Desk(casework, SqlStore(session, keyring), school="qinghe", principal=teacher)
            case = desk.identify("s-17", away="both").case
            desk.file(case.id, ContactCard(carer=Contact("Liu", "grandmother", phone)))
            desk.pair(case.id, lead="t.li")
            lines = [(line.child, line.duty, line.deadline, line.household) for line in desk.today("t.li")]

        students, cases, entries, obligations, schools = rows(engine)
        assert (1, 1) == (students, cases - 1)
        assert entries >= 4
        assert obligations >= len(lines) > 0
        assert 1 == schools
        assert {"s-17"} == {child for child, *_ in lines}

    def test_text_is_nowhere_readable(self, casework, engine, keyring):
        """What is confidential does not stand in the database."""
        with Session(engine) as session, session.begin():
            desk = take_on(casework, session, keyring)
            desk.record(
                "s-17", "talk", reached=True, words="I miss my mother", concerns=[ConcernDraft("sad", note="cries")]
            )

        found = stored(engine)
        assert b"casework" in found
        assert [] == [word for word in (b"Liu", b"13800000000", b"miss my mother", b"cries") if word in found]


def fails_at_once(session, casework, keyring):
    """Our write comes first."""
    session.add(Student(id="s-17"))
    take_on(casework, session, keyring)


def fails_after_a_select(session, casework, keyring):
    """The host has read before."""
    session.scalars(select(Student)).all()
    session.add(Student(id="s-17"))
    take_on(casework, session, keyring)


def fails_after_a_flush(session, casework, keyring):
    """The host has written before."""
    session.add(Student(id="s-17"))
    session.flush()
    take_on(casework, session, keyring)


def fails_after_a_later_savepoint(session, casework, keyring):
    """The host opens a savepoint after our write, and we write in it."""
    session.add(Student(id="s-17"))
    take_on(casework, session, keyring)
    with session.begin_nested():
        session.add(Student(id="s-18"))
        take_on(casework, session, keyring, "s-18")


def fails_after_a_select_and_a_later_savepoint(session, casework, keyring):
    """Both."""
    session.scalars(select(Student)).all()
    take_on(casework, session, keyring)
    with session.begin_nested():
        session.add(Student(id="s-18"))


def fails_after_an_early_begin(session, casework, keyring):
    """The host begins early and opens a savepoint."""
    SqlStore(session, keyring).begin()
    with session.begin_nested():
        session.add(Student(id="s-17"))
        take_on(casework, session, keyring)


def fails_after_a_read(session, casework, keyring):
    """We read after our write, and so does the host."""
    take_on(casework, session, keyring).case("s-17")
    session.scalars(select(Student)).all()


WAYS = (
    fails_at_once,
    fails_after_a_select,
    fails_after_a_flush,
    fails_after_a_later_savepoint,
    fails_after_a_select_and_a_later_savepoint,
    fails_after_an_early_begin,
    fails_after_a_read,
)


@pytest.mark.unmeasured
class TestHostFails:
    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_neither_row_is_found_by_a_second_process(self, casework, engine, keyring, way):
        """When the host fails after our write, a second process finds neither its row nor ours."""
        with pytest.raises(HostFails), Session(engine) as session, session.begin():  # noqa: PT012 - it is the block that fails
            way(session, casework, keyring)
            raise HostFails

        assert NOTHING == rows(engine)

    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_a_connection_is_as_good_as_a_session(self, casework, engine, keyring, way):
        """So it is where the host's session stands on a connection of the host's, whose transaction is rolled back."""
        with pytest.raises(HostFails), engine.connect() as connection, connection.begin():  # noqa: PT012 - as above
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                if way is fails_after_an_early_begin:
                    way(session, casework, keyring)
                else:
                    SqlStore(connection, keyring).begin()
                    way(session, casework, keyring)
                session.commit()
            raise HostFails

        assert NOTHING == rows(engine)

    def test_a_plain_connection(self, casework, engine, keyring):
        """A connection without any session: rolled back by the host, nothing stays; committed, all of it."""
        with pytest.raises(HostFails), engine.connect() as connection, connection.begin():  # noqa: PT012 - as above
            connection.execute(select(Student))
            connection.execute(text("INSERT INTO student VALUES ('s-17')"))
            take_on(casework, connection, keyring)
            raise HostFails
        found = rows(engine)
        with engine.begin() as connection:
            take_on(casework, connection, keyring)

        assert NOTHING == found
        assert rows(engine)[1] == 2

    def test_a_refused_command_leaves_the_host_to_decide(self, casework, engine, keyring):
        """A command that is refused undoes nothing of the host's and nothing that was done before."""
        with Session(engine) as session, session.begin():
            session.add(Student(id="s-17"))
            desk = take_on(casework, session, keyring)
            with pytest.raises(ValueError, match="identify refused"):
                desk.identify("s-17", away="both")

        assert [1, 2] == rows(engine)[:2]


@pytest.mark.unmeasured
class TestTooLate:
    """On SQLite a savepoint that comes first is a transaction of its own."""

    def test_a_savepoint_before_our_first_statement_is_refused(self, casework, sqlite, keyring):
        """A savepoint opened before our first statement is refused, naming the call to make; nothing is stored."""
        refused = pytest.raises(HostTransactionError, match=r"SqlStore\(session, keyring\)\.begin\(\)")
        with Session(sqlite) as session, session.begin(), session.begin_nested(), refused:
            take_on(casework, session, keyring)

        assert NOTHING == rows(sqlite)

    def test_on_a_connection_too(self, casework, sqlite, keyring):
        """A connection's early savepoint is refused in the same words."""
        refused = pytest.raises(HostTransactionError, match=r"\.begin\(\)")
        with sqlite.connect() as connection, connection.begin(), connection.begin_nested(), refused:
            take_on(casework, connection, keyring)

        assert NOTHING == rows(sqlite)

    def test_the_next_transaction_is_looked_at_anew(self, casework, sqlite, keyring):
        """That a transaction was begun rightly says nothing about the next one on the same session."""
        with Session(sqlite) as session:
            with session.begin():
                take_on(casework, session, keyring)
            with session.begin(), session.begin_nested(), pytest.raises(HostTransactionError):
                take_on(casework, session, keyring, "s-18")

        assert 2 == rows(sqlite)[1]


@pytest.mark.unmeasured
class TestSavepoints:
    def test_after_that_call_it_works(self, casework, engine, keyring):
        """With that call made first the same savepoint is welcome, and is committed with the host."""
        with Session(engine) as session, session.begin():
            SqlStore(session, keyring).begin()
            with session.begin_nested():
                take_on(casework, session, keyring)

        assert 2 == rows(engine)[1]

    def test_a_savepoint_of_the_host_takes_back_what_was_done_in_it(self, casework, engine, keyring):
        """What was done within a savepoint that the host rolls back is gone, what was done before stays."""
        with Session(engine) as session, session.begin():
            session.add(Student(id="s-17"))
            take_on(casework, session, keyring)
            with pytest.raises(HostFails), session.begin_nested():  # noqa: PT012 - as above
                take_on(casework, session, keyring, "s-18")
                raise HostFails

        assert [1, 2] == rows(engine)[:2]

    def test_on_postgres_it_may_come_first(self, casework, postgres, keyring):
        """A savepoint before our first statement is welcome there: rolled back it leaves nothing, committed all."""
        Base.metadata.create_all(postgres)
        with pytest.raises(HostFails), Session(postgres) as session, session.begin():  # noqa: PT012 - as above
            with session.begin_nested():
                session.add(Student(id="s-17"))
                take_on(casework, session, keyring)
            raise HostFails
        found = rows(postgres)
        with Session(postgres) as session, session.begin(), session.begin_nested():
            session.add(Student(id="s-17"))
            take_on(casework, session, keyring)

        assert NOTHING == found
        assert [1, 2] == rows(postgres)[:2]


@pytest.mark.unmeasured
class TestGuest:
    def test_it_never_commits_nor_rolls_back(self, casework, engine, keyring):
        """As a guest casework never commits and never rolls back: what the engine counts is the host's doing alone."""
        counted = []
        event.listen(engine, "commit", lambda _: counted.append("commit"))
        event.listen(engine, "rollback", lambda _: counted.append("rollback"))
        with Session(engine) as session, session.begin():
            desk = take_on(casework, session, keyring)
            with pytest.raises(LookupError):
                desk.acknowledge("s-17", "unknown")
            desk.raise_emergency("s-17", "injury", key="k")
            casework.clock.advance(hours=9)
            Desk(casework, SqlStore(session, keyring), school="qinghe", principal=Principal.system()).sweep_chunk()
            desk.today()
            desk.history("s-17")
            within = list(counted)

        assert [] == within
        assert ["commit"] == counted

    def test_at_the_engine_door_it_commits_by_itself(self, casework, engine, keyring):
        """At the Engine door every call is a transaction of its own."""
        take_on(casework, engine, keyring)
        casework.clock.advance(days=30)
        report = sweep(casework, SqlStore(engine, keyring))

        assert 2 == rows(engine)[1]
        assert report.written >= 1
        assert timedelta(days=30) == casework.clock() - MORNING
