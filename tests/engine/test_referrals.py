"""From a request to its outcome: who says what, what consent stops and what it never stops, who reads the notes."""

from datetime import timedelta

import pytest
from attrs import evolve

from casework.errors import CommandRefused, NotAllowed, NotFound, SettingsChanged, StepRefused
from casework.policy import load_policy
from casework.workflows import REFERRAL_TABLE
from tests.engine.referral_world import (
    LEAD,
    PSYCHOLOGIST,
    SAFEGUARDING,
    SCHOOL_PACK,
    START,
    accepted,
    begun,
    desk_with,
    held,
    referred,
    school,
    strict,
    told,
)
from tests.engine.world import day

DAY = timedelta(days=1)


class TestTheWay:
    def test_from_request_to_outcome(self):
        """Requested, accepted, consented, begun, planned, completed: each with who and when."""
        world = school()
        found = begun(world, about=["x"], note="since March")
        desk = world.on(day(9, 14)).desk(PSYCHOLOGIST)
        desk.session("s-17", found, on=day(9, 11), next_on=day(9, 18), note="sleeps badly")
        desk.plan("s-17", found, day(10, 12))
        desk.complete("s-17", found, "recovered")
        referral = held(world, found)

        assert ("completed", "recovered", PSYCHOLOGIST, day(9, 14)) == (
            referral.state,
            referral.outcome,
            referral.ended_by,
            referral.ended_on,
        )
        assert (PSYCHOLOGIST, START, "t.wang") == (referral.answered_by, referral.answered_on, referral.by)
        assert [(START, None), (day(9, 11), day(9, 18))] == [(s.on, s.next_on) for s in referral.sessions]
        assert [("given", "parent1", "guardian")] == [(c.answer, c.by, c.capacity) for c in referral.consents]
        assert not referral.open
        assert () == world.again()

    def test_declining_and_revoking(self):
        """A referral is declined or revoked with the reason, and then takes no further step."""
        world = school()
        first, second = referred(world), accepted(world)
        world.desk(PSYCHOLOGIST).decline("s-17", first, "no_need")
        world.desk().revoke("s-17", second, "moved_away")

        assert [("declined", "no_need"), ("revoked", "moved_away")] == [
            (held(world, found).state, held(world, found).ended_because) for found in (first, second)
        ]
        for found in (first, second):
            with pytest.raises(StepRefused, match=r"accept refused from (declined|revoked): .*; refer anew"):
                world.desk().accept("s-17", found)

    def test_next_steps_say_why_not(self):
        """A screen shows every step, and of a refused one the reason."""
        world = school()
        found = accepted(world)
        steps = {step.name: step.why for step in world.desk().referral_steps("s-17")[found]}

        assert {
            "accept": "not_from_accepted",
            "decline": "not_from_accepted",
            "session": "without_consent",
            "plan": "",
            "consent": "",
            "complete": "not_from_accepted",
            "revoke": "",
        } == steps
        assert {step.name: step.sources for step in REFERRAL_TABLE.next_steps("accepted", held(world, found))}[
            "complete"
        ] == ("in_progress",)

    def test_somebody_outside_takes_the_child_on(self):
        """Whoever answers for a provider outside the school names them."""
        world = school(psychologist="")
        found = referred(world)
        world.desk().accept("s-17", found, by="county-hospital-3")

        assert ("county_hospital", "county-hospital-3") == (
            held(world, found).provider,
            held(world, found).answered_by,
        )

    def test_a_child_without_a_case(self):
        """A child has to be identified first, unless it is urgent: that waits for no paper."""
        world = school()
        with pytest.raises(StepRefused, match="identify the child first, or say that it is urgent"):
            world.desk().refer("s-99", "psychology", "grief")
        urgent = world.desk().refer("s-99", "psychology", "suicidal_thoughts", urgent=True)

        assert urgent.case.referrals[urgent.referral].urgent
        assert ("urgent", "psychologist", PSYCHOLOGIST) in told(world)

    def test_settings_that_wait_stop_only_what_can_wait(self):
        """While settings wait to be applied an urgent referral is stored, others are not."""
        world = school()
        world.use(load_policy("town-primary"))
        with pytest.raises(SettingsChanged):
            referred(world)
        urgent = referred(world, urgent=True)

        assert held(world, urgent).urgent
        assert [("urgent", "safeguarding_lead", SAFEGUARDING)] == told(world)


