"""The invariants in a few words each: small and fast, for the planted mutants of `mutants.toml` to fail on."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from casework import ConcernDraft, Contact, ContactCard, Desk, Flag, Reason, deliver, rule, sweep
from casework.engine.evolve import fold
from casework.errors import SettingsChanged, StepRefused, Undeliverable
from casework.model.case import Case
from casework.model.roll import RollRow
from casework.store.chain import START, entry_mac, head_mac
from casework.store.verify import verify
from casework.testing import MemoryStore
from tests.system.world import (
    CALENDAR,
    CARD,
    HEAD,
    LEAD,
    OFFICE,
    PSYCHOLOGIST,
    SAFEGUARDING,
    SCHOOL,
    TEACHER,
    VICE,
    identified,
    make_casework,
    principal,
    sql_store,
)

CHILD = "s-1"
DANGER = ConcernDraft("violence", "danger", implicated=[LEAD])


def opened(store=None, rules=()):
    """A child that is known, filed and paired: casework, store, the office's desk."""
    casework = make_casework(rules)
    store = store or MemoryStore()
    desk = Desk(casework, store, school=SCHOOL, principal=principal(OFFICE))
    identified(desk, CHILD)
    return casework, store, desk


def told(store):
    """Who was told of emergencies, in order, and how many minutes after the first."""
    with store.read():
        rows = [row for row in store.outgoing(SCHOOL) if row.topic == "emergency"]
    return [(row.person, int((row.at - rows[0].at).total_seconds() / 60)) for row in rows]


class TestHistory:
    def test_folding_gives_the_stored_state(self, tmp_path):
        """What is loaded from SQLite is what the history says, down to every field that a busy record uses."""
        store, engine = sql_store(tmp_path / "rows.db")
        casework, _, desk = opened(store)
        desk.record_card(CHILD, CARD)
        desk.mark_number_dead(CHILD, "carer")
        act = desk.record(
            CHILD,
            "visit",
            reached=True,
            by=LEAD,
            met=["carer"],
            minutes=40,
            details={"home_safety": "stove"},
            note="smoke",
        ).activity
        desk.record(CHILD, "talk", reached=True, mood="very_low", words="tired")
        desk.correct(CHILD, act, "wrong_minutes", minutes=45)
        desk.void(CHILD, desk.record(CHILD, "call", reached=False).activity, "wrong_child")
        desk.designate_key(CHILD, "grief")
        desk.excuse(CHILD, "D12/2026-09", "child_away")
        desk.note_concern(CHILD, ConcernDraft("quarrel", "danger", observed=False, implicated=[VICE], note="seen"))
        id_ = desk.record(CHILD, "visit", reached=True, concerns=[DANGER]).emergency
        casework.clock.advance(days=3)
        sweep(casework, store)
        desk.acknowledge(CHILD, id_)
        desk.respond(CHILD, id_)
        desk.call_outside(CHILD, id_, "police", "110-7", by=HEAD, at=casework.clock() - timedelta(hours=1))
        desk.stand_down(
            CHILD, id_, "safe", safe_seen_by=TEACHER, safe_seen_at=casework.clock(), look_again=date(2026, 9, 9)
        )
        Desk(casework, store, school=SCHOOL, principal=principal(HEAD)).review(CHILD, id_, "lock the gate")
        desk.pair(CHILD, HEAD, [VICE])
        seen_at = casework.clock()
        casework.clock.advance(days=30)
        sweep(casework, store)
        desk.close(CHILD, "parents_returned")
        desk.reopen(CHILD, "parents_left")
        with store.read():
            stored = store.load(SCHOOL, [CHILD])[CHILD]
            entries = store.entries(SCHOOL, CHILD)
        engine.dispose()

        assert fold(Case(SCHOOL, CHILD), entries) == stored
        assert (TEACHER, seen_at) == (stored.emergencies[id_].safe_seen_by, stored.emergencies[id_].safe_seen_at)

    def test_an_entry_is_marked_over_the_one_before(self):
        """The mark of an entry covers the mark of the entry before, the seq, and every word; the head their number."""
        key, case = b"k" * 32, UUID(int=7)
        said = (2, 1_000, "t.li", "", None, b"[1]")
        marks = {
            entry_mac(key, 1, case, said, START),
            entry_mac(key, 1, case, said, b"x" * 16),
            entry_mac(key, 1, case, (3, *said[1:]), START),
            entry_mac(key, 1, case, (2, 1_001, *said[2:]), START),
            entry_mac(key, 1, case, (2, 1_000, "t.lix", *said[3:]), START),
            entry_mac(key, 1, case, (2, 1_000, "t.li", "k", None, b"[1]"), START),
            entry_mac(key, 1, case, (*said[:4], b"", b"[1]"), START),
            entry_mac(key, 1, case, (*said[:4], b"[", b"1]"), START),
            entry_mac(key, 1, case, (*said[:5], b"[2]"), START),
            entry_mac(key, 1, UUID(int=8), said, START),
            head_mac(key, 1, case, 2, START, (None, None)),
            head_mac(key, 1, case, 3, START, (None, None)),
            head_mac(key, 1, case, 2, b"x" * 16, (None, None)),
            head_mac(key, 1, case, 2, START, (0, None)),
            head_mac(key, 1, case, 2, START, (None, 0)),
        }

        assert 15 == len(marks)


