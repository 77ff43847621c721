"""New keys for old: nothing becomes unreadable, at no moment, and what left the ring opens nothing any more."""

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from attrs import evolve
from sqlalchemy import create_engine

from casework.errors import KeyRingError, NotFound, TablesDiffer, Tampered
from casework.model.people import Sealed
from casework.store import KeyRing, SqlStore, ring_file, rotation
from casework.store.again import Patience
from casework.store.sealed import ChildKey
from casework.store.verify import verify
from casework.testing.contract_base import AT, SCHOOL
from tests.store.story import tell_all

LATER = datetime(2026, 11, 1, tzinfo=UTC)
NOTE = "he was afraid of his uncle"


@pytest.fixture
def path(tmp_path):
    """The file of a key ring."""
    KeyRing.create(tmp_path / "a.keyring")
    return tmp_path / "a.keyring"


@pytest.fixture
def store(quick_engine, path):
    """A store with a few stories, on a ring that is a file."""
    store = SqlStore(quick_engine, KeyRing.load(path))
    tell_all(store)
    return store


def note_of(store, child="s-17"):
    """What the child's note says."""
    with store.write():
        sealed = store.load(SCHOOL, [child])[child].activity_log["a1"].note
        return store.unseal(SCHOOL, child, sealed, reader="t.li", reason="visit", at=AT)


def keys_of(store):
    """The stored keys by record."""
    with store.read():
        connection = store.work.wire.connection
        rows = connection.exec_driver_sql(
            "SELECT no, ring, wrapped, generation, content FROM casework_keys ORDER BY no"
        ).fetchall()
    return {no: tuple(rest) for no, *rest in rows}


class TestRewrapping:
    def test_every_key_is_wrapped_by_the_new_one(self, store, path):
        """Texts and references stay; the old key wraps nothing any more, and may leave."""
        before = keys_of(store)
        ring_file.add_key(path)
        counted = rotation.keys_under(store)
        done = rotation.rewrap(store, chunk=1)

        assert {1: 2} == counted
        assert (2, ()) == (done.done, done.left)
        assert {2: 2} == rotation.keys_under(store)
        assert set(before.values()).isdisjoint(keys_of(store).values())
        assert NOTE == note_of(store)
        assert () == verify(store, SCHOOL).findings

    def test_again_there_is_nothing_to_do(self, store, path):
        """What is wrapped by the active key is left alone."""
        ring_file.add_key(path)
        rotation.rewrap(store)
        before = keys_of(store)

        assert 0 == rotation.rewrap(store).done
        assert before == keys_of(store)

    def test_a_key_that_does_not_open_is_named_and_holds_nobody_up(self, store, path):
        """The others go on."""
        with store.write():
            store.work.wire.run("UPDATE casework_keys SET generation = 7 WHERE no = 1")
        ring_file.add_key(path)
        done = rotation.rewrap(store, chunk=1)

        assert (1, ((SCHOOL, "s-17"),)) == (done.done, done.left)

    def test_a_program_that_has_the_old_ring_goes_on(self, store, quick_engine, path):
        """It reads what is wrapped by the new key, and takes the new key for what it writes, from the file."""
        old = SqlStore(quick_engine, KeyRing.load(path))
        ring_file.add_key(path)
        rotation.rewrap(store)
        rotation.retire(store, 1)

        assert NOTE == note_of(old)
        tell_other(old)
        assert {2: 3} == rotation.keys_under(store)
        assert () == verify(store, SCHOOL).findings

    def test_a_key_added_while_a_transaction_runs(self, store, path):
        """It is looked for in the file when a row names it, and taken for a child's first key."""
        with store.write():
            ring_file.add_key(path)
            sealed = store.seal(SCHOOL, "s-30", "note", "quiet")
            from tests.store.story import step  # noqa: PLC0415

            tell_with(store, "s-30", sealed, step)

        assert {1: 2, 2: 1} == rotation.keys_under(store)


def tell_with(store, child, note, step):
    """A visit with a note."""
    from casework.model import events as ev  # noqa: PLC0415
    from casework.model.activity import Activity  # noqa: PLC0415
    from casework.testing.contract_base import DAY  # noqa: PLC0415

    step(store, child, ev.Identified(DAY, "both", "register"))
    step(store, child, ev.Recorded(Activity("a1", "visit", DAY, "t.li", AT, "t.li", note=note)))


