"""A term that has begun is a setting like any other: who edits it has to apply it."""

from datetime import date, timedelta

import pytest
from attrs import evolve

from casework import Calendar, Term
from casework.errors import SettingsChanged
from casework.model import events as ev
from casework.model.commands import File
from casework.testing.factories import AUTUMN, SPRING
from tests.engine.world import World, day, duty, policy

MONTH = policy(duty('{ each = "MONTH" }', "D12", '"call"'))
OPEN = policy(duty('{ each = "OPEN" }'))
SUMMER = Term("2027-summer", date(2027, 7, 12), date(2027, 9, 24))
EDITS = {
    "holidays": evolve(SPRING, holidays=[(day(4, 26), day(5, 9))]),
    "make-up days": evolve(SPRING, makeup=[day(3, 6)]),
    "the last day": evolve(SPRING, last=SPRING.last - timedelta(days=7)),
    "the first day": evolve(SPRING, first=SPRING.first + timedelta(days=1)),
    "a first day to come": evolve(SPRING, first=day(3, 29)),
    "windows": evolve(SPRING, windows={"OPEN": (SPRING.first, day(3, 31))}),
    "the id": evolve(SPRING, id="spring"),
}


def calendar(*terms):
    """The school's calendar of these terms."""
    return Calendar(terms, tz="Asia/Shanghai")


def in_spring(when=SPRING.first, own=MONTH):
    """A school that was applied in autumn, and swept every night until that day of spring."""
    world = World(own, at=None)
    world.desk().identify("s-0", away="both", class_="3-1")
    world.until(when)
    return world


def applied(world):
    """What the school runs on, each time that its history says so: who, when, what."""
    return [
        (entry.actor, world.casework.school("qinghe").calendar.local_date(entry.at), event)
        for entry in world.entries("")
        for _, event in entry.events
        if isinstance(event, ev.Applied)
    ]


class TestEdits:
    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
    def test_a_begun_term_that_was_edited_has_to_be_applied(self, edit):
        """Holidays, make-up days and dates of a term that began after the school was applied are settings as well."""
        world = in_spring(day(3, 10))
        world.use(MONTH, calendar=calendar(AUTUMN, edit))
        with pytest.raises(SettingsChanged) as caught:
            world.desk().file("s-0")

        assert ("calendar",) == caught.value.changed

    def test_applying_re_dates_as_the_dry_run_said(self):
        """The dry run counts what moves, applying moves it, and work goes on."""
        world = in_spring(day(3, 10), OPEN)
        world.use(OPEN, calendar=calendar(AUTUMN, EDITS["windows"]))
        dry = world.desk("t.sun").apply(dry_run=True)
        world.desk("t.sun").apply()
        world.sweep()

        assert (("calendar",), {"redated D10": 1}) == (dry.changed, dry.effects)
        assert day(3, 31) == world.record("s-0").obligations["D10/2027-spring:OPEN"].due
        assert "filed" == world.desk().file("s-0").case.stage

    def test_an_emergency_does_not_wait(self):
        """Danger is reported and told while the edited term waits to be applied."""
        world = in_spring(day(3, 10))
        world.use(MONTH, calendar=calendar(AUTUMN, EDITS["holidays"]))

        assert world.desk().raise_emergency("s-0", "missing").emergency
        assert [] != world.outbox()

    def test_a_sweep_names_the_school(self):
        """A sweep settles only emergencies there, and says so."""
        world = in_spring(day(3, 10))
        world.use(MONTH, calendar=calendar(AUTUMN, EDITS["holidays"]))
        world.on(day(4, 5))

        assert {"qinghe"} == world.sweep().unapplied

    def test_a_term_that_was_taken_away_has_to_be_applied(self):
        """A calendar that has forgotten the present term is another calendar."""
        world = in_spring(day(3, 10))
        world.use(MONTH, calendar=calendar(AUTUMN))
        with pytest.raises(SettingsChanged):
            world.desk().file("s-0")


class TestNoEdits:
    def test_a_term_may_be_edited_until_it_begins(self):
        """What nobody has worked by yet is no setting: the last night before term, the calendar may still change."""
        world = in_spring(SPRING.first - timedelta(days=1))
        world.use(MONTH, calendar=calendar(AUTUMN, EDITS["holidays"]))

        assert "filed" == world.desk().file("s-0").case.stage

    def test_the_next_term_may_be_added_in_the_present_one(self):
        """Next year's calendar arrives in mid-term, and is no change."""
        world = in_spring(day(3, 10))
        world.use(MONTH, calendar=calendar(AUTUMN, SPRING, SUMMER))

        assert "filed" == world.desk().file("s-0").case.stage

    def test_a_clock_that_is_set_back_changes_nothing(self):
        """The terms that had begun by the wrong clock are those of the calendar still."""
        world = in_spring(day(3, 10))
        world.on(day(11, 10))

        assert "filed" == world.desk().file("s-0").case.stage

    def test_a_term_is_noted_once_on_its_first_day(self):
        """The sweep of the first night writes it into the school's history; whatever was applied by a person stays."""
        world = in_spring(day(3, 10))
        (_, _, first), (actor, on, second) = applied(world)

        assert ("system", SPRING.first) == (actor, on)
        assert evolve(first, calendar=second.calendar) == second
        assert first.calendar != second.calendar
        assert () == world.again("")

    def test_the_first_command_of_a_term_notes_it_too(self):
        """Where nobody sweeps, the first person who works in the new term fixes its dates."""
        world = World(MONTH, at=None)
        world.desk().identify("s-0", away="both", class_="3-1")
        world.on(day(3, 10)).desk().file("s-0")
        world.desk().record("s-0", "call", reached=True)
        world.use(MONTH, calendar=calendar(AUTUMN, EDITS["holidays"]))
        with pytest.raises(SettingsChanged):
            world.desk().record("s-0", "call", reached=True)

        assert [("t.wang", day(9, 1)), ("system", day(3, 10))] == [found[:2] for found in applied(world)]

    def test_reading_notes_nothing(self):
        """Who looks at a case, or at what a command would do, fixes nothing."""
        world = World(MONTH, at=None)
        world.desk().identify("s-0", away="both")
        desk = world.on(day(3, 10)).desk()
        desk.today()
        desk.preview("s-0", File())

        assert 1 == len(applied(world))

    def test_every_term_is_noted(self):
        """Two terms that begin while nobody looks are noted together."""
        world = World(MONTH, at=None, calendar=calendar(AUTUMN, SPRING, SUMMER))
        world.desk().identify("s-0", away="both")
        world.on(SUMMER.first).sweep(catch_up=True)
        world.use(MONTH, calendar=calendar(AUTUMN, EDITS["holidays"], SUMMER))
        with pytest.raises(SettingsChanged):
            world.desk().file("s-0")

        assert 2 == len(applied(world))