class TestLadder:
    def test_every_rung_is_told_in_turn(self):
        """A silent emergency climbs every rung, half an hour each, to the outside, though the sweep comes late."""
        casework, store, desk = opened()
        desk.raise_emergency(CHILD, "injury")
        casework.clock.advance(minutes=121)
        sweep(casework, store)

        assert [(LEAD, 0), (SAFEGUARDING, 30), (VICE, 60), (HEAD, 90), ("outside", 120)] == told(store)

    def test_who_is_implicated_is_passed(self):
        """A rung that is implicated is passed at once."""
        casework, store, desk = opened()
        desk.raise_emergency(CHILD, "injury", implicated=[SAFEGUARDING])
        casework.clock.advance(minutes=31)
        sweep(casework, store)

        assert [(LEAD, 0), (VICE, 30)] == told(store)

    def test_nobody_is_told_twice(self):
        """Sweeping again, and again an hour later than due, tells nobody twice."""
        casework, store, desk = opened()
        id_ = desk.raise_emergency(CHILD, "injury").emergency
        desk.acknowledge(CHILD, id_)
        for _ in range(3):
            casework.clock.advance(minutes=30)
            sweep(casework, store)

        assert [(LEAD, 0)] == told(store)

    def test_an_acknowledged_emergency_climbs_on_after_its_limit(self):
        """Acknowledging stops the climb only for two hours."""
        casework, store, desk = opened()
        desk.acknowledge(CHILD, desk.raise_emergency(CHILD, "injury").emergency)
        casework.clock.advance(minutes=121)
        sweep(casework, store)

        assert [(LEAD, 0), (SAFEGUARDING, 120)] == told(store)


class TestWindows:
    @pytest.mark.parametrize(("day", "status"), [(20, "met"), (21, "missed")])
    def test_the_last_day_counts(self, day, status):
        """An act on the last day of a window meets it; one on the day after does not."""
        casework, store, desk = opened()
        casework.clock.advance(days=40)
        desk.record(CHILD, "visit", reached=True, on=date(2026, 9, day))
        sweep(casework, store)

        assert date(2026, 9, 20) == desk.case(CHILD).obligations["D10/2026-autumn:OPEN"].closes
        assert status == desk.case(CHILD).obligations["D10/2026-autumn:OPEN"].status

    @pytest.mark.parametrize(("day", "status"), [(20, "open"), (21, "missed")])
    def test_nothing_is_missed_before_its_last_day_is_over(self, day, status):
        """On the last day of a window it is still open, on the day after it is missed, as soon as somebody looks."""
        casework, store, desk = opened()
        casework.clock.set(CALENDAR.midnight(date(2026, 9, day)) + timedelta(minutes=1))
        with store.write():
            store.wake(SCHOOL, casework.clock())
        sweep(casework, store)

        assert status == desk.case(CHILD).obligations["D10/2026-autumn:OPEN"].status

    def test_an_attempt_that_reached_nobody_discharges_nothing(self):
        """An attempt that reached nobody is kept and discharges nothing."""
        _, _, desk = opened()
        act = desk.record(CHILD, "visit", reached=False)

        assert "open" == act.case.obligations["D10/2026-autumn:OPEN"].status
        assert [act.activity] == list(act.case.activity_log)

    def test_one_visit_counts_for_one_window(self):
        """One visit counts for one window of a duty, however many are open; windows keep their keys."""
        _, _, desk = opened()
        found = desk.record(CHILD, "visit", reached=True).case.obligations
        met = [key for key, o in found.items() if o.duty == "D10" and o.status == "met"]

        assert ["D10/2026-autumn:OPEN"] == met


