"""Laws that rules keep, for tests of one's own rules.

Law R19 (``sweeping only what is due equals sweeping everything hourly``) is what makes a sweep that looks at few
records as good as one that looks at all. A rule breaks it by answering differently as time goes by without having said
when: it reads a clock of its own, or asks the record for dates that it never asks `Now` about.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from casework.clock import ManualClock
from casework.engine.casework import Casework, School
from casework.engine.desk import Desk
from casework.engine.sweep import sweep
from casework.errors import CaseworkError
from casework.model import commands as c
from casework.model import referral_commands as rc
from casework.model.calendar import Calendar, Term
from casework.model.case import Case
from casework.model.people import Principal, StaticDirectory
from casework.model.roll import RollRow
from casework.policy import load_policy
from casework.rules.declare import NO_CASE
from casework.testing.access import open_access
from casework.testing.clocks import watched
from casework.testing.law_histories import ALWAYS, QUIET, Happening, histories
from casework.testing.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hypothesis.strategies import SearchStrategy

    from casework.engine.port import Store
    from casework.model.decisions import Decision
    from casework.model.events import Entry
    from casework.policy import Policy
    from casework.rules.declare import Rule
    from casework.rules.now import Now

NAME = "law"
CHILD = "s-1"
PUPIL = "s-2"
"""Somebody on the roll who has no case, for rules that look at such records."""

CLASS = "3-1"
CALENDAR = Calendar(
    [
        Term("2026-autumn", date(2026, 8, 31), date(2027, 1, 22), holidays=[(date(2026, 10, 1), date(2026, 10, 7))]),
        Term("2027-spring", date(2027, 2, 22), date(2027, 7, 9)),
    ],
    tz="Asia/Shanghai",
)
DAYS = 14
"""How long the school is looked at after the last thing that happened."""

_LONG_AGO = datetime(2026, 9, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_FIXED: dict[type, dict[str, Any]] = {
    rc.RequestReferral: {"to": "psychology", "because": "grief"},
    rc.RevokeReferral: {"because": "moved_away"},
    rc.Screen: {"instrument": "phq_a"},
}
_ON_REFERRALS = frozenset((rc.AcceptReferral, rc.HoldSession, rc.PlanCare, rc.RevokeReferral))
_SELDOM = 24
"""Hours between two sweeps of a history that is always tried: there, days are what a rule fails to announce."""


def assert_due_equals_hourly(
    rule: Rule,
    *,
    clock: ManualClock | None = None,
    store: Callable[[], Store] = MemoryStore,
    max_examples: int | None = None,
) -> None:
    """Hold a rule to law R19 with histories of one child, in term and holidays: those of `ALWAYS`, then drawn ones.

    Raises AssertionError, with the history that shows it, or with the line that reads the machine's clock
    (`datetime.now`, `date.today`, `time.time`), which never holds still; and where no history made anybody call the
    rule, since then nothing was shown. The rule stands alone (another one's looks would hide that it misses its own).
    ``clock`` is the one that moves during the test, for rules that read a clock of their own; ``store`` makes an empty
    store. Needs Hypothesis.
    """
    from hypothesis import Phase, given, settings  # noqa: PLC0415 - of the extra "test", loaded when asked for

    kept = settings.default if max_examples is None else settings(max_examples=max_examples)
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]  # to explain takes minutes and tells nothing
    calls: list[str] = []
    moving = clock or ManualClock(_LONG_AGO)
    tried = [(without_duties(), history) for history in ALWAYS] + [(load_policy("town-primary"), ALWAYS[0])]
    for policy, history in tried:
        try:
            _check(rule, history, policy, moving, store, Grid(QUIET, _SELDOM), calls)
        except AssertionError as broken:
            broken.add_note(f"history: {history}, policy {policy.id} with {len(policy.duties)} duties")
            raise

    @settings(kept, deadline=None, phases=phases)
    @given(histories(), policies())
    def law(history: tuple[date, list[Happening]], policy: Policy) -> None:
        _check(rule, history, policy, moving, store, Grid(DAYS), calls)

    law()
    if not calls:
        msg = (
            f"rule {rule.key} was never called in any history, so law R19 was not tried: no record was "
            f"on={rule.on!r} and in states={sorted(rule.states)}; try check_due_equals_hourly() with a history of yours"
        )
        raise AssertionError(msg)


def check_due_equals_hourly(
    rule: Rule,
    history: tuple[date, list[Happening]],
    policy: Policy,
    *,
    clock: ManualClock | None = None,
    store: Callable[[], Store] = MemoryStore,
    days: int = DAYS,
) -> None:
    """Live through one history twice, sweeping what is due and sweeping everything hourly; both must tell the same."""
    _check(rule, history, policy, clock or ManualClock(_LONG_AGO), store, Grid(days), [])


@frozen
class Grid:
    """How long a school is looked at after the last thing that happened, and how many hours lie between sweeps."""

    days: int
    hours: int = 1


def _check(
    rule: Rule,
    history: tuple[date, list[Happening]],
    policy: Policy,
    clock: ManualClock,
    store: Callable[[], Store],
    grid: Grid,
    calls: list[str],
) -> None:
    read: list[str] = []
    looked = watched(_counted(rule, calls), read)
    due = _live(looked, history, policy, clock, store(), grid, everything=False)
    hourly = _live(looked, history, policy, clock, store(), grid, everything=True)
    if read:
        msg = (
            f"rule {rule.key} breaks law R19: it reads the machine's clock ({read[0]}), which no sweep knows of; "
            "take now.today, or ask now.passed() or now.days_ago()"
        )
        raise AssertionError(msg)
    if due != hourly:
        missed = [entry for entry in hourly if entry not in due]
        msg = (
            f"rule {rule.key} breaks law R19: sweeping everything hourly tells what sweeping only what is due does "
            "not; ask now.passed(), now.days_ago() or yield Look(at), or declare looks='daily'.\n"
            f"first difference: {missed[0] if missed else due[len(hourly) :]}"
        )
        raise AssertionError(msg)


def policies() -> SearchStrategy[Policy]:
    """Draws a policy that asks for nothing, so that nothing but the rule wakes a case, or one of two schools'."""
    from hypothesis import strategies as st  # noqa: PLC0415 - of the extra "test", loaded when asked for

    return st.sampled_from([without_duties(), load_policy("town-primary"), load_policy("school")])


def without_duties() -> Policy:
    """A policy with a ladder and thresholds, and no duty."""
    return evolve(load_policy("town-primary"), duties=())


def alone(school: School, rule: Rule) -> School:
    """The school with this rule and no other, not even the built-in ones."""
    object.__setattr__(school, "rules", (rule,))
    return school


def _counted(rule: Rule, calls: list[str]) -> Rule:
    """The rule, putting each child at whose record it looks on ``calls`` once."""

    def function(case: Case, now: Now) -> Iterable[Decision]:
        if case.child not in calls:
            calls.append(case.child)
        return rule.function(case, now) or ()

    return evolve(rule, function=function)


def _held(rule: Rule, clock: ManualClock) -> Rule:
    """The rule, to which the counts that it ``needs`` hold still for a local day.

    It is promised a look at each midnight. Somebody who acts in between makes it look at counts that have moved
    meanwhile, which is earlier than promised; the law is about what must not be missed.
    """
    known: dict[date, Mapping[str, Mapping[str, int]]] = {}

    def function(case: Case, now: Now) -> Iterable[Decision]:
        now.facts = known.setdefault(CALENDAR.local_date(clock()), now.facts)
        return rule.function(case, now) or ()

    return evolve(rule, function=function)


def _live(
    rule: Rule,
    history: tuple[date, list[Happening]],
    policy: Policy,
    clock: ManualClock,
    store: Store,
    grid: Grid,
    *,
    everything: bool,
) -> list[tuple[str, Entry]]:
    start, happenings = history
    looking = _held(rule, clock) if rule.needs else rule
    clock.set(CALENDAR.midnight(start) + 8 * _HOUR)
    seats = StaticDirectory(seats={"principal": ["t.head"]}, tz=CALENDAR.tz)
    casework = Casework(
        alone(School(NAME, policy, CALENDAR, directory=seats, access=open_access()), looking), clock=clock
    )
    desk = Desk(casework, store, school=NAME, principal=Principal("t.teacher"))
    children = [CHILD]
    if NO_CASE in rule.states:
        children.append(PUPIL)
        desk.update_roll([RollRow(PUPIL, CLASS)], [])
    desk.identify(CHILD, away="both", class_=CLASS, on=start - 60 * _DAY)
    desk.file(CHILD, on=start - 45 * _DAY)
    for happening in happenings:
        _pass(casework, store, clock, happening.after, grid.hours, everything=everything)
        for child in children:
            _do(desk, store, child, happening, clock)
    _pass(casework, store, clock, grid.days * 24, grid.hours, everything=everything)
    with store.read():
        return list(store.histories(NAME))


def _pass(casework: Casework, store: Store, clock: ManualClock, hours: int, step: int, *, everything: bool) -> None:
    for _ in range(0, hours, step):
        clock.advance(hours=step)
        if everything:
            with store.write():
                store.wake(NAME, clock())
        sweep(casework, store, catch_up=True)


def _do(desk: Desk, store: Store, child: str, happening: Happening, clock: ManualClock) -> None:
    """Carry out a command; one that is refused, as a drawn one may well be, changes nothing."""
    with store.read():
        case = store.load(NAME, [child]).get(child) or Case(NAME, child)
    try:
        desk.do(child, _command(happening, case, clock()))
    except CaseworkError:
        return


def _command(happening: Happening, case: Case, at: datetime) -> c.Command:
    today = CALENDAR.local_date(at)
    values = dict(happening.values)
    place = values.pop("item", None)
    kind = happening.command
    if kind is c.StandDown:
        again = values["look_again"]
        values["look_again"] = None if again is None else today + again * _DAY
        values |= {"because": "safe", "safe_seen_by": "t.teacher", "safe_seen_at": at}
    values |= _FIXED.get(kind, {})
    if kind is rc.PlanCare:
        values["review_on"] = today + values["review_on"] * _DAY
    if place is not None and kind in _ON_REFERRALS:
        values["referral"] = _newest(list(case.referrals), place)
    if kind in {c.Acknowledge, c.StandDown}:
        values["emergency"] = _newest(list(case.emergencies), place)
    elif kind is c.Correct:
        values |= {"activity": _newest(list(case.activity_log), place), "because": "wrong_date"}
    elif kind is c.Void:
        values |= {"item": _newest([*case.activity_log, *case.concern_log], place), "because": "wrong_child"}
    if kind in {c.Record, c.NoteConcern, c.Correct, c.File, c.Pair, c.DesignateKey}:
        values["on"] = today - happening.back * _DAY
    command: c.Command = kind(**values)
    return command


def _newest(ids: Sequence[str], place: int) -> str:
    return ids[-1 - place] if place < len(ids) else "none"
