"""What the school holds in a simulated term: meetings, symposia, examinations, letters, the test of the contact tree.

Whoever finds it on their list holds it, if there are hours left; who comes is the world's to say.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from casework.engine.lists import Line
from casework.model.case import CLASS_MARK
from casework.model.examination import NORMAL, Examination
from casework.model.school_commands import Examine
from casework.policy.values import ActSpec
from casework.simulate.place import Place
from casework.simulate.staff import Planner

SOON = 14
"""Days before they are due from which gatherings are held, and between two of a kind that the same children need."""

VERSION = "1"
FORMS = ("signature", "tree_test")
HELD = ("parents_meeting", "symposium", "examination", *FORMS)
"""Kinds of act that are nobody's alone."""


class Occasions:
    """What is held, found on the lists of the day."""

    def __init__(self, place: Place, planner: Planner, specs: Mapping[str, Sequence[ActSpec]]) -> None:
        self._place = place
        self._planner = planner
        self._specs = specs
        self._last: dict[tuple[str, str], date] = {}

    def hold(self, person: str, lines: Sequence[Line], left: int) -> tuple[list[Line], int]:
        """Hold what falls to a person today; returns the other lines of the list, and the minutes that it took."""
        others: list[Line] = []
        held: dict[tuple[str, str], list[Line]] = {}
        for line in lines:
            spec = self._specs[line.duty][0] if self._specs.get(line.duty) else None
            if spec is None or spec.kind not in HELD:
                if line.child and not line.child.startswith(CLASS_MARK):
                    others.append(line)
            else:
                whose = line.child if spec.kind == "parents_meeting" else line.duty
                held.setdefault((spec.kind, whose), []).append(line)
        spent = 0
        for (kind, whose), several in sorted(held.items()):
            minutes = int(self._place.rates["form_minutes" if kind in FORMS else "gathering_minutes"])
            if spent + minutes <= left and self._now(person, kind, whose, several):
                self._hold(person, kind, several)
                spent += minutes
        return others, spent

    def _now(self, person: str, kind: str, whose: str, lines: Sequence[Line]) -> bool:
        today = self._place.today
        begun = [line for line in lines if self._planner.begins(person, line, today)]
        soon = any(line.deadline is None or (line.deadline - today).days <= SOON for line in begun)
        again = self._last.get((kind, whose))
        wait = 1 if kind == "examination" else SOON
        if not begun or not soon or (again is not None and kind not in FORMS and (today - again).days < wait):
            return False
        self._last[kind, whose] = today
        return True

    def _hold(self, person: str, kind: str, lines: Sequence[Line]) -> None:
        place = self._place
        children = [line.child for line in lines]
        if kind == "parents_meeting":
            class_ = children[0].removeprefix(CLASS_MARK)
            mine = [
                id_ for id_, child in place.world.children.items() if child.row.class_ == class_ and place.open(id_)
            ]
            self._gather(person, kind, mine, (class_,))
        elif kind == "symposium":
            self._gather(person, kind, children, ())
        elif kind == "examination":
            self._examine(person, children)
        elif kind == "tree_test":
            self._call_tree(person)
        else:
            self._sign(person, lines)

    def _there(self, kind: str, children: Sequence[str]) -> list[str]:
        day = (self._place.today - self._place.start).days
        return [child for child in children if self._place.world.contact(child, kind, day).reached]

    def _gather(self, person: str, kind: str, children: Sequence[str], classes: tuple[str, ...]) -> None:
        there = set(self._there(kind, children))
        if children:
            absent = [child for child in children if child not in there]
            self._place.desk(person).gather(kind, sorted(there), absent, classes=classes)

    def _examine(self, person: str, children: Sequence[str]) -> None:
        there = self._there("examination", children)
        self._place.desk(person).do_together([(child, Examine(self._found(child))) for child in there])

    def _found(self, child: str) -> Examination:
        """What an examination finds: made up, and sometimes weak sight."""
        weak = self._place.chance.happens(self._place.rates["abnormal_finding"], "abnormal", child, self._place.start)
        return Examination(
            (95, 60),
            130.0,
            (4.6, 4.6) if weak else (5.0, 5.0),
            1500,
            62.0,
            NORMAL,
            NORMAL,
            NORMAL,
            NORMAL,
            ("vision",) if weak else (),
        )

    def _call_tree(self, person: str) -> None:
        place = self._place
        desk = place.desk(person)
        if not any(act.kind == "mechanism" for act in desk.of_school().activity_log.values()):
            desk.adopt_mechanism(VERSION)
        away = {one for one in place.staff.everybody if place.staff.absent(one, place.today)}
        desk.test_tree([one for one in place.staff.everybody if one not in away], sorted(away))

    def _sign(self, person: str, lines: Sequence[Line]) -> None:
        desk = self._place.desk(person)
        for line in lines:
            party = self._specs[line.duty][0].met
            people = self._place.staff.helpers if party == "teachers" else ()
            desk.sign(party, VERSION, of=line.child.removeprefix(CLASS_MARK), people=people)
