"""Broken glass: one case, one hour, told at once, judged by somebody else."""

from datetime import timedelta

import pytest

from casework import ConcernDraft
from casework.engine.glass import AGAIN, CLIMB, REVIEW_WITHIN
from casework.errors import CommandRefused, NotAllowed, NotFound
from casework.model.activity import Activity
from casework.policy.access import default_access
from tests.engine.world import CARD, DIRECTORY, TOWN, World, day

HOUR = timedelta(hours=1)
OUTSIDER = "t.ma"


@pytest.fixture
def world():
    """A child of class 3-1 with a card, a visit and a talk; t.ma teaches another class and may not know of it."""
    found = World()
    desk = found.desk()
    desk.identify("s-17", away="both", class_="3-1")
    desk.file("s-17", CARD)
    desk.pair("s-17", "t.li")
    found.desk("t.li").record("s-17", "visit", reached=True, note="at the door")
    found.desk("t.li").record("s-17", "talk", reached=True, words="I am afraid")
    directory = type(DIRECTORY)(DIRECTORY.seats, {"3-1": "t.wang", "3-2": OUTSIDER}, tz=DIRECTORY.tz)
    found.use(TOWN, directory=directory, access=default_access())
    return found


def told(world):
    """Who was told of broken glass: at which step, by which seat."""
    return [(row.facts["step"], row.role, row.person) for row in world.outbox() if row.topic == "break_glass"]


def text_of(world, kind, name="note"):
    """The sealed text of the activity of that kind."""
    acts: list[Activity] = [act for act in world.record().activity_log.values() if act.kind == kind]
    return getattr(acts[0], name)


class TestBreaking:
    def test_it_opens_one_case_for_an_hour(self, world):
        """Who may not know of the child reads it for sixty minutes and not a minute longer; no other child."""
        desk = world.desk(OUTSIDER)
        with pytest.raises(NotFound):
            desk.case("s-17")
        broken = desk.break_glass("s-17", "found_alone")
        before = desk.case("s-17").child, desk.open("s-17", text_of(world, "visit"), "found alone at the bus stop")
        world.clock.set(world.clock() + timedelta(minutes=59, seconds=59))
        last = desk.case("s-17").child
        world.clock.set(world.clock() + timedelta(seconds=1))
        with pytest.raises(NotFound):
            desk.case("s-17")

        assert ("s-17", "at the door", "s-17") == (*before, last)
        assert broken.events
        with pytest.raises(NotFound):
            desk.open("s-17", text_of(world, "visit"), "once more")

    def test_talks_and_psychology_stay_closed(self, world):
        """What the child said in confidence is not behind that glass."""
        desk = world.desk(OUTSIDER)
        desk.break_glass("s-17", "found_alone")
        with pytest.raises(NotFound):
            desk.open("s-17", text_of(world, "talk", "words"), "curious")

        assert [None] == [act.words for act in desk.case("s-17").activity_log.values() if act.kind == "talk"]

    def test_it_opens_nothing_to_write(self, world):
        """Whoever broke it may look, and report; they may not close the case."""
        desk = world.desk(OUTSIDER)
        desk.break_glass("s-17", "found_alone")
        with pytest.raises(NotAllowed):
            desk.close("s-17", "moved_away")

    def test_the_safeguarding_lead_is_told_at_once(self, world):
        """In the same transaction, by name."""
        world.desk(OUTSIDER).break_glass("s-17", "found_alone")

        assert [(0, "safeguarding_lead", "t.chen")] == told(world)

    @pytest.mark.parametrize(("implicated", "first"), [("t.chen", "t.zhao"), ("t.zhao", "t.chen")])
    def test_nobody_implicated_is_told(self, world, implicated, first):
        """Where the safeguarding lead is implicated in anything of the record, the next seat is told at once."""
        world.desk("t.sun").note_concern("s-17", ConcernDraft("bruises", implicated=[implicated]))
        world.desk(OUTSIDER).break_glass("s-17", "found_alone")
        world.clock.set(world.clock() + 30 * timedelta(days=1))
        world.sweep()

        assert first == told(world)[0][2]
        assert implicated not in {person for *_, person in told(world)}
        assert {} == world.desk(implicated).case("s-17").glasses
        assert [] == world.desk(implicated).glasses()
        names = {type(event).__name__ for e in world.desk(implicated).history("s-17") for _, event in e.events}
        assert not any(name.startswith("Glass") for name in names)

    def test_whoever_breaks_it_as_safeguarding_lead_does_not_tell_themselves(self, world):
        """The next seat is told."""
        world.desk("t.chen").break_glass("s-17", "lead_unreachable")

        assert [(0, "vice_principal", "t.zhao")] == told(world)

    def test_it_takes_a_seat_and_a_reason(self, world):
        """Somebody without any seat cannot, nor can anybody without a code that says why."""
        with pytest.raises(NotFound):
            world.desk("x.nobody").break_glass("s-17", "curious")
        with pytest.raises(CommandRefused):
            world.desk(OUTSIDER).break_glass("s-17", "")

        assert {} == world.record().glasses

    def test_who_is_implicated_finds_nothing_behind_it(self, world):
        """The glass opens the world they may know of, and no more."""
        world.desk("t.sun").note_concern("s-17", ConcernDraft("bruises", implicated=[OUTSIDER], note="it was t.ma"))
        desk = world.desk(OUTSIDER)
        desk.break_glass("s-17", "found_alone")

        assert {} == desk.case("s-17").concern_log