class TestRules:
    def test_looking_twice_changes_nothing(self):
        """What is there already is not opened, raised or told again."""
        casework, store, desk = opened()
        desk.record(CHILD, "talk", reached=True, mood="very_low", concerns=[ConcernDraft("quarrel", "danger")])
        before = desk.history(CHILD)
        with store.write():
            store.wake(SCHOOL, casework.clock())
        report = sweep(casework, store)

        assert before == desk.history(CHILD)
        assert 1 <= report.settled
        assert 0 == report.written

    def test_a_bug_undoes_nothing(self):
        """A rule that raises is quarantined, the command is kept."""

        @rule(looks="on_change")
        def broken(case, now):
            if case.activity_log:
                raise ValueError

        _, _, desk = opened(rules=[broken])
        outcome = desk.record(CHILD, "visit", reached=True, concerns=[ConcernDraft("injury", "danger")])

        assert (("broken",), "escalated") == (outcome.failed_rules, outcome.case.state)

    def test_a_flag_falls_by_time_alone(self):
        """What a rule says of the last days stops standing when the days are over, without anybody doing anything."""

        @rule(looks="on_change")
        def lately(case, now):
            if case.activities("call", since=now.days_ago(5)):
                yield Flag("called", because=Reason("called"))

        casework, store, desk = opened(rules=[lately])
        desk.record(CHILD, "call", reached=True)
        seen = []
        for _ in range(7):
            seen.append(len([f for f in desk.case(CHILD).flags.values() if f.code == "called"]))
            casework.clock.advance(days=1)
            sweep(casework, store)

        assert [1, 1, 1, 1, 1, 1, 0] == seen


class TestImplicated:
    def test_the_suspect_is_not_told(self):
        """Whom a concern implicates is not told, sees no state and no id, and the class teacher is told instead."""
        _, store, desk = opened()
        outcome = desk.note_concern(CHILD, DANGER)
        suspect = Desk(desk._casework, store, school=SCHOOL, principal=principal(LEAD))

        assert [(TEACHER, 0)] == told(store)
        assert ("escalated", "paired") == (outcome.case.state, suspect.case(CHILD).state)
        with pytest.raises(LookupError, match="no emergency"):
            suspect.acknowledge(CHILD, outcome.emergency)