def tell_other(store):
    """One more child with a note."""
    from tests.store.story import step  # noqa: PLC0415

    with store.write():
        tell_with(store, "s-20", store.seal(SCHOOL, "s-20", "note", "quiet"), step)


class TestRenewing:
    def test_texts_are_sealed_anew_and_references_stay(self, store):
        """The chain covers references, which therefore never change."""
        before = keys_of(store)
        done = rotation.renew(store, before=LATER, at=LATER, chunk=1)
        after = keys_of(store)

        assert (2, ()) == (done.done, done.left)
        assert {1: (1, 2), 2: (1, 2)} == {no: (before[no][2], after[no][2]) for no in before}
        assert NOTE == note_of(store)
        assert () == verify(store, SCHOOL).findings

    def test_begun_again_with_the_same_instant_it_goes_on(self, store):
        """Who is done already is left alone."""
        rotation.renew(store, before=LATER, at=LATER)

        assert 0 == rotation.renew(store, before=LATER, at=LATER + timedelta(hours=1)).done

    @pytest.mark.parametrize("table", ["sealed", "keys"])
    def test_what_is_of_an_earlier_generation_is_refused(self, store, table):
        """An old ciphertext, or an old key, put back from a copy does not open."""
        names = {"sealed": "nonce, ciphertext", "keys": "wrapped, generation, content, since"}[table]
        old = rows(store, f"SELECT {names} FROM casework_{table} WHERE no = 1")  # noqa: S608
        key = rows(store, "SELECT ref FROM casework_sealed WHERE no = 1")
        rotation.renew(store, before=LATER, at=LATER)
        with store.write():
            connection = store.work.wire.connection
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            sets = ", ".join(f"{name} = {mark}" for name in names.split(", "))
            for n, row in enumerate(old):
                where, more = (f" AND ref = {mark}", tuple(key[n])) if table == "sealed" else ("", ())
                connection.exec_driver_sql(
                    f"UPDATE casework_{table} SET {sets} WHERE no = 1{where}",  # noqa: S608
                    (*row, *more),
                )

        with pytest.raises(Tampered, match="does not open"):
            note_of(store)

    def test_a_text_that_does_not_open_leaves_its_child_as_it_was(self, store):
        """The child is named, since only one who looks can mend that; others go on."""
        with store.write():
            store.work.wire.run("UPDATE casework_sealed SET kind = 'words' WHERE no = 1")
        done = rotation.renew(store, before=LATER, at=LATER, chunk=1)

        assert (1, ((SCHOOL, "s-17"),)) == (done.done, done.left)

    def test_the_tables_do_not_go_back_over_it(self, sqlite, path):
        """An earlier release could not open what was sealed since: refused, nothing changed."""
        from tests.store.earlier import left_by  # noqa: PLC0415
        from tests.store.test_migrations import move  # noqa: PLC0415

        tell_all(SqlStore(sqlite, KeyRing.load(path)))
        with sqlite.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE casework_schema_version (version_num VARCHAR(32) NOT NULL)")
            connection.exec_driver_sql("INSERT INTO casework_schema_version VALUES ('0004')")
        with pytest.raises(TablesDiffer, match="restore the backup"):
            move(sqlite, "0003", upgrade=False)
        before = note_of(SqlStore(sqlite, KeyRing.load(path)))
        left_by(sqlite, path, "0003")
        move(sqlite, "0004", upgrade=True)

        assert (NOTE, NOTE) == (before, note_of(SqlStore(sqlite, KeyRing.load(path))))

    def test_what_an_earlier_release_sealed_opens_and_is_renewed(self, store, quick_engine, path):
        """There one key made references and sealed; it goes on making references."""
        ring = KeyRing.load(path)
        key = evolve(ChildKey.new(ring, SCHOOL, "s-19"), generation=0, content=None)
        ref = key.commit("note", "as before")
        nonce, text = key.seal("note", ref, "as before")
        with store.write():
            who = store.work.record_of(SCHOOL, "s-19")
            store.work.wire.many(store.work.statements.insert(store.work.tables.keys), [(*who, *key.stored(ring))])
            store.work.wire.many(
                store.work.statements.insert(store.work.tables.sealed), [(*who, ref, "note", nonce, text)]
            )

        def read():
            with store.write():
                return store.unseal(SCHOOL, "s-19", Sealed(ref.hex()), reader="t.li", reason="r", at=AT)

        before = read()
        rotation.renew(store, before=LATER, at=LATER)

        assert ("as before", "as before") == (before, read())
        assert 1 == keys_of(store)[3][2]


