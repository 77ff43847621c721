"""Messages between schools under key rings of their own."""

import pytest
from attrs import evolve

from casework.errors import CommandRefused
from casework.model.move import Message, Peer
from casework.store import KeyRing
from casework.store.messages import MARK, address, digest, disclose, enclose, public

HERE, THERE = KeyRing.generate(), KeyRing.generate()
LETTER = Message(
    "package", "t1", Peer("qinghe", address(HERE, "qinghe")), Peer("beihe", address(THERE, "beihe")), "words"
)


class TestKeys:
    def test_each_school_and_ring_has_its_own(self):
        """Two schools of one ring, and one school under two rings, have different keys; each has always the same."""
        found = {address(ring, school) for ring in (HERE, THERE) for school in ("qinghe", "beihe") for _ in range(2)}

        assert 4 == len(found)
        assert {90} == {len(key) for key in found}

    @pytest.mark.parametrize("key", ["", "cw1-", "cw2-" + "A" * 86, "cw1-" + "A" * 85, "cw1-" + "=" * 86, "cw1-é"])
    def test_what_is_no_key_is_refused(self, key):
        """A key that was copied in part, or is something else, is refused."""
        with pytest.raises(CommandRefused, match="a transfer key begins with cw1-"):
            public(key)

    def test_a_point_that_nobody_may_use(self):
        """A key made to give away the secret is refused."""
        bad = evolve(LETTER, receiver=Peer("beihe", MARK + "A" * 86))
        with pytest.raises(CommandRefused, match="transfer key is a point"):
            enclose(HERE, bad)

    def test_a_school_signs_with_its_own_key_alone(self):
        """A ring that does not hold the sender's key cannot write in its name, nor read what is for another ring."""
        with pytest.raises(CommandRefused, match="does not hold"):
            enclose(THERE, LETTER)
        with pytest.raises(CommandRefused, match="this ring does not hold"):
            disclose(HERE, "beihe", enclose(HERE, LETTER))

    def test_an_older_key_of_the_ring_still_reads(self):
        """After the ring got a new key, messages for the address that was handed out before are read and answered."""
        older = next(iter(THERE.keys.values()))
        rotated = KeyRing(2, {1: older, 2: next(iter(KeyRing.generate().keys.values()))})
        found = disclose(rotated, "beihe", enclose(HERE, LETTER))
        answer = enclose(rotated, Message("receipt", "t1", found.receiver, found.sender, "[]"))

        assert "words" == found.text
        assert LETTER.receiver == disclose(HERE, "qinghe", answer).sender
        assert address(rotated, "beihe") != LETTER.receiver.key


class TestMessages:
    def test_no_word_is_readable(self):
        """The message shows who sends it to whom and of which transfer, and nothing of what it says."""
        message = enclose(HERE, LETTER)

        assert "words" not in message
        assert message != enclose(HERE, LETTER)
        assert 64 == len(digest(message))

    @pytest.mark.parametrize(
        ("old", "new"),
        [('"t1"', '""'), ('"t1"', f'"{"t" * 65}"'), ('"package"', '"parcel"'), ('"qinghe"', "7"), ("{", '{"x": 1,')],
    )
    def test_heads_that_cannot_be(self, old, new):
        """An id that is empty or too long, an unknown kind, another type, one name too many are refused."""
        with pytest.raises(CommandRefused, match="no message of casework's"):
            disclose(THERE, "beihe", enclose(HERE, LETTER).replace(old, new, 1))

    def test_what_is_too_large_is_not_read(self, monkeypatch):
        """A file that is larger than any message is refused unread."""
        monkeypatch.setattr("casework.store.messages.LONGEST", 10)
        with pytest.raises(CommandRefused, match="refused unread"):
            disclose(THERE, "beihe", enclose(HERE, LETTER))
