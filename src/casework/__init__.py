"""Cases of left-behind children in schools: duties, visits, emergencies and their account, inside your own transaction.

Everything public of the core stands here; stores are in `casework.store` (SQL) and `casework.testing` (memory),
rosters in `casework.interchange`, the semester model in `casework.simulate`. Importing this loads no database library.
"""

from casework.clock import Clock, ManualClock, system_clock
from casework.engine.casework import Casework, School, installed_rules
from casework.engine.desk import Desk
from casework.engine.lists import Line
from casework.engine.outcome import Outcome
from casework.engine.sweep import Swept, sweep
from casework.model.calendar import Calendar, Term
from casework.model.case import Case, case_id
from casework.model.commands import ConcernDraft, Record
from casework.model.decisions import Escalate, Flag, Look, Move, Refer, Require
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
    "Desk",
    "Directory",
    "Escalate",
    "Flag",
    "Line",
    "Look",
    "ManualClock",
    "Move",
    "Now",
    "Outcome",
    "Policy",
    "Principal",
    "Reason",
    "Record",
    "Refer",
    "Require",
    "Rule",
    "School",
    "Sealed",
    "StaticDirectory",
    "Swept",
    "Term",
    "case_id",
    "installed_rules",
    "load_policy",
    "rule",
    "sweep",
    "system_clock",
]
