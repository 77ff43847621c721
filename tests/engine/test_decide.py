from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from casework.errors import NotFound, StepRefused
from casework.model import commands as c
from casework.model import events as ev
from casework.model.case import Span
from casework.model.emergency import Emergency
from casework.model.obligation import Obligation
from casework.rules.declare import KNOWN, NO_CASE
from casework.testing.factories import AUTUMN, MORNING, TODAY, activity, case
from tests.engine.asking import CARD, DAY, TOMORROW, YESTERDAY, after, asks, record, refused
from tests.engine.world import context

LIVE = Emergency("e1", "missing", MORNING, "t.wang", MORNING)
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


def kinds(command, one=None):
    """The events' types."""
    return [type(event) for event in asks(command, one)]


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

    @pytest.mark.parametrize("command", EVERY, ids=lambda command: type(command).__name__)
    def test_what_a_command_says_itself_is_known_as_such(self, command):
        """Every event of a command is one of those that people ask for, so that it can be told from what follows."""
        everything = {
            "activities": [activity("visit", id="a1")],
            "obligations": {"D10/w2": Obligation("D10", "w2", AUTUMN.first, TODAY, TODAY, "class_teacher")},
            "card": CARD,
        }
        found = []
        for state in (NO_CASE, *KNOWN):
            for emergency in ("raised", "acknowledged", "responding", "stood_down"):
                one = evolve(case(state, **everything), emergencies={"e1": evolve(LIVE, state=emergency)})
                for span in (Span("boarder", AUTUMN.first), Span("key", AUTUMN.first)):
                    with suppress(StepRefused, NotFound):
                        found += asks(command, evolve(one, spans=(*one.spans, span)))

        assert found
        assert (
            {ev.ObligationSettled}
            if isinstance(command, c.Excuse)
            else set() == ({type(event) for event in found} - set(ev.ASKED))
        )

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
            ({"safe_seen_at": MORNING + timedelta(seconds=1)}, "+08:00 has not come yet (now is 2026-"),
            ({"safe_seen_at": "today"}, "an instant is asked for, not str"),
            ({"safe_seen_at": None}, "say who saw the child safe, and when"),
            ({"safe_seen_by": ""}, "say who saw the child safe, and when"),
            ({"safe_seen_by": "x" * 256}, "is an id of 1 to 255 characters"),
            ({"safe_seen_by": case().child.upper()}, "safe_seen_by= is the child; name the grown-up"),
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
            (c.CallOutside("e1", "The police", "P-17"), "agency is no code"),
            (c.CallOutside("e1", "police", ""), "'none' if it gave none"),
            (c.CallOutside("e1", "police", "x" * 65), "1 to 64 characters"),
            (c.CallOutside("e1", "police", 17), "1 to 64 characters"),
            (c.CallOutside("e1", "police", "P", at=MORNING + DAY), "has not come yet"),
            (c.Raise("Missing child"), "kind is no code"),
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
