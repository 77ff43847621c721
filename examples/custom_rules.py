"""Rules of an integrator's own, at work: two quarrels reach the psychologist, three weeks unseen are shown.

Run it with `python examples/custom_rules.py`. It needs no database. The tests at the end run with `pytest`.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from casework import (
    Calendar,
    Case,
    Casework,
    ConcernDraft,
    Desk,
    Flag,
    ManualClock,
    Now,
    Principal,
    Reason,
    Refer,
    Require,
    School,
    Term,
    load_policy,
    rule,
    sweep,
)
from casework.model.decisions import Decision
from casework.testing import MemoryStore


@rule(states=["paired", "monitored"], looks="on_change")
def quarrels_at_home(case: Case, now: Now) -> Iterable[Decision]:
    """Two quarrels noted within a month: the psychologist looks in."""
    quarrels = case.concerns("family_quarrel", since=now.days_ago(30))
    if len(quarrels) >= 2:  # noqa: PLR2004 - the rule's own number
        yield Refer("psychology", about=quarrels, because=Reason("family_quarrels", count=len(quarrels)))


@rule(looks="on_change")
def unseen(case: Case, now: Now) -> Iterable[Decision]:
    """Nobody has seen the child for three weeks: shown until somebody does, holidays included."""
    seen = max((day for kind in ("visit", "talk") if (day := case.last(kind))), default=None)
    if now.passed(seen, days=21):
        yield Flag("unseen", because=Reason("unseen", days=21))


@rule(looks="on_change", lookback=14)
def very_low_mood(case: Case, now: Now) -> Iterable[Decision]:
    """After a talk in very low mood the lead helper visits within three teaching days."""
    for talk in case.activities("talk", since=now.days_ago(14), reached=True):
        due = now.teaching_days_after(talk.on, 3)
        if talk.mood == "very_low" and due is not None:
            yield Require("D11", about=talk, due=due, role="lead")


RULES = [quarrels_at_home, unseen, very_low_mood]
"""What a package would offer under the entry point `casework.rules`."""


def main() -> None:
    """Live through four weeks of one child's autumn and say what the rules make of it."""
    autumn = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 22))
    clock = ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC))
    policy, calendar = load_policy("town-primary"), Calendar([autumn], tz="Asia/Shanghai")
    casework = Casework(School("qinghe", policy=policy, calendar=calendar, rules=RULES), clock=clock)
    store = MemoryStore()
    desk = Desk(casework, store, school="qinghe", principal=Principal("t.li", roles=["class_teacher"]))
    desk.identify("s-17", away="both")
    desk.pair("s-17", lead="t.li")

    def on(day: date) -> None:
        """The day comes, and the morning's sweep looks at what is due."""
        clock.set(datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
        sweep(casework, store)

    on(date(2026, 9, 3))
    desk.note_concern("s-17", ConcernDraft("family_quarrel"))
    told = desk.record("s-17", "talk", reached=True, mood="very_low", words="They shout when the phone rings.")
    asked = next(o for o in told.case.obligations.values() if o.rule == "very_low_mood")
    print(f"{clock():%d %b}  one quarrel, mood very low: {asked.duty} is asked of the {asked.role} by {asked.due}")

    on(date(2026, 9, 7))
    seen = desk.record("s-17", "visit", reached=True, met=["carer"]).case
    print(f"{clock():%d %b}  visited: {seen.obligations[asked.key].status}")

    on(date(2026, 9, 14))
    case = desk.note_concern("s-17", ConcernDraft("family_quarrel")).case
    for referral in case.referrals.values():
        print(f"{clock():%d %b}  referral to {referral.to}, {referral.state}: {referral.because}")

    for day in (date(2026, 9, 27), date(2026, 9, 28)):
        on(day)
        flags = [f"{flag.code}: {flag.because}" for flag in desk.case("s-17").flags.values() if flag.rule == "unseen"]
        print(f"{clock():%d %b}  flags: {', '.join(flags) or 'none'}")

    print("\nhistory:")
    for entry in desk.history("s-17"):
        causes = [(cause, type(event).__name__) for cause, event in entry.events if cause.startswith("rule:")]
        for cause, event in causes:
            print(f"  {entry.seq:>2}  {entry.at:%d %b}  {cause:<22} {event}")


class TestQuarrelsAtHome:
    def test_two_in_a_month_reach_the_psychologist(self, casework_case: Callable[..., Case], autumn_day: Now) -> None:
        """Two quarrels in a month refer the child."""
        case = casework_case(state="monitored", concerns=["family_quarrel"] * 2)

        assert [d.to for d in quarrels_at_home(case, autumn_day) if isinstance(d, Refer)] == ["psychology"]

    def test_one_reaches_nobody(self, casework_case: Callable[..., Case], autumn_day: Now) -> None:
        """One quarrel is no reason yet."""
        assert list(quarrels_at_home(casework_case(concerns=["family_quarrel"]), autumn_day)) == []


if __name__ == "__main__":
    main()
