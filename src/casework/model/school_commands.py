"""Commands about what a school does as a whole: gatherings, examinations, letters, the mechanism, the programme.

Dates default to the local day of entry, as with the commands of `casework.model.commands`.
"""

from datetime import date

from attrs import field, frozen

from casework.model.convert import sorted_words, words
from casework.model.examination import Examination
from casework.model.people import Sealed

Text = str | Sealed | None


@frozen
class Gather:
    """Enter a collective event with its attendance. A child stands on one of the two lists, once.

    ``classes`` are those whose own gathering it was; without any, those of the children on the lists.
    """

    kind: str
    present: tuple[str, ...] = field(converter=sorted_words)
    absent: tuple[str, ...] = field(default=(), converter=sorted_words)
    classes: tuple[str, ...] = field(default=(), converter=sorted_words)
    on: date | None = None
    by: str = ""
    note: Text = field(default=None, repr=False)


@frozen
class CorrectGathering:
    """The gathering reads differently: only what is given changes. The original stays in the history."""

    because: str
    on: date | None = None
    kind: str | None = None
    by: str | None = None


@frozen
class CorrectAttendance:
    """Some children were there after all, were not, or stood on the list by mistake (``struck``)."""

    because: str
    present: tuple[str, ...] = field(default=(), converter=sorted_words)
    absent: tuple[str, ...] = field(default=(), converter=sorted_words)
    struck: tuple[str, ...] = field(default=(), converter=sorted_words)


@frozen
class VoidGathering:
    """Declare that the gathering never took place; ``because`` is a code."""

    because: str


@frozen
class Examine:
    """Enter what an examination found (D29), of any pupil, with or without a case."""

    examination: Examination
    on: date | None = None
    by: str = ""
    note: Text = field(default=None, repr=False)


@frozen
class Sign:
    """A party signed a version of the letter of responsibility (D24).

    ``party`` is guardian (of a child), class_teacher (of a class), teachers or school; ``people`` are the ids of who
    signed: of teachers all that did.
    """

    party: str
    version: str
    people: tuple[str, ...] = field(default=(), converter=words)
    on: date | None = None


@frozen
class AdoptMechanism:
    """The school adopted a version of its emergency mechanism (D23)."""

    version: str
    on: date | None = None


@frozen
class CallTree:
    """The contact tree was tested (D23): the people who were reached, and those whom nobody reached."""

    reached: tuple[str, ...] = field(converter=sorted_words)
    not_reached: tuple[str, ...] = field(default=(), converter=sorted_words)
    on: date | None = None


@frozen
class ReviewProgramme:
    """The term's programme was looked back on; the minute is sealed. Without a term it is the one that runs."""

    term: str = ""
    note: Text = field(default=None, repr=False)


@frozen
class SummariseProgramme:
    """The work summary of the term was adopted."""

    term: str = ""
    note: Text = field(default=None, repr=False)


@frozen
class ReopenProgramme:
    """A summarised programme is looked at again; ``because`` is a code."""

    because: str
    term: str = ""


SchoolCommand = (
    Gather
    | CorrectGathering
    | CorrectAttendance
    | VoidGathering
    | Examine
    | Sign
    | AdoptMechanism
    | CallTree
    | ReviewProgramme
    | SummariseProgramme
    | ReopenProgramme
)
