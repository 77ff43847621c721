"""What a verification finds."""

import struct
from uuid import UUID

from attrs import field, frozen

from casework.errors import CaseworkError
from casework.model.case import case_id
from casework.store.anchor import Anchor

BROKEN = (CaseworkError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, struct.error)
"""What reading bytes that casework did not write may raise."""


@frozen
class Finding:
    """Something that is not as casework wrote it.

    ``child`` is empty for the school's own record, ``case`` the public id, ``seq`` None where it is about no one entry.
    """

    school: str
    child: str
    case: UUID
    seq: int | None
    what: str

    def __str__(self) -> str:
        where = f"{self.child or 'the record of the school'} ({self.case})"
        return f"{self.school}: {where}{f', entry {self.seq}' if self.seq else ''}: {self.what}"


@frozen
class Report:
    """How much was looked at, and what was found; ``anchor`` is to be kept elsewhere, for the next time."""

    records: int
    entries: int
    findings: tuple[Finding, ...]
    anchor: Anchor = field(eq=False, repr=False)


def of_school(school: str, what: str) -> Finding:
    """Something about a school as a whole."""
    return Finding(school, "", case_id(school, ""), None, what)
