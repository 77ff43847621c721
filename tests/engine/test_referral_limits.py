"""D26 and D27 on the calendar: what is owed when, who is told when it is late, and what a vacant seat changes."""

import pytest
from attrs import evolve

from casework import ConcernDraft, Reason, Refer, rule
from casework.policy import load_policy
from casework.policy.values import Specialist
from tests.engine.referral_world import (
    LEAD,
    PROVIDER,
    PSYCHOLOGIST,
    SAFEGUARDING,
    SCHOOL_PACK,
    START,
    accepted,
    begun,
    held,
    referred,
    school,
    seats,
    told,
)
from tests.engine.world import day, noon


def owed(world, duty):
    """Each obligation of a duty: what of the referral it asks for, when it is due, its status."""
    return [
        (o.window.rpartition(":")[2], o.due, o.status) for o in world.record().obligations.values() if o.duty == duty
    ]


class TestAnswer:
    def test_an_answer_is_due_after_three_teaching_days(self):
        """Referred on a Monday, it is to be answered by Thursday; on Friday it is late and somebody is told, once."""
        world = school()
        referred(world)
        assert [("answer", day(9, 10), "open")] == owed(world, "D26")
        world.until(day(9, 10))
        assert [] == told(world)
        world.until(day(9, 16))

        assert [("answer", "safeguarding_lead", SAFEGUARDING)] == told(world)
        [row] = [row for row in world.outbox() if row.topic == "referral"]
        assert noon(day(9, 11), hour=0) == row.at
        assert () == world.again()

    def test_a_sweep_that_comes_late_tells_the_same(self):
        """After a week without a sweep the same person is told under the same key, at the nominal instant."""
        rows = []
        for timely in (True, False):
            world = school()
            referred(world)
            if timely:
                world.until(day(9, 18))
            world.on(day(9, 18)).sweep()
            rows.append([row for row in world.outbox() if row.topic == "referral"])

        assert [1, 1] == [len(found) for found in rows]
        assert rows[0] == rows[1]

    @pytest.mark.parametrize("how", ["accept", "decline"])
    def test_an_answer_meets_it(self, how):
        """Whoever answers, yes or no, has met it; in time nobody is told."""
        world = school()
        found = referred(world)
        world.until(day(9, 10))
        if how == "accept":
            world.desk(PSYCHOLOGIST).accept("s-17", found)
        else:
            world.desk(PSYCHOLOGIST).decline("s-17", found, "no_need")
        world.until(day(9, 20))

        assert ("answer", day(9, 10), "met") == owed(world, "D26")[0]
        assert [] == told(world)

    def test_a_late_answer(self):
        """An answer after the due day is late, and stays within the window."""
        world = school()
        found = referred(world)
        world.until(day(9, 15))
        world.desk(PSYCHOLOGIST).accept("s-17", found)

        assert ("answer", day(9, 10), "met_late") == owed(world, "D26")[0]

    def test_what_is_revoked_asks_for_nothing(self):
        """A request taken back is owed no answer, and nobody is told."""
        world = school()
        found = referred(world)
        world.desk().revoke("s-17", found, "mistaken_child")
        world.until(day(9, 20))

        assert [("answer", day(9, 10), "superseded")] == owed(world, "D26")
        assert [] == told(world)

    def test_each_referral_is_answered_for_itself(self):
        """The answer to one referral does not meet what another one asks."""
        world = school()
        first, second = referred(world), referred(world)
        world.desk(PSYCHOLOGIST).decline("s-17", second, "twice")
        found = world.record().obligations

        assert ("open", "met") == tuple(found[f"D26/referral:{id_}:answer"].status for id_ in (first, second))

    def test_others_than_the_psychologist(self):
        """A referral to somebody whose seat owes no such duty asks nothing of the psychologist."""
        world = school()
        world.desk().refer("s-17", "doctor", "grief")

        assert [] == owed(world, "D26")

    def test_an_excused_limit_tells_nobody(self):
        """What was excused is not late."""
        world = school()
        found = referred(world)
        world.desk().excuse("s-17", f"D26/referral:{found}:answer", "psychologist_ill")
        world.until(day(9, 20))

        assert [] == told(world)

    def test_a_closed_case(self):
        """After a case was closed nothing is owed for its referral; it can still be ended."""
        world = school()
        found = referred(world)
        world.desk().close("s-17", "parents_returned")
        world.until(day(9, 20))
        world.desk().revoke("s-17", found, "parents_returned")

        assert [("answer", day(9, 10), "excused")] == owed(world, "D26")
        assert [] == told(world)


