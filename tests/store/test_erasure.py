"""Erasure on a database: no byte of it is left, the history holds, and a restored copy brings nothing back."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from casework import Casework, Desk, ManualClock, Principal, School, sweep
from casework.errors import KeyDestroyed, KeyRingError
from casework.model.erasure_events import Erased
from casework.store import KeyRing, SqlStore, ring_file, rotation
from casework.store.sealed import ChildKey
from casework.store.verify import verify
from casework.testing import open_access
from casework.testing.factories import CALENDAR
from tests.engine.world import CARD, DIRECTORY, TOWN, day, noon

NOTE = "he was afraid of his uncle"
QINGHE = School("qinghe", policy=TOWN, calendar=CALENDAR, directory=DIRECTORY, access=open_access())
LATER = noon(date(2030, 1, 1))


@pytest.fixture
def path(tmp_path):
    """The file of a key ring."""
    KeyRing.create(tmp_path / "a.keyring")
    return tmp_path / "a.keyring"


def desk_on(bind, ring, person="t.wang", at=LATER):
    """A desk on a database, long after the case was closed."""
    return Desk(
        Casework(QINGHE, clock=ManualClock(at)), SqlStore(bind, ring), school="qinghe", principal=Principal(person)
    )


def told(bind, ring):
    """Two children with texts, whose cases were closed; the reference to a note of the first."""
    for child in ("s-17", "s-18"):
        first = desk_on(bind, ring, at=noon(day(9, 1)))
        first.identify(child, away="both", class_="3-1")
        first.file(child, CARD)
        first.record(child, "visit", reached=True, note=NOTE)
        desk_on(bind, ring, at=noon(day(9, 10))).close(child, "moved_away")
    return note_of(bind, ring)


def note_of(bind, ring, child="s-17"):
    """The reference to the child's note."""
    return next(iter(desk_on(bind, ring).case(child).activity_log.values())).note


def erase(bind, ring, child="s-17"):
    """Ask for it, and carry it out; the receipt."""
    desk_on(bind, ring, "t.zhao").request_erasure(child, "guardian_asked")
    done = desk_on(bind, ring, "t.sun").erase(child, "checked")
    (event,) = [event for _, event in done.events if isinstance(event, Erased)]
    return event.receipt


def findings(bind, ring):
    """What a verification finds."""
    return [finding.what for finding in verify(SqlStore(bind, ring), "qinghe").findings]


def cells(engine, child=1):
    """What was stored of a child's keys and sealed text, as bytes."""
    with engine.connect() as connection:
        keys = connection.exec_driver_sql(f"SELECT wrapped, content FROM casework_keys WHERE no = {child}").fetchall()  # noqa: S608
        sealed = connection.exec_driver_sql(f"SELECT nonce, ciphertext FROM casework_sealed WHERE no = {child}")  # noqa: S608
        return [bytes(cell) for row in [*keys, *sealed] for cell in row]


class TestErasing:
    def test_the_history_holds_and_says_so(self, quick_engine, path):
        """Nothing is found; the other child's texts are read as ever."""
        ring = KeyRing.load(path)
        told(quick_engine, ring)
        receipt = erase(quick_engine, ring)

        assert [] == findings(quick_engine, ring)
        assert [] == cells(quick_engine)
        assert {receipt} == KeyRing.load(path).erased
        assert NOTE == desk_on(quick_engine, ring).open("s-18", note_of(quick_engine, ring, "s-18"), "why")

    def test_a_key_that_is_gone_without_that_is_found(self, quick_engine, path):
        """Somebody took it away behind casework's back, with all texts."""
        ring = KeyRing.load(path)
        told(quick_engine, ring)
        with quick_engine.begin() as connection:
            for table in ("keys", "sealed"):
                connection.exec_driver_sql(f"DELETE FROM casework_{table} WHERE no = 1")  # noqa: S608

        assert ["5 sealed texts that its history refers to are gone"] == findings(quick_engine, ring)

    def test_no_byte_of_it_is_left_in_the_file(self, sqlite, path):
        """Neither keys nor ciphertexts, nor the text itself; SQLite's own setting is as it was."""
        ring = KeyRing.load(path)
        told(sqlite, ring)
        file = Path(sqlite.url.database)
        mine = cells(sqlite)
        before = [cell for cell in mine if cell in file.read_bytes()]
        with sqlite.connect() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete = OFF").close()
        erase(sqlite, ring)
        sqlite.dispose()
        left = [path.name for path in file.parent.iterdir() if path.name.startswith(f"{file.name}-")]

        assert mine == before
        assert [] == [cell for cell in mine if cell in file.read_bytes()]
        assert [] == left
        assert NOTE.encode() not in file.read_bytes()

    def test_a_renewed_text_leaves_nothing_of_the_old_one(self, sqlite, path):
        """What was sealed before under the older key is overwritten."""
        ring = KeyRing.load(path)
        told(sqlite, ring)
        mine = cells(sqlite)
        rotation.renew(SqlStore(sqlite, ring), before=LATER, at=LATER)
        sqlite.dispose()
        held = Path(sqlite.url.database).read_bytes()

        assert [] == [cell for cell in mine if cell in held]


