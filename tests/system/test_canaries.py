"""What is sealed shows nowhere: in no log, error, repr, file, journal or notice, whatever fails, in whichever field."""

import base64
import inspect
import os
import sqlite3
import tempfile
from typing import get_args

import attrs
import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from casework import Desk
from casework.model import commands as c
from casework.model.people import Contact
from casework.store import KeyRing, SqlStore, open_engine
from casework.store.again import Patience
from tests.store.conftest import empty_database
from tests.store.faulty import failing
from tests.system import canaries
from tests.system.canaries import MARK, in_memory, in_sql, leaks, listening, looked, seen, tell
from tests.system.world import SCHOOL, make_casework, principal


def of_commands():
    """Yield every command, with the values within it that have fields of their own to seal."""
    yield from (kind for kind in get_args(c.Command) if attrs.has(kind))
    yield from canaries.VALUES


@pytest.fixture(autouse=True)
def _temporary(tmp_path, monkeypatch):
    """Temporary files of the test's own, where they can be looked at."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


@pytest.fixture
def folder(tmp_path):
    """A folder with a database, and nothing else."""
    found = tmp_path / "school"
    found.mkdir()
    (found / "casework.db").write_bytes(empty_database())
    return found


@pytest.fixture
def made(folder):
    """An engine as casework makes it."""
    engine = open_engine(folder / "casework.db")
    yield engine
    engine.dispose()


def told_in(engine, folder, ring=None):
    """The whole story by an engine, with everything logged."""
    told = in_sql(SqlStore(engine, ring or KeyRing.generate()), folder)
    with listening(told):
        looked(tell(told))
    return told


class TestNeedle:
    @pytest.mark.parametrize("coding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16", "utf-32-le"])
    @pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
    def test_every_form_is_found(self, coding, before):
        """A canary is found in every coding, hexadecimal, and in base64 wherever it begins."""
        raw = before + f"{MARK}Record.note sagt".encode(coding)

        assert all(seen(form) for form in (raw, raw.hex(), raw.hex().upper(), base64.b64encode(raw)))
        assert all(seen(form) for form in (base64.urlsafe_b64encode(raw), repr(raw.decode("latin-1")[len(before) :])))

    def test_other_text_passes(self):
        """What holds none is not taken for one."""
        assert [] == seen(repr(KeyRing.generate().keys) + "zwitschern 7193")


class TestFields:
    def test_story_fills_every_sealed_field(self):
        """Every field of a command that takes text to be sealed has a canary of its own in the story."""
        told = tell(in_memory())
        wanted = {f"{kind.__name__}.{name}" for kind in of_commands() for name in canaries.sensitive(kind)}
        filled = {text.removeprefix(MARK).split(" sagt")[0].split("/")[0] for text in told.canaries}

        assert wanted == filled
        assert len(wanted) >= 16
        assert len(told.canaries) >= 28

    def test_whatever_holds_text_is_known(self):
        """A value within a command that has a field to seal is one that the story fills."""
        held = {
            kind
            for command in get_args(c.Command)
            for part in attrs.fields(command)
            for kind in [part.type, *get_args(part.type)]
            if inspect.isclass(kind) and attrs.has(kind) and any(map(canaries.may_be_sealed, attrs.fields(kind)))
        }

        assert held <= set(canaries.VALUES)

    def test_canaries_are_where_they_belong(self, made, folder):
        """The story is a real one: what was entered can be read by who may, word for word."""
        told = told_in(made, folder)
        case = told.desk.case("s-1")
        opened = {
            told.desk.open("s-1", sealed, "to see") for sealed in (case.card.carer.phone, *_notes(case.activity_log))
        }

        assert opened <= told.canaries
        assert len(opened) >= 3


def _notes(log):
    return [act.note for act in log.values() if act.note is not None]


class TestNowhere:
    def test_in_memory(self):
        """With a store in memory: in no value, log or notice."""
        told = in_memory()
        with listening(told):
            looked(tell(told))

        assert {} == leaks(told)

    @pytest.mark.parametrize("echo", [False, True, "debug"])
    def test_in_sql(self, made, folder, echo):
        """On SQLite, also where SQLAlchemy logs every statement and every row: in no value, log, file or notice."""
        made.echo = echo
        told = told_in(made, folder)

        assert ("INSERT INTO casework_sealed" in told.log.getvalue()) == bool(echo)
        assert {} == leaks(told)

    def test_on_an_engine_that_shows_values(self, folder):
        """A host's engine that logs the values of statements logs no text either: what is written is sealed before."""
        engine = create_engine(f"sqlite:///{folder / 'casework.db'}", echo="debug")
        told = told_in(engine, folder)
        engine.dispose()

        assert "t.li" in told.log.getvalue()
        assert {} == leaks(told)

    def test_in_journals_while_a_transaction_is_open(self, made, folder):
        """Pages that SQLite has written before the commit, and its journal, hold none of it."""
        event.listen(made, "connect", lambda connection, _: connection.execute("PRAGMA cache_size = 2") and None)
        with Session(made) as session:
            told = tell(in_sql(SqlStore(session, KeyRing.generate()), folder))
            journal = folder / "casework.db-journal"

            assert journal.stat().st_size > 0
            assert {} == leaks(told)

    def test_in_the_write_ahead_log(self, folder):
        """In WAL mode, in the log and its index, before and after somebody wrote it back."""
        engine = create_engine(f"sqlite:///{folder / 'casework.db'}", hide_parameters=True)
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode = WAL") and None)
        with sqlite3.connect(folder / "casework.db") as reader:
            told = told_in(engine, folder)

            assert (folder / "casework.db-wal").stat().st_size > 0
            assert {} == leaks(told)
            reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        reader.close()
        engine.dispose()

        assert {} == leaks(told)

    @pytest.mark.unmeasured
    def test_after_somebody_was_killed(self, folder):
        """A process that dies in mid-transaction leaves its journal behind, and no word in it."""
        child = os.fork()
        if not child:
            engine = open_engine(folder / "casework.db")
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA cache_size = 2") and None)
            with Session(engine) as session:
                tell(in_sql(SqlStore(session, KeyRing.generate()), folder))
                os._exit(7)
        ended = os.waitpid(child, 0)[1]
        told = in_memory()
        told.folder = folder

        assert 7 == os.waitstatus_to_exitcode(ended)
        assert (folder / "casework.db-journal").exists()
        assert {} == leaks(told, [canaries.in_files, canaries.in_temporary_files])

    def test_in_postgresql(self, postgres):
        """On PostgreSQL, in no value, log or notice, and in no row as a copy of the database has it."""
        told = told_in(postgres, None)
        with postgres.connect() as connection:
            names = connection.exec_driver_sql(
                "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'casework%%'"
            ).scalars()
            rows = [
                f"{name} {row!r}"
                for name in list(names)
                for row in connection.exec_driver_sql(f"SELECT * FROM {name}")  # noqa: S608 - our own tables
            ]

        assert len(rows) > 100
        assert [] == seen("\n".join(rows))
        assert {} == leaks(told)


