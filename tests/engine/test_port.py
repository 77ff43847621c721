import pytest
from attrs import evolve

from casework.engine.port import Change, Outgoing, Whose, check_changes
from casework.model.case import Case
from casework.model.events import Entry
from casework.testing.factories import MORNING

BEFORE = Case("qinghe", "s-17", version=3)
ENTRY = Entry(4, MORNING, "t.wang", "", ())
GOOD = Change(BEFORE, evolve(BEFORE, version=4), ENTRY, None, None)
OTHER = Outgoing("k", "emergency", "lead", "t.li", "s-18", MORNING)


class TestCheckChanges:
    def test_a_change_leads_from_one_version_to_the_next(self):
        """One entry leads to the next version, an idle look stays on it."""
        check_changes("qinghe", [GOOD, Change(Case("qinghe", "s-18"), Case("qinghe", "s-18"), None, MORNING, None)])

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ([GOOD, GOOD], "twice"),
            ([evolve(GOOD, after=Case("beihe", "s-17", version=4))], "another school or child"),
            ([evolve(GOOD, after=Case("qinghe", "s-18", version=4))], "another school or child"),
            ([evolve(GOOD, entry=None)], "does not lead from version 3 to 4"),
            ([evolve(GOOD, entry=evolve(ENTRY, seq=5))], "does not lead from version 3 to 4"),
            ([evolve(GOOD, outgoing=(OTHER,))], "is about another child"),
        ],
    )
    def test_a_change_that_contradicts_itself_is_refused(self, changes, why):
        """A bug of the engine does not reach the store."""
        with pytest.raises(ValueError, match=why):
            check_changes("qinghe", changes)


class TestWhose:
    MINE = Whose(
        "t.li", frozenset({"office"}), frozenset({"psychologist"}), frozenset({"3-1"}), frozenset({"3-1", "3-2"})
    )

    @pytest.mark.parametrize(
        ("role", "lead", "class_", "mine"),
        [
            ("class_teacher", "", "3-1", True),
            ("class_teacher", "t.li", "3-2", False),
            ("class_teacher", "t.li", "9-9", True),
            ("class_teacher", "t.he", "9-9", False),
            ("lead", "t.li", "3-2", True),
            ("lead", "t.he", "3-1", False),
            ("lead", "", "3-1", True),
            ("lead", "", "3-2", False),
            ("psychologist", "t.li", "3-2", True),
            ("psychologist", "t.he", "3-1", False),
            ("office", "t.he", "3-2", True),
            ("principal", "t.li", "3-1", False),
        ],
    )
    def test_what_falls_to_a_person(self, role, lead, class_, mine):
        """Class teachers, leads, holders of seats, and leads for seats that are vacant."""
        assert mine == self.MINE.owes(role, lead, class_, "s-1")
