"""The application's lifetime: schools with their policy, calendar, rules and directory."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from importlib.metadata import entry_points
from typing import TypeVar

from attrs import evolve, field, frozen

from casework import log
from casework.clock import Clock, system_clock
from casework.engine.context import Settings
from casework.engine.directory import Guarded
from casework.engine.plan import Plan
from casework.engine.port import Store
from casework.engine.worlds import Kept
from casework.errors import NotFound, RuleRefused, SchoolRefused, WrongType, WrongValue, check_kind, kind_of
from casework.model.calendar import Calendar
from casework.model.events import Applied
from casework.model.move import Peer
from casework.model.people import Directory, StaticDirectory
from casework.policy.access import Access, default_access
from casework.policy.values import Policy
from casework.rules import BUILTIN_RULES, Rule, check_rules, rules_hash

ENTRY_POINTS = "casework.rules"
RULE_ERRORS = ("quarantine", "raise")
MOST_KEPT = 10_000
"""How many schools are kept compiled at once."""

K = TypeVar("K")
V = TypeVar("V")


def _rules(value: Iterable[Rule]) -> tuple[Rule, ...]:
    if not isinstance(value, Iterable):
        msg = f"rules= takes a list of @rule functions, not {kind_of(value)}"
        raise WrongType(msg)
    return check_rules([*BUILTIN_RULES, *value])


def _peers(value: Iterable[Peer]) -> tuple[Peer, ...]:
    peers = tuple(value) if isinstance(value, Iterable) else (value,)
    for peer in peers:
        check_kind(peer, Peer, "peers=", "the other schools, as in [Peer('beihe', 'cw1-…')]")
    names = [peer.school for peer in peers]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        msg = f"two peers are called {', '.join(twice)}; a school has one transfer key at a time"
        raise WrongValue(msg)
    return peers


@frozen
class School:
    """One school: its name, what it asks for (policy), when (calendar), by which rules, and who holds which seat.

    ``rules`` are added to the built-in ones; `installed_rules` finds those that packages offer. ``directory`` is the
    port to the host's staff; without one no seat is known, and duties of vacant seats fall to the lead helper.
    ``access`` is the matrix of who may do what; by default the one that ships with casework. ``peers`` are the schools
    to which children may be transferred, and from which they may come: nobody at a desk adds one.
    """

    name: str
    policy: Policy
    calendar: Calendar
    rules: tuple[Rule, ...] = field(default=(), converter=_rules)
    directory: Directory = field(factory=StaticDirectory)
    access: Access = field(factory=default_access)
    peers: tuple[Peer, ...] = field(default=(), converter=_peers)

    def __attrs_post_init__(self) -> None:
        check_kind(self.name, str, "a school", "a name")
        if not self.name or len(self.name) > 64:  # noqa: PLR2004 - column width
            msg = "a school needs a name of 1 to 64 characters"
            raise WrongValue(msg)
        check_kind(self.policy, Policy, "policy=", "a Policy, as load_policy('town-primary') gives it")
        check_kind(self.calendar, Calendar, "calendar=", "a Calendar, as in Calendar([term], tz='Asia/Shanghai')")
        check_kind(self.access, Access, "access=", "an Access, as load_access('access.toml') gives it")
        asked = [getattr(self.directory, name, None) for name in ("holders", "class_teachers", "absent")]
        if isinstance(self.directory, type) or not all(map(callable, asked)):
            msg = "directory= takes an object with holders(), class_teachers() and absent(), such as a StaticDirectory"
            raise WrongType(msg)

    def peer(self, name: str) -> Peer | None:
        """The other school of that name; None where the host has registered none."""
        return next((peer for peer in self.peers if peer.school == name), None)

    def applied(self, on: date, before: Applied | None) -> Applied:
        """These settings as they would be applied on that day; duties new to the school start then."""
        known = {} if before is None else before.started
        first = date.min if before is None else on
        started = {id_: known.get(id_, first) for id_ in sorted(duty.id for duty in self.policy.duties)}
        return Applied(self.policy.hash, self.calendar.fingerprint(on), rules_hash(self.rules), on, started)

    def changed(self, applied: Applied) -> tuple[str, ...]:
        """Which of policy, calendar, rules differ from what was applied; terms to come are no change."""
        same = {
            "policy": applied.policy == self.policy.hash,
            "calendar": applied.calendar in {calendar for _, calendar in self._calendars(applied)},
            "rules": applied.rules == rules_hash(self.rules),
        }
        return tuple(name for name, is_same in same.items() if not is_same)

    def coming(self, applied: Applied) -> tuple[tuple[date, Applied], ...]:
        """The terms that were not known to have begun: by first day, what is applied from then on."""
        known = self._calendars(applied)
        place = next((n for n, (_, calendar) in enumerate(known) if calendar == applied.calendar), len(known))
        return tuple((first, evolve(applied, calendar=calendar)) for first, calendar in known[place + 1 :])

    def _calendars(self, applied: Applied) -> list[tuple[date, str]]:
        """The calendar's hash as it is on the day of applying, and as every later term begins."""
        days = [applied.on, *(term.first for term in self.calendar.terms if term.first > applied.on)]
        return [(day, self.calendar.fingerprint(day)) for day in days]


Resolver = Callable[[str], School | None]
"""From a school's name to the school, or None."""


