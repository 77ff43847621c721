import pytest
from attrs import evolve as changed

from casework.engine.draft import Draft
from casework.engine.evolve import evolve, fold, happen
from casework.errors import Tampered
from casework.model import events as ev
from casework.model.case import Case
from casework.testing.factories import TODAY, case
from tests.engine.world import CARD, World, day


def story():
    """A school in which a child went through most of what can happen."""
    world = World()
    desk = world.desk()
    desk.identify("s-17", away="both", class_="3-1", boarder=True)
    desk.file("s-17", CARD)
    desk.pair("s-17", "t.li", ["t.he"])
    desk.designate_key("s-17", "lives_alone")
    world.until(day(9, 20))
    visit = desk.record("s-17", "visit", reached=True, on=day(9, 18)).activity
    desk.correct("s-17", visit, "wrong_date", on=day(9, 19))
    desk.record("s-17", "call", reached=False)
    desk.void("s-17", visit, "wrong_child")
    raised = desk.raise_emergency("s-17", "missing", implicated=["t.chen"]).emergency
    world.until(day(9, 22))
    desk.call_outside("s-17", raised, "police", "P-17")
    desk.stand_down("s-17", raised, "found", safe_seen_by="t.li", safe_seen_at=world.clock(), look_again=day(9, 30))
    world.desk("t.sun").review("s-17", raised)
    desk.change_facts("s-17", away="one", boarder=False, class_="3-2")
    desk.end_key("s-17", "moved")
    world.until(day(10, 20))
    desk.unpair("s-17", "moved")
    desk.close("s-17", "parents_returned")
    world.until(day(11, 10))
    desk.reopen("s-17", "left_again")
    world.until(day(12, 1))
    return world


class TestFold:
    def test_history_gives_the_state(self):
        """Folding everything that happened gives what is stored."""
        world = story()

        assert world.record() == fold(Case("qinghe", "s-17"), world.entries())

    def test_history_can_be_folded_in_parts(self):
        """Half of the history, and then the other half, gives the same."""
        world = story()
        entries = world.entries()
        half = fold(Case("qinghe", "s-17"), entries[: len(entries) // 2])

        assert (len(entries) // 2, world.record()) == (half.version, fold(half, entries[len(entries) // 2 :]))

    def test_every_kind_of_event_is_known(self):
        """There is no event that the library writes and cannot read."""
        draft = Draft(case())
        unknown = [kind for kind in ev.Event.__args__ if not _knows(draft, kind)]

        assert [] == unknown

    def test_an_unknown_event_is_refused(self):
        """A history of a later version is not half read."""
        with pytest.raises(Tampered, match="str is no event that this version of casework knows; upgrade"):
            evolve(case(), "Identified")

    def test_nothing_is_changed_in_place(self):
        """The case before an event stays as it was."""
        before = case()
        copy = changed(before)
        after = evolve(before, ev.Marked("m1", "card", TODAY, "t.wang"))

        assert (copy, True) == (before, "m1" in after.marks)
        assert "m1" not in before.marks


def _knows(draft, kind):
    try:
        happen(draft, object.__new__(kind))
    except Tampered:
        return False
    except (AttributeError, KeyError):
        return True
    return True


class TestDetails:
    def test_facts_that_were_not_named_stay(self):
        """A change of class leaves the parents where they are."""
        found = evolve(case(household="h-1"), ev.FactsChanged(TODAY, class_="3-2"))

        assert ("both", "3-2", "h-1", False) == (found.away, found.class_, found.household, found.boarder)

    def test_boarding_is_an_interval(self):
        """Who boards from Monday to Wednesday boarded on Tuesday."""
        found = case()
        for on, boards in ((day(9, 7), True), (day(9, 8), True), (day(9, 9), False)):
            found = evolve(found, ev.FactsChanged(on, boarder=boards))

        assert [False, True, True, False] == [
            found.in_span("boarder", day(9, number)) is not None for number in (6, 7, 8, 9)
        ]

    def test_a_referral_takes_evidence(self):
        """Evidence that joins a referral is kept with it, once."""
        found = case()
        for event in (
            ev.ReferralRequested("r1", "psychology", TODAY, ("a",), "system"),
            ev.EvidenceJoined("r1", ("b", "a")),
        ):
            found = evolve(found, event)

        assert ("a", "b") == found.referrals["r1"].about