class TestReferrals:
    def test_rows_and_history_agree(self, tmp_path):
        """A referral with all that belongs to it is loaded from SQLite as its history says."""
        store, engine = sql_store(tmp_path / "referrals.db")
        casework, _, desk = opened(store)
        desk.screen(CHILD, "phq_a", 14, self_harm=0)
        id_ = desk.refer(CHILD, "psychology", "grief", urgent=True, implicated=[VICE], note="sad").referral
        desk.accept(CHILD, id_, by=PSYCHOLOGIST)
        desk.session(CHILD, id_, next_on=date(2026, 9, 8), note="sleeps badly")
        desk.consent(CHILD, id_, "given", by="parent1", how="by_phone")
        desk.plan(CHILD, id_, date(2026, 9, 14), note="weekly")
        casework.clock.advance(days=20)
        sweep(casework, store)
        desk.complete(CHILD, id_, "recovered")
        with store.read():
            stored = store.load(SCHOOL, [CHILD])[CHILD]
            entries = store.entries(SCHOOL, CHILD)
        engine.dispose()

        assert fold(Case(SCHOOL, CHILD), entries) == stored
        assert ("grief", "recovered", 14) == (
            stored.referrals[id_].sessions[0].unconsented,
            stored.referrals[id_].outcome,
            next(iter(stored.screening_log.values())).score,
        )

    def test_what_can_wait_waits_for_consent(self):
        """A session of a referral that is not urgent needs consent; an urgent one never does."""
        _, _, desk = opened()
        for urgent in (True, False):
            id_ = desk.refer(CHILD, "psychology", "grief", urgent=urgent).referral
            desk.accept(CHILD, id_)
            if urgent:
                assert desk.session(CHILD, id_).case.referrals[id_].sessions
            else:
                with pytest.raises(StepRefused, match="without_consent"):
                    desk.session(CHILD, id_)

    def test_the_safeguarding_lead_is_told_when_a_limit_has_run(self):
        """The day after the limit, not before, and once; nobody implicated is. Limits of an answer and of a session."""
        casework, store, desk = opened()
        answered = desk.refer(CHILD, "psychology", "grief", implicated=[SAFEGUARDING]).referral
        desk.accept(CHILD, answered, by=PSYCHOLOGIST)
        desk.refer(CHILD, "doctor", "grief")  # of whom the policy says nothing: that is told at once, and apart
        found = []

        def answers(row):
            return row.topic == "referral" and row.facts["about"] != "unassigned"

        for _ in range(18):
            casework.clock.advance(days=1)
            sweep(casework, store)
            with store.read():
                found.append([row.person for row in store.outgoing(SCHOOL) if answers(row)])

        assert [[]] * 14 + [[VICE]] * 4 == found

    def test_one_answer_is_for_one_referral(self):
        """What answers one referral leaves the other owed."""
        _, store, desk = opened()
        ids = [desk.refer(CHILD, "psychology", "grief").referral for _ in range(2)]
        desk.decline(CHILD, ids[0], "twice")
        with store.read():
            owed = store.load(SCHOOL, [CHILD])[CHILD].obligations

        assert ["met", "open"] == [owed[f"D26/referral:{id_}:answer"].status for id_ in ids]


class TestTransaction:
    def test_the_hosts_rollback_takes_our_rows_along(self, tmp_path):
        """After the host's rollback nothing of ours is there, a savepoint of ours or not."""
        store, engine = sql_store(tmp_path / "host.db")
        casework = make_casework()
        with Session(engine) as session:
            identified(Desk(casework, type(store)(session, store._ring), school=SCHOOL, principal=principal(OFFICE)))
            session.rollback()
        with engine.connect() as connection:
            count = connection.execute(text("SELECT count(*) FROM casework_entries")).scalar()
        engine.dispose()

        assert 0 == count

    def test_the_same_key_is_carried_out_once(self):
        """A command sent again under its key is not carried out again."""
        _, _, desk = opened()
        for _ in range(2):
            outcome = desk.record(CHILD, "call", reached=True, key="k-1")

        assert outcome.repeated
        assert 1 == len(desk.case(CHILD).activity_log)

    def test_emergencies_ask_for_no_settings(self):
        """With changed settings an emergency is raised, anything else is refused."""
        casework, store, _ = opened()

        @rule(looks="on_change")
        def new(case, now):
            return None

        other = make_casework([new], at=casework.clock())
        desk = Desk(other, store, school=SCHOOL, principal=principal(OFFICE))

        assert "escalated" == desk.raise_emergency(CHILD, "injury").case.state
        with pytest.raises(SettingsChanged):
            desk.close(CHILD, "parents_returned")


