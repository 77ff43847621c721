import pytest
from attrs import evolve

from casework.errors import NotFound, StepRefused
from casework.model import commands as c
from casework.model import events as ev
from casework.model.obligation import Obligation
from casework.model.people import Contact, Sealed
from casework.testing.factories import AUTUMN, TODAY, activity, case, concern
from tests.engine.asking import CARD, TOMORROW, YESTERDAY, after, asks, record, refused

DONE = Obligation("D10", "w1", AUTUMN.first, TODAY, TODAY, "class_teacher", "met", TODAY, "a1")


class TestValues:
    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (record(kind="Home visit"), "kind is no code"),
            (record(reached="yes"), "reached='yes' is neither True nor False"),
            (record(mood="sad"), "mood 'sad' is unknown; use one of good, even, low, very_low"),
            (record(minutes=-1), "minutes=-1 is outside a day"),
            (record(minutes=1441), "minutes=1441 is outside a day"),
            (record(minutes="20"), "minutes='20' is outside a day"),
            (record(details={"Home safety": True}), "detail is no code"),
            (record(details={"home_safety": "father drinks"}), "detail home_safety has to be a word"),
            (record(details={"home_safety": "x" * 65}), "detail home_safety has to be a word"),
            (record(details={"home_safety": 1.5}), "detail home_safety has to be a word"),
            (record(met=("grandmother Liu",)), "met is no code"),
            (record(occasion="after school"), "occasion has to be a word"),
            (record(by="x" * 256), "by is an id of 1 to 255 characters"),
            (record(note="he said"), "text reaches the engine sealed; give it to a desk"),
            (record(concerns=(c.ConcernDraft("He is sad"),)), "concern is no code"),
            (record(concerns=(c.ConcernDraft("sad", "awful"),)), "severity 'awful' is unknown; use one of low"),
            (record(concerns=(c.ConcernDraft("sad", implicated=("",)),)), "implicated= is an id"),
            (record(concerns=(c.ConcernDraft("sad", observed="maybe"),)), "observed='maybe' is neither"),
            (c.NoteConcern(c.ConcernDraft("sad"), about="the visit"), "about has to be a word"),
            (c.Pair("", ()), "a helper is an id"),
            (c.Pair("t.he", ("t.he",)), "the lead of a pairing is not also a member"),
            (c.Pair("s-17"), "no child its own helper"),
            (c.Pair("t.he", ("s-17",)), "no child its own helper"),
            (c.Pair("  "), "a helper is an id"),
            (c.Pair("t.li"), "t.li leads this child's pairing already; nothing to change"),
            (c.Unpair("she moved"), "because is no code"),
            (c.DesignateKey("Alone"), "is no code"),
            (c.Close("They are back"), "is no code"),
            (c.Excuse("D10/w1", "was ill"), "is no code"),
            (c.Void("a1", "Wrong"), "is no code"),
            (c.Correct("a1", "Wrong"), "is no code"),
            (c.Correct("a1", "wrong"), "nothing to correct is given"),
            (c.Correct("a1", "wrong", mood="sad"), "mood 'sad' is unknown"),
            (c.Correct("a1", "wrong", minutes=-5), "minutes=-5 is outside a day"),
            (c.Correct("a1", "wrong", minutes=True), "minutes=True is outside a day"),
            (c.Correct("a1", "wrong", reached="no"), "reached='no' is neither"),
            (c.Correct("a1", "wrong", kind="A visit"), "kind is no code"),
            (c.Correct("a1", "wrong", details={"x": "free text"}), "detail x has to be a word"),
            (c.Correct("a1", "wrong", words="his"), "text reaches the engine sealed"),
            (c.ChangeFacts(away="father"), "away='father'; say 'none', 'one' or 'both'"),
            (c.ChangeFacts(boarder="yes"), "boarder='yes' is neither True nor False"),
            (c.ChangeFacts(class_="x" * 256), "class_ or household is an id"),
            ("visit", "str is no command; give one of Identify"),
        ],
    )
    def test_a_value_that_cannot_be_right_is_refused(self, command, why):
        """Free text where a code stands, numbers out of bounds, unknown words: refused with what to give."""
        one = case(activities=[activity("visit", id="a1")], obligations={"D10/w1": DONE})

        assert why in refused(command, one)

    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (c.Identify("father"), "away='father'; say 'one' or 'both'"),
            (c.Identify("none"), "away='none'; say 'one' or 'both'"),
            (c.Identify("both", "unesco"), "definition 'unesco' is unknown; use one of register, state-council-2016"),
            (c.Identify("both", boarder="yes"), "boarder='yes' is neither"),
            (c.Identify("both", household="x" * 256), "class_ or household is an id"),
            (c.Identify("both", on=TOMORROW), "has not come yet"),
        ],
    )
    def test_a_child_is_identified_by_known_words(self, command, why):
        """Who counts as left behind is said in the policy's words."""
        assert why in refused(command, case("no_case"))

    def test_the_policy_s_definition_holds_unless_another_is_named(self):
        """Every case says by which definition it was identified."""
        assert ["register", "state-council-2016"] == [
            asks(c.Identify("both", name), case("no_case"))[0].definition for name in ("", "state-council-2016")
        ]

    @pytest.mark.parametrize(
        ("command", "what"),
        [
            (c.Correct("a9", "wrong", on=YESTERDAY), "activity a9"),
            (c.Correct("gone", "wrong", on=YESTERDAY), "activity gone"),
            (c.Void("a9", "wrong"), "activity or concern a9"),
            (c.Void("gone", "wrong"), "activity or concern gone"),
            (c.Excuse("D99/w1", "ill"), "obligation D99/w1"),
            (c.VerifyContact("parent1"), "contact parent1"),
            (c.MarkNumberDead("neighbour"), "contact neighbour"),
        ],
    )
    def test_what_is_not_there_is_not_found(self, command, what):
        """What does not exist, or was voided, is not found."""
        one = case(activities=[activity("visit", id="gone", voided="wrong_child")])

        assert f"no {what}: check the id" in refused(command, one, NotFound)

    def test_only_an_open_obligation_is_excused(self):
        """What is met or missed is not excused afterwards."""
        one = case(obligations={"D10/w1": DONE, "D10/w2": evolve(DONE, window="w2", status="open")})

        assert "only an open obligation can be excused" in refused(c.Excuse("D10/w1", "ill"), one, StepRefused)
        assert [ev.ObligationSettled("D10/w2", "excused", "ill")] == asks(c.Excuse("D10/w2", "ill"), one)

    def test_a_concern_is_voided_as_an_activity_is(self):
        """Both can have been entered for the wrong child."""
        one = case(concerns=[concern("ill", id="c1")])

        assert [ev.Voided("c1", "wrong_child")] == asks(c.Void("c1", "wrong_child"), one)

    def test_two_alike_get_two_ids(self):
        """Two visits entered in the same moment are two."""
        one = case("paired")
        first = asks(record(), one)[0].activity.id
        again = after(one, record())

        assert first != asks(record(), again)[0].activity.id
        assert 2 == len({e.concern.id for e in asks(record(concerns=[c.ConcernDraft("ill")] * 2), one)[1:]})

    def test_a_correction_keeps_the_rest(self):
        """Only what is given reads differently, and the id stays."""
        before = activity("visit", id="a1", met=("child",), mood="low")
        [event] = asks(c.Correct("a1", "wrong_date", on=YESTERDAY, met=["carer"]), case(activities=[before]))

        assert evolve(before, on=YESTERDAY, met=("carer",)) == event.activity


