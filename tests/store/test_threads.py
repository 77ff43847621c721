"""One store, several threads: none of them joins what another has open."""

from threading import Event, Thread

import pytest

from casework.errors import HostTransactionError
from casework.store import SqlStore
from casework.testing import MemoryStore
from casework.testing.contract_base import SCHOOL, change, put, record

SOON = 0.3
"""Seconds in which a thread that does not wait for the other would be done."""


class TestEngineDoor:
    def test_what_another_thread_rolls_back_is_its_own(self, engine, ring):
        """A report written while another thread's transaction fails is committed, and nothing of the other's is."""
        store = SqlStore(engine, ring)
        begun, done = Event(), Event()

        def report():
            begun.wait()
            put(store, record("report"))
            done.set()

        def fail():
            store.save(SCHOOL, [change(record("fails"))])
            begun.set()
            done.wait(SOON)
            raise LookupError

        other = Thread(target=report)
        other.start()
        with pytest.raises(LookupError), store.write():
            fail()
        other.join()

        with store.read():
            assert ["report"] == store.children(SCHOOL, after="", limit=9, open_only=False)

    def test_nothing_is_open_for_another_thread(self, engine, ring):
        """Asking outside of read() and write() is refused, also while another thread is within."""
        store = SqlStore(engine, ring)
        with store.write():
            assert "nothing is open" in elsewhere(lambda: store.load(SCHOOL, ["s-17"]))


class TestMemory:
    @pytest.mark.parametrize("door", ["read", "write"])
    def test_another_thread_is_refused(self, door):
        """The store in memory has one transaction, and says so instead of mixing two."""
        store = MemoryStore()
        with store.write():
            assert "another thread" in elsewhere(lambda: getattr(store, door)().__enter__())
            assert "another thread" in elsewhere(lambda: store.load(SCHOOL, ["s-17"]))
            assert "another thread" in elsewhere(lambda: store.seal(SCHOOL, "s-17", "note", "x"))
            put(store, record())
        put(store, record("later"))

        with store.read():
            assert ["later", "s-17"] == store.children(SCHOOL, after="", limit=9, open_only=False)


def elsewhere(call):
    """What a call says when it is refused in another thread."""
    said = []

    def run():
        try:
            call()
        except HostTransactionError as error:
            said.append(str(error))

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return "".join(said)
