"""The programme of a school's term: planned, running, reviewed, summarised; it stands in the school's own record."""

from datetime import date

from attrs import field, frozen

from casework.model.people import Sealed

PROGRAMME_STATES = ("planned", "running", "reviewed", "summarised")


@frozen
class Programme:
    """One term's programme: where it stands, since which local day, who took the last step.

    ``by`` is empty where time took it; ``note`` is the sealed minute of the last step.
    """

    term: str
    state: str
    since: date
    by: str = ""
    note: Sealed | None = field(default=None, repr=False)
