"""Counts that may be published: small ones are hidden, and others with them, so that nobody can work them out.

A table is published with the totals of its rows, of its columns, and of all. Every count under `LEAST` is hidden, a
total as well. Whoever reads it knows that each line adds up and that no count is less than nothing. A hidden count is
safe if, by that knowledge, it may be at least two different numbers; as long as one is not, another count is hidden
with it. That is decided exactly: what is hidden is a flow through the lines of the table, and a count is safe if one
may be pushed round through it without any count falling below nothing.
"""

from collections.abc import Iterable, Mapping

from attrs import field, frozen

LEAST = 5
"""The smallest count that is shown."""
TOTAL = ""
"""What the line of totals is called."""

Place = tuple[str, str]
"""A row and a column; either may be `TOTAL`."""


@frozen
class Published:
    """A table as it may be published: ``cells`` by row and column, None where the count is hidden.

    The row and the column called `TOTAL` hold the totals.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[Place, int | None] = field(repr=False)

    def line(self, row: str) -> list[int | None]:
        """The counts of a row (or of the totals), its own total last."""
        return [self.cells[row, column] for column in (*self.columns, TOTAL)]


def published(counts: Mapping[str, Mapping[str, int]], columns: Iterable[str] = ()) -> Published:
    """A table of counts by row and column with what has to be hidden hidden; ``columns`` are there in any case."""
    rows = tuple(sorted(counts))
    names = (*columns, *sorted({name for row in counts.values() for name in row} - set(columns)))
    values = _with_totals(counts, rows, names)
    hidden = {place for place, value in values.items() if value < LEAST}
    table = _Table(values, (*rows, TOTAL), (*names, TOTAL))
    while len(hidden) < len(values) and (
        place := next((one for one in sorted(hidden) if not table.safe(one, hidden)), None)
    ):
        hidden.add(table.companion(place, hidden))
    return Published(rows, names, {one: None if one in hidden else value for one, value in values.items()})


def _with_totals(
    counts: Mapping[str, Mapping[str, int]], rows: tuple[str, ...], columns: tuple[str, ...]
) -> dict[Place, int]:
    found = {(row, column): counts[row].get(column, 0) for row in rows for column in columns}
    for row in rows:
        found[row, TOTAL] = sum(found[row, column] for column in columns)
    for column in (*columns, TOTAL):
        found[TOTAL, column] = sum(found[row, column] for row in rows)
    return found


@frozen
class _Table:
    """The counts with their totals, as the lines of a flow: each line of cells less its total is nothing."""

    values: Mapping[Place, int]
    rows: tuple[str, ...]
    columns: tuple[str, ...]

    def safe(self, place: Place, hidden: set[Place]) -> bool:
        """Tell whether the count may be one more or one less, by all that is published."""
        return self._pushed(place, hidden, more=True) or self._pushed(place, hidden, more=False)

    def companion(self, place: Place, hidden: set[Place]) -> Place:
        """The count to hide with it: the smallest that makes it safe at once, cells before totals, else the nearest."""
        seen = sorted(set(self.values) - hidden, key=lambda one: (TOTAL in one, self.values[one], one))
        near = [one for one in seen if one[0] == place[0] or one[1] == place[1]]
        for one in seen:
            if self.safe(place, hidden | {one}):
                return one
        return (near or seen)[0]

    def _pushed(self, place: Place, hidden: set[Place], *, more: bool) -> bool:
        """Whether the count can move in that direction while its row and its column still add up."""
        if not self._may(place, more=more):
            return False
        row, column = place
        around = hidden - {place}
        # From its column back to its row: by a count that moves against it, then by one that moves with it, and so on.
        reached, waiting = {column}, [column]
        rows: set[str] = set()
        while waiting:
            here = waiting.pop()
            for other in self.rows:
                if other not in rows and (other, here) in around and self._may((other, here), more=not more):
                    if other == row:
                        return True
                    rows.add(other)
                    on = [
                        there
                        for there in self.columns
                        if there not in reached and (other, there) in around and self._may((other, there), more=more)
                    ]
                    reached.update(on)
                    waiting += on
        return False

    def _may(self, place: Place, *, more: bool) -> bool:
        """Whether a count may move so: a total stands against its line, and nothing falls below nothing."""
        grows = more if (place[0] == TOTAL) == (place[1] == TOTAL) else not more
        return grows or self.values[place] > 0