class TestRestored:
    @pytest.fixture
    def restored(self, sqlite, path, tmp_path):
        """A database that was put back from a copy made before an erasure, and the reference to the note."""
        ring = KeyRing.load(path)
        sealed = told(sqlite, ring)
        sqlite.dispose()
        shutil.copy(sqlite.url.database, tmp_path / "backup.db")
        erase(sqlite, ring)
        sqlite.dispose()
        shutil.copy(tmp_path / "backup.db", sqlite.url.database)
        return sqlite, sealed

    def test_it_is_not_read(self, restored, path):
        """The key is there, and refused."""
        engine, sealed = restored

        with pytest.raises(KeyDestroyed, match="was destroyed"):
            desk_on(engine, KeyRing.load(path)).open("s-17", sealed, "why")
        assert 1 == len(findings(engine, KeyRing.load(path)))

    def test_a_sweep_erases_it_again(self, restored, path):
        """With an entry that says so; afterwards all is well, and the next sweep finds nothing to do."""
        engine, _ = restored
        ring = KeyRing.load(path)
        casework = Casework(QINGHE, clock=ManualClock(LATER))
        done = sweep(casework, SqlStore(engine, ring), catch_up=True)
        again = sweep(casework, SqlStore(engine, ring))
        last = desk_on(engine, ring).history("s-17")

        assert (1, 0) == (done.erased, again.erased)
        assert [] == findings(engine, ring)
        assert [] == cells(engine)
        assert "restored" in {cause for entry in last for cause, _ in entry.events}
        assert NOTE == desk_on(engine, ring).open("s-18", note_of(engine, ring, "s-18"), "why")

    def test_so_does_the_first_write(self, restored, path):
        """Nobody waits for the sweep; what is written then has a new key, and a report of danger is not held up."""
        engine, _ = restored
        ring = KeyRing.load(path)
        done = desk_on(engine, ring).raise_emergency("s-17", "harm", note="he came back")
        note = next(iter(done.case.emergencies.values())).note

        assert "he came back" == desk_on(engine, ring).open("s-17", note, "why")
        assert [None] == [act.note for act in done.case.activity_log.values()]
        assert [] == findings(engine, ring)

    def test_keys_of_the_ring_may_be_made_anew_meanwhile(self, restored, path):
        """What is erased is not carried over; the rest is."""
        engine, _ = restored
        ring_file.add_key(path)
        store = SqlStore(engine, KeyRing.load(path))
        done = rotation.rewrap(store)

        assert (1, (("qinghe", "s-17"),)) == (done.done, done.left)

    def test_what_an_old_copy_of_the_ring_can_do_and_when_that_ends(self, restored, path, tmp_path):
        """With it an old backup is read. A ring whose key left opens no backup from before, ledger or not."""
        engine, sealed = restored
        old = KeyRing.load(path)
        without_ledger = KeyRing(old.active, old.keys)
        opened = desk_on(engine, without_ledger).open("s-17", sealed, "why")
        casework = Casework(QINGHE, clock=ManualClock(LATER))
        shutil.copy(engine.url.database, tmp_path / "again.db")
        sweep(casework, SqlStore(engine, old), catch_up=True)
        ring_file.add_key(path)
        rotation.rewrap(SqlStore(engine, old))
        rotation.retire(SqlStore(engine, old), 1)
        new = KeyRing.load(path)
        backup = create_engine(f"sqlite:///{tmp_path / 'again.db'}")

        assert NOTE == opened
        with pytest.raises(KeyRingError, match="key 1 has left the ring"):
            desk_on(backup, KeyRing(new.active, new.keys, retired=new.retired)).open("s-17", sealed, "why")
        assert [] == findings(engine, new)
        backup.dispose()

    def test_one_that_cannot_be_erased_is_named_and_holds_nobody_up(self, restored, path):
        """The sweep goes on, and says which."""
        engine, _ = restored
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE casework_activities SET details = '{' WHERE no = 1")
            connection.exec_driver_sql("UPDATE casework_cases SET wake_at = NULL WHERE no = 1")
        done = sweep(Casework(QINGHE, clock=ManualClock(LATER)), SqlStore(engine, KeyRing.load(path)), catch_up=True)

        assert (0, "s-17") == (done.erased, done.broken[0][1])
        assert done.due == done.settled + len(done.broken)


