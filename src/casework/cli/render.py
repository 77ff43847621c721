"""Texts and tables for a terminal. What comes from a store or a file is text here, never markup or controls."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from unicodedata import category
from zoneinfo import ZoneInfo

from attrs import frozen
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from casework.model.obligation import STATUSES

LEAST_PROSE, GAP = 16, 2
"""Columns of the terminal that a text takes at least before ids beside it are divided, and between two columns."""

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


def copyable(command: str) -> Text:
    """A command to copy: it is never divided, however narrow the terminal is."""
    return Text(seen(command), style="cyan", no_wrap=True)


@frozen
class Rows:
    """A table. Ids, days and numbers stay whole as long as the terminal is wide enough; prose is divided at words."""

    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    head: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, for a terminal of that width."""
        below = [[row[k] for row in self.cells] for k in range(len(self.columns))]
        prose = [any(" " in cell for cell in column) for column in below]
        taken = [
            LEAST_PROSE if divided else max(map(cell_len, (*column, *name.split())), default=0)
            for name, column, divided in zip(self.columns, below, prose, strict=True)
        ]
        fits = sum(taken) + GAP * len(taken) <= options.max_width
        made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), show_header=self.head)
        for name, column, divided in zip(self.columns, below, prose, strict=True):
            numbers = bool(column) and all(cell.lstrip("-").isdigit() or not cell for cell in column)
            made.add_column(
                Text(name),
                justify="right" if numbers else "left",
                overflow="fold",
                no_wrap=fits and not divided and " " not in name,
            )
        for row in self.cells:
            made.add_row(*map(Text, row))
        yield made


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Rows:
    """A table; columns that hold only numbers stand to the right."""
    return Rows(tuple(columns), tuple(tuple(map(seen, row)) for row in rows))


def pairs(rows: Iterable[tuple[str, object]]) -> Rows:
    """Names and what stands behind them, without a head."""
    return Rows(("", ""), tuple((seen(name), seen(value)) for name, value in rows), head=False)


def duties_table(counts: Mapping[str, Mapping[str, int]], titles: Mapping[str, str]) -> Rows:
    """Each duty's required, met, met late, missed, excused, superseded, open."""
    order = ("met", "met_late", "missed", "excused", "superseded", "open")
    rows = [
        [duty, short(titles.get(duty, ""), 0), sum(found.values()), *(found.get(status, 0) for status in order)]
        for duty, found in sorted(counts.items(), key=lambda item: duty_order(item[0]))
    ]
    return table(["duty", "what", "required", *(status.replace("_", " ") for status in order)], rows)


def short(title: str, longest: int) -> str:
    """A duty's title, or where it is longer its first part; `casework policy show` has the whole."""
    return title if len(title) <= longest else title.partition(";")[0].partition(":")[0]


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
