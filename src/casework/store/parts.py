"""What a table of a record is to the store."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from casework.model.case import Case

Row = tuple[Any, ...]


@frozen
class Part:
    """One table of a record: its values in order, how one becomes a row, how many columns of that are the key.

    ``fields`` of the case are where the values come from: while those are the same objects, so are the rows. ``bit`` is
    set in ``casework_cases.parts`` where the record has such rows, so that loading asks no empty table. ``sparse`` says
    that there may be none although a field holds something.
    """

    name: str
    bit: int
    key: int
    fields: tuple[str, ...]
    values: Callable[[Case], Sequence[Any]]
    row: Callable[[int, Any], Row]
    sparse: bool = False
