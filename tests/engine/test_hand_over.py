import pytest

from casework import Principal, StaticDirectory
from casework.errors import CommandRefused
from casework.model import commands as c
from tests.engine.world import DIRECTORY, World, day

BOSS = "t.sun"


@pytest.fixture
def world():
    """A school with three children whom t.li helps: one as lead, one as a member; one is with t.wu."""
    found = World()
    desk = found.desk()
    for child in ("s-17", "s-18", "s-19"):
        desk.identify(child, away="both", class_="3-1")
    desk.pair("s-17", "t.li", ["t.ma"])
    desk.pair("s-18", "t.wu", ["t.li"])
    desk.pair("s-19", "t.wu")
    return found


def raised(world, child="s-17", implicated=()):
    """An emergency to which t.li has gone."""
    id_ = world.desk().raise_emergency(child, "missing", implicated=implicated).emergency
    world.desk("t.li").acknowledge(child, id_)
    world.desk("t.li").respond(child, id_)
    return id_


class TestHandOver:
    def test_all_that_stands_in_a_name_passes(self, world):
        """Pairings as lead and as member, an accepted referral and an answered emergency pass in one go."""
        referral = world.desk().refer("s-19", "psychology", "grief").referral
        world.desk("t.li").accept("s-19", referral)
        emergency = raised(world)
        before = world.desk(BOSS).in_the_name_of("t.li")
        done = world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi")

        assert before == {
            "s-17": ("lead", f"emergency:{emergency}"),
            "s-18": ("member",),
            "s-19": (f"referral:{referral}",),
        }
        assert {} == world.desk(BOSS).in_the_name_of("t.li")
        assert before == {line.child: line.what for line in done.children}
        assert {"t.qi"} == {line.to for line in done.children}
        assert ("t.qi", ("t.ma",)) == (world.record("s-17").lead, world.record("s-17").pairings[-1].members)
        assert ("t.wu", ("t.qi",)) == (world.record("s-18").lead, world.record("s-18").pairings[-1].members)
        assert "t.qi" == world.record("s-19").referrals[referral].answered_by
        assert "t.qi" == world.record("s-17").emergencies[emergency].responding_by
        assert () == world.again("s-17")

    def test_the_limits_of_an_emergency_run_on(self, world):
        """Who takes over an emergency is told at once, and its ladder climbs as before."""
        emergency = raised(world)
        alarm = world.record().alarm_at
        world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi")
        told = [row.facts["state"] for row in world.outbox() if row.person == "t.qi"]

        assert ["handed_over"] == told
        assert alarm == world.record().alarm_at
        assert "responding" == world.record().emergencies[emergency].state

    def test_asked_again_nothing_is_left(self, world):
        """The same again does nothing, so an answer that was lost can be asked for again."""
        world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi")
        before = world.entries()
        again = world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi")

        assert () == again.children
        assert before == world.entries()

    @pytest.mark.parametrize("given", [{}, {"to": "t.qi", "interim": "t.wu"}])
    def test_nobody_is_left_alone(self, world, given):
        """Without a successor or an interim, or with both, it is refused."""
        with pytest.raises(CommandRefused, match="say who takes over"):
            world.desk(BOSS).hand_over("t.li", "moved_away", **given)

    def test_an_interim_is_marked(self, world):
        """A child with an interim helper bears a mark that rules can look at."""
        world.desk(BOSS).hand_over("t.li", "sick_leave", interim="t.qi")

        assert "t.qi" == world.record().lead
        assert "interim" in {mark.kind for mark in world.record().marks.values()}

    def test_nobody_takes_over_by_their_own_word(self, world):
        """Who hands over to themselves is refused, whoever they are."""
        with pytest.raises(CommandRefused, match="by their own word"):
            world.desk("t.qi").hand_over("t.li", "moved_away", to="t.qi")

    def test_some_children_go_to_somebody_else(self, world):
        """Single children can have a successor of their own; a stranger among them is a slip."""
        world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi", others={"s-17": "t.ma"})

        assert ["t.ma", ("t.qi",)] == [world.record().lead, world.record("s-18").pairings[-1].members]
        assert () == world.record().pairings[-1].members
        with pytest.raises(CommandRefused, match="leave them out"):
            world.desk(BOSS).hand_over("t.wu", "moved_away", to="t.qi", others={"s-17": "t.ma"})

    def test_seats_of_the_host_are_reported(self):
        """The seats that the host's directory still gives to who leaves are named; they are the host's to give."""
        world = World()
        done = world.desk(BOSS).hand_over("t.zhao", "retired", to="t.qi")
        teacher = world.desk(BOSS).hand_over("t.wang", "retired", to="t.qi")

        assert ("vice_principal", "leading_group") == done.seats
        assert ("class_teacher:3-1",) == teacher.seats

    def test_what_it_hands_on_is_owed_by_the_successor(self, world):
        """What fell to who left falls to the successor on the same day."""
        world.on(day(9, 20)).sweep()
        before = {(line.child, line.obligation) for line in world.desk().today("t.li")}
        world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi")

        assert before
        assert before == {(line.child, line.obligation) for line in world.desk().today("t.qi")}
        assert [] == world.desk().today("t.li")


class TestImplicated:
    def test_another_successor_is_needed(self, world):
        """An implicated successor is refused, the reason is not told, and nothing at all was stored."""
        world.desk().note_concern("s-17", c.ConcernDraft("neglect", implicated=["t.qi"]))
        before = world.entries("s-18")
        with pytest.raises(CommandRefused) as refused:
            world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi")
        world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi", others={"s-17": "t.ma"})

        assert "another successor is needed for s-17; name one for each in others=" == str(refused.value)
        assert before == world.entries("s-18")[: len(before)]
        assert ("t.ma", {}) == (world.record().lead, world.desk(BOSS).in_the_name_of("t.li"))

    def test_what_the_giver_may_not_know_passes_too(self, world):
        """An emergency hidden from whoever hands over does not stay behind, and they learn nothing of it."""
        emergency = raised(world, "s-19", implicated=[BOSS])
        done = world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi")

        assert "t.qi" == world.record("s-19").emergencies[emergency].responding_by
        assert ["s-17", "s-18"] == [line.child for line in done.children]
        assert {} == world.desk().in_the_name_of("t.li")
        assert emergency not in repr(world.desk(BOSS).history("s-19"))

    def test_it_is_with_nobody_where_the_successor_may_not_know_either(self, world):
        """Where giver and successor are both implicated nobody is named, and the ladder goes on by itself."""
        emergency = raised(world, "s-19", implicated=[BOSS, "t.qi"])
        world.desk(BOSS).hand_over("t.li", "moved_away", to="t.qi")

        found = world.record("s-19").emergencies[emergency]
        assert ("", True) == (found.responding_by, found.live)
        assert {} == world.desk().in_the_name_of("t.li")


class TestQuestion:
    def test_system_may_ask(self, world):
        """The proof can be asked for by a sweep as well."""
        assert ["s-17", "s-18"] == list(world.desk("system").in_the_name_of("t.li"))

    def test_directory_of_one_seat(self):
        """A directory without seats reports none."""
        world = World(directory=StaticDirectory(tz=DIRECTORY.tz))

        assert () == world.desk(Principal(BOSS).id).hand_over("t.li", "retired", to="t.qi").seats
