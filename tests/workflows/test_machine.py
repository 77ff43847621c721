"""The table steps as `transitions` does, never half, and says why not."""

from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import StepRefused, WorkflowRefused
from casework.workflows import CASE, EMERGENCY, REFERRAL, NextStep, Step, Workflow, compile_workflow
from casework.workflows.machine import definition
from tests.workflows.beside import BYS, stepped, stepped_by_reference, walk_beside


def _answering(name):
    """Return a guard that answers what the subject says under its name."""

    def guard(answers):
        answer = answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer

    guard.__name__ = name
    return guard


GUARDS = {name: _answering(name) for name in ["rain", "snow", "fog", "hail"]}
DRY = dict.fromkeys(GUARDS)
ANSWERS = st.fixed_dictionaries({name: st.sampled_from([None, name]) for name in GUARDS})

TRIP = Workflow(
    name="trip",
    states=("", "home", "road", "sea", "away"),
    initial="",
    final=frozenset({"away"}),
    steps=(
        Step("wake", ("",), "home"),
        Step("leave", ("home",), "road", guards=(GUARDS["rain"],)),
        Step("leave", ("home",), "sea", guards=(GUARDS["snow"], GUARDS["fog"])),
        Step("leave", ("home", "road"), "away"),
        Step("arrive", ("home", "road", "sea"), "away"),
        Step("drift", ("home", "road"), "sea", by="rule", rank=1),
        Step("roll", ("home", "sea"), "road", by="rule", guards=(GUARDS["hail"],), rank=2),
        Step("return", ("away",), "home", guards=(GUARDS["fog"],)),
    ),
    reopens=frozenset({"return"}),
)
TABLE = compile_workflow(TRIP)


@st.composite
def workflows(draw):
    """Workflows that compile: a plain way from state to state to the end, and guarded steps across."""
    states = tuple(f"s{k}" for k in range(draw(st.integers(2, 6))))
    extra = st.builds(
        Step,
        name=st.sampled_from(["hop", "skip", "jump"]),
        sources=st.lists(st.sampled_from(states[:-1]), min_size=1, unique=True).map(tuple),
        target=st.sampled_from(states),
        by=BYS,
        guards=st.lists(st.sampled_from(list(GUARDS.values())), min_size=1, unique=True).map(tuple),
    )
    extras = [evolve(step, rank=rank) for rank, step in enumerate(draw(st.lists(extra, max_size=6)))]
    plain = [Step("walk", (a,), b) for a, b in pairwise(states)]
    return Workflow("made", states, states[0], frozenset(states[-1:]), (*extras, *plain))


class TestReference:
    @given(st.data(), workflows())
    def test_any_workflow_steps_as_in_transitions(self, data, workflow):
        """Whatever the workflow, the steps tried and the guards' answers, table and `transitions` agree."""
        names = st.sampled_from(sorted({step.name for step in workflow.steps}))

        ours, theirs = walk_beside(workflow, data.draw(st.lists(st.tuples(names, BYS, ANSWERS), max_size=20)))

        assert theirs == ours

    @given(st.lists(st.tuples(st.sampled_from(TABLE.names), BYS, ANSWERS), min_size=5, max_size=30))
    def test_alternatives_of_one_name_step_as_in_transitions(self, steps):
        """Steps that share a name are tried in the order in which `transitions` tries them."""
        ours, theirs = walk_beside(TRIP, steps)

        assert theirs == ours

    @pytest.mark.parametrize("workflow", [CASE, EMERGENCY, REFERRAL, TRIP], ids=lambda workflow: workflow.name)
    def test_definition_knows_every_state_and_holds_no_model(self, workflow):
        """The reference holds the states as declared, and no model that it could change."""
        machine = definition(workflow)

        assert list(workflow.states) == list(machine.states)
        assert [] == machine.models


