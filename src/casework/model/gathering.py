"""Gatherings: collective events with attendance (domain.md, "What follows", 2), each with a record of its own."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from attrs import field, frozen

from casework.model.activity import Activity
from casework.model.people import Sealed

GATHERING_MARK = "@@"
"""What the id of a gathering's record begins with; no child's or class's record can be taken for it."""

KINDS = ("symposium", "parents_meeting", "examination", "theme_meeting", "training", "health_talk", "exhibition")
"""Kinds of gathering that the three schools name; an integrator's policy may name others."""

PRESENT, ABSENT, STRUCK = "present", "absent", "struck"
ATTENDANCE = (PRESENT, ABSENT, STRUCK)
"""A child took part, did not, or stood on the list by mistake."""

AT_ONCE = 25
"""How many children a gathering may have for their duties to be discharged with it; of larger ones the sweep does."""


def _sorted(value: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(value.items()))


def _words(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(value)))


@frozen
class Gathering:
    """One collective event: a symposium, a parents' meeting, an examination.

    ``attendance`` holds for each child on its list whether the child, or for the child its carer, was there: one of
    `ATTENDANCE`. ``classes`` are the classes that it was for: they and the school hold an act of their own. ``because``
    is the reason of the last correction, ``voided`` why it never happened.
    """

    id: str
    kind: str
    on: date
    by: str
    entered_at: datetime
    entered_by: str
    classes: tuple[str, ...] = field(default=(), converter=_words)
    attendance: Mapping[str, str] = field(factory=dict, converter=_sorted)
    note: Sealed | None = field(default=None, repr=False)
    because: str = ""
    voided: str = ""

    def of(self, there: str) -> list[str]:
        """The children whose attendance reads so."""
        return [child for child, said in self.attendance.items() if said == there]

    @property
    def occasion(self) -> str:
        """What the acts in the children's records are marked with."""
        return occasion_of(self.id)


def occasion_of(gathering: str) -> str:
    """What an act in a record is marked with that comes from this gathering."""
    return f"{GATHERING_MARK}{gathering}"


@frozen
class Awaited:
    """What a gathering says of one record, which that record has not taken up yet.

    ``there`` is one of `ATTENDANCE`; for the record of a class or the school it is always present.
    """

    gathering: str
    kind: str
    on: date
    by: str
    entered_at: datetime
    entered_by: str
    there: str
    because: str = ""
    voided: str = ""

    @classmethod
    def of(cls, found: Gathering, child: str) -> "Awaited":
        """What the gathering says of a child, or of a class's record or the school's."""
        return cls(
            found.id,
            found.kind,
            found.on,
            found.by,
            found.entered_at,
            found.entered_by,
            found.attendance.get(child, PRESENT),
            found.because,
            found.voided,
        )

    @property
    def undone(self) -> str:
        """Why the act counts no more: the gathering was voided, or the child struck off its list; else empty."""
        return self.voided or (self.because if self.there == STRUCK else "")

    def activity(self) -> Activity:
        """The act as it stands in the record: who was absent has an attempt that reached nobody."""
        return Activity(
            self.gathering,
            self.kind,
            self.on,
            self.by,
            self.entered_at,
            self.entered_by,
            self.there == PRESENT,
            occasion=occasion_of(self.gathering),
        )
