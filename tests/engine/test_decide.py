from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from casework.engine.decide import decide
from casework.engine.evolve import Draft
from casework.errors import CommandRefused, NotFound, StepRefused
from casework.model import commands as c
from casework.model import events as ev
from casework.model.emergency import Emergency
from casework.model.obligation import Obligation
from casework.model.people import Contact, ContactCard, Sealed
from casework.testing.factories import AUTUMN, MORNING, TODAY, activity, case, concern
from tests.engine.world import context

DAY = timedelta(days=1)
YESTERDAY, TOMORROW = TODAY - DAY, TODAY + DAY
CARD = ContactCard(
    carer=Contact(Sealed("1" * 32), "grandmother"), parents=[Contact(Sealed("2" * 32), "father", dead=True)]
)
LIVE = Emergency("e1", "missing", MORNING, "t.wang", MORNING)
DONE = Obligation("D10", "w1", AUTUMN.first, TODAY, TODAY, "class_teacher", "met", TODAY, "a1")
EVERY = [
    c.Identify("both"),
    c.ChangeFacts(away="one"),
    c.File(),
    c.RecordCard(CARD),
    c.VerifyContact("carer"),
    c.MarkNumberDead("carer"),
    c.Pair("t.he"),
    c.Unpair("moved"),
    c.DesignateKey("lives_alone"),
    c.EndKey("moved"),
    c.Record("visit", True),  # noqa: FBT003 - as it is typed
    c.NoteConcern(c.ConcernDraft("bullied")),
    c.Correct("a1", "wrong_date", on=YESTERDAY),
    c.Void("a1", "wrong_child"),
    c.Excuse("D10/w2", "ill"),
    c.Close("parents_returned"),
    c.Reopen("left_again"),
    c.Raise("missing"),
    c.Acknowledge("e1"),
    c.Respond("e1"),
    c.CallOutside("e1", "police", "P-17"),
    c.StandDown("e1", "found", "t.wang", MORNING),
    c.Review("e1"),
]
ALWAYS = {c.NoteConcern, c.Raise}


def asks(command, one=None, at=MORNING):
    """The events of a command."""
    return decide(command, case() if one is None else one, context(at))


def kinds(command, one=None):
    """The events' types."""
    return [type(event) for event in asks(command, one)]


def refused(command, one=None, error=CommandRefused):
    """Why a command is refused."""
    with pytest.raises(error) as caught:
        asks(command, one)
    return str(caught.value)


def record(**facts):
    """A visit that reached somebody."""
    return c.Record(**({"kind": "visit", "reached": True} | facts))


def after(one, *commands):
    """The case after these commands."""
    draft = Draft(one)
    for command in commands:
        for event in asks(command, draft.case):
            draft.apply(event)
    return draft.case


