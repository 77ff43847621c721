from pathlib import Path

import pytest

from casework.interchange import RosterRefused, read_roster, staff_rows
from tests.interchange.spoiling import cell
from tests.interchange.test_rosters import lay, places

SAMPLES = Path(__file__).parents[2] / "examples" / "rosters"


def sample(name):
    """The files of a published sample."""
    return {path.name: path.read_bytes() for path in (SAMPLES / name).glob("*.csv")}


class TestVersion1:
    def test_a_principal_of_one_name_gets_the_seat(self, tmp_path):
        """A principal who is a teacher of the same name, or is no teacher at all, is seated."""
        files = sample("ms-sds-v1-100-users")
        cell(files, "School.csv", "Principal Name", "Felicia Flowers", 2)
        cell(files, "School.csv", "Principal SIS ID", "15001", 3)
        rows = {row.person: row.roles for row in staff_rows(read_roster(lay(tmp_path, files)))}

        assert (("principal", "teacher"), ("principal",)) == (rows["14007"], rows["15001"])

    def test_a_school_without_principal_is_read(self, tmp_path):
        """An empty principal's id leaves the seat empty, without a note."""
        files = sample("ms-sds-v1-100-users")
        for row in (2, 3):
            cell(files, "School.csv", "Principal SIS ID", "", row)

        assert [] == [n for n in read_roster(lay(tmp_path, files)).notes if "principal" in n.what]

    def test_day_first_dates_are_refused_by_the_first_that_cannot_be_month_first(self, tmp_path):
        """25/12/2000 has no month 25; the mend says how dates are written."""
        files = sample("ms-sds-v1-100-users")
        cell(files, "Student.csv", "Birthdate", "25/12/2000", 2)

        with pytest.raises(RosterRefused) as refusal:
            read_roster(lay(tmp_path, files))

        assert (
            "Student.csv row 2, column Birthdate: '25/12/2000' is no date of this calendar; "
            "write year, month and day month/day/year or year-month-day, as 9/1/2026 or 2026-09-01"
            == str(refusal.value.problems[0])
        )

    def test_sections_must_agree_about_their_term(self, tmp_path):
        """Two sections give one term different dates, one ends before it starts."""
        files = sample("ms-sds-v1-100-users")
        cell(files, "Section.csv", "Term EndDate", "6/29/2018", 3)
        cell(files, "Section.csv", "Term EndDate", "6/30/2016", 4)

        assert [
            ("Section.csv", 3, "Term SIS ID"),
            ("Section.csv", 4, "Term EndDate"),
            ("Section.csv", 4, "Term SIS ID"),
        ] == places(lay(tmp_path, files))

    def test_a_section_without_term_is_read(self, tmp_path):
        """Terms are optional in SDS v1."""
        files = sample("ms-sds-v1-100-users")
        for row in range(2, 30):
            cell(files, "Section.csv", "Term SIS ID", "", row)

        assert () == read_roster(lay(tmp_path, files)).sessions

    def test_who_is_not_active_is_refused(self, tmp_path):
        """v1 has no deltas: rows of people who have left are to be removed."""
        files = sample("ms-sds-v1-100-users")
        cell(files, "Student.csv", "Status", "Inactive", 2)

        assert [("Student.csv", 2, "Status")] == places(lay(tmp_path, files))

    def test_one_id_in_both_files_of_people_is_refused(self, tmp_path):
        """A teacher with a pupil's id would be that pupil."""
        files = sample("ms-sds-v1-100-users")
        cell(files, "Teacher.csv", "SIS ID", "13001", 2)

        assert ("Teacher.csv", 2, "SIS ID") in places(lay(tmp_path, files))


class TestVersion21:
    def test_a_missing_or_misnamed_file_is_named(self, tmp_path):
        """orgs.csv is missing, Roles.csv is to be renamed."""
        files = sample("ms-sds-v2.1")
        del files["orgs.csv"]
        files["Roles.csv"] = files.pop("roles.csv")

        assert [("Roles.csv", None, ""), ("orgs.csv", None, "")] == sorted(places(lay(tmp_path, files)))

    def test_a_person_without_role_or_tie_is_passed_over_with_a_note(self, tmp_path):
        """Whom nothing concerns is counted."""
        files = sample("ms-sds-v2.1")
        del files["relationships.csv"]
        roster = read_roster(lay(tmp_path, files))

        assert any("people with neither a role nor a tie to a pupil: 2" in note.what for note in roster.notes)

    def test_dates_that_run_backwards_are_refused(self, tmp_path):
        """A session and a role that end before they begin."""
        files = sample("ms-sds-v2.1")
        cell(files, "academicSessions.csv", "endDate", "2020-01-01", 2)
        cell(files, "roles.csv", "roleEndDate", "2020-01-01", 2)

        assert [("academicSessions.csv", 2, "endDate"), ("roles.csv", 2, "roleEndDate")] == places(lay(tmp_path, files))

    def test_a_session_without_dates_is_refused_by_column(self, tmp_path):
        """Both dates of a session are needed."""
        files = sample("ms-sds-v2.1")
        cell(files, "academicSessions.csv", "startDate", "", 2)

        assert [("academicSessions.csv", 2, "startDate")] == places(lay(tmp_path, files))

    def test_the_word_child_describes_the_pupil_not_the_adult(self, tmp_path):
        """A relationship of role child ties the adult as other."""
        files = sample("ms-sds-v2.1")
        cell(files, "relationships.csv", "relationshipRole", "child", 2)

        assert "other" == read_roster(lay(tmp_path, files)).pupils[0].guardians[0].relation
