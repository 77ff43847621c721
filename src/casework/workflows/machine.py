"""Workflow to table: `transitions` holds the definition and is the reference, a dict fires (0.4 against 7 µs a step).

The machine never gets a model (``add_model`` resets loaded state, fails on slots and never frees) nor a callback with
effects (after a late failure the state would stay changed). The subject's state is the caller's to keep: firing answers
with the next one, and whatever raises on the way, nothing has changed.
"""

from collections.abc import Collection, Mapping
from typing import Generic, cast

from attrs import field, frozen
from transitions import Machine

from casework.errors import StepRefused, WorkflowRefused
from casework.workflows.checks import problems
from casework.workflows.spec import By, Guard, Subject, Workflow


@frozen
class Way(Generic[Subject]):
    """The condition of one transition: it may be taken ``by`` this kind of actor while no guard refuses."""

    by: By
    rank: int
    guards: tuple[Guard[Subject], ...]

    def __call__(self, subject: Subject, by: By) -> bool:
        """Tell whether the transition may be taken."""
        return by == self.by and not any(guard(subject) for guard in self.guards)


@frozen
class NextStep:
    """A step of the workflow as seen from one state.

    ``why`` is empty if the step is allowed, else the reason code. ``target`` is where it leads, or would, and empty if
    it does not start here; ``sources`` are the states in which it starts.
    """

    name: str
    target: str
    why: str
    sources: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """The step may be taken now."""
        return not self.why


@frozen
class Table(Generic[Subject]):
    """What each step does in each state. It holds no state, so any number of threads may share it.

    Reason codes: ``not_from_<state>`` (the step does not start there), ``only_by_person`` and ``only_by_rule``, else
    the code of the first guard that refused. A name that the workflow does not know raises `WorkflowRefused`: that is
    a mistake in the program or in what was stored, not a refusal.
    """

    workflow: Workflow[Subject]
    ways: Mapping[tuple[str, str], tuple[tuple[Way[Subject], str], ...]] = field(eq=False, repr=False)
    names: tuple[str, ...] = field(eq=False, repr=False)

    def fire(self, state: str, step: str, subject: Subject, *, by: By = "person") -> str:
        """Return the state to which ``step`` leads from ``state``; raises `StepRefused` with the reason code."""
        target, why = self._look(state, step, subject, by)
        if why:
            raise StepRefused(step, state, why)
        return target

    def refusal(self, state: str, step: str, subject: Subject, by: By = "person") -> str | None:
        """Return the reason code why ``step`` may not be taken from ``state``, or None if it may."""
        return self._look(state, step, subject, by)[1] or None

    def next_steps(self, state: str, subject: Subject, by: By = "person") -> tuple[NextStep, ...]:
        """Return every step of the workflow in its order: allowed from ``state``, or why not."""
        return tuple(NextStep(name, *self._look(state, name, subject, by), self._sources(name)) for name in self.names)

    def moves_to(self, state: str, target: str, subject: Subject, by: By = "rule") -> str | None:
        """Return the step that leads from ``state`` to ``target`` now, or None; of several, the highest ranked."""
        return self.best_move(state, (target,), subject, by)

    def best_move(self, state: str, targets: Collection[str], subject: Subject, by: By = "rule") -> str | None:
        """Return the step that wins when each of ``targets`` is wanted: the highest ranked that leads to one now.

        The order of the targets plays no part. None if no step leads from ``state`` to any of them, which is also so
        for what is no state at all: what a rule wants must never undo what a person reported.
        """
        found = [
            (way.rank, -place, name)
            for place, name in enumerate(self.names)
            for way, target in self.ways.get((state, name), ())
            if target in targets and way.by == by and self._look(state, name, subject, by) == (target, "")
        ]
        return max(found)[2] if found else None

    def _look(self, state: str, step: str, subject: Subject, by: By) -> tuple[str, str]:
        """Where the step leads (or would, if a guard refuses) and the reason code, empty if it may be taken."""
        refused = None
        try:
            ways = self.ways[state, step]
        except KeyError:
            return "", self._not_from(state, step)
        for way, target in ways:
            if way.by != by:
                continue
            for guard in way.guards:
                if why := guard(subject):
                    refused = refused or (target, why)
                    break
            else:
                return target, ""
        return refused or (ways[0][1], f"only_by_{ways[0][0].by}")

    def _not_from(self, state: str, step: str) -> str:
        if step not in self.names:
            raise self._unknown("step", step, self.names)
        if state not in self.workflow.states:
            raise self._unknown("state", state, self.workflow.states)
        return f"not_from_{self.workflow.label(state)}"

    def _sources(self, name: str) -> tuple[str, ...]:
        return tuple(state for state in self.workflow.states if (state, name) in self.ways)

    def _unknown(self, kind: str, name: str, known: Collection[str]) -> WorkflowRefused:
        there = ", ".join(map(self.workflow.label, known))
        return WorkflowRefused(f"workflow {self.workflow.name} has no {kind} {name!r}; its {kind}s are {there}")


def definition(workflow: Workflow[Subject]) -> Machine:
    """Return the workflow as a `transitions` machine without a model: the reference that tests step beside the table.

    A state of it is stepped by ``machine.events[step].trigger(holder, subject, by)``, where ``holder.state`` is the
    state; the answer is False if a guard or ``by`` refuses, ``MachineError`` if the step does not start there.
    """
    return Machine(
        model=None,
        states=list(workflow.states),
        initial=workflow.initial,
        auto_transitions=False,
        transitions=[
            {
                "trigger": step.name,
                "source": list(step.sources),
                "dest": step.target,
                "conditions": Way(step.by, step.rank, step.guards),
            }
            for step in workflow.steps
        ],
    )


def compile_workflow(workflow: Workflow[Subject]) -> Table[Subject]:
    """Check the workflow and make its table; raises `WorkflowRefused`, naming every state and step that is wrong.

    Refused are unknown and repeated names, states that are never reached, traps (also those that appear when guards
    say no), steps out of an end that are not declared, steps that never win, moves of rules without a ranking.
    Keep the table: making it takes some hundred times as long as a step.
    """
    if found := problems(workflow):
        raise WorkflowRefused(f"workflow {workflow.name} refused:\n" + "\n".join(f"  {problem}" for problem in found))
    events = definition(workflow).events
    ways = {
        (state, name): tuple((cast("Way[Subject]", way.conditions[0].func), str(way.dest)) for way in found)
        for name, event in events.items()
        for state, found in event.transitions.items()
    }
    return Table(workflow, ways, tuple(events))