class TestFromEveryState:
    @pytest.mark.parametrize("command", EVERY, ids=lambda command: type(command).__name__)
    def test_without_a_case_only_reports_and_identification_are_possible(self, command):
        """For a child with no case one can note a concern, raise an emergency and identify; the rest says so."""
        nobody = case("no_case")
        if type(command) in {*ALWAYS, c.Identify}:
            assert asks(command, nobody)
        else:
            with pytest.raises((StepRefused, NotFound)):
                asks(command, nobody)

    @pytest.mark.parametrize(
        ("command", "state", "why"),
        [
            (c.Identify("both"), "filed", "identify refused from filed: not_from_filed"),
            (c.Identify("both"), "closed", "identify refused from closed: not_from_closed"),
            (c.File(), "closed", "file refused from closed"),
            (c.Pair("t.he"), "closed", "pair refused from closed"),
            (c.Unpair("moved"), "filed", "unpair refused from filed"),
            (c.Reopen("again"), "paired", "reopen refused from paired"),
            (c.Close("back"), "closed", "close refused from closed"),
            (c.Close("back"), "escalated", "close refused from monitored: emergency_not_stood_down"),
            (c.DesignateKey("alone"), "closed", "the case is closed; reopen it first"),
            (c.EndKey("moved"), "closed", "the case is closed; reopen it first"),
            (c.EndKey("moved"), "paired", "the child is no key child"),
            (record(), "no_case", "record refused from no case: the child has no case yet; identify the child first"),
        ],
    )
    def test_a_refusal_says_which_step_from_where_and_why(self, command, state, why):
        """A step that is not possible is refused with its name, the state and the reason."""
        assert why in refused(command, case(state), StepRefused)

    def test_the_refusal_carries_its_parts(self):
        """A program reads step, state and reason without taking the message apart."""
        with pytest.raises(StepRefused) as caught:
            asks(c.Unpair("moved"), case("filed"))

        assert ("unpair", "filed", "not_from_filed") == (caught.value.step, caught.value.state, caught.value.why)

    @pytest.mark.parametrize(
        ("command", "state", "found"),
        [
            (c.Identify("both"), "no_case", [ev.Identified]),
            (c.File(), "identified", [ev.Marked, ev.StageChanged]),
            (c.File(), "monitored", [ev.Marked]),
            (c.File(CARD), "paired", [ev.Marked, ev.CardRecorded, ev.Marked]),
            (c.RecordCard(CARD), "closed", [ev.CardRecorded, ev.Marked]),
            (c.Pair("t.he"), "identified", [ev.Paired, ev.StageChanged]),
            (c.Pair("t.he"), "monitored", [ev.Unpaired, ev.Paired, ev.StageChanged]),
            (c.Unpair("moved"), "escalated", [ev.Unpaired, ev.StageChanged]),
            (c.DesignateKey("alone"), "identified", [ev.KeyBegan]),
            (record(), "closed", [ev.Recorded]),
            (record(concerns=(c.ConcernDraft("ill"),)), "escalated", [ev.Recorded, ev.ConcernNoted]),
            (c.NoteConcern(c.ConcernDraft("ill")), "no_case", [ev.ConcernNoted]),
            (c.Close("back"), "monitored", [ev.Unpaired, ev.StageChanged]),
            (c.Close("back"), "identified", [ev.StageChanged]),
            (c.Reopen("again"), "closed", [ev.StageChanged]),
            (c.Raise("missing"), "closed", [ev.EmergencyRaised]),
            (c.ChangeFacts(away="one"), "closed", [ev.FactsChanged, ev.Marked]),
            (c.ChangeFacts(class_="3-2"), "filed", [ev.FactsChanged]),
            (c.ChangeFacts(away="both", class_="3-1", boarder=False), "filed", []),
        ],
    )
    def test_what_is_possible_happens(self, command, state, found):
        """A step that is possible gives its events, in any state in which care is given."""
        assert found == kinds(command, case(state))

    @pytest.mark.parametrize(("filed", "stage"), [(True, "filed"), (False, "identified")])
    def test_a_reopened_case_begins_where_its_paper_is(self, filed, stage):
        """A case that had a file is filed when it is reopened, one that had none is identified."""
        closed = case("closed")
        [moved] = asks(c.Reopen("again"), closed if filed else evolve(closed, marks={}))

        assert stage == moved.to


class TestDays:
    COMMANDS = [  # noqa: RUF012 - read only
        c.File(on=TOMORROW),
        c.RecordCard(CARD, on=TOMORROW),
        c.Pair("t.he", on=TOMORROW),
        c.Unpair("moved", on=TOMORROW),
        c.DesignateKey("alone", on=TOMORROW),
        record(on=TOMORROW),
        c.NoteConcern(c.ConcernDraft("ill"), on=TOMORROW),
        c.Correct("a1", "wrong_date", on=TOMORROW),
        c.Close("back", on=TOMORROW),
        c.ChangeFacts(away="one", on=TOMORROW),
    ]

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
    def test_a_day_to_come_is_refused(self, command):
        """Nobody has visited anybody tomorrow."""
        one = case(activities=[activity("visit", id="a1")])

        assert "2026-10-22 has not come yet (today is 2026-10-21)" in refused(command, one)

    def test_an_instant_is_no_day(self):
        """A local day is asked for, since an instant would need a time zone."""
        assert "takes a local date, not an instant" in refused(record(on=MORNING))

    def test_text_is_no_day(self):
        """A day given as text is refused with what to give."""
        assert "on= takes a local date, not str" in refused(record(on="2026-10-20"))

    def test_the_local_day_counts(self):
        """Half an hour after midnight at the school it is today, whatever day it is in Greenwich."""
        at = datetime(2026, 10, 20, 16, 30, tzinfo=UTC)

        assert TODAY == asks(record(), at=at)[0].activity.on
        assert YESTERDAY == asks(record(on=YESTERDAY), at=at)[0].activity.on

    def test_two_times_and_two_people(self):
        """When it happened and when it was entered, who did it and who entered it, are kept apart."""
        done = asks(record(on=YESTERDAY, by="t.li"))[0].activity

        assert (YESTERDAY, MORNING, "t.li", "t.wang") == (done.on, done.entered_at, done.by, done.entered_by)

    @pytest.mark.parametrize(
        ("command", "state", "why"),
        [
            (c.Pair("t.he", on=AUTUMN.first - DAY), "paired", "a new one cannot begin before it"),
            (c.Unpair("moved", on=AUTUMN.first - DAY), "paired", "it cannot end before that"),
            (c.Close("back", on=AUTUMN.first - DAY), "filed", "is before the case was opened"),
            (c.Reopen("again", on=YESTERDAY - DAY), "closed", "it cannot be reopened before that"),
        ],
    )
    def test_days_in_the_wrong_order_are_refused(self, command, state, why):
        """Nothing ends before it began."""
        assert why in refused(command, case(state))

    def test_a_designation_ends_after_it_began(self):
        """A key child cannot cease to be one before it was one, nor be one twice at a time."""
        keyed = after(case(), c.DesignateKey("alone", on=YESTERDAY))
        ended = after(keyed, c.EndKey("moved"))

        assert "the designation began on 2026-10-20" in refused(c.EndKey("moved", on=YESTERDAY - DAY), keyed)
        assert "the child is a key child already" in refused(c.DesignateKey("alone"), keyed, StepRefused)
        assert "the child was a key child until 2026-10-21" in refused(c.DesignateKey("alone", on=YESTERDAY), ended)
        assert [ev.KeyBegan] == kinds(c.DesignateKey("alone"), ended)

    def test_closing_ends_what_runs(self):
        """Closing with an earlier day never ends a designation or a pairing before it began."""
        keyed = after(case("filed"), c.Pair("t.li"), c.DesignateKey("alone"))
        events = asks(c.Close("back", on=YESTERDAY), keyed)

        assert [TODAY, TODAY] == [event.until for event in events[:2]]
        assert (YESTERDAY, "back") == (events[2].on, events[2].because)


