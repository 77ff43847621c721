"""Scripted happenings: what happens besides chance, at a minute of the school's local time.

```
world = Script()
world.at("2026-10-20 21:40", Disclosure(child=17))
run = simulate(script=world)
```
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import field, frozen

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
