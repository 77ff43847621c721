"""What the engine knows besides the record: the school's compiled settings and the world's answers at one instant."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from attrs import field, frozen

from casework.engine.plan import Plan
from casework.model.calendar import Calendar
from casework.model.case import Case
from casework.model.events import Applied
from casework.model.people import Directory
from casework.policy.values import Policy
from casework.rules.builtin import EMERGENCY_RULES
from casework.rules.declare import ON_SUBJECT, Rule
from casework.rules.now import NO_FACTS


@frozen
class Settings:
    """A school's settings, compiled: policy, calendar, rules, and the plan that lays one over the other.

    ``applied`` is what was applied of them, ``coming`` the terms that begin after it was: by first day, what is
    applied from then on.
    """

    school: str
    policy: Policy
    calendar: Calendar
    rules: tuple[Rule, ...]
    directory: Directory
    plan: Plan = field(repr=False)
    raise_errors: bool = False
    applied: Applied | None = None
    coming: tuple[tuple[date, Applied], ...] = ()
    asked: Mapping[str, tuple[Rule, ...]] = field(init=False, repr=False, eq=False)

    @asked.default
    def _by_subject(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules by the subject of the records that they look at, without those of emergencies, which come first."""
        others = [rule for rule in self.rules if rule not in EMERGENCY_RULES]
        return {subject: tuple(rule for rule in others if rule.on == on) for subject, on in ON_SUBJECT.items()}

    @property
    def keeps_classes(self) -> bool:
        """A rule looks at classes, or a duty is a class's: then every class with a case has a record."""
        return bool(self.plan.duties["class"]) or any(rule.on == "class" for rule in self.rules)


@frozen
class Context:
    """One look at one record: the settings, the instant, who acts; ``emergencies_only`` while settings have changed.

    ``taken`` are ids of the whole record where the principal may see only a part: none of them is given again.
    """

    settings: Settings
    at: datetime
    actor: str
    facts: Mapping[str, Mapping[str, int]] = NO_FACTS
    emergencies_only: bool = False
    cause: str = "time"
    taken: frozenset[str] = frozenset()
    today: date = field()

    @today.default
    def _local_day(self) -> date:
        return self.settings.calendar.local_date(self.at)

    def seats(self, case: Case) -> Callable[[str, datetime], Sequence[str]]:
        """Who holds a role for this child at an instant: the lead by the record, others by the host's directory."""
        school, directory, calendar = self.settings.school, self.settings.directory, self.settings.calendar

        def holders(role: str, at: datetime) -> Sequence[str]:
            if role == "lead":
                day = calendar.local_date(at)
                leads = [p.lead for p in case.pairings if p.since <= day and (p.until is None or day <= p.until)]
                return [lead for lead in leads[-1:] if not directory.absent(lead, school, at)]
            if role == "class_teacher":
                teacher = directory.class_teachers(school, at).get(case.class_, "")
                return [teacher] if teacher else []
            return directory.holders(role, school, at)

        return holders
