"""Tables of a pack, read key by key: every mistake is noted with its place, and reading goes on to find the others."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

from attrs import define, field

from casework.errors import PolicyRefused, Problem
from casework.policy.text import Key
from casework.policy.values import Length

MOST_LISTED = 100
MOST_ELEMENTS = 50
_LENGTH = re.compile(r"([0-9]{1,6}) (td|days?)")
_MINUTES = re.compile(r"([0-9]{1,6}) (min|h|days?)")
_MINUTES_IN = {"min": 1, "h": 60, "day": 24 * 60, "days": 24 * 60}

V = TypeVar("V")


def shown(value: object) -> str:
    """A value as it may stand in a message: short, in one line, with what cannot be seen made visible."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ascii(value) if isinstance(value, str | int | float) else kind_of(value)
    return text if len(text) <= 40 else f"{text[:36]}…"  # noqa: PLR2004 - a message stays readable


def kind_of(value: object) -> str:
    """The TOML word for the type of ``value``."""
    names = {bool: "a boolean", str: "a text", int: "a number", float: "a decimal", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


def likely(name: str, known: Iterable[str]) -> str:
    """The mend for a name that is not known: the nearest one, or all of them."""
    names = sorted(known)
    near = get_close_matches(name[:40], names, n=1, cutoff=0.7)
    return f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(names)}"


def worded(name: str) -> str:
    """The name of a key as it may stand in a message."""
    return name if name.isprintable() and len(name) <= 40 else shown(name)  # noqa: PLR2004 - as in shown


@define
class Problems:
    """What is wrong in one pack; ``names`` gives parts of a path the name a reader knows them by.

    From `MOST_LISTED` on problems are only counted, so that a hostile file costs no more than a long one.
    """

    origin: str
    lines: Mapping[Key, int]
    names: dict[Key, str] = field(factory=dict)
    found: list[tuple[int, Problem]] = field(factory=list)
    more: int = 0

    def place(self, path: Key) -> str:
        """Where ``path`` stands: file, line and key; elements of lists are counted from 1."""
        line = self.line(path)
        start = next((k for k in range(len(path), 0, -1) if path[:k] in self.names), 0)
        text = self.names.get(path[:start], "")
        for part in path[start:]:
            text += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if text else ''}{worded(part)}"
        return f"{self.origin}{f':{line}' if line else ''}{f' {text}' if text else ''}"

    def line(self, path: Key) -> int:
        """The line of ``path``, or of the nearest table around it; 0 when that is the file."""
        return next((self.lines[path[:k]] for k in range(len(path), 0, -1) if path[:k] in self.lines), 0)

    def add(self, path: Key, what: str, mend: str) -> None:
        """Note that ``what`` is wrong at ``path``."""
        if len(self.found) < MOST_LISTED:
            self.found.append((self.line(path), Problem(self.place(path), what, mend)))
        else:
            self.more += 1

    def likely(self, name: str, known: Iterable[str]) -> str:
        """The mend for an unknown name; not looked for when nobody will read it."""
        return likely(name, known) if len(self.found) < MOST_LISTED else ""

    def stop_if_any(self) -> None:
        """Raise `PolicyRefused` with what was found, in the order of the file."""
        if self.found:
            problems = [problem for _, problem in sorted(self.found, key=lambda pair: pair[0])]
            if self.more:
                problems.append(Problem(self.origin, f"{self.more} more problems", "mend those above first"))
            raise PolicyRefused(problems)


