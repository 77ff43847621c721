"""Events about children and staff who move; part of the stored format, as those of `casework.model.events` are."""

from attrs import frozen


@frozen
class ReferralHandedOver:
    """Whom a referral is with has changed; ``to`` is empty where nobody is named."""

    id: str
    person: str
    to: str
    because: str


@frozen
class ResponseHandedOver:
    """An emergency that ``person`` had acknowledged, or gone to, is now with ``to``; its limits run on."""

    id: str
    person: str
    to: str
    because: str


MoveEvent = ReferralHandedOver | ResponseHandedOver
ASKED = (ReferralHandedOver, ResponseHandedOver)
"""What a person's command says itself."""
