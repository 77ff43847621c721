"""Insiders at doors that the matrix does not name: previews, corrections, merges, referrals of their own, UUIDs."""

from uuid import uuid4

import pytest
from attrs import evolve

from casework import ConcernDraft, Contact, ContactCard, Record
from casework.errors import CommandRefused, NotAllowed, NotFound, WrongValue
from casework.model import commands as c
from casework.model.case import Case
from casework.model.glass import BreakGlass
from casework.model.people import Sealed
from casework.model.roll import RollRow
from casework.policy import load_policy
from casework.policy.access import default_access
from tests.engine.world import DIRECTORY, World, day

LEAD, MEMBER, TEACHER, SAFEGUARDING, HEAD, QIN = "t.li", "t.wu", "t.wang", "t.chen", "t.sun", "t.qin"
CARD = ContactCard(Contact("Liu", "grandmother", "138", "Mill Lane 3", person="gm-1"))
SCHOOL = load_policy("school")
SEATS = evolve(
    DIRECTORY,
    seats={
        **DIRECTORY.seats,
        "psychologist": [QIN],
        "medical_staff": ["t.med"],
        "subject_teacher": ["t.fang"],
        "administrator": ["t.adm"],
        "office": ["t.jin"],
        "youth_counsellor": ["t.yu"],
    },
    teachers={"3-1": TEACHER, "3-2": "t.bai"},
)


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


def opened(desk, text, child="s-17"):
    """Whether a desk's person may open a text."""
    try:
        desk.open(child, text, "to see")
    except NotFound:
        return False
    return True


def refusal(call, *given, **named):
    """The kind and the words of a refusal."""
    with pytest.raises((NotFound, NotAllowed, CommandRefused)) as caught:
        call(*given, **named)
    return type(caught.value), str(caught.value)


class TestPreview:
    def test_of_a_broken_glass_shows_nothing(self, world):
        """Nobody hears of a preview, so it opens nothing that the command would open."""
        before = world.desk("t.fang")

        shown = before.preview("s-17", BreakGlass("curious"))

        assert ("", {}, None) == (shown.case.stage, dict(shown.case.activity_log), shown.case.card)
        with pytest.raises(NotFound):
            before.case("s-17")


class TestCorrecting:
    @pytest.mark.parametrize("person", [TEACHER, MEMBER, HEAD, "t.jin"])
    @pytest.mark.parametrize("call", ["do", "preview"])
    def test_nobody_corrects_a_talk_that_they_may_not_read(self, world, person, call):
        """A correction hands back the entry, so it takes the right to read it."""
        talk = act(world.record(), "talk")
        desk = world.desk(person)

        with pytest.raises(NotAllowed):
            getattr(desk, call)("s-17", c.Correct(talk.id, "mistyped", minutes=31))

    def test_it_makes_nobody_a_writer(self, world):
        """A head who corrects the day of a visit has not written its words; new words are the corrector's own."""
        world.desk("t.med").note_concern("s-17", ConcernDraft("homesick"))
        visit = act(world.record(), "visit")
        world.desk("t.jin").correct("s-17", visit.id, "mistyped", minutes=20)
        old = opened(world.desk("t.jin"), visit.words)
        world.desk("t.jin").correct("s-17", visit.id, "mistyped", words="I like it here")
        new = act(world.record(), "visit").words

        assert (False, True) == (old, opened(world.desk("t.jin"), new))

    def test_what_a_correction_made_a_talk_is_read_as_one(self, world):
        """A talk that was entered as a visit by mistake is restricted from the correction on."""
        visit = act(world.record(), "visit")
        before = opened(world.desk(TEACHER), visit.words)
        world.desk(LEAD).correct("s-17", visit.id, "mistyped", kind="talk")

        assert (True, False) == (before, opened(world.desk(TEACHER), visit.words))

    def test_words_that_correct_an_entry_are_not_for_who_made_it_once_implicated(self, world):
        """Somebody's own visit is theirs, not what another has written over it since they were named."""
        world.on(day(9, 2))
        world.desk(SAFEGUARDING).raise_emergency("s-17", "abuse", implicated=[LEAD])
        world.on(day(9, 3))
        visit = act(world.record(), "visit")
        world.desk(SAFEGUARDING).correct("s-17", visit.id, "completed", words="he hits me")
        said = act(world.record(), "visit").words

        assert (False, True) == (opened(world.desk(LEAD), said), opened(world.desk(LEAD), visit.words))

    def test_a_member_corrects_what_they_entered_alone(self, world):
        """Evidence that somebody else entered is not a member's to void; their own slips are."""
        world.desk(SAFEGUARDING).note_concern("s-17", ConcernDraft("neglect"))
        (concern,) = world.record().concern_log
        world.desk(MEMBER).record("s-17", "visit", reached=False)
        (own,) = [found.id for found in world.record().activity_log.values() if found.by == MEMBER]

        with pytest.raises(NotAllowed):
            world.desk(MEMBER).void("s-17", concern, "mistake")
        world.desk(MEMBER).void("s-17", own, "mistake")

        assert world.record().activity_log[own].voided


