"""Restricted kinds: talks and psychology for those assigned, addresses for who has to reach somebody."""

from datetime import timedelta

import pytest
from attrs import evolve

from casework import ConcernDraft, Contact, ContactCard, Record
from casework.errors import NotAllowed, NotFound
from casework.model import events as ev
from casework.model import referral_events as rv
from casework.model.people import Sealed
from casework.policy import load_policy
from casework.policy.access import default_access
from tests.engine.world import DIRECTORY, World, day

LEAD, MEMBER, TEACHER, SAFEGUARDING, HEAD, QIN = "t.li", "t.wu", "t.wang", "t.chen", "t.sun", "t.qin"
CARD = ContactCard(Contact("Liu", "grandmother", "138", "Mill Lane 3"))
SCHOOL = load_policy("school")
SEATS = evolve(DIRECTORY, seats={**DIRECTORY.seats, "psychologist": [QIN]})


@pytest.fixture
def world():
    """A child of class 3-1 with a card, a visit, a talk, a screening and a referral under way."""
    found = World(SCHOOL, directory=SEATS)
    desk = found.desk(TEACHER)
    desk.identify("s-17", away="both", class_="3-1")
    desk.file("s-17", CARD)
    found.desk(HEAD).pair("s-17", LEAD, members=[MEMBER])
    found.desk(LEAD).record("s-17", "visit", reached=True, note="at the door", words="I like school")
    found.desk(LEAD).record("s-17", "talk", reached=True, mood="low", minutes=30, note="he cried", words="I am afraid")
    referral = found.desk(SAFEGUARDING).refer("s-17", "psychology", "grief", note="since March").referral
    found.desk(QIN).accept("s-17", referral)
    found.desk(QIN).consent("s-17", referral, "given", by="parent1", how="by_phone")
    found.desk(QIN).session("s-17", referral, note="she draws")
    found.desk(QIN).screen("s-17", "phq_a", 5)
    found.use(SCHOOL, directory=SEATS, access=default_access())
    return found


def act(case, kind):
    """The activity of that kind."""
    return next(found for found in case.activity_log.values() if found.kind == kind)


def opened(world, person, text):
    """Whether a person may open a text."""
    try:
        world.desk(person).open("s-17", text, "to see")
    except NotFound:
        return False
    return True


class TestTalks:
    def test_only_the_lead_helper_reads_them(self, world):
        """The child's words and the note of a talk are the lead's; others see that there was a talk, and no more."""
        talk = act(world.record(), "talk")

        assert [LEAD] == [p for p in (LEAD, MEMBER, TEACHER, SAFEGUARDING, HEAD, QIN) if opened(world, p, talk.words)]
        for person in (MEMBER, TEACHER, SAFEGUARDING, HEAD):
            seen = act(world.desk(person).case("s-17"), "talk")

            assert ("", None, None, None) == (seen.mood, seen.minutes, seen.note, seen.words), person
        assert ("low", 30) == (act(world.desk(LEAD).case("s-17"), "talk").mood, act(world.record(), "talk").minutes)

    def test_nor_does_the_history_tell(self, world):
        """The event in the history is without what the case is without."""
        told = [
            e for entry in world.desk(TEACHER).history("s-17") for _, e in entry.events if isinstance(e, ev.Recorded)
        ]

        assert [("visit", True), ("talk", False)] == [(e.activity.kind, e.activity.words is not None) for e in told]

    def test_after_an_unpairing_it_is_read_no_more(self, world):
        """Whoever led reads what they wrote themselves, and nothing that came after."""
        world.desk(HEAD).pair("s-17", "t.new")
        world.desk("t.new").record("s-17", "talk", reached=True, words="a secret")
        new = next(a.words for a in world.record().activity_log.values() if a.by == "t.new")

        assert opened(world, LEAD, act(world.record(), "talk").words)
        assert not opened(world, LEAD, new)
        with pytest.raises(NotFound):
            world.desk(LEAD).case("s-17")


