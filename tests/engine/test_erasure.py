"""Erasure: one asks, another carries it out, nothing goes that has to be kept, and what is gone is gone."""

from datetime import date, timedelta

import pytest

from casework import ConcernDraft
from casework.engine.keeping import years_after
from casework.errors import CommandRefused, NotFound, StepRefused
from casework.model.erasure_events import Erased
from casework.model.people import Sealed
from tests.engine.world import CARD, World, day, noon

ASKS, DOES = "t.zhao", "t.sun"
DAY = timedelta(days=1)
NOTE = "he was afraid of his uncle"


@pytest.fixture
def world():
    """A school with one child whose case was closed on 2026-09-10, with a card and a note."""
    found = World()
    found.desk().identify("s-17", away="both", class_="3-1", household="h-1")
    found.desk().file("s-17", CARD)
    found.desk().record("s-17", "visit", reached=True, note=NOTE, words="I miss them")
    found.desk().note_concern("s-17", ConcernDraft("low_mood", "low", note="cries at night"))
    found.on(day(9, 10)).desk().close("s-17", "moved_away")
    return found


def later(world, when=date(2030, 1, 1)):
    """The clock stands long after."""
    world.clock.set(noon(when))
    return world


def refs(value):
    """The references to sealed text in a record's words."""
    return [getattr(act, name) for act in value.activity_log.values() for name in ("note", "words")]


class TestTwoPeople:
    def test_one_asks_and_another_erases(self, world):
        """Both stand in the history, and the record holds no text any more."""
        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked")
        texts = [ref for ref in refs(world.record()) if ref is not None]
        case = world.desk(DOES).erase("s-17", "checked").case
        events = [type(event).__name__ for entry in world.entries() for _, event in entry.events]
        (found,) = case.erasures.values()

        assert 2 == len(texts)
        assert [None, None] == refs(case)
        assert ["", ""] == [case.card.carer.name, case.card.parents[0].phone]
        assert ("grandmother", "visit") == (case.card.carer.relation, next(iter(case.activity_log.values())).kind)
        assert ["ErasureAsked", "Erased"] == [name for name in events if "Eras" in name]
        assert ("erased", ASKS, DOES, "guardian_asked", "checked") == (
            found.state,
            found.asked_by,
            found.by,
            found.because,
            found.answer,
        )
        for text in texts:
            with pytest.raises(NotFound):
                world.desk().open("s-17", text, "why not")

    def test_nobody_erases_what_they_asked_for(self, world):
        """Another person has to."""
        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked")

        with pytest.raises(CommandRefused, match="nobody carries out an erasure that they asked for"):
            world.desk(ASKS).erase("s-17", "checked")
        with pytest.raises(CommandRefused, match="nobody carries out"):
            world.desk("system").erase("s-17", "checked")

    def test_nothing_goes_that_nobody_asked_for(self, world):
        """Nor is anything declined; the child has to be known."""
        for call in (later(world).desk(DOES).erase, world.desk(DOES).decline_erasure):
            with pytest.raises(StepRefused, match="nobody has asked for it"):
                call("s-17", "checked")
        with pytest.raises(NotFound):
            world.desk(DOES).request_erasure("s-99", "guardian_asked")

    def test_a_request_is_declined_and_made_anew(self, world):
        """One at a time; what was declined is not carried out."""
        desk = later(world).desk(ASKS)
        desk.request_erasure("s-17", "guardian_asked")
        with pytest.raises(StepRefused, match="has been asked for"):
            world.desk(DOES).request_erasure("s-17", "guardian_asked")
        world.desk(DOES).decline_erasure("s-17", "guardian_changed_mind")
        with pytest.raises(StepRefused):
            world.desk(DOES).erase("s-17", "checked")
        desk.request_erasure("s-17", "guardian_asked")
        world.desk(DOES).erase("s-17", "checked")

        assert ["declined", "erased"] == [found.state for found in world.record().erasures.values()]

    def test_asked_again_under_one_key_it_is_done_once(self, world):
        """The second time says what the first one did."""
        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked", key="k1")
        world.desk(ASKS).request_erasure("s-17", "guardian_asked", key="k1")
        first = world.desk(DOES).erase("s-17", "checked", key="k2")
        again = world.desk(DOES).erase("s-17", "checked", key="k2")

        assert (False, True) == (first.repeated, again.repeated)
        assert first.events == again.events

    def test_what_is_written_afterwards_is_read_as_ever(self, world):
        """The child comes back: the case goes on, with new texts."""
        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked")
        world.desk(DOES).erase("s-17", "checked")
        world.desk().reopen("s-17", "came_back")
        world.desk().record("s-17", "visit", reached=True, note=NOTE)
        sealed = list(world.record().activity_log.values())[-1].note

        assert NOTE == world.desk().open("s-17", sealed, "visit")

    def test_a_preview_destroys_nothing(self, world):
        """It only says what would happen."""
        from casework.model.erasure_commands import Erase  # noqa: PLC0415

        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked")
        found = world.desk(DOES).preview("s-17", Erase("checked"))

        assert [Erased] == [type(event) for _, event in found.events]
        assert NOTE == world.desk().open("s-17", refs(world.record())[0], "visit")