class TestCard:
    def test_a_card_is_verified_on_the_day_it_is_written(self):
        """What is written today was verified today, unless the card says when."""
        card = evolve(CARD, carer=evolve(CARD.carer, verified_on=YESTERDAY))
        [recorded, _] = asks(c.RecordCard(card))

        assert [YESTERDAY, TODAY] == [contact.verified_on for contact in recorded.card.contacts().values()]

    def test_another_carer_is_a_change_of_carer(self):
        """A card with another carer asks for a visit; one with the same carer does not."""
        one = case(card=CARD)
        other = evolve(CARD, carer=Contact(Sealed("3" * 32), "aunt"))

        assert ["card", "carer_changed"] == [e.kind for e in asks(c.RecordCard(other), one)[1:]]
        assert ["card"] == [e.kind for e in asks(c.RecordCard(CARD), one)[1:]]
        assert ["card"] == [e.kind for e in asks(c.RecordCard(evolve(CARD, carer=None)), one)[1:]]

    def test_the_host_s_id_says_whether_it_is_the_same_carer(self):
        """A carer with an id stays the same under another spelling of the name."""
        known, again, other = (
            evolve(CARD, carer=Contact(Sealed(k * 32), "aunt", person=p))
            for k, p in (("3", "p.1"), ("4", "p.1"), ("3", "p.2"))
        )

        assert 2 == len(asks(c.RecordCard(again), case(card=known)))
        assert 3 == len(asks(c.RecordCard(other), case(card=known)))

    def test_a_contact_that_was_reached_lives(self):
        """Who was reached is verified, and the number no longer dead."""
        one = evolve(case(card=CARD), stage="filed")
        [reached] = asks(c.VerifyContact("parent1"), one)
        dead, mark = asks(c.MarkNumberDead("carer"), one)

        assert (False, TODAY) == (reached.card.parents[0].dead, reached.card.parents[0].verified_on)
        assert (True, "number_dead") == (dead.card.carer.dead, mark.kind)
        assert dead.card.parents == CARD.parents
