"""Where a key ring comes from: a file, the environment, a key service; and how a file of one is changed."""

import json
import stat
from base64 import b64encode

import pytest

from casework.errors import KeyDestroyed, KeyRingError, WrongType
from casework.store import KeyRing, SqlStore, ring_file
from casework.store.keyring import WITH_RETIRED
from casework.store.sealed import ChildKey

KEYS = {1: b"1" * 32, 2: b"2" * 32}


class TestEnvironment:
    @pytest.mark.parametrize("written", [str, lambda text: b64encode(text.encode()).decode()])
    def test_what_stands_in_a_file_as_it_is_or_in_base64(self, monkeypatch, written):
        """Both are the same ring."""
        made = KeyRing(2, KEYS).without(1)
        monkeypatch.setenv("CASEWORK_KEYRING", written(made.text()))
        found = KeyRing.from_environment("CASEWORK_KEYRING")

        assert (2, {2: KEYS[2]}, made.retired) == (found.active, found.keys, found.retired)
        assert found is found.current()

    @pytest.mark.parametrize("given", ["", "secret-of-mine", "c2VjcmV0LW9mLW1pbmU=", '{"secret-of-mine": 1}', "ü"])
    def test_what_is_no_ring_is_never_shown(self, monkeypatch, given):
        """The message names the variable alone, and so does what led to it."""
        monkeypatch.setenv("CASEWORK_KEYRING", given)

        with pytest.raises(KeyRingError, match="CASEWORK_KEYRING") as caught:
            KeyRing.from_environment("CASEWORK_KEYRING")
        assert "mine" not in f"{caught.value!r}{caught.value.__cause__!r}"
        assert caught.value.__suppress_context__ or caught.value.__context__ is None

    def test_receipts_that_the_host_keeps_elsewhere(self, monkeypatch):
        """What they stand for is refused."""
        ring = KeyRing(1, {1: KEYS[1]})
        key = ChildKey.new(ring, "qinghe", "s-17")
        stored = key.stored(ring)
        monkeypatch.setenv("CASEWORK_KEYRING", ring.text())
        found = KeyRing.from_environment("CASEWORK_KEYRING", erased=[ring.receipt(key.key)])

        assert key.key == ChildKey.unwrap(ring, "qinghe", "s-17", *stored).key
        with pytest.raises(KeyDestroyed):
            ChildKey.unwrap(found, "qinghe", "s-17", *stored)


class TestService:
    def test_each_key_is_asked_for_once_and_when_it_is_needed(self):
        """Not when the ring is made, and not again."""
        asked = []
        ring = KeyRing.from_service(lambda number: asked.append(number) or KEYS[number], active=2)
        plain = KeyRing(2, KEYS)
        before = list(asked)

        assert plain.wrap_key(2) == ring.wrap_key(2) == ring.wrap_key(2)
        assert plain.chain_key(2) == ring.chain_key(2)
        assert ([], [2]) == (before, asked)
        assert (2, 1) == ring.numbers
        assert plain.chain_key(1) == ring.chain_key(1)

    def test_a_store_works_with_it(self, memory_engine):
        """Texts are sealed and read."""
        from tests.store.story import tell_all  # noqa: PLC0415
        from tests.store.test_rotation import NOTE, note_of  # noqa: PLC0415

        store = SqlStore(memory_engine, KeyRing.from_service(KEYS.__getitem__, active=2))
        tell_all(store)

        assert NOTE == note_of(store)

    @pytest.mark.parametrize("answer", [b"short", "2" * 32, None, OSError("no route")])
    def test_a_service_that_fails_is_told_in_words(self, answer):
        """It fails, or gives something that is no key."""

        def ask(number):
            if isinstance(answer, Exception):
                raise answer
            return answer

        with pytest.raises(KeyRingError, match="the key service"):
            KeyRing.from_service(ask, active=1).wrap_key(1)

    def test_a_failure_is_not_kept(self):
        """Once the service answers again, so does the ring."""
        answers = iter([b"", KEYS[1]])
        ring = KeyRing.from_service(lambda _: next(answers), active=1)
        with pytest.raises(KeyRingError):
            ring.wrap_key(1)

        assert KeyRing(1, {1: KEYS[1]}).wrap_key(1) == ring.wrap_key(1)

    def test_a_key_that_the_service_no_longer_gives(self):
        """Its chain key verifies history; what it wrapped is gone."""
        ring = KeyRing.from_service(KEYS.__getitem__, active=2, retired={1: KeyRing(1, KEYS).chain_key(1)})

        assert KeyRing(1, KEYS).chain_key(1) == ring.chain_key(1)
        assert (False, True) == (ring.opens(1), ring.opens(2))
        with pytest.raises(KeyRingError, match="key 1 has left the ring"):
            ring.wrap_key(1)
        with pytest.raises(KeyRingError, match="does not hold key 3"):
            ring.wrap_key(3)

    @pytest.mark.parametrize("change", [KeyRing.with_key, KeyRing.text, lambda ring: ring.without(1)])
    def test_its_keys_are_not_the_rings_to_change(self, change):
        """Neither are they written anywhere."""
        with pytest.raises(KeyRingError, match="key service"):
            change(KeyRing.from_service(KEYS.__getitem__, active=2))

    def test_what_is_no_number(self):
        """The active key is named by its number."""
        with pytest.raises(WrongType):
            KeyRing.from_service(KEYS.__getitem__, active="2")
        with pytest.raises(KeyRingError):
            KeyRing.from_service(KEYS.__getitem__, active=0)