class TestSession:
    def test_a_first_session_is_due_after_ten_teaching_days(self):
        """Accepted on 8 September, the first session is due by the 22nd; after that the safeguarding lead is told."""
        world = school()
        found = referred(world)
        world.on(day(9, 8)).desk(PSYCHOLOGIST).accept("s-17", found)
        due = owed(world, "D26")[1][1]
        assert 10 == world.casework.schools["qinghe"].calendar.teaching_days(day(9, 9), due)
        world.until(due)
        assert [] == told(world)
        world.until(due + (day(9, 2) - day(9, 1)))

        assert [("session", "safeguarding_lead", SAFEGUARDING)] == told(world)

    def test_a_session_meets_it_by_its_own_day(self):
        """A session that was held in time and entered late was in time."""
        world = school()
        found = accepted(world)
        due = owed(world, "D26")[1][1]
        world.until(day(10, 9))
        world.desk().consent("s-17", found, "given", by="parent1", how="by_phone", on=START)
        world.desk(PSYCHOLOGIST).session("s-17", found, on=due)

        assert ("session", due, "met") == owed(world, "D26")[1]

    def test_a_session_before_the_answer(self):
        """Where the session came before the paper, nothing more is asked."""
        world = school()
        found = referred(world, urgent=True)
        world.on(day(9, 9)).desk(PSYCHOLOGIST).accept("s-17", found)
        world.desk(PSYCHOLOGIST).session("s-17", found, on=day(9, 8))

        assert [("answer", "met"), ("session", "superseded")] == [(a, s) for a, _, s in owed(world, "D26")]


class TestReview:
    def test_the_review_date_passes(self):
        """On its day the review is owed; the day after, somebody is told."""
        world = school()
        found = begun(world)
        world.desk(PSYCHOLOGIST).plan("s-17", found, day(9, 21))
        assert [] == owed(world, "D27")
        world.until(day(9, 21))
        assert [("review-1", day(9, 21), "open")] == owed(world, "D27")
        world.until(day(9, 22))

        assert [("review-1", "safeguarding_lead", SAFEGUARDING)] == told(world)

    def test_going_through_it_makes_a_new_one(self):
        """A new plan on the day meets the review, and is to be gone through on its own day."""
        world = school()
        found = begun(world)
        world.desk(PSYCHOLOGIST).plan("s-17", found, day(9, 21))
        world.until(day(9, 21)).desk(PSYCHOLOGIST).plan("s-17", found, day(10, 12))
        world.until(day(10, 14)).desk(PSYCHOLOGIST).complete("s-17", found, "recovered")

        assert [("review-1", day(9, 21), "met"), ("review-2", day(10, 12), "met_late")] == owed(world, "D27")

    @pytest.mark.parametrize("how", ["earlier", "completed", "revoked"])
    def test_a_review_that_is_not_needed_any_more(self, how):
        """Gone through before its day, completed or revoked before it, nothing is owed on that day."""
        world = school()
        found = begun(world)
        desk = world.desk(PSYCHOLOGIST)
        desk.plan("s-17", found, day(9, 21))
        if how == "earlier":
            world.on(day(9, 18))
            desk.plan("s-17", found, day(10, 12))
        elif how == "completed":
            desk.complete("s-17", found, "recovered")
        else:
            desk.revoke("s-17", found, "moved_away")
        world.until(day(9, 25))

        assert [] == owed(world, "D27")

    def test_revoked_after_its_day(self):
        """A review that was late when the referral was revoked is no longer owed."""
        world = school()
        found = begun(world)
        world.desk(PSYCHOLOGIST).plan("s-17", found, day(9, 21))
        world.until(day(9, 23)).desk(PSYCHOLOGIST).revoke("s-17", found, "moved_away")

        assert [("review-1", day(9, 21), "superseded")] == owed(world, "D27")


class TestVacantSeat:
    def test_the_provider_is_named(self):
        """While nobody is the psychologist the referral names whom the school asks outside; that tells nobody."""
        world = school(psychologist="")
        found = referred(world)

        assert PROVIDER == held(world, found).provider
        assert [] == told(world)
        assert ["D26"] == [line.duty for line in world.desk(LEAD).today() if line.duty == "D26"]

    def test_a_psychologist_is_asked_first(self):
        """With somebody in the seat nobody outside is named."""
        world = school()

        assert "" == held(world, referred(world)).provider

    def test_a_psychologist_who_leaves(self):
        """When the seat falls vacant before an answer, the provider is named the next midnight."""
        world = school()
        found = referred(world)
        world.use(SCHOOL_PACK, directory=seats(""))
        world.until(day(9, 9))

        assert PROVIDER == held(world, found).provider
        world.use(SCHOOL_PACK, directory=seats())
        world.until(day(9, 10))
        assert PROVIDER == held(world, found).provider

    def test_a_psychologist_who_is_implicated(self):
        """A psychologist whom it implicates counts as nobody, and is told of nothing."""
        world = school()
        found = referred(world, implicated=[PSYCHOLOGIST], urgent=True)
        world.until(day(9, 20))

        assert PROVIDER == held(world, found).provider
        assert {SAFEGUARDING} == {person for _, _, person in told(world)}

    def test_without_a_provider(self):
        """Where the policy names no provider none is named; what is late is told all the same."""
        world = school(psychologist="", own=load_policy("school"))
        found = referred(world)
        world.until(day(9, 14))

        assert "" == held(world, found).provider
        assert [("answer", "safeguarding_lead", SAFEGUARDING)] == told(world)


