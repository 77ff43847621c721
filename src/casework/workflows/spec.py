"""A workflow as data: states, and the named steps between them. Nothing here runs.

`casework.workflows.machine.compile_workflow` checks a workflow and makes the table that answers what a step does.
"""

from collections.abc import Callable, Mapping
from typing import Generic, Literal, TypeVar

from attrs import field, frozen

Subject = TypeVar("Subject")

By = Literal["person", "rule"]
"""Who takes a step: a person by a command, or a rule by `casework.model.decisions.Move`."""

Guard = Callable[[Subject], str | None]
"""A pure function of the subject: a reason code when it refuses, else None; its name is the code that it returns."""


@frozen
class Step(Generic[Subject]):
    """One way from any of ``sources`` to ``target``, taken ``by`` a person or by a rule, never by the other.

    Several steps may share a name: the first whose guards all let pass wins. ``rank`` counts where rules want to move
    the same case to different states: the highest wins, so it must differ between such steps.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    by: By = "person"
    guards: tuple[Guard[Subject], ...] = ()
    rank: int = 0


@frozen
class Overlay:
    """A state that is shown in place of the stored one and never stored, such as ``escalated`` (design.md, Workflow).

    It covers each state of ``over`` while something holds: ``begins`` and ``ends`` say in words what, for diagrams.
    """

    name: str
    over: tuple[str, ...]
    begins: str
    ends: str


@frozen
class Workflow(Generic[Subject]):
    """States and steps of one kind of subject.

    ``final`` states are ends; only the steps named in ``reopens`` may leave them. ``lifted`` names the guards whose
    refusal always comes to an end by a way outside this workflow, and says which: the check for traps takes them as
    letting pass. The initial state may be the empty string, for what does not exist yet; no step leads back there.
    """

    name: str
    states: tuple[str, ...]
    initial: str
    final: frozenset[str]
    steps: tuple[Step[Subject], ...]
    reopens: frozenset[str] = frozenset()
    lifted: Mapping[Guard[Subject], str] = field(factory=dict)
    overlays: tuple[Overlay, ...] = ()

    def label(self, state: str) -> str:
        """What a state is called in codes, messages and diagrams; the empty one of ``case`` is ``no_case``."""
        return state or f"no_{self.name}"


def staying(name: str, *states: str) -> tuple[Step[Subject], ...]:
    """Steps ``name`` that a person may take in each of ``states`` and that stay there."""
    return tuple(Step(name, (state,), state) for state in states)
