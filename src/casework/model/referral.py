"""Referrals: stored as requested; what follows the request is a workflow of its own."""

from datetime import date

from attrs import frozen

from casework.model.reason import Reason


@frozen
class Referral:
    """A request that a specialist looks in (D26): ``to`` is a code such as ``psychology``; ``about`` its evidence."""

    id: str
    to: str
    on: date
    about: tuple[str, ...]
    by: str
    rule: str = ""
    because: Reason | None = None
    urgent: bool = False
    state: str = "requested"