class TestMerging:
    def test_it_makes_nobody_a_writer(self, world):
        """Whoever merges two records reads in the one what they might read in the two, and no talk."""
        world.desk(TEACHER).identify("s-18", away="both", class_="3-1")
        world.desk(SAFEGUARDING).raise_emergency("s-17", "missing", note="taken away")
        done = world.desk(HEAD).merge("s-17", "s-18", "same_child")
        talk, visit = act(world.record("s-18"), "talk"), act(world.record("s-18"), "visit")
        handed = [event.activity for _, event in done.events if hasattr(event, "activity")]

        assert (False, False) == (
            opened(world.desk(HEAD), talk.words, "s-18"),
            opened(world.desk(HEAD), talk.note, "s-18"),
        )
        assert opened(world.desk(HEAD), visit.words, "s-18")
        assert [(None, None, "")] == [(a.note, a.words, a.mood) for a in handed if a.kind == "talk"]

    def test_its_history_is_as_restricted_as_the_record(self, world):
        """An emergency and the sessions of a referral that were taken up stay out of other people's history."""
        world.desk(TEACHER).identify("s-18", away="both", class_="3-1")
        world.desk(SAFEGUARDING).raise_emergency("s-17", "missing", note="taken away")
        world.desk(HEAD).merge("s-17", "s-18", "same_child")
        told = [event for entry in world.desk("t.jin").history("s-18") for _, event in entry.events]
        kinds = {type(event).__name__ for event in told}

        assert "EmergencyTaken" not in kinds
        assert [()] == [event.referral.sessions for event in told if type(event).__name__ == "ReferralTaken"]

    def test_who_is_implicated_reads_no_more_by_it(self, world):
        """What others entered since somebody was named stays from them under the other child's name too."""
        world.desk(TEACHER).identify("s-18", away="both", class_="3-1")
        world.on(day(9, 2))
        world.desk(SAFEGUARDING).raise_emergency("s-17", "abuse", implicated=[HEAD])
        world.on(day(9, 3))
        world.desk(LEAD).record("s-17", "visit", reached=True, words="he hit me")
        world.desk(HEAD).merge("s-17", "s-18", "same_child")
        late = [found.words for found in world.record("s-18").activity_log.values() if found.on == day(9, 3)]

        assert [False] == [opened(world.desk(HEAD), text, "s-18") for text in late]


class TestReferrals:
    @pytest.mark.parametrize("person", ["t.yu", "t.med"])
    def test_who_asks_for_one_does_not_take_it_on(self, world, person):
        """An urgent referral is a report and anybody's; it is no door for whoever made it."""
        desk = world.desk(person)
        referral = desk.refer("s-17", "hospital", "ill", urgent=True).referral

        with pytest.raises(NotAllowed):
            desk.accept("s-17", referral)

    def test_one_that_nobody_of_the_school_answers_opens_no_screening(self, world):
        """A class teacher who enters what the hospital answered has that referral, not psychology."""
        desk = world.desk(TEACHER)
        referral = desk.refer("s-17", "hospital", "ill").referral
        desk.accept("s-17", referral)

        assert {} == desk.case("s-17").screening_log

    def test_one_that_is_over_opens_nothing_but_itself(self, world):
        """After the work is done the counsellor has their own notes, and no case."""
        (referral,) = world.record().referrals
        session = world.record().referrals[referral].sessions[0]
        world.desk(QIN).complete("s-17", referral, "improved")

        assert opened(world.desk(QIN), session.note)
        with pytest.raises(NotFound):
            world.desk(QIN).case("s-17")

    def test_its_outcome_is_not_in_the_history_of_others(self, world):
        """How it went is as restricted in the history as in the record."""
        (referral,) = world.record().referrals
        world.desk(QIN).complete("s-17", referral, "improved")
        events = [event for entry in world.desk(TEACHER).history("s-17") for _, event in entry.events]

        assert {""} == {event.outcome for event in events if type(event).__name__ == "ReferralMoved"}


