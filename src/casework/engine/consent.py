"""Whose word consent is: the guardian's, or the school's where none is required; never the carer's."""

from casework.engine.checks import known_id, local_day
from casework.engine.context import Context
from casework.errors import CommandRefused, StepRefused, said
from casework.model.case import Case
from casework.model.reason import check_code
from casework.model.referral import CAPACITIES, CONSENTS, Consent
from casework.model.referral_commands import RecordConsent


def consent_said(command: RecordConsent, case: Case, context: Context, before: str, state: str) -> Consent:
    """What somebody said of consent. ``before`` is what held until now, ``state`` what is said where it is refused.

    Raises `CommandRefused` for a word that is not that person's to say, `StepRefused` for one that comes too early.
    """
    if command.answer not in CONSENTS:
        msg = f"answer={said(command.answer)} is unknown; use one of {', '.join(CONSENTS)}"
        raise CommandRefused(msg)
    needed = "school" if command.answer == "not_required" else "guardian"
    capacity = command.capacity or needed
    if capacity != needed:
        msg = (
            f"consent that is {command.answer} is the {needed}'s to say, in the capacity of {needed}; a carer, "
            f"grandmother or not, is entrusted and no guardian (capacities: {', '.join(CAPACITIES)})"
        )
        raise CommandRefused(msg)
    by = command.by or (context.actor if needed == "school" else "")
    known_id(by, "by= says who the guardian is, an id or parent1 as on the contact card, and")
    if needed == "guardian":
        check_code(command.how, "how")
        if case.names_of(by) == {by, "carer"} or by == "carer":
            msg = "the contact card has them as the carer, who is entrusted; ask the guardian, usually a parent"
            raise CommandRefused(msg)
    else:
        check_code(command.because, "because")
    if command.because:
        check_code(command.because, "because")
    if command.answer == "withdrawn" and before != "given":
        raise StepRefused("consent", state, "there is no consent to withdraw; enter it as refused")
    on = local_day(command.on, context)
    return Consent(command.answer, by, capacity, on, command.how, command.because, context.at, context.actor)
