"""Who is told that a rule failed: the principal, or who stands in, and nobody whom the record implicates.

What those are told stands in `casework.engine.world_faults`.
"""

from datetime import datetime

from casework.engine.context import Context
from casework.engine.port import Outgoing
from casework.model.case import Case
from casework.model.events import RuleFailed
from casework.model.ids import short_id

SEATS = ("principal", "vice_principal", "safeguarding_lead")
"""Who is told, in this order: the first whom nothing in the record implicates."""

INSTEAD = "/instead"
"""Ends the key of a notice that goes to somebody else than the first."""

Fault = tuple[datetime, RuleFailed]


def fault_told(case: Case, fault: Fault, context: Context) -> Outgoing:
    """The notice of a rule that failed; to the principal's seat, with nobody named, where nobody may be told."""
    at, event = fault
    held = fault_seats(case, context)
    may = [(role, person) for role, person in held if not case.implicates(person)]
    role, person = may[0] if may else (SEATS[0], "")
    # Hashed, since the number of the entry would tell how many there are.
    key = f"{case.id}/{event.rule}/{event.error}/{short_id('fault', event.rule, event.error, at.isoformat())}"
    if held and may[:1] != held[:1]:
        key += INSTEAD
    facts = {"rule": event.rule, "error": event.error}
    return Outgoing(key, "rule_failed", role, person, case.child, at, facts)


def fault_seats(case: Case, context: Context) -> list[tuple[str, str]]:
    """Role and person of everybody who may be told, in order."""
    directory = context.settings.directory
    return [(role, person) for role in SEATS for person in directory.holders(role, case.school, context.at)]