class TestJudging:
    def test_it_is_judged_by_somebody_else(self, world):
        """Whoever broke it may not, whatever their seat; another who may, once."""
        glass = next(iter(world.desk("t.zhao").break_glass("s-17", "lead_unreachable").case.glasses))
        with pytest.raises(CommandRefused, match="nobody judges"):
            world.desk("t.zhao").review_glass("s-17", glass, "justified")
        with pytest.raises(NotFound):
            world.desk(OUTSIDER).review_glass("s-17", glass, "justified")
        world.desk("t.chen").review_glass("s-17", glass, "not_justified")
        with pytest.raises(CommandRefused, match="already"):
            world.desk("t.sun").review_glass("s-17", glass, "justified")
        found = world.record().glasses[glass]

        assert ("t.chen", "not_justified") == (found.reviewed_by, found.verdict)

    def test_the_list_of_what_is_to_be_judged(self, world):
        """It names child and glass to who may judge, not to who broke it, and is empty once judged."""
        glass = next(iter(world.desk("t.zhao").break_glass("s-17", "lead_unreachable").case.glasses))
        before = [(child, one.id) for child, one in world.desk("t.chen").glasses()]
        mine = world.desk("t.zhao").glasses()
        world.desk("t.chen").review_glass("s-17", glass, "justified")

        assert ([("s-17", glass)], []) == (before, mine)
        assert [] == world.desk("t.chen").glasses()
        with pytest.raises(NotAllowed):
            world.desk(OUTSIDER).glasses()

    def test_what_nobody_judges_climbs(self, world):
        """After three days the vice principal is told, a day later the principal, and then the principal every week."""
        start = world.clock()
        world.desk(OUTSIDER).break_glass("s-17", "found_alone")
        at = {}
        for hours in range(24 * 19):
            world.clock.set(start + HOUR * hours)
            world.sweep()
            for row in told(world):
                at.setdefault(row, world.clock() - start)

        assert [
            ((0, "safeguarding_lead", "t.chen"), timedelta(0)),
            ((1, "vice_principal", "t.zhao"), REVIEW_WITHIN),
            ((2, "principal", "t.sun"), REVIEW_WITHIN + CLIMB),
            ((3, "principal", "t.sun"), REVIEW_WITHIN + 2 * CLIMB),
            ((4, "principal", "t.sun"), REVIEW_WITHIN + 2 * CLIMB + AGAIN),
        ] == sorted(at.items())[:5]

    def test_a_late_sweep_tells_the_same(self, world):
        """The keys of the notices are those of a timely sweep."""
        start = world.clock()
        world.desk(OUTSIDER).break_glass("s-17", "found_alone")
        world.clock.set(start + timedelta(days=6))
        world.sweep()
        late = [(row.key, row.at) for row in world.outbox() if row.topic == "break_glass"]

        assert 4 == len(late)
        assert [start, *(start + REVIEW_WITHIN + CLIMB * k for k in range(3))] == [at for _, at in late]

    def test_judged_in_time_nobody_else_is_told(self, world):
        """The climb ends with the judgement."""
        glass = next(iter(world.desk(OUTSIDER).break_glass("s-17", "found_alone").case.glasses))
        world.desk("t.chen").review_glass("s-17", glass, "justified")
        world.until(day(9, 20))

        assert [(0, "safeguarding_lead", "t.chen")] == told(world)

    def test_what_cannot_be_judged(self, world):
        """Glass that nobody broke, and with a word that is no verdict."""
        glass = next(iter(world.desk(OUTSIDER).break_glass("s-17", "found_alone").case.glasses))
        with pytest.raises(NotFound):
            world.desk("t.chen").review_glass("s-17", "none", "justified")
        with pytest.raises(CommandRefused, match="justified, not_justified"):
            world.desk("t.chen").review_glass("s-17", glass, "perhaps")