class TestPairing:
    @pytest.mark.parametrize("person", [HEAD, "t.jin"])
    @pytest.mark.parametrize("members", [(), (LEAD,)])
    def test_nobody_pairs_themselves(self, world, person, members):
        """Talks are the lead helper's alone, so nobody who may pair makes themselves one of the group."""
        lead = "t.new" if members else person
        group = (person,) if members else ()

        with pytest.raises(CommandRefused, match="nobody pairs themselves"):
            world.desk(person).pair("s-17", lead, members=group)

    def test_unless_nobody_else_could(self, world):
        """In a school whose directory names nobody else who may pair, its head may."""
        alone = evolve(SEATS, seats={"principal": [HEAD]})
        world.use(SCHOOL, directory=alone, access=default_access())
        world.desk(HEAD).pair("s-17", HEAD)

        assert world.record().lead == HEAD


class TestWithoutClass:
    def test_a_child_of_the_roll_is_of_its_class_alone(self, world):
        """A report about a child without a case is for the class teacher whom the roll names, not for every one."""
        world.desk(HEAD).update_roll([RollRow(pupil="s-40", class_="3-1")], [])
        world.desk("t.any").raise_emergency("s-40", "abuse", note="he hurts me")
        (emergency,) = world.record("s-40").emergencies.values()
        other = world.desk("t.bai")

        assert [] == [
            case.child for case in (*other.emergencies(), *other.cases(open_only=False)) if case.child == "s-40"
        ]
        assert not opened(other, emergency.note, "s-40")
        assert ["s-40"] == [case.child for case in world.desk(TEACHER).emergencies()]
        with pytest.raises(NotFound):
            other.case("s-40")


class TestExistence:
    def test_a_uuid_says_nothing(self, world):
        """A UUID can be worked out from a child's id: that there is such a case is nobody's to learn from it."""
        desk, there, nowhere = world.desk("t.nobody"), Case("qinghe", "s-17").id, uuid4()

        def said(case):
            return [
                refusal(desk.open, case, Sealed("0" * 32), "x"),
                refusal(desk.case, case),
                refusal(desk.preview, case, c.Raise("missing")),
                refusal(desk.do_together, [(case, c.Close("moved_away"))]),
            ]

        assert said(nowhere) == [(kind, text.replace(str(there), str(nowhere))) for kind, text in said(there)]
        assert "s-17" not in repr(said(there))

    def test_a_report_names_nobody_whom_the_reporter_did_not(self, world):
        """Who the carer is stands in the card: naming the carer in a report does not bring it out."""
        noted = world.desk("t.nobody").note_concern("s-17", ConcernDraft("neglect", implicated=["carer"]))

        assert [("carer",)] == [concern.implicated for concern in noted.case.concern_log.values()]
        assert [("carer",)] == [event.concern.implicated for _, event in noted.events]

    def test_a_new_roll_does_not_tell_who_has_a_case(self, world):
        """Whoever imports the roll and may not list children hears nothing of their cases."""
        rows = [RollRow(pupil=child, class_="3-2") for child in ("s-17", "s-99")]

        assert () == world.desk("t.adm").update_roll(rows, [])
        assert world.record().class_ == "3-2"


