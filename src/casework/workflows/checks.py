"""What is wrong with a workflow, found before it runs: names, states nobody reaches, states nobody leaves."""

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import combinations

from casework.errors import Problem
from casework.model.reason import CODE
from casework.workflows.spec import Step, Subject, Workflow

LONGEST_NAME = 32
"""Characters of a name, so that ``not_from_…`` is still a reason code."""


def problems(workflow: Workflow[Subject]) -> list[Problem]:
    """Everything wrong with the workflow; the graph is looked at once all its names are right."""
    return [*_names(workflow), *_references(workflow), *_steps(workflow)] or [
        *_reach(workflow),
        *_ends(workflow),
        *_alternatives(workflow),
        *_ranks(workflow),
    ]


def _names(workflow: Workflow[Subject]) -> Iterator[Problem]:
    for state, times in Counter(workflow.states).items():
        if times > 1:
            yield Problem(f"state {workflow.label(state)}", f"stands {times} times", "name each state once")
    named = [
        ("workflow", workflow.name),
        *(("state", state) for state in workflow.states if state),
        *(("overlay", overlay.name) for overlay in workflow.overlays),
        *(("step", step.name) for step in workflow.steps),
    ]
    for kind, name in dict.fromkeys(named):
        if not CODE.fullmatch(name) or len(name) > LONGEST_NAME:
            yield Problem(
                f"{kind} {name!r}",
                "is not a name",
                f"use at most {LONGEST_NAME} lower-case letters, digits and '_', such as 'stood_down'",
            )


def _references(workflow: Workflow[Subject]) -> Iterator[Problem]:
    named = [
        ("initial", workflow.initial),
        *(("final", state) for state in sorted(workflow.final)),
        *((f"overlay {overlay.name}", state) for overlay in workflow.overlays for state in overlay.over),
        *((f"step {step.name}", state) for step in workflow.steps for state in (*step.sources, step.target)),
    ]
    there = ", ".join(map(workflow.label, workflow.states))
    for place, state in dict.fromkeys(named):
        if state not in workflow.states:
            yield Problem(place, f"there is no state {state!r}", f"the states are {there}")
    for overlay in workflow.overlays:
        if overlay.name in workflow.states:
            yield Problem(f"overlay {overlay.name}", "is a stored state too", "take it out of states or overlays")
    for name in sorted(workflow.reopens - {step.name for step in workflow.steps}):
        yield Problem(f"reopens {name}", "there is no such step", "add the step or take its name out of reopens")


def _steps(workflow: Workflow[Subject]) -> Iterator[Problem]:
    for step in workflow.steps:
        place = f"step {step.name}"
        if not step.sources:
            yield Problem(place, "starts nowhere", "name the states that it starts from")
        if not step.target:
            yield Problem(place, "leads to the empty state", "what exists does not return there; name another target")
        if step.by not in {"person", "rule"}:
            yield Problem(place, f"by={step.by!r}", "a step is taken by 'person' or by 'rule'")


def _reach(workflow: Workflow[Subject]) -> Iterator[Problem]:
    """States that no sequence of steps arrives at."""
    reached = {workflow.initial}
    while found := {s.target for s in workflow.steps if not reached.isdisjoint(s.sources)} - reached:
        reached |= found
    for state in workflow.states:
        if state not in reached:
            yield Problem(
                f"state {workflow.label(state)}", "is never reached", "add a step that leads there or take it out"
            )


def _ends(workflow: Workflow[Subject]) -> Iterator[Problem]:
    """Ends that are left without being declared, and states from which there is no sure way to an end."""
    if not workflow.final:
        yield Problem("final", "names no state", "name at least one state in which the workflow ends")
    for step in workflow.steps:
        for state in step.sources:
            if state in workflow.final and step.target != state and step.name not in workflow.reopens:
                yield Problem(
                    f"step {step.name}",
                    f"leaves the final state {workflow.label(state)}",
                    "name it in reopens if that is meant, or take the state out of its sources",
                )
    possible, sure = _leading_out(workflow), _surely_leading_out(workflow)
    for state in workflow.states:
        place = f"state {workflow.label(state)}"
        if state not in possible:
            yield Problem(place, "is a trap", "add a step that leads on to a final state, or name it in final")
        elif state not in sure:
            yield Problem(
                place,
                "becomes a trap when guards say no and no rule moves",
                "give a person an unguarded way out, or say in lifted how the guard's refusal ends",
            )


def _leading_out(workflow: Workflow[Subject]) -> Collection[str]:
    """States from which some sequence of steps arrives at an end."""
    out = set(workflow.final)
    while found := {state for s in workflow.steps if s.target in out for state in s.sources} - out:
        out |= found
    return out


def _surely_leading_out(workflow: Workflow[Subject]) -> Collection[str]:
    """States from which a person arrives at an end whatever the guards answer."""
    names = dict.fromkeys(step.name for step in workflow.steps)
    out = set(workflow.final)

    def sure(state: str, name: str) -> bool:
        for step in workflow.steps:
            if step.name == name and step.by == "person" and state in step.sources:
                if step.target not in out:
                    return False
                if not _may_refuse(workflow, step):
                    return True
        return False

    while found := {state for state in workflow.states for name in names if sure(state, name)} - out:
        out |= found
    return out


def _may_refuse(workflow: Workflow[Subject], step: Step[Subject]) -> bool:
    return any(guard not in workflow.lifted for guard in step.guards)


def _alternatives(workflow: Workflow[Subject]) -> Iterator[Problem]:
    """Steps that never win, because one of the same name before them has no guard."""
    unguarded: set[tuple[str, str, str]] = set()
    for step in workflow.steps:
        for state in step.sources:
            key = (state, step.name, step.by)
            if key in unguarded:
                yield Problem(
                    f"step {step.name}",
                    f"to {workflow.label(step.target)} never wins in {workflow.label(state)}",
                    "put it before the step of that name which has no guard",
                )
            if not step.guards:
                unguarded.add(key)


def _ranks(workflow: Workflow[Subject]) -> Iterator[Problem]:
    """Moves of rules between which only a name could choose."""
    for one, other in combinations([step for step in workflow.steps if step.by == "rule"], 2):
        shared = [state for state in one.sources if state in other.sources]
        if shared and one.rank == other.rank and one.name != other.name and one.target != other.target:
            yield Problem(
                f"steps {one.name} and {other.name}",
                f"move by rule from {workflow.label(shared[0])} to different states with the same rank",
                "give the one that should win the higher rank",
            )
