"""Who is meant by an id: a member of staff, a pupil, or nobody whom the school knows."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from casework.cli.exits import Unknown, WrongUsage
from casework.cli.near import did_you_mean
from casework.cli.printing import remark
from casework.errors import CaseworkError

if TYPE_CHECKING:
    from casework.cli.office import Office


def stranger(office: "Office", person: str) -> str:
    """What is wrong with an id that should be one of the staff; empty if nothing is, or while nobody is known."""
    if office.knows(person):
        return ""
    if office.has(person):
        return f"{person} is a pupil, not a member of staff"
    return f"nobody on the staff of {office.school} has the id {person}{did_you_mean(person, office.people)}"


def doubtful(office: "Office", person: str) -> str:
    """As `stranger`, where nothing may keep the command from being carried out: not even a roll that is damaged."""
    try:
        return stranger(office, person)
    except CaseworkError as error:
        return f"who {person} is could not be looked up ({error})"


def meant(office: "Office", child: str) -> tuple[str, str]:
    """The child's id, and what is doubtful about it; a roll that cannot be read keeps nobody from reporting danger."""
    try:
        id_ = office.child(child)
        return id_, "" if office.on_roll(id_) else f"{child} is not on the roll (is the id right?)"
    except WrongUsage:
        raise
    except CaseworkError as error:
        return child, f"the roll could not be read ({error}), so {child} was taken as it was typed"


def note_slips(office: "Office", people: Iterable[str]) -> None:
    """Remark ids that nobody has and that look like one of the staff's; parents and carers have ids of their own."""
    for person in people:
        if person and not office.knows(person) and (meant := did_you_mean(person, office.people)):
            remark(f"nobody on the staff has the id {person}{meant}")


def check_staff(office: "Office", people: Iterable[str]) -> None:
    """Refuse who is no member of staff, before anything is stored. Raises `Unknown`."""
    for person in people:
        if wrong := stranger(office, person):
            raise Unknown(f"{wrong}; give the id as the roster has it, or import a roster that names the person")
