"""People around a child: who acts, who cares, who helps, who holds a seat."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from attrs import field, frozen

from casework.errors import WrongType, WrongValue, check_kind
from casework.model.convert import words

ROLES = (
    "lead",
    "class_teacher",
    "subject_teacher",
    "youth_counsellor",
    "psychologist",
    "vice_principal",
    "principal",
    "office",
    "medical_staff",
    "safeguarding_lead",
    "leading_group",
    "outside",
)
"""Who can owe a duty or stand on a rung (domain.md, "Words"); ``lead`` is the lead helper of the pairing."""


def _roles(value: Iterable[str]) -> frozenset[str]:
    return frozenset(words(value))


@frozen
class Principal:
    """Who acts: an id the host vouches for, the roles the host says they hold, and the classes they teach.

    There is no default: every desk is opened in somebody's name. Other relations to a child follow from its record
    (lead, member, whom a referral or the ladder asked) and from the school's `Directory`; what comes of them says the
    access matrix. ``Principal.system()`` stands for the sweep.
    """

    id: str
    roles: frozenset[str] = field(default=frozenset(), converter=_roles)
    classes: frozenset[str] = field(default=frozenset(), converter=_roles, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_kind(self.id, str, "a principal", "the id that the host knows the person by")
        if not self.id or len(self.id) > 64:  # noqa: PLR2004 - column width
            msg = "a principal needs an id of 1 to 64 characters"
            raise WrongValue(msg)

    @classmethod
    def system(cls) -> "Principal":
        """The engine itself, in sweeps; it cannot open sealed text."""
        return cls("system")


@frozen
class Sealed:
    """A reference to sealed text; only ``desk.open(case, sealed, reason)`` shows what it says.

    ``ref`` is the keyed commitment to the text, 16 bytes as 32 hex digits.
    """

    ref: str


@frozen
class Contact:
    """A person outside the school: name and phone are sealed when a desk stores them.

    ``relation`` is a code such as grandmother, father, neighbour. ``person`` is the host's id, if it has one: it is
    what an implicated person is known by.
    """

    name: str | Sealed = field(repr=False)
    relation: str
    phone: str | Sealed = field(default="", repr=False)
    address: str | Sealed = field(default="", repr=False)
    person: str = ""
    verified_on: date | None = None
    dead: bool = False


def _contacts(value: Iterable[Contact]) -> tuple[Contact, ...]:
    if not isinstance(value, Iterable):
        msg = f"parents= takes a list of Contacts, not {type(value).__name__}"
        raise WrongType(msg)
    return tuple(value)


@frozen
class ContactCard:
    """The contact card of a child (D3): the carer, and each parent who left."""

    carer: Contact | None = None
    parents: tuple[Contact, ...] = field(default=(), converter=_contacts)

    def contacts(self) -> dict[str, Contact]:
        """The contacts by place: ``carer``, ``parent1``, ``parent2``."""
        found = {} if self.carer is None else {"carer": self.carer}
        return found | {f"parent{k}": parent for k, parent in enumerate(self.parents, 1)}


@frozen
class Pairing:
    """An interval in which a helping group looks after a child (D8): a lead and members.

    ``since`` and ``until`` are local dates, both inside; ``until`` None means now.
    """

    lead: str
    since: date
    members: tuple[str, ...] = field(default=(), converter=words)
    until: date | None = None
    because: str = ""


class Directory(Protocol):
    """The port through which the host says who holds a seat.

    Answers must depend on the arguments alone, and may change from one local day to the next, not within a day.
    """

    def holders(self, role: str, school: str, at: datetime) -> Sequence[str]:
        """Ids of the people who hold ``role`` and are present at ``at``; empty for a vacant seat."""
        ...

    def class_teachers(self, school: str, at: datetime) -> Mapping[str, str]:
        """The present class teacher's id by class."""
        ...

    def absent(self, person: str, school: str, at: datetime) -> bool:
        """Tell whether a member of staff is away at ``at``, so that the ladder passes them at once."""
        ...


@frozen
class StaticDirectory:
    """A directory from fixed tables: seats by role, class teachers by class, absences by person.

    An absent person (``away``: person to spans of first and last local day in the time zone ``tz``) holds no seat then.
    """

    seats: Mapping[str, Sequence[str]] = field(factory=dict)
    teachers: Mapping[str, str] = field(factory=dict)
    away: Mapping[str, Sequence[tuple[date, date]]] = field(factory=dict)
    tz: str = "UTC"

    def holders(self, role: str, school: str, at: datetime) -> Sequence[str]:
        """Present holders of ``role``."""
        return [person for person in self.seats.get(role, ()) if not self.absent(person, school, at)]

    def class_teachers(self, school: str, at: datetime) -> Mapping[str, str]:
        """Present class teachers by class."""
        return {c: person for c, person in self.teachers.items() if not self.absent(person, school, at)}

    def absent(self, person: str, school: str, at: datetime) -> bool:  # noqa: ARG002 - one school's tables
        """Tell whether ``away`` holds the local day of ``at``."""
        spans = self.away.get(person, ())
        if not spans:
            return False
        day = at.astimezone(ZoneInfo(self.tz)).date()
        return any(first <= day <= last for first, last in spans)
