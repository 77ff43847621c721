"""The suspect is not told (domain.md, 8): a principal who is implicated finds the very world in which nothing is known.

Two schools live through the same days; in one of them somebody reported something that implicates the principal. All
that is returned, raised or sent to the principal must be equal, with nothing smoothed over.
"""

import pytest

from casework import load_policy
from casework.engine import school_desk
from casework.model.roll import RollRow
from tests.system.suspects import (
    CHILD,
    CUSTOM,
    FAILING,
    MOMENTS,
    SECRETS,
    SIBLING,
    UNKNOWN,
    commands,
    danger_noted,
    go_on,
    over,
    pair_of_worlds,
    raised,
)
from tests.system.twins import attempt
from tests.system.world import DAY, HEAD, HOUR, LEAD, SAFEGUARDING, TEACHER, VICE

pytestmark = pytest.mark.unmeasured

SUSPECTS = (LEAD, TEACHER, HEAD)


def compare(worlds, child, trying):
    """Live on through all moments; both worlds are the same to the suspect, at some of them whatever is tried."""
    knowing, unknowing = worlds
    for n, moment in enumerate(MOMENTS):
        go_on(worlds, *moment)
        assert unknowing.seen(child) == knowing.seen(child), moment
        assert unknowing.told() == knowing.told()
        if n in trying:
            for command in commands(knowing):
                assert unknowing.tried(child, command) == knowing.tried(child, command), (moment, command)


def some(secret):
    """At which moments commands are tried: every secret at two of them, all moments with one secret or another."""
    return one(secret) | {(SECRETS.index(secret) + 3) % len(MOMENTS)}


def one(secret):
    """The same at one moment; the soak tries everything at all of them."""
    return {SECRETS.index(secret) % len(MOMENTS)}


ALL = range(len(MOMENTS))
named = pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.__name__)
some_named = pytest.mark.parametrize(
    "secret",
    [secret if n % 2 == 0 else pytest.param(secret, marks=pytest.mark.soak) for n, secret in enumerate(SECRETS)],
    ids=lambda secret: secret.__name__,
)
"""Every second; the others by `make soak`, which lives through all of them with every set of rules."""


def gathered(world, n):
    """What the suspect gets from entering a gathering, correcting it and voiding it."""
    desk = world.desk(world.suspect)
    held = attempt(lambda: desk.gather("parents_meeting", [SIBLING], [CHILD], note="minutes", key=f"g-{n}"))
    id_ = held.gathering.id
    again = attempt(lambda: desk.correct_attendance(id_, "came_late", present=[CHILD])) if n % 2 else None
    undone = attempt(lambda: desk.void_gathering(id_, "twice")) if n % 3 == 2 else None
    return repr((held, again, undone, desk.gathering(id_), desk.of_school(), world.desk(VICE).today()))


