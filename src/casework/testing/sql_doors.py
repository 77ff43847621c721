"""The doors of stores on SQL: a guest leaves commit and rollback to its host, whatever the transaction began with."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, Integer, String, event, insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from casework.errors import HostTransactionError
from casework.model.case import Mark
from casework.store import KeyRing, SqlStore
from casework.testing.contract_base import DAY, SCHOOL, change, record, same

BOTH = ["s-17", "s-17"]


class Base(DeclarativeBase):
    """The host's tables."""


class Student(Base):
    """A table of the host's."""

    __tablename__ = "host_student"
    no: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(32))


def committed(engine: Engine) -> list[str]:
    """What another connection sees: the host's rows, then casework's."""
    with engine.connect() as connection:
        host = connection.execute(select(Student.name)).scalars().all()
        ours = connection.execute(text("SELECT child FROM casework_cases ORDER BY child")).scalars().all()
    return [*host, *ours]


def write(store: SqlStore, *children: str) -> None:
    """Save a record for each child through the store."""
    with store.write():
        store.save(SCHOOL, [change(record(child)) for child in children or ("s-17",)])


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that are sent while inside."""
    sent: list[str] = []

    def note(_c: object, _k: object, statement: str, _p: object, _x: object, _m: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


class DoorsContract:
    """One transaction, whoever opened it."""

    @pytest.fixture(autouse=True)
    def host(self, engine: Engine) -> None:
        """The host's table."""
        Base.metadata.create_all(engine)

    def test_at_the_door_of_an_engine_casework_commits(self, engine: Engine, ring: KeyRing) -> None:
        """What write() held is there for others when it ends."""
        write(SqlStore(engine, ring))

        same(committed(engine), ["s-17"])

    def test_at_the_door_of_an_engine_an_error_rolls_back(self, engine: Engine, ring: KeyRing) -> None:
        """What write() held is gone when it fails, and the store can be used again."""
        store = SqlStore(engine, ring)

        def fail() -> None:
            store.save(SCHOOL, [change(record())])
            raise LookupError

        with pytest.raises(LookupError), store.write():
            fail()
        write(store, "other")

        same(committed(engine), ["other"])

    def test_the_host_commits_both(self, engine: Engine, ring: KeyRing) -> None:
        """The host's row and ours come with the host's commit, and not before."""
        with Session(engine) as session:
            session.add(Student(no=1, name="s-17"))
            write(SqlStore(session, ring))
            same([session.in_transaction()], [True])
            session.commit()

        same(committed(engine), BOTH)

    @pytest.mark.parametrize("first", ["nothing", "select", "insert", "read"])
    def test_the_host_rolls_back_both(self, engine: Engine, ring: KeyRing, first: str) -> None:
        """Neither row is left, whatever the host's transaction began with."""
        with Session(engine) as session:
            if first == "select":
                same(session.execute(select(Student.name)).all(), [])
            if first == "insert":
                session.execute(insert(Student).values(no=1, name="s-17"))
            store = SqlStore(session, ring)
            if first == "read":
                with store.read():
                    same(store.load(SCHOOL, ["s-17"]), {})
            write(store)
            session.rollback()

        same(committed(engine), [])

    def test_the_host_fails_after_our_write(self, engine: Engine, ring: KeyRing) -> None:
        """A host whose transaction block raises leaves neither row."""
        sessions = sessionmaker(engine)

        def fail(session: Session) -> None:
            session.add(Student(no=1, name="s-17"))
            write(SqlStore(session, ring))
            raise LookupError

        with pytest.raises(LookupError), sessions() as session, session.begin():
            fail(session)

        same(committed(engine), [])

    @pytest.mark.parametrize("last", ["release", "roll back"])
    def test_a_savepoint_after_our_first_statement(self, engine: Engine, ring: KeyRing, last: str) -> None:
        """Later savepoints of the host's, released or not, change nothing about its rollback."""
        with Session(engine) as session:
            store = SqlStore(session, ring)
            write(store, "a")
            nested = session.begin_nested()
            session.add(Student(no=1, name="s-17"))
            write(store, "b")
            if last == "release":
                nested.commit()
            else:
                nested.rollback()
            with store.read():
                same(store.children(SCHOOL, after="", limit=9, open_only=False), ["a", "b"][: 1 + (last == "release")])
            write(store, "c")
            session.rollback()

        same(committed(engine), [])

    def test_a_savepoint_that_is_rolled_back_takes_ours_with_it(self, engine: Engine, ring: KeyRing) -> None:
        """What was written within the host's savepoint goes with it; what stood before stays and is committed."""
        with Session(engine) as session:
            store = SqlStore(session, ring)
            write(store, "a")
            with session.begin_nested() as nested:
                write(store, "b")
                nested.rollback()
            session.commit()

        same(committed(engine), ["a"])

    def test_begun_early_a_savepoint_may_come_first(self, engine: Engine, ring: KeyRing) -> None:
        """After begin() the host may open savepoints before casework's first statement."""
        with Session(engine) as session:
            SqlStore(session, ring).begin()
            with session.begin_nested():
                session.add(Student(no=1, name="s-17"))
                write(SqlStore(session, ring))
            session.rollback()

        same(committed(engine), [])

    def test_a_failed_save_leaves_nothing_with_a_guest(self, engine: Engine, ring: KeyRing) -> None:
        """The host may catch what a save raises and commit the rest."""
        with Session(engine) as session:
            store = SqlStore(session, ring)
            write(store, "a")
            session.add(Student(no=1, name="s-17"))
            with store.write():
                stale = record("a", marks={"m": Mark("m", "filed", DAY, "x")})
                with pytest.raises(RuntimeError, match="changed since"):
                    store.save(SCHOOL, [change(record("b")), change(stale)])
            session.commit()

        same(committed(engine), ["s-17", "a"])

    def test_casework_never_ends_the_transaction_of_a_host(self, engine: Engine, ring: KeyRing) -> None:
        """An error inside write() is the host's to handle: its own row is still there to commit."""
        with Session(engine) as session:
            session.add(Student(no=1, name="s-17"))
            with pytest.raises(LookupError), SqlStore(session, ring).write():
                raise LookupError
            session.commit()

        same(committed(engine), ["s-17"])

    def test_the_connection_of_a_host(self, engine: Engine, ring: KeyRing) -> None:
        """A connection is as good as a session: the host commits, or rolls back both."""
        with engine.connect() as connection:
            for ending, left in ((connection.rollback, []), (connection.commit, BOTH)):
                connection.execute(select(Student.name)).all()
                write(SqlStore(connection, ring))
                connection.execute(insert(Student).values(no=1, name="s-17"))
                ending()
                same(committed(engine), left)

    def test_a_session_within_a_connection(self, engine: Engine, ring: KeyRing) -> None:
        """The recipe for test suites: the session's commit is a savepoint's, the outer rollback takes all."""
        with engine.connect() as connection:
            outer = connection.begin()
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                write(SqlStore(session, ring))
                session.add(Student(no=1, name="s-17"))
                session.commit()
                write(SqlStore(session, ring), "b")
                session.commit()
            outer.rollback()

        same(committed(engine), [])

    def test_the_rows_of_the_host_come_first(self, engine: Engine, ring: KeyRing) -> None:
        """What the host's session holds is written before casework's rows."""
        with Session(engine) as session, counted(engine) as sent:
            session.add(Student(no=1, name="s-17"))
            write(SqlStore(session, ring))
            session.rollback()
        inserts = [statement.split()[2] for statement in sent if statement.startswith("INSERT")]

        same(inserts[0], "host_student")
        same(inserts.count("casework_cases"), 1)