class TestConsent:
    @pytest.mark.parametrize("answers", [[], ["refused"], ["given", "withdrawn"], ["not_required", "refused"]])
    def test_without_it_nothing_begins(self, answers):
        """A referral that can wait is requested and accepted, but not begun, and the refusal says what to do."""
        world = school()
        found = accepted(world)
        for answer in answers:
            how = {"because": "of_age"} if answer == "not_required" else {"by": "parent1", "how": "by_phone"}
            world.desk().consent("s-17", found, answer, **how)
        with pytest.raises(StepRefused, match="session refused from accepted: without_consent: enter the guardian's"):
            world.desk(PSYCHOLOGIST).session("s-17", found)

    @pytest.mark.parametrize("answer", ["given", "not_required"])
    def test_with_it_the_work_begins(self, answer):
        """Consent given, or none required, opens the way; it may be recorded before the referral is accepted."""
        world = school()
        found = referred(world)
        by = {"because": "sixteen"} if answer == "not_required" else {"by": "liu-2", "how": "in_writing"}
        world.desk().consent("s-17", found, answer, **by)
        world.desk(PSYCHOLOGIST).accept("s-17", found)
        world.desk(PSYCHOLOGIST).session("s-17", found)

        assert "in_progress" == held(world, found).state
        assert "" == held(world, found).sessions[0].unconsented

    @pytest.mark.parametrize("answers", [[], ["refused"], ["given", "withdrawn"]])
    def test_what_is_urgent_never_waits(self, answers):
        """An urgent referral goes on without consent, and the session holds the reason."""
        world = school()
        found = accepted(world, urgent=True)
        for answer in answers:
            world.desk().consent("s-17", found, answer, by="parent1", how="by_phone")
        world.desk(PSYCHOLOGIST).session("s-17", found)

        assert ("in_progress", "grief") == (held(world, found).state, held(world, found).sessions[0].unconsented)

    def test_consent_after_an_urgent_beginning(self):
        """Consent may be recorded afterwards; later sessions then say nothing of its absence."""
        world = school()
        found = accepted(world, urgent=True)
        world.desk(PSYCHOLOGIST).session("s-17", found)
        world.desk().consent("s-17", found, "given", by="parent1", how="by_phone")
        world.desk(PSYCHOLOGIST).session("s-17", found)

        assert ["grief", ""] == [session.unconsented for session in held(world, found).sessions]

    def test_withdrawing_stops_what_follows_and_not_what_was(self):
        """After consent was withdrawn no new session is entered, but one that was held before still is."""
        world = school()
        found = begun(world)
        world.on(day(9, 16)).desk().consent("s-17", found, "withdrawn", by="parent1", how="by_phone")
        desk = world.desk(PSYCHOLOGIST)
        desk.session("s-17", found, on=day(9, 15))
        with pytest.raises(StepRefused, match="without_consent"):
            desk.session("s-17", found)

        assert [START, day(9, 15)] == [session.on for session in held(world, found).sessions]
        assert "revoked" == desk.revoke("s-17", found, "consent_withdrawn").case.referrals[found].state

    @pytest.mark.parametrize(
        ("how", "told"),
        [
            ({"answer": "given", "by": "parent1", "capacity": "carer", "how": "by_phone"}, "entrusted and no guardian"),
            ({"answer": "given", "by": "carer", "how": "by_phone"}, "ask the guardian, usually a parent"),
            ({"answer": "given", "by": "liu-1", "how": "by_phone"}, "ask the guardian, usually a parent"),
            ({"answer": "given", "by": "parent1"}, "how"),
            ({"answer": "given", "how": "by_phone"}, "by= says who the guardian is"),
            ({"answer": "given", "by": "parent1", "capacity": "school", "how": "by_phone"}, "is the guardian's to say"),
            ({"answer": "not_required", "capacity": "guardian", "because": "x"}, "is the school's to say"),
            ({"answer": "not_required"}, "because"),
            ({"answer": "perhaps", "by": "parent1", "how": "by_phone"}, "use one of given, refused"),
            ({"answer": "withdrawn", "by": "parent1", "how": "by_phone"}, "there is no consent to withdraw"),
            ({"answer": "given", "by": "parent1", "how": "by_phone", "on": day(9, 8)}, "has not come yet"),
        ],
    )
    def test_whose_word_counts(self, how, told):
        """Consent is the guardian's, not the grandmother's with whom the child lives, and says how it was given."""
        world = school()
        found = referred(world)
        with pytest.raises((CommandRefused, StepRefused), match=told):
            world.desk().consent("s-17", found, **how)

    def test_the_last_word_holds(self):
        """What was said on a later day holds, whenever it was entered."""
        world = school()
        found = referred(world)
        world.on(day(9, 11))
        world.desk().consent("s-17", found, "given", by="parent1", how="by_phone", on=day(9, 10))
        world.desk().consent("s-17", found, "refused", by="parent1", how="by_phone", on=day(9, 8))

        assert ("given", "refused", "") == tuple(held(world, found).consent(on) for on in (None, day(9, 9), day(9, 7)))


