"""Events of erasure; part of the stored format, as those of `casework.model.events` are."""

from datetime import date

from attrs import frozen


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


ErasureEvent = ErasureAsked | ErasureDeclined | Erased
ASKED = (ErasureAsked, ErasureDeclined, Erased)
"""What a person's command says itself."""