class TestPsychology:
    def test_sessions_are_seen_by_whom_the_referral_is_with(self, world):
        """Others see that there is a referral, and whom it is with."""
        (id_,) = world.record().referrals

        assert 1 == len(world.desk(QIN).case("s-17").referrals[id_].sessions)
        for person in (LEAD, TEACHER, SAFEGUARDING, HEAD):
            seen = world.desk(person).case("s-17").referrals[id_]

            assert ((), "in_progress", QIN) == (seen.sessions, seen.state, seen.answered_by), person

    def test_a_screening_is_not_shown_to_others(self, world):
        """Neither in the case nor in its history."""
        assert 1 == len(world.desk(QIN).case("s-17").screening_log)
        for person in (LEAD, TEACHER, SAFEGUARDING, HEAD):
            events = [e for entry in world.desk(person).history("s-17") for _, e in entry.events]

            assert {} == world.desk(person).case("s-17").screening_log, person
            assert not [e for e in events if isinstance(e, rv.Screened | rv.SessionHeld)], person


class TestContacts:
    def test_who_has_to_reach_somebody_reads_them(self, world):
        """The card's texts open for the lead, the class teacher, office and heads, and not for a member's address."""
        carer = world.record().card.carer

        assert [LEAD, TEACHER, SAFEGUARDING, HEAD] == [
            p for p in (LEAD, MEMBER, TEACHER, SAFEGUARDING, HEAD, QIN) if opened(world, p, carer.address)
        ]
        assert ("", True) == (
            world.desk(MEMBER).case("s-17").card.carer.address,
            isinstance(world.desk(MEMBER).case("s-17").card.carer.phone, Sealed),
        )

    def test_no_list_holds_an_address(self, world):
        """Lists of the day and of cases refer to none for who may not read one."""
        cases = world.desk(MEMBER).cases()

        assert ["s-17"] == [case.child for case in cases]
        assert "" == cases[0].card.carer.address


class TestEmergencies:
    def test_a_member_learns_nothing_of_them(self, world):
        """Who has not to do with it sees neither state nor event nor list."""
        world.desk(HEAD).raise_emergency("s-17", "missing")
        member = world.desk(MEMBER)

        assert ("escalated", "monitored") == (world.desk(LEAD).case("s-17").state, member.case("s-17").state)
        assert ({}, []) == (member.case("s-17").emergencies, member.emergencies())
        assert ["s-17"] == [case.child for case in world.desk(LEAD).emergencies()]

    def test_whom_the_ladder_told_may_act(self, world):
        """Somebody who holds a seat for a day is told, reads the case, and answers for it, until it is reviewed."""
        id_ = world.desk(HEAD).raise_emergency("s-17", "missing").emergency
        world.clock.set(world.clock() + timedelta(hours=1))
        world.sweep()
        told = {notice.person for notice in world.record().emergencies[id_].notices}

        assert {LEAD, SAFEGUARDING} <= told
        assert "acknowledged" == world.desk(LEAD).acknowledge("s-17", id_).case.emergencies[id_].state


class TestImplicated:
    def test_texts_that_others_enter_since_are_not_there(self, world):
        """What somebody implicated could read before they read still; what was entered since is not there for them."""
        before = act(world.record(), "visit").note
        world.on(day(9, 2))
        world.desk(TEACHER).record(
            "s-17", "visit", reached=True, note="he said who", concerns=[ConcernDraft("bruises", implicated=[LEAD])]
        )
        since = next(a.note for a in world.record().activity_log.values() if a.by == TEACHER and a.kind == "visit")
        seen = [a for a in world.desk(LEAD).case("s-17").activity_log.values() if a.by == TEACHER]

        assert opened(world, LEAD, before)
        assert not opened(world, LEAD, since)
        assert [None] == [a.note for a in seen]
        assert {} == world.desk(LEAD).case("s-17").concern_log

    def test_siblings_words_stay_apart(self, world):
        """One visit to two children: the words of each open under that child alone."""
        world.desk(HEAD).identify("s-18", away="both", class_="3-1")
        desk = world.desk(TEACHER)
        desk.record_together(["s-17", "s-18"], Record("visit", reached=True), words={"s-17": "mine", "s-18": "hers"})
        hers = next(a.words for a in world.record("s-18").activity_log.values() if a.words)

        assert "hers" == desk.open("s-18", hers, "to see")
        with pytest.raises(NotFound):
            desk.open("s-17", hers, "to see")


class TestOwnRequests:
    def test_a_teacher_does_not_close(self, world):
        """Nor do steps of the workflow pretend that they may."""
        with pytest.raises(NotAllowed):
            world.desk(TEACHER).close("s-17", "moved_away")
