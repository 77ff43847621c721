import pytest

from casework import Calendar, Term, rule
from casework.errors import SettingsChanged
from casework.model import events as ev
from casework.model.roll import RollRow
from casework.policy import load_policy
from casework.testing.factories import AUTUMN, CALENDAR, SPRING
from tests.engine.world import TOWN, World, day, duty, noon, policy

OPEN = duty('{ each = "OPEN" }')
MONTH = duty('{ each = "MONTH" }', "D12", '"call"')
LONGER = Term(
    "2026-autumn",
    AUTUMN.first,
    AUTUMN.last,
    holidays=[*AUTUMN.holidays],
    makeup=AUTUMN.makeup,
    windows={"OPEN": (day(9, 1), day(9, 30))},
)


def school(own, children=3, **facts):
    """A school with children, on this policy."""
    world = World(own, **facts)
    for k in range(children):
        world.desk().identify(f"s-{k}", away="both", class_="3-1")
    world.sweep()
    return world


def effects(world):
    """What a sweep does to duties, as applying counts it."""
    before = {child: len(world.entries(child)) for child in children(world)}
    world.sweep()
    found = {}
    for child, count in before.items():
        for entry in world.entries(child)[count:]:
            for _, event in entry.events:
                word = {ev.ObligationOpened: "opened", ev.ObligationRedated: "redated"}.get(type(event))
                if isinstance(event, ev.ObligationSettled):
                    word = event.status
                if word:
                    key = f"{word} {getattr(event, 'duty', '') or event.key.partition('/')[0]}"
                    found[key] = found.get(key, 0) + 1
    return dict(sorted(found.items()))


def children(world):
    """Every record of the school, its own too."""
    with world.store.read():
        return ["", *world.store.children("qinghe", after="", limit=100, open_only=False)]


class TestSettingsChanged:
    @pytest.mark.parametrize(
        ("settings", "names"),
        [
            ({"own": policy(MONTH)}, ("policy",)),
            ({"own": policy(OPEN), "calendar": Calendar([LONGER, SPRING], tz="Asia/Shanghai")}, ("calendar",)),
            ({"own": policy(OPEN), "rules": [rule(key="new")(lambda case, now: None)]}, ("rules",)),
            ({"own": policy(MONTH), "calendar": Calendar([AUTUMN], tz="UTC")}, ("policy", "calendar")),
        ],
    )
    def test_a_command_is_refused_and_says_what_changed(self, settings, names):
        """Nothing is done on settings that nobody applied; the refusal names what changed and what to run."""
        world = school(policy(OPEN))
        world.use(settings.pop("own"), **settings)
        with pytest.raises(SettingsChanged, match="casework apply --dry-run") as caught:
            world.desk().file("s-0")

        assert names == caught.value.changed
        assert "identified" == world.record("s-0").stage

    def test_adding_a_term_is_no_change(self):
        """A school that makes its next term known goes on working."""
        world = school(policy(OPEN), calendar=Calendar([AUTUMN], tz="Asia/Shanghai"))
        world.use(policy(OPEN), calendar=CALENDAR)

        assert "filed" == world.desk().file("s-0").case.stage

    def test_another_title_is_no_change(self):
        """What only reads differently changes nothing."""
        world = school(policy(OPEN))
        world.use(policy(OPEN.replace("A duty", "Home visits")))

        assert "filed" == world.desk().file("s-0").case.stage

    def test_reading_goes_on(self):
        """A teacher sees the day's list and the case while settings wait."""
        world = school(policy(OPEN))
        world.use(policy(MONTH))

        assert 3 == len(world.desk().today())
        assert "identified" == world.desk().case("s-0").stage


class TestDryRun:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (policy(OPEN), policy(OPEN, MONTH)),
            (policy(OPEN, MONTH), policy(OPEN)),
            (policy(OPEN), policy(duty('{ each = "MID" }'))),
            (TOWN, load_policy("school")),
            (load_policy("school"), load_policy("class-teacher")),
        ],
    )
    def test_it_counts_what_the_sweep_then_does(self, before, after):
        """What the dry run counts by duty is what the next sweep does, record by record."""
        world = school(before)
        with world.store.write():
            world.store.save_roll("qinghe", [RollRow("s-9", left_behind="both")], [])
        world.use(after)
        world.on(day(9, 3))
        dry = world.desk("t.sun").apply(dry_run=True)
        applied = world.desk("t.sun").apply()

        assert dry.effects == effects(world)
        assert (("policy",), True, {}) == (dry.changed, dry.dry_run, applied.effects)
        assert dry.woken == applied.woken

    def test_it_changes_nothing(self):
        """A dry run leaves the school as it was."""
        world = school(policy(OPEN))
        world.use(policy(MONTH))
        before = {child: world.entries(child) for child in children(world)}
        world.desk("t.sun").apply(dry_run=True)

        assert before == {child: world.entries(child) for child in children(world)}
        with pytest.raises(SettingsChanged):
            world.desk().file("s-0")

    def test_applying_what_is_applied_changes_nothing(self):
        """Applying twice is applying once."""
        world = school(policy(OPEN))

        assert ((), 0) == (world.desk().apply().changed, world.desk().apply(dry_run=True).woken)

    def test_a_new_school_is_told_all_three(self):
        """For a school without settings everything is new."""
        world = World(policy(OPEN))

        assert ("policy", "calendar", "rules") == world.desk().apply(dry_run=True).changed


class TestApplying:
    def test_a_new_duty_starts_on_the_day_of_applying(self):
        """Nobody starts with windows that were over before the duty came."""
        world = school(policy(OPEN))
        world.on(day(11, 10))
        world.sweep(catch_up=True)
        world.use(policy(OPEN, MONTH))
        world.desk("t.sun").apply()
        world.sweep()
        found = world.record("s-0").obligations

        assert ["D12/2026-11"] == [key for key in found if key.startswith("D12")]
        assert day(11, 10) == found["D12/2026-11"].opens

    def test_a_window_with_other_dates_stays_the_same_obligation(self):
        """Open obligations are re-dated and keep their identity."""
        world = school(policy(OPEN), children=1)
        world.use(policy(OPEN), calendar=Calendar([LONGER, SPRING], tz="Asia/Shanghai"))
        world.desk("t.sun").apply()
        world.sweep()

        assert ["D10/2026-autumn:OPEN"] == list(world.record("s-0").obligations)
        assert day(9, 30) == world.record("s-0").obligations["D10/2026-autumn:OPEN"].due

    def test_what_is_settled_keeps_its_dates(self):
        """A met visit stays met on the dates that held then."""
        world = school(policy(OPEN), children=1)
        world.desk().record("s-0", "visit", reached=True)
        world.use(policy(OPEN), calendar=Calendar([LONGER, SPRING], tz="Asia/Shanghai"))
        world.desk("t.sun").apply()
        world.sweep()
        found = world.record("s-0").obligations["D10/2026-autumn:OPEN"]

        assert ("met", day(9, 20)) == (found.status, found.due)

    def test_applying_is_in_the_school_s_history(self):
        """Who applied what, and when, is an entry of the school's own record."""
        world = school(policy(OPEN))
        world.use(policy(MONTH))
        world.on(day(9, 2))
        world.desk("t.sun").apply()
        entry = world.entries("")[-1]

        assert ("t.sun", noon(day(9, 2)), "command:Apply") == (entry.actor, entry.at, entry.events[0][0])
        assert {"D12": day(9, 2)} == dict(entry.events[0][1].started)