class TestHousehold:
    def test_nobody_says_themselves_that_two_children_are_of_one(self, world):
        """One visit serves siblings where somebody else has said that they are siblings."""
        world.desk(TEACHER).change_facts("s-17", household="h-9")
        world.desk("t.bai").identify("s-30", away="both", class_="3-2")
        world.desk(HEAD).pair("s-30", "t.evil")
        both = [(child, Record("visit", reached=True, occasion="o-1")) for child in ("s-30", "s-17")]
        world.desk("t.evil").change_facts("s-30", household="h-9")
        with pytest.raises(NotFound):
            world.desk("t.evil").do_together(both)
        world.desk("t.evil").change_facts("s-30", household="h-8")
        world.desk("t.bai").change_facts("s-30", household="h-9")

        assert ["s-30", "s-17"] == [done.case.child for done in world.desk("t.evil").do_together(both)]


class TestImplicated:
    def test_the_audit_does_not_tell_who_has_looked_since(self, world):
        """The reason of a later reading may name them; what was read before they still see."""
        visit = act(world.record(), "visit")
        world.desk(LEAD).open("s-17", visit.words, "before")
        world.on(day(9, 2))
        world.desk(SAFEGUARDING).raise_emergency("s-17", "abuse", implicated=[HEAD])
        world.on(day(9, 3))
        world.desk(SAFEGUARDING).open("s-17", visit.words, "the allegation against the head")
        read = world.desk(HEAD).audit("s-17", reason="request")

        assert ["before"] == [one.reading.reason for one in read]
        assert 2 == len(world.desk("t.zhao").audit("s-17", reason="request"))

    def test_they_find_no_phone_that_was_entered_since(self, world):
        """A carer with whom the child was brought to safety is not found by who is implicated."""
        world.on(day(9, 2))
        world.desk(SAFEGUARDING).raise_emergency("s-17", "abuse", implicated=[HEAD])
        known = world.desk(HEAD).find(phone="138")
        world.on(day(9, 3))
        world.desk(LEAD).record_card("s-17", ContactCard(Contact("Zhou", "aunt", "555", "Hill Road", person="au-1")))

        assert ([], ["s-17"]) == (world.desk(HEAD).find(phone="555"), world.desk("t.zhao").find(phone="555"))
        assert ["s-17"] == known

    def test_they_may_ask_for_erasure_as_everybody(self, world):
        """To ask tells nothing and destroys nothing; to carry it out is not theirs."""
        world.desk(SAFEGUARDING).raise_emergency("s-17", "abuse", implicated=["t.zhao"])
        world.desk("t.zhao").request_erasure("s-17", "wish")
        kept = [line.kept for line in world.desk("t.zhao").erasure_requests()]

        assert ["case_open"] == kept
        with pytest.raises(CommandRefused, match="it has to be kept for now"):
            world.desk("t.zhao").erase("s-17", "wish")


class TestRemarks:
    def test_of_an_emergency_are_for_who_may_read_it(self, world):
        """That the child was to be looked at again tells of an emergency."""
        desk = world.desk(SAFEGUARDING)
        emergency = desk.raise_emergency("s-17", "abuse").emergency
        desk.acknowledge("s-17", emergency)
        desk.respond("s-17", emergency)
        desk.call_outside("s-17", emergency, "police", "110-7")
        desk.stand_down(
            "s-17", emergency, "safe", safe_seen_by=SAFEGUARDING, safe_seen_at=world.clock(), look_again=day(9, 5)
        )
        world.on(day(9, 6))
        world.sweep()
        office = world.desk("t.jin")
        told = repr([office.case("s-17"), office.history("s-17"), office.explain("s-17"), office.today(SAFEGUARDING)])

        assert ["look_again"] == [flag.code for flag in world.record().flags.values()]
        assert emergency not in told


class TestLists:
    @pytest.mark.parametrize("person", ["", "  "])
    @pytest.mark.parametrize("asks", [LEAD, HEAD, "t.nobody"])
    def test_nothing_is_in_nobodys_name(self, world, asks, person):
        """Emergencies that nobody has answered are in no list of hand-overs."""
        world.desk(SAFEGUARDING).raise_emergency("s-17", "abuse")
        with pytest.raises(WrongValue, match="the id of a person"):
            world.desk(asks).in_the_name_of(person)

    def test_letters_that_did_not_arrive_are_for_few(self, world):
        """Who may not read them is told so of every letter, whether there is such a one or not."""
        desk = world.desk(LEAD)
        for call in (desk.dead_letters, lambda: desk.deliver_again("L"), lambda: desk.told_otherwise("L")):
            with pytest.raises(NotAllowed):
                call()
