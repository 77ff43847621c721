"""Broken glass: somebody read one case that is not theirs, with a reason, for an hour, and has to answer for it."""

from datetime import datetime, timedelta

from attrs import evolve, frozen

OPEN_FOR = timedelta(minutes=60)
"""How long broken glass stays open (reliability.md, 5)."""

MOST_UNJUDGED = 2
"""So often one person breaks it for one child before anybody has judged that; a default of ours."""

NOT_JUSTIFIED = "not_justified"
VERDICTS = ("justified", NOT_JUSTIFIED)
"""What a review finds."""


@frozen
class BreakGlass:
    """Read one case that is not yours, for an hour; ``because`` is a code. The safeguarding lead is told at once."""

    because: str


@frozen
class ReviewGlass:
    """Somebody else judges whether the glass was rightly broken: ``verdict`` is one of `VERDICTS`.

    ``not_justified`` closes it at once, and for good: the same person does not break it for that child again.
    """

    glass: str
    verdict: str


@frozen
class GlassNotice:
    """Somebody was told of the broken glass: at which step, by which seat, when.

    ``person`` is empty where the seat was passed over, and ``why`` then says why: vacant or implicated.
    """

    step: int
    role: str
    person: str
    at: datetime
    why: str = ""


@frozen
class Glass:
    """One breaking of the glass: ``person`` may read the case from ``at`` until before ``until``, or a bad verdict.

    It is reviewed by somebody else (``reviewed_by``), who finds a ``verdict`` of `VERDICTS`.
    """

    id: str
    person: str
    because: str
    at: datetime
    until: datetime
    notices: tuple[GlassNotice, ...] = ()
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    verdict: str = ""

    def told(self, step: int, role: str, person: str, at: datetime, why: str = "") -> "Glass":
        """The same, with one more notice."""
        return evolve(self, notices=(*self.notices, GlassNotice(step, role, person, at, why)))

    @property
    def refused(self) -> bool:
        """Whether it was found not justified."""
        return self.verdict == NOT_JUSTIFIED

    def open_for(self, person: str, at: datetime) -> bool:
        """Tell whether it lets a person read now, at this instant."""
        return person == self.person and self.at <= at < self.until and not self.refused
