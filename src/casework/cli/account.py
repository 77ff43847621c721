"""The school's account of a period: what was required, what was done, what was missed. Counts and codes, no child's id.

Every figure is a count over the cases as the desk hands them out to whoever asks: without emergencies for who may not
read them, and without what somebody implicated may not know. A test counts the same figures by SQL.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from attrs import frozen

from casework import Desk, Policy, Term
from casework.cli.identifying import by_definition
from casework.cli.office import Office
from casework.cli.render import duty_order
from casework.model.calendar import DAY
from casework.model.emergency import Emergency
from casework.model.gathering import Gathering
from casework.model.obligation import STATUSES

STATES_IN_ORDER = ("identified", "filed", "paired", "monitored", "escalated", "closed")


@frozen
class Step:
    """One moment of an emergency: when, what, by whom (a seat or an id)."""

    at: datetime
    what: str
    who: str = ""


@frozen
class Account:
    """The account of one school and one term.

    ``duties`` is duty → status → count of obligations that opened from ``first`` to ``last``; ``missed`` counts the
    missed ones by duty and window; ``activities`` is kind → reached, not_reached, in the records of children;
    ``emergencies`` are those that were raised in the term, None for who may not read them; ``gatherings`` those that
    were held and not voided;
    ``programme`` is where the term's programme stands.
    """

    school: str
    term: str
    first: date
    last: date
    as_of: date
    policy: Policy
    on_roll: int
    named_by_definition: int
    undecided: int
    states: Mapping[str, int]
    duties: Mapping[str, Mapping[str, int]]
    missed: Mapping[str, Mapping[str, int]]
    activities: Mapping[str, Mapping[str, int]]
    emergencies: tuple[Emergency, ...] | None
    programme: str
    gatherings: tuple[Gathering, ...]

    def totals(self) -> dict[str, int]:
        """Over all duties: required, and how many of each status."""
        found = {status: sum(counts.get(status, 0) for counts in self.duties.values()) for status in STATUSES}
        return {"required": sum(found.values())} | found


def account_of(office: Office, desk: Desk, term: Term) -> Account:
    """Count the term as the desk's principal may see it."""
    calendar = office.calendar
    since, until = calendar.midnight(term.first), calendar.midnight(term.last + DAY)
    duties: dict[str, Counter[str]] = {}
    missed: dict[str, Counter[str]] = {}
    activities: dict[str, Counter[str]] = {}
    states: Counter[str] = Counter()
    emergencies: list[Emergency] = []
    desk.check("read_account")
    with office.store.read():
        record = desk.of_school()
        classes = [desk.of_school(class_) for class_ in office.classes()]
        for case in (record, *classes, *desk.cases(open_only=False)):
            if case.stage:
                states[case.state] += 1
            for o in case.obligations.values():
                if term.first <= o.opens <= term.last:
                    duties.setdefault(o.duty, Counter())[o.status] += 1
                    if o.status == "missed":
                        missed.setdefault(o.duty, Counter())[_window(o.window)] += 1
            for act in case.activity_log.values() if case.subject == "child" else ():
                if not act.voided and term.first <= act.on <= term.last:
                    activities.setdefault(act.kind, Counter())["reached" if act.reached else "not_reached"] += 1
            emergencies += [e for e in case.emergencies.values() if since <= e.raised_at < until]
        roll = office.store.roll(office.school)
        gatherings = [g for g in desk.gatherings(term.first, term.last) if not g.voided]
        programme = record.programmes.get(term.id)
    verdict = by_definition(office.file.policy.definition, roll, office.today)
    return Account(
        school=office.school,
        term=term.id,
        first=term.first,
        last=term.last,
        as_of=office.today,
        policy=office.file.policy,
        on_roll=sum(row.on_roll for row in roll.values()),
        named_by_definition=len(verdict.named),
        undecided=len(verdict.undecided),
        states={state: states[state] for state in STATES_IN_ORDER if states[state]},
        duties={duty: _by_status(duties[duty]) for duty in sorted(duties, key=duty_order)},
        missed={duty: dict(sorted(missed[duty].items())) for duty in sorted(missed, key=duty_order)},
        activities={
            kind: {word: activities[kind][word] for word in ("reached", "not_reached")} for kind in sorted(activities)
        },
        emergencies=_in_order(emergencies) if emergencies or desk.may("read_emergency") else None,
        programme=programme.state if programme else "",
        gatherings=tuple(gatherings),
    )


def _window(window: str) -> str:
    """The window for a reader: parts of a term and months by name, standing and triggered ones together."""
    part = window.rpartition(":")[2]
    return part if part in {"OPEN", "MID", "CLOSE", "TERM"} or part[:4].isdigit() else "standing or triggered"


def _by_status(counts: Counter[str]) -> dict[str, int]:
    return {status: counts[status] for status in STATUSES}


def _in_order(emergencies: list[Emergency]) -> tuple[Emergency, ...]:
    return tuple(sorted(emergencies, key=lambda e: (e.raised_at, e.id)))


def timeline(e: Emergency) -> list[Step]:
    """An emergency from report to review, in the order of time; whoever was told is named by their seat."""
    steps = [Step(e.raised_at, f"reported ({e.kind}, {'seen' if e.observed else 'concluded'})", e.raised_by)]
    for notice in e.notices:
        what = f"{notice.role} passed over: {notice.why}" if notice.why else f"{notice.role} told"
        steps.append(Step(notice.at, what, notice.person))
    moments = (
        (e.acknowledged_at, "acknowledged", e.acknowledged_by),
        (e.responding_at, "responding", e.responding_by),
        (e.safe_seen_at, "child seen safe", e.safe_seen_by),
        (e.stood_down_at, f"stood down ({e.stood_down_because})", e.stood_down_by),
        (e.reviewed_at, "reviewed", e.reviewed_by),
    )
    steps += [Step(at, what, who) for at, what, who in moments if at is not None]
    steps += [Step(call.at, f"{call.agency} called, reference {call.reference}", call.by) for call in e.outside]
    return sorted(steps, key=lambda step: step.at)


def first_rung_silent(e: Emergency) -> bool:
    """Somebody was told first and did not answer, so that the next was told."""
    told = [notice for notice in e.notices if notice.state == "raised" and not notice.why]
    return len({notice.rung for notice in told}) > 1
