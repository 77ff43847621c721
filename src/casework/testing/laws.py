"""Laws that rules keep, for tests of one's own rules.

Law R19 (``sweeping only what is due equals sweeping everything hourly``) is what makes a sweep that looks at few
records as good as one that looks at all. A rule breaks it by answering differently as time goes by without having said
when: it reads a clock of its own, or asks the record for dates that it never asks `Now` about.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen

from casework.clock import ManualClock
from casework.engine.casework import Casework, School
from casework.engine.desk import Desk
from casework.engine.sweep import sweep
from casework.errors import CaseworkError
from casework.model import commands as c
from casework.model import referral_commands as rc
from casework.model.calendar import Calendar, Term
from casework.model.people import Contact, ContactCard, Principal, StaticDirectory
from casework.policy import load_policy
from casework.testing.clocks import watched
from casework.testing.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

    from casework.engine.port import Store
    from casework.model.case import Case
    from casework.model.events import Entry
    from casework.policy import Policy
    from casework.rules.declare import Rule

NAME = "law"
CHILD = "s-1"
HELPER = "t.helper"
CALENDAR = Calendar(
    [
        Term("2026-autumn", date(2026, 8, 31), date(2027, 1, 22), holidays=[(date(2026, 10, 1), date(2026, 10, 7))]),
        Term("2027-spring", date(2027, 2, 22), date(2027, 7, 9)),
    ],
    tz="Asia/Shanghai",
)
STARTS = (date(2026, 9, 24), date(2026, 12, 28), date(2027, 1, 17), date(2027, 2, 12))
"""Days on which a history begins: before a holiday, before the year's end, before a term ends and one begins."""

DAYS = 14
"""How long the school is looked at after the last thing that happened."""

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_FIXED: dict[type, dict[str, Any]] = {
    rc.RequestReferral: {"to": "psychology", "because": "grief"},
    rc.RevokeReferral: {"because": "moved_away"},
    rc.Screen: {"instrument": "phq_a"},
}
_ON_REFERRALS = frozenset((rc.AcceptReferral, rc.HoldSession, rc.PlanCare, rc.RevokeReferral))
_CARD = ContactCard(carer=Contact("carer", "grandmother"))


@frozen
class Happening:
    """One command in a history: after so many hours, on a local day so many days back.

    ``command`` is a class of `casework.model.commands`; ``values`` are its fields. An ``item`` among them is the place
    of an activity or emergency among those of the record, counted from the newest.
    """

    after: int
    back: int
    command: type
    values: dict[str, Any]


def assert_due_equals_hourly(
    rule: Rule,
    *,
    clock: ManualClock | None = None,
    store: Callable[[], Store] = MemoryStore,
    max_examples: int | None = None,
) -> None:
    """Hold a rule to law R19 with drawn histories of one child, in term and holidays.

    Raises AssertionError, with the shortest history that shows it, or with the line that reads the machine's clock
    (`datetime.now`, `date.today`, `time.time`), which never holds still. The rule stands alone (another one's looks
    would hide that it misses its own). ``clock`` is the one that moves during the test, for rules that read a clock of
    their own; ``store`` makes an empty store. Needs Hypothesis.
    """
    from hypothesis import Phase, given, settings  # noqa: PLC0415 - of the extra "test", loaded when asked for

    kept = settings.default if max_examples is None else settings(max_examples=max_examples)
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]  # to explain takes minutes and tells nothing

    @settings(kept, deadline=None, phases=phases)
    @given(histories(), policies())
    def law(history: tuple[date, list[Happening]], policy: Policy) -> None:
        check_due_equals_hourly(rule, history, policy, clock=clock, store=store)

    law()


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
    moving = clock or ManualClock(datetime(2026, 9, 1, tzinfo=UTC))
    read: list[str] = []
    looked = watched(rule, read)
    due = _live(looked, history, policy, moving, store(), days, everything=False)
    hourly = _live(looked, history, policy, moving, store(), days, everything=True)
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


