"""Commands about children and staff who move; `casework.model.commands` takes them up."""

from datetime import date

from attrs import frozen


@frozen
class HandOver:
    """All of the child's care that stands in the name of ``person`` passes to ``to``, for the reason ``because``.

    ``interim``: until somebody is named for good.
    """

    person: str
    to: str
    because: str
    interim: bool = False
    on: date | None = None


MoveCommand = HandOver