@define
class Table:
    """A table being read: each method takes one key, notes what is wrong and then answers with an empty value."""

    values: Mapping[str, object]
    path: Key
    problems: Problems
    asked: set[str] = field(factory=set)

    def has(self, name: str) -> bool:
        """Tell whether the table has the key ``name``."""
        return name in self.values

    def wrong(self, name: str | Key, what: str, mend: str) -> None:
        """Note a problem at a key of this table, or at a path below it."""
        self.problems.add((*self.path, *((name,) if isinstance(name, str) else name)), what, mend)

    def _take(self, name: str, type_: type[V], *, needed: bool) -> V | None:
        self.asked.add(name)
        if name not in self.values:
            if needed:
                self.problems.add(self.path, f"'{name}' is missing", f"add {name} = …")
            return None
        value = self.values[name]
        if type(value) is not type_:
            self.wrong(name, f"{shown(value)} is not {kind_of(type_())}", f"write {name} as {kind_of(type_())}")
            return None
        return value

    def text(self, name: str, pattern: str, like: str, default: str | None = None) -> str:
        """A text that matches ``pattern``; ``like`` describes such a text."""
        value = self._take(name, str, needed=default is None)
        if value is None:
            return default or ""
        if not re.fullmatch(pattern, value):
            self.wrong(name, f"{shown(value)} cannot stand here", f"give {like}")
            return ""
        return value

    def one_of(self, name: str, known: Sequence[str], default: str | None = None) -> str:
        """One of the ``known`` words."""
        value = self._take(name, str, needed=default is None)
        if value is None:
            return default or ""
        if value not in known:
            self.wrong(name, f"{shown(value)} is unknown", self.problems.likely(value, known))
            return ""
        return value

    def flag(self, name: str) -> bool:
        """True or false; false when it is not said."""
        return bool(self._take(name, bool, needed=False))

    def whole(self, name: str, low: int, high: int, *, needed: bool = True) -> int | None:
        """A whole number from ``low`` to ``high``."""
        value = self._take(name, int, needed=needed)
        if value is not None and not low <= value <= high:
            self.wrong(name, f"{shown(value)} is out of range", f"give a number from {low} to {high}")
            return None
        return value

    def listed(self, name: str, check: Callable[[str], str], *, needed: bool = True) -> tuple[str, ...]:
        """A list of different texts; ``check`` answers with the mend of a wrong one, or with an empty text."""
        found: list[str] = []
        values = self._take(name, list, needed=needed)
        if values == [] and needed:
            self.wrong(name, "the list is empty", f"name at least one in {name}")
        if len(values or []) > MOST_ELEMENTS:
            self.wrong(name, "the list is too long", f"keep to {MOST_ELEMENTS} elements")
        for k, value in enumerate((values or [])[:MOST_ELEMENTS]):
            if type(value) is not str:
                self.wrong((name, k), f"{shown(value)} is not a text", "write it in quotes")
            elif mend := check(value):
                self.wrong((name, k), f"{shown(value)} cannot stand here", mend)
            elif value in found:
                self.wrong((name, k), f"{shown(value)} stands twice", "take one out")
            else:
                found.append(value)
        return tuple(found)

    def table(self, name: str) -> "Table | None":
        """A table below this one, or None when there is none."""
        value = self._take(name, dict, needed=False)
        return None if value is None else Table(value, (*self.path, name), self.problems)

    def tables(self, name: str, most: int, *, needed: bool) -> "list[Table]":
        """A list of tables below this one, at most so many."""
        values = self._take(name, list, needed=needed) or []
        if len(values) > most:
            self.wrong(name, f"there are {len(values)} of them", f"keep to {most}, or divide the pack")
            return []
        found = []
        for k, value in enumerate(values):
            if type(value) is dict:
                found.append(Table(value, (*self.path, name, k), self.problems))
            else:
                self.wrong((name, k), f"{shown(value)} is not a table", "write { key = … }")
        return found

    def minutes(self, name: str, default: int, low: int, high: int) -> int:
        """A duration such as "30 min", "2 h" or "7 days", in minutes, ``low`` to ``high``."""
        value = self._take(name, str, needed=False)
        if value is None:
            return default
        match = _MINUTES.fullmatch(value)
        if match is None:
            self.wrong(name, f"{shown(value)} is no duration we know", 'write it like "30 min", "2 h" or "7 days"')
            return default
        found = int(match[1]) * _MINUTES_IN[match[2]]
        if not low <= found <= high:
            self.wrong(name, f"{shown(value)} is out of range", f"give {low} min to {high // 60} h")
        return found

    def length(self, name: str, *, needed: bool) -> Length | None:
        """A length such as "10 td" or "14 days"."""
        value = self._take(name, str, needed=needed)
        return None if value is None else self._length(name, value)

    def _length(self, name: str, value: str) -> Length | None:
        match = _LENGTH.fullmatch(value)
        if match is None:
            mend = 'write it like "10 td" (teaching days) or "14 days" (calendar days)'
            self.wrong(name, f"{shown(value)} is no length we know", mend)
            return None
        count, unit = int(match[1]), "td" if match[2] == "td" else "days"
        low, high = LENGTHS[unit]
        if not low <= count <= high:
            why = '; for the same day write "0 days"' if count < low else "; no window may be longer than 200 days"
            self.wrong(name, f"{shown(value)} is out of range", f"give {low} to {high} {unit}{why}")
            return None
        return Length(count, unit)

    def done(self) -> None:
        """Refuse the keys that nobody asked for."""
        for name in self.values:
            if name not in self.asked:
                self.wrong(name, f"there is no key {shown(name)} here", self.problems.likely(name, self.asked))


LENGTHS = {"td": (1, 140), "days": (0, 200)}
"""The shortest and the longest length by unit; 140 teaching days are at least 196 calendar days."""
