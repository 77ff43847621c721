"""Notices reach their people: at least once, under one id, in order; what does not arrive is seen, and climbs."""

from datetime import timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from sqlalchemy import event
from sqlalchemy.orm import Session

from casework import (
    Casework,
    ConcernDraft,
    Contact,
    ContactCard,
    Hours,
    Pace,
    Retries,
    School,
    StaticDirectory,
    deliver,
    rule,
    sweep,
)
from casework.engine.run import answer
from casework.errors import HostTransactionError, NotFound, WrongType, WrongValue
from casework.store import KeyRing, SqlStore
from casework.store.post import _claimable, _due
from casework.store.types import to_instant
from casework.testing import MemoryStore
from tests.store.post import BUSY, GONE, Box, Post
from tests.system.world import (
    CALENDAR,
    DIRECTORY,
    HEAD,
    HOUR,
    LEAD,
    MORNING,
    OFFICE,
    POLICY,
    SAFEGUARDING,
    SCHOOL,
    TEACHER,
    VICE,
)
from tests.system.world import PSYCHOLOGIST as QIN

MINUTE = timedelta(minutes=1)
QUICK = Pace(Retries(MINUTE, 4 * MINUTE, 3), Retries(MINUTE, 4 * MINUTE, 3))
TWO = StaticDirectory(
    seats=dict(DIRECTORY.seats) | {"safeguarding_lead": [SAFEGUARDING, "t.mei"]}, teachers={"3-1": TEACHER}
)


def refer(post, child="s-1"):
    """A referral of the child, of which the psychologist is told; nothing urgent."""
    return post.desk().refer(child, "psychology", "grief", urgent=True).referral


def danger(post, child="s-1", implicated=()):
    """Danger that was seen: an emergency, or more of one."""
    return post.desk().note_concern(child, ConcernDraft("missing", "danger", implicated=implicated))


def opened(request):
    """A store that casework opens and commits."""
    if request.param == "memory":
        return MemoryStore()
    engine = request.getfixturevalue("memory_engine" if request.param == "sqlite" else request.param)
    return SqlStore(engine, KeyRing.generate())


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request):
    """Opened and committed by casework."""
    return opened(request)


class Light:
    """Tests of what does not depend on the database: no server for them."""

    @pytest.fixture(params=["memory", "sqlite"])
    def store(self, request):
        """Opened and committed by casework."""
        return opened(request)


@pytest.fixture
def post(store):
    """A school with a child."""
    found = Post(store)
    found.child()
    return found


class TestOnce:
    def test_a_notice_arrives_once(self, post):
        """Delivering again finds nothing, and the notice is marked."""
        post.emergency()
        first, again = post.deliver(), post.deliver()

        assert (1, 1, 0) == (first.packed, first.delivered, again.tried)
        assert [[("emergency", "raised")]] == post.box.got(LEAD)
        assert [(LEAD, "delivered")] == post.statuses()
        assert () == post.findings()

    def test_one_id_at_every_attempt_and_sink(self, post):
        """A letter that is tried again, and at two sinks, is known by one id."""
        ids = []
        post.box.failing[LEAD] = lambda letter: ids.append(letter.id) or (BUSY if len(ids) < 3 else None)
        other = Box()
        post.emergency()
        for _ in range(4):
            post.deliver({"box": post.box, "other": other}, pace=QUICK)
            post.clock.advance(minutes=5)

        assert [ids[0]] * 3 == ids
        assert [ids[0]] == [letter.id for letter in other.letters] == [letter.id for letter in post.box.letters]

    def test_a_letter_knows_codes_and_ids_alone(self, post):
        """Neither a name nor a phone nor a note is in it."""
        post.emergency(note="canary-note")
        post.deliver()
        (letter,) = post.box.letters

        assert ("emergency", SCHOOL, LEAD, "s-1") == (
            letter.topic,
            letter.school,
            letter.person,
            letter.notices[0].child,
        )
        assert not [word for word in ("canary", "Liu", "139", "138") if word in repr(letter)]

    def test_any_error_of_a_sink_is_tried_again(self, post):
        """A sink that raises something of its own stops nobody; the error's kind is kept."""
        post.box.failing[LEAD] = lambda _: ZeroDivisionError("13800000000")
        post.emergency()
        done = [post.deliver(pace=QUICK) for _ in range(3) if post.clock.advance(minutes=5)]
        (dead,) = post.desk(OFFICE).dead_letters()

        assert [1, 1, 0] == [report.failed for report in done]
        assert ("ZeroDivisionError", 3, LEAD) == (dead.why, dead.tries, dead.person)


