"""Events of broken glass; part of the stored format as those in `casework.model.events`."""

from datetime import datetime

from attrs import frozen


@frozen
class GlassBroken:
    """Somebody reads a case that is not theirs, until ``until``."""

    id: str
    person: str
    because: str
    at: datetime
    until: datetime


@frozen
class GlassTold:
    """Somebody was told of it, or a seat was passed over (``person`` empty, ``why`` says why)."""

    id: str
    step: int
    role: str
    person: str
    at: datetime
    why: str = ""


@frozen
class GlassReviewed:
    """Somebody else judged it."""

    id: str
    by: str
    at: datetime
    verdict: str


GlassEvent = GlassBroken | GlassTold | GlassReviewed
ASKED = (GlassBroken, GlassReviewed)
"""What a person's command says itself."""
