"""The key ring and sealed text."""

import stat
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import KeyRingError, Tampered
from casework.store import KeyRing, SqlStore
from casework.store.sealed import ChildKey

TEXTS = st.text(st.characters(codec="utf-8"))


def child_key(ring=None, child="s-17"):
    """A new key of a child."""
    return ChildKey.new(ring or KeyRing.generate(), "qinghe", child)


class TestKeyRing:
    def test_a_ring_is_written_once_for_its_owner(self, tmp_path):
        """The file can be read by its owner alone, and is read back as it was."""
        made = KeyRing.create(tmp_path / "a.keyring")
        found = KeyRing.load(str(tmp_path / "a.keyring"))

        assert 0o600 == stat.S_IMODE((tmp_path / "a.keyring").stat().st_mode)
        assert (made.active, made.keys, True) == (found.active, found.keys, found.secret)

    def test_a_ring_is_never_overwritten(self, tmp_path):
        """A lost key opens nothing, so an existing file is left alone."""
        path = tmp_path / "a.keyring"
        path.write_text("mine")

        with pytest.raises(KeyRingError, match="exists already"):
            KeyRing.create(path)
        assert "mine" == path.read_text()

    def test_a_folder_that_is_not_there(self, tmp_path):
        """A ring that cannot be written or read says where, and what to do."""
        with pytest.raises(KeyRingError, match="cannot be written"):
            KeyRing.create(tmp_path / "no" / "a.keyring")
        with pytest.raises(KeyRingError, match="restore it from a copy"):
            KeyRing.load(tmp_path / "no" / "a.keyring")

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("", "no key ring"),
            ("[]", "no key ring"),
            ("{}", "no key ring"),
            ('{"casework_keyring": 1, "active": 1, "keys": {"1": "zz"}}', "no key ring"),
            ('{"casework_keyring": 1, "active": 1, "keys": {"1": "00"}}', "32 bytes"),
            ('{"casework_keyring": 1, "active": 2, "keys": {"1": "' + 64 * "0" + '"}}', "one of them active"),
            ('{"casework_keyring": 1, "active": 0, "keys": {"0": "' + 64 * "0" + '"}}', "numbered from 1"),
            ('{"casework_keyring": 3, "active": 1, "keys": {"1": "' + 64 * "0" + '"}}', "later release"),
            ("ü", "no key ring"),
        ],
    )
    def test_what_is_no_ring_is_refused(self, tmp_path, text, what):
        """The message says what is wrong, and nothing of what the file holds."""
        path = tmp_path / "a.keyring"
        path.write_text(text, encoding="utf-8")

        with pytest.raises(KeyRingError, match=what) as caught:
            KeyRing.load(path)
        assert "000000" not in str(caught.value)

    def test_keys_are_not_shown(self):
        """Neither a ring nor a child's key shows its key."""
        ring = KeyRing.generate()
        key = child_key(ring)

        assert ring.keys[1].hex() not in repr(ring)
        assert repr(ring.keys[1]) not in repr(ring)
        assert repr(key.key) not in repr(key)

    def test_a_key_that_is_missing_is_named(self):
        """Rows written under another key say which one to add."""
        with pytest.raises(KeyRingError, match="key 7"):
            KeyRing.generate().wrap_key(7)
        with pytest.raises(KeyRingError, match="without_secrecy"):
            KeyRing.generate().chain_key(0)

    def test_purposes_have_keys_of_their_own(self):
        """The chain and the wrapping never share a key, nor do two rings."""
        one, other = KeyRing.generate(), KeyRing.generate()

        assert 4 == len({one.chain_key(1), one.wrap_key(1), other.chain_key(1), other.wrap_key(1)})

    def test_a_ring_with_an_older_key_still_opens(self):
        """After a new key is made active, what was sealed under the old one opens."""
        old = KeyRing.generate()
        key = child_key(old)
        wrapped = key.wrap(old)
        new = KeyRing(2, {1: old.keys[1], 2: KeyRing.generate().keys[1]})

        assert key.key == ChildKey.unwrap(new, "qinghe", "s-17", 1, wrapped).key
        assert 2 == new.number

    def test_no_store_without_a_ring(self, memory_engine):
        """A store without a ring is refused, with the two ways to go on."""
        with pytest.raises(KeyRingError, match=r"KeyRing\.create.*without_secrecy"):
            SqlStore(memory_engine, None)

    def test_without_secrecy_has_to_be_asked_for(self):
        """What is written so is marked with key 0, which no secret ring opens."""
        ring = KeyRing.without_secrecy()

        assert (False, 0) == (ring.secret, ring.number)
        assert ring.chain_key(0) == KeyRing.without_secrecy().chain_key(0)


