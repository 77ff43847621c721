"""What the files say row by row, before the rows are put together; all four dialects are read into this."""

from datetime import date

from attrs import define, field, frozen

from casework.interchange._line import Ref
from casework.interchange._values import ACTIVE, Note, Org, Session

STUDENT = "student"
GUARDIANS = ("parent", "guardian", "relative")
TEACHERS = frozenset({"teacher", "professor", "lecturer", "instructor", "faculty"})


@frozen
class OrgFact:
    """An organisation and what it belongs to."""

    id: Ref
    org: Org
    parent: Ref


@frozen
class SessionFact:
    """A session and what it belongs to."""

    id: Ref
    session: Session
    parent: Ref


@frozen
class Person:
    """A row of users: pupil, staff or guardian, which the roles say."""

    id: Ref
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    grade: str = ""
    left_behind: str | None = None
    boarder: bool | None = None
    household: str = ""
    status: str = ACTIVE


@frozen
class RoleFact:
    """A role of a person at an organisation; ``grade`` where the format keeps it here."""

    user: Ref
    role: str
    orgs: tuple[Ref, ...]
    grade: str = ""
    status: str = ACTIVE


@frozen
class ClassFact:
    """A class; ``homeroom`` is what a pupil has one of."""

    id: Ref
    title: str
    grade: str
    school: Ref
    terms: tuple[Ref, ...] = ()
    homeroom: bool = False
    status: str = ACTIVE


@frozen
class Enrolment:
    """A person in a class, as pupil or teacher."""

    class_: Ref
    user: Ref
    role: str
    primary: bool = False
    begins: date | None = None
    school: Ref | None = None
    status: str = ACTIVE


@frozen
class Tie:
    """Two people who belong together; one of them is a pupil. ``relation`` is empty where the adult's role says it."""

    one: Ref
    other: Ref
    relation: str = ""


@frozen
class Birth:
    """Birth date and sex of a person."""

    user: Ref
    birth_date: date | None = field(repr=False)
    sex: str = field(repr=False)


@define
class Delivery:
    """Everything a delivery said. ``users_in``, ``roles_in`` and ``enrolments_in`` name the files to mend.

    ``roles_needed``: every person must have a role. ``unique`` are the other ids that may stand once in their file.
    ``tells_away``: the column exists that says who is left behind.
    """

    dialect: str
    mode: str
    users_in: str
    roles_in: str
    enrolments_in: str = "enrollments.csv"
    roles_needed: bool = True
    tells_away: bool = False
    orgs: list[OrgFact] = field(factory=list)
    sessions: list[SessionFact] = field(factory=list)
    people: list[Person] = field(factory=list)
    roles: list[RoleFact] = field(factory=list)
    classes: list[ClassFact] = field(factory=list)
    enrolments: list[Enrolment] = field(factory=list)
    ties: list[Tie] = field(factory=list)
    births: list[Birth] = field(factory=list)
    unique: list[Ref] = field(factory=list)
    notes: list[Note] = field(factory=list)

    def note(self, file: str, what: str, mend: str) -> None:
        """Say something that is no reason to refuse, once."""
        note = Note(file, what, mend)
        if note not in self.notes:
            self.notes.append(note)
