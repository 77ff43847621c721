"""Step a table and a `transitions` machine side by side."""

from types import SimpleNamespace

from hypothesis import strategies as st
from transitions import MachineError

from casework.errors import StepRefused
from casework.workflows import compile_workflow
from casework.workflows.machine import definition

BYS = st.sampled_from(["person", "rule"])


def stepped(table, state, name, subject, by):
    """Return the state after a step that may be refused."""
    try:
        return table.fire(state, name, subject, by=by)
    except StepRefused:
        return state


def stepped_by_reference(machine, state, name, subject, by):
    """Return the state of a `transitions` model after a step that may be refused."""
    model = SimpleNamespace(state=state)
    try:
        machine.events[name].trigger(model, subject, by)
    except MachineError:
        return state
    return model.state


def walk_beside(workflow, steps):
    """Walk table and reference side by side; return both sequences of states."""
    table, machine = compile_workflow(workflow), definition(workflow)
    ours, theirs = [workflow.initial], [workflow.initial]
    for name, by, answers in steps:
        ours.append(stepped(table, ours[-1], name, answers, by))
        theirs.append(stepped_by_reference(machine, theirs[-1], name, answers, by))
    return ours, theirs
