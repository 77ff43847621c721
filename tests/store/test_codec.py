"""Entries as bytes."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings

from casework.errors import CommandRefused, Tampered
from casework.model import commands
from casework.model import events as ev
from casework.model.activity import Activity
from casework.model.people import Contact, ContactCard, Sealed
from casework.model.reason import Reason
from casework.store.codec import COMMANDS, EVENTS, decode, encode
from casework.store.shapes import shape_of
from casework.testing import strategies

AT = datetime(2026, 9, 14, 9, 3, 5, 123, tzinfo=UTC)
DAY = date(2026, 9, 14)


def entry(*events, actor="t.li", cause="command:Record"):
    """An entry of these events, all by one cause."""
    return ev.Entry(3, AT, actor, "k1", tuple((cause, event) for event in events))


def read(body, actor="t.li"):
    """The entry that bytes say."""
    return decode(3, AT, actor, "k1", body)


@pytest.mark.unmeasured
class TestRoundTrip:
    @settings(max_examples=150)
    @given(strategies.entries())
    def test_every_entry_reads_as_it_was_written(self, written):
        """Whatever happened, its bytes say it exactly."""
        body = encode(written)

        assert written == decode(written.seq, written.at, written.actor, written.idem, body)

    @settings(max_examples=50)
    @given(strategies.entries())
    def test_writing_again_gives_the_same_bytes(self, written):
        """One entry has one form, so that marks over it can be compared."""
        again = decode(written.seq, written.at, written.actor, written.idem, encode(written))

        assert encode(written) == encode(again)


class TestForm:
    def test_a_visit_is_short(self):
        """An entry leaves out what it says already: its actor, its day, its instant, a text that occurred."""
        visit = Activity("abcd2345", "visit", DAY, "t.li", AT, "t.li", met=("carer",))
        judged = ev.ObligationJudged("D10/2026-autumn:OPEN", "met", DAY, "abcd2345")

        assert (
            b'[1,11,[10,["abcd2345","visit",0,0,0,0,1,["carer"]]],[16,"D10/2026-autumn:OPEN","met",0,1]]'
        ) == encode(entry(ev.Recorded(visit), judged))

    @pytest.mark.parametrize(
        ("event", "said"),
        [
            (ev.Identified(DAY, "both", "register", "3-2"), [1, 0, "both", "register", "3-2"]),
            (ev.FactsChanged(date(2026, 9, 10), boarder=False), [2, -4, None, None, None, 0]),
            (ev.Marked("m1", "card", DAY, "t.li"), [3, "m1", "card", 0, 0]),
            (ev.StageChanged("closed", DAY, "moved"), [5, "closed", 0, "moved"]),
            (ev.ObligationOpened("D2", "#1", DAY, None, DAY, "lead"), [14, "D2", "#1", 0, None, 0, "lead"]),
            (ev.EmergencyMoved("e1", "acknowledged", AT, "vp"), [20, "e1", "acknowledged", 0, "vp"]),
            (ev.FlagRaised("r", "thin", Reason("thin", n=2)), [27, "r", "thin", ["thin", {"n": 2}]]),
            (ev.Applied("p", "c", "r", DAY, {"D9": DAY}), [31, "p", "c", "r", 0, {"D9": 0}]),
        ],
    )
    def test_the_stored_form_of_an_event_stays(self, event, said):
        """What was written years ago reads the same: numbers and places of fields never change."""
        assert [1, 0, said] == json.loads(encode(entry(event, cause="time")))

    def test_sealed_text_stands_as_its_reference(self):
        """A contact card in an entry holds references, 22 characters each, and no name."""
        card = ContactCard(Contact(Sealed("00" * 16), "grandmother"))

        assert [1, 4, [4, [[22 * "A", "grandmother"]]]] == json.loads(
            encode(entry(ev.CardRecorded(card), cause="command:RecordCard"))
        )

    def test_causes(self):
        """Commands and time are numbers, rules text, and any other cause is written out."""
        causes = ("command:Identify", "time", "rule:quarrels", "command:Unheard", "rule::odd")
        written = ev.Entry(1, AT, "a", "", tuple((cause, ev.FlagLowered("x")) for cause in causes))

        assert [1, 0, "quarrels", ":command:Unheard", ":rule::odd"] == [
            item for item in json.loads(encode(written))[1:] if not isinstance(item, list)
        ]

    def test_every_event_has_a_number(self):
        """No class of events is missing, and each has a shape."""
        assert set(ev.Event.__args__) == set(EVENTS)
        assert all(shape_of(cls) for cls in EVENTS)

    def test_every_command_has_a_number(self):
        """No command is missing among the causes."""
        assert {cls.__name__ for cls in commands.Command.__args__} <= set(COMMANDS)

    def test_an_unknown_type_is_refused_when_the_shape_is_made(self):
        """A field of a type that was never stored needs a decision, not a guess."""
        with pytest.raises(TypeError, match="add its shape"):
            shape_of(set[str])


class TestRefusals:
    def test_readable_names_are_not_written(self):
        """A contact card that a desk has not sealed is refused."""
        with pytest.raises(CommandRefused, match="sealed"):
            encode(entry(ev.CardRecorded(ContactCard(Contact("Liu", "grandmother")))))

    def test_a_detail_is_a_code_a_number_or_yes_or_no(self):
        """A detail of another type is refused."""
        visit = Activity("a", "visit", DAY, "t", AT, "t", details={"weight": 1.5})

        with pytest.raises(CommandRefused, match="weight"):
            encode(entry(ev.Recorded(visit)))

    def test_a_naive_instant_is_refused(self):
        """An instant without a time zone is nobody's instant."""
        naive = datetime(2026, 9, 14)  # noqa: DTZ001

        with pytest.raises(CommandRefused, match="time zone"):
            encode(entry(ev.EmergencyMoved("e", "acknowledged", naive, "x")))

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff",
            b"{}",
            b"[]",
            b"[2]",
            b"[1,[1]]",
            b"[1,0,[99]]",
            b"[1,0,[0]]",
            b'[1,0,["x"]]',
            b"[1,77]",
            b"[1,1.5]",
            b"[1,0,[28]]",
            b"[1,0,[28,5]]",
            b"[1,0,[28,-1]]",
            b"[1,0,[28,true]]",
            b'[1,0,[28,"x","y"]]',
            b'[1,0,[5,"closed","x"]]',
            b'[1,0,[5,"closed",99999999]]',
            b'[1,0,[6,"lead",0,"members"]]',
            b'[1,0,[10,["i","k",0,0,0,0,7]]]',
            b'[1,0,[10,["i","k",0,0,0,0,1,[],"",null,{"a":1.5}]]]',
            b'[1,0,[10,"x"]]',
            b'[1,0,[22,"e",0,0,"!"]]',
            b'[1,0,[22,"e",0,0,"AAAA"]]',
            b"[" * 100_000,
        ],
    )
    def test_bytes_that_make_no_sense_are_tampering(self, body):
        """Whatever stands there, reading it is a clear refusal and never another error."""
        with pytest.raises(Tampered, match="entry 3 cannot be read"):
            read(body)