class TestFile:
    def test_a_key_is_added_and_the_others_stay(self, tmp_path):
        """The new one is active; the file is still its owner's alone, and nothing else is left in the folder."""
        made = KeyRing.create(tmp_path / "a.keyring")
        ring_file.add_key(tmp_path / "a.keyring")
        found = KeyRing.load(tmp_path / "a.keyring")

        assert (2, made.keys[1]) == (found.active, found.keys[1])
        assert 0o600 == stat.S_IMODE((tmp_path / "a.keyring").stat().st_mode)
        assert ["a.keyring"] == [path.name for path in tmp_path.iterdir()]

    def test_a_key_may_be_known_before_it_is_active(self, tmp_path):
        """So that programs on other machines learn of it first."""
        path = tmp_path / "a.keyring"
        KeyRing.create(path)

        assert (1, 2) == (ring_file.add_key(path, activate=False).active, ring_file.activate(path, 2).active)
        with pytest.raises(KeyRingError, match="does not hold key 9"):
            ring_file.activate(path, 9)

    def test_a_link_to_a_file_stays_one(self, tmp_path):
        """What it leads to is changed."""
        (tmp_path / "real").mkdir()
        KeyRing.create(tmp_path / "real" / "a.keyring")
        (tmp_path / "link").symlink_to(tmp_path / "real" / "a.keyring")
        ring_file.add_key(tmp_path / "link")

        assert (tmp_path / "link").is_symlink()
        assert 2 == KeyRing.load(tmp_path / "real" / "a.keyring").active

    def test_a_folder_that_is_not_there(self, tmp_path):
        """It is named."""
        with pytest.raises(KeyRingError, match="cannot be"):
            ring_file.add_key(tmp_path / "no" / "a.keyring")

    def test_what_was_left_by_a_program_that_died(self, tmp_path):
        """The unfinished file is replaced."""
        KeyRing.create(tmp_path / "a.keyring")
        (tmp_path / ".a.keyring.new").write_text("half of")

        assert 2 == ring_file.add_key(tmp_path / "a.keyring").active

    def test_a_ring_follows_its_file(self, tmp_path, caplog):
        """Changed, it is read again; spoilt or gone, what was read stays, and a warning says so."""
        path = tmp_path / "a.keyring"
        ring = KeyRing.create(path)
        same = ring.current()
        ring_file.add_key(path)
        after = ring.current()
        path.write_text("spoilt")
        spoilt = after.current()
        path.unlink()

        assert ring is same
        assert 2 == after.active
        assert after is spoilt is after.current()
        assert "keyring_unreadable" in caplog.text

    def test_what_earlier_releases_must_not_forget_has_another_form(self, tmp_path):
        """A ring with retired keys or receipts is refused by them; a plain one is as it ever was."""
        ring = KeyRing(2, KEYS)

        assert 1 == json.loads(ring.text())["casework_keyring"]
        assert WITH_RETIRED == json.loads(ring.without(1).text())["casework_keyring"]
        assert WITH_RETIRED == json.loads(ring.remembering(["1.00"]).text())["casework_keyring"]

    def test_keys_are_not_shown(self):
        """Neither are retired ones."""
        ring = KeyRing(2, KEYS).without(1)

        assert [] == [key for key in (*ring.keys.values(), *ring.retired.values()) if str(key) in repr(ring)]

    def test_numbers_are_never_given_twice(self):
        """Also not that of a key that left."""
        ring = KeyRing(2, KEYS).without(1)

        assert 3 == ring.with_key().active
        assert 4 == ring.with_key().with_key().active
        with pytest.raises(KeyRingError, match="is active"):
            ring.without(2)
        with pytest.raises(KeyRingError, match="does not hold key 7"):
            ring.without(7)