class TestElsewhere:
    def test_a_ring_from_the_environment_is_handed_the_receipt(self, sqlite, monkeypatch, tmp_path):
        """This program refuses at once; the host keeps the receipt for the others."""
        monkeypatch.setenv("CASEWORK_KEYRING", KeyRing.generate().text())
        ring = KeyRing.from_environment("CASEWORK_KEYRING")
        sealed = told(sqlite, ring)
        sqlite.dispose()
        shutil.copy(sqlite.url.database, tmp_path / "backup.db")
        receipt = erase(sqlite, ring)
        backup = create_engine(f"sqlite:///{tmp_path / 'backup.db'}")

        assert NOTE == desk_on(backup, ring).open("s-17", sealed, "why")
        kept = KeyRing.from_environment("CASEWORK_KEYRING", erased=[receipt])
        with pytest.raises(KeyDestroyed):
            desk_on(backup, kept).open("s-17", sealed, "why")
        backup.dispose()

    def test_what_a_host_undoes_was_never_erased(self, sqlite, path):
        """The ring hears of it from the host, after the commit."""
        ring = KeyRing.load(path)
        sealed = told(sqlite, ring)
        with Session(sqlite) as session:
            erase(session, ring)
            session.rollback()
        undone = (KeyRing.load(path).erased, desk_on(sqlite, ring).open("s-17", sealed, "why"))
        with Session(sqlite) as session, session.begin():
            receipt = erase(session, ring)
        SqlStore(sqlite, ring).remember([receipt])

        assert (frozenset(), NOTE) == undone
        assert {receipt} == KeyRing.load(path).erased
        assert [] == findings(sqlite, ring)

    def test_a_file_that_cannot_be_written_keeps_the_texts(self, sqlite, path, monkeypatch):
        """What the ring would not refuse is not erased: the backup would bring it back."""
        ring = KeyRing.load(path)
        sealed = told(sqlite, ring)

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(ring_file, "_replace", full)
        with pytest.raises(KeyRingError, match="No space left"):
            erase(sqlite, ring)

        assert NOTE == desk_on(sqlite, ring).open("s-17", sealed, "why")

    def test_without_secrecy_rows_go_and_no_receipt_is_given(self, sqlite):
        """There is no key to refuse."""
        ring = KeyRing.without_secrecy()
        told(sqlite, ring)
        receipt = erase(sqlite, ring)
        sqlite.dispose()

        assert "" == receipt
        assert [] == findings(sqlite, ring)


class TestKilled:
    def test_it_is_done_or_not_done(self, sqlite, path, tmp_path):
        """Killed at any statement: the text is read, or nobody reads it and a sweep brings it to an end."""
        ring = KeyRing.load(path)
        sealed = told(sqlite, ring)
        desk_on(sqlite, ring, "t.zhao").request_erasure("s-17", "guardian_asked")
        sqlite.dispose()
        file = Path(sqlite.url.database)
        moments = []

        def counted(real):
            def call(*given, **named):
                folder = tmp_path / f"died-{len(moments)}"
                folder.mkdir()
                for one in [*file.parent.glob(f"{file.name}*"), path]:
                    shutil.copy(one, folder / one.name)
                moments.append(folder)
                return real(*given, **named)

            return call

        for name in ("do_execute", "do_executemany", "do_commit"):
            setattr(sqlite.dialect, name, counted(getattr(sqlite.dialect, name)))
        desk_on(sqlite, ring, "t.sun").erase("s-17", "checked")
        ends = [self._end(folder / file.name, folder / path.name, sealed) for folder in moments]

        assert len(ends) > 10
        assert [] == [end for end in ends if end not in {"as before", "erased"}]
        assert "as before" == ends[0]
        assert "erased" == ends[-1]

    def _end(self, database, ring_path, sealed):
        """What became of it in a copy of the files."""
        engine, ring = create_engine(f"sqlite:///{database}"), KeyRing.load(ring_path)
        try:
            read = desk_on(engine, ring).open("s-17", sealed, "why") == NOTE
        except KeyDestroyed:
            read = False
        sweep(Casework(QINGHE, clock=ManualClock(LATER)), SqlStore(engine, ring), catch_up=True)
        found = findings(engine, ring)
        rows = len(cells(engine))
        engine.dispose()
        if found:
            return str(found)
        return {(True, True): "as before", (False, False): "erased"}.get((read, bool(rows)), f"{read} {rows}")


def test_a_destroyed_key_can_be_told_but_not_used(path):
    """Whoever erases again has to know it."""
    ring = KeyRing.load(path)
    key = ChildKey.new(ring, "qinghe", "s-17")
    refusing = ring.remembering([ring.receipt(key.key)])
    stored = key.stored(ring)

    with pytest.raises(KeyDestroyed):
        ChildKey.unwrap(refusing, "qinghe", "s-17", *stored)
    assert key.key == ChildKey.unwrap(refusing, "qinghe", "s-17", *stored, destroyed=True).key
    assert refusing is refusing.remembering([ring.receipt(key.key)])
