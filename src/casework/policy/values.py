"""What a policy is once it is read and checked: duties, a ladder, thresholds. Data only; nobody edits it in place."""

import json
from collections.abc import Mapping
from hashlib import blake2b

from attrs import asdict, field, frozen

from casework.model.screening import INSTRUMENTS

SUBJECTS = ("child", "pupil", "class", "school")
"""A child with a case; anybody on the roll, with or without a case; a class; the school."""

EACH = ("OPEN", "MID", "CLOSE", "TERM", "MONTH")
AFTER = ("identified", "filed")
TRIGGERS = (
    "joined",
    "absence",
    "concern",
    "carer_changed",
    "away_changed",
    "number_dead",
    "unreachable",
    "pairing_ended",
    "look_again",
    "referral",
    "referral_accepted",
    "referral_review",
    "out_of_scope",
    "carer_absent",
    "abnormal",
)
TRIGGERS_OF: Mapping[str, tuple[str, ...]] = {
    "child": tuple(trigger for trigger in TRIGGERS if trigger != "out_of_scope"),
    "pupil": ("abnormal",),
    "class": (),
    "school": ("out_of_scope",),
}
"""Which triggers can be about whom."""
CONDITIONS = ("key_child", "boarder")
CONTACTS = ("carer",)
FACTS = ("filed", "card", "pairing", "referral_answered", "session", "referral_reviewed", "in_scope")
MET = ("child", "carer", "parent")
PARTIES = ("guardian", "class_teacher", "teachers", "school")
"""Who signs a letter of responsibility (D24), as in ``signature:guardian``."""

DEFINITIONS = ("register", "state-council-2016", "census-before-2016")
LIMITED_STATES = ("acknowledged", "responding", "stood_down")
THRESHOLDS: Mapping[str, tuple[int, int, int]] = {
    "join_days": (5, 0, 40),
    "unreachable_attempts": (2, 1, 20),
    "low_mood_talks": (2, 1, 10),
    "low_mood_days": (30, 7, 180),
    "psychological_concerns": (2, 1, 10),
    "psychological_concern_days": (60, 7, 180),
    "screening_days": (90, 7, 360),
    "screening_self_harm": (1, 1, 3),
    **{found.threshold: (found.cut_off, 1, found.most) for found in INSTRUMENTS.values()},
}
"""Numbers that built-in rules read: what holds if no pack says it, the least and the most that a pack may say.

``join_days``: a child who joins gets a window that has at least so many td left. ``unreachable_attempts``: so many
attempts in a row that reached nobody are a trigger.
"""


RETENTION_YEARS = 3
"""Where no pack says it: casework's own default, of no law."""
MOST_YEARS = 100


@frozen
class Length:
    """So many teaching days (``td``) or calendar days (``days``) after a date, that date not counted."""

    count: int
    unit: str = "td"

    def __str__(self) -> str:
        return f"{self.count} {self.unit}"


@frozen
class Window:
    """When a duty opens, falls due and closes.

    Exactly one of: ``each`` (a part of the term: opens and falls due with it), ``after`` (a standing duty, due
    ``within`` that long after the case was identified or filed; a missed one opens its successor ``#k`` at once),
    ``every`` (so many calendar days, counted within the term from where the condition began), ``on`` (triggers, due
    ``within`` that long after).

    ``closes`` is ``None`` (on the due day), a `Length` after the start (standing and triggered windows) or
    ``"term end"``. ``due`` is an earlier day within the term on which a window of the whole term falls due:
    ``start of CLOSE``, ``end of week 2``; empty: its last day. ``sooner`` is a second start and length for standing
    duties: the earlier due date holds. ``only`` and ``unless`` name a condition of `CONDITIONS`. ``role`` owes the duty
    in this window; empty: the duty's own.
    """

    each: str = ""
    after: str = ""
    every: int = 0
    on: tuple[str, ...] = ()
    within: Length | None = None
    closes: Length | str | None = None
    sooner: tuple[str, Length] | None = None
    only: str = ""
    unless: str = ""
    role: str = ""
    due: str = ""


@frozen
class ActSpec:
    """What discharges a duty: a kind of activity that reached somebody (and met ``met``, if named), or a fact.

    Facts are ``filed``, ``card``, ``pairing``; ``referral_answered``, ``session`` and ``referral_reviewed``, which
    meet the windows of their own referral alone (D26, D27); and, for D41, ``in_scope``.
    """

    kind: str
    met: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.met}" if self.met else self.kind


@frozen
class Duty:
    """One thing the policy asks for: its number in the domain (``D10``), and the summaries it comes from."""

    id: str
    title: str
    source: tuple[str, ...]
    subject: str
    role: str
    record: tuple[str, ...]
    discharged_by: tuple[ActSpec, ...]
    windows: tuple[Window, ...]
    contact: str = ""
    exclusive_with: tuple[str, ...] = ()

    @property
    def standing(self) -> bool:
        """A window that was missed opens its successor at once, until the duty is done."""
        return any(window.after for window in self.windows)


@frozen
class Rung:
    """One step of the ladder: a role, and the deputy who is told at once if it is vacant, absent or implicated."""

    role: str
    deputy: str = ""


@frozen
class Ladder:
    """Who is told next in an emergency, by when; all limits are minutes of wall-clock time (domain.md, 9).

    ``step`` is the time a rung has; ``limits`` how long an emergency may stay acknowledged, responding, stood_down
    before the climb goes on; a silent top is told again after ``step``, doubling up to ``repeat_cap``.
    """

    rungs: tuple[Rung, ...]
    step: int = 30
    limits: Mapping[str, int] = field(factory=lambda: {"acknowledged": 120, "responding": 1440, "stood_down": 10080})
    repeat_cap: int = 1440


def _facts(duty: Duty) -> dict[str, object]:
    """What of a duty the hash covers; what packs could not say at first is left out where they do not say it."""
    found = {k: v for k, v in asdict(duty).items() if k not in {"title", "source"}}
    for window in found["windows"]:
        if not window["due"]:
            del window["due"]
    return found


@frozen
class Specialist:
    """Whose seat referrals of a kind are for, and the provider outside the school who is asked while it is vacant."""

    role: str
    provider: str = ""


@frozen
class Policy:
    """A school's policy: what was composed from its packs.

    ``definition`` names who counts as left behind; ``thresholds`` are numbers that built-in rules read. ``hash`` covers
    everything that can change a date, an obligation or a notice, and nothing that only reads differently.
    ``specialists`` says, by the code of a referral (``psychology``), who answers it. ``retention_years``: so long after
    the last day of a case nothing of it is erased; it changes no date, and stands outside the hash.
    """

    id: str
    version: str
    title: str
    packs: tuple[str, ...]
    jurisdiction: str
    definition: str
    duties: tuple[Duty, ...]
    ladder: Ladder
    thresholds: Mapping[str, int]
    specialists: Mapping[str, Specialist] = field(factory=dict)
    retention_years: int = RETENTION_YEARS
    hash: str = field(init=False, eq=False)
    _by_id: Mapping[str, Duty] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        duties = [_facts(duty) for duty in self.duties]
        asked = {to: asdict(found) for to, found in self.specialists.items()}
        facts = [self.definition, duties, asdict(self.ladder), dict(self.thresholds), asked]
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        object.__setattr__(self, "hash", blake2b(text.encode(), digest_size=16).hexdigest())
        object.__setattr__(self, "_by_id", {duty.id: duty for duty in self.duties})

    def duty(self, id: str) -> Duty | None:  # noqa: A002 - the field's own word
        """The duty of that number, or None."""
        return self._by_id.get(id)
