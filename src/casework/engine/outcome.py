"""How a command is addressed, and what it did."""

from uuid import UUID

from attrs import field, frozen

from casework.model import events as ev
from casework.model.case import Case

CaseRef = UUID | str
"""A case by its public id, or by the host's id of the child."""


@frozen
class Outcome:
    """What a command did, as the principal may know it.

    ``case`` is the case afterwards, ``events`` what happened with causes, ``failed_rules`` the rules that raised;
    ``repeated`` says that the idempotency key had been used, so that nothing was done again.
    """

    case: Case
    events: tuple[ev.Caused, ...] = ()
    failed_rules: tuple[str, ...] = ()
    repeated: bool = field(default=False)

    @property
    def activity(self) -> str:
        """The id of the activity that was recorded, or empty."""
        return next((e.activity.id for _, e in self.events if isinstance(e, ev.Recorded)), "")

    @property
    def emergency(self) -> str:
        """The id of the emergency that was raised, by the command or a rule, or empty."""
        return next((e.id for _, e in self.events if isinstance(e, ev.EmergencyRaised)), "")

    @property
    def referral(self) -> str:
        """The id of the referral that was requested, by the command or a rule, or empty."""
        return next((e.id for _, e in self.events if isinstance(e, ev.ReferralRequested)), "")

    @property
    def missing(self) -> tuple[str, ...]:
        """What a full record of the activity would also say; it asks for completion, it never refuses."""
        return next((e.activity.missing() for _, e in self.events if isinstance(e, ev.Recorded)), ())
