"""Events of erasure; part of the stored format, as those of `casework.model.events` are."""

from datetime import date

from attrs import frozen

from casework.model.identity import IdentityRecorded


@frozen
class ErasureAsked:
    """Somebody asked that a child's texts be destroyed."""

    id: str
    because: str
    by: str
    on: date


@frozen
class ErasureDeclined:
    """The texts stay."""

    id: str
    because: str
    by: str
    on: date


@frozen
class Erased:
    """The child's texts, and the key to them, were destroyed; what earlier entries refer to is gone for good."""

    id: str
    because: str
    by: str
    on: date
    receipt: str = ""


ProtectionEvent = ErasureAsked | ErasureDeclined | Erased | IdentityRecorded
ASKED = (ErasureAsked, ErasureDeclined, Erased, IdentityRecorded)
"""What a person's command says itself."""