def histories() -> SearchStrategy[tuple[date, list[Happening]]]:
    """Draws the day on which a history begins, and what happens in it."""
    from hypothesis import strategies as st  # noqa: PLC0415 - of the extra "test", loaded when asked for

    backs = st.sampled_from([0, 0, 1, 6, 13, 25, 29, 59])
    codes = st.sampled_from(["family_quarrel", "violence"])
    severities = st.sampled_from(["medium", "danger"])
    concerns = st.builds(c.ConcernDraft, codes, severities, st.booleans())
    items = st.integers(0, 2)
    lists = st.lists(concerns, max_size=1).map(tuple)
    kinds = st.sampled_from(["visit", "call", "talk", "carer_talk", "absence", "review"])
    moods = st.sampled_from(["", "low", "very_low"])
    record = st.fixed_dictionaries({"kind": kinds, "reached": st.booleans(), "concerns": lists, "mood": moods})
    stand = st.fixed_dictionaries({"item": items, "look_again": st.sampled_from([None, 1, 3, 10])})
    commands: list[tuple[type, SearchStrategy[dict[str, Any]]]] = [
        (c.Record, record),
        (c.NoteConcern, st.fixed_dictionaries({"concern": concerns})),
        (c.Raise, st.fixed_dictionaries({"kind": codes})),
        (c.Acknowledge, st.fixed_dictionaries({"item": items})),
        (c.StandDown, stand),
        (c.Correct, st.fixed_dictionaries({"item": items, "reached": st.booleans()})),
        (c.Void, st.fixed_dictionaries({"item": items})),
        (c.File, st.just({"card": _CARD})),
        (c.Pair, st.just({"lead": HELPER})),
        (c.DesignateKey, st.just({"because": "grief"})),
        (c.ChangeFacts, st.fixed_dictionaries({"boarder": st.booleans(), "away": st.sampled_from(["none", "one"])})),
        (rc.RequestReferral, st.fixed_dictionaries({"urgent": st.booleans()})),
        (rc.AcceptReferral, st.fixed_dictionaries({"item": items})),
        (rc.HoldSession, st.fixed_dictionaries({"item": items})),
        (rc.PlanCare, st.fixed_dictionaries({"item": items, "review_on": st.sampled_from([1, 3, 10])})),
        (rc.RevokeReferral, st.fixed_dictionaries({"item": items})),
        (rc.Screen, st.fixed_dictionaries({"score": st.sampled_from([3, 14]), "self_harm": st.sampled_from([0, 1])})),
        (c.Close, st.just({"because": "parents_returned"})),
        (c.Reopen, st.just({"because": "parents_left"})),
    ]
    happening = st.one_of(
        [
            st.builds(Happening, st.sampled_from([0, 1, 7, 25, 80]), backs, st.just(command), values)
            for command, values in commands
        ]
    )
    return st.tuples(st.sampled_from(STARTS), st.lists(happening, max_size=6))


def policies() -> SearchStrategy[Policy]:
    """Draws a policy that asks for nothing, so that nothing but the rule wakes a case, or one of two schools'."""
    from hypothesis import strategies as st  # noqa: PLC0415 - of the extra "test", loaded when asked for

    return st.sampled_from([without_duties(), load_policy("town-primary"), load_policy("school")])


def without_duties() -> Policy:
    """A policy with a ladder and thresholds, and no duty."""
    from attrs import evolve  # noqa: PLC0415 - named like the engine's own, kept out of the module

    return evolve(load_policy("town-primary"), duties=())


def alone(school: School, rule: Rule) -> School:
    """The school with this rule and no other, not even the built-in ones."""
    object.__setattr__(school, "rules", (rule,))
    return school


def _live(
    rule: Rule,
    history: tuple[date, list[Happening]],
    policy: Policy,
    clock: ManualClock,
    store: Store,
    days: int,
    *,
    everything: bool,
) -> list[tuple[str, Entry]]:
    start, happenings = history
    clock.set(CALENDAR.midnight(start) + 8 * _HOUR)
    seats = StaticDirectory(seats={"principal": ["t.head"]}, tz=CALENDAR.tz)
    casework = Casework(alone(School(NAME, policy, CALENDAR, directory=seats), rule), clock=clock)
    desk = Desk(casework, store, school=NAME, principal=Principal("t.teacher"))
    desk.identify(CHILD, away="both", on=start - 60 * _DAY)
    desk.file(CHILD, on=start - 45 * _DAY)
    for happening in happenings:
        _pass(casework, store, clock, happening.after, everything=everything)
        _do(desk, store, happening, clock)
    _pass(casework, store, clock, days * 24, everything=everything)
    with store.read():
        return list(store.histories(NAME))


def _pass(casework: Casework, store: Store, clock: ManualClock, hours: int, *, everything: bool) -> None:
    for _ in range(hours):
        clock.advance(hours=1)
        if everything:
            with store.write():
                store.wake(NAME, clock())
        sweep(casework, store, catch_up=True)


def _do(desk: Desk, store: Store, happening: Happening, clock: ManualClock) -> None:
    """Carry out a command; one that is refused, as a drawn one may well be, changes nothing."""
    with store.read():
        case = store.load(NAME, [CHILD])[CHILD]
    try:
        desk.do(CHILD, _command(happening, case, clock()))
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
