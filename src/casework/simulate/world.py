"""The simulated world: children with a hidden life, families that can be reached or not, telephones, silence.

It knows nothing of the policy, the rules, the engine or a store; and what it hides leaves it only through a `Contact`.
"""

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from casework.simulate.chance import Chance
from casework.simulate.children import Child, Families
from casework.simulate.hidden import Crisis, Episode, crises, episodes
from casework.simulate.rates import Rates

BY_TELEPHONE: Mapping[str, str] = {
    "call": "parents",
    "parent_talk": "parents",
    "report": "parents",
    "carer_talk": "carer",
}
"""Kinds of contact that need a telephone, and whose."""

AT_HOME = ("visit",)
SEES = ("visit", "talk", "review")
"""Kinds of contact in which somebody is face to face with the child."""

AFTERMATH = 30
"""Days in which a crisis that nobody noticed may still be seen."""


@frozen
class Contact:
    """What came of an attempt: ``why`` is met, refused, not_at_home, unreachable or absent.

    ``noticed`` is low_mood or seems_withdrawn (a false alarm looks no different from the real), ``danger`` the kind of
    a crisis that shows only now; both empty where nothing was seen. ``number_dead``: the telephone said so.
    """

    why: str
    met: tuple[str, ...] = ()
    noticed: str = ""
    danger: str = ""
    number_dead: bool = False

    @property
    def reached(self) -> bool:
        """Somebody was reached."""
        return self.why == "met"


@frozen
class Told:
    """A child in distress tells somebody by itself, on a day of the term."""

    child: str
    day: float
    episode: int


@define
class Seen:
    """What became of the hidden life: counted for the report, never shown to a rule."""

    noticed: dict[tuple[str, int], float] = field(factory=dict)
    false_alarms: int = 0
    late_crises: set[tuple[str, int]] = field(factory=set)


class World:
    """All that is simulated. ``certain`` removes chance from reaching people: everybody is there and answers."""

    def __init__(
        self, children: Sequence[Child], days: int, chance: Chance, rates: Rates, *, certain: bool = False
    ) -> None:
        self.children = {child.id: child for child in children}
        self.days = days
        self.chance = chance
        self.rates = rates
        self.certain = certain
        self.seen = Seen()
        self.dead: set[tuple[str, str]] = set()
        self._families = Families(children, chance, rates).of
        self._episodes: dict[str, tuple[Episode, ...]] = {}
        self._crises: dict[str, tuple[Crisis, ...]] = {}
        for child in self.children:
            lived = tuple(episodes(child, days, chance, rates))
            self._episodes[child] = lived
            self._crises[child] = tuple(crises(child, lived, days, chance, rates))

    def present(self, child: str, day: float) -> bool:
        """Tell whether the child is at the school then."""
        known = self.children[child]
        return known.enters <= day and (known.leaves is None or day < known.leaves)

    def disclosures(self) -> list[Told]:
        """All that children tell by themselves."""
        return [
            Told(child, episode.told, episode.number)
            for child, lived in self._episodes.items()
            for episode in lived
            if episode.told is not None and episode.told < self.days and self.present(child, episode.told)
        ]

    def tell(self, told: Told) -> bool:
        """The child tells somebody; False when it is known already."""
        if (told.child, told.episode) in self.seen.noticed:
            return False
        self.seen.noticed[told.child, told.episode] = told.day
        return True

    def crises(self) -> list[tuple[str, Crisis]]:
        """Child and crisis of all that somebody will notice by chance."""
        return [
            (child, crisis)
            for child, found in self._crises.items()
            for crisis in found
            if crisis.noticed is not None and self.present(child, crisis.minute / (24 * 60))
        ]

    def contact(self, child: str, kind: str, day: int) -> Contact:
        """What comes of an attempt to reach a child's people on a day; a second one that day is the same.

        Other pupils on the roll have no hidden life: they are at school or absent.
        """
        why = self._why(child, kind, day)
        if why != "met":
            whose = BY_TELEPHONE.get(kind, "")
            return Contact(why, number_dead=(child, whose) in self.dead)
        met = _WHOM.get(kind, ("child",))
        if kind not in SEES or child not in self.children:
            return Contact(why, met)
        return Contact(why, met, self._distress(child, kind, day), self._danger(child, kind, day))

    def _why(self, child: str, kind: str, day: int) -> str:
        whose = BY_TELEPHONE.get(kind, "")
        if (child, whose) in self.dead:
            return "unreachable"
        if self.certain:
            return "met"
        draw = self.chance.happens
        at_school = kind != "carer_talk" and kind not in AT_HOME
        absent = at_school and draw(self.rates["child_absent"], "absent", child, day)
        if absent or child not in self.children:
            return "absent" if absent else "met"
        family, home = self._families[child], self.children[child].row.household or child
        if whose:
            rate = family.unreachable_carer if whose == "carer" else family.unreachable_parents
            return "unreachable" if draw(rate, "unreachable", whose, home, day) else "met"
        if kind in AT_HOME and draw(family.not_at_home, "not at home", home, day):
            return "not_at_home"
        who = home if kind in AT_HOME else child
        return "refused" if draw(family.refuses, "refused", who, kind, day) else "met"

    def _distress(self, child: str, kind: str, day: int) -> str:
        now = next((e for e in self._episodes[child] if e.start <= day < e.end), None)
        if now is None:
            if self.chance.happens(self.rates["fp_contact"], "false alarm", child, kind, day):
                self.seen.false_alarms += 1
                return "seems_withdrawn"
            return ""
        if (child, now.number) in self.seen.noticed or self._families[child].never_shows:
            return ""
        if not self.chance.happens(self.rates["sens_contact"], "seen in distress", child, kind, day):
            return ""
        self.seen.noticed[child, now.number] = day
        return "low_mood"

    def _danger(self, child: str, kind: str, day: int) -> str:
        for crisis in self._crises[child]:
            late = (child, crisis.number)
            since = day - crisis.minute / (24 * 60)
            if (
                crisis.noticed is None
                and late not in self.seen.late_crises
                and 0 <= since <= AFTERMATH
                and self.chance.happens(self.rates["crisis_seen_later"], "crisis seen", child, crisis.number, kind, day)
            ):
                self.seen.late_crises.add(late)
                return crisis.kind
        return ""

    def distress(self) -> dict[str, int]:
        """Counts for the report: episodes in this term, noticed, false alarms, and those still running at its end."""
        lived = [(child, e) for child, found in self._episodes.items() for e in found]
        return {
            "episodes": len(lived),
            "noticed": len(self.seen.noticed),
            "false_alarms": self.seen.false_alarms,
            "censored": sum(1 for _, e in lived if e.end >= self.days),
        }


_WHOM: Mapping[str, tuple[str, ...]] = {
    "visit": ("child", "carer"),
    "call": ("child", "parent"),
    "carer_talk": ("carer",),
    "parent_talk": ("parent",),
    "report": ("parent",),
}
