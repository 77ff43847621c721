"""What the engine does about open referrals: names a provider, tells of what is urgent, tells when a limit has run.

Level-triggered: what was told stands in the referral, and only what is missing is added. Where nobody can be told it is
tried again every day.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from casework.engine.context import Context
from casework.engine.evidence import implicated_by
from casework.engine.referral_limits import asked_about
from casework.engine.work import Work
from casework.model.calendar import DAY
from casework.model.case import Case
from casework.model.obligation import Obligation
from casework.model.referral import Referral
from casework.model.referral_events import ProviderNamed, ReferralTold

TOLD = ("safeguarding_lead", "vice_principal", "principal")
"""Who is told of what is urgent or late: the first of these seats that somebody holds whom it does not implicate."""

URGENT = "urgent"
UNASSIGNED = "unassigned"
"""What a referral is told as that no seat of the policy answers within a limit."""


def attend(work: Work) -> None:
    """Bring every open referral of the record to what should have been named and told by now."""
    for id_ in sorted(work.draft.get("referrals")):
        found = work.draft.get("referrals")[id_]
        if found.open:
            case = work.draft.case
            work.happen("time", _Attending(found, case, work.context).steps())


def look(work: Work) -> None:
    """When time alone can change that: a limit runs out, a seat changes hands."""
    context = work.context
    case = work.draft.case
    calendar, today = context.settings.calendar, context.today
    for found in case.referrals.values():
        if found.open:
            if _Attending(found, case, context).waits():
                work.look(calendar.midnight(today + DAY))
            for held in _limits(found, case):
                if held.due is not None and held.due >= today:
                    work.look(calendar.midnight(held.due + DAY))


def _limits(found: Referral, case: Case) -> Iterator[Obligation]:
    """The open obligations that the referral asks for."""
    for held in case.obligations.values():
        if held.status == "open" and held.trigger and asked_about(held.trigger) == found.id != held.trigger:
            yield held


class _Attending:
    """One open referral, looked at at one instant."""

    def __init__(self, found: Referral, case: Case, context: Context) -> None:
        self.found = found
        self.case = case
        self.context = context
        self.hidden = set(implicated_by(case, found.about, found.implicated))
        self.specialist = context.settings.policy.specialists.get(found.to)
        self.seats = context.seats(case)

    def steps(self) -> Iterator[ProviderNamed | ReferralTold]:
        """What is missing and can be done now."""
        found, at = self.found, self.context.at
        if self._unnamed() and self.specialist is not None and not self._free(self.specialist.role, at):
            why = "implicated" if self.seats(self.specialist.role, at) else "vacant"
            yield ProviderNamed(found.id, self.specialist.provider, why)
        for roles in self._untold():
            yield from self._tell(URGENT, roles, at)
        if self._unassigned():
            yield from self._tell(UNASSIGNED, TOLD, at)
        for about, due in self._late():
            days = ((self.context.today - due).days + 1) if due <= self.context.today else 0
            for moment in (self.context.settings.calendar.midnight(due + DAY * k) for k in range(days)):
                told = list(self._tell(about, TOLD, moment))
                if told:
                    yield from told
                    break

    def waits(self) -> bool:
        """Whether a seat that changes hands would change anything: nobody is named or told yet."""
        untold = self._unassigned() or any(True for _ in self._untold())
        return untold or self._unnamed() or any(True for _ in self._late())

    def _unnamed(self) -> bool:
        """A provider could be asked, and is not."""
        found, specialist = self.found, self.specialist
        return (
            found.state == "requested" and not found.provider and specialist is not None and bool(specialist.provider)
        )

    def _untold(self) -> Iterator[tuple[str, ...]]:
        """Of what is urgent: the seats of which nobody was told yet."""
        if not self.found.urgent:
            return
        roles = {notice.role for notice in self.found.notices if notice.about == URGENT}
        specialist = self.specialist
        if self.found.state == "requested" and specialist is not None and specialist.role not in {*roles, *TOLD}:
            yield (specialist.role,)
        if roles.isdisjoint(TOLD):
            yield TOLD

    def _unassigned(self) -> bool:
        """The policy names nobody who answers, or sets no limit: then no obligation waits, and nobody was told yet."""
        found, duties = self.found, self.context.settings.policy.duties
        if found.state != "requested" or found.urgent or any(notice.about == UNASSIGNED for notice in found.notices):
            return False
        return self.specialist is None or not any("referral" in w.on for duty in duties for w in duty.windows)

    def _late(self) -> Iterator[tuple[str, date]]:
        """The limits that have run and of which nobody was told: what was asked, and the first day of being late."""
        told = {notice.about for notice in self.found.notices}
        for held in _limits(self.found, self.case):
            about = held.trigger.rpartition(":")[2]
            if held.overdue(self.context.today) and about not in told and held.due is not None:
                yield about, held.due + DAY

    def _tell(self, about: str, roles: Sequence[str], at: datetime) -> Iterator[ReferralTold]:
        for role in roles:
            people = self._free(role, at)
            if people:
                for person in people:
                    yield ReferralTold(self.found.id, about, role, person, at)
                return

    def _free(self, role: str, at: datetime) -> list[str]:
        return [person for person in dict.fromkeys(self.seats(role, at)) if person not in self.hidden]
