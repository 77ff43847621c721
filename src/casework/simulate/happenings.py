"""Scripted happenings: what happens besides chance, at a minute of the school's local time.

```
world = Script()
world.at("2026-10-20 21:40", Disclosure(child=17))
run = simulate(script=world)
```

The same in one line of text, as the command line takes it: ``2026-10-20 21:40 disclosure child=17``.
"""

import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from attrs import NOTHING, Attribute, field, fields, frozen

from casework.errors import CommandRefused


def _people(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]  # a name, or several


@frozen
class Disclosure:
    """A child tells somebody of something grave: an emergency is raised at once.

    ``child`` is an id, or the number of the child on the list of children (17 is the seventeenth). ``to`` is the person
    who hears it, by default the lead helper, else the class teacher. ``implicated`` are ids of people it names, or
    ``carer``.
    """

    child: int | str
    kind: str = "abuse_disclosed"
    to: str = ""
    implicated: tuple[str, ...] = field(default=(), converter=_people)


@frozen
class Sick:
    """A member of staff is away for so many whole days from that one on; ``person`` is an id, or a helper's number."""

    person: int | str
    days: int = 7


@frozen
class DeadPhone:
    """From then on a number no longer works; ``contact`` is ``carer`` or ``parents``. A new card mends it."""

    child: int | str
    contact: str = "carer"


@frozen
class SilentRung:
    """From then on whoever is told as holder of this role does not answer, for so many days."""

    role: str
    days: int = 365


Happening = Disclosure | Sick | DeadPhone | SilentRung

NAMES: dict[str, type[Happening]] = {
    "disclosure": Disclosure,
    "sick": Sick,
    "dead_phone": DeadPhone,
    "silent_rung": SilentRung,
}
"""What each happening is called in text."""


class Script:
    """A list of happenings, each at its local time; give it to `simulate`."""

    def __init__(self) -> None:
        self._items: list[tuple[str, Happening]] = []

    def at(self, when: str, happening: Happening) -> "Script":
        """Let something happen at ``when``, as ``2026-10-20 21:40`` of the school's local time; returns the script."""
        self._items.append((when, happening))
        return self

    def __iter__(self) -> Iterator[tuple[str, Happening]]:
        return iter(self._items)


def instant(when: str, zone: ZoneInfo) -> datetime:
    """The instant that a script names. Raises `CommandRefused` for a text that is no local time."""
    try:
        read = datetime.fromisoformat(when)
    except ValueError as error:
        raise CommandRefused(f"script time {when[:32]!r} is none; write it as 2026-10-20 21:40") from error
    return read if read.tzinfo else read.replace(tzinfo=zone)


def said(when: str, happening: Happening) -> str:
    """A happening as one line of text: its local time, its name, and what differs from the defaults."""
    cls = type(happening)
    name = next((name for name, known in NAMES.items() if known is cls), cls.__name__)
    words = [f"{when} {name}"]
    for part in fields(cls):
        value = getattr(happening, part.name)
        if value != part.default:
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            words.append(f"{part.name}={shlex.quote(text)}")
    return " ".join(words)


def read_happening(text: str) -> tuple[str, Happening]:
    """Read what `said` wrote. Raises `CommandRefused` for what is no happening, with how to write one."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise CommandRefused(f"script line {text[:80]!r} cannot be read: {error}") from error
    head = [word for word in words if "=" not in word]
    cls = NAMES.get(head[-1]) if head else None
    if cls is None or not 2 <= len(head) <= 3:  # noqa: PLR2004 - day, time, name; or both joined by a T
        known = ", ".join(NAMES)
        raise CommandRefused(
            f"script line {text[:80]!r} names no happening; write it as '2026-10-20 21:40 disclosure child=17', "
            f"with one of {known}"
        )
    given = dict(word.split("=", 1) for word in words if "=" in word)
    parts = {part.name: part for part in fields(cls)}
    missing = sorted(name for name, part in parts.items() if part.default is NOTHING and name not in given)
    unknown = sorted(given.keys() - parts.keys())
    if missing or unknown:
        raise CommandRefused(
            f"script line {text[:80]!r}: {head[-1]} takes {', '.join(parts)}"
            + (f"; it lacks {', '.join(missing)}" if missing else "")
            + (f"; it has no {', '.join(unknown)}" if unknown else "")
        )
    values: dict[str, Any] = {name: _value(parts[name], value) for name, value in given.items()}
    return " ".join(head[:-1]), cls(**values)


def _value(part: "Attribute[Any]", text: str) -> int | str | tuple[str, ...]:
    """A field's value: a number where one is meant, several ids where several are."""
    if isinstance(part.default, tuple):
        return tuple(text.split(","))
    if part.name in {"child", "person", "days"} and text.isascii() and text.isdigit():
        return int(text)
    if part.name == "days":
        raise CommandRefused(f"days={text[:32]!r} is no whole number of days")
    return text
