"""What was asked under an idempotency key, in one form for the same request: its commands as their callers gave them.

Only what was given counts. A field that holds its default is left out, so that a form sent again after midnight, whose
``on`` nobody gave, is the same request. Free text is sealed before, and stands as its reference.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from attrs import fields, has

from casework.model.commands import Command
from casework.model.people import Sealed


def asked(commands: Iterable[tuple[str, Command]]) -> str:
    """The request as text: each child and command, in order.

    >>> from casework.model.commands import Record
    >>> asked([("s-17", Record("visit", reached=True, minutes=40))])
    '[["s-17", {"Record": {"kind": "visit", "minutes": 40, "reached": true}}]]'
    """
    return json.dumps([[child, _plain(command)] for child, command in commands], sort_keys=True)


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can write
    """The value in plain JSON, told apart by its type."""
    write = next((write for kind, write in _KINDS if isinstance(value, kind)), None)
    if write is not None:
        return write(value)
    return {type(value).__name__: _given(value) if has(type(value)) else repr(value)}


def _given(value: Any) -> dict[str, object]:  # noqa: ANN401 - a value of ours
    """The fields that do not hold their default."""
    parts = [(part.name, part.default) for part in fields(type(value))]
    made = ((name, default.factory() if hasattr(default, "factory") else default) for name, default in parts)
    return {name: _plain(getattr(value, name)) for name, default in made if getattr(value, name) != default}


_KINDS: tuple[tuple[Any, Callable[[Any], object]], ...] = (
    (str | bool | int | None, lambda value: value),
    (Sealed, lambda value: {"sealed": value.ref}),
    (datetime, lambda value: {"at": (value.astimezone(UTC) if value.tzinfo else value).isoformat()}),
    (date, lambda value: {"on": value.isoformat()}),
    (tuple | list, lambda value: [_plain(item) for item in value]),
    (Mapping, lambda value: {"of": {str(name): _plain(item) for name, item in value.items()}}),
)
"""How the kinds of values in commands are written; an instant is a date to Python, so it comes first."""
