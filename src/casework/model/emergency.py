"""Emergencies: a workflow of their own beside the case, with a ladder that leaves the school."""

from datetime import date, datetime

from attrs import field, frozen

from casework.model.people import Sealed
from casework.model.reason import Reason

EMERGENCY_STATES = ("raised", "acknowledged", "responding", "stood_down", "reviewed")
LIVE = frozenset(("raised", "acknowledged", "responding"))


@frozen
class Notice:
    """One rung was told, or passed over at once.

    ``state`` is the emergency's state whose limit ran, ``step`` counts within that state, ``rung`` indexes the policy's
    ladder, ``at`` is the nominal instant. ``person`` is empty when the rung was passed; ``why`` then says why: vacant
    or implicated. ``failed_at`` is when the notice was given up, if it could not be delivered.
    """

    state: str
    step: int
    rung: int
    role: str
    person: str
    at: datetime
    why: str = ""
    failed_at: datetime | None = None


@frozen
class OutsideCall:
    """The call that left the school: which agency (police, civil_affairs, education), by whom, when, what reference."""

    agency: str
    by: str
    at: datetime
    reference: str


@frozen
class Emergency:
    """One emergency of a child, with or without a case.

    ``since`` is the instant at which its present state began; limits run from there in wall-clock time. ``about`` holds
    the ids of the evidence; ``implicated`` the people who may not know. Free text is sealed.
    """

    id: str
    kind: str
    raised_at: datetime
    raised_by: str
    since: datetime
    state: str = "raised"
    observed: bool = True
    about: tuple[str, ...] = ()
    rule: str = ""
    because: Reason | None = None
    implicated: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    outside: tuple[OutsideCall, ...] = ()
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    responding_by: str = ""
    responding_at: datetime | None = None
    stood_down_by: str = ""
    stood_down_at: datetime | None = None
    safe_seen_by: str = ""
    safe_seen_at: datetime | None = None
    stood_down_because: str = ""
    look_again: date | None = None
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    note: Sealed | None = field(default=None, repr=False)
    lessons: Sealed | None = field(default=None, repr=False)

    @property
    def live(self) -> bool:
        """Not stood down yet: the case is escalated."""
        return self.state in LIVE
