"""Who is meant by an id: members of staff, pupils, and ids that nobody has."""

from typing import TYPE_CHECKING

from rich.console import RenderableType

from casework.cli.render import warning

if TYPE_CHECKING:
    from casework.cli.office import Office


def note_stranger(office: "Office", person: str) -> list[RenderableType]:
    """A remark for somebody who is not on the staff: perhaps the id was mistyped."""
    return (
        []
        if office.knows(person)
        else [warning(f"note: {person} is not on the staff of {office.school}; is the id right?")]
    )