class TestKept:
    @pytest.mark.parametrize(("when", "kept"), [(date(2029, 9, 9), True), (date(2029, 9, 10), False)])
    def test_until_the_years_are_over(self, world, when, kept):
        """Three years to the day after the case was closed, by default."""
        later(world, when).desk(ASKS).request_erasure("s-17", "guardian_asked")
        if kept:
            with pytest.raises(CommandRefused, match="the years for which the policy keeps it"):
                world.desk(DOES).erase("s-17", "checked")
        else:
            world.desk(DOES).erase("s-17", "checked")

        assert kept == any(refs(world.record()))

    def test_while_the_case_is_open(self, world):
        """Asked for or not."""
        world.desk().reopen("s-17", "came_back")
        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked")

        with pytest.raises(CommandRefused, match="the case is open"):
            world.desk(DOES).erase("s-17", "checked")

    def test_while_an_emergency_is_not_reviewed(self, world):
        """Also one that is stood down; and after its review the years begin anew."""
        found = world.desk().raise_emergency("s-17", "harm").case
        emergency = next(iter(found.emergencies))
        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked")
        with pytest.raises(CommandRefused, match="an emergency is not reviewed"):
            world.desk(DOES).erase("s-17", "checked")
        world.desk().acknowledge("s-17", emergency)
        world.desk().respond("s-17", emergency)
        world.desk().stand_down("s-17", emergency, "safe", safe_seen_by="t.li", safe_seen_at=world.clock())
        with pytest.raises(CommandRefused, match="an emergency is not reviewed"):
            world.desk(DOES).erase("s-17", "checked")
        world.desk("t.sun").review("s-17", emergency)

        with pytest.raises(CommandRefused, match="the years"):
            world.desk(DOES).erase("s-17", "checked")
        later(world, date(2033, 1, 1)).desk(DOES).erase("s-17", "checked")

    def test_while_a_referral_is_open(self, world):
        """It has to be completed or revoked first."""
        world.desk().refer("s-17", "psychology", "grief", urgent=True)
        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked")

        with pytest.raises(CommandRefused, match="a referral is open"):
            world.desk(DOES).erase("s-17", "checked")

    def test_the_school_and_its_classes_are_no_child(self, world):
        """Nothing of theirs is erased."""
        for child in ("", "@3-1"):
            with pytest.raises(NotFound):
                later(world).desk(ASKS).request_erasure(child, "guardian_asked")

    @pytest.mark.parametrize(
        ("last", "years", "until"),
        [
            (date(2024, 2, 29), 3, date(2027, 3, 1)),
            (date(2024, 2, 29), 4, date(2028, 2, 29)),
            (date(2026, 12, 31), 1, date(2027, 12, 31)),
            (date(9990, 1, 1), 100, date(9998, 12, 31)),
            (date.min, 3, date(4, 1, 1)),
        ],
    )
    def test_years_are_counted_by_the_calendar(self, last, years, until):
        """The same day so many years on; the day after, where there is none."""
        assert until == years_after(last, years)


class TestImplicated:
    def test_whoever_is_implicated_destroys_no_evidence(self, world):
        """They may ask like everybody; who carries it out is told that the record has to be kept for now."""
        world.desk().note_concern("s-17", ConcernDraft("harm", "danger", implicated=(ASKS,), note="by him"))
        found = world.record()
        emergency = next(iter(found.emergencies))
        world.desk().acknowledge("s-17", emergency)
        world.desk().respond("s-17", emergency)
        world.desk().stand_down("s-17", emergency, "safe", safe_seen_by="t.li", safe_seen_at=world.clock())
        world.desk("t.sun").review("s-17", emergency)
        later(world).desk(DOES).request_erasure("s-17", "guardian_asked")
        desk = world.desk(ASKS)
        with pytest.raises(CommandRefused, match="it has to be kept for now"):
            desk.erase("s-17", "guardian_asked")
        desk.decline_erasure("s-17", "not_yet")
        desk.request_erasure("s-17", "guardian_asked")

        assert ["declined", "asked"] == [found.state for found in world.record().erasures.values()]

    def test_they_see_what_was_asked_and_not_why_it_is_kept(self, world):
        """Others do, the oldest first."""
        world.desk().identify("s-18", away="both")
        world.desk(DOES).request_erasure("s-18", "entered_twice")
        later(world).desk(DOES).request_erasure("s-17", "guardian_asked")
        before = [(line.child, line.kept) for line in world.desk(ASKS).erasure_requests()]
        world.desk().raise_emergency("s-17", "harm", implicated=(ASKS,))

        assert [("s-18", "case_open"), ("s-17", "")] == before
        assert ["case_open", "kept"] == [line.kept for line in world.desk(ASKS).erasure_requests()]
        assert ["case_open", "emergency"] == [line.kept for line in world.desk(DOES).erasure_requests()]

    def test_their_world_holds_no_text_either(self, world):
        """After an erasure, what they see of the record is as bare."""
        world.desk().note_concern("s-17", ConcernDraft("harm", "danger", implicated=("t.li",)))
        emergency = next(iter(world.record().emergencies))
        world.desk().acknowledge("s-17", emergency)
        world.desk().respond("s-17", emergency)
        world.desk().stand_down("s-17", emergency, "safe", safe_seen_by="t.wu", safe_seen_at=world.clock())
        world.desk("t.sun").review("s-17", emergency)
        later(world).desk(ASKS).request_erasure("s-17", "guardian_asked")
        world.desk(DOES).erase("s-17", "checked")
        seen = world.desk("t.li").case("s-17")

        assert not any(isinstance(ref, Sealed) for ref in refs(seen))
        assert "" == seen.card.carer.phone
        assert not seen.emergencies