class TestBackOff(Light):
    def test_it_waits_longer_each_time_and_gives_up(self, post):
        """Between half the pause and all of it, doubled each time, up to the cap; then it is dead."""
        tried = []
        post.box.failing[LEAD] = lambda _: tried.append(post.clock()) or BUSY
        post.emergency()
        for _ in range(80):
            post.deliver(pace=Pace(Retries(2 * MINUTE, 5 * MINUTE, 5)))
            post.clock.advance(minutes=0.25)
        pauses = [(later - before) / MINUTE for before, later in pairwise(tried)]

        assert 5 == len(tried)
        assert all(most / 2 <= pause <= most + 0.25 for pause, most in zip(pauses, [2, 4, 5, 5], strict=True))

    def test_pauses_follow_from_the_letter(self):
        """The same at every run, others for other letters; never above the cap."""
        retries = Retries(MINUTE, 5 * MINUTE, 9)
        pauses = {retries.pause(letter, 9) for letter in "abcdefgh"}

        assert 8 == len(pauses)
        assert all(2.5 * MINUTE <= pause <= 5 * MINUTE for pause in pauses)
        assert retries.pause("a", 3) == retries.pause("a", 3)

    @pytest.mark.parametrize("given", [(0, 1, 1), (2, 1, 1), (1, 2, 0), (1, 60 * 24 * 8, 1)])
    def test_retries_that_cannot_be(self, given):
        """No pause, a cap below it, no attempt."""
        with pytest.raises(WrongValue):
            Retries(given[0] * MINUTE, given[1] * MINUTE, given[2])

    @pytest.mark.parametrize("given", [{"lease": 0 * MINUTE}, {"lease": 8 * 24 * HOUR}, {"chunk": 0}])
    def test_a_pace_that_cannot_be(self, given):
        """No lease, one of a week, no letter at once."""
        with pytest.raises(WrongValue):
            Pace(**given)

    def test_a_clock_that_was_wrong_loses_nothing(self, post):
        """What failed while the clock stood years ahead is tried again when it is right."""
        post.box.failing[LEAD] = BUSY
        post.emergency()
        right = post.clock()
        post.clock.advance(days=4000)
        assert 1 == post.deliver(pace=QUICK).failed
        post.clock.set(right)
        post.box.failing.clear()

        assert 1 == post.deliver(pace=QUICK).delivered


class TestOrder:
    def test_a_later_notice_waits_for_the_earlier(self, post):
        """What is told of a child comes in order; another child's comes meanwhile."""
        post.child("s-2")
        first = post.emergency()
        post.box.failing[LEAD] = lambda letter: BUSY if letter.notices[0].child == "s-1" else None
        post.deliver(pace=QUICK)
        post.desk().raise_emergency("s-1", "violence")
        post.emergency("s-2")
        post.deliver(pace=QUICK)
        assert ["s-2"] == [letter.notices[0].child for letter in post.box.letters]

        post.box.failing.clear()
        post.clock.advance(minutes=5)
        post.deliver(pace=QUICK)

        told = [letter.notices[0].facts["emergency"] for letter in post.box.letters if letter.person == LEAD]
        assert first == told[1]
        assert 3 == len(told)

    def test_a_dead_one_keeps_nobody_waiting(self, post):
        """After it was given up the next one goes."""
        post.emergency()
        post.box.failing[LEAD] = GONE
        post.deliver()
        post.box.failing.clear()
        post.emergency(kind="violence")
        post.deliver()

        assert 1 == len(post.box.got(LEAD))

    def test_an_emergency_never_waits_for_a_digest(self, post):
        """A digest that cannot be delivered holds back no emergency, about the same child to the same person."""
        refer(post)
        post.clock.advance(days=1)
        sink = Box(failing={QIN: lambda letter: None if letter.urgent else BUSY})
        assert 1 == post.deliver({"box": sink}, pace=QUICK).failed
        directory = evolve(DIRECTORY, seats=dict(DIRECTORY.seats) | {"safeguarding_lead": [QIN]})
        other = Post(post.store, directory)
        other.clock.set(post.clock())
        other.emergency()
        other.clock.advance(minutes=31)
        sweep(other.casework, other.store)
        other.deliver({"box": sink}, pace=QUICK)

        assert [[("emergency", "raised")]] == sink.got(QIN)


