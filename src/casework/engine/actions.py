"""Which action of the access matrix a command is."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from attrs import evolve

from casework.model import commands as c
from casework.model import erasure_commands as xc
from casework.model import move_commands as mv
from casework.model import protection_commands as pc
from casework.model import referral_commands as rc
from casework.model import school_commands as sc
from casework.model.case import Case
from casework.model.commands import EMERGENCY_COMMANDS, Command, is_urgent
from casework.model.glass import BreakGlass, ReviewGlass
from casework.model.identity import RecordIdentity
from casework.model.merge_commands import MERGE_COMMANDS
from casework.workflows import NextStep

ACTION_OF: Mapping[type, str] = {
    c.Identify: "identify",
    c.ChangeFacts: "change_facts",
    c.File: "file",
    c.RecordCard: "record_card",
    c.VerifyContact: "record_card",
    c.MarkNumberDead: "record_card",
    c.Pair: "pair",
    c.Unpair: "pair",
    c.DesignateKey: "designate_key",
    c.EndKey: "designate_key",
    c.Record: "record",
    c.NoteConcern: "note_concern",
    c.Correct: "correct",
    c.Void: "correct",
    c.Raise: "raise",
    c.Acknowledge: "acknowledge",
    c.Respond: "respond",
    c.CallOutside: "call_outside",
    c.StandDown: "stand_down",
    c.Review: "review_emergency",
    c.Excuse: "excuse",
    c.Close: "close",
    c.Reopen: "reopen",
    BreakGlass: "break_glass",
    xc.RequestErasure: "request_erasure",
    xc.DeclineErasure: "erase",
    xc.Erase: "erase",
    RecordIdentity: "record_identity",
    mv.HandOver: "hand_over",
    mv.OfferTransfer: "transfer",
    mv.EndTransfer: "transfer",
    mv.ReceiveTransfer: "transfer",
    mv.AnswerTransfer: "transfer",
    **dict.fromkeys(MERGE_COMMANDS, "merge"),
    pc.PlaceHold: "hold",
    pc.ReleaseHold: "release_hold",
    pc.DecideRetention: "decide_retention",
    pc.ExportNamed: "export_named",
    ReviewGlass: "review_break_glass",
    rc.RequestReferral: "refer",
    rc.AcceptReferral: "answer_referral",
    rc.DeclineReferral: "answer_referral",
    rc.RecordConsent: "record_consent",
    rc.HoldSession: "give_care",
    rc.PlanCare: "give_care",
    rc.CompleteReferral: "give_care",
    rc.RevokeReferral: "revoke_referral",
    rc.Screen: "screen",
    sc.Gather: "gather",
    sc.CorrectGathering: "gather",
    sc.CorrectAttendance: "gather",
    sc.VoidGathering: "gather",
    sc.Examine: "examine",
    sc.Sign: "sign",
    sc.AdoptMechanism: "adopt",
    sc.CallTree: "adopt",
    sc.ReviewProgramme: "adopt",
    sc.SummariseProgramme: "adopt",
    sc.ReopenProgramme: "adopt",
}

REFERRAL_ACTIONS = frozenset(("answer_referral", "give_care"))
"""What is done about one referral, so that the relation is to that one."""


def action_of(command: Command) -> str:
    """The action that has to be allowed; empty for what is no command.

    What reports danger is a report, whatever else it says, and nobody is kept from reporting.
    """
    if is_urgent(command) and not isinstance(command, (*EMERGENCY_COMMANDS, BreakGlass)):
        return "raise"
    return ACTION_OF.get(type(command), "")


_OF_STEPS: Mapping[str, str] = {
    "monitor": "",
    "unpair": "pair",
    "review": "review_emergency",
    "accept": "answer_referral",
    "decline": "answer_referral",
    "session": "give_care",
    "plan": "give_care",
    "complete": "give_care",
    "consent": "record_consent",
    "revoke": "revoke_referral",
}
"""The action of a step of a case, an emergency or a referral, where the two are called differently."""

NOT_ALLOWED = "not_allowed"
"""Why a step is refused that the workflow would allow and the access matrix does not."""


class May(Protocol):
    """Whoever can say what is allowed: `casework.engine.rights.Rights`."""

    def may(self, action: str, record: Case, class_: str = "", *, referral: str = "") -> bool:
        """Tell whether the action is allowed on the record."""
        ...


def permitted(steps: Iterable[NextStep], rights: May, case: Case, referral: str = "") -> tuple[NextStep, ...]:
    """The steps as they are for this principal: what the matrix denies is refused as ``not_allowed``."""
    found = []
    for step in steps:
        action = _OF_STEPS.get(step.name, step.name)
        denied = step.allowed and action and not rights.may(action, case, referral=referral)
        found.append(evolve(step, why=NOT_ALLOWED) if denied else step)
    return tuple(found)
