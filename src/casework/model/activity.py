"""What was done with and noticed about a child: activities and concerns."""

from collections.abc import Mapping
from datetime import date, datetime

from attrs import field, frozen

from casework.model.people import Sealed

KINDS = ("visit", "call", "letter", "talk", "carer_talk", "parent_talk", "report", "census", "review", "absence")
"""Kinds of activity the three schools name; an integrator's policy may name others."""

OF_SCHOOL = ("follow_up", "signature", "mechanism", "tree_test")
"""Further kinds: after an abnormal finding (D29), on a letter (D24), of the emergency mechanism (D23)."""

WANTED: Mapping[str, tuple[str, ...]] = {
    "visit": ("met", "home_safety", "child_situation", "words", "carer_view", "follow_ups"),
    "talk": ("mood", "words"),
    "carer_talk": ("life", "body", "mind"),
    "census": ("study", "life", "psychology", "safety", "health"),
    "examination": (
        "systolic_mmhg",
        "height_mm",
        "vision_left_tenths",
        "vital_capacity_ml",
        "chest_mm",
        "eye",
        "ear",
        "nose",
        "mouth",
    ),
}
"""What a full record of a kind holds (D1, D9, D10, D14, D29); what is missing asks for completion, it never refuses."""

SEVERITIES = ("low", "medium", "high", "danger")
MOODS = ("good", "even", "low", "very_low")

Detail = str | int | bool


@frozen
class Activity:
    """One act with a child: a visit, a call, a talk; or an attempt that reached nobody (``reached`` False).

    ``on`` is the local date on which it happened, ``entered_at`` the instant at which it was entered; ``by`` did it,
    ``entered_by`` entered it. ``details`` are coded facts; ``note`` and ``words`` (the child's own) are sealed.
    ``occasion`` is shared by the records of one household visit.
    """

    id: str
    kind: str
    on: date
    by: str
    entered_at: datetime
    entered_by: str
    reached: bool = True
    met: tuple[str, ...] = ()
    mood: str = ""
    minutes: int | None = None
    details: Mapping[str, Detail] = field(factory=dict)
    occasion: str = ""
    note: Sealed | None = field(default=None, repr=False)
    words: Sealed | None = field(default=None, repr=False)
    voided: str = ""

    def missing(self) -> tuple[str, ...]:
        """What a full record of this kind would also say; empty for an attempt that reached nobody."""
        if not self.reached:
            return ()
        here = set(self.details) | {name for name in ("met", "mood", "words") if getattr(self, name)}
        return tuple(name for name in WANTED.get(self.kind, ()) if name not in here)


@frozen
class Concern:
    """Something that worries: a kind such as ``family_quarrel``, how grave, and who may be implicated.

    ``implicated`` holds person ids; those people learn nothing of it (domain.md, 8). ``severity`` is one of
    `SEVERITIES`; ``danger`` that was ``observed`` is an emergency at once, inferred danger asks a person to confirm
    today.
    """

    id: str
    kind: str
    on: date
    by: str
    entered_at: datetime
    severity: str = "medium"
    observed: bool = True
    about: str = ""
    implicated: tuple[str, ...] = ()
    note: Sealed | None = field(default=None, repr=False)
    voided: str = ""
