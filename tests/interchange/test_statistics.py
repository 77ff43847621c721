"""Statistics of a district: what is published of several schools adds up, and hides what is small."""

import pytest

from casework.engine.counting import Counts
from casework.errors import CommandRefused
from casework.interchange.statistics import LEAST, statistics


def school(name, **classes):
    """Counts of a school: how many of each class are paired, and as many obligations met."""
    cases = {class_: {"paired": n} for class_, n in classes.items()}
    return Counts(name, cases, {"D10": {"met": sum(classes.values())}}, {"missing": {"reviewed": 1}})


class TestStatistics:
    def test_schools_are_added_up(self):
        """Duties of all schools stand together; a class is one of its school."""
        found = statistics([school("qinghe", a=20, b=30), school("linjiang", a=40)])

        assert ("linjiang/a", "qinghe/a", "qinghe/b") == found.cases.rows
        assert 90 == found.obligations.cells["D10", "met"]
        assert 40 == found.cases.cells["linjiang/a", "paired"]

    def test_what_is_small_is_hidden(self):
        """Two emergencies in the district are no number to publish, nor is a class of three."""
        found = statistics([school("qinghe", a=3, b=30, c=28), school("linjiang", a=40)])

        assert {None} == set(found.emergencies.cells.values())
        assert found.cases.cells["qinghe/a", "paired"] is None
        assert all(n is None or n >= LEAST for n in found.cases.cells.values())
        assert 101 not in found.cases.line("qinghe/a")

    def test_a_school_stands_once(self):
        """The same school twice would count its children twice."""
        with pytest.raises(CommandRefused, match="stands twice"):
            statistics([school("qinghe", a=20), school("qinghe", a=20)])

    def test_nothing_at_all(self):
        """Of no school nothing is told."""
        assert {None} == set(statistics([]).cases.cells.values())