class TestSeveralDeliverers:
    def test_one_that_was_held_up_can_mark_nothing(self, post):
        """While it sends no transaction is open; another takes over after the lease, and its word counts."""
        second = Box()

        def slow(letter):
            post.clock.advance(minutes=6)
            assert 1 == post.deliver({"box": second}).delivered
            return GONE

        post.box.failing[LEAD] = slow
        post.emergency()
        report = post.deliver()

        assert (1, 0) == (report.stale, report.dead)
        assert [letter.id for letter in second.letters] == [second.letters[0].id]
        assert [(LEAD, "delivered")] == post.statuses()
        assert [(LEAD, False)] == post.told()

    def test_what_is_held_is_nobody_elses(self, post):
        """A second deliverer finds nothing to do while the first one sends."""
        found = []
        post.box.failing[LEAD] = lambda _: found.append(post.deliver({"box": Box()}).tried)
        post.emergency()
        post.deliver()

        assert [0] == found

    def test_nothing_is_sent_after_the_lease(self, post):
        """Whoever finds that its time is over leaves the rest to others."""
        post.child("s-2")
        post.emergency()
        post.emergency("s-2")
        post.box.failing[LEAD] = lambda _: post.clock.advance(minutes=6) and None
        report = post.deliver()

        assert (2, 1) == (len(post.box.letters), report.stale)

    def test_one_that_stops_between_sending_and_marking(self, post):
        """It is sent again under the same id after the lease: at least once."""

        class Killed(BaseException):
            pass

        def killed(letter):
            post.box.letters.append(letter)
            return Killed()

        post.box.failing[LEAD] = killed
        post.emergency()
        with pytest.raises(Killed):
            post.deliver()
        post.box.failing.clear()
        assert 0 == post.deliver().tried
        post.clock.advance(minutes=5)

        assert 1 == post.deliver().delivered
        assert 1 == len({letter.id for letter in post.box.letters})
        assert 2 == len(post.box.letters)