class TestInstants:
    def stand_down(self, **facts):
        """A report that the child was seen safe."""
        return c.StandDown(
            **({"emergency": "e1", "because": "found", "safe_seen_by": "t.wang", "safe_seen_at": MORNING} | facts)
        )

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"safe_seen_at": datetime(2026, 10, 21, 8)}, "needs a time zone"),  # noqa: DTZ001 - naive on purpose
            ({"safe_seen_at": MORNING + timedelta(seconds=1)}, "has not come yet"),
            ({"safe_seen_at": "today"}, "an instant is asked for, not str"),
            ({"safe_seen_at": None}, "say who saw the child safe, and when"),
            ({"safe_seen_by": ""}, "say who saw the child safe, and when"),
            ({"safe_seen_by": "x" * 256}, "is an id of 1 to 255 characters"),
            ({"safe_seen_by": "p.father"}, "p.father cannot be the one who saw the child safe"),
            ({"because": "All is well"}, "is no code"),
            ({"look_again": TODAY}, "is not a day to come"),
            ({"look_again": MORNING + DAY}, "is not a day to come"),
            ({"look_again": "tomorrow"}, "is not a day to come"),
        ],
    )
    def test_standing_down_needs_who_saw_the_child_safe_and_when(self, facts, why):
        """Nobody stands an emergency down who does not say who saw the child safe, and when."""
        one = case(emergencies={"e1": evolve(LIVE, implicated=("p.father",))})

        assert why in refused(self.stand_down(**facts), one)

    def test_an_instant_is_kept_in_utc(self):
        """An instant of another time zone is the same instant."""
        local = MORNING.astimezone(context(MORNING).settings.calendar.zone)
        [event] = asks(self.stand_down(safe_seen_at=local, look_again=TOMORROW), case(emergencies={"e1": LIVE}))

        assert (MORNING, UTC, TOMORROW) == (event.safe_seen_at, event.safe_seen_at.tzinfo, event.look_again)


