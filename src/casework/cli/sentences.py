"""Codes in plain words: why a step may not be taken, and what to do about it; why an obligation is no longer owed.

The engine and the workflows speak in codes, which stand in histories and logs. Here they are said to people, in one
place; a test goes through every code that the workflows and the engine can give.
"""

from collections.abc import Mapping

from casework.errors import StepRefused

COMMANDS: Mapping[str, str] = {
    "acknowledge": "ack",
    "call_outside": "call-outside",
    "stand_down": "stand-down",
    "designate key child": "key",
    "end key child": "key",
    "change facts": "facts",
    "record card": "card",
    "request erasure": "erase",
    "decline erasure": "erase --decline",
}
"""Steps whose command has another name."""

_NO_CASE = "the child has no case yet; identify the child first (casework identify CHILD --away both)"
_CLOSED = "the case is closed; open it again first (casework reopen CHILD --because REASON)"
_ANEW = "the emergency is reviewed and done; if there is danger again, raise another (casework raise CHILD KIND)"
_STOOD_DOWN = "the emergency is stood down already; what is left is to go through it (casework review CHILD)"
_RESPONDING = "somebody is on the way already, or with the child; go on with casework stand-down CHILD"
_HAS_CASE = "the child has a case already (casework show CHILD)"
_NO_PAIRING = "nobody leads this child, so there is no pairing to end (casework pair CHILD LEAD begins one)"
_IS_OPEN = "the case is open, so there is nothing to open again"
_OVER = "the referral is over; refer the child anew (casework refer CHILD psychology --because REASON)"
_BY_ITSELF = "monitoring begins by itself: with the first contact that reached somebody, once the child is paired"

WHY: Mapping[str, str] = {
    "not_from_no_case": _NO_CASE,
    "not_from_closed": _CLOSED,
    "not_from_reviewed": _ANEW,
    "not_from_stood_down": _STOOD_DOWN,
    "only_by_rule": _BY_ITSELF,
    "only_by_person": "only a person does that; no rule may",
    "not_filed": "no file was ever opened for the child (casework file CHILD)",
    "emergency_not_stood_down": (
        "an emergency of the child is not stood down; see the child safe and say so first (casework stand-down CHILD)"
    ),
    "without_consent": (
        "the guardian has not consented (casework consent CHILD given --guardian parent1 --how by_phone); what cannot "
        "wait is referred as urgent (casework refer CHILD psychology --urgent --because REASON)"
    ),
    "not_from_requested": "nobody has taken the child on yet (casework accept CHILD)",
    "not_from_accepted": "the referral is accepted; go on with its first session (casework session CHILD)",
    "not_from_in_progress": "the work has begun; complete it or revoke it (casework complete CHILD --outcome OUTCOME)",
    "not_from_completed": _OVER,
    "not_from_declined": _OVER,
    "not_from_revoked": _OVER,
}
"""A reason code to its sentence, whatever the step is."""

WHY_OF: Mapping[str, Mapping[str, str]] = {
    "identify": {
        **dict.fromkeys(("not_from_identified", "not_from_filed", "not_from_paired", "not_from_monitored"), _HAS_CASE)
    },
    "monitor": dict.fromkeys(("not_from_identified", "not_from_filed", "not_from_monitored"), _BY_ITSELF),
    "unpair": dict.fromkeys(("not_from_identified", "not_from_filed"), _NO_PAIRING),
    "reopen": dict.fromkeys(
        ("not_from_identified", "not_from_filed", "not_from_paired", "not_from_monitored"), _IS_OPEN
    ),
    "acknowledge": {
        "not_from_acknowledged": "somebody has heard already; whoever goes says so (casework respond CHILD)",
        "not_from_responding": _RESPONDING,
    },
    "respond": {"not_from_responding": _RESPONDING},
    "review": dict.fromkeys(
        ("not_from_raised", "not_from_acknowledged", "not_from_responding"),
        "it is not stood down yet; see the child safe and say so first (casework stand-down CHILD)",
    ),
}
"""By step, the codes that mean something of their own there."""

NO_LONGER_OWED: Mapping[str, str] = {
    "not_required": "no longer asked for",
    "case_closed": "the case was closed",
    "carer_implicated": "the carer is implicated",
}
"""Reasons that the engine gives by itself for excusing or superseding an obligation."""


def sentence(step: str, why: str) -> str:
    """Why the step may not be taken, in words; a text that is no code is what it says."""
    return WHY_OF.get(step, {}).get(why) or WHY.get(why) or why


def refusal(error: StepRefused) -> str:
    """A refusal in words: what was asked for, and why not."""
    code, colon, _ = error.why.partition(": ")
    said = sentence(error.step, code if colon else error.why)
    return f"{command(error.step)} is refused: {error.why if said == code else said}"


def command(step: str) -> str:
    """The command by which a person takes the step."""
    return COMMANDS.get(step, step)


def settled(because: str) -> str:
    """Why an obligation is no longer owed, in words; a school's own reason stays the code that it is."""
    return NO_LONGER_OWED.get(because, because)
