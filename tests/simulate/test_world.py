"""The world: what an attempt brings, and that world and engine stand apart."""

import ast
import gc
from pathlib import Path

import pytest

import casework.simulate
from casework.engine.casework import Casework
from casework.model.case import Case
from casework.model.roll import RollRow
from casework.policy.values import Policy
from casework.simulate import simulate
from casework.simulate.chance import Chance
from casework.simulate.children import make_children, make_roll
from casework.simulate.hidden import Crisis, Episode
from casework.simulate.rates import load_rates
from casework.simulate.world import World

SOURCES = Path(casework.simulate.__file__).parent
DAYS = 142


def a_world(*, certain=False, children=20, **rates):
    """A world of some children, all there from the first days."""
    table = load_rates({"joins": 0, "leaves": 0} | rates)
    chance = Chance(7)
    return World(
        make_children(make_roll(children, 2, chance, table), DAYS, chance, table), DAYS, chance, table, certain=certain
    )


def reachable(value, *, until=lambda value: False):
    """Every object that can be got at from a value, modules and types left out."""
    seen, todo = {}, [value]
    while todo:
        found = todo.pop()
        if id(found) in seen or isinstance(found, type) or type(found).__name__ == "module":
            continue
        seen[id(found)] = found
        if not until(found):
            todo += [o for o in gc.get_referents(found) if not (isinstance(o, dict) and "__builtins__" in o)]
    return seen.values()


class TestApart:
    @pytest.mark.parametrize("module", ["world", "hidden", "children", "chance", "kernel", "rates"])
    def test_the_world_imports_nothing_of_policy_rules_and_engine(self, module):
        """Its modules know the roll's rows, errors and each other, and no more of casework."""
        tree = ast.parse((SOURCES / f"{module}.py").read_text(encoding="utf-8"))
        names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
        inner = {name for name in names if name.startswith("casework.") and not name.startswith("casework.simulate.")}
        others = {n.rpartition(".")[2] for n in names if n.startswith("casework.simulate.")}

        assert inner <= {"casework.errors", "casework.model.roll"}
        assert others <= {"world", "hidden", "children", "chance", "kernel", "rates"}

    def test_from_the_world_no_policy_no_engine_and_no_case_can_be_got_at(self):
        """What the world holds leads to nothing that the policy decides."""
        found = reachable(a_world())

        assert [] == [value for value in found if isinstance(value, Policy | Casework | Case)]
        assert any(isinstance(value, Episode) for value in found)

    def test_from_what_rules_see_no_hidden_life_can_be_got_at(self):
        """Neither the case nor the moment that a rule is given leads to an episode, a crisis or the world."""
        seen = []

        @casework.rule(states=["paired", "monitored"], looks="on_change")
        def spy(case, now):
            """Keep what a rule is given."""
            seen.append((case, now))
            yield casework.Flag("spied")

        run = simulate(children=6, helpers=2, rules=[spy])
        spied = [seen[0], seen[-1], run.store]
        found = reachable(spied)

        assert len(seen) > 6
        assert [] == [value for value in found if isinstance(value, World | Episode | Crisis)]


