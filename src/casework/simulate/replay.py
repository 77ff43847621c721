"""What a command line needs to replay a simulated term: where its rules can be imported from, whose policy it is."""

import sys
from collections.abc import Iterable
from importlib import import_module

from casework.errors import RuleRefused
from casework.policy.load import load_policy, shipped_packs
from casework.policy.values import Policy
from casework.rules import Rule


def places(rules: Iterable[Rule]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where rules can be imported from, as ``package.module:name``; and those that stand nowhere, as text."""
    placed, loose = [], []
    for rule in rules:
        module, name = getattr(rule.function, "__module__", ""), getattr(rule.function, "__name__", "")
        if module != "__main__" and getattr(sys.modules.get(module), name, None) is rule:
            placed.append(f"{module}:{name}")
        else:
            loose.append(f"the rule {rule.key}")
    return tuple(placed), tuple(loose)


def find_rules(names: Iterable[str]) -> tuple[Rule, ...]:
    """Import rules from ``package.module:name``, where a name is a rule or a list of rules.

    Imports the module, so it runs its code: name only what you would run. Raises `RuleRefused`.
    """
    found: list[Rule] = []
    for place in names:
        module, _, name = place.partition(":")
        try:
            value = getattr(import_module(module), name)
        except Exception as error:  # a module that is imported may raise whatever it likes
            raise RuleRefused(
                f"no rule at {place[:80]!r} ({type(error).__name__}); write it as package.module:name, and run it "
                "where that package can be imported"
            ) from error
        rules = [value] if isinstance(value, Rule) else value
        if not isinstance(rules, list | tuple) or not all(isinstance(rule, Rule) for rule in rules):
            raise RuleRefused(f"{place[:80]!r} is no rule; let it name a @rule function or a list of them")
        found += rules
    return tuple(found)


def is_shipped(policy: Policy) -> bool:
    """Tell whether a policy is a pack of the library as it stands."""
    return policy.id in shipped_packs() and load_policy(policy.id).hash == policy.hash
