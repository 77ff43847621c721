"""A person's list of the day, and what explains a case: read models made of values."""

from collections.abc import Iterable
from datetime import date

from attrs import field, frozen

from casework.engine.context import Context
from casework.engine.port import Owed, Whose
from casework.engine.programme import standing_of
from casework.engine.rights import HEADS
from casework.model.case import Case
from casework.model.decisions import Decision
from casework.model.obligation import Obligation
from casework.model.people import ROLES
from casework.policy.values import Policy
from casework.rules.declare import ON_SUBJECT
from casework.rules.now import Now
from casework.workflows import CASE_TABLE, EMERGENCY_TABLE, PROGRAMME_TABLE, NextStep


@frozen
class Line:
    """One line of a day's list: this child, this duty, until then.

    ``deadline`` is the due day, ``closes`` the last day on which it still counts; None where the calendar is not
    known so far. ``obligation`` is its key. Lines of one household stand together. ``child`` is empty for what is owed
    about the school, and ``@3-1`` for a class.
    """

    child: str
    duty: str
    title: str
    deadline: date | None
    closes: date | None
    overdue: bool
    household: str
    class_: str
    obligation: str


def lines(owed: Iterable[Owed], policy: Policy, today: date) -> list[Line]:
    """The list, most urgent household first, then by child and deadline."""
    found = []
    first: dict[str, date] = {}
    for item in owed:
        o = item.obligation
        duty, home, until = policy.duty(o.duty), item.household or item.child, o.due or date.max
        title, overdue = duty.title if duty else o.duty, o.overdue(today)
        first[home] = min(first.get(home, date.max), until)
        line = Line(item.child, o.duty, title, o.due, o.closes, overdue, item.household, item.class_, o.key)
        found.append((home, until, line))
    found.sort(key=lambda place: (first[place[0]], *place[:2], place[2].child, place[2].obligation))
    return [line for _, _, line in found]


def whose(person: str, context: Context) -> Whose:
    """What falls to a person at this instant, by the host's directory."""
    directory, school = context.settings.directory, context.settings.school
    holders = {
        role: directory.holders(role, school, context.at) for role in ROLES if role not in {"lead", "class_teacher"}
    }
    teachers = directory.class_teachers(school, context.at)
    return Whose(
        person,
        frozenset(role for role, people in holders.items() if person in people),
        frozenset(role for role, people in holders.items() if not people),
        frozenset(class_ for class_, teacher in teachers.items() if teacher == person),
        frozenset(teachers),
        next((person in people for role in HEADS if (people := holders.get(role))), False),
    )


def owed_of(case: Case, mine: Whose) -> list[Owed]:
    """Open obligations of one case that fall to a person."""
    return [
        Owed(case.child, case.class_, case.household, o)
        for o in case.obligations.values()
        if o.status == "open" and mine.owes(o.role, case.lead, case.class_, case.child)
    ]


@frozen
class Explained:
    """Why a case stands where it stands: steps, obligations, and what every rule says now.

    ``rules`` holds for each rule that looks at the case its decisions as text, or the type of the error it raised.
    """

    state: str
    stage: str
    steps: tuple[NextStep, ...]
    obligations: tuple[Obligation, ...]
    rules: tuple[tuple[str, tuple[str, ...]], ...]
    failures: tuple[tuple[str, str], ...] = field(default=())


def explain(case: Case, context: Context) -> Explained:
    """Run every rule that looks at the case, without any effect, and say what each of them says."""
    settings = context.settings
    shown = case.for_reading()
    said = []
    for rule in settings.rules:
        if rule.on == ON_SUBJECT[case.subject] and rule.matches(case):
            now = Now(
                context.at, settings.calendar, settings.policy.thresholds, lookback=rule.lookback, facts=context.facts
            )
            try:
                decisions: tuple[str, ...] = tuple(_say(decision) for decision in rule(shown, now))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - shown to whoever asked, as the quarantine shows it
                decisions = (f"raised {type(error).__name__}",)
            said.append((rule.key, decisions))
    return Explained(
        case.state,
        case.stage,
        _steps(case, context),
        tuple(sorted(case.obligations.values(), key=lambda o: (o.opens, o.key))),
        tuple(said),
        tuple(sorted(case.failures.items())),
    )


def _steps(case: Case, context: Context) -> tuple[NextStep, ...]:
    """The steps of a case; of the school's record those of the programme that runs, or was the last to."""
    if case.subject == "child":
        return CASE_TABLE.next_steps(case.stage, case)
    begun = [term for term in context.settings.calendar.terms if term.first <= context.today]
    held = case.programmes.get(begun[-1].id) if begun else None
    if held is None:
        return ()
    return PROGRAMME_TABLE.next_steps(held.state, standing_of(held.state, begun[-1], context.today))


def _say(decision: Decision) -> str:
    parts = [getattr(decision, name, "") for name in ("to", "kind", "code", "duty")]
    because = getattr(decision, "because", None)
    words = [type(decision).__name__, *(str(part) for part in parts if part), *([str(because)] if because else [])]
    return " ".join(words)


def emergency_steps(case: Case) -> dict[str, tuple[NextStep, ...]]:
    """By emergency, each step of its workflow, allowed or why not."""
    return {id_: EMERGENCY_TABLE.next_steps(found.state, found) for id_, found in sorted(case.emergencies.items())}
