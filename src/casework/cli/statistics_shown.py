"""Statistics as JSON and as tables: what is hidden is null there, and a dot here."""

from typing import TYPE_CHECKING

from rich.console import RenderableType

from casework.cli.render import table

if TYPE_CHECKING:
    from casework.interchange.statistics import Published, Statistics


def data(found: "Statistics") -> dict[str, object]:
    """Statistics as JSON knows them: by row and column, null where a count is hidden; ``total`` for the totals."""
    return {
        name: {
            row or "total": dict(zip((*part.columns, "total"), part.line(row), strict=True)) for row in (*part.rows, "")
        }
        for name in ("cases", "obligations", "emergencies")
        for part in [getattr(found, name)]
    }


def shown_table(name: str, part: "Published") -> RenderableType:
    """A table for people; what is hidden is a dot."""
    rows = [(row or "all", *("·" if n is None else n for n in part.line(row))) for row in (*part.rows, "")]
    return table([name, *(column.replace("_", " ") for column in part.columns), "all"], rows)
