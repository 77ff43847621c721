"""The same school on two stores at once: whatever is done is done on both, and must come out the same."""

import re
import sqlite3

from sqlalchemy import event

from casework import Desk, sweep
from casework.engine.evolve import fold
from casework.errors import CaseworkError
from casework.model import events as ev
from casework.model.case import Case
from casework.testing import MemoryStore
from tests.system.world import SCHOOL, make_casework, principal, sql_store

_REF = re.compile(r"(?<=Sealed\()ref='[0-9a-f]{32}'|(?<=receipt=)'[0-9a-f.]*'")


def plain(value):
    """What something says, without references to sealed text and receipts of keys, on which no two stores agree."""
    return _REF.sub("", repr(value))


def hasty(engine):
    """Let SQLite not wait for the disk: what is tested here is no power cut."""

    @event.listens_for(engine, "connect")
    def off(connection, _):
        connection.execute("PRAGMA synchronous = OFF")


def attempt(call):
    """What a call returns, or what it refuses."""
    try:
        return call()
    except CaseworkError as error:
        return type(error).__name__, str(error)


class Twins:
    """One school in memory and on SQLite, under one clock."""

    def __init__(self, path, rules=(), **settings):
        self.casework = make_casework(rules, **settings)
        self.clock = self.casework.clock
        self.sql, self.engine = sql_store(path)
        self.engine.dispose()
        hasty(self.engine)
        self.memory = MemoryStore()
        self.stores = (self.memory, self.sql)

    def desk(self, store, person):
        """A desk in somebody's name."""
        return Desk(self.casework, store, school=SCHOOL, principal=principal(person))

    def both(self, person, call):
        """Do something at a desk of each store; returns what came of it in memory, having seen that both agree."""
        found = [attempt(lambda store=store: call(self.desk(store, person))) for store in self.stores]
        assert plain(found[0]) == plain(found[1])
        return found[0]

    def sweep(self, **how):
        """Sweep both."""
        found = [attempt(lambda store=store: sweep(self.casework, store, **how)) for store in self.stores]
        assert plain(found[0]) == plain(found[1])
        return found[0]

    def read(self, store, children):
        """By child, the stored record, its history and its next looks."""
        with store.read():
            cases = store.load(SCHOOL, children)
            return {
                child: (cases[child], store.entries(SCHOOL, child), store.wake_of(SCHOOL, child))
                for child in children
                if child in cases
            }

    def agree(self, children):
        """Both stores hold the same, and folding the history gives the state; returns the records in memory."""
        mine, other = (self.read(store, children) for store in self.stores)
        assert plain(mine) == plain(other)
        for found in (mine, other):
            for child, (case, entries, _) in found.items():
                assert case == fold(Case(SCHOOL, child), entries)
        return mine

    def outbox(self):
        """What is to be told, the same in both."""
        found = []
        for store in self.stores:
            with store.read():
                found.append(store.outgoing(SCHOOL))
        assert found[0] == found[1]
        return found[0]

    def close(self):
        """Let go of the file."""
        self.engine.dispose()


def check_record(case, entries):
    """What holds of every record at any time."""
    happened = [(cause, event) for entry in entries for cause, event in entry.events]
    opened = [f"{e.duty}/{e.window}" for _, e in happened if isinstance(e, ev.ObligationOpened)]
    moved = [(cause, e) for cause, e in happened if isinstance(e, ev.StageChanged | ev.KeyEnded | ev.StoodDown)]

    assert sorted(set(opened)) == sorted(opened) == sorted(case.obligations)
    assert list(range(1, len(entries) + 1)) == [entry.seq for entry in entries]
    for cause, e in moved:
        by_a_person = cause.startswith("command:")
        assert by_a_person or (isinstance(e, ev.StageChanged) and e.to == "monitored")
    for emergency in case.emergencies.values():
        rungs = [notice.rung for notice in emergency.notices if notice.state == "raised"]
        told = [notice.person for notice in emergency.notices if notice.person]
        assert rungs
        assert sorted(set(rungs)) == list(range(max(rungs) + 1))
        assert not set(told) & set(emergency.implicated)
    for referral in case.referrals.values():
        said = [notice for notice in referral.notices if notice.about != "urgent"]
        assert referral.open == (referral.ended_on is None)
        assert referral.urgent or not any(session.unconsented for session in referral.sessions)
        assert referral.state not in {"accepted", "in_progress", "completed"} or referral.answered_by
        assert len(said) == len({(notice.about, notice.person) for notice in said})
        assert not {notice.person for notice in referral.notices} & set(referral.implicated)


def count_rows(path, sql):
    """A number from the file, asked without casework."""
    with sqlite3.connect(path) as connection:
        return connection.execute(sql).fetchone()[0]
