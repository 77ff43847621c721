"""A child's history as lines of text with ids and codes only, for a failure that somebody has to understand."""

from typing import Any

from attrs import fields

from casework.engine.port import Store
from casework.model.people import Sealed

_LEFT_OUT = frozenset(("id", "details", "card", "entered_at", "entered_by"))


def timeline(store: Store, school: str, child: str) -> list[str]:
    """One line for each event of a child, oldest first: instant (UTC), actor, cause, event and its coded facts."""
    with store.read():
        entries = store.entries(school, child)
    return [
        f"{entry.at:%Y-%m-%d %H:%M} {entry.actor:<14} {cause:<24} {type(event).__name__} {_facts(event)}".rstrip()
        for entry in entries
        for cause, event in entry.events
    ]


def _facts(event: Any) -> str:  # noqa: ANN401 - any event
    """The facts that say something: no sealed text, nothing empty."""
    inner = getattr(event, "activity", None) or getattr(event, "concern", None) or event
    found = []
    for part in fields(type(inner)):
        value = getattr(inner, part.name)
        text = "+".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if part.name not in _LEFT_OUT and part.repr and text not in {"None", ""} and not isinstance(value, Sealed):
            found.append(f"{part.name}={text}")
    return " ".join(found)
