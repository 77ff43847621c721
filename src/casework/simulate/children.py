"""The children of a simulated school: what everybody can see of them, and families that can be reached or not.

All are made up from chance; no name, no real address. Days count from the first day of the term (0).
"""

from collections.abc import Sequence
from math import ceil

from attrs import frozen

from casework.model.roll import RollRow
from casework.simulate.chance import Beta, Chance
from casework.simulate.rates import Rates

GRADES = 6
VILLAGES = 8
ARRIVALS = 5
"""Children are identified on the first so many days."""


@frozen
class Child:
    """What the school can see of a child.

    ``enters`` is the day of being identified, ``leaves`` that of leaving the school, ``returns`` that of a parent
    coming home, ``carer_changes`` that of another carer taking over; None where it does not happen in this term.
    """

    row: RollRow
    away: str
    village: str
    carer: str
    enters: int
    leaves: int | None
    returns: int | None
    carer_changes: int | None

    @property
    def id(self) -> str:
        """The pupil's id on the roll."""
        return self.row.pupil


@frozen
class Family:
    """How hard a family is to reach, and whether the child ever shows distress: nobody at the school knows."""

    unreachable_carer: float
    unreachable_parents: float
    not_at_home: float
    refuses: float
    never_shows: bool


def make_roll(count: int, classes: int, chance: Chance, rates: Rates) -> list[RollRow]:
    """A roll of so many left-behind pupils with households and classes; ids are ``s-1``, ``s-2`` and so on."""
    homes: list[int] = []
    home = 0
    while len(homes) < count:
        home += 1
        homes.append(home)
        while len(homes) < count and chance.happens(rates["sibling_share"], "sibling", home, len(homes)):
            homes.append(home)
    ids = [f"s-{number}" for number in range(1, count + 1)]
    order = sorted(range(count), key=lambda k: chance.uniform("class", ids[k]))
    names = {k: class_name(place % classes, classes) for place, k in enumerate(order)}
    return [
        RollRow(
            ids[k],
            class_=names[k],
            grade=names[k].partition("-")[0],
            left_behind="both" if chance.happens(rates["p_both_away"], "both away", homes[k]) else "one",
            boarder=chance.happens(rates["p_boarder"], "boarder", homes[k]),
            household=f"h-{homes[k]}",
            sex="male" if chance.happens(rates["p_boy"], "sex", ids[k]) else "female",
        )
        for k in range(count)
    ]


def class_name(number: int, classes: int) -> str:
    """The name of the ``number``-th of so many classes, spread over the grades: ``3-2`` is the second of grade 3."""
    per_grade = ceil(classes / GRADES)
    return f"{number // per_grade + 1}-{number % per_grade + 1}"


def make_children(rows: Sequence[RollRow], days: int, chance: Chance, rates: Rates) -> list[Child]:
    """The children in scope among the pupils, with what will happen to them in a term of so many days."""
    found = []
    for row in rows:
        if row.on_roll and row.left_behind in {"one", "both"}:
            id_ = row.pupil
            home = row.household or id_
            late = chance.happens(rates["joins"], "joins", id_)
            found.append(
                Child(
                    row,
                    row.left_behind,
                    f"v-{int(chance.uniform('village', home) * VILLAGES) + 1}",
                    "grandparent" if chance.happens(rates["p_grandparent"], "carer", home) else "relative",
                    _day(chance, "join day", id_, 20, days - 30) if late else _day(chance, "seen", id_, 0, ARRIVALS),
                    _perhaps(chance, rates, "leaves", id_, days),
                    _perhaps(chance, rates, "parent_returns", id_, days),
                    _perhaps(chance, rates, "carer_changes", id_, days),
                )
            )
    return found


def _perhaps(chance: Chance, rates: Rates, what: str, child: str, days: int) -> int | None:
    return _day(chance, f"{what} on", child, 30, days - 5) if chance.happens(rates[what], what, child) else None


def _day(chance: Chance, purpose: str, child: str, first: int, last: int) -> int:
    """A day from ``first`` on, before ``last`` where the term is that long."""
    return first + int(chance.uniform(purpose, child) * max(1, last - first))


class Families:
    """The families of all children; siblings share a household and its telephone."""

    def __init__(self, children: Sequence[Child], chance: Chance, rates: Rates) -> None:
        spread = rates["concentration"]
        calls = Beta(rates["unreach_call"], spread)
        homes = Beta(rates["not_at_home"], spread)
        refusals = Beta(rates["refused"], spread)
        self.of = {
            child.id: Family(
                calls.at(chance.uniform("carer's telephone", child.row.household or child.id)),
                calls.at(chance.uniform("parents' telephone", child.row.household or child.id)),
                homes.at(chance.uniform("at home", child.row.household or child.id)),
                refusals.at(chance.uniform("refuses", child.row.household or child.id)),
                chance.happens(rates["never_shows"], "never shows", child.id),
            )
            for child in children
        }
