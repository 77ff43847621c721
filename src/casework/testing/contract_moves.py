"""The store's contract about children who move: who has moved, and messages between schools."""

import json

import pytest
from attrs import evolve

from casework.engine.port import Store
from casework.errors import CommandRefused, Tampered
from casework.model.move import Message, Move, Package, Peer
from casework.testing.contract_base import AT, DAY, SCHOOL, change, loaded, put, record, same


def letter(store: Store, sender: str = SCHOOL, id_: str = "t1") -> Message:
    """A letter of a school to another one whose keys are the same store's."""
    return Message("package", id_, Peer(sender, store.address(sender)), Peer("beihe", store.address("beihe")), "all")


class MovesContract:
    """Who has moved; what is packed is unpacked by its receiver alone, and only as it was."""

    def test_who_has_moved(self, store: Store) -> None:
        """Records with a transfer or a merge are found, as they were saved."""
        move = Move("t1", "out", "offered", DAY, "t.li", "moved_away", "beihe", "cw1-x", packages=(Package("ab", AT),))
        put(store, record("s-17", moves={"t1": move}), record("s-18"))
        with store.read():
            same(store.moved(SCHOOL), ["s-17"])
            same(store.moved("beihe"), [])
        same(loaded(store).moves, {"t1": move})

    def test_a_move_that_changed(self, store: Store) -> None:
        """What becomes of a transfer is kept."""
        move = Move("t1", "out", "offered", DAY, "t.li")
        put(store, record(moves={"t1": move}))
        ended = evolve(move, state="confirmed", ended_on=DAY, chased=DAY)
        before = loaded(store)
        with store.write():
            store.save(SCHOOL, [change(evolve(before, moves={"t1": ended}), before=before)])

        same(loaded(store).moves, {"t1": ended})

    def test_what_is_packed_is_unpacked(self, store: Store) -> None:
        """The receiver reads what the sender wrote, and both know the message by the same digest."""
        sent = letter(store)
        message = store.enclose(SCHOOL, sent)
        found = store.disclose("beihe", message)

        same(found, evolve(sent, digest=store.digest(message)))
        same(store.disclose("beihe", json.dumps(json.loads(message)).encode()), found)

    @pytest.mark.parametrize("school", [SCHOOL, "nanhe"])
    def test_nobody_else_reads_it(self, store: Store, school: str) -> None:
        """A message for one school is refused at another, its sender included."""
        with pytest.raises(CommandRefused):
            store.disclose(school, store.enclose(SCHOOL, letter(store)))

    @pytest.mark.parametrize(
        "name", ["kind", "id", "sender", "sender_key", "ephemeral", "nonce", "sealed", "signature"]
    )
    def test_what_was_changed_is_refused(self, store: Store, name: str) -> None:
        """No part of a message can be changed on its way."""
        message = json.loads(store.enclose(SCHOOL, letter(store)))
        other = json.loads(store.enclose("nanhe", letter(store, "nanhe", "t2")))
        message[name] = "receipt" if name == "kind" else other[name]
        with pytest.raises((Tampered, CommandRefused)):
            store.disclose("beihe", json.dumps(message))

    @pytest.mark.parametrize("message", ["", "x", "[]", "{}", '{"casework_transfer": 2}', "[" * 90_000, b"\xff"])
    def test_what_is_no_message_is_refused(self, store: Store, message: str | bytes) -> None:
        """Whatever else a file holds, it is refused in words."""
        with pytest.raises(CommandRefused):
            store.disclose(SCHOOL, message)
