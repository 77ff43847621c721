"""The case: from no case over identified, filed, paired and monitored to closed, and open again.

States never gate care: duties start at identification, the file may be written late, an emergency can be raised in
every state (domain.md, 1). *Escalated* is derived from the emergencies and never stored, so steps go from
``case.stage`` and work while the case is escalated. Only a person closes (domain.md, 11).
"""

from casework.model.case import STAGES, Case
from casework.workflows.spec import Overlay, Step, Workflow, staying

OPEN = tuple(stage for stage in STAGES if stage != "closed")


def not_filed(case: Case) -> str | None:
    """Refuse while no file was ever opened (D2)."""
    return None if any(mark.kind == "filed" for mark in case.marks.values()) else "not_filed"


def emergency_not_stood_down(case: Case) -> str | None:
    """Refuse while an emergency of the child is live."""
    return "emergency_not_stood_down" if any(e.live for e in case.emergencies.values()) else None


CASE: Workflow[Case] = Workflow(
    name="case",
    states=("", *STAGES),
    initial="",
    final=frozenset({"closed"}),
    steps=(
        Step("identify", ("",), "identified"),
        Step("file", ("identified",), "filed"),
        *staying("file", "filed", "paired", "monitored"),
        Step("pair", OPEN, "paired"),
        Step("monitor", ("paired",), "monitored", by="rule"),
        Step("unpair", ("paired", "monitored"), "filed", guards=(not_filed,)),
        Step("unpair", ("paired", "monitored"), "identified"),
        Step("close", OPEN, "closed", guards=(emergency_not_stood_down,)),
        Step("reopen", ("closed",), "filed", guards=(not_filed,)),
        Step("reopen", ("closed",), "identified"),
    ),
    reopens=frozenset({"reopen"}),
    lifted={emergency_not_stood_down: "the emergency is stood down, which no guard refuses"},
    overlays=(Overlay("escalated", OPEN, begins="an emergency is raised", ends="every emergency is stood down"),),
)