class TestWorldWithoutTheSecret:
    @named
    def test_every_command_says_the_same(self, secret):
        """Whatever an implicated helper does or reads, before and after late sweeps, is as if nothing were known."""
        compare(pair_of_worlds(LEAD, secret, CHILD), CHILD, some(secret))

    @pytest.mark.parametrize("suspect", [TEACHER, HEAD])
    def test_whoever_is_implicated(self, suspect):
        """So it is for the class teacher, and for the principal."""
        compare(pair_of_worlds(suspect, danger_noted, CHILD), CHILD, {2, 4})

    @pytest.mark.parametrize("child", [UNKNOWN, CHILD])
    @pytest.mark.parametrize("secret", [raised, danger_noted, over], ids=lambda secret: secret.__name__)
    def test_a_child_without_an_open_case(self, child, secret):
        """So it is for a child with no case, of whom nothing must be known, and for a closed case."""
        compare(pair_of_worlds(LEAD, secret, child, closed=True), child, one(secret))

    @some_named
    def test_rules_of_a_school_tell_nothing(self, secret):
        """Nor do rules of a school's own tell that look at escalated cases, count concerns, or fail."""
        compare(pair_of_worlds(LEAD, secret, CHILD, CUSTOM), CHILD, one(secret) - {1, 3})

    @some_named
    def test_the_principal_is_told_of_the_same_failing_rules(self, secret):
        """Who is told of rules that fail is told of those that fail without the secret, no more and no less."""
        worlds = pair_of_worlds(HEAD, secret, CHILD, FAILING)
        compare(worlds, CHILD, one(secret) & {0, 2})

        assert 2 == sum("rule_failed" in row for row in worlds[0].told())

    @pytest.mark.parametrize("large", [False, True], ids=["at once", "by the sweep"])
    @pytest.mark.parametrize("secret", [raised, danger_noted, over], ids=lambda secret: secret.__name__)
    def test_gatherings_say_the_same(self, secret, large, monkeypatch):
        """Whatever the suspect enters, corrects or voids of a gathering with the child is as if nothing were known."""
        monkeypatch.setattr(school_desk, "AT_ONCE", 1 if large else 25)
        worlds = pair_of_worlds(LEAD, secret, CHILD)
        for n, moment in enumerate(MOMENTS):
            go_on(worlds, *moment)
            said = [gathered(world, n) for world in worlds]

            assert said[1] == said[0], moment
            assert worlds[1].seen(CHILD) == worlds[0].seen(CHILD), moment
            assert worlds[1].told() == worlds[0].told()

    @pytest.mark.parametrize("rolled", [False, True], ids=["unknown", "on the roll"])
    def test_a_list_tells_nothing_of_a_child_without_a_case(self, rolled):
        """Nor does a gathering with a child of whom nothing must be known."""
        worlds = pair_of_worlds(LEAD, raised, UNKNOWN)
        for world in worlds:
            if rolled:
                world.desk(VICE).update_roll([RollRow(UNKNOWN, "3-1")], [])
        for moment in MOMENTS:
            go_on(worlds, *moment)
            said = [
                attempt(lambda world=world: world.desk(LEAD).gather("parents_meeting", [CHILD], [UNKNOWN]))
                for world in worlds
            ]

            assert repr(said[1]) == repr(said[0]), moment
            assert worlds[1].seen(UNKNOWN) == worlds[0].seen(UNKNOWN), moment

    def test_a_sibling_tells_nothing(self):
        """The record of a sibling in the same household stays what it was."""
        compare(pair_of_worlds(LEAD, raised, CHILD), SIBLING, {2})

    @named
    def test_applying_settings_counts_nothing_hidden(self, secret):
        """What a dry run counts, what applying wakes, and what is found afterwards is as if nothing were known."""
        knowing, unknowing = worlds = pair_of_worlds(LEAD, secret, CHILD)
        go_on(worlds, DAY, swept=True)
        go_on(worlds, HOUR, swept=False)
        for world in worlds:
            world.use(load_policy("school"))

        assert unknowing.applied(dry_run=True) == knowing.applied(dry_run=True)
        assert unknowing.applied() == knowing.applied()
        go_on(worlds, HOUR, swept=True)
        assert unknowing.seen(CHILD) == knowing.seen(CHILD)

    @pytest.mark.soak
    @pytest.mark.parametrize("rules", [(), CUSTOM, FAILING], ids=["built-in", "custom", "failing"])
    @pytest.mark.parametrize("suspect", SUSPECTS)
    @named
    def test_all_of_it(self, secret, suspect, rules):
        """Every secret for every suspect, everything tried at every moment."""
        for closed in (False, True):
            compare(pair_of_worlds(suspect, secret, CHILD, rules, closed=closed), CHILD, ALL)

    def test_two_worlds_can_differ(self):
        """For somebody who is not implicated the worlds do differ, so the comparison can fail."""
        knowing, unknowing = worlds = pair_of_worlds(LEAD, raised, CHILD)
        knowing.suspect = unknowing.suspect = SAFEGUARDING
        go_on(worlds, HOUR, swept=True)

        assert unknowing.seen(CHILD) != knowing.seen(CHILD)
        assert unknowing.told() != knowing.told()
