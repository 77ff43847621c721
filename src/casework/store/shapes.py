"""How the types of events are written in an entry's body, each from its annotation; part of the stored form.

See `casework.store.codec` for what stands around them. A change of any shape needs a new version there.
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin

from attrs import NOTHING, fields, frozen, has

from casework.errors import CommandRefused, Tampered
from casework.model.people import Sealed
from casework.model.reason import Reason
from casework.store.types import EPOCH, from_facts, to_facts, to_instant

REF = 16
"""The length of a reference to sealed text, in bytes."""

SHORT = 4
"""Text shorter than this is written out each time."""


class Writing:
    """What is known while one entry is written: its instant and actor, and the text that occurred."""

    __slots__ = ("actor", "at", "day", "seen")

    def __init__(self, at: datetime, actor: str) -> None:
        self.at = to_instant(at)
        self.day = _utc_day(at)
        self.actor = actor
        self.seen: dict[str, int] = {}


class Reading:
    """What is known while one entry is read."""

    __slots__ = ("actor", "at", "day", "seen")

    def __init__(self, at: datetime, actor: str) -> None:
        self.at = at
        self.day = _utc_day(at)
        self.actor = actor
        self.seen: list[str] = []


def _utc_day(at: datetime) -> int:
    return EPOCH.toordinal() + (at - EPOCH).days


@frozen
class Shape:
    """How a type is written and read; ``read`` raises for what was not written so."""

    write: Callable[[Writing, Any], Any]
    read: Callable[[Reading, Any], Any]


def _number(item: object) -> int:
    if type(item) is not int:
        raise Tampered("a number is missing")
    return item


def _write_text(writing: Writing, value: str) -> int | str:
    if value == writing.actor:
        return 0
    if len(value) >= SHORT:
        place = writing.seen.get(value)
        if place is not None:
            return place
        writing.seen[value] = len(writing.seen) + 1
    return value


def _read_text(reading: Reading, item: object) -> str:
    if isinstance(item, str):
        if len(item) >= SHORT:
            reading.seen.append(item)
        return item
    place = _number(item)
    if place < 0:
        raise Tampered("a text is missing")
    return reading.seen[place - 1] if place else reading.actor


def _read_bool(_: Reading, item: object) -> bool:
    if _number(item) not in {0, 1}:
        raise Tampered("neither yes nor no")
    return item == 1


def _read_instant(reading: Reading, item: object) -> datetime:
    return reading.at + timedelta(microseconds=_number(item))


def _write_ref(_: Writing, value: Sealed) -> str:
    return ref_text(value.ref)


def _read_ref(_: Reading, item: str) -> Sealed:
    ref = b64decode(f"{item}==", altchars=b"-_", validate=True)
    if len(ref) != REF:
        raise Tampered("a reference is not 16 bytes long")
    return Sealed(ref.hex())


def ref_text(ref: str) -> str:
    """A reference to sealed text as it stands in a body: 22 characters."""
    return urlsafe_b64encode(bytes.fromhex(ref)).decode().rstrip("=")


def _write_secret(writing: Writing, value: str | Sealed) -> str:
    if isinstance(value, Sealed):
        return _write_ref(writing, value)
    if value:
        raise CommandRefused("names, phones and addresses are stored sealed; give them to a desk, which seals them")
    return ""


def _read_secret(reading: Reading, item: str) -> str | Sealed:
    return _read_ref(reading, item) if item else ""


def _write_reason(_: Writing, value: Reason) -> list[Any]:
    return [value.code, to_facts(value.facts)] if value.facts else [value.code]


def _read_reason(_: Reading, item: list[Any]) -> Reason:
    return Reason(item[0], **from_facts(item[1] if item[1:] else {}))


def _write_details(_: Writing, value: Mapping[str, Any]) -> dict[str, Any]:
    for name, detail in value.items():
        if not isinstance(detail, str | int):
            raise CommandRefused(f"detail {name} is a {type(detail).__name__}; give a code, a number or yes or no")
    return dict(sorted(value.items()))


def _read_details(_: Reading, item: dict[str, Any]) -> dict[str, Any]:
    if any(not isinstance(detail, str | int) for detail in item.values()):
        raise Tampered("a detail is neither text, a number, yes nor no")
    return item


_PLAIN: Mapping[object, Shape] = {
    str: Shape(_write_text, _read_text),
    int: Shape(lambda _, value: value, lambda _, item: _number(item)),
    bool: Shape(lambda _, value: 1 if value else 0, _read_bool),
    date: Shape(
        lambda writing, value: value.toordinal() - writing.day,
        lambda reading, item: date.fromordinal(reading.day + _number(item)),
    ),
    datetime: Shape(lambda writing, value: to_instant(value) - writing.at, _read_instant),
    Sealed: Shape(_write_ref, _read_ref),
    Reason: Shape(_write_reason, _read_reason),
    str | Sealed: Shape(_write_secret, _read_secret),
    Mapping[str, str | int | bool]: Shape(_write_details, _read_details),
}


@cache
def shape_of(kind: Any) -> Shape:  # noqa: ANN401 - an annotation
    """How values of an annotation are written; TypeError for one that no event has had before."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if has(kind):
        return _value(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin is UnionType and len(args) == 2 and args[1] is type(None):  # noqa: PLR2004 - X | None
        return _maybe(shape_of(args[0]))
    if origin is tuple and args[1:] == (...,):
        return _several(shape_of(args[0]))
    if origin is Mapping and args[0] is str:
        return _named(shape_of(args[1]))
    raise TypeError(f"casework.store.shapes does not say how {kind} is written; add its shape")


def _maybe(inner: Shape) -> Shape:
    write, read = inner.write, inner.read
    return Shape(
        lambda writing, value: None if value is None else write(writing, value),
        lambda reading, item: None if item is None else read(reading, item),
    )


def _several(inner: Shape) -> Shape:
    one = inner.read

    def read(reading: Reading, item: object) -> tuple[Any, ...]:
        if not isinstance(item, list):
            raise Tampered("a list is missing")
        return tuple([one(reading, part) for part in item]) if item else ()

    return Shape(lambda writing, value: [inner.write(writing, part) for part in value], read)


def _named(inner: Shape) -> Shape:
    return Shape(
        lambda writing, value: {name: inner.write(writing, part) for name, part in sorted(value.items())},
        lambda reading, item: {name: inner.read(reading, part) for name, part in item.items()},
    )


def _value(cls: Any) -> Shape:  # noqa: ANN401 - a class made by attrs
    """A value: its fields in order, trailing ones that have their default left out."""
    parts = []
    for field in fields(cls):
        default = field.default
        if default is not NOTHING and hasattr(default, "factory"):
            default = default.factory()
        parts.append((field.name, shape_of(field.type), default))

    def write(writing: Writing, value: object) -> list[Any]:
        end = len(parts)
        while end and parts[end - 1][2] is not NOTHING and getattr(value, parts[end - 1][0]) == parts[end - 1][2]:
            end -= 1
        return [shape.write(writing, getattr(value, name)) for name, shape, _ in parts[:end]]

    reads, most = [shape.read for _, shape, _ in parts], len(parts)

    def read(reading: Reading, items: object) -> Any:  # noqa: ANN401 - a value of the class
        if not isinstance(items, list) or len(items) > most:
            raise Tampered("it has more fields than this release knows; upgrade before reading this history")
        return cls(*[one(reading, item) for one, item in zip(reads, items)])  # noqa: B905 - default ones are left out

    return Shape(write, read)
