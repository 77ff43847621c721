"""W1: one transition in memory, with a guard and something to do after it.

The way is identified → filed → paired → monitored → escalated → monitored → closed. The last line goes the way of the
real case table instead, from no case to closed and open again, with the guards that it has.
"""

from types import SimpleNamespace

from transitions import Machine

from benchmarks.harness import Section, Work, compare
from casework.model.case import Case
from casework.workflows import CASE_TABLE, By, Step, Workflow, compile_workflow

CASE = Case("qinghe", "s-17", stage="identified")

WAY = (
    ("identified", "file", "filed"),
    ("filed", "pair", "paired"),
    ("paired", "monitor", "monitored"),
    ("monitored", "escalate", "escalated"),
    ("escalated", "stand_down", "monitored"),
    ("monitored", "close", "closed"),
)

LIFE: tuple[tuple[str, By], ...] = (
    ("identify", "person"),
    ("file", "person"),
    ("pair", "person"),
    ("monitor", "rule"),
    ("close", "person"),
    ("reopen", "person"),
)


def no_school(case: Case) -> str | None:
    """Refuse a case of no school."""
    return None if case.school else "no_school"


def allowed(case: Case) -> bool:
    """Tell the same as a condition of `transitions`."""
    return no_school(case) is None


def noted(_: object) -> None:
    """Stand for what is done after a transition."""


def dict_table() -> Work:
    """Return the floor: a table of pairs in a dict, looked up by hand."""
    plan = {(source, step): (no_school, target) for source, step, target in WAY}
    steps = [step for _, step, _ in WAY]

    def work() -> None:
        state = "identified"
        for step in steps:
            guard, target = plan[state, step]
            if guard(CASE):
                raise ValueError(step)
            state = target
            noted(CASE)

    return work


def casework_table() -> Work:
    """Return the same way through a compiled table."""
    workflow = Workflow[Case](
        name="w1",
        states=("identified", "filed", "paired", "monitored", "escalated", "closed"),
        initial="identified",
        final=frozenset({"closed"}),
        steps=tuple(Step(step, (source,), target, guards=(no_school,)) for source, step, target in WAY),
        lifted={no_school: "the case is given to a school"},
    )
    fire = compile_workflow(workflow).fire
    steps = [step for _, step, _ in WAY]

    def work() -> None:
        state = "identified"
        for step in steps:
            state = fire(state, step, CASE)
            noted(CASE)

    return work


def stock_machine() -> Work:
    """Return the same way through one `transitions` machine, shared, as its manual has it."""
    model = SimpleNamespace()
    machine = Machine(
        model,
        states=["identified", "filed", "paired", "monitored", "escalated", "closed"],
        initial="identified",
        auto_transitions=False,
        transitions=[
            {"trigger": step, "source": source, "dest": target, "conditions": allowed, "after": noted}
            for source, step, target in WAY
        ],
    )
    triggers = [machine.events[step].trigger for _, step, _ in WAY]

    def work() -> None:
        model.state = "identified"
        for trigger in triggers:
            trigger(model, CASE)

    return work


def case_table() -> Work:
    """Return a case's life through the real table."""
    fire = CASE_TABLE.fire

    def work() -> None:
        state = ""
        for step, by in LIFE:
            state = fire(state, step, CASE, by=by)
            noted(CASE)

    return work


def run() -> Section:
    """Measure a transition."""
    works = {
        "dict table (floor)": dict_table(),
        "casework, compiled table": casework_table(),
        "casework, a case's life": case_table(),
        "transitions, shared machine": stock_machine(),
    }
    goal = "≤ 1.5 µs, stretch 0.7"
    goals = {"casework, compiled table": goal, "casework, a case's life": goal}
    return Section("W1: one transition in memory", compare(works, operations=len(WAY), goals=goals))