class TestLadder:
    def test_one_who_cannot_be_reached_is_passed_at_once(self, post):
        """The next rung is told in the same run; it stands in the history; nobody has acknowledged anything."""
        post.box.failing[LEAD] = GONE
        id_ = post.emergency()
        report = post.deliver()
        emergency = post.desk().case("s-1").emergencies[id_]

        assert (1, 1) == (report.dead, report.climbed)
        assert [[("emergency", "raised")]] == post.box.got(SAFEGUARDING)
        assert [(LEAD, True), (SAFEGUARDING, False)] == post.told()
        assert ("raised", "") == (emergency.state, emergency.acknowledged_by)
        assert ["NoticeFailed", "Notified"] == [type(e).__name__ for _, e in post.desk().history("s-1")[-1].events]
        assert "system" == post.desk().history("s-1")[-1].actor
        assert [(SAFEGUARDING, "delivered"), (LEAD, "dead")] == post.statuses()
        assert () == post.findings()

    def test_the_rung_after_counts_from_then(self, post):
        """The one who was told instead has the time of a rung."""
        post.box.failing[LEAD] = BUSY
        post.emergency()
        for _ in range(3):
            post.deliver(pace=QUICK)
            post.clock.advance(minutes=4)
        assert [(LEAD, True), (SAFEGUARDING, False)] == post.told()

        post.clock.advance(minutes=25)
        sweep(post.casework, post.store)
        assert 2 == len(post.told())
        post.clock.advance(minutes=2)
        sweep(post.casework, post.store)

        assert [(LEAD, True), (SAFEGUARDING, False), (VICE, False)] == post.told()

    def test_nobody_can_be_reached(self, post):
        """The climb goes to the top at once, and there repeats in its own time."""
        post.box.failing |= dict.fromkeys((LEAD, SAFEGUARDING, VICE, HEAD, "outside"), GONE)
        post.emergency()
        report = post.deliver()

        assert [LEAD, SAFEGUARDING, VICE, HEAD, "outside"] == [person for person, failed in post.told() if failed]
        assert (5, 4) == (report.dead, report.climbed)
        assert 5 == len(post.desk().dead_letters())
        post.clock.advance(minutes=31)
        sweep(post.casework, post.store)
        assert 6 == len(post.told())

    def test_of_several_on_a_rung_one_is_enough(self, store):
        """A rung climbs only when nobody of it can be reached."""
        post = Post(store, TWO)
        post.child()
        post.box.failing |= dict.fromkeys((LEAD, SAFEGUARDING), GONE)
        post.emergency()
        post.deliver()
        assert [(LEAD, True), (SAFEGUARDING, True), ("t.mei", False)] == post.told()

        again = Post(store, TWO)
        again.child("s-2")
        again.box.failing |= dict.fromkeys((LEAD, SAFEGUARDING, "t.mei"), GONE)
        again.emergency("s-2")
        again.deliver()
        assert [(LEAD, True), (SAFEGUARDING, True), ("t.mei", True), (VICE, False)] == again.told("s-2")

    def test_one_sink_of_two_is_enough(self, post):
        """Whom one sink reached was reached, and a log reaches nobody."""
        post.emergency()
        post.box.failing[LEAD] = GONE
        post.deliver({"box": post.box, "other": Box()})
        assert [(LEAD, False)] == post.told()
        assert 1 == len(post.desk().dead_letters())

        post.child("s-2")
        post.emergency("s-2")
        post.deliver({"box": post.box, "log": Box(reaches=False)})
        assert [(LEAD, True), (SAFEGUARDING, False)] == post.told("s-2")

    def test_more_evidence_that_does_not_arrive_climbs_nothing(self, post):
        """Only the notice of a rung counts as reaching it."""
        danger(post)
        post.deliver()
        post.box.failing[LEAD] = GONE
        danger(post)
        post.deliver()

        assert [(LEAD, False)] == post.told()
        assert ["joined"] == [n.facts["state"] for dead in post.desk().dead_letters() for n in dead.notices]

    def test_a_rule_with_a_bug_stops_no_climb(self, store):
        """The ladder climbs although a rule raises."""

        @rule(on="case", looks="daily")
        def broken(case, now):
            """Raises."""
            raise LookupError

        post = Post(store, rules=[broken])
        post.child()
        post.box.failing[LEAD] = GONE
        post.emergency()
        post.deliver()

        assert [(LEAD, True), (SAFEGUARDING, False)] == post.told()

    def test_what_breaks_the_look_at_a_record_stops_no_climb(self, post, monkeypatch):
        """The ladder climbs, with emergencies alone settled; where not even that goes, the record is named."""
        calls = []

        def breaks(*given):
            calls.append(given)
            if len(calls) == 1:
                raise LookupError
            return answer(*given)

        monkeypatch.setattr("casework.engine.unreached.answer", breaks)
        post.box.failing[LEAD] = GONE
        post.emergency()
        post.deliver()
        assert [(LEAD, True), (SAFEGUARDING, False)] == post.told()

        post.child("s-2")
        post.emergency("s-2")
        monkeypatch.setattr("casework.engine.unreached.answer", lambda *_: 1 / 0)
        report = post.deliver()
        assert [(SCHOOL, "s-2", "ZeroDivisionError")] == report.broken
        assert [(LEAD, False)] == post.told("s-2")
        assert (LEAD, "dead") in post.statuses()

    def test_a_notice_of_an_emergency_that_is_over_climbs_nothing(self, post):
        """Reviewed is the end."""
        post.box.failing[LEAD] = GONE
        id_ = post.emergency()
        desk = post.desk(SAFEGUARDING)
        for step in (desk.acknowledge, desk.respond):
            step("s-1", id_)
        desk.stand_down("s-1", id_, "found", safe_seen_by=TEACHER, safe_seen_at=post.clock())
        post.desk(VICE).review("s-1", id_)

        assert (1, 0) == ((done := post.deliver()).dead, done.climbed)
        assert [(LEAD, False)] == post.told()


