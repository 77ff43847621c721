"""Statistics for a district: counts by state, class and duty, with small ones hidden so that nobody can work them out.

Every table stands for itself: none is a sum or a part of another, or what one hides the other would tell. A class is
one of its school, so that the totals of a school are not told beside those of its classes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import frozen

from casework.engine.counting import Counts, Table
from casework.engine.suppression import LEAST, TOTAL, Published, published
from casework.errors import CommandRefused
from casework.model.obligation import STATUSES

STATES = ("identified", "filed", "paired", "monitored", "escalated", "closed")

__all__ = ["LEAST", "TOTAL", "Published", "Statistics", "published", "statistics"]


@frozen
class Statistics:
    """What may be published; hidden counts are None.

    ``cases`` by school and class against state, ``obligations`` by duty against status, ``emergencies`` by kind against
    state.
    """

    cases: Published
    obligations: Published
    emergencies: Published


def statistics(schools: Sequence[Counts]) -> Statistics:
    """The statistics of several schools together, or of one; each is what ``desk.counts(first, last)`` answers."""
    if len({one.school for one in schools}) != len(schools):
        raise CommandRefused("a school stands twice among the counts; give the counts of each school once")
    classes = {f"{one.school}/{name}": row for one in schools for name, row in one.cases.items()}
    return Statistics(
        published(classes, STATES),
        published(_sum([one.obligations for one in schools]), STATUSES),
        published(_sum([one.emergencies for one in schools])),
    )


def _sum(tables: Sequence[Table]) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, Counter[str]] = {}
    for table in tables:
        for row, counts in table.items():
            found.setdefault(row, Counter()).update(counts)
    return found
