import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import Calendar, ConcernDraft, Flag, Term, rule
from casework.errors import SettingsChanged
from casework.model import events as ev
from casework.model.roll import RollRow
from casework.policy import load_policy
from casework.testing.factories import AUTUMN, CALENDAR, SPRING
from tests.engine.world import TOWN, World, day, duty, noon, policy

OPEN = duty('{ each = "OPEN" }')
MONTH = duty('{ each = "MONTH" }', "D12", '"call"')
STANDING = duty('{ after = "identified", within = "10 td", closes = "20 td" }', "D2", '"filed"')
TRIGGERED = duty('{ on = ["concern"], within = "5 td" }', "D11")
OF_CLASS = duty('{ each = "MONTH" }', "D33", '"report"').replace('subject = "child"', 'subject = "class"')
LONGER = Term(
    "2026-autumn",
    AUTUMN.first,
    AUTUMN.last,
    holidays=[*AUTUMN.holidays],
    makeup=AUTUMN.makeup,
    windows={"OPEN": (day(9, 1), day(9, 30))},
)


@rule(on="class", needs=["class_shares"])
def crowded(case, now):
    """A class with two cases is shown."""
    if now.facts["class_shares"].get(case.child.removeprefix("@"), 0) >= 2:
        yield Flag("crowded")


def desk_of_head(world):
    """The desk of the principal, who applies."""
    return world.desk("t.sun")


def _id(text):
    return text.split("id = ")[1][:5]


DUTIES = st.lists(st.sampled_from([OPEN, MONTH, STANDING, TRIGGERED, OF_CLASS]), min_size=1, unique_by=_id)
SCHOOLS = st.tuples(DUTIES, st.sampled_from([(), (crowded,)]))
HISTORIES = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from(["visit", "call", "close", "concern", "sweep"])), max_size=4
)


def happens(world, child, act):
    """Something that a term brings."""
    desk = world.desk()
    if act == "sweep":
        world.sweep(catch_up=True)
    elif act == "concern":
        desk.note_concern(child, ConcernDraft("bullied", "medium"))
    elif act != "close":
        desk.record(child, act, reached=True)
    elif world.record(child).open:
        desk.close(child, "moved_away")


def school(own, children=3, **facts):
    """A school with children, on this policy."""
    world = World(own, **facts)
    for k in range(children):
        world.desk().identify(f"s-{k}", away="both", class_="3-1")
    world.sweep()
    return world


def effects(world, act=lambda: None):
    """What an act and the sweep after it do to duties, as applying counts it."""
    before = {child: len(world.entries(child)) for child in children(world)}
    act()
    world.sweep(catch_up=True)
    found = {}
    for child in children(world):
        for entry in world.entries(child)[before.get(child, 0) :]:
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


@pytest.mark.unmeasured
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
        applied = []

        assert dry.effects == effects(world, lambda: applied.append(world.desk("t.sun").apply()))
        assert (("policy",), True, {}) == (dry.changed, dry.dry_run, applied[0].effects)
        assert dry.woken == applied[0].woken

    @given(SCHOOLS, SCHOOLS, HISTORIES)
    def test_it_counts_what_applying_does_whatever_happened(self, before, after, history):
        """So it is for any two policies and rules, on any day, whatever was done before and however late the sweep."""
        world = World(policy(*before[0]), rules=before[1])
        desk = world.desk()
        for k in range(3):
            desk.identify(f"s-{k}", away="both", class_=f"3-{k % 2}")
        for days, act in history:
            world.clock.advance(days=days)
            happens(world, f"s-{days % 3}", act)
        world.use(policy(*after[0]), rules=after[1])
        dry = desk_of_head(world).apply(dry_run=True)
        applied = []
        found = effects(world, lambda: applied.append(desk_of_head(world).apply()))

        assert (dry.changed, dry.woken) == (applied[0].changed, applied[0].woken)
        assert dry.effects == (found if dry.changed else {})

    def test_classes_that_have_no_record_yet_are_counted(self):
        """Where classes begin to owe something the dry run says so, for classes with a case and for no others."""
        world = school(policy(OPEN))
        world.desk().identify("s-9", away="both", class_="3-2")
        world.desk().close("s-9", "moved_away")
        world.use(policy(OPEN, OF_CLASS))
        dry = desk_of_head(world).apply(dry_run=True)

        assert ({"opened D33": 1}, 5) == (dry.effects, dry.woken)

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
    def test_classes_begin_that_had_no_record(self):
        """A school whose classes begin to owe something has a record of every class with a case, at once."""
        world = school(policy(OPEN))
        world.use(policy(OPEN, OF_CLASS))
        desk_of_head(world).apply()

        assert {"D33/2026-09": "open"} == world.said("D33", "@3-1")

    def test_classes_begin_that_a_new_rule_looks_at(self):
        """So it is where a rule begins to look at classes."""
        world = school(policy(OPEN))
        world.use(policy(OPEN), rules=[crowded])
        desk_of_head(world).apply()

        assert ["crowded"] == [flag.code for flag in world.record("@3-1").flags.values()]

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