class TestSuspects(Light):
    def test_a_letter_written_before_is_withheld_and_the_ladder_climbs(self, post):
        """Who is implicated after the notice was written gets nothing, and the next rung is told at once."""
        post.box.failing[LEAD] = BUSY
        post.emergency(implicated=["carer"])
        post.deliver(pace=QUICK)
        post.desk().record_card("s-1", ContactCard(Contact("Mei", "aunt", person=LEAD)))
        post.box.failing.clear()
        post.clock.advance(minutes=5)
        post.deliver(pace=QUICK)

        assert [] == post.box.got(LEAD)
        assert (LEAD, "withheld") in post.statuses()
        assert (SAFEGUARDING, False) in post.told()
        assert {} == post.desk(LEAD).case("s-1").emergencies
        assert [] == [letter for letter in post.desk(LEAD).dead_letters() if letter.notices]
        assert () == post.findings()

    def test_lines_of_a_digest_are_withheld(self, post):
        """A referral that implicates who is told of it is left out; of the other child it says what it would."""
        post.child("s-2")
        post.desk().refer("s-1", "psychology", "grief", urgent=True, implicated=["carer"])
        refer(post, "s-2")
        post.clock.advance(days=1)
        post.desk().record_card("s-1", ContactCard(Contact("Mei", "aunt", person=QIN)))
        post.deliver()

        assert [["s-2"]] == post.children(QIN)
        assert [(QIN, "delivered"), (QIN, "withheld")] == [one for one in post.statuses() if one[0] == QIN]

    def test_a_dead_letter_is_hidden_from_whom_it_is_about(self, post):
        """Whom an emergency implicates sees nothing of its letters; others do; asked for by id it is not there."""
        post.box.failing[LEAD] = GONE
        post.emergency(implicated=[SAFEGUARDING])
        post.deliver()
        (dead,) = post.desk(OFFICE).dead_letters()

        assert [] == post.desk(SAFEGUARDING).dead_letters()
        with pytest.raises(NotFound):
            post.desk(SAFEGUARDING).deliver_again(dead.id)

    @pytest.mark.parametrize("suspect", [LEAD, SAFEGUARDING, VICE, HEAD])
    def test_no_letter_for_any_rung_that_is_implicated(self, post, suspect):
        """Every rung in its turn, the principal included, while nobody answers for two days."""
        post.emergency(implicated=[suspect])
        for _ in range(5):
            post.clock.advance(hours=12)
            sweep(post.casework, post.store)
            post.deliver()

        assert [] == post.box.got(suspect)
        assert {LEAD, SAFEGUARDING, VICE, HEAD, "outside"} - {suspect} <= {x.person for x in post.box.letters}


class TestDeadLetters:
    def test_they_are_seen_and_tried_again(self, post):
        """A person sees why, lets it be tried again, and then it is gone from the list."""
        post.box.failing[LEAD] = GONE
        post.emergency()
        post.deliver()
        (dead,) = post.desk(OFFICE).dead_letters()
        assert ("550", "box", 1, ["s-1"]) == (dead.why, dead.sink, dead.tries, [n.child for n in dead.notices])

        post.box.failing.clear()
        assert 1 == post.desk(OFFICE).deliver_again(dead.id)
        post.deliver()

        assert 1 == len(post.box.got(LEAD))
        assert [] == post.desk(OFFICE).dead_letters()
        with pytest.raises(NotFound):
            post.desk(OFFICE).deliver_again(dead.id)

    def test_somebody_was_told_otherwise(self, post):
        """The letter is off the list; that it did not arrive stays so."""
        post.box.failing[LEAD] = GONE
        post.emergency()
        post.deliver()
        (dead,) = post.desk(OFFICE).dead_letters()

        assert 1 == post.desk(OFFICE).told_otherwise(dead.id)
        assert [] == post.desk(OFFICE).dead_letters()
        assert (LEAD, "dead") in post.statuses()
        with pytest.raises(NotFound):
            post.desk(OFFICE).told_otherwise(dead.id)

    def test_laid_aside_at_one_sink_while_a_log_waits(self, post):
        """What the log says of it later changes nothing."""
        post.box.failing[LEAD] = GONE
        log = Box(failing={LEAD: BUSY}, reaches=False)
        post.emergency()
        post.deliver({"box": post.box, "log": log}, pace=QUICK)
        (dead,) = post.desk(OFFICE).dead_letters()
        post.desk(OFFICE).told_otherwise(dead.id)
        log.failing.clear()
        post.clock.advance(minutes=2)
        post.deliver({"box": post.box, "log": log}, pace=QUICK)

        assert (LEAD, "dead") in post.statuses()

    def test_a_notice_without_anybody(self, post):
        """What was to go to a vacant seat is dead from the beginning, and seen."""
        with post.store.write():
            from casework.engine.outgoing import Outgoing  # noqa: PLC0415
            from casework.engine.port import Change  # noqa: PLC0415

            case = post.store.load(SCHOOL, ["s-1"])["s-1"]
            row = Outgoing("k", "rule_failed", "principal", "", "s-1", post.clock())
            post.store.save(SCHOOL, [Change(case, case, None, case.wake_at, case.alarm_at, (row,))])
        post.clock.advance(days=1)
        post.deliver()

        assert [("nobody", "")] == [(dead.why, dead.person) for dead in post.desk().dead_letters()]
        assert [] == post.box.letters