class TestRefusals:
    @pytest.mark.parametrize(
        ("call", "told"),
        [
            (lambda d, f: d.refer("s-17", "Dr. Qin", "grief"), "is no code"),
            (lambda d, f: d.refer("s-17", "psychology", "he is sad"), "is no code"),
            (lambda d, f: d.refer("s-17", "psychology", "grief", urgent="yes"), "neither True nor False"),
            (lambda d, f: d.refer("s-17", "psychology", "grief", implicated=[""]), "1 to 255"),
            (lambda d, f: d.decline("s-17", f, ""), "because"),
            (lambda d, f: d.session("s-17", f, on=START - DAY), "cannot have been before"),
            (lambda d, f: d.session("s-17", f, next_on=START), "give a later local date"),
            (lambda d, f: d.plan("s-17", f, START), "not a day to come"),
            (lambda d, f: d.plan("s-17", f, None), "not a day to come"),
            (lambda d, f: d.complete("s-17", f, "he is well"), "is no code"),
            (lambda d, f: d.complete("s-17", f, "recovered"), "complete refused from requested"),
            (lambda d, f: d.session("s-17", f), "session refused from requested: not_from_requested: somebody has to"),
        ],
    )
    def test_what_cannot_be(self, call, told):
        """A value that cannot be right is refused with the mend, and nothing is stored."""
        world = school()
        found = referred(world)
        before = world.entries()
        with pytest.raises((CommandRefused, StepRefused), match=told):
            call(world.desk(), found)

        assert before == world.entries()

    def test_an_unknown_referral(self):
        """A referral that nobody knows is not found."""
        with pytest.raises(NotFound, match="no referral nothing"):
            school().desk().accept("s-17", "nothing")

    def test_the_suspect_does_not_take_it_on(self):
        """Whom a referral implicates is not the one who takes the child on."""
        world = school()
        found = referred(world, implicated=[LEAD])
        with pytest.raises(CommandRefused, match="name somebody else"):
            world.desk().accept("s-17", found, by=LEAD)