class TestContact:
    def test_the_same_attempt_ends_the_same(self):
        """An attempt is drawn from child, kind and day, never from the order of attempts."""
        first, second = a_world(), a_world()
        second.contact("s-2", "talk", 3)

        assert [first.contact("s-1", kind, 30) for kind in ("visit", "talk", "call", "carer_talk")] == [
            second.contact("s-1", kind, 30) for kind in ("visit", "talk", "call", "carer_talk")
        ]

    @pytest.mark.parametrize(
        ("kind", "met"),
        [
            ("visit", ("child", "carer")),
            ("talk", ("child",)),
            ("call", ("child", "parent")),
            ("carer_talk", ("carer",)),
        ],
    )
    def test_with_chance_removed_everybody_is_met(self, kind, met):
        """Whom a contact meets follows from its kind."""
        contact = a_world(certain=True).contact("s-1", kind, 10)

        assert (True, met) == (contact.reached, contact.met)

    def test_every_way_to_fail_occurs(self):
        """People are refused, not at home, not on the telephone, not at school; and mostly met."""
        world = a_world()
        found = [
            world.contact(c, k, d).why for c in world.children for k in ("visit", "talk", "call") for d in range(40)
        ]

        assert {"met", "refused", "not_at_home", "unreachable", "absent"} == set(found)
        assert found.count("met") > len(found) / 2

    def test_siblings_share_a_door(self):
        """Whoever is not at home for one child of a household is not at home for the other."""
        world = a_world(children=40, child_absent=0)
        homes = {}
        for child in world.children.values():
            homes.setdefault(child.row.household, []).append(child.id)
        pairs = [ids for ids in homes.values() if len(ids) > 1]

        assert pairs
        for first, second, *_ in pairs:
            ways = [(world.contact(first, "visit", d).why, world.contact(second, "visit", d).why) for d in range(60)]
            assert all(a == b for a, b in ways)

    def test_a_dead_telephone_says_so(self):
        """Nobody is reached by it, even with chance removed; other ways stay open."""
        world = a_world(certain=True)
        world.dead.add(("s-1", "carer"))
        heard = world.contact("s-1", "carer_talk", 3)

        assert ("unreachable", True) == (heard.why, heard.number_dead)
        assert world.contact("s-1", "visit", 3).reached
        assert world.contact("s-1", "call", 3).reached

    def test_distress_is_noticed_once_an_episode_and_never_by_telephone_with_the_carer(self):
        """With perfect eyes each child in distress is noticed at the first talk, and not again."""
        world = a_world(certain=True, sens_contact=1, never_shows=0, fp_contact=0, p_distress=0.9)
        talks = [[world.contact(child, "talk", day).noticed for day in (0, 1)] for child in world.children]
        calls = {world.contact(child, "carer_talk", 2).noticed for child in world.children}

        assert ["low_mood", ""] in talks
        assert {""} == {second for _, second in talks}
        assert {""} == calls

    def test_a_false_alarm_is_told_of_like_a_true_one(self):
        """A child without distress may seem withdrawn; the count is the report's alone."""
        world = a_world(certain=True, fp_contact=1, p_distress=1e-9)

        assert "seems_withdrawn" == world.contact("s-1", "talk", 0).noticed
        assert 1 == world.distress()["false_alarms"]

    def test_a_crisis_that_nobody_noticed_may_show_at_a_contact(self):
        """It is seen within a month, once, and then is a danger that somebody observed."""
        kinds = {f"noticed_{k}": 0 for k in ("self_harm", "abuse_disclosed", "injury", "missing", "severe_bullying")}
        world = a_world(certain=True, crisis_base=0.05, crisis_seen_later=1, **kinds)
        first = world.contact("s-1", "talk", 60).danger

        assert first
        assert [] == world.crises()
        assert 1 == len(world.seen.late_crises)

    def test_what_is_known_already_is_told_to_nobody_new(self):
        """A child who told somebody is not counted twice, and who was seen in distress tells nothing new."""
        world = a_world(children=40, self_disclosure=0.5, p_distress=0.9)
        told = world.disclosures()[0]

        assert [True, False] == [world.tell(told), world.tell(told)]
        assert 1 == world.distress()["noticed"]


class TestChildren:
    def test_a_child_counts_who_has_a_parent_away(self):
        """Of a roll only those with one or both parents away are in scope; nobody says is not one of them."""
        rows = [
            RollRow("a", left_behind="both"),
            RollRow("b", left_behind="none"),
            RollRow("c"),
            RollRow("d", left_behind="one"),
        ]
        gone = RollRow("e", left_behind="one", on_roll=False)

        assert ["a", "d"] == [child.id for child in make_children([*rows, gone], DAYS, Chance(1), load_rates())]

    def test_a_roll_has_the_size_and_the_classes_that_were_asked_for(self):
        """Children are spread evenly over the classes, and some are siblings."""
        rows = make_roll(60, 4, Chance(1), load_rates())
        sizes = {name: sum(1 for row in rows if row.class_ == name) for name in {row.class_ for row in rows}}

        assert {"1-1": 15, "2-1": 15, "3-1": 15, "4-1": 15} == sizes
        assert 60 > len({row.household for row in rows})

    def test_who_leaves_is_no_longer_there(self):
        """A child is present from the day it is identified until it leaves."""
        world = a_world(leaves=1)
        child = world.children["s-1"]

        assert [False, True, False] == [
            world.present("s-1", day) for day in (child.enters - 1, child.enters, child.leaves)
        ]
