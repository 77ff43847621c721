"""State diagrams from the tables, as Mermaid text; `docs/diagrams.md` holds them, and a test compares."""

from collections.abc import Iterator

from casework.workflows.spec import Guard, Step, Subject, Workflow

END = "[*]"
"""Mermaid's sign for where a diagram begins and ends."""


def mermaid(workflow: Workflow[Subject]) -> str:
    """Return the workflow as a Mermaid ``stateDiagram-v2``, one line per pair of states, ending with a newline.

    A step says who takes it if that is a rule, and its guards, each named for the code with which it refuses. Overlays
    are drawn as states; a note says that they are never stored.
    """
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _lines(workflow))]) + "\n"


def _lines(workflow: Workflow[Subject]) -> Iterator[str]:
    if workflow.initial:
        yield f"{END} --> {workflow.initial}"
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in workflow.steps:
        for source in step.sources:
            arrows.setdefault((source, step.target), []).append(_text(step))
    for (source, target), texts in arrows.items():
        yield f"{source or END} --> {target or END} : {', '.join(texts)}"
    for state in sorted(workflow.final):
        yield f"{state} --> {END}"
    for overlay in workflow.overlays:
        for state in overlay.over:
            yield f"{state} --> {overlay.name} : {overlay.begins}"
            yield f"{overlay.name} --> {state} : {overlay.ends}"
        yield f"note right of {overlay.name} : derived and never stored, returns to the state before"
    for guard, how in workflow.lifted.items():
        yield f"%% {_called(guard)} holds until {how}"


def _text(step: Step[Subject]) -> str:
    by = " (rule)" if step.by == "rule" else ""
    unless = " or ".join(_called(guard) for guard in step.guards)
    return f"{step.name}{by}" + (f" [unless {unless}]" if unless else "")


def _called(guard: Guard[Subject]) -> str:
    return getattr(guard, "__name__", type(guard).__name__)
