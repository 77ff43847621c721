"""What a roster says, whatever file format it came in."""

from datetime import date

from attrs import field, frozen

ACTIVE = "active"
LEAVES = "tobedeleted"


@frozen
class Guardian:
    """An adult tied to a pupil.

    ``relation`` is what the roster says: parent, guardian, relative, or another term of its format. It does not say
    that the child lives there.
    """

    id: str
    relation: str
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@frozen
class Pupil:
    """One pupil of a roster.

    ``left_behind`` is None when the roster does not say it, else ``none``, ``one`` or ``both`` (parents away); so is
    ``boarder``. ``class_`` is empty for a pupil in no class or in several of which none is a homeroom; in a delta it is
    always empty, classes change by `Amendment`. ``status`` is ``active`` or ``tobedeleted`` (the pupil leaves).
    """

    id: str
    class_: str = ""
    grade: str = ""
    school: str = ""
    left_behind: str | None = None
    boarder: bool | None = None
    household: str = ""
    birth_date: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    status: str = ACTIVE
    guardians: tuple[Guardian, ...] = ()


@frozen
class StaffMember:
    """A member of staff: roles in lower case with underscores (``teacher``, ``vice_principal``).

    ``classes`` are those whose class teacher the person is.
    """

    id: str
    roles: tuple[str, ...] = ()
    name: str = field(default="", repr=False)
    classes: tuple[str, ...] = ()
    status: str = ACTIVE


@frozen
class SchoolClass:
    """A class or teaching group. ``teacher`` is the primary teacher, else the only one, else empty (unknown)."""

    id: str
    title: str = ""
    grade: str = ""
    school: str = ""
    teacher: str = ""
    subject_teachers: tuple[str, ...] = ()


@frozen
class Session:
    """A term, semester or school year.

    ``first`` and ``last`` are the local dates as the file has them. OneRoster calls its ``endDate`` exclusive, nearly
    all exporters write the last day of school there: it is kept as written, so that no window loses its last day.
    """

    id: str
    title: str
    type: str
    first: date
    last: date
    parent: str = ""
    school_year: str = ""


@frozen
class Org:
    """A school, department, district or other organisation."""

    id: str
    name: str
    type: str


@frozen
class Amendment:
    """What a delta says of a pupil beside the pupil's own row: into a class, out of one, birth date, sex.

    ``joins`` and ``ends`` are class ids, empty when not said; ``homeroom`` says that the delta calls the class joined a
    homeroom, which a teaching group is not. ``file`` and ``row`` are where it stands.
    """

    pupil: str
    file: str
    row: int
    joins: str = ""
    homeroom: bool = False
    ends: str = ""
    birth_date: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)


@frozen
class Note:
    """Something that was read, and that a person should know: what, and what to do about it."""

    file: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}; {self.mend}"


@frozen
class Roster:
    """A whole roster, checked; pupils, staff, classes, sessions and orgs are sorted by id.

    ``dialect`` is ``oneroster-1.1``, ``oneroster-1.2``, ``sds-2.1`` or ``sds-1``; ``mode`` is ``bulk`` (everybody who
    is not in it has left) or ``delta`` (only what is in it changes).
    """

    dialect: str
    mode: str
    orgs: tuple[Org, ...] = ()
    pupils: tuple[Pupil, ...] = ()
    staff: tuple[StaffMember, ...] = ()
    classes: tuple[SchoolClass, ...] = ()
    sessions: tuple[Session, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    notes: tuple[Note, ...] = ()
