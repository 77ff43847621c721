"""Hosts of each kind, as small as they can be: how each runs a request, for `host_contract`.

That with an AsyncSession is the example for FastAPI, in tests/examples.
"""

from contextlib import contextmanager

from sqlalchemy import column, insert, select, table, text
from sqlalchemy.orm import Session

from casework.store import SqlStore

STUDENT = table("host_student", column("name"))
CREATE = "CREATE TABLE host_student (name VARCHAR(64) NOT NULL)"


class _Any:
    """What all have: the table and the column, and a key ring."""

    table, column = "host_student", "name"

    def __init__(self, url, ring):
        self.url, self.ring = url, ring

    def store(self, request):
        """The store in the request."""
        return SqlStore(request, self.ring)


class SessionHost(_Any):
    """A program with SQLAlchemy's ORM."""

    def __init__(self, engine, ring):
        super().__init__(engine.url.render_as_string(hide_password=False), ring)
        self.engine = engine

    def transaction(self, work):
        """One request."""
        with Session(self.engine) as session, session.begin():
            work(session)

    def savepoint(self, session, work):
        """A savepoint within it."""
        with session.begin_nested():
            work()

    def insert(self, session, name):
        """A row of the host's."""
        session.execute(insert(STUDENT).values(name=name))

    def select(self, session):
        """A look of the host's."""
        return session.execute(select(STUDENT.c.name)).first()


class ConnectionHost(SessionHost):
    """A program with SQLAlchemy Core."""

    def transaction(self, work):
        """One request."""
        with self.engine.connect() as connection, connection.begin():
            work(connection)


class SuiteHost(SessionHost):
    """A test suite's recipe: a session within a connection's transaction, whose own commits are savepoints."""

    def transaction(self, work):
        """One request."""
        with self.engine.connect() as connection, connection.begin():
            SqlStore(connection, self.ring).begin()
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                work(session)
                session.commit()


class DriverHost(_Any):
    """A program that knows its driver alone; ``connect`` opens a connection, ``begin`` is its first statement."""

    mark = "?"

    def __init__(self, engine, ring, connect, begin=""):
        super().__init__(engine.url.render_as_string(hide_password=False), ring)
        self.connect, self.begin = connect, begin

    @contextmanager
    def connection(self):
        """A connection of this request's."""
        connection = self.connect()
        try:
            yield connection
        finally:
            connection.close()

    def transaction(self, work):
        """One request."""
        with self.connection() as connection:
            if self.begin:
                connection.cursor().execute(self.begin)
            try:
                work(connection)
            except BaseException:
                self.end(connection, "ROLLBACK")
                raise
            self.end(connection, "COMMIT")

    def end(self, connection, how):
        """End the transaction."""
        if self.begin:
            connection.cursor().execute(how)
        else:
            getattr(connection, how.lower())()

    def savepoint(self, connection, work):
        """A savepoint within it."""
        cursor = connection.cursor()
        cursor.execute("SAVEPOINT the_hosts")
        try:
            work()
        except BaseException:
            cursor.execute("ROLLBACK TO SAVEPOINT the_hosts")
            raise
        finally:
            cursor.execute("RELEASE SAVEPOINT the_hosts")

    def insert(self, connection, name):
        """A row of the host's."""
        connection.cursor().execute(f"INSERT INTO host_student VALUES ({self.mark})", (name,))  # noqa: S608 - a mark

    def select(self, connection):
        """A look of the host's."""
        cursor = connection.cursor()
        cursor.execute("SELECT name FROM host_student")
        return cursor.fetchone()


class ServerHost(DriverHost):
    """So on PostgreSQL."""

    mark = "%s"


def create(engine):
    """Make the host's table; returns the engine."""
    with engine.begin() as connection:
        connection.execute(text(CREATE))
    return engine
