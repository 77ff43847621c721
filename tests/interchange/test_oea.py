"""Daily deliveries as Open Education Analytics lays them out: a delta in folders, with dates in doubt."""

from datetime import date

import pytest

from casework.interchange import RosterRefused, plan_import, read_roster
from tests.interchange.test_samples import SAMPLES

CONTOSO = SAMPLES / "oea-contoso-sis-delta"
HEAD = "SIS ID,School SIS ID,First Name,Last Name,Grade,Status,Birthdate,Gender"


@pytest.fixture
def delivered(tmp_path):
    """Return a function that writes pupils' rows as a delivery, and reads it."""

    def deliver(*rows, head=HEAD):
        (tmp_path / "students").mkdir(exist_ok=True)
        (tmp_path / "students" / "part1.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return read_roster(tmp_path)

    return deliver


class TestContoso:
    def test_the_two_deliveries_import_one_after_the_other(self):
        """Day 1 brings st1 and st4, day 2 st2; st1 stays as it was, and nobody leaves by being absent."""
        first = plan_import({}, read_roster(CONTOSO / "day1"))
        roll = {row.pupil: row for row in first.added}
        second = plan_import(roll, read_roster(CONTOSO / "day2"))

        assert ["st1", "st4"] == sorted(roll)
        assert (["st2"], [], 1) == ([row.pupil for row in second.added], list(second.left), second.unchanged)
        assert () == second.changed

    def test_the_second_delivery_again_changes_nothing(self):
        """A delivery that arrives twice is no harm."""
        roll = {}
        for day in ("day1", "day2"):
            roll |= {row.pupil: row for row in plan_import(roll, read_roster(CONTOSO / day)).added}
        again = plan_import(roll, read_roster(CONTOSO / "day2"))

        assert ((), (), (), 2) == (again.added, again.changed, again.left, again.unchanged)

    def test_what_is_not_read_and_not_sure_is_said(self):
        """Attendance and marks are named as unread; dates that could be read two ways are left out, 4/4 is not."""
        roster = read_roster(CONTOSO / "day1")

        assert ("oea-sis", "delta") == (roster.dialect, roster.mode)
        assert [None, date(2004, 4, 4)] == [pupil.birth_date for pupil in roster.pupils]
        assert [
            (
                "studentattendance/part1.csv: nothing was read from 'studentattendance/part1.csv', "
                "'studentsectionmark/part1.csv'; nothing is needed"
            ),
            (
                "students/part1.csv: dates that could be read with the month or the day first: 1; they were left out; "
                "write Birthdate as 2026-09-01"
            ),
        ] == [str(roster.notes[0]), str(roster.notes[2])]


class TestDates:
    @pytest.mark.parametrize(
        ("settling", "read"), [("25/12/2012", date(2012, 2, 1)), ("12/25/2012", date(2012, 1, 2)), ("1/1/2012", None)]
    )
    def test_one_date_that_can_be_read_one_way_alone_settles_the_others(self, delivered, settling, read):
        """A day above twelve says which comes first; 1/1 says nothing."""
        roster = delivered(f"s1,sch,A,B,3,Active,{settling},Male", "s2,sch,C,D,3,Active,1/2/2012,Female")

        assert read == roster.pupils[1].birth_date
        assert ["male", "female"] == [pupil.sex for pupil in roster.pupils]

    def test_dates_that_contradict_each_other_are_refused(self, delivered):
        """The day first in one row and the month first in another: nobody can tell what the others mean."""
        with pytest.raises(RosterRefused, match="column Birthdate: the day stands first in row 2, and the month first"):
            delivered("s1,sch,A,B,3,Active,25/12/2012,", "s2,sch,C,D,3,Active,12/25/2012,")

    @pytest.mark.parametrize("text", ["30/2/2012", "13/13/2012", "25/12/0012", "next year"])
    def test_what_is_no_date_is_refused(self, delivered, text):
        """A day that does not exist is refused by row and column, however the others are read."""
        with pytest.raises(RosterRefused, match=r"row 3, column Birthdate: .*no date"):
            delivered("s1,sch,A,B,3,Active,25/12/2012,", f"s2,sch,C,D,3,Active,{text},")

    def test_a_date_in_iso_form_needs_no_settling(self, delivered):
        """Year first is never doubtful."""
        roster = delivered("s1,sch,A,B,3,Active,2012-02-01,")

        assert date(2012, 2, 1) == roster.pupils[0].birth_date


class TestRows:
    def test_a_pupil_who_is_inactive_leaves(self, delivered):
        """Only a row that says so takes a pupil off the roll."""
        roll = {row.pupil: row for row in plan_import({}, delivered("s1,sch,A,B,3,Active,,")).added}
        changes = plan_import(roll, delivered("s1,sch,A,B,3,Inactive,,"))

        assert ("s1",) == changes.left

    def test_an_unknown_status_is_refused(self, delivered):
        """A word that is no status is not guessed, nor repeated."""
        with pytest.raises(RosterRefused, match="column Status: a text of 5 characters is no status") as e:
            delivered("s1,sch,A,B,3,Maybe,,")
        assert "Maybe" not in str(e.value)

    def test_a_row_that_stands_twice_is_read_once(self, delivered):
        """Letter for letter the same is a repetition; the same id with other words is refused."""
        roster = delivered("s1,sch,A,B,3,Active,,", "s1,sch,A,B,3,Active,,")

        assert ["s1"] == [pupil.id for pupil in roster.pupils]
        assert "rows that repeat an earlier one letter for letter: 1" in [note.what for note in roster.notes]
        with pytest.raises(RosterRefused, match="s1"):
            delivered("s1,sch,A,B,3,Active,,", "s1,sch,A,B,4,Active,,")

    def test_a_missing_column_is_named(self, delivered):
        """A file without its headings is refused."""
        with pytest.raises(RosterRefused, match=r"students/part1\.csv row 1, column Grade: the column is missing"):
            delivered("s1,sch,A,B", head="SIS ID,School SIS ID,First Name,Last Name")
