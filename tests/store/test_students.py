"""The optional foreign key to the host's table of children."""

import pytest
from sqlalchemy import Column, Date, Integer, MetaData, String, Table, create_engine, event, insert, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from casework.errors import CommandRefused, TablesDiffer, WrongType
from casework.store import SqlStore, migrate, tables
from casework.store.students import columns
from casework.testing.contract_base import put, record
from tests.store.story import tell_all

KINDS = pytest.mark.parametrize("kind", [String(20), Integer()], ids=["text", "number"])


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request, tmp_path):
    """A database without any tables, which checks foreign keys."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'fresh.db'}")
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    else:
        engine = create_engine(request.getfixturevalue("bare_postgres"))
    yield engine
    engine.dispose()


def students(engine, kind, *ids):
    """The host's table, made in the database, with rows of these ids."""
    made = Table("host_student", MetaData(), Column("id", kind, primary_key=True))
    made.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(made), [{"id": id_} for id_ in ids])
    return made


def refused(store, child):
    """Whether the database refuses a record of this child."""
    try:
        put(store, record(child))
    except IntegrityError:
        return True
    return False


class TestTables:
    @KINDS
    def test_a_record_needs_a_row_of_the_host(self, fresh, ring, kind):
        """Only children whom the host knows have a record; the host's ids may be numbers, casework's are text."""
        student = students(fresh, kind, 17)
        made = tables(student.metadata, student=student.c.id)
        student.metadata.create_all(fresh)
        store = SqlStore(fresh, ring, tables=made)

        assert [False, True] == [refused(store, child) for child in ("17", "18")]

    def test_two_ways_to_write_one_number(self, fresh, ring):
        """Where the host's ids are numbers, a child's id is the number as it is written: nobody is there twice."""
        student = students(fresh, Integer(), 7, -7, 0)
        made = tables(student.metadata, student=student.c.id)
        student.metadata.create_all(fresh)
        store = SqlStore(fresh, ring, tables=made)
        put(store, *(record(known) for known in ("7", "-7", "0", "@3-1")))
        for child in ("07", " 7", "+7", "7.0", "-07", "-0", "\u0667", "x-8"):
            with pytest.raises(CommandRefused, match=r"give str\(id\) of that row"):
                put(store, record(child))

    def test_records_of_classes_and_of_the_school_need_none(self, fresh, ring):
        """They are no children; all else that casework writes is as without, in tables of their own metadata too."""
        student = students(fresh, String(20), "s-17", "s-18", "s-19")
        made = tables(student=student.c.id)
        made.cases.metadata.create_all(fresh, made.all())
        store = SqlStore(fresh, ring, tables=made)
        tell_all(store)
        put(store, record("@3-1", stage=""))

        wanted = ["", "@3-1", "s-17", "s-18", "s-19"]
        with store.read():
            assert wanted == sorted(store.load("qinghe", wanted))

    def test_a_mapped_class_in_one_transaction(self, fresh, ring):
        """The host's session writes its row first; afterwards the row cannot go while the record is there."""

        class Base(DeclarativeBase):
            pass

        class Student(Base):
            __tablename__ = "host_student"
            id: Mapped[str] = mapped_column(String(20), primary_key=True)

        made = tables(Base.metadata, student=Student.id)
        Base.metadata.create_all(fresh)
        with Session(fresh) as session, session.begin():
            session.add(Student(id="s-17"))
            put(SqlStore(session, ring, tables=made), record())
        with Session(fresh) as session:
            session.delete(session.get_one(Student, "s-17"))
            with pytest.raises(IntegrityError):
                session.flush()

    @pytest.mark.parametrize("given", ["student.id", Column("born", Date), 17])
    def test_what_is_no_column_of_ids(self, given):
        """Anything but a column of text or whole numbers is refused."""
        with pytest.raises(WrongType, match="the host's column of children's ids"):
            tables(student=given)


@pytest.mark.unmeasured
class TestMigrate:
    def test_it_is_added_to_tables_that_are_there(self, fresh, ring):
        """Who migrates with the tables has the foreign key afterwards, once; records that were there are held to it."""
        migrate(fresh)
        put(SqlStore(fresh, ring), record("17"))
        student = students(fresh, Integer(), 17)
        made = tables(student=student.c.id)
        for _ in range(2):
            migrate(fresh, tables=made)
        keys = inspect(fresh).get_foreign_keys("casework_cases")

        assert [["school"], ["student"]] == sorted(key["constrained_columns"] for key in keys)
        assert refused(SqlStore(fresh, ring, tables=made), "18")

    def test_a_record_whose_id_is_not_how_the_hosts_number_is_written(self, fresh, ring):
        """It is of no child whom the host knows."""
        migrate(fresh)
        put(SqlStore(fresh, ring), record("7"), record("07"))
        student = students(fresh, Integer(), 7)
        with pytest.raises(TablesDiffer, match="not in host_student, such as 07:"):
            migrate(fresh, tables=tables(student=student.c.id))

    def test_a_record_of_a_child_whom_the_host_does_not_know(self, fresh, ring):
        """It is named, and nothing is changed."""
        migrate(fresh)
        put(SqlStore(fresh, ring), record("s-17"), record("s-18"))
        student = students(fresh, String(20), "s-17")
        with pytest.raises(TablesDiffer, match="not in host_student, such as s-18"):
            migrate(fresh, tables=tables(student=student.c.id))

        with fresh.connect() as connection:
            assert "student" not in columns(connection, tables().cases)