class SqliteDoorsContract:
    """What only SQLite needs: it opens no transaction for a SELECT or a SAVEPOINT."""

    @pytest.mark.parametrize("write_first", [False, True])
    def test_a_savepoint_before_our_first_statement_is_refused(
        self, engine: Engine, ring: KeyRing, *, write_first: bool
    ) -> None:
        """Its release would commit our rows; the message names the call to make."""
        Base.metadata.create_all(engine)
        with Session(engine) as session, session.begin_nested():
            if write_first:
                session.execute(insert(Student).values(no=1, name="host"))
            with pytest.raises(HostTransactionError, match=r"SqlStore\(session, keyring\)\.begin\(\)"):
                write(SqlStore(session, ring))

        same([name for name in committed(engine) if name != "host"], [])

    def test_a_session_within_a_connection_that_came_first(self, engine: Engine, ring: KeyRing) -> None:
        """A session that opened its savepoint already is refused; begun early on the connection it is not."""
        Base.metadata.create_all(engine)
        with engine.connect() as connection:
            connection.begin()
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                session.execute(select(Student.name)).all()
                with pytest.raises(HostTransactionError, match="begin"):
                    write(SqlStore(session, ring))
            connection.rollback()
            SqlStore(connection, ring).begin()
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                session.execute(select(Student.name)).all()
                write(SqlStore(session, ring))
                session.commit()
            connection.rollback()

        same(committed(engine), [])

    def test_an_older_transaction_is_no_excuse(self, engine: Engine, ring: KeyRing) -> None:
        """That casework began the one before says nothing about the next on the same connection."""
        with engine.connect() as connection:
            write(SqlStore(connection, ring))
            connection.commit()
            with connection.begin_nested(), pytest.raises(HostTransactionError):
                write(SqlStore(connection, ring), "b")


class PostgresDoorsContract:
    """What is otherwise where a transaction begins with its first statement, whatever that is."""

    @pytest.mark.parametrize("write_first", [False, True])
    def test_a_savepoint_before_our_first_statement_is_welcome(
        self, engine: Engine, ring: KeyRing, *, write_first: bool
    ) -> None:
        """Its release commits nothing; the host's rollback takes both."""
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            with session.begin_nested():
                if write_first:
                    session.execute(insert(Student).values(no=1, name="host"))
                write(SqlStore(session, ring))
            session.rollback()

        same(committed(engine), [])

    def test_a_connection_that_commits_by_itself_is_refused(self, engine: Engine, ring: KeyRing) -> None:
        """No rollback of the host's could undo our rows; casework's own transactions are not touched by that."""
        Base.metadata.create_all(engine)
        careless = engine.execution_options(isolation_level="AUTOCOMMIT")
        with Session(careless) as session, pytest.raises(HostTransactionError, match="AUTOCOMMIT"):
            write(SqlStore(session, ring))
        store = SqlStore(careless, ring)

        def fail() -> None:
            store.save(SCHOOL, [change(record())])
            raise LookupError

        with pytest.raises(LookupError), store.write():
            fail()

        same(committed(engine), [])

    @pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
    def test_every_isolation_carries_our_rows(self, engine: Engine, ring: KeyRing, level: str) -> None:
        """Whatever the host's transactions see of others, both rows come with its commit."""
        Base.metadata.create_all(engine)
        with Session(engine.execution_options(isolation_level=level)) as session:
            session.add(Student(no=1, name="s-17"))
            write(SqlStore(session, ring))
            session.commit()

        same(committed(engine), BOTH)