class TestEmergencies:
    def in_state(self, state):
        """A case with an emergency in that state."""
        return case(emergencies={"e1": evolve(LIVE, state=state)})

    @pytest.mark.parametrize(
        ("state", "possible"),
        [
            ("raised", {"Acknowledge", "Respond", "CallOutside", "StandDown"}),
            ("acknowledged", {"Respond", "CallOutside", "StandDown"}),
            ("responding", {"CallOutside", "StandDown"}),
            ("stood_down", {"CallOutside", "Review"}),
            ("reviewed", set()),
        ],
    )
    def test_each_state_has_its_steps(self, state, possible):
        """Acknowledge, respond, call outside, stand down, review: each from where it makes sense, else refused."""
        one = self.in_state(state)
        found, refused_from = set(), set()
        for command in EVERY[-5:]:
            try:
                asks(command, one)
                found.add(type(command).__name__)
            except StepRefused as refusal:
                refused_from.add(refusal.state)

        assert possible == found
        assert {state} == refused_from

    def test_calling_the_outside_acknowledges(self):
        """Who calls the police has heard."""
        events = asks(c.CallOutside("e1", "police", "P-17", by="t.li"), self.in_state("raised"))

        assert [ev.OutsideCalled, ev.EmergencyMoved] == [type(event) for event in events]
        assert ("police", "t.li", MORNING, "P-17") == (
            events[0].call.agency,
            events[0].call.by,
            events[0].call.at,
            events[0].call.reference,
        )
        assert [ev.OutsideCalled] == [
            type(event) for event in asks(c.CallOutside("e1", "police", "P-17"), self.in_state("responding"))
        ]

    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (c.CallOutside("e1", "The police", "P-17"), "agency 'The police' is no code"),
            (c.CallOutside("e1", "police", ""), "'none' if it gave none"),
            (c.CallOutside("e1", "police", "x" * 65), "1 to 64 characters"),
            (c.CallOutside("e1", "police", 17), "1 to 64 characters"),
            (c.CallOutside("e1", "police", "P", at=MORNING + DAY), "has not come yet"),
            (c.Raise("Missing child"), "kind 'Missing child' is no code"),
            (c.Raise("missing", implicated=("",)), "is an id of 1 to 255 characters"),
            (c.Raise("missing", about=("",)), "is an id of 1 to 255 characters"),
            (c.Raise("missing", observed="no"), "observed='no' is neither True nor False"),
        ],
    )
    def test_wrong_values_are_refused(self, command, why):
        """What cannot be right is refused with what to give."""
        assert why in refused(command, self.in_state("raised"))

    @pytest.mark.parametrize("command", EVERY[-5:], ids=lambda command: type(command).__name__)
    def test_an_unknown_emergency_is_not_found(self, command):
        """There is no such emergency, or one may not know of it."""
        assert "no emergency e1" in refused(command, case(), NotFound)


class TestValues:
    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (record(kind="Home visit"), "kind 'Home visit' is no code"),
            (record(reached="yes"), "reached='yes' is neither True nor False"),
            (record(mood="sad"), "mood 'sad' is unknown; use one of good, even, low, very_low"),
            (record(minutes=-1), "minutes=-1 is outside a day"),
            (record(minutes=1441), "minutes=1441 is outside a day"),
            (record(minutes="20"), "minutes='20' is outside a day"),
            (record(details={"Home safety": True}), "detail 'Home safety' is no code"),
            (record(details={"home_safety": "father drinks"}), "detail home_safety has to be a word"),
            (record(details={"home_safety": "x" * 65}), "detail home_safety has to be a word"),
            (record(details={"home_safety": 1.5}), "detail home_safety has to be a word"),
            (record(met=("grandmother Liu",)), "met 'grandmother Liu' is no code"),
            (record(occasion="after school"), "occasion has to be a word"),
            (record(by="x" * 256), "by is an id of 1 to 255 characters"),
            (record(note="he said"), "text reaches the engine sealed; give it to a desk"),
            (record(concerns=(c.ConcernDraft("He is sad"),)), "concern 'He is sad' is no code"),
            (record(concerns=(c.ConcernDraft("sad", "awful"),)), "severity 'awful' is unknown; use one of low"),
            (record(concerns=(c.ConcernDraft("sad", implicated=("",)),)), "implicated= is an id"),
            (record(concerns=(c.ConcernDraft("sad", observed="maybe"),)), "observed='maybe' is neither"),
            (c.NoteConcern(c.ConcernDraft("sad"), about="the visit"), "about has to be a word"),
            (c.Pair("", ()), "a helper is an id"),
            (c.Pair("t.he", ("t.he",)), "the lead of a pairing is not also a member"),
            (c.Pair("t.li"), "t.li leads this child's pairing already; nothing to change"),
            (c.Unpair("she moved"), "because 'she moved' is no code"),
            (c.DesignateKey("Alone"), "is no code"),
            (c.Close("They are back"), "is no code"),
            (c.Excuse("D10/w1", "was ill"), "is no code"),
            (c.Void("a1", "Wrong"), "is no code"),
            (c.Correct("a1", "Wrong"), "is no code"),
            (c.Correct("a1", "wrong"), "nothing to correct is given"),
            (c.Correct("a1", "wrong", mood="sad"), "mood 'sad' is unknown"),
            (c.Correct("a1", "wrong", minutes=-5), "minutes=-5 is outside a day"),
            (c.Correct("a1", "wrong", reached="no"), "reached='no' is neither"),
            (c.Correct("a1", "wrong", kind="A visit"), "kind 'A visit' is no code"),
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
