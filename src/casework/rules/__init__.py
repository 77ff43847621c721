"""Rules: pure functions of a case and the present, that say what should hold now."""

from casework.rules.builtin import BUILTIN_RULES, EMERGENCY_RULES
from casework.rules.declare import NEEDS, Rule, check_rules, rule, rules_hash
from casework.rules.now import Now

__all__ = ["BUILTIN_RULES", "EMERGENCY_RULES", "NEEDS", "Now", "Rule", "check_rules", "rule", "rules_hash"]
