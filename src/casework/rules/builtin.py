"""The rules every school starts with: contacts, talks, visits, danger. All are exact about time."""

from collections.abc import Iterable
from datetime import date, datetime

from casework.model.activity import Activity
from casework.model.case import Case
from casework.model.decisions import Decision, Escalate, Flag, Move
from casework.model.reason import Reason
from casework.rules.declare import KNOWN, OPEN_STATES, Rule, rule
from casework.rules.now import Now
from casework.rules.psychology import psychological_signs

CONTACTS = ("visit", "call", "letter", "talk", "carer_talk", "parent_talk")
SEEN = ("visit", "talk", "review")
ATTEMPT_DAYS = 30
STALE_DAYS = 180


@rule(states=["paired"], looks="on_change")
def first_contact(case: Case, now: Now) -> Iterable[Decision]:  # noqa: ARG001 - depends on the case alone
    """The first contact that reached somebody after pairing begins the monitoring (design.md, Workflow)."""
    since = case.pairings[-1].since if case.pairings else None
    last = case.last(*CONTACTS)
    if since is not None and last is not None and last >= since:
        yield Move("monitored", because=Reason("first_contact"))


@rule(states=KNOWN, looks="on_change")
def danger_seen(case: Case, now: Now) -> Iterable[Decision]:  # noqa: ARG001 - danger is danger however late
    """Danger that somebody observed is an emergency at once, whatever state the case is in (domain.md, 10)."""
    for concern in case.dangers():
        if concern.observed:
            yield Escalate(
                concern.kind,
                about=concern,
                because=Reason("danger_seen", kind=concern.kind),
                implicated=concern.implicated,
            )


@rule(states=KNOWN, looks="on_change")
def danger_to_confirm(case: Case, now: Now) -> Iterable[Decision]:  # noqa: ARG001 - likewise
    """Danger that was only inferred asks a person to confirm it today; it raises no alarm by itself (domain.md, 10)."""
    for concern in case.dangers():
        seen = case.last(*SEEN)
        if not concern.observed and (seen is None or seen < concern.on):
            yield Flag("confirm_danger", about=concern, because=Reason("danger_inferred", kind=concern.kind))


@rule(states=OPEN_STATES, looks="on_change", lookback=ATTEMPT_DAYS)
def nobody_reached(case: Case, now: Now) -> Iterable[Decision]:
    """Attempts running that reached nobody are shown until somebody is reached (domain.md, "What follows", 4)."""
    failed = [a for a in case.activity_log.values() if not a.reached and a.kind in CONTACTS and not a.voided]
    enough = now.threshold("unreachable_attempts")
    # Only attempts that may be shown are asked when they drop out of the month: nobody is looked at for the others.
    if len(failed) >= enough:
        log = case.activity_log.values()
        reached = max((_order(a) for a in log if a.reached and a.kind in CONTACTS and not a.voided), default=None)
        since = now.days_ago(ATTEMPT_DAYS)
        running = sum(since.holds(a.on) for a in failed if reached is None or _order(a) > reached)
        if running >= enough:
            yield Flag("nobody_reached", because=Reason("nobody_reached", attempts=running))


def _order(act: Activity) -> tuple[date, datetime, str]:
    """Where an activity stands among the others."""
    return act.on, act.entered_at, act.id


@rule(states=OPEN_STATES, looks="on_change")
def visits_missed(case: Case, now: Now) -> Iterable[Decision]:  # noqa: ARG001 - depends on the case alone
    """Two home visits missed running are shown (D10)."""
    settled = [o for o in case.obligations.values() if o.duty == "D10" and o.status in {"met", "met_late", "missed"}]
    settled.sort(key=lambda o: (o.opens, o.window))
    if len(settled) >= 2 and all(o.status == "missed" for o in settled[-2:]):  # noqa: PLR2004 - by the rule
        yield Flag("visits_missed", about=[o.key for o in settled[-2:]], because=Reason("visits_missed", count=2))


@rule(states=OPEN_STATES, looks="on_change")
def file_unreviewed(case: Case, now: Now) -> Iterable[Decision]:
    """A file that nobody wrote or reviewed for half a year, about a term, is shown as stale (D2)."""
    written = [mark.on for mark in case.marks.values() if mark.kind == "filed"]
    reviewed = case.last("review")
    newest = max([*written, *([] if reviewed is None else [reviewed])], default=None)
    if now.passed(newest, days=STALE_DAYS):
        yield Flag("file_stale", because=Reason("file_stale", days=STALE_DAYS))


@rule(states=OPEN_STATES, looks="on_change")
def card_unverified(case: Case, now: Now) -> Iterable[Decision]:
    """A contact that nobody verified for half a year, about a term, is shown (D3)."""
    contacts = {} if case.card is None else case.card.contacts()
    oldest = min((c.verified_on for c in contacts.values() if c.verified_on is not None), default=None)
    stale = contacts if now.passed(oldest, days=STALE_DAYS) else {}
    for place, contact in stale.items():
        if now.passed(contact.verified_on, days=STALE_DAYS):
            yield Flag("card_unverified", about=place, because=Reason("card_unverified", days=STALE_DAYS))


@rule(states=KNOWN, looks="on_change")
def look_again(case: Case, now: Now) -> Iterable[Decision]:
    """On the day named when an emergency was stood down somebody looks again, until the child was seen (design.md)."""
    for emergency in case.emergencies.values():
        day = emergency.look_again
        if emergency.live or day is None or not now.passed(day):
            continue
        seen = case.last(*SEEN)
        if seen is None or seen < day:
            yield Flag("look_again", about=emergency, because=Reason("look_again", since=day))


@rule(states=OPEN_STATES, looks="on_change")
def nobody_away(case: Case, now: Now) -> Iterable[Decision]:  # noqa: ARG001 - depends on the case alone
    """A child whose parents are back is proposed for closing; a person decides (domain.md, 11)."""
    if case.away == "none":
        yield Flag("propose_closing", because=Reason("parents_returned"))


EMERGENCY_RULES: tuple[Rule, ...] = (danger_seen,)
"""Settled first, and even when the settings have changed."""

BUILTIN_RULES: tuple[Rule, ...] = (
    card_unverified,
    danger_seen,
    danger_to_confirm,
    file_unreviewed,
    first_contact,
    look_again,
    nobody_away,
    nobody_reached,
    psychological_signs,
    visits_missed,
)