class TestChildKey:
    @given(TEXTS)
    def test_a_text_opens_as_it_was_sealed(self, text):
        """Whatever it says."""
        key = child_key()
        ref = key.commit("note", text)

        assert text == key.open("note", ref, *key.seal("note", ref, text))

    def test_nothing_readable_is_stored(self):
        """The ciphertext and the reference tell nothing of the text, and no two are alike."""
        key, other = child_key(), child_key()
        ref = key.commit("note", "afraid")
        first, second = key.seal("note", ref, "afraid"), key.seal("note", ref, "afraid")

        assert first != second
        assert b"afraid" not in first[1]
        assert ref != other.commit("note", "afraid")

    @pytest.mark.parametrize("change", ["kind", "ref", "nonce", "ciphertext", "child", "school", "empty", "key"])
    def test_what_was_changed_or_moved_does_not_open(self, change):
        """Another kind, place, child or school, another byte: refused."""
        key = child_key()
        ref = key.commit("note", "afraid")
        nonce, ciphertext = key.seal("note", ref, "afraid")
        given = {
            "kind": (key, "words", ref, nonce, ciphertext),
            "ref": (key, "note", key.commit("note", "other"), nonce, ciphertext),
            "nonce": (key, "note", ref, nonce[::-1], ciphertext),
            "ciphertext": (key, "note", ref, nonce, ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])),
            "child": (evolve(key, child="s-18"), "note", ref, nonce, ciphertext),
            "school": (evolve(key, school="other"), "note", ref, nonce, ciphertext),
            "empty": (key, "note", ref, b"", b"afraid"),
            "key": (child_key(), "note", ref, nonce, ciphertext),
        }
        opener, *rest = given[change]

        with pytest.raises(Tampered):
            opener.open(*rest)

    def test_a_wrapped_key_opens_for_its_child_alone(self):
        """A key moved to another child, or opened with another ring, is refused."""
        ring = KeyRing.generate()
        wrapped = child_key(ring).wrap(ring)

        with pytest.raises(Tampered, match="does not open"):
            ChildKey.unwrap(ring, "qinghe", "s-18", 1, wrapped)
        with pytest.raises(Tampered, match="does not open"):
            ChildKey.unwrap(KeyRing.generate(), "qinghe", "s-17", 1, wrapped)
        with pytest.raises(Tampered, match="does not open"):
            ChildKey.unwrap(ring, "qinghe", "s-17", 1, b"")

    def test_without_secrecy_text_is_readable(self):
        """It is asked for by name, and what it writes still has to fit its reference."""
        key = child_key(KeyRing.without_secrecy())
        ref = key.commit("note", "afraid")

        assert (b"", b"afraid") == key.seal("note", ref, "afraid")
        assert "afraid" == key.open("note", ref, b"", b"afraid")
        with pytest.raises(Tampered):
            key.open("note", ref, b"", b"afraid!")


class TestCanary:
    def test_no_byte_of_a_text_reaches_the_database(self, sqlite, ring):
        """Names, phones and notes are nowhere in the file, and neither are keys."""
        from tests.store.story import tell_all  # noqa: PLC0415

        tell_all(SqlStore(sqlite, ring))
        sqlite.dispose()
        found = Path(sqlite.url.database).read_bytes()

        assert [] == [said for said in (b"afraid", b"Liu", ring.keys[1]) if said in found]
        assert b"grandmother" in found