class TestFire:
    @pytest.mark.parametrize(
        ("said", "target"),
        [({}, "road"), ({"rain": "rain"}, "sea"), ({"rain": "rain", "fog": "fog"}, "away")],
    )
    def test_first_step_whose_guards_let_pass_wins(self, said, target):
        """Of several steps of one name, the first that no guard refuses is taken."""
        assert target == TABLE.fire("home", "leave", DRY | said)

    @pytest.mark.parametrize(
        ("state", "step", "by", "why"),
        [
            ("away", "leave", "person", "not_from_away"),
            ("", "leave", "person", "not_from_no_trip"),
            ("home", "drift", "person", "only_by_rule"),
            ("home", "arrive", "rule", "only_by_person"),
            ("home", "roll", "rule", "hail"),
            ("away", "return", "person", "fog"),
        ],
    )
    def test_refused_step_says_which_from_where_and_why(self, state, step, by, why):
        """A refused step carries its name, the state and a reason code."""
        with pytest.raises(StepRefused) as refused:
            TABLE.fire(state, step, {name: name for name in GUARDS}, by=by)

        assert (step, state, why) == (refused.value.step, refused.value.state, refused.value.why)

    def test_first_guard_that_refuses_gives_the_reason(self):
        """When every alternative is refused, the first guard's code is the reason."""
        workflow = evolve(TRIP, steps=tuple(step for step in TRIP.steps if step.guards or step.name != "leave"))

        why = compile_workflow(workflow).refusal("home", "leave", {"rain": None, "snow": "snow"} | {"rain": "rain"})

        assert "rain" == why

    @pytest.mark.parametrize(
        ("state", "step", "said"),
        [
            ("home", "fly", "workflow trip has no step 'fly'; its steps are wake, leave, arrive, drift, roll, return"),
            ("moon", "leave", "workflow trip has no state 'moon'; its states are no_trip, home, road, sea, away"),
        ],
    )
    def test_unknown_name_is_a_mistake_and_no_refusal(self, state, step, said):
        """A step or state that the workflow does not know is refused as a mistake, with the names there are."""
        with pytest.raises(WorkflowRefused) as refused:
            TABLE.fire(state, step, DRY)

        assert said == str(refused.value)

    def test_guard_that_raises_changes_nothing(self):
        """When a guard raises, the error comes through, the state stays, and the table steps on as before."""
        broken = DRY | {"rain": ZeroDivisionError("a bug in a guard")}
        state = "home"
        with pytest.raises(ZeroDivisionError):
            state = TABLE.fire(state, "leave", broken)

        assert "home" == state
        assert "road" == TABLE.fire(state, "leave", DRY)

    @given(st.sampled_from(TRIP.states), st.sampled_from(TABLE.names), ANSWERS, st.sampled_from(sorted(GUARDS)), BYS)
    def test_guard_that_raises_keeps_the_state_as_in_transitions(self, state, name, answers, broken, by):
        """With a guard that raises, table and `transitions` either both raise or both step alike."""
        answers = answers | {broken: ZeroDivisionError("a bug in a guard")}
        outcomes = []
        for step, stepper in [(stepped, TABLE), (stepped_by_reference, definition(TRIP))]:
            try:
                outcomes.append(step(stepper, state, name, answers, by))
            except ZeroDivisionError:
                outcomes.append("raised")

        assert outcomes[1] == outcomes[0]


class TestNextSteps:
    @given(st.sampled_from(TRIP.states), ANSWERS, BYS)
    def test_next_steps_say_what_firing_does(self, state, answers, by):
        """Each step listed as allowed fires to the target listed; each other is refused for the reason listed."""
        found = []
        for name in TABLE.names:
            try:
                found.append((name, TABLE.fire(state, name, answers, by=by), ""))
            except StepRefused as refused:
                found.append((name, "", refused.why))
        listed = TABLE.next_steps(state, answers, by)

        assert found == [(step.name, step.target if step.allowed else "", step.why) for step in listed]
        assert [why or None for *_, why in found] == [TABLE.refusal(state, name, answers, by) for name in TABLE.names]

    def test_every_step_stands_once_in_the_order_of_the_workflow(self):
        """A screen gets every step once, with where it starts and where it would lead."""
        steps = TABLE.next_steps("home", {name: name for name in GUARDS})

        assert [
            NextStep("wake", "", "not_from_home", ("",)),
            NextStep("leave", "away", "", ("home", "road")),
            NextStep("arrive", "away", "", ("home", "road", "sea")),
            NextStep("drift", "sea", "only_by_rule", ("home", "road")),
            NextStep("roll", "road", "only_by_rule", ("home", "sea")),
            NextStep("return", "", "not_from_home", ("away",)),
        ] == list(steps)


class TestMoves:
    @given(st.data(), workflows(), ANSWERS, BYS)
    def test_move_found_leads_where_it_was_wanted(self, data, workflow, answers, by):
        """A step is found exactly if one leads there now, and firing it leads there."""
        table = compile_workflow(workflow)
        state, target = data.draw(st.tuples(*[st.sampled_from(workflow.states)] * 2))
        leading = [step.name for step in table.next_steps(state, answers, by) if step.allowed and step.target == target]
        found = table.moves_to(state, target, answers, by)

        assert bool(leading) == (found is not None)
        assert found is None or target == table.fire(state, found, answers, by=by)

    @pytest.mark.parametrize("targets", [("road", "sea"), ("sea", "road")])
    def test_of_two_moves_wanted_the_rank_decides(self, targets):
        """Two rules that want different moves: the higher rank wins, in whichever order they asked."""
        assert "roll" == TABLE.best_move("home", targets, DRY)

    def test_move_that_a_guard_refuses_gives_way(self):
        """When a guard refuses the higher ranked move, the other is taken."""
        assert "drift" == TABLE.best_move("home", ["road", "sea"], DRY | {"hail": "hail"})

    def test_persons_steps_are_not_for_rules(self):
        """A rule finds no step that only a person may take."""
        assert None is TABLE.moves_to("home", "away", DRY)
        assert "leave" == TABLE.moves_to("road", "away", DRY, by="person")

    def test_no_step_leads_to_what_is_no_state(self):
        """A rule that wants a state that does not exist gets no step, and stops nobody."""
        assert None is TABLE.moves_to("home", "moon", DRY)
        assert "drift" == TABLE.best_move("home", ["moon", "sea"], DRY)
