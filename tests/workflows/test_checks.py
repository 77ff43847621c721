"""A workflow that is wrong is refused when it is built, by state and step, with the mend."""

import pytest
from attrs import evolve

from casework.errors import WorkflowRefused
from casework.workflows import CASE, EMERGENCY, Overlay, Step, Workflow, compile_workflow


def locked(_):
    """Refuse always."""
    return "locked"


def shut(_):
    """Refuse always, for another reason."""
    return "shut"


SOUND = Workflow(
    name="letter",
    states=("draft", "sent", "answered"),
    initial="draft",
    final=frozenset({"answered"}),
    steps=(Step("send", ("draft",), "sent"), Step("answer", ("sent",), "answered")),
)


def with_steps(*steps, **changes):
    """Return the sound workflow with more steps."""
    return evolve(SOUND, steps=(*SOUND.steps, *steps), **changes)


def with_lost(*steps, **changes):
    """Return the sound workflow with a state `lost` that is reached from `sent`, and more steps."""
    lose = Step("lose", ("sent",), "lost")
    return with_steps(lose, *steps, states=(*SOUND.states, "lost"), **changes)


def refused(workflow):
    """Return the lines of the refusal."""
    with pytest.raises(WorkflowRefused) as error:
        compile_workflow(workflow)
    first, *lines = str(error.value).splitlines()
    assert f"workflow {workflow.name} refused:" == first
    return [line.strip() for line in lines]


BECOMES = (
    "becomes a trap when guards say no and no rule moves; "
    "give a person an unguarded way out, or say in lifted how the guard's refusal ends"
)
TRAP = "state lost: is a trap; add a step that leads on to a final state, or name it in final"
STATES = "the states are draft, sent, answered"
NAME = "is not a name; use at most 32 lower-case letters, digits and '_', such as 'stood_down'"


class TestNames:
    @pytest.mark.parametrize(
        ("workflow", "said"),
        [
            (evolve(SOUND, states=(*SOUND.states, "sent")), "state sent: stands 2 times; name each state once"),
            (evolve(SOUND, initial="new"), f"initial: there is no state 'new'; {STATES}"),
            (evolve(SOUND, final=frozenset({"answered", "x"})), f"final: there is no state 'x'; {STATES}"),
            (with_steps(Step("send", ("drafd",), "sent")), f"step send: there is no state 'drafd'; {STATES}"),
            (with_steps(Step("send", ("draft",), "cent")), f"step send: there is no state 'cent'; {STATES}"),
            (
                evolve(SOUND, overlays=(Overlay("late", ("sent", "x"), "a", "b"),)),
                f"overlay late: there is no state 'x'; {STATES}",
            ),
            (
                evolve(SOUND, overlays=(Overlay("sent", ("draft",), "a", "b"),)),
                "overlay sent: is a stored state too; take it out of states or overlays",
            ),
            (evolve(SOUND, name="A letter"), f"workflow 'A letter': {NAME}"),
            (with_steps(Step("Send it", ("draft",), "sent")), f"step 'Send it': {NAME}"),
            (with_steps(Step("s" * 33, ("draft",), "sent")), f"step '{'s' * 33}': {NAME}"),
            (with_steps(Step("", ("draft",), "sent")), f"step '': {NAME}"),
            (
                evolve(SOUND, reopens=frozenset({"unsend"})),
                "reopens unsend: there is no such step; add the step or take its name out of reopens",
            ),
        ],
    )
    def test_wrong_name_is_refused_with_those_there_are(self, workflow, said):
        """A name that is unknown, repeated or no name at all is refused by itself, with the mend."""
        assert [said] == refused(workflow)

    def test_longest_name_passes(self):
        """A name may have 32 characters."""
        assert "sent" == compile_workflow(with_steps(Step("s" * 32, ("draft",), "sent"))).fire("draft", "s" * 32, None)


class TestSteps:
    @pytest.mark.parametrize(
        ("step", "said"),
        [
            (Step("burn", (), "sent"), "step burn: starts nowhere; name the states that it starts from"),
            (
                Step("burn", ("sent",), "draft", by="anyone"),
                "step burn: by='anyone'; a step is taken by 'person' or by 'rule'",
            ),
            (
                Step("send", ("draft",), "answered"),
                "step send: to answered never wins in draft; put it before the step of that name which has no guard",
            ),
            (
                Step("revise", ("answered",), "draft"),
                (
                    "step revise: leaves the final state answered; "
                    "name it in reopens if that is meant, or take the state out of its sources"
                ),
            ),
        ],
    )
    def test_step_that_cannot_be_meant_is_refused(self, step, said):
        """A step that starts nowhere, is nobody's, never wins or leaves an end is refused."""
        assert [said] == refused(with_steps(step))

    def test_step_back_to_nothing_is_refused(self):
        """What exists does not become nothing again."""
        workflow = with_steps(Step("begin", ("",), "draft"), states=("", *SOUND.states), initial="")
        back = evolve(workflow, steps=(*workflow.steps, Step("forget", ("sent",), "")))

        assert "draft" == compile_workflow(workflow).fire("", "begin", None)
        assert [
            "step forget: leads to the empty state; what exists does not return there; name another target"
        ] == refused(back)

    def test_end_may_be_left_when_that_is_declared(self):
        """A final state may be left by a step named in reopens."""
        workflow = with_steps(Step("revise", ("answered",), "draft"), reopens=frozenset({"revise"}))

        assert "draft" == compile_workflow(workflow).fire("answered", "revise", None)

    def test_step_that_stays_in_an_end_passes(self):
        """A step that stays in a final state leaves nothing."""
        workflow = with_steps(Step("stamp", ("answered",), "answered"))

        assert "answered" == compile_workflow(workflow).fire("answered", "stamp", None)

    def test_same_name_for_a_person_and_for_a_rule_passes(self):
        """A person's step does not stand in the way of a rule's of the same name."""
        table = compile_workflow(with_steps(Step("send", ("draft",), "answered", by="rule")))

        assert ["sent", "answered"] == [table.fire("draft", "send", None, by=by) for by in ["person", "rule"]]


