"""The case: a frozen value that holds all that is known of a child's care; commands and rules make the next one."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from attrs import evolve as changed
from attrs import field, frozen

from casework.model.activity import Activity, Concern
from casework.model.emergency import Emergency
from casework.model.erasure import Erasure
from casework.model.gathering import GATHERING_MARK, Awaited, Gathering
from casework.model.glass import Glass
from casework.model.move import INTO, Move
from casework.model.obligation import Obligation
from casework.model.people import ContactCard, Pairing, Sealed
from casework.model.programme import Programme
from casework.model.protection import Hold, PurposeConsent, RetentionDecision
from casework.model.reason import Reason
from casework.model.referral import Referral
from casework.model.screening import Screening

STAGES = ("identified", "filed", "paired", "monitored", "closed")
STATES = ("identified", "filed", "paired", "monitored", "escalated", "closed")
CLASS_MARK = "@"
"""What the id of a class's record begins with, so that no child's can be taken for it."""

_SUBJECTS = {"": "school", CLASS_MARK: "class", GATHERING_MARK: "gathering"}

NAMESPACE = UUID("6f2cf0f5-0c3d-5d0e-9a57-1a7f2d0a4c11")


@lru_cache(maxsize=4096)
def case_id(school: str, child: str) -> UUID:
    """The public id of a child's case: the same school and child always give the same id."""
    return uuid5(NAMESPACE, f"{school}\x1f{child}")


@frozen
class Span:
    """An interval of days in which the case was ``open``, the child a ``key`` child (D7), or a ``boarder``.

    ``roll``: the child was on the roll, somebody was in the class, the school used these settings.
    """

    kind: str
    since: date
    until: date | None = None
    because: str = ""


@frozen
class Mark:
    """A dated fact that discharges or triggers duties: filed, card, number_dead, carer_changed, away_changed."""

    id: str
    kind: str
    on: date
    by: str


