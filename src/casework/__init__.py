"""Cases of left-behind children in schools: duties, visits, emergencies and their account, inside your own transaction.

Everything public of the core stands here; stores are in `casework.store` (SQL) and `casework.testing` (memory),
rosters in `casework.interchange`, the semester model in `casework.simulate`. Importing this loads next to nothing:
a name is loaded with its module when it is first asked for, so that a program which only wants a few starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casework.clock import Clock, ManualClock, system_clock
    from casework.engine.casework import Casework, School, installed_rules
    from casework.engine.deliver import deliver
    from casework.engine.delivery import Delivered, Pace, Retries
    from casework.engine.desk import Desk
    from casework.engine.digest import Hours
    from casework.engine.lists import Line
    from casework.engine.outcome import Outcome
    from casework.engine.post import DeadLetter, Letter
    from casework.engine.sweep import Swept, sweep
    from casework.model.calendar import Calendar, Term
    from casework.model.case import Case, case_id
    from casework.model.commands import ConcernDraft, Record
    from casework.model.decisions import Escalate, Flag, Look, Move, Refer, Require
    from casework.model.move import Peer
    from casework.model.people import Contact, ContactCard, Directory, Principal, Sealed, StaticDirectory
    from casework.model.reason import Reason
    from casework.policy import Policy, load_policy
    from casework.rules import Now, Rule, rule

__version__ = "0.1.0"

__all__ = [
    "Calendar",
    "Case",
    "Casework",
    "Clock",
    "ConcernDraft",
    "Contact",
    "ContactCard",
    "DeadLetter",
    "Delivered",
    "Desk",
    "Directory",
    "Escalate",
    "Flag",
    "Hours",
    "Letter",
    "Line",
    "Look",
    "ManualClock",
    "Move",
    "Now",
    "Outcome",
    "Pace",
    "Peer",
    "Policy",
    "Principal",
    "Reason",
    "Record",
    "Refer",
    "Require",
    "Retries",
    "Rule",
    "School",
    "Sealed",
    "StaticDirectory",
    "Swept",
    "Term",
    "case_id",
    "deliver",
    "installed_rules",
    "load_policy",
    "rule",
    "sweep",
    "system_clock",
]

_ROOMS = ("clock", "engine", "errors", "log", "model", "policy", "rules", "workflows")
"""Modules that may be named after `import casework` alone, as in ``except casework.errors.NotFound``."""

_HOMES = {
    "Calendar": "casework.model.calendar",
    "Case": "casework.model.case",
    "Casework": "casework.engine.casework",
    "Clock": "casework.clock",
    "ConcernDraft": "casework.model.commands",
    "Contact": "casework.model.people",
    "ContactCard": "casework.model.people",
    "DeadLetter": "casework.engine.post",
    "Delivered": "casework.engine.delivery",
    "Desk": "casework.engine.desk",
    "Directory": "casework.model.people",
    "Escalate": "casework.model.decisions",
    "Flag": "casework.model.decisions",
    "Hours": "casework.engine.digest",
    "Letter": "casework.engine.post",
    "Line": "casework.engine.lists",
    "Look": "casework.model.decisions",
    "ManualClock": "casework.clock",
    "Move": "casework.model.decisions",
    "Now": "casework.rules",
    "Outcome": "casework.engine.outcome",
    "Pace": "casework.engine.delivery",
    "Peer": "casework.model.move",
    "Policy": "casework.policy",
    "Principal": "casework.model.people",
    "Reason": "casework.model.reason",
    "Record": "casework.model.commands",
    "Refer": "casework.model.decisions",
    "Require": "casework.model.decisions",
    "Retries": "casework.engine.delivery",
    "Rule": "casework.rules",
    "School": "casework.engine.casework",
    "Sealed": "casework.model.people",
    "StaticDirectory": "casework.model.people",
    "Swept": "casework.engine.sweep",
    "Term": "casework.model.calendar",
    "case_id": "casework.model.case",
    "deliver": "casework.engine.deliver",
    "installed_rules": "casework.engine.casework",
    "load_policy": "casework.policy",
    "rule": "casework.rules",
    "sweep": "casework.engine.sweep",
    "system_clock": "casework.clock",
}
"""Each public name to the module in which it lives; a test compares with ``__all__`` and the imports above."""


if not TYPE_CHECKING:  # a type checker knows the names from above, and still refuses one that is not there

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        elif name in _ROOMS:
            value = import_module(f"casework.{name}")
        else:
            raise AttributeError(f"module 'casework' has no attribute {name!r}", name=name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
