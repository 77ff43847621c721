from datetime import timedelta

import pytest

from casework import ConcernDraft, Contact, ContactCard
from casework.errors import CommandRefused, NotFound
from casework.model.people import Sealed
from casework.model.roll import RollRow, StaffRow
from casework.policy import load_policy
from tests.engine.world import CARD, World, day, duty, noon, policy

DAY = timedelta(days=1)


@pytest.fixture
def world():
    """A school with one child, identified on the first day of term."""
    found = World()
    found.desk().identify("s-17", away="both", class_="3-1", household="h-1")
    return found


def sealed_in(value):
    """The references to sealed text in a value's words."""
    text = repr(value)
    for entry in value.events:
        text += "".join(repr(getattr(inner, name, "")) for inner in walk(entry[1]) for name in TEXTS)
    return {part.split("'")[0] for part in text.split("Sealed(ref='")[1:]}


TEXTS = ("note", "words", "lessons", "name", "phone", "address")


def walk(event):
    """An event and the values inside it that may hold sealed text."""
    found = [event, getattr(event, "activity", None), getattr(event, "concern", None)]
    card = getattr(event, "card", None)
    return [*found, *(card.contacts().values() if card else ())]


class TestRoll:
    def test_facts_that_changed_become_history(self, world):
        """A pupil who moved to another class, or whose parent came back, has it in the record."""
        rows = [RollRow("s-17", class_="3-2", left_behind="one", household="h-1"), RollRow("s-50", left_behind="none")]
        found = world.desk().update_roll(rows, [StaffRow("t.wang", ("class_teacher",), ("3-1",))])

        assert ("3-2", "one") == (found[0].case.class_, found[0].case.away)
        assert () == world.desk().update_roll(rows, [])

    def test_what_the_roster_does_not_know_stays(self, world):
        """An empty class or household in a roster means unknown, and wipes nothing out."""
        world.desk().update_roll([RollRow("s-17")], [])

        assert ("3-1", "h-1", "both") == (world.record().class_, world.record().household, world.record().away)

    def test_everybody_is_in_scope(self):
        """A pupil counted as left behind without a case opens D41 at once; identifying meets it."""
        world = World(load_policy("school"))
        world.desk().update_roll([RollRow("s-1", left_behind="both"), RollRow("s-2", left_behind="none")], [])

        assert ["open"] == list(world.said("D41", "").values())

        world.desk().identify("s-1", away="both")

        assert ["met"] == list(world.said("D41", "").values())

    def test_an_hour_after_midnight_is_too_late(self):
        """A difference that stands until the day is over is missed."""
        world = World(load_policy("school"))
        world.desk().update_roll([RollRow("s-1", left_behind="both")], [])
        world.until(day(9, 2))

        assert ["missed"] == list(world.said("D41", "").values())


class TestSealed:
    CARD = ContactCard(carer=Contact("Grandma Liu", "grandmother", "13812345678", "Mill Lane 3"))

    def test_no_plain_text_reaches_the_history(self, world):
        """Names, phones, addresses, notes, words and lessons stand nowhere in record, history and outbox."""
        desk = world.desk()
        desk.file("s-17", self.CARD)
        desk.record_card("s-17", self.CARD)
        concern = ConcernDraft("violence", "danger", note="secret note one")
        done = desk.record(
            "s-17", "visit", reached=True, note="secret note two", words="secret words", concerns=[concern]
        )
        desk.note_concern("s-17", ConcernDraft("ill", note="secret note three"))
        desk.correct("s-17", done.activity, "completed", note="secret note four", words="secret words two")
        desk.raise_emergency("s-17", "missing", note="secret note five")
        for id_ in world.record().emergencies:
            desk.stand_down("s-17", id_, "found", safe_seen_by="t.li", safe_seen_at=world.clock())
            world.desk("t.sun").review("s-17", id_, "secret lesson")
        stored = repr([world.record(), world.entries(), world.outbox(), desk.history("s-17"), desk.case("s-17")])

        assert [] == [word for word in ("secret", "Liu", "138123", "Mill") if word in stored]
        texts = {ref for entry in world.entries() for ref in sealed_in(entry)}
        assert 11 == len(texts)

    def test_opening_is_audited(self, world):
        """Who reads sealed text, when and why, is stored with the reading."""
        desk = world.desk()
        done = desk.record("s-17", "visit", reached=True, note="he is thin")
        note = done.case.activity_log[done.activity].note

        assert "he is thin" == world.desk("t.li").open("s-17", note, "handing over")
        with world.store.read():
            [read] = world.store.reads("qinghe", "s-17")

        assert (note.ref, "t.li", "handing over", world.clock()) == (read.ref, read.reader, read.reason, read.at)

    @pytest.mark.parametrize(
        ("person", "sealed", "reason", "error"),
        [
            ("system", None, "sweeping", NotFound),
            ("t.li", Sealed("f" * 32), "guessing", NotFound),
            ("t.li", None, "", CommandRefused),
            ("t.li", "f" * 32, "asking", TypeError),
        ],
    )
    def test_what_is_not_for_somebody_stays_closed(self, world, person, sealed, reason, error):
        """The engine opens nothing, nobody opens what is not in the record, and nobody without a reason."""
        done = world.desk().record("s-17", "visit", reached=True, note="he is thin")
        note = done.case.activity_log[done.activity].note
        with pytest.raises(error):
            world.desk(person).open("s-17", sealed or note, reason)
        with world.store.read():
            assert [] == world.store.reads("qinghe", "s-17")

    def test_too_long_a_text_is_refused(self, world):
        """A text of more than 20,000 characters belongs into a document."""
        with pytest.raises(CommandRefused, match="note has 20001 characters; at most 20000 are kept"):
            world.desk().record("s-17", "visit", reached=True, note="x" * 20_001)

    def test_an_empty_text_is_none(self, world):
        """An empty note is no note."""
        done = world.desk().record("s-17", "visit", reached=True, note="", words="")
        act = done.case.activity_log[done.activity]

        assert (None, None) == (act.note, act.words)

    def test_a_sealed_text_is_not_sealed_again(self, world):
        """A card that is written back as it was read keeps its references."""
        desk = world.desk()
        first = desk.file("s-17", CARD).case.card
        again = desk.record_card("s-17", first).case.card

        assert first.carer.name == again.carer.name
        assert isinstance(again.carer.name, Sealed)