@frozen
class Flag:
    """A rule's remark that stands as long as the rule yields it."""

    rule: str
    code: str
    because: Reason | None = None
    about: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The identity within the case."""
        return f"{self.rule}/{self.code}/{','.join(self.about)}"


@frozen
class Since:
    """A day to look back to, which remembers when each counted item drops out; ``now.days_ago`` makes it."""

    day: date
    days: int | None = None
    counted: Callable[[date], None] = field(default=lambda _: None, eq=False, repr=False)

    def holds(self, on: date) -> bool:
        """Tell whether something that happened ``on`` counts, and leave word of when it no longer will."""
        if on < self.day:
            return False
        self.counted(on)
        return True


@frozen
class Case:
    """A child's record before, during and after there is a case; the state of one stream of history.

    ``stage`` is empty while the child has no case. The mappings are by id (obligations and flags by key) and must not
    be changed. ``version`` is the number of the last entry of history. Sealed text is referred to, never held.
    ``wake_at`` and ``alarm_at`` (the next look, the next step of a ladder) and ``awaited`` (what gatherings say that
    the record has not taken up yet) are the store's; they are no part of the folded state and of equality.
    ``gathering`` stands in the record of a gathering, ``programmes`` (by term) in the school's. ``moves`` are transfers
    and merges by id; the school's record has those that it answered.
    """

    school: str
    child: str
    version: int = 0
    stage: str = ""
    away: str = ""
    definition: str = ""
    class_: str = ""
    household: str = ""
    boarder: bool = False
    spans: tuple[Span, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    card: ContactCard | None = None
    marks: Mapping[str, Mark] = field(factory=dict)
    activity_log: Mapping[str, Activity] = field(factory=dict)
    concern_log: Mapping[str, Concern] = field(factory=dict)
    obligations: Mapping[str, Obligation] = field(factory=dict)
    emergencies: Mapping[str, Emergency] = field(factory=dict)
    referrals: Mapping[str, Referral] = field(factory=dict)
    flags: Mapping[str, Flag] = field(factory=dict)
    failures: Mapping[str, str] = field(factory=dict)
    wake_at: datetime | None = field(default=None, eq=False)
    alarm_at: datetime | None = field(default=None, eq=False)
    screening_log: Mapping[str, Screening] = field(factory=dict)
    gathering: Gathering | None = None
    programmes: Mapping[str, Programme] = field(factory=dict)
    awaited: tuple[Awaited, ...] = field(default=(), eq=False)
    glasses: Mapping[str, Glass] = field(factory=dict)
    holds: Mapping[str, Hold] = field(factory=dict)
    consents: tuple[PurposeConsent, ...] = ()
    retention: tuple[RetentionDecision, ...] = ()
    erasures: Mapping[str, Erasure] = field(factory=dict)
    identity: Sealed | None = field(default=None, repr=False)
    moves: Mapping[str, Move] = field(factory=dict)

    def having(self, **values: Any) -> "Case":  # noqa: ANN401 - values of fields
        """The same record with these values in place of its own: what `attrs.evolve` does, in half the time."""
        new = list(_VALUES(self))
        for name, value in values.items():
            new[_PLACES[name]] = value
        return Case(*new)

    def for_reading(self) -> "Case":
        """The same record with mappings that refuse to be changed, activities' details too: what rules are given."""
        new = list(_VALUES(self))
        new[_PLACES["activity_log"]] = {
            id_: changed(found, details=MappingProxyType(found.details)) if found.details else found
            for id_, found in self.activity_log.items()
        }
        for place in _MAPPINGS:
            new[place] = MappingProxyType(new[place])
        return Case(*new)

    @property
    def id(self) -> UUID:
        """The public id."""
        return case_id(self.school, self.child)

    @property
    def merged_into(self) -> str:
        """The child whose record this one points to, since both are the same child's; else empty."""
        return next((m.child for m in self.moves.values() if (m.kind, m.state) == (INTO, "merged")), "")

    @property
    def subject(self) -> str:
        """Whose record it is: ``child``, ``class`` (``@`` and its id), ``gathering`` (``@@``), ``school`` (empty)."""
        return _SUBJECTS.get(self.child[:2]) or _SUBJECTS.get(self.child[:1], "child")

    @property
    def state(self) -> str:
        """*escalated* while an emergency of an open case is not stood down, else the stage (design.md, Workflow)."""
        if self.open and any(emergency.live for emergency in self.emergencies.values()):
            return "escalated"
        return self.stage

    @property
    def open(self) -> bool:
        """There is a case and it is not closed."""
        return self.stage not in {"", "closed"}

    @property
    def pupil(self) -> bool:
        """The child is on the roll now, as far as the record says."""
        return any(span.kind == "roll" and span.until is None for span in self.spans)

    @property
    def lead(self) -> str:
        """The lead helper's id, or empty."""
        return self.pairings[-1].lead if self.pairings and self.pairings[-1].until is None else ""

    @property
    def key_child(self) -> bool:
        """The child is designated a key child now (D7)."""
        return any(span.kind == "key" and span.until is None for span in self.spans)

    def in_span(self, kind: str, day: date) -> Span | None:
        """The span of ``kind`` that holds ``day``, both ends inside, or None."""
        for span in reversed(self.spans):
            if span.kind == kind and span.since <= day and (span.until is None or day <= span.until):
                return span
        return None

    def consent(self, purpose: str, day: date | None = None) -> str:
        """What holds of consent to a purpose, given, refused, not_required or withdrawn; empty if nobody said.

        With ``day`` what held that day. Of several words the one that was said last holds, as in a referral.
        """
        said = [
            (c.consent.on, k, c.consent.answer)
            for k, c in enumerate(self.consents)
            if c.purpose == purpose and (day is None or c.consent.on <= day)
        ]
        return max(said)[2] if said else ""

    def activities(self, *kinds: str, since: Since, reached: bool | None = None) -> list[Activity]:
        """Activities of these kinds not voided that happened since then, oldest first; ``reached`` filters attempts."""
        _check(since)
        found = [
            a
            for a in self.activity_log.values()
            if a.kind in kinds and not a.voided and (reached is None or a.reached == reached) and since.holds(a.on)
        ]
        return sorted(found, key=lambda a: (a.on, a.entered_at, a.id))

    def concerns(self, kind: str = "", *, since: Since, severity: str = "") -> list[Concern]:
        """Concerns not voided that happened since then, oldest first; of every kind and severity by default."""
        _check(since)
        found = [
            c
            for c in self.concern_log.values()
            if kind in {"", c.kind} and severity in {"", c.severity} and not c.voided and since.holds(c.on)
        ]
        return sorted(found, key=lambda c: (c.on, c.entered_at, c.id))

    def screenings(self, *, since: Since) -> list[Screening]:
        """Screenings not voided of those days, oldest first."""
        _check(since)
        found = [s for s in self.screening_log.values() if not s.voided and since.holds(s.on)]
        return sorted(found, key=lambda s: (s.on, s.entered_at, s.id))

    def dangers(self) -> list[Concern]:
        """Concerns of danger not voided, oldest first, however long ago and however late entered; kept for ever."""
        found = [c for c in self.concern_log.values() if c.severity == "danger" and not c.voided]
        return sorted(found, key=lambda c: (c.on, c.entered_at, c.id))

    def last(self, *kinds: str) -> date | None:
        """The last local day on which an activity of one of these kinds reached somebody; kept for ever."""
        days = [a.on for a in self.activity_log.values() if a.kind in kinds and a.reached and not a.voided]
        return max(days, default=None)

    def names_of(self, person: str) -> frozenset[str]:
        """What the record calls a person: their id, and ``carer``, ``parent1`` … where the card has them there."""
        contacts = {} if self.card is None else self.card.contacts()
        return frozenset((person, *(place for place, contact in contacts.items() if contact.person == person)))

    def implicates(self, person: str) -> bool:
        """Tell whether something here implicates ``person``, so that they see less (domain.md, 8)."""
        if not self.emergencies and not self.concern_log and not self.referrals and not self.moves:
            return False
        names = self.names_of(person)
        logs = (self.emergencies, self.concern_log, self.referrals)
        return any(
            not names.isdisjoint(found.implicated) for log in logs for found in log.values() if found.implicated
        ) or any(not names.isdisjoint(hidden.implicated) for move in self.moves.values() for hidden in move.hides)


_PLACES = {name: place for place, name in enumerate(Case.__match_args__)}
_VALUES = attrgetter(*_PLACES)
_MAPPINGS = tuple(
    place for name, place in _PLACES.items() if str(Case.__annotations__[name]).startswith("collections.abc.Mapping")
)


def _check(since: object) -> None:
    if not isinstance(since, Since):
        msg = "since= takes now.days_ago(n) or now.since(day), so that the sweep knows when the answer changes"
        raise TypeError(msg)
