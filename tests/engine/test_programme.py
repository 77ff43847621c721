"""The programme of a school's term: planned, running, reviewed, summarised; it stands in the school's own record."""

import pytest

from casework.engine.evolve import fold
from casework.errors import CommandRefused, NotFound, StepRefused
from casework.model.case import Case
from casework.workflows import PROGRAMME_TABLE
from casework.workflows.programme import Standing, mend_of
from tests.engine.world import World, day, noon


def programme(world, term="2026-autumn"):
    """Where the programme of a term stands."""
    return world.desk().of_school().programmes[term]


class TestByTime:
    def test_terms_are_planned_with_the_settings(self):
        """The first use plans every term that is not over; the one that goes on runs at once."""
        world = World()
        world.desk().identify("s-1", away="both")

        assert ("running", "planned") == (programme(world).state, programme(world, "2027-spring").state)
        assert ("", day(9, 1)) == (programme(world).by, programme(world).since)

    def test_it_runs_from_the_first_day_of_the_term(self):
        """At the midnight at which the term begins the next sweep lets it run."""
        world = World()
        world.desk().identify("s-1", away="both")
        world.on(day(2, 28), hour=23).sweep(catch_up=True)
        found = [programme(world, "2027-spring").state]
        world.on(day(3, 1), hour=0).sweep()

        assert ["planned", "running"] == [*found, programme(world, "2027-spring").state]

    def test_a_term_that_was_over_has_none(self):
        """Nothing is to be looked back on that nobody wrote down."""
        world = World(at=noon(day(3, 10)))
        world.desk().identify("s-1", away="both")

        assert ["2027-spring"] == list(world.desk().of_school().programmes)


class TestByPeople:
    def world(self, on):
        """A school in its autumn term, on that day."""
        world = World()
        world.desk().identify("s-1", away="both")
        world.on(on).sweep(catch_up=True)
        return world

    def test_it_is_reviewed_in_close_and_summarised_on_the_last_day(self):
        """By whom and when stands in it, the minute is sealed; the history gives the record."""
        world = self.world(day(1, 4))
        world.desk("t.zhao").review_programme(note="three visits were missed")
        reviewed = programme(world)
        world.on(day(1, 22)).desk("t.sun").summarise_programme()

        assert ("reviewed", day(1, 4), "t.zhao") == (reviewed.state, reviewed.since, reviewed.by)
        assert reviewed.note is not None
        assert ("summarised", "t.sun") == (programme(world).state, programme(world).by)
        assert world.record("") == fold(Case("qinghe", ""), world.entries(""))

    @pytest.mark.parametrize(
        ("on", "call", "said"),
        [
            (
                day(1, 3),
                lambda desk: desk.review_programme(),
                r"review programme 2026-autumn refused from running: before_close; .* from 2027-01-04 on",
            ),
            (day(1, 4), lambda desk: desk.summarise_programme(), "from running: not_from_running; review it first"),
            (day(1, 4), lambda desk: desk.reopen_programme("typo"), "refused from running: not_from_running"),
            (
                day(1, 4),
                lambda desk: desk.review_programme("2027-spring"),
                r"review programme 2027-spring refused from planned: before_close; .* from 2027-06-\d\d on",
            ),
        ],
    )
    def test_a_step_too_early_is_refused(self, on, call, said):
        """The refusal says which, from where, why, and what to do."""
        world = self.world(on)
        with pytest.raises(StepRefused, match=said):
            call(world.desk())

        assert "running" == programme(world).state

    def test_summarising_waits_for_the_last_day(self):
        """Its figures are not final before."""
        world = self.world(day(1, 21))
        world.desk().review_programme()
        with pytest.raises(StepRefused, match="term_not_over; wait for the last day of the term, 2027-01-22"):
            world.desk().summarise_programme()

        assert "reviewed" == programme(world).state

    def test_a_summary_is_looked_at_again_with_a_reason(self):
        """Reopened it is reviewed; the reason stands in the history, a sentence is refused."""
        world = self.world(day(1, 22))
        world.desk().review_programme()
        world.desk().summarise_programme()
        with pytest.raises(StepRefused, match="it is summarised; reopen it first"):
            world.desk().review_programme()
        with pytest.raises(CommandRefused, match="is no code"):
            world.desk().reopen_programme("The figures are wrong")
        world.desk().reopen_programme("figures_wrong")

        assert "reviewed" == programme(world).state
        assert "figures_wrong" in [getattr(e, "because", "") for entry in world.entries("") for _, e in entry.events]

    def test_a_term_that_nobody_knows(self):
        """It is not found."""
        with pytest.raises(NotFound, match="no programme of the term 2030-autumn"):
            self.world(day(1, 22)).desk().review_programme("2030-autumn")

    def test_a_key_carries_it_out_once(self):
        """A form sent twice reviews once."""
        world = self.world(day(1, 5))
        first = world.desk().review_programme(key="r-1")
        again = world.desk().review_programme(key="r-1")

        assert (False, True) == (first.repeated, again.repeated)
        assert 1 == sum("command:ReviewProgramme" in {c for c, _ in e.events} for e in world.entries(""))


class TestTable:
    def test_every_refusal_has_a_mend(self):
        """Whatever is refused, the message says what to do next."""
        standing = Standing("planned", day(8, 1), day(9, 1), day(1, 4), day(1, 22))
        whys = {
            PROGRAMME_TABLE.refusal(state, step, standing, by)
            for state in PROGRAMME_TABLE.workflow.states
            for step in PROGRAMME_TABLE.names
            for by in ("person", "rule")
        }

        assert all(mend_of(why, standing) for why in whys - {None})
        assert "from 2027-01-04 on" in mend_of("before_close", standing)

    def test_only_time_begins_it(self):
        """A person cannot let a term begin; on its first day time does."""
        standing = Standing("planned", day(9, 1), day(9, 1), day(1, 4), day(1, 22))

        assert "only_by_rule" == PROGRAMME_TABLE.refusal("planned", "begin", standing)
        assert "running" == PROGRAMME_TABLE.fire("planned", "begin", standing, by="rule")