class TestNotes:
    def test_a_note_is_the_specialists(self):
        """Notes are read by who wrote them and by whom the referral is with, not even by who else holds the seat."""
        world = strict(school())
        found = begun(world, note="since March")
        world.desk(PSYCHOLOGIST).session("s-17", found, note="sleeps badly")
        referral = held(world, found)

        assert "sleeps badly" == world.desk(PSYCHOLOGIST).open("s-17", referral.sessions[-1].note, "review")
        assert "since March" == world.desk().open("s-17", referral.note, "my own")
        for desk in (world.desk(LEAD), world.desk(SAFEGUARDING), desk_with(world, "t.new", "psychologist")):
            with pytest.raises(NotFound):
                desk.open("s-17", referral.sessions[-1].note, "curious")
        with world.store.read():
            assert 2 == len(world.store.reads("qinghe", "s-17"))

    def test_whoever_takes_the_seat_over_reads(self):
        """The notes of who has left the seat are read by who holds it now."""
        world = strict(school())
        found = begun(world)
        world.desk(PSYCHOLOGIST).session("s-17", found, note="sleeps badly")
        strict(world, "t.new")

        assert "sleeps badly" == world.desk("t.new").open("s-17", held(world, found).sessions[-1].note, "taking over")
        with pytest.raises(NotFound):
            world.desk(SAFEGUARDING).open("s-17", held(world, found).sessions[-1].note, "curious")

    def test_taking_part_opens_nothing_that_others_wrote(self):
        """Whoever entered a session without the seat reads what they wrote themselves, and nothing else."""
        world = school()
        found = begun(world, note="told in confidence")
        world.desk(PSYCHOLOGIST).session("s-17", found, note="in the room")
        world.desk("t.nosy").session("s-17", found, note="my own")
        referral = held(world, found)
        _, second, third = referral.sessions
        nosy = strict(world).desk("t.nosy")

        assert "my own" == nosy.open("s-17", third.note, "mine")
        for text in (referral.note, second.note):
            with pytest.raises(NotFound):
                nosy.open("s-17", text, "curious")

    def test_nobody_takes_on_what_is_not_asked_of_them(self):
        """Only the seat that is asked answers; others who may know of the child are told whom to ask."""
        world = strict(school())
        found = referred(world)
        with pytest.raises(NotAllowed, match="psychologist"):
            world.desk(SAFEGUARDING).accept("s-17", found)
        with pytest.raises(NotFound):
            world.desk("t.nosy").accept("s-17", found)

        assert "requested" == held(world, found).state

    def test_where_no_specialist_is_named_who_took_it_on_reads(self):
        """A code of which the policy says nothing has no seat that could read."""
        world = school()
        found = world.desk().refer("s-17", "dentist", "toothache", note="left side").referral
        world.desk(LEAD).accept("s-17", found)

        assert "left side" == world.desk(LEAD).open("s-17", held(world, found).note, "to know")


class TestUnassigned:
    def test_somebody_is_told_of_a_referral_that_no_seat_answers(self):
        """A code that the policy does not know has no limit: the safeguarding lead is told at once, and only once."""
        world = school()
        world.desk().refer("s-17", "dentist", "toothache")
        world.on(day(9, 21)).sweep()

        assert [("unassigned", "safeguarding_lead", SAFEGUARDING)] == told(world)

    def test_a_policy_without_limits_tells_too(self):
        """A pack may name the specialist and set no limit."""
        pack = evolve(load_policy("town-primary"), specialists=SCHOOL_PACK.specialists)
        world = school(own=pack)
        referred(world)

        assert [("unassigned", "safeguarding_lead", SAFEGUARDING)] == told(world)

    def test_what_has_a_limit_is_not_told_before_it_is_late(self):
        """The seat that answers finds it on its list."""
        world = school()
        referred(world)

        assert [] == told(world)

    def test_one_that_was_answered_is_not_told(self):
        """Nor is one told twice that is urgent."""
        world = school(own=evolve(SCHOOL_PACK, specialists={}))
        urgent = referred(world, urgent=True)
        world.desk(LEAD).accept("s-17", urgent)
        world.on(day(9, 9)).sweep()

        assert [("urgent", "safeguarding_lead", SAFEGUARDING)] == told(world)


class TestLists:
    def test_open_referrals_of_whom_they_concern(self):
        """The psychologist, who referred, the lead helper and the class teacher see it; the office does not."""
        world = school()
        found = referred(world)
        calm, urgent = found, referred(world, urgent=True)

        for person in (PSYCHOLOGIST, "t.wang", LEAD):
            assert [urgent, calm] == [line.referral for line in world.desk(person).referrals()]
        assert [urgent] == [line.referral for line in world.desk(SAFEGUARDING).referrals()]
        assert [] == world.desk("t.office").referrals()

    def test_a_line_says_what_comes_next(self):
        """A line says with whom it is, what holds of consent, and the next day agreed."""
        world = school()
        found = begun(world)
        world.desk(PSYCHOLOGIST).plan("s-17", found, day(10, 12))
        world.desk(PSYCHOLOGIST).session("s-17", found, next_on=day(9, 14))
        [line] = world.desk(PSYCHOLOGIST).referrals()

        assert (PSYCHOLOGIST, "given", "in_progress", day(9, 14)) == (
            line.with_,
            line.consent,
            line.state,
            line.next_on,
        )
        world.desk(PSYCHOLOGIST).complete("s-17", found, "recovered")
        assert [] == world.desk(PSYCHOLOGIST).referrals()
