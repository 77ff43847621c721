"""The emergency: raised, acknowledged, responding, stood down, reviewed; beside the case, with or without one.

Each state but the last has a limit, which the policy's ladder sets (domain.md, 9). No guard stands here: who saw the
child safe is part of the command, and who may not know is decided before a step is looked at.
"""

from casework.model.emergency import EMERGENCY_STATES, LIVE, Emergency
from casework.workflows.spec import Step, Workflow, staying

EMERGENCY: Workflow[Emergency] = Workflow(
    name="emergency",
    states=EMERGENCY_STATES,
    initial="raised",
    final=frozenset({"reviewed"}),
    steps=(
        Step("acknowledge", ("raised",), "acknowledged"),
        Step("respond", ("raised", "acknowledged"), "responding"),
        Step("call_outside", ("raised",), "acknowledged"),
        *staying("call_outside", "acknowledged", "responding", "stood_down"),
        Step("stand_down", tuple(state for state in EMERGENCY_STATES if state in LIVE), "stood_down"),
        Step("review", ("stood_down",), "reviewed"),
    ),
)
