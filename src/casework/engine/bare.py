"""A record without any sealed text: what is left of it after an erasure."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve as changed
from attrs import fields, has

from casework.model.case import Case
from casework.model.people import Contact, Sealed


def without_texts(case: Case) -> dict[str, Any]:
    """By the name of a field: what it holds without any sealed text; only fields that held some."""
    found = {part.name: (getattr(case, part.name), _bare(getattr(case, part.name))) for part in fields(Case)}
    bare = {name: after for name, (before, after) in found.items() if after is not before}
    return bare if case.identity is None else {**bare, "identity": None}


def _bare(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """The value without sealed text, the same one where it holds none."""
    if isinstance(value, tuple):
        items = tuple(map(_bare, value))
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    if isinstance(value, Mapping):
        held = {key: _bare(item) for key, item in value.items()}
        return value if all(held[key] is value[key] for key in value) else held
    kind: Any = type(value)
    if not has(kind) or isinstance(value, Sealed):
        return value
    nothing = "" if isinstance(value, Contact) else None
    old = {part.name: getattr(value, part.name) for part in fields(kind) if part.init}
    new = {name: nothing if isinstance(item, Sealed) else _bare(item) for name, item in old.items()}
    gone = {name: item for name, item in new.items() if item is not old[name]}
    return changed(value, **gone) if gone else value
