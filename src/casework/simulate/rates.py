"""The numbers the world is made of: each with its range, its source, and whether anybody ever measured it."""

import csv
from collections.abc import Iterator, Mapping
from importlib.resources import files
from math import log

from attrs import evolve, frozen

from casework.errors import CommandRefused


@frozen
class Rate:
    """One number: ``low`` and ``high`` are its range; ``status`` is verified, verified-secondary or assumption."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    status: str
    source: str
    address: str

    @property
    def assumed(self) -> bool:
        """Nobody measured it: a result is a range over it, never a forecast."""
        return self.status == "assumption"


class Rates(Mapping[str, float]):
    """All numbers by name; ``rates.of`` holds them with range and source."""

    def __init__(self, of: Mapping[str, Rate]) -> None:
        self.of = dict(of)

    def __getitem__(self, name: str) -> float:
        return self.of[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.of)

    def __len__(self) -> int:
        return len(self.of)

    def assumptions(self) -> tuple[str, ...]:
        """The names of all numbers that have no source."""
        return tuple(sorted(rate.name for rate in self.of.values() if rate.assumed))

    @property
    def remission(self) -> float:
        """Remission of distress a day: from the share that recovers within a year without treatment."""
        return -log(1 - self["remit_1y"]) / 365

    @property
    def onset(self) -> float:
        """Onset of distress a day, such that its prevalence stays what it is."""
        p = self["p_distress"]
        return self.remission * p / (1 - p)


def load_rates(changes: Mapping[str, float] | None = None) -> Rates:
    """The table that ships, with some values changed. Raises `CommandRefused` for a name that it does not hold."""
    text = (files("casework.simulate") / "rates.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        value, low, high = (float(row[name]) for name in ("value", "low", "high"))
        unit, status, source, address = (row[name] for name in ("unit", "status", "source", "address"))
        found[row["name"]] = Rate(row["name"], value, low, high, unit, status, source, address)
    for name, value in (changes or {}).items():
        if name not in found:
            raise CommandRefused(f"no rate {name}; rates.csv holds {', '.join(sorted(found))}")
        found[name] = evolve(found[name], value=float(value))
    return Rates(found)