def rows(store, statement):
    """What a query gives, in the order of the key."""
    with store.read():
        return store.work.wire.connection.exec_driver_sql(statement).fetchall()


class TestBeside:
    @pytest.mark.unmeasured
    def test_others_write_while_keys_are_made_anew(self, engine, path):
        """They loaded the ring before; every text that they wrote opens, whatever moment it was written at."""
        tell_all(SqlStore(engine, KeyRing.load(path)))
        store, failed, written = SqlStore(engine, KeyRing.load(path)), [], []

        def write(worker):
            beside = SqlStore(engine, KeyRing.load(path), patience=Patience((0.01,) * 50))
            try:
                for n in range(6):
                    child = f"s-{worker}-{n}"
                    beside.transact(lambda child=child: told_of(beside, child), writing=True)
                    written.append(child)
            except Exception as error:  # noqa: BLE001 - told below
                failed.append(repr(error))

        workers = [Thread(target=write, args=(worker,)) for worker in range(2)]
        for worker in workers:
            worker.start()
        for day in range(3):
            at = LATER + timedelta(days=day)
            ring_file.add_key(path)
            rotation.rewrap(store, chunk=2)
            rotation.renew(store, before=at, at=at, chunk=2)
        for worker in workers:
            worker.join()
        rotation.rewrap(store)
        for number in (1, 2, 3):
            rotation.retire(store, number)

        assert [] == failed
        assert 12 == len(written)
        assert {4: 14} == rotation.keys_under(store)
        assert () == verify(store, SCHOOL).findings


def told_of(store, child):
    """One more child with a note, in the transaction that is open."""
    from tests.store.story import step  # noqa: PLC0415

    tell_with(store, child, store.seal(SCHOOL, child, "note", child), step)


class TestLeaving:
    def test_a_key_in_use_stays(self, store, path):
        """Refused while a child's key is wrapped by it, and for the active one."""
        with pytest.raises(KeyRingError, match="2 children's keys are still wrapped by key 1"):
            rotation.retire(store, 1)
        ring_file.add_key(path)
        rotation.rewrap(store)
        with pytest.raises(KeyRingError, match="key 2"):
            rotation.retire(store, 2)

    def test_what_left_opens_nothing_and_still_vouches_for_history(self, store, path):
        """Its chain key stays, so that old entries verify; a key from a backup does not open."""
        old = rows(store, "SELECT ring, wrapped, generation, content, since FROM casework_keys WHERE no = 1")[0]
        ring_file.add_key(path)
        rotation.rewrap(store)
        rotation.retire(store, 1)
        ring = KeyRing.load(path)

        assert ([2], [1]) == (list(ring.keys), list(ring.retired))
        assert () == verify(store, SCHOOL).findings
        with pytest.raises(KeyRingError, match="key 1 has left the ring"):
            ChildKey.unwrap(ring, SCHOOL, "s-17", *map(plain, old))

    def test_a_ring_that_is_no_file(self, quick_engine):
        """Its host takes the key out; the message says how."""
        with pytest.raises(KeyRingError, match=r"ring\.without\(1\)"):
            rotation.retire(SqlStore(quick_engine, KeyRing.generate()), 1)


def plain(value):
    """Bytes as bytes."""
    return bytes(value) if isinstance(value, memoryview) else value