class TestRequests:
    def test_every_named_call_does_its_command(self, world):
        """What a developer types is what is carried out."""
        desk = world.desk()
        desk.file("s-17", CARD)
        desk.verify_contact("s-17", "parent1")
        desk.mark_number_dead("s-17", "carer")
        desk.pair("s-17", "t.li", ["t.he"])
        desk.designate_key("s-17", "lives_alone")
        desk.end_key("s-17", "moved")
        desk.change_facts("s-17", away="one")
        excused = next(key for key, status in world.said("D12").items() if status == "open")
        desk.excuse("s-17", excused, "no_telephone")
        raised = desk.raise_emergency("s-17", "missing").emergency
        desk.acknowledge("s-17", raised)
        desk.call_outside("s-17", raised, "police", "P-17")
        desk.stand_down("s-17", raised, "found", safe_seen_by="t.li", safe_seen_at=world.clock())
        desk.unpair("s-17", "moved")
        desk.close("s-17", "parents_returned")
        desk.reopen("s-17", "left_again")
        names = [cause for entry in world.entries() for cause, _ in entry.events if cause.startswith("command:")]

        assert [
            "Identify",
            "File",
            "VerifyContact",
            "MarkNumberDead",
            "Pair",
            "DesignateKey",
            "EndKey",
            "ChangeFacts",
            "Excuse",
            "Raise",
            "Acknowledge",
            "CallOutside",
            "StandDown",
            "Unpair",
            "Close",
            "Reopen",
        ] == [name.removeprefix("command:") for name in dict.fromkeys(names)]

    def test_a_text_where_a_list_is_asked_is_refused(self, world):
        """One word where several are taken would fall apart into letters, and the suspect would be told."""
        desk = world.desk()
        for call in (
            lambda: desk.raise_emergency("s-17", "missing", implicated="t.li"),
            lambda: desk.raise_emergency("s-17", "missing", about="c1"),
            lambda: desk.pair("s-17", "t.li", "t.he"),
            lambda: desk.record("s-17", "visit", reached=True, met="child"),
            lambda: ConcernDraft("ill", implicated="t.li"),
        ):
            with pytest.raises(TypeError, match="is one word where several are taken"):
                call()

    def test_settling_twice_adds_nothing(self, world):
        """After every one of a year's steps the record is settled."""
        desk = world.desk()
        steps = [
            lambda: desk.file("s-17", CARD),
            lambda: desk.pair("s-17", "t.li"),
            lambda: desk.designate_key("s-17", "lives_alone"),
            lambda: desk.record("s-17", "visit", reached=True),
            lambda: desk.record("s-17", "absence", reached=True),
            lambda: desk.end_key("s-17", "moved"),
            lambda: desk.unpair("s-17", "moved"),
            lambda: desk.note_concern("s-17", ConcernDraft("violence", "danger", implicated=["carer"])),
            lambda: desk.record("s-17", "call", reached=False),
            lambda: desk.change_facts("s-17", away="one", boarder=True),
        ]
        found = []
        for n, step in enumerate(steps):
            world.on(day(9, 2) + DAY * 9 * n)
            step()
            found.append(world.again())

        assert [()] * len(steps) == found

    def test_a_carer_who_is_implicated_is_not_talked_to(self, world):
        """When somebody reports the carer, talks with the carer are excused, until there is another carer."""
        desk = world.desk()
        desk.file("s-17", CARD)
        desk.note_concern("s-17", ConcernDraft("violence", "high", implicated=["carer"]))

        assert {"excused"} == set(world.said("D14").values())

        world.on(day(10, 9))
        world.sweep()
        desk.record_card("s-17", ContactCard(carer=Contact("Wu", "aunt")))
        world.on(day(11, 2)).sweep()

        assert ["excused", "excused", "open"] == list(world.said("D14").values())


class TestPolicies:
    def test_without_duties_nothing_is_asked(self):
        """A policy that asks for one thing asks for nothing else."""
        world = World(policy(duty('{ each = "CLOSE" }')), at=noon(day(9, 1)))
        world.desk().identify("s-17", away="both")

        assert {} == world.said()
