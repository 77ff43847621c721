"""Texts and tables for a terminal. What comes from a store or a file is text here, never markup or controls."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from unicodedata import category
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from casework.model.obligation import STATUSES

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def seen(value: object) -> str:
    """A value in one line, with what cannot be seen (controls, turns of direction) made visible."""
    text = "" if value is None else str(value)
    return "".join(c if category(c) not in _UNSEEN else f"\\u{ord(c):04x}" for c in text)


def line(*parts: object, style: str = "") -> Text:
    """One line of text."""
    return Text(" ".join(seen(part) for part in parts), style=style)


def heading(*parts: object) -> Text:
    """A line that begins a part."""
    return line(*parts, style="bold")


def warning(*parts: object) -> Text:
    """A line that somebody has to look at."""
    return line(*parts, style="yellow")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table; columns that hold only numbers stand to the right."""
    held = [[seen(cell) for cell in row] for row in rows]
    made = Table()
    for k, name in enumerate(columns):
        numbers = bool(held) and all(row[k].lstrip("-").isdigit() or not row[k] for row in held)
        made.add_column(Text(name), justify="right" if numbers else "left", overflow="fold")
    for row in held:
        made.add_row(*map(Text, row))
    return made


def pairs(rows: Iterable[tuple[str, object]]) -> Table:
    """Names and what stands behind them, without a head."""
    made = Table(show_header=False)
    made.add_column(style="bold")
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(Text(seen(name)), Text(seen(value)))
    return made


def duties_table(counts: Mapping[str, Mapping[str, int]], titles: Mapping[str, str]) -> Table:
    """Each duty's required, met, met late, missed, excused, superseded, open."""
    order = ("met", "met_late", "missed", "excused", "superseded", "open")
    rows = [
        [duty, titles.get(duty, ""), sum(found.values()), *(found.get(status, 0) for status in order)]
        for duty, found in sorted(counts.items(), key=lambda item: duty_order(item[0]))
    ]
    return table(["duty", "what", "required", *(status.replace("_", " ") for status in order)], rows)


def duty_order(duty: str) -> tuple[int, str]:
    """D2 before D10."""
    digits = duty[1:].partition("-")[0]
    return (int(digits) if digits.isdigit() else len(STATUSES) * 10_000, duty)


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant as the school's clock shows it, to the minute."""
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def until(day: date | None) -> str:
    """A day, or that the calendar does not reach so far."""
    return "not known yet" if day is None else str(day)
