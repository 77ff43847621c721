"""The trace of a run: what was committed, read back from the store, in a form that is the same on every store.

No MAC, key id or commitment stands in it; every reference to sealed text is replaced by a constant, since it depends on
keys. Two runs with the same trace did the same.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

from attrs import fields, has

from casework.engine.port import Store
from casework.model.events import Entry
from casework.model.people import Sealed

SEALED = "sealed"


def trace_hash(store: Store, schools: Iterable[str]) -> str:
    """A hash of all committed entries of these schools, 32 hex digits; the order of ``schools`` does not matter."""
    digest = blake2b(digest_size=16)
    for school in sorted(set(schools)):
        for line in trace_lines(store, school):
            digest.update(line.encode())
            digest.update(b"\n")
    return digest.hexdigest()


def trace_lines(store: Store, school: str) -> Iterator[str]:
    """One line of canonical JSON for each entry of the school, by child, then number: who, when, causes, facts."""
    names: dict[type, tuple[str, ...]] = {}
    encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=lambda value: _plain(value, names)).encode
    with store.read():
        for child, entry in store.histories(school):
            yield encode([school, child, *entry_facts(entry)])


def entry_facts(entry: Entry) -> list[Any]:
    """Number, instant, actor and events of an entry; each event is its cause, its name and itself."""
    events = [[cause, type(event).__name__, event] for cause, event in entry.events]
    return [entry.seq, entry.at, entry.actor, events]


def _plain(value: Any, names: dict[type, tuple[str, ...]]) -> Any:  # noqa: ANN401 - any value of an event
    """A value that JSON has no word for."""
    kind = type(value)
    if kind is Sealed:
        return SEALED
    if kind not in names and has(kind):
        names[kind] = tuple(field.name for field in fields(kind))
    if kind in names:
        return {name: getattr(value, name) for name in names[kind]}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"an event holds a {kind.__name__}; entries hold plain values only")