class Casework:
    """The engine as an application holds it: made once, shared by all desks, kept as long as the application lives.

    The schools are given one by one, or ``schools`` is asked for one by name: a callable that returns a `School`, or
    None for a name that is no school's. It is asked at every use, inside transactions, so let it answer from memory;
    the same `School` again costs nothing, and schools with equal policy and calendar share what is compiled. While it
    raises, the school it answered before is used, so that no report of danger is lost.

    ``clock`` is the only source of time. ``on_rule_error="raise"`` lets a rule's error through, for tests; by default
    the rule is quarantined for that record and a person is told.
    """

    def __init__(
        self,
        *known: School,
        schools: Resolver | None = None,
        clock: Clock = system_clock,
        on_rule_error: str = "quarantine",
    ) -> None:
        if on_rule_error not in RULE_ERRORS:
            msg = f"on_rule_error={on_rule_error!r}; use one of {', '.join(RULE_ERRORS)}"
            raise WrongValue(msg)
        for school in known:
            check_kind(school, School, "Casework()", "schools one by one, as in Casework(School(…), School(…))")
        if not callable(clock):
            msg = f"clock= takes a callable, such as system_clock or a ManualClock, not {kind_of(clock)}"
            raise WrongType(msg)
        names = [school.name for school in known]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            msg = f"two schools are called {', '.join(twice)}; give each a name of its own"
            raise WrongValue(msg)
        if schools is not None and not callable(schools):
            msg = f"schools= takes a function from a school's name to a School or None, not {kind_of(schools)}"
            raise WrongType(msg)
        self.schools: Mapping[str, School] = {school.name: school for school in known}
        self._resolver = schools
        self._answered: dict[str, School] = {}
        self.clock = clock
        self.raises = on_rule_error == "raise"
        self.worlds: Kept = {}
        self._compiled: dict[tuple[object, ...], tuple[School, Settings, tuple[str, ...]]] = {}
        self._plans: dict[tuple[object, ...], Plan] = {}

    def find(self, name: str) -> School | None:
        """The school of that name; None when there is none."""
        check_kind(name, str, "school=", "a school's name")
        school = self.schools.get(name)
        if school is not None or self._resolver is None:
            return school
        try:
            school = self._resolver(name)
        except Exception as error:
            school = self._answered.get(name)
            if school is None or self.raises:
                raise
            log.warning("resolver_failed", school=name, error=type(error).__name__)
            return school
        if school is None:
            return None
        if not isinstance(school, School) or school.name != name:
            answer = f"the school {school.name}" if isinstance(school, School) else kind_of(school)
            raise SchoolRefused(
                f"asked for school {name}, schools= answered {answer}; let it return School({name!r}, …)"
            )
        _keep(self._answered, name, school)
        return school

    def school(self, name: str) -> School:
        """The school of that name. Raises `NotFound`."""
        school = self.find(name)
        if school is None:
            raise NotFound("school", name)
        return school

    def settings(self, name: str, applied: Applied) -> tuple[Settings, tuple[str, ...]]:
        """The school's settings, compiled once, and which of them differ from what was applied."""
        school = self.school(name)
        key = (name, applied.policy, applied.calendar, applied.rules, applied.on, *applied.started.items())
        found = self._compiled.get(key)
        if found is None or found[0] is not school:
            compiled = Settings(
                name,
                school.policy,
                school.calendar,
                school.rules,
                Guarded(school.directory, self.raises),
                self._plan(school, applied),
                self.raises,
                applied,
                school.coming(applied),
            )
            found = school, compiled, school.changed(applied)
            _keep(self._compiled, key, found)
        return found[1], found[2]

    def _plan(self, school: School, applied: Applied) -> Plan:
        """The plan of a policy over a calendar: one for all schools that have the same."""
        policy, calendar = school.policy, school.calendar
        key = (policy.hash, policy.packs, calendar.fingerprint(date.max), *applied.started.items())
        plan = self._plans.get(key)
        if plan is None:
            plan = Plan(policy, calendar, dict(applied.started))
            _keep(self._plans, key, plan)
        return plan


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """Keep a value; the oldest make room, so that an application with many schools does not grow for ever."""
    kept.pop(key, None)
    while len(kept) >= MOST_KEPT:
        kept.pop(next(iter(kept)), None)
    kept[key] = value


def check_pair(casework: Casework, store: Store) -> None:
    """Raise `WrongType` unless it is an engine and a store, in this order."""
    check_kind(casework, Casework, "the first argument", "a Casework")
    if isinstance(store, type) or not callable(getattr(store, "transact", None)):
        takes = "a store, as SqlStore(engine, keyring) or MemoryStore() make one"
        msg = f"the second argument takes {takes}, not {kind_of(store)}"
        raise WrongType(msg)


def installed_rules() -> tuple[Rule, ...]:
    """Rules that installed packages offer under the entry point ``casework.rules``: a rule, or several in a list.

    Nothing is loaded unless this is called. Raises `RuleRefused`, naming the entry point, for what is no rule.
    """
    found: list[Rule] = []
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            value = entry.load()
        except Exception as error:
            msg = (
                f"entry point {entry.name} = {entry.value} cannot be loaded: {type(error).__name__}; "
                "mend or remove the package that offers it"
            )
            raise RuleRefused(msg) from error
        rules = [value] if isinstance(value, Rule) else value
        if not isinstance(rules, list | tuple) or not all(isinstance(rule, Rule) for rule in rules):
            msg = f"entry point {entry.name} = {entry.value} is no rule; let it name a @rule function or a list of them"
            raise RuleRefused(msg)
        found += rules
    return check_rules(found)