class TestGatherings:
    def test_a_late_sweep_counts_who_was_there(self, tmp_path):
        """Attendance before misses: nobody who was examined is missed, however late the sweep; one was absent."""
        store, engine = sql_store(tmp_path / "rows.db")
        casework, _, desk = opened(store)
        others = [f"p-{k}" for k in range(30)]
        desk.update_roll([RollRow(child, "3-1") for child in others], [])
        held = desk.gather("examination", others, [CHILD])
        before = {child: desk.case(child).obligations["D29/2026-autumn:TERM"].status for child in others}
        casework.clock.advance(days=20)
        sweep(casework, store)

        assert (31, {"open"}) == (held.waiting, set(before.values()))
        assert ["met"] * 30 == [desk.case(child).obligations["D29/2026-autumn:TERM"].status for child in others]
        assert "missed" == desk.case(CHILD).obligations["D29/2026-autumn:TERM"].status
        assert (0, ()) == (sweep(casework, store).written, verify(store, SCHOOL).findings)
        engine.dispose()

    def test_a_gathering_wakes_whom_it_names(self, tmp_path):
        """The next sweep looks at every record on the list, and at no other child's."""
        store, engine = sql_store(tmp_path / "rows.db")
        casework, _, desk = opened(store)
        others = [f"p-{k}" for k in range(30)]
        desk.update_roll([RollRow(child, "3-1") for child in others], [])
        sweep(casework, store)
        desk.gather("examination", others)

        assert 32 == sweep(casework, store).due
        engine.dispose()

    def test_a_corrected_list_is_judged_again(self):
        """Who was not there after all owes it again; the act stays, as an attempt that reached nobody."""
        _, _, desk = opened()
        held = desk.gather("examination", [CHILD]).gathering
        met = desk.case(CHILD).obligations["D29/2026-autumn:TERM"].status
        desk.correct_attendance(held.id, "mixed_up", absent=[CHILD])

        assert ("met", "open") == (met, desk.case(CHILD).obligations["D29/2026-autumn:TERM"].status)
        assert not desk.case(CHILD).activity_log[held.id].reached


class TestDelivery:
    def test_who_held_it_too_long_marks_nothing(self):
        """The word of one whose letter another has taken over does not count."""
        casework, store, desk = opened()
        desk.raise_emergency(CHILD, "missing")

        def slow(_):
            casework.clock.advance(minutes=6)
            deliver(casework, store, {"box": lambda _: None})
            raise Undeliverable("550", permanent=True)

        assert 1 == deliver(casework, store, {"box": slow}).stale
        assert [] == desk.dead_letters()

    def test_the_suspect_gets_nothing_that_was_written_before(self):
        """Who is implicated by the time of sending gets no letter, and the next rung is told."""
        casework, store, desk = opened()
        desk.raise_emergency(CHILD, "missing", implicated=["carer"])
        desk.record_card(CHILD, ContactCard(Contact("Mei", "aunt", person=LEAD)))
        got = []
        deliver(casework, store, {"box": lambda letter: got.append(letter.person)})

        assert [SAFEGUARDING] == got

    def test_whom_no_letter_reaches_is_passed_at_once(self):
        """The ladder climbs in the same run, and acknowledges nothing."""
        casework, store, desk = opened()
        id_ = desk.raise_emergency(CHILD, "missing").emergency

        def refuse(letter):
            if letter.person == LEAD:
                raise Undeliverable("550", permanent=True)

        deliver(casework, store, {"box": refuse})
        emergency = desk.case(CHILD).emergencies[id_]

        assert [LEAD, SAFEGUARDING] == [notice.person for notice in emergency.notices]
        assert "raised" == emergency.state

    def test_one_digest_a_day(self):
        """What is not urgent comes together in the morning, and an emergency does not wait for it."""
        casework, store, desk = opened()
        got = []
        desk.refer(CHILD, "psychology", "grief", urgent=True)
        deliver(casework, store, {"box": lambda letter: got.append(letter.topic)})
        desk.raise_emergency(CHILD, "missing")
        deliver(casework, store, {"box": lambda letter: got.append(letter.topic)})
        assert ["emergency"] == got

        casework.clock.advance(days=1)
        deliver(casework, store, {"box": lambda letter: got.append(f"{letter.topic} {letter.person}")})
        assert f"digest {PSYCHOLOGIST}" in got