class TestMoved:
    @pytest.mark.parametrize(
        "move",
        [
            "UPDATE casework_sealed SET kind = 'words' WHERE no = 1",
            "UPDATE casework_keys SET wrapped = (SELECT wrapped FROM casework_keys WHERE no = 2) WHERE no = 1",
            "UPDATE casework_keys SET content = (SELECT content FROM casework_keys WHERE no = 2) WHERE no = 1",
            "UPDATE casework_keys SET generation = 0 WHERE no = 1",
            "UPDATE casework_keys SET generation = 2 WHERE no = 1",
            "UPDATE casework_keys SET since = 0 WHERE no = 1",
        ],
    )
    def test_what_was_moved_is_refused(self, store, move):
        """To another kind, another child, another generation."""
        with store.write():
            store.work.wire.run(move)

        with pytest.raises(Tampered):
            note_of(store)

    @pytest.mark.parametrize("to", ["child", "row"])
    def test_a_ciphertext_moved_as_a_whole_is_refused(self, store, to):
        """Under another child with its own reference, or in another row of the same child."""
        first = rows(store, "SELECT ref, nonce, ciphertext FROM casework_sealed WHERE no = 1 AND kind = 'note'")
        other = first[1] if to == "row" else None
        no = 1 if to == "row" else 2
        with store.read():
            child = "s-17" if to == "row" else "s-18"
            sealed = store.load(SCHOOL, [child])[child].activity_log["a1"].note
        if other is not None and bytes(other[0]).hex() == sealed.ref:
            other = first[0]
        source = other or first[0]
        with store.write():
            connection = store.work.wire.connection
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            connection.exec_driver_sql(
                f"UPDATE casework_sealed SET nonce = {mark}, ciphertext = {mark} WHERE no = {mark} AND ref = {mark}",  # noqa: S608
                (source[1], source[2], no, bytes.fromhex(sealed.ref)),
            )

        with pytest.raises(Tampered, match="does not open"):
            note_of(store, child)

    def test_a_reference_that_was_never_given(self, store):
        """Nothing is found under it."""
        with store.write(), pytest.raises(NotFound):
            store.unseal(SCHOOL, "s-17", Sealed("00" * 16), reader="t.li", reason="r", at=AT)


class TestKilled:
    def test_whatever_statement_it_dies_at_everything_opens(self, sqlite, path, tmp_path):
        """The files as they lie at every statement and commit, as a killed process leaves them, are sound."""
        store = SqlStore(sqlite, KeyRing.load(path))
        tell_all(store)
        ring_file.add_key(path)
        left = Path(sqlite.url.database)
        moments = []

        def counted(real):
            def call(*given, **named):
                folder = tmp_path / f"died-{len(moments)}"
                folder.mkdir()
                for file in left.parent.glob(f"{left.name}*"):
                    shutil.copy(file, folder / file.name)
                moments.append(folder)
                return real(*given, **named)

            return call

        for name in ("do_execute", "do_executemany", "do_commit"):
            setattr(sqlite.dialect, name, counted(getattr(sqlite.dialect, name)))
        for day in range(2):
            rotation.rewrap(store, chunk=1)
            at = LATER + timedelta(days=day)
            rotation.renew(store, before=at, at=at, chunk=1)
            ring_file.add_key(path)
        for name in ("do_execute", "do_executemany", "do_commit"):
            delattr(sqlite.dialect, name)
        found = [finding for folder in moments for finding in found_in(folder / left.name, path)]

        assert len(moments) >= 50
        assert [] == found

    @pytest.mark.unmeasured
    def test_killed_again_and_again(self, sqlite, path):
        """Processes that kill themselves at any moment leave everything readable, and others finish their work."""
        self._killed(sqlite, path, 50)

    @pytest.mark.soak
    @pytest.mark.unmeasured
    def test_killed_very_often(self, sqlite, path):
        """The same, many times over."""
        self._killed(sqlite, path, 300)

    def _killed(self, sqlite, path, kills):
        tell_all(SqlStore(sqlite, KeyRing.load(path)))
        sqlite.dispose()
        given = [sys.executable, "-m", "tests.store.rotating", sqlite.url.database, str(path), str(kills)]
        done = subprocess.run(given, capture_output=True, text=True, check=True)
        said = json.loads(done.stdout)

        assert (kills, []) == (said["killed"], said["found"])
        assert said["finished"] > 1

    def test_the_file_of_a_ring_is_the_old_one_or_the_new_one(self, path, monkeypatch):
        """Whatever call of the system it dies at."""
        import os  # noqa: PLC0415

        class Died(BaseException):
            """The process is gone."""

        seen = []
        for moment in range(4):
            calls = 0

            def counted(real, moment=moment):
                def call(*given, **named):
                    nonlocal calls
                    calls += 1
                    if calls > moment:
                        raise Died
                    return real(*given, **named)

                return call

            with monkeypatch.context() as patch:
                for name in ("fsync", "replace", "open"):
                    patch.setattr(os, name, counted(getattr(os, name)))
                with suppress(Died):
                    ring_file.add_key(path)
            seen.append(len(KeyRing.load(path).keys))

        assert seen == sorted(seen)
        assert 0o600 == path.stat().st_mode & 0o777


def found_in(database, ring):
    """What a verification finds in a file, which the first one to open it brings in order."""
    engine = create_engine(f"sqlite:///{database}")
    try:
        return [str(finding) for finding in verify(SqlStore(engine, KeyRing.load(ring)), SCHOOL).findings]
    finally:
        engine.dispose()