class TestLimits:
    def test_what_was_not_justified_closes_at_once(self, world):
        """Whoever broke it reads no more, does not break it again, and reports danger as anybody may."""
        desk = world.desk(OUTSIDER)
        glass = next(iter(desk.break_glass("s-17", "curious").case.glasses))
        before = desk.case("s-17").child
        world.desk("t.chen").review_glass("s-17", glass, "not_justified")

        assert "s-17" == before
        with pytest.raises(NotFound):
            desk.case("s-17")
        with pytest.raises(CommandRefused, match="not justified; report danger instead"):
            desk.break_glass("s-17", "found_alone")
        assert desk.raise_emergency("s-17", "missing").emergency

    def test_it_is_closed_for_that_person_and_that_child(self, world):
        """Another may break it, and the same person for another child."""
        glass = next(iter(world.desk(OUTSIDER).break_glass("s-17", "curious").case.glasses))
        world.desk("t.chen").review_glass("s-17", glass, "not_justified")
        world.desk().identify("s-18", away="both", class_="3-1")
        other = world.desk(OUTSIDER).break_glass("s-18", "found_alone").case.child

        assert ("s-18", "s-17") == (other, world.desk("t.zhao").break_glass("s-17", "lead_unreachable").case.child)

    def test_what_was_justified_stays_open_for_its_hour(self, world):
        """A judgement in favour takes nothing away, and the glass may be broken again."""
        desk = world.desk(OUTSIDER)
        glass = next(iter(desk.break_glass("s-17", "found_alone").case.glasses))
        world.desk("t.chen").review_glass("s-17", glass, "justified")

        assert "s-17" == desk.case("s-17").child
        assert desk.break_glass("s-17", "found_alone").events

    def test_it_is_not_renewed_without_a_judgement(self, world):
        """Two that nobody has judged are the most; once one is judged the next may be broken."""
        desk = world.desk(OUTSIDER)
        first = next(iter(desk.break_glass("s-17", "found_alone").case.glasses))
        world.clock.set(world.clock() + HOUR)
        desk.break_glass("s-17", "found_alone")
        world.clock.set(world.clock() + HOUR)
        with pytest.raises(CommandRefused, match="wait to be judged"):
            desk.break_glass("s-17", "found_alone")

        assert desk.raise_emergency("s-17", "missing").emergency
        world.desk("t.chen").review_glass("s-17", first, "justified")
        assert desk.break_glass("s-17", "found_alone").events


class TestAudit:
    def test_who_read_what_about_a_child(self, world):
        """For a guardian who asks: each reading with who, why, when and what kind of text."""
        world.desk("t.li").open("s-17", text_of(world, "visit"), "before the visit")
        (found,) = world.desk("t.chen").audit("s-17", reason="request")

        assert ("s-17", "t.li", "before the visit", "note") == (
            found.child,
            found.reading.reader,
            found.reading.reason,
            found.reading.kind,
        )

    def test_what_somebody_read(self, world):
        """After a breach: everything that one person read since an instant."""
        world.desk("t.li").open("s-17", text_of(world, "visit"), "before the visit")
        start = world.clock() + HOUR
        world.clock.set(start)
        world.desk("t.li").open("s-17", text_of(world, "talk", "words"), "again")
        desk = world.desk("t.sun")

        assert ["before the visit", "again"] == [a.reading.reason for a in desk.audit(reader="t.li", reason="breach")]
        assert ["again"] == [a.reading.reason for a in desk.audit(reader="t.li", since=start, reason="breach")]
        assert [] == desk.audit(reader="t.wu", reason="breach")

    def test_it_takes_a_seat_and_a_reason_of_the_table(self, world):
        """Everyday work is no reason, and a teacher asks nobody's audit."""
        for person, reason in (("t.chen", "work"), ("t.li", "request"), ("t.chen", "curious")):
            with pytest.raises(NotAllowed):
                world.desk(person).audit("s-17", reason=reason)

    def test_who_is_implicated_learns_nothing_from_it(self, world):
        """Readings of what implicates whoever asks are left out."""
        hidden = world.desk("t.sun").note_concern("s-17", ConcernDraft("bruises", implicated=["t.chen"], note="it was"))
        note = next(iter(hidden.case.concern_log.values())).note
        world.desk("t.sun").open("s-17", note, "to act")

        assert [] == world.desk("t.chen").audit("s-17", reason="request")
        assert ["to act"] == [a.reading.reason for a in world.desk("t.zhao").audit("s-17", reason="request")]
