"""What is read alike from the user rows of every dialect."""

import re
import unicodedata

from casework.interchange._facts import Delivery, Person
from casework.interchange._line import Line, Ref
from casework.interchange._sheets import OURS, Table
from casework.interchange._values import ACTIVE, LEAVES
from casework.model.roll import AWAY

PHONE_LENGTH = 40
GRADE_LENGTH = 32

_LEFT_BEHIND, _BOARDER, _HOUSEHOLD = OURS


def full_name(given: str, middle: str, family: str) -> str:
    """The name as its language orders it: 王小明 family first and unspaced, Ora C. Klein given first."""
    if any(unicodedata.name(c, "").startswith(("CJK", "HANGUL")) for c in family):
        return family + given
    return " ".join(part for part in (given, middle, family) if part)


def role_name(term: str) -> str:
    """``siteAdministrator`` and ``ext:vicePrincipal`` as ``site_administrator`` and ``vice_principal``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", term.removeprefix("ext:"))
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def one_grade(line: Line, column: str, delivery: Delivery) -> str:
    """The grade, where there is one; several are noted and left out."""
    grades = [part.strip() for part in line.text(column, GRADE_LENGTH).split(",") if part.strip()]
    if len(grades) > 1:
        delivery.note(line.file, "some rows have several grades, which were left empty", "give a pupil one grade")
        return ""
    return grades[0] if grades else ""


def person(line: Line, id_: Ref, name: str, phone: str, grade: str, *, status: str = ACTIVE) -> Person:
    """A user row with the columns of our own."""
    away = line.term(_LEFT_BEHIND, AWAY, needed=False)
    return Person(
        id=id_,
        name=name,
        phone=phone,
        grade=grade,
        left_behind=away or None,
        boarder=line.flag(_BOARDER),
        household=line.id(_HOUSEHOLD, needed=False),
        status=status,
    )


def note_own_columns(delivery: Delivery, file: str, table: Table) -> None:
    """Say so when a roster cannot tell who is left behind."""
    delivery.tells_away = _LEFT_BEHIND in table.headings
    if not delivery.tells_away:
        delivery.note(
            file,
            f"{_LEFT_BEHIND} is absent: nobody is marked left behind",
            f"add the column ({', '.join(AWAY)}: parents away) or use `casework identify`",
        )


def leaves(status: str) -> bool:
    """Whether a row of a delta takes something away."""
    return status == LEAVES