class TestReach:
    def test_state_that_is_never_reached_is_refused(self):
        """A state to which no step leads is refused."""
        workflow = with_steps(Step("find", ("lost",), "sent"), states=(*SOUND.states, "lost"))

        assert ["state lost: is never reached; add a step that leads there or take it out"] == refused(workflow)


class TestTraps:
    def test_workflow_without_an_end_is_refused(self):
        """A workflow must end somewhere, else every state is a trap."""
        lines = refused(evolve(SOUND, final=frozenset()))

        assert "final: names no state; name at least one state in which the workflow ends" == lines[0]
        assert 4 == len(lines)

    @pytest.mark.parametrize("steps", [(), (Step("wait", ("lost",), "lost"),)])
    def test_state_that_nobody_leaves_is_refused(self, steps):
        """A state with no way out, or only back to itself, is a trap."""
        assert [TRAP] == refused(with_lost(*steps))

    @pytest.mark.parametrize(
        "steps",
        [
            (Step("find", ("lost",), "sent", guards=(locked,)),),
            (Step("find", ("lost",), "sent", guards=(locked,)), Step("find", ("lost",), "answered", guards=(shut,))),
            (Step("find", ("lost",), "sent", by="rule"),),
            (Step("find", ("lost",), "lost", guards=(locked,)), Step("find", ("lost",), "sent")),
        ],
        ids=["one guard", "two guards", "only a rule", "a guard that keeps it there"],
    )
    def test_state_that_guards_can_close_is_refused(self, steps):
        """A state is a trap if guards can keep a person in it for ever."""
        assert [f"state lost: {BECOMES}"] == refused(with_lost(*steps))

    def test_two_states_that_guards_keep_between_them_are_refused(self):
        """An unguarded step to a state from which only guarded steps lead on is no way out."""
        hide = Step("hide", ("lost",), "hidden")
        workflow = with_lost(hide, Step("find", ("hidden",), "sent", guards=(locked,)))

        assert [f"state lost: {BECOMES}", f"state hidden: {BECOMES}"] == refused(
            evolve(workflow, states=(*workflow.states, "hidden"))
        )

    @pytest.mark.parametrize(
        "steps",
        [
            (Step("find", ("lost",), "sent", guards=(locked,)), Step("give_up", ("lost",), "answered")),
            (Step("find", ("lost",), "answered", guards=(locked,)), Step("find", ("lost",), "sent")),
        ],
        ids=["another step", "another way of the same step"],
    )
    def test_state_with_an_unguarded_way_out_passes(self, steps):
        """One way out that no guard can close is enough, whatever else is guarded."""
        assert "lost" == compile_workflow(with_lost(*steps)).fire("sent", "lose", None)

    def test_guard_that_is_lifted_elsewhere_is_no_trap(self):
        """A guard may stand before the only way out if it is said how its refusal ends outside the workflow."""
        workflow = with_lost(Step("find", ("lost",), "sent", guards=(locked,)), lifted={locked: "the key is found"})

        assert "locked" == compile_workflow(workflow).refusal("lost", "find", None)

    def test_closing_a_case_would_be_a_trap_if_standing_down_were_not_declared(self):
        """The case may be closed only without a live emergency; that it ends is declared, not overlooked."""
        lines = refused(evolve(CASE, lifted={}))

        assert [f"state {state}: {BECOMES}" for state in CASE.states if state != "closed"] == [
            line.replace("no_case", "") for line in lines
        ]

    def test_every_live_emergency_can_be_stood_down_unguarded(self):
        """What the case's declaration rests on holds: no guard stands before standing down."""
        (step,) = [step for step in EMERGENCY.steps if step.name == "stand_down"]

        assert (("raised", "acknowledged", "responding"), ()) == (step.sources, step.guards)


class TestRanks:
    def test_moves_of_rules_that_only_a_name_could_choose_between_are_refused(self):
        """Two rules' steps from one state to different ones need different ranks."""
        rules = (Step("a", ("draft", "sent"), "answered", by="rule"), Step("b", ("sent",), "draft", by="rule"))
        said = (
            "steps a and b: move by rule from sent to different states with the same rank; "
            "give the one that should win the higher rank"
        )

        assert [said] == refused(with_steps(*rules))

    @pytest.mark.parametrize(
        ("other", "why"),
        [
            (Step("b", ("sent",), "draft", by="rule", rank=1), "locked"),
            (Step("b", ("draft",), "sent", by="rule"), "locked"),
            (Step("b", ("sent",), "answered", by="rule"), "locked"),
            (Step("b", ("sent",), "draft"), "locked"),
            (Step("a", ("sent",), "draft", by="rule"), None),
        ],
        ids=["other rank", "other source", "same target", "a person's", "same name"],
    )
    def test_moves_of_rules_that_do_not_compete_pass(self, other, why):
        """Rules' steps may share a rank when at most one of them can be wanted or taken."""
        workflow = with_steps(Step("a", ("sent",), "answered", by="rule", guards=(locked,)), other)

        assert why == compile_workflow(workflow).refusal("sent", "a", None, "rule")