class TestDigests(Light):
    def test_one_letter_for_a_day(self, post):
        """What is not urgent comes together, at seven the next morning, once."""
        post.child("s-2")
        refer(post, "s-1")
        refer(post, "s-2")
        assert 0 == post.deliver().packed
        for _ in range(24 * 4):
            post.clock.advance(minutes=15)
            post.deliver()

        assert [{"s-1", "s-2"}] == [set(children) for children in post.children(QIN)]
        letter = post.box.letters[0]
        assert 7 == letter.at.astimezone(post.casework.school(SCHOOL).calendar.zone).hour
        assert "digest" == letter.topic

    def test_no_more_than_the_cap_in_a_week(self, post):
        """With one a week the second waits for the week after, and holds all that came since."""
        hours = Hours(per_week=1)
        for n in range(3):
            refer(post, post.child(f"c-{n}"))
            for _ in range(12):
                post.clock.advance(hours=2)
                post.deliver(hours=hours)
        assert [["c-0"]] == post.children(QIN)
        for _ in range(12 * 7):
            post.clock.advance(hours=2)
            post.deliver(hours=hours)

        assert [["c-0"], ["c-1", "c-2"]] == post.children(QIN)

    def test_a_digest_that_failed_goes_before_the_next(self, post):
        """In order, each under its own id."""
        refer(post)
        post.clock.advance(days=1)
        post.box.failing[QIN] = BUSY
        post.deliver(pace=Pace(calm=Retries(HOUR, 60 * HOUR, 9)))
        refer(post, post.child("s-2"))
        post.clock.advance(days=1)
        post.box.failing.clear()
        post.deliver(pace=QUICK)

        assert [["s-1"], ["s-2"]] == post.children(QIN)
        assert len(post.box.letters) == len({letter.id for letter in post.box.letters})


class TestRefused:
    @pytest.mark.parametrize(
        ("sinks", "error"),
        [({}, WrongValue), ({"": Box()}, WrongValue), ({"x" * 49: Box()}, WrongValue), ({"a": 1}, WrongType)],
    )
    def test_sinks_that_are_none(self, sinks, error):
        """No sink, one without a name, one that cannot be called."""
        post = Post(MemoryStore())
        with pytest.raises(error):
            deliver(post.casework, post.store, sinks)

    def test_a_store_of_the_hosts(self, memory_engine):
        """Delivery commits before it sends, so a host's transaction is refused."""
        post = Post(MemoryStore())
        with (
            Session(memory_engine) as session,
            pytest.raises(HostTransactionError, match=r"give SqlStore\(engine\)"),
        ):
            deliver(post.casework, SqlStore(session, KeyRing.generate()), {"box": post.box})

    def test_an_unknown_school(self):
        """It is not found."""
        post = Post(MemoryStore())
        with pytest.raises(NotFound):
            post.deliver(school="nowhere")


