"""What is wrong with a delivered file, where, and how to mend it."""

from collections.abc import Sequence

from attrs import define, field, frozen

from casework.errors import CaseworkError

MOST_LISTED = 50
_SHOWN = 40


@frozen
class Problem:
    """One thing wrong in a delivery.

    ``row`` is the row as a spreadsheet numbers it (the heading is row 1), None when the whole file is meant;
    ``column`` is the heading, empty when the whole row is meant.
    """

    file: str
    row: int | None
    column: str
    what: str
    mend: str

    @property
    def place(self) -> str:
        """File, row and column, as far as there are any."""
        row = "" if self.row is None else f" row {self.row}"
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}"

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.mend}"


class RosterRefused(CaseworkError, ValueError):
    """A roster cannot be used, and nothing of it was: ``problems`` lists file, row, column and mend.

    At most `MOST_LISTED` problems are listed; ``more`` counts the others. No name or phone stands in them.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems[:MOST_LISTED])
        self.more = len(problems) - len(self.problems)
        lines = [f"  {problem}" for problem in self.problems]
        if self.more:
            lines.append(f"  and {self.more} more; mend these first")
        super().__init__("roster refused, nothing was imported:\n" + "\n".join(lines))


@define
class Problems:
    """Problems found so far; a reader goes on to find the others and stops at the next safe place."""

    found: list[Problem] = field(factory=list)

    def add(self, file: str, what: str, mend: str, *, row: int | None = None, column: str = "") -> None:
        """Note one problem."""
        self.found.append(Problem(file, row, column, what, mend))

    def stop_if_any(self) -> None:
        """Raise `RosterRefused` when something was found."""
        if self.found:
            raise RosterRefused(self.found)


def shown(value: str) -> str:
    """An id, a date or a term as it may stand in a message: shortened, with what cannot be seen made visible."""
    return repr(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!r}… ({len(value)} characters)"


def counted(value: str) -> str:
    """A value that may be a name or a phone in the wrong column: its length alone."""
    return f"a text of {len(value)} characters"