FAULTS = {
    "locked": sqlite3.SQLITE_BUSY,
    "full": sqlite3.SQLITE_FULL,
    "integrity": sqlite3.SQLITE_CONSTRAINT,
    "disk": sqlite3.SQLITE_IOERR,
}


class TestFailures:
    @pytest.mark.parametrize(
        "codes",
        [
            pytest.param(tuple(FAULTS.values()), id="in turn"),
            *(pytest.param((code,), id=name, marks=pytest.mark.soak) for name, code in FAULTS.items()),
        ],
    )
    def test_no_statement_tells_when_it_fails(self, made, folder, codes):
        """Whichever statement fails, and however: neither the error nor the log nor the files hold a word."""
        told = in_sql(SqlStore(made, KeyRing.generate(), patience=Patience(pauses=())), folder)
        told.desk.identify("s-1", away="both")
        command = told.full(c.Record("visit", reached=True, concerns=[c.ConcernDraft("grief")]))
        moment = 0
        with listening(told):
            while True:
                code = codes[moment % len(codes)]
                with failing(made, code, lambda at, fails=moment: at >= fails) as fault:
                    try:
                        told.desk.do("s-1", command)
                    except Exception as error:  # noqa: BLE001 - whatever comes of it
                        told.errors.append(error)
                if not fault.failed:
                    break
                moment += 1

        assert moment > 8
        assert len(told.errors) == moment
        assert {} == leaks(told)

    @pytest.mark.parametrize("door", ["connection", "session"])
    def test_no_guest_tells_either(self, folder, door):
        """At a host's own engine, which shows values, an error that passes through casework holds none."""
        engine = create_engine(f"sqlite:///{folder / 'casework.db'}")
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER no BEFORE INSERT ON casework_sealed BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        with engine.connect() if door == "connection" else Session(engine) as bind:
            told = in_sql(SqlStore(bind, KeyRing.generate()), folder)
            error = told.refused(lambda: told.do("s-1", c.Raise("missing")))

            assert "INSERT INTO casework_sealed" in str(error)
            assert "[parameters" not in str(error)
            assert {} == leaks(told)
        engine.dispose()

    @pytest.mark.parametrize("spoil", ["long", "half", "list", "bytes", "mapping", "number", "sealed"])
    def test_what_cannot_be_sealed_is_not_repeated(self, made, folder, spoil):
        """A text that is too long, broken or of another kind is refused in words that are not its own."""
        told = in_sql(SqlStore(made, KeyRing.generate()), folder)
        told.desk.identify("s-1", away="both")
        spoilt = {
            "long": lambda text: text * 2000,
            "half": lambda text: text + "\ud800",
            "list": lambda text: [text],
            "bytes": lambda text: text.encode(),
            "mapping": lambda text: {"text": text},
            "number": Odd,
            "sealed": canaries.Sealed,
        }[spoil]
        for command in _examples():
            for name in canaries.sensitive(type(command)):
                text = canaries.minted(type(command), name)
                told.refused(
                    lambda command=command, name=name, text=text: told.desk.do(
                        "s-1", _whole(attrs.evolve(command, **{name: spoilt(text)}))
                    )
                )

        assert {} == leaks(told)

    def test_what_stands_in_the_wrong_field_is_not_repeated(self):
        """A note typed where a code, an id, a day or a number belongs is refused without being said again."""
        told = in_memory()
        told.desk.identify("s-1", away="both")
        examples = {type(one): one for one in _examples()}
        for kind in get_args(c.Command):
            for part in attrs.fields(kind):
                if not canaries.may_be_sealed(part):
                    _misplaced(told, kind, examples.get(kind), part.name)

        assert len(told.errors) > 150
        assert {} == leaks(told, [canaries.in_errors])


