"""A roster that changes many pupils costs as many statements as one that changes few."""

import pytest

from casework import Casework, Desk, ManualClock, rule
from casework.model.commands import Identify
from casework.model.roll import RollRow
from casework.store import SqlStore
from casework.testing.sql_contract import counted
from tests.system.world import MORNING, SCHOOL, VICE, make_school, principal

FEW, MANY = 3, 60


@rule(on="class", looks="daily", needs=["class_shares"])
def looks_at_classes(class_, now):
    """A rule for which every class with a case has a record, and every look asks for figures."""
    return ()


@rule(looks="daily", needs=["helper_load"])
def looks_at_load(case, now):
    """A rule for which every look at a case asks for figures."""
    return ()


def rows(count, class_, **facts):
    """So many pupils of a class."""
    return [RollRow(f"s-{k}", class_=class_, left_behind="both", **facts) for k in range(count)]


@pytest.fixture(params=[(), (looks_at_classes, looks_at_load)], ids=["plain", "with figures"])
def desk(request, memory_engine, ring):
    """A school with many open cases, and classes in which somebody stays."""
    casework = Casework(make_school(request.param), clock=ManualClock(MORNING))
    desk = Desk(casework, SqlStore(memory_engine, ring), school=SCHOOL, principal=principal(VICE))
    stay = [RollRow(f"x-{class_}", class_=class_) for class_ in ("3-1", "4-1", "5-1")]
    desk.update_roll([*rows(MANY, "3-1"), *stay], [])
    desk.do_together([(f"s-{k}", Identify("both", class_="3-1")) for k in range(MANY)])
    return desk


@pytest.mark.unmeasured
class TestUpdateRoll:
    def test_it_asks_the_same_for_few_and_for_many(self, memory_engine, desk):
        """3 or 60 pupils of one class move into another."""
        sent = {}
        for count, class_ in ((FEW, "4-1"), (MANY, "5-1")):
            with counted(memory_engine) as sent[count]:
                done = desk.update_roll(rows(count, class_), [])

            assert [class_] * count == [one.case.class_ for one in done]
        assert len(sent[FEW]) == len(sent[MANY])

    def test_a_pupil_that_stands_twice_is_what_the_last_row_says(self, desk):
        """As in the roll itself."""
        (done,) = desk.update_roll([*rows(1, "4-1"), *rows(1, "5-1")], [])

        assert "5-1" == done.case.class_
        assert ["command:ChangeFacts"] == [cause for cause, _ in desk.history("s-0")[-1].events][:1]

    def test_what_did_not_change_is_not_written(self, memory_engine, desk):
        """The same roster again leaves every history as it is."""
        before = desk.history("s-1")

        assert () == desk.update_roll(rows(MANY, "3-1"), [])
        assert before == desk.history("s-1")
