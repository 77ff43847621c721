"""Declaring a rule: ``@rule`` checks it when it is defined, so that a mistake fails at once."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any, overload

from attrs import field, frozen

from casework.errors import RuleRefused
from casework.model.case import STATES, Case
from casework.model.decisions import Decision
from casework.model.reason import CODE
from casework.rules.now import MAX_LOOKBACK, Now

NEEDS = ("roll_against_cases", "helper_load", "class_shares", "class_sizes")
"""Aggregates that a rule may declare: pupils against cases, open cases by lead, open cases by class, and by class its
pupils on the roll and open cases together.
"""

ON = ("case", "class", "programme")
ON_SUBJECT = {"child": "case", "class": "class", "school": "programme", "gathering": "gathering"}
"""By the subject of a record, the word that declares a rule on it; none is declared on a gathering."""

LOOKS = ("daily", "on_change")
MODES = ("enforce", "observe")
WORDS = ("key", "version", "on", "states", "looks", "needs", "mode", "lookback")
NO_CASE = "no_case"
OPEN_STATES = ("identified", "filed", "paired", "monitored", "escalated")

KNOWN = (*STATES, NO_CASE)

RuleFunction = Callable[[Case, Now], Iterable[Decision] | None]


@frozen
class Rule:
    """A rule as declared; call it with a case and a `Now` to see what it answers.

    ``states`` match a case's state and its stage; ``no_case`` is a child who has none. Rules on a class or the
    programme look whatever the state. ``looks="daily"`` wakes the case at every local midnight;
    ``"on_change"`` leaves it to the questions that the rule asks of `Now`, and to the ``Look`` it yields.
    """

    key: str
    function: RuleFunction = field(repr=False)
    version: int = 1
    on: str = "case"
    states: frozenset[str] = frozenset(OPEN_STATES)
    looks: str = "daily"
    needs: tuple[str, ...] = ()
    mode: str = "enforce"
    lookback: int = MAX_LOOKBACK

    def __call__(self, case: Case, now: Now) -> Iterable[Decision]:
        """What the rule decides for this case now; a rule that returns None decides nothing."""
        return self.function(case, now) or ()

    def matches(self, case: Case) -> bool:
        """Tell whether the rule looks at a record in this state."""
        return self.on != "case" or (case.stage or NO_CASE) in self.states or case.state in self.states


@overload
def rule(function: RuleFunction, /) -> Rule: ...
@overload
def rule(
    *,
    key: str = ...,
    version: int = ...,
    on: str = ...,
    states: Sequence[str] = ...,
    looks: str = ...,
    needs: Sequence[str] = ...,
    mode: str = ...,
    lookback: int = ...,
) -> Callable[[RuleFunction], Rule]: ...
def rule(function: RuleFunction | None = None, /, **declared: Any) -> Rule | Callable[[RuleFunction], Rule]:
    """Make a function of (case, now) a rule: ``@rule`` or ``@rule(states=…, looks=…, needs=…, …)``.

    ``key`` names the rule in history and defaults to the function's name: keep it when you rename the function.
    ``version`` belongs to the settings' hash: raise it when the rule's meaning changes. ``on`` is ``case``, ``class``
    or ``programme`` (the school's own record). ``mode="observe"`` shows what it would decide as a flag, and does
    nothing. ``lookback`` is how many days back it may ask for. Raises `RuleRefused`.
    """
    if function is not None:
        return _declare(function)
    unknown = sorted(set(declared) - set(WORDS))
    if unknown:
        msg = f"@rule has no word {', '.join(unknown)}; use {', '.join(WORDS)}"
        raise RuleRefused(msg)
    return lambda found: _declare(found, **declared)


def _declare(  # noqa: PLR0913 - one parameter for each word of the declaration
    function: RuleFunction,
    *,
    key: str = "",
    version: int = 1,
    on: str = "case",
    states: Sequence[str] = OPEN_STATES,
    looks: str = "daily",
    needs: Sequence[str] = (),
    mode: str = "enforce",
    lookback: int = MAX_LOOKBACK,
) -> Rule:
    name = key or getattr(function, "__name__", "")
    problems = _signature_problems(function)
    if not CODE.fullmatch(name):
        problems.append("its key has to be lower case with underscores, at most 48 characters")
    problems += _unknown("states", states, KNOWN) + _unknown("needs", needs, NEEDS)
    if not states:
        problems.append("states=[] is empty, so it would never look; leave it out for all open cases")
    for word, value, known in (("on", on, ON), ("looks", looks, LOOKS), ("mode", mode, MODES)):
        if value not in known:
            problems.append(f"{word}={value!r} is unknown; use {', '.join(known)}")
    if not isinstance(version, int):
        problems.append(f"version={version!r} is no whole number")
    if not isinstance(lookback, int) or not 1 <= lookback <= MAX_LOOKBACK:
        problems.append(f"lookback={lookback!r} is outside 1 to {MAX_LOOKBACK} days")
    if problems:
        msg = f"rule {name or function!r}: " + "; ".join(problems)
        raise RuleRefused(msg)
    return Rule(name, function, version, on, frozenset(states), looks, tuple(needs), mode, lookback)


def _unknown(word: str, values: Sequence[str], known: Sequence[str]) -> list[str]:
    """What of a list is not known."""
    if isinstance(values, str):
        return [f"{word}={values!r} is one word; give a list"]
    return [f"{word[:-1]} {value!r} is unknown; use {', '.join(known)}" for value in values if value not in known]


def _signature_problems(function: RuleFunction) -> list[str]:
    """Why this cannot be called with a case and the present."""
    if not callable(function) or inspect.isclass(function):
        return ["it is not a function of (case, now)"]
    problems = []
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        problems.append("a rule is a plain function; it may not wait")
    try:
        signature = inspect.signature(function)
    except ValueError:
        return [*problems, "its signature cannot be read; a rule is a function of (case, now)"]
    taken = [p for p in signature.parameters.values() if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    rest = [p for p in signature.parameters.values() if p not in taken and p.default is p.empty]
    if len([p for p in taken if p.default is p.empty]) != 2 or rest:  # noqa: PLR2004 - case and now
        problems.append(f"its signature is {signature}; a rule takes (case, now)")
    return problems


def check_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules in order of their keys. Raises `RuleRefused` for a key used twice or something that is no rule."""
    found: dict[str, Rule] = {}
    for item in rules:
        if not isinstance(item, Rule):
            msg = f"{item!r} is not a rule; put @rule above the function"
            raise RuleRefused(msg)
        if item.key in found:
            msg = f"two rules have the key {item.key}; give one of them another with @rule(key=…)"
            raise RuleRefused(msg)
        found[item.key] = item
    return tuple(found[key] for key in sorted(found))


def rules_hash(rules: Iterable[Rule]) -> str:
    """A hash over keys, versions and declarations of the rules, for the school's settings."""
    facts = sorted((r.key, r.version, r.on, sorted(r.states), r.looks, r.needs, r.mode, r.lookback) for r in rules)
    return blake2b(repr(facts).encode(), digest_size=16).hexdigest()
