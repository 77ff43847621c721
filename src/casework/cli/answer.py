"""What a command answers: values for machines, something to read for people, an exit code."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs
from attrs import field, frozen
from rich.console import RenderableType

from casework.cli.exits import DONE
from casework.model.people import Sealed


def _parts(value: Iterable[RenderableType]) -> tuple[RenderableType, ...]:
    return tuple(value)


@frozen
class Answer:
    """``data`` is printed as JSON, ``shown`` for people; ``text`` is printed as it stands (Markdown, a diagram).

    ``listed`` is printed as JSON in place of ``data`` where a command answers a list.
    """

    data: Mapping[str, object] = field(repr=False)
    shown: tuple[RenderableType, ...] = field(default=(), repr=False, converter=_parts)
    code: int = DONE
    text: str | None = field(default=None, repr=False)
    listed: Sequence[object] | None = field(default=None, repr=False)


def plain(value: object) -> object:
    """A value of ours as JSON knows it: fields by name, days and instants as ISO 8601, sealed text by reference."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Sealed):
        return {"sealed": value.ref}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        items = [plain(item) for item in value]
        return sorted(items, key=str) if isinstance(value, frozenset) else items
    return fields(value)


def fields(value: object) -> dict[str, object]:
    """The fields of one of our values by name, as JSON knows them; ``class_`` is called class."""
    kind: Any = type(value)
    names = [attribute.name for attribute in attrs.fields(kind)]
    return {name.rstrip("_"): plain(getattr(value, name)) for name in names}
