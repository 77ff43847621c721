"""What a school that takes a child over is given, and how it stands in a package: strictly read, field by field.

A parcel is written as JSON objects whose names are those of the fields here. Reading refuses names that are unknown or
missing, values of another type, texts that are too long, and lists without end.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import UnionType
from typing import Any, get_args, get_origin

from attrs import field, fields, frozen, has

from casework.errors import CommandRefused
from casework.model.people import ContactCard

FORMAT = 1
MOST = 2_000_000
"""The most characters of a parcel."""
LONGEST = 100_000
"""The longest text in one: notes hold at most 20,000 characters, a referral's notes are one text."""
MOST_ITEMS = 5_000


@frozen
class ParcelConcern:
    """A concern, or an earlier emergency that implicates people; ``note`` is readable here."""

    id: str
    kind: str
    on: date
    by: str
    severity: str
    observed: bool
    implicated: tuple[str, ...]
    note: str = field(repr=False)


@frozen
class ParcelEmergency:
    """An emergency that is live at the sender."""

    id: str
    kind: str
    raised_at: datetime
    state: str
    observed: bool
    about: tuple[str, ...]
    implicated: tuple[str, ...]
    note: str = field(repr=False)


@frozen
class ParcelReferral:
    """A referral that is open at the sender; ``note`` holds all that was written in it."""

    id: str
    to: str
    on: date
    state: str
    because: str
    urgent: bool
    about: tuple[str, ...]
    implicated: tuple[str, ...]
    note: str = field(repr=False)


@frozen
class ParcelContact:
    """A contact of the card, readable."""

    place: str
    name: str = field(repr=False)
    relation: str
    phone: str = field(repr=False)
    address: str = field(repr=False)
    person: str
    verified_on: date | None
    dead: bool


@frozen
class Parcel:
    """All that travels of one child. ``history`` and ``restricted`` are texts to be read, oldest first.

    ``restricted`` holds what only the lead helper, the psychologist and the safeguarding lead should read; ``left_out``
    counts older lines for which there was no room.
    """

    format: int
    child: str
    away: str
    definition: str
    household: str
    boarder: bool
    key_child: bool
    contacts: tuple[ParcelContact, ...]
    concerns: tuple[ParcelConcern, ...]
    emergencies: tuple[ParcelEmergency, ...]
    referrals: tuple[ParcelReferral, ...]
    owed: tuple[str, ...]
    history: tuple[str, ...] = field(repr=False)
    restricted: tuple[str, ...] = field(repr=False)
    left_out: int

    def items(self) -> tuple[ParcelConcern | ParcelEmergency | ParcelReferral, ...]:
        """Everything that has an id, and may implicate people."""
        return (*self.concerns, *self.emergencies, *self.referrals)


def written(parcel: Parcel) -> str:
    """The parcel as text. Raises `CommandRefused` for one that is too large to be read again."""
    text = json.dumps(_plain(parcel), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text) > MOST:
        msg = f"the record is too large for a package ({len(text)} characters, at most {MOST}); tell casework's makers"
        raise CommandRefused(msg)
    return text


def read(text: str) -> Parcel:
    """The parcel that the text says. Raises `CommandRefused`, which names the field and shows nothing of it."""
    if len(text) > MOST:
        msg = f"a parcel has at most {MOST} characters; this one is refused unread"
        raise CommandRefused(msg)
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise CommandRefused("what is in the package is no parcel; ask the sender for another") from None
    parcel: Parcel = _reader(Parcel)(found, "parcel")
    if parcel.format != FORMAT:
        msg = f"the parcel is of format {parcel.format}, this release knows {FORMAT}; upgrade casework"
        raise CommandRefused(msg)
    return parcel


def card_of(parcel: Parcel, made: Callable[[ParcelContact], Any]) -> ContactCard | None:
    """The contact card of the parcel; ``made`` makes a contact of each."""
    if not parcel.contacts:
        return None
    carer = [made(c) for c in parcel.contacts if c.place == "carer"]
    return ContactCard(carer[0] if carer else None, [made(c) for c in parcel.contacts if c.place != "carer"])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _refused(name: str) -> None:
    raise ValueError(name)


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can write
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    kind: Any = type(value)
    return {f.name: _plain(getattr(value, f.name)) for f in fields(kind)} if has(kind) else value


Read = Callable[[Any, str], Any]


def _reader(kind: Any) -> Read:  # noqa: ANN401 - an annotation
    """How a value of an annotation is read."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if has(kind):
        return lambda found, place: _value(kind, found, place)
    inner = get_args(kind)
    if get_origin(kind) is UnionType:
        return lambda found, place: None if found is None else _reader(inner[0])(found, place)
    return lambda found, place: _several(inner[0], found, place)


def _value(kind: Any, found: Any, place: str) -> Any:  # noqa: ANN401 - a class of ours
    names = {f.name: f.type for f in fields(kind)}
    if not isinstance(found, dict) or set(found) != set(names):
        raise _wrong(place)
    return kind(**{name: _reader(type_)(found[name], f"{place}.{name}") for name, type_ in names.items()})


def _several(kind: Any, found: Any, place: str) -> tuple[Any, ...]:  # noqa: ANN401
    if not isinstance(found, list) or len(found) > MOST_ITEMS:
        raise _wrong(place)
    reader = _reader(kind)
    return tuple([reader(item, place) for item in found])


def _text(found: Any, place: str) -> str:  # noqa: ANN401
    if not isinstance(found, str) or len(found) > LONGEST:
        raise _wrong(place)
    return found


def _exactly(kind: type) -> Read:
    def read(found: Any, place: str) -> Any:  # noqa: ANN401
        if type(found) is not kind:
            raise _wrong(place)
        return found

    return read


def _day(found: Any, place: str) -> date:  # noqa: ANN401
    try:
        return date.fromisoformat(_text(found, place))
    except ValueError:
        raise _wrong(place) from None


def _instant(found: Any, place: str) -> datetime:  # noqa: ANN401
    try:
        at = datetime.fromisoformat(_text(found, place))
    except ValueError:
        raise _wrong(place) from None
    if at.tzinfo is None:
        raise _wrong(place)
    return at


def _wrong(place: str) -> CommandRefused:
    return CommandRefused(f"{place} of the package is not what it has to be; ask the sender for another")


_PLAIN: Mapping[Any, Read] = {
    str: _text,
    int: _exactly(int),
    bool: _exactly(bool),
    date: _day,
    datetime: _instant,
}