class TestUrgent:
    def test_it_is_told_at_once(self):
        """The psychologist and the safeguarding lead are told in the same transaction."""
        world = school()
        referred(world, urgent=True)

        assert [("urgent", "psychologist", PSYCHOLOGIST), ("urgent", "safeguarding_lead", SAFEGUARDING)] == told(world)
        assert () == world.again()

    def test_a_vacant_psychologist(self):
        """Without a psychologist the safeguarding lead alone is told, and the provider named."""
        world = school(psychologist="")
        found = referred(world, urgent=True)

        assert [("urgent", "safeguarding_lead", SAFEGUARDING)] == told(world)
        assert PROVIDER == held(world, found).provider

    def test_an_implicated_safeguarding_lead_is_passed(self):
        """Whom it implicates is told nothing; the next seat is."""
        world = school()
        referred(world, urgent=True, implicated=[SAFEGUARDING])

        assert ("urgent", "vice_principal", "t.zhao") in told(world)
        assert SAFEGUARDING not in {person for _, _, person in told(world)}

    def test_nobody_there_is_tried_every_day(self):
        """Where every seat is vacant it is tried again each day, until somebody is there."""
        world = school(psychologist="")
        world.use(SCHOOL_PACK, directory=seats("", safeguarding_lead=[], vice_principal=[], principal=[]))
        referred(world, urgent=True)
        world.until(day(9, 9))
        assert [] == told(world)
        world.use(SCHOOL_PACK, directory=seats(""))
        world.until(day(9, 10))

        assert [("urgent", "safeguarding_lead", SAFEGUARDING)] == told(world)

    def test_a_rule_that_grows_urgent(self):
        """New evidence that is urgent makes an open referral urgent, and it is told then."""
        world = school(rules=[grave])
        desk = world.desk()
        desk.note_concern("s-17", ConcernDraft("quarrel"))
        assert [] == told(world)
        desk.note_concern("s-17", ConcernDraft("quarrel", "high"))
        [found] = world.record().referrals.values()

        assert (True, 2) == (found.urgent, len(found.about))
        assert ("urgent", "safeguarding_lead", SAFEGUARDING) in told(world)


class TestRules:
    def test_new_evidence_joins_what_is_in_progress(self):
        """While the work goes on new evidence joins it; after the end it begins anew."""
        world = school(rules=[grave])
        desk = world.desk()
        desk.note_concern("s-17", ConcernDraft("quarrel"))
        [found] = world.record().referrals
        world.desk(PSYCHOLOGIST).accept("s-17", found)
        desk.note_concern("s-17", ConcernDraft("quarrel"))
        assert 2 == len(held(world, found).about)
        world.desk(PSYCHOLOGIST).revoke("s-17", found, "no_need")
        assert () == world.again()
        desk.note_concern("s-17", ConcernDraft("quarrel"))

        before, after = world.record().referrals.values()

        assert ("revoked", 2, "requested", 3) == (before.state, len(before.about), after.state, len(after.about))

    def test_what_implicates_somebody_stands_by_itself(self):
        """Evidence that implicates somebody is no part of a referral of which they may know."""
        world = school(rules=[apart])
        desk = world.desk()
        desk.note_concern("s-17", ConcernDraft("quarrel"))
        desk.note_concern("s-17", ConcernDraft("quarrel", implicated=[LEAD]))
        found = [(referral.implicated, len(referral.about)) for referral in world.record().referrals.values()]

        assert [((), 1), ((LEAD,), 1)] == found
        assert 1 == len(world.desk(LEAD).case("s-17").referrals)


def test_a_policy_may_name_others():
    """Another specialist with a duty of its own is owed as the psychologist is."""
    doctor = evolve(
        SCHOOL_PACK,
        duties=tuple(evolve(duty, role="medical_staff") if duty.id == "D26" else duty for duty in SCHOOL_PACK.duties),
        specialists={"doctor": Specialist("medical_staff")},
    )
    world = school(own=doctor)
    world.desk().refer("s-17", "doctor", "injury")
    world.desk().refer("s-17", "psychology", "grief")

    assert [("answer", day(9, 10), "open")] == owed(world, "D26")


@rule(looks="on_change")
def grave(case, now):
    """Quarrels reach the psychologist, a grave one at once."""
    quarrels = case.concerns("quarrel", since=now.days_ago(30))
    if quarrels:
        urgent = any(quarrel.severity == "high" for quarrel in quarrels)
        yield Refer("psychology", about=quarrels, because=Reason("quarrels"), urgent=urgent)


@rule(looks="on_change")
def apart(case, now):
    """Each quarrel by itself."""
    for quarrel in case.concerns("quarrel", since=now.days_ago(30)):
        yield Refer("psychology", about=quarrel, because=Reason("quarrel"))
