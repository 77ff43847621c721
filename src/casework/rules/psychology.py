"""The rule that asks the psychologist to look in (D26): low mood, concerns, and what screenings say.

Numbers and periods are the policy's thresholds. A screening over its cut-off says that somebody has to look, never what
a child has: instruments miss many and alarm for many (`casework.model.screening` names the sources).
"""

from collections.abc import Iterable, Iterator, Sequence

from casework.model.activity import Activity, Concern
from casework.model.case import Case
from casework.model.decisions import Decision, Refer
from casework.model.reason import Fact, Reason
from casework.model.screening import INSTRUMENTS, Screening
from casework.rules.declare import OPEN_STATES, rule
from casework.rules.now import Now

PSYCHOLOGICAL = frozenset(
    (
        "anxiety",
        "behaviour_deviation",
        "fear",
        "grief",
        "hopeless",
        "lonely",
        "low_mood",
        "outbursts",
        "poor_sleep",
        "psychologically_unhealthy",
        "runs_away",
        "school_refusal",
        "seems_withdrawn",
        "self_blame",
        "self_harm",
        "suicidal_thoughts",
        "withdrawn",
    )
)
"""Kinds of concern that count; D20 and the summaries' "deviation" and "obstacles" among them."""

GRAVE = frozenset(("high", "danger"))
AT_ONCE = frozenset(("self_harm", "suicidal_thoughts"))
"""Kinds that make the referral urgent when they are grave."""

Sign = Activity | Concern | Screening


@rule(states=OPEN_STATES, looks="on_change")
def psychological_signs(case: Case, now: Now) -> Iterable[Decision]:
    """Low mood in two talks within a month, or very low once; two concerns, or a grave one; a screening at its cut-off.

    Concerns that implicate somebody are referred by themselves, and count only towards what these people see as little
    of: so nobody can tell from a referral that there is something which they may not know (domain.md, 8).
    """
    concerns = _concerns(case, now)
    screenings, harm = _screenings(case, now)
    known = _enough(concerns, (), now)
    signs: list[Sign] = [*_talks(case, now), *known, *screenings]
    if signs:
        yield _refer(signs, urgent=harm or _at_once(known))
    for people in sorted({concern.implicated for concern in concerns if concern.implicated}):
        apart = _enough(concerns, people, now)
        if apart:
            yield _refer(apart, urgent=_at_once(apart))


def _talks(case: Case, now: Now) -> list[Activity]:
    """Talks with low mood, where they are enough."""
    known = [a for a in case.activity_log.values() if "low" in a.mood and a.kind == "talk" and a.reached]
    if not known:
        return []
    since = now.days_ago(now.threshold("low_mood_days"))
    low = [talk for talk in known if not talk.voided and since.holds(talk.on)]
    enough = len(low) >= now.threshold("low_mood_talks") or any(talk.mood == "very_low" for talk in low)
    return low if enough else []


def _concerns(case: Case, now: Now) -> list[Concern]:
    """Psychological concerns of late."""
    if not case.concern_log:
        return []
    since = now.days_ago(now.threshold("psychological_concern_days"))
    return [
        c
        for c in case.concern_log.values()
        if c.kind in PSYCHOLOGICAL and c.severity != "low" and not c.voided and since.holds(c.on)
    ]


def _enough(concerns: Iterable[Concern], people: tuple[str, ...], now: Now) -> list[Concern]:
    """Concerns that implicate these people, where they are enough together with those that implicate none but them."""
    known = [c for c in concerns if set(c.implicated) <= set(people)]
    mine = [c for c in known if c.implicated == people]
    grave = any(c.severity in GRAVE for c in known)
    return mine if grave or len(known) >= now.threshold("psychological_concerns") else []


def _screenings(case: Case, now: Now) -> tuple[list[Screening], bool]:
    """Screenings at or over the cut-off, and whether one of them says self-harm."""
    if not case.screening_log:
        return [], False
    since, harmed = now.days_ago(now.threshold("screening_days")), now.threshold("screening_self_harm")
    found = [
        s
        for s in case.screening_log.values()
        if not s.voided
        and ((s.self_harm or 0) >= harmed or s.score >= now.threshold(INSTRUMENTS[s.instrument].threshold))
        and since.holds(s.on)
    ]
    return found, any((s.self_harm or 0) >= harmed for s in found)


def _at_once(concerns: Iterable[Concern]) -> bool:
    return any(c.kind in AT_ONCE and c.severity in GRAVE for c in concerns)


def _refer(signs: Sequence[Sign], *, urgent: bool) -> Refer:
    return Refer(
        "psychology", about=signs, because=Reason("psychological_signs", **dict(_counts(signs))), urgent=urgent
    )


def _counts(signs: Iterable[Sign]) -> Iterator[tuple[str, Fact]]:
    """How many signs of each sort there are."""
    for name, kind in (("talks", Activity), ("concerns", Concern), ("screenings", Screening)):
        count = sum(isinstance(sign, kind) for sign in signs)
        if count:
            yield name, count
