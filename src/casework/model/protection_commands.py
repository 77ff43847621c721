"""Commands that protect a record: holds, and what is decided when its retention has ended."""

from datetime import date

from attrs import field, frozen

from casework.model.convert import of_kind
from casework.model.people import Sealed


@frozen
class PlaceHold:
    """Place a legal hold on the record: nothing of it may be erased while it stands; ``because`` is a code."""

    because: str
    note: str | Sealed | None = field(
        default=None, repr=False, validator=of_kind("note=", "text", str, Sealed, type(None))
    )


@frozen
class ReleaseHold:
    """Release a hold, with the reason as a code. Nobody releases a hold of their own."""

    hold: str
    because: str


@frozen
class DecideRetention:
    """Decide of a closed case whose retention has ended: ``keep`` it ``until`` a day, or ``erase`` it; a code why.

    To erase is carried out by a command of its own.
    """

    decision: str
    because: str
    until: date | None = None


@frozen
class ExportNamed:
    """Write down that so many rows left the school with ids as they are; ``reason`` is a code. A desk's own."""

    reason: str
    first: date
    last: date
    rows: int


ProtectionCommand = PlaceHold | ReleaseHold | DecideRetention | ExportNamed
