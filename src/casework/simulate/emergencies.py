"""The emergencies of a simulated term with their stamps, and questions about how fast they were answered."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, overload

from attrs import frozen

from casework.model.emergency import Emergency as Stored


@frozen
class Emergency:
    """One emergency: when it was raised, first acknowledged, responded to, stood down and reviewed (UTC, or None).

    ``told`` holds role, person and instant of every rung that was told, ``passed`` role and reason of every one passed.
    """

    child: str
    id: str
    kind: str
    state: str
    raised: datetime
    acknowledged: datetime | None
    responded: datetime | None
    stood_down: datetime | None
    reviewed: datetime | None
    told: tuple[tuple[str, str, datetime], ...]
    passed: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, child: str, stored: Stored) -> "Emergency":
        """The emergency as it stands in the store; whoever responds at once, or calls outside, has acknowledged too."""
        first = [at for at in (stored.acknowledged_at, stored.responding_at, stored.stood_down_at) if at is not None]
        first += [call.at for call in stored.outside]
        return cls(
            child,
            stored.id,
            stored.kind,
            stored.state,
            stored.raised_at,
            min(first, default=None),
            stored.responding_at,
            stored.stood_down_at,
            stored.reviewed_at,
            tuple((n.role, n.person, n.at) for n in stored.notices if not n.why),
            tuple((n.role, n.why) for n in stored.notices if n.why),
        )

    def as_dict(self) -> dict[str, Any]:
        """The emergency for JSON; instants as ISO 8601 in UTC."""
        stamps = ("raised", "acknowledged", "responded", "stood_down", "reviewed")
        return {
            "child": self.child,
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            **{name: None if (at := getattr(self, name)) is None else at.isoformat() for name in stamps},
            "told": [[role, person, at.isoformat()] for role, person, at in self.told],
            "passed": [list(pair) for pair in self.passed],
        }


@frozen
class Verdict:
    """Whether something holds of all emergencies; true or false, and shown with the first that failed and its child."""

    holds: bool
    of: int
    failed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        if not self.failed:
            return f"<{self.holds} for {self.of} emergencies>"
        return f"<{self.holds}: {len(self.failed)} of {self.of} emergencies failed, first {self.failed[0]}>"


class Verdicts(Sequence[bool]):
    """One answer for each emergency, in their order."""

    def __init__(self, answers: Iterable[bool], about: Iterable[Emergency] = (), why: str = "") -> None:
        self._answers = tuple(answers)
        self._about = tuple(about)
        self._why = why

    @overload
    def __getitem__(self, index: int) -> bool: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bool]: ...
    def __getitem__(self, index: int | slice) -> bool | Sequence[bool]:
        return self._answers[index]

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        return f"Verdicts({list(self._answers)})"

    def all(self) -> Verdict:
        """Every emergency was answered so; true also when there was none. It shows the first that was not."""
        return Verdict(all(self._answers), len(self._answers), self._failed())

    def any(self) -> Verdict:
        """At least one was."""
        holds = any(self._answers)
        return Verdict(holds, len(self._answers), () if holds else self._failed())

    def _failed(self) -> tuple[str, ...]:
        return tuple(
            f"{e.kind} of child {e.child}, raised {e.raised:%Y-%m-%d %H:%M} UTC, {self._why}"
            for e, answer in zip(self._about, self._answers, strict=False)
            if not answer
        )


class Emergencies(Sequence[Emergency]):
    """All emergencies of a run, in the order in which they were raised."""

    def __init__(self, found: Iterable[Emergency]) -> None:
        self._found = tuple(found)

    @overload
    def __getitem__(self, index: int) -> Emergency: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Emergency]: ...
    def __getitem__(self, index: int | slice) -> Emergency | Sequence[Emergency]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Emergency]:
        return iter(self._found)

    def acknowledged_within(self, *, hours: float) -> Verdicts:
        """Whether each was acknowledged so soon after it was raised."""
        return self._within("acknowledged", hours)

    def responded_within(self, *, hours: float) -> Verdicts:
        """Whether somebody was on the way to the child so soon."""
        return self._within("responded", hours)

    def stood_down_within(self, *, hours: float) -> Verdicts:
        """Whether the child was seen safe so soon."""
        return self._within("stood_down", hours)

    def reviewed_within(self, *, days: float) -> Verdicts:
        """Whether each was gone through so soon after it was raised."""
        return self._within("reviewed", days * 24)

    def _within(self, stamp: str, hours: float) -> Verdicts:
        limit = timedelta(hours=hours)
        stamps = [getattr(e, stamp) for e in self._found]
        answers = [at is not None and at - e.raised <= limit for e, at in zip(self._found, stamps, strict=True)]
        return Verdicts(answers, self._found, f"not {stamp.replace('_', ' ')} within {hours:g} h")