class TestCost:
    def test_a_chunk_asks_the_same_of_one_and_of_many(self, memory_engine):
        """The statements of a delivery do not grow with the letters of a chunk; an idle one asks four times."""

        def statements(children):
            with memory_engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM casework_waiting")
                connection.exec_driver_sql("DELETE FROM casework_deliveries")
            post = Post(SqlStore(memory_engine, KeyRing.without_secrecy()))
            for n in range(children):
                post.child(f"n-{children}-{n}")
                post.emergency(f"n-{children}-{n}")
            sent = []
            event.listen(memory_engine, "before_cursor_execute", lambda *a: sent.append(a[2]))
            post.deliver()
            busy = len(sent)
            sent.clear()
            post.deliver()
            return busy, len(sent)

        assert statements(2) == statements(20)
        assert statements(3)[1] <= 16

    @pytest.mark.parametrize("urgent", [True, False])
    def test_an_idle_delivery_reads_an_index(self, memory_engine, urgent):
        """What waits and what is due is found by an index over nothing else, also among many that were delivered."""
        store = SqlStore(memory_engine, KeyRing.without_secrecy())
        with store.write():
            wire, now = store.work.wire, to_instant(MORNING)
            wire.connection.exec_driver_sql("INSERT INTO casework_schools VALUES (1,'q',0,'','','',NULL,'',x'')")
            rows = [(1, f"L{n}", "box", f"p{n}", "c", n % 2, now, "", "delivered", None, 1, 1, "") for n in range(3000)]
            wire.many(wire.statements.insert(store.work.tables.deliveries), rows)
            wire.connection.exec_driver_sql("ANALYZE")
            plans = []
            for prepared, values in (
                (_due(wire.statements, one_school=False), (int(urgent), now, now, 20)),
                (_claimable(wire.statements, 1, one_school=False), (int(urgent), now, now, "box", 20)),
            ):
                explained = wire.connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {prepared.text}", prepared.bind(values)
                )
                plans.append(" ".join(row[3] for row in explained))

        assert "casework_waiting_due" in plans[0]
        assert "casework_deliveries_due" in plans[1]
        assert not [plan for plan in plans if "SCAN casework_deliveries" in plan and "INDEX" not in plan]


class TestSchools(Light):
    def test_a_school_that_the_application_does_not_know(self, post):
        """Its emergencies go, its digests wait until it is known; what cannot be written down is named."""
        post.emergency()
        refer(post)
        post.clock.advance(days=1)
        post.box.failing[LEAD] = GONE
        stranger = Casework(School("other", policy=POLICY, calendar=CALENDAR), clock=post.clock)
        report = deliver(stranger, post.store, {"box": post.box})

        assert {(SCHOOL, "", "NotFound"), (SCHOOL, "s-1", "NotFound")} == set(report.broken)
        assert [] == post.children(QIN)
        post.clock.advance(days=1)
        post.deliver()
        assert [["s-1"]] == post.children(QIN)

    def test_one_school_alone(self, post):
        """The other one's letters stay."""
        post.emergency()
        both = Casework(
            *post.casework.schools.values(), School("z", policy=POLICY, calendar=CALENDAR), clock=post.clock
        )

        assert 0 == deliver(both, post.store, {"box": post.box}, school="z").tried
        assert 1 == deliver(both, post.store, {"box": post.box}, school=SCHOOL).tried


class TestRulesThatFail(Light):
    def test_who_is_implicated_hears_what_is_so_in_their_world(self, store):
        """Of a rule that fails only since there is something hidden they hear nothing; of another they do."""

        @rule(on="case", looks="daily")
        def grim(case, now):
            """Raises where something grave was noted."""
            if case.concerns("harm", since=now.days_ago(30)):
                raise LookupError

        @rule(on="case", looks="daily")
        def broken(case, now):
            """Raises."""
            raise KeyError

        post = Post(store, rules=[grim, broken])
        post.child()
        post.desk().note_concern("s-1", ConcernDraft("harm", implicated=[HEAD]))
        post.clock.advance(days=1)
        post.deliver()
        heard = [n.facts["rule"] for letter in post.box.letters if letter.person == HEAD for n in letter.notices]
        others = [n.facts["rule"] for letter in post.box.letters if letter.person == VICE for n in letter.notices]

        assert [broken.key] == heard
        assert grim.key in others

    def test_where_their_world_cannot_be_found_they_hear_nothing(self, store, monkeypatch):
        """A notice that may tell too much is withheld."""

        @rule(on="case", looks="daily")
        def broken(case, now):
            """Raises."""
            raise KeyError

        post = Post(store, rules=[broken])
        post.child()
        post.desk().note_concern("s-1", ConcernDraft("harm", implicated=[HEAD]))
        post.clock.advance(days=1)
        monkeypatch.setattr("casework.engine.world_faults.world_of", lambda *_: 1 / 0)
        post.deliver()

        assert [] == post.box.got(HEAD)
        assert (HEAD, "withheld") in post.statuses()
