"""What in a record asks for something out of turn: the triggers of domain.md, read from the record alone."""

from collections.abc import Mapping
from itertools import zip_longest

from casework.engine.happening import Trigger
from casework.engine.referral_limits import referral_triggers
from casework.model.activity import Activity
from casework.model.calendar import DAY, Calendar
from casework.model.case import Case
from casework.model.examination import ABNORMAL
from casework.rules.builtin import CONTACTS


def triggers(case: Case, calendar: Calendar, thresholds: Mapping[str, int]) -> list[Trigger]:
    """All triggers of the record, in order of their days.

    What was entered late counts from the day of entry, since nobody could act on it before.
    """
    found = [Trigger(mark.kind, mark.on, mark.id) for mark in case.marks.values() if mark.kind in _MARKS]
    found += [
        Trigger("concern", calendar.local_date(concern.entered_at), concern.id)
        for concern in case.concern_log.values()
        if not concern.voided and concern.severity != "low"
    ]
    contacts = []
    for act in case.activity_log.values():
        if act.kind in CONTACTS and not act.voided:
            contacts.append(act)
        elif not act.voided and (kind := _asking(act)):
            found.append(Trigger(kind, calendar.local_date(act.entered_at), act.id))
    attempts = thresholds.get("unreachable_attempts", 2)
    if len([act for act in contacts if not act.reached]) >= attempts:
        found += _unreachable(contacts, calendar, attempts)
    for pairing, after in zip_longest(case.pairings, case.pairings[1:]):
        if pairing.until is not None and (after is None or after.since > pairing.until + DAY):
            found.append(Trigger("pairing_ended", pairing.until, f"unpaired-{pairing.until}"))
    found += [
        Trigger("look_again", emergency.look_again, emergency.id)
        for emergency in case.emergencies.values()
        if emergency.look_again is not None and not emergency.live
    ]
    found += referral_triggers(case)
    found += [Trigger("joined", span.since, f"joined-{span.since}") for span in case.spans if span.kind == "open"]
    return sorted(found, key=lambda trigger: (trigger.on, trigger.id))


_MARKS = frozenset(("carer_changed", "away_changed", "number_dead", "out_of_scope"))


def _asking(act: Activity) -> str:
    """What an act is that asks for something: an absence, a carer who stayed away (D19), an abnormal finding (D29)."""
    if act.kind == "absence":
        return "absence"
    if act.kind == "parents_meeting" and not act.reached:
        return "carer_absent"
    return "abnormal" if act.kind == "examination" and act.details.get(ABNORMAL) else ""


def _unreachable(contacts: list[Activity], calendar: Calendar, attempts: int) -> list[Trigger]:
    contacts.sort(key=lambda act: (act.on, act.entered_at, act.id))
    found = []
    running = 0
    for act in contacts:
        running = 0 if act.reached else running + 1
        if running == attempts:
            found.append(Trigger("unreachable", calendar.local_date(act.entered_at), act.id))
            running = 0
    return found