class Odd(int):
    """A number whose repr says something."""

    def __new__(cls, text):
        """Make one that says this."""
        found = super().__new__(cls, 1)
        found.text = text
        return found

    def __repr__(self):
        return self.text


def _examples():
    """A command of every kind that the story tells, without text, and those that hold a value with text."""
    told = tell(in_memory())
    found = {type(value): value for value in told.values if attrs.has(type(value)) and type(value) in told.commands}
    plain = [_without(value) for value in found.values()]
    return [*plain, c.ConcernDraft("grief"), Contact("x", "grandmother")]


def _without(value):
    return attrs.evolve(value, **dict.fromkeys(canaries.sensitive(type(value)), None))


def _whole(value):
    """A command around a draft or a contact."""
    if isinstance(value, c.ConcernDraft):
        return c.NoteConcern(value)
    return c.RecordCard(c.ContactCard(value)) if isinstance(value, Contact) else value


def _misplaced(told, kind, example, name):
    """Give a text, and a list and a mapping of it, where something else is taken; what is raised is looked at."""
    text = f"{MARK} er fürchtet sich vor seinem Onkel"
    for given in (text, f"{MARK}他害怕他的叔叔", f"{MARK}他\n", [text]):
        try:
            if example is None:
                needed = [part for part in attrs.fields(kind) if part.default is attrs.NOTHING]
                command = kind(**{part.name.rstrip(): "x" for part in needed} | {name: given})
            else:
                command = attrs.evolve(example, **{name: given})
            told.desk.do("s-1", command)
        except Exception as error:  # noqa: BLE001 - whatever comes of it
            told.errors.append(error)


class TestPeopleWithoutTheRight:
    def test_no_desk_opens_what_it_may_not(self, made, folder):
        """Opening without a reason, by the engine, or what is another child's is refused without a word of it."""
        told = told_in(made, folder)
        told.desk.identify("s-2", away="one")
        phone = told.desk.case("s-1").card.carer.phone
        system = Desk(make_casework(), told.store, school=SCHOOL, principal=principal("system"))
        told.refused(lambda: told.desk.open("s-1", phone, ""))
        told.refused(lambda: told.desk.open("s-2", phone, "curious"))
        told.refused(lambda: system.open("s-1", phone, "curious"))

        assert {} == leaks(told)
