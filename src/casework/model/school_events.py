"""Events of a school's programme: gatherings, the roll, the steps of a term. They are part of the stored form.

Fields are only ever added at the end, with a default: see `casework.model.events`.
"""

from collections.abc import Mapping
from datetime import date

from attrs import field, frozen

from casework.model.gathering import Gathering
from casework.model.people import Sealed


@frozen
class GatheringHeld:
    """A collective event took place; this is the first event of its record."""

    gathering: Gathering


@frozen
class GatheringChanged:
    """The gathering reads differently; None means unchanged. What it said before stands in its earlier events."""

    because: str
    on: date | None = None
    kind: str | None = None
    by: str | None = None


@frozen
class AttendanceChanged:
    """The attendance of these children reads differently: see `casework.model.gathering.ATTENDANCE`."""

    attendance: Mapping[str, str]
    because: str


@frozen
class GatheringVoided:
    """The gathering never took place."""

    because: str


@frozen
class RollJoined:
    """The child came onto the roll, with or without a case; ``class_`` is empty where it is unknown."""

    on: date
    class_: str = ""


@frozen
class RollLeft:
    """The child left the roll; ``until`` is the last day."""

    until: date


@frozen
class ProgrammeMoved:
    """The programme of a term took a step, or began to be planned; ``by`` is empty where time took it."""

    term: str
    to: str
    on: date
    by: str = ""
    because: str = ""
    note: Sealed | None = field(default=None, repr=False)


SchoolEvent = (
    GatheringHeld | GatheringChanged | AttendanceChanged | GatheringVoided | RollJoined | RollLeft | ProgrammeMoved
)
ROLL = (RollJoined, RollLeft)
"""What the roll says of a child."""
