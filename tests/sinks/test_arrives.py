"""Mail servers and receivers fail, hang and restart, deliverers die: every notice arrives, under one id, in order."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from casework import Pace, Retries, sweep
from casework.sinks import Mail, Webhook
from casework.store import KeyRing, SqlStore
from tests.sinks.test_sinks import SECRET
from tests.store.conftest import empty_database
from tests.store.post import Post
from tests.system.world import LEAD, SAFEGUARDING, STAFF

ROOT = Path(__file__).parents[2]
MINUTE = timedelta(minutes=1)
PATIENT = Pace(Retries(MINUTE, 2 * MINUTE, 40), Retries(MINUTE, 2 * MINUTE, 40))
ADDRESSES = {person: f"{person}@school.example" for person in (*STAFF, "outside")}
TROUBLE = {
    "mail": ["451 later", "hang", "cut", "take", "cut after", "450 busy", "take", "cut after"],
    "hook": ["503", "take", "hang", "cut after", "302", "take", "cut", "429"],
}


@pytest.fixture(params=["sqlite", "postgres"])
def post(request, tmp_path):
    """A school on a database that several can open."""
    if request.param == "postgres":
        engine = request.getfixturevalue("postgres")
    else:
        path = tmp_path / "casework.db"
        path.write_bytes(empty_database())
        engine = create_engine(f"sqlite:///{path}")
    yield Post(SqlStore(engine, KeyRing.without_secrecy()))
    if request.param == "sqlite":
        engine.dispose()


@pytest.fixture
def sinks(mail_server, receiver):
    """By mail and by webhook."""
    return {
        "mail": Mail("127.0.0.1", "a@school.example", ADDRESSES, mail_server.port, "none", timeout=0.1),
        "hook": Webhook(f"http://127.0.0.1:{receiver.port}/", SECRET, plain_http=True, timeout=0.1),
    }


def mailed(server):
    """Address and Message-ID of each mail, in order."""
    found = [(address, message_from_bytes(data)["Message-ID"]) for address, data in server.got]
    return [(address.partition("@")[0], id_.strip("<>").partition("@")[0]) for address, id_ in found]


def posted(receiver):
    """Each id that was posted, in order."""
    return [headers["webhook-id"] for _, headers, _ in receiver.got]


def once(items):
    """The items in the order of their first coming."""
    return list(dict.fromkeys(items))


def told(post, *children):
    """Key, person and child of every notice in the outbox, by nominal time."""
    with post.store.read():
        return [(row.key, row.person, row.child) for row in post.store.outgoing("qinghe") if row.child in children]


class TestTrouble:
    def test_every_notice_arrives_at_both(self, post, sinks, mail_server, receiver):
        """Errors, time-outs, broken connections, a restart: all that was written arrives, in order, under one id."""
        for child in ("s-1", "s-2"):
            post.child(child)
            post.emergency(child)
        mail_server.script, receiver.script = list(TROUBLE["mail"]), list(TROUBLE["hook"])
        for look in range(14):
            if look == 3:
                mail_server.stop()
                receiver.stop()
            if look == 5:
                mail_server.start()
                receiver.start()
            post.clock.advance(minutes=7)
            sweep(post.casework, post.store)
            post.deliver(sinks, pace=PATIENT)
        for _ in range(4):
            post.clock.advance(minutes=3)
            post.deliver(sinks, pace=PATIENT)

        rows = told(post, "s-1", "s-2")
        assert {"delivered"} == {status for _, status in post.statuses()}
        assert len(rows) == len(set(posted(receiver))) == len({id_ for _, id_ in mailed(mail_server)})
        assert set(posted(receiver)) == {id_ for _, id_ in mailed(mail_server)}
        assert len(posted(receiver)) > len(set(posted(receiver)))
        for person in {person for _, person, _ in rows}:
            mine = [id_ for whom, id_ in mailed(mail_server) if whom == person]
            for child in ("s-1", "s-2"):
                wanted = [self.id_of(key) for key, whom, about in rows if (whom, about) == (person, child)]
                assert wanted == [id_ for id_ in once(mine) if id_ in wanted]
        assert () == post.findings()

    @staticmethod
    def id_of(key):
        """The id that follows from a notice's key."""
        from casework.engine.post import letter_id  # noqa: PLC0415

        return letter_id("qinghe", key)


class TestSeveral:
    def test_two_at_once(self, post, mail_server):
        """Side by side they send each letter once."""
        children = [f"c-{n}" for n in range(8)]
        for child in children:
            post.child(child)
            post.emergency(child)

        def one(_):
            mine = Post(SqlStore(post.store._bind, KeyRing.without_secrecy()))
            mail = Mail("127.0.0.1", "a@school.example", ADDRESSES, mail_server.port, "none", timeout=2)
            return mine.deliver({"mail": mail}, pace=Pace(chunk=2)).delivered

        with ThreadPoolExecutor(2) as pool:
            sent = list(pool.map(one, range(2)))

        assert 8 == sum(sent) == len(mailed(mail_server)) == len(set(mailed(mail_server)))

    @pytest.mark.unmeasured
    def test_one_that_is_killed_between_sending_and_marking(self, post, mail_server):
        """Its letter goes again after the lease, under the same id; nothing else is lost."""
        post.child()
        post.emergency()
        url = post.store._bind.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.sinks.doomed", url, str(mail_server.port)]
        assert 7 == subprocess.run(command, cwd=ROOT, check=False).returncode
        mail = Mail("127.0.0.1", "a@school.example", ADDRESSES, mail_server.port, "none", timeout=2)
        assert 0 == post.deliver({"mail": mail}).tried
        post.clock.advance(minutes=5)
        assert 1 == post.deliver({"mail": mail}).delivered

        first, again = [id_ for _, id_ in mailed(mail_server)]
        assert first == again


class TestRefusedForGood:
    def test_the_ladder_climbs_and_a_person_sees(self, post, mail_server):
        """The server knows no such user: the next rung is written to at once."""
        post.child()
        mail_server.script = ["550 unknown"]
        post.emergency()
        mail = Mail("127.0.0.1", "a@school.example", ADDRESSES, mail_server.port, "none", timeout=2)
        post.deliver({"mail": mail})

        assert [SAFEGUARDING] == [whom for whom, _ in mailed(mail_server)]
        assert [("550", LEAD)] == [(dead.why, dead.person) for dead in post.desk().dead_letters()]
        assert [(LEAD, True), (SAFEGUARDING, False)] == post.told()


class TestCanaries:
    def test_nothing_that_was_entered_is_sent(self, post, sinks, mail_server, receiver):
        """Names, phones, notes and reasons of a child stand in no mail and no payload."""
        post.child()
        canary = "canary 13800000000 Liu Wei"
        post.desk().raise_emergency("s-1", "missing", note=canary)
        post.desk().refer("s-1", "psychology", "grief", urgent=True, note=canary)
        post.deliver(sinks)
        post.clock.advance(days=1)
        post.deliver(sinks)
        sent = [data for _, data in mail_server.got] + [body for _, _, body in receiver.got]

        assert len(sent) >= 4
        said = " ".join(map(str, sent))
        assert not [word for word in ("canary", "Liu", "138", "139", "grandmother") if word in said]
