"""Who gives a command, and the school's folder opened for it.

Nothing heavy is loaded to read a command line: the engine and the store are loaded when a folder is opened.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from casework.cli.exits import WrongUsage
from casework.cli.options import LONGEST_ID, At, By
from casework.cli.people import doubtful
from casework.cli.printing import remark
from casework.errors import NotFound
from casework.model.people import Principal

if TYPE_CHECKING:
    from casework.cli.office import Office


@contextmanager
def opened(at: At, *, begins: bool = False) -> "Iterator[Office]":
    """Open the school of the folder; everything is closed at the end.

    Under a name of which nothing is stored beside other schools only a command opens it that ``begins`` a school, or
    that reports danger. Raises `WrongUsage`.
    """
    from casework.cli.office import office_in  # noqa: PLC0415 - a line that cannot be read is told without a database

    with office_in(at, begins=begins) as office:
        if isinstance(at, By) and at.as_ is not None and (wrong := doubtful(office, at.as_)):
            # A service of the host may act under an id of its own, and nothing may keep an emergency from being raised.
            remark(f"{wrong}; the command goes on, since --as is your own word")
        try:
            yield office
        except NotFound as error:
            # A case that was named by its public id is not found by that: the child's id is nobody's to learn.
            if (text := office.asked.get(str(error.key))) is None:
                raise
            raise NotFound(error.what, text) from None


def person_of(by: By) -> str:
    """Who gives the command. Raises `WrongUsage`, which says how to say it."""
    if by.as_ is None:
        raise WrongUsage("who are you? say it by --as PERSON, the id of a member of staff, as in --as t.li")
    if not 0 < len(by.as_) <= LONGEST_ID or not by.as_.isprintable():
        raise WrongUsage(f"--as takes an id of 1 to {LONGEST_ID} characters that can be seen")
    if by.as_ == Principal.system().id:
        raise WrongUsage("--as system is the engine's own name in sweeps; say which person acts")
    return by.as_
