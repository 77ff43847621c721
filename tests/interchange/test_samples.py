from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from casework.interchange import RosterRefused, plan_import, read_roster, staff_rows
from tests.interchange.spoiling import csv_bytes, rows_of

SAMPLES = Path(__file__).parents[2] / "examples" / "rosters"


class TestHundredUsers:
    def test_the_published_school_of_a_hundred_users_imports_as_it_stands(self):
        """86 pupils, 12 staff and 28 sections in two schools and one term come out of the published SDS v1 sample."""
        roster = read_roster(SAMPLES / "ms-sds-v1-100-users")

        assert ("sds-1", "bulk") == (roster.dialect, roster.mode)
        assert (86, 12, 28, 2) == tuple(map(len, (roster.pupils, roster.staff, roster.classes, roster.orgs)))
        assert [("12000", date(2017, 7, 1), date(2018, 6, 30))] == [(s.id, s.first, s.last) for s in roster.sessions]

    def test_dates_are_read_month_first(self):
        """4/2/2000 in SDS v1 is the second of April."""
        roster = read_roster(SAMPLES / "ms-sds-v1-100-users")

        assert ("13001", "9", date(2000, 4, 2), "Ora Christopher Klein") == (
            roster.pupils[0].id,
            roster.pupils[0].grade,
            roster.pupils[0].birth_date,
            roster.pupils[0].name,
        )

    def test_nobody_is_marked_left_behind_and_the_roster_says_what_to_do(self):
        """The sample cannot say who is left behind; the note names the column and the command that mend it."""
        roster = read_roster(SAMPLES / "ms-sds-v1-100-users")

        assert {None} == {pupil.left_behind for pupil in roster.pupils}
        assert (
            "Student.csv: metadata.casework.leftBehind is absent: nobody is marked left behind; "
            "add the column (none, one, both: parents away) or use `casework identify`"
        ) in [str(note) for note in roster.notes]

    def test_what_the_sample_leaves_open_is_said(self):
        """Each pupil sits in seven sections, the principals have two names each, two schools stand in one delivery."""
        roster = read_roster(SAMPLES / "ms-sds-v1-100-users")

        assert {""} == {pupil.class_ for pupil in roster.pupils}
        assert set() == {role for row in staff_rows(roster) for role in row.roles} - {"teacher"}
        assert [
            ("Student.csv", "metadata.casework.leftBehind is absent"),
            ("School.csv", "'14007' is the principal, but has another name"),
            ("School.csv", "'14008' is the principal, but has another name"),
            ("StudentEnrollment.csv", "pupils in several classes, none of them"),
            ("School.csv", "2 schools are in one delivery"),
        ] == [
            (note.file, note.what[: len(what)])
            for note, what in zip(
                roster.notes,
                (
                    "metadata.casework.leftBehind is absent",
                    "'14007' is the principal, but has another name",
                    "'14008' is the principal, but has another name",
                    "pupils in several classes, none of them",
                    "2 schools are in one delivery",
                ),
                strict=True,
            )
        ]

    def test_every_section_has_its_teacher(self):
        """TeacherRoster.csv names one teacher for each section, who is its teacher."""
        roster = read_roster(SAMPLES / "ms-sds-v1-100-users")

        assert [] == [class_.id for class_ in roster.classes if not class_.teacher]


class TestSchoolDataSync21:
    def test_the_published_sample_imports_as_it_stands(self):
        """Four pupils, a professor, a teacher, two classes and two sessions come out of the SDS v2.1 sample."""
        roster = read_roster(SAMPLES / "ms-sds-v2.1")

        assert ("sds-2.1", "bulk") == (roster.dialect, roster.mode)
        assert ["114001", "114003", "114004", "114008"] == [pupil.id for pupil in roster.pupils]
        assert [("114006", ("professor",)), ("114007", ("teacher",))] == [(s.id, s.roles) for s in roster.staff]
        assert ["112002", "112002", "112002", "112001"] == [pupil.class_ for pupil in roster.pupils]

    def test_relationships_tie_guardians_and_relatives(self):
        """relationships.csv ties one adult to two pupils, to one as guardian, to the other as relative."""
        roster = read_roster(SAMPLES / "ms-sds-v2.1")

        assert {
            "114001": [("114002", "guardian")],
            "114003": [("114002", "relative")],
            "114004": [("114005", "guardian")],
            "114008": [],
        } == {pupil.id: [(adult.id, adult.relation) for adult in pupil.guardians] for pupil in roster.pupils}

    def test_names_and_phones_stay_out_of_a_repr(self):
        """Printing a roster shows no name and no phone."""
        shown = repr(read_roster(SAMPLES / "ms-sds-v2.1"))

        assert [] == [secret for secret in ("Craig", "Smithee", "11234567890", "Fein") if secret in shown]


class TestJapaneseSample:
    def test_it_is_refused_because_nothing_says_what_it_is(self):
        """Without a manifest and under other names the three files are no OneRoster delivery."""
        with pytest.raises(RosterRefused) as refusal:
            read_roster(SAMPLES / "oneroster-jp-sample")

        assert [("oneroster-jp-sample", None, "")] == [(p.file, p.row, p.column) for p in refusal.value.problems]
        assert "'sample_users.csv'" in refusal.value.problems[0].what
        assert "manifest.csv" in refusal.value.problems[0].mend

    def test_with_a_manifest_and_its_names_mended_it_still_lacks_three_columns(self, tmp_path):
        """With a manifest users.csv still lacks columns, organisations are classes, no class is delivered."""
        for path in (SAMPLES / "oneroster-jp-sample").iterdir():
            (tmp_path / path.name.removeprefix("sample_")).write_bytes(path.read_bytes())
        manifest = [["propertyName", "value"], ["oneroster.version", "1.1"]]
        manifest += [[f"file.{name}", "bulk"] for name in ("academicSessions", "orgs", "users")]
        (tmp_path / "manifest.csv").write_bytes(csv_bytes(manifest))

        with pytest.raises(RosterRefused) as refusal:
            read_roster(tmp_path)

        assert [
            ("classes.csv", None, ""),
            ("enrollments.csv", None, ""),
            ("orgs.csv", 5, "type"),
            ("orgs.csv", 6, "type"),
            ("users.csv", 1, "phone"),
            ("users.csv", 1, "agentSourcedIds"),
            ("users.csv", 1, "orgSourcedIds"),
        ] == [(p.file, p.row, p.column) for p in refusal.value.problems]


class TestProvenance:
    def test_the_samples_are_byte_for_byte_what_was_published(self):
        """Every file of the table in README.md has the size and the checksum written there."""
        rows = [line.split("|") for line in (SAMPLES / "README.md").read_text("utf-8").splitlines()]
        table = {
            cells[1].strip(): (int(cells[2]), cells[3].strip()) for cells in rows if cells[1:2] and ".csv" in cells[1]
        }
        files = {name: (SAMPLES / name).read_bytes() for name in table}

        assert 26 == len(table)
        assert table == {name: (len(content), sha256(content).hexdigest()[:16]) for name, content in files.items()}


class TestImportingAgain:
    @pytest.mark.parametrize("sample", ["ms-sds-v1-100-users", "ms-sds-v2.1", "synthetic-school"])
    def test_importing_a_sample_again_changes_nothing(self, sample):
        """What the first import added, the second finds unchanged."""
        roster = read_roster(SAMPLES / sample)
        first = plan_import({}, roster)
        second = plan_import({row.pupil: row for row in first.added}, roster)

        assert len(roster.pupils) == len(first.added)
        assert ((), (), (), len(roster.pupils)) == (second.added, second.changed, second.left, second.unchanged)


class TestSampleWithOurColumns:
    def test_the_column_the_note_asks_for_is_read(self, tmp_path):
        """Adding metadata.casework.leftBehind to Student.csv, as the note says, marks the pupil."""
        for path in (SAMPLES / "ms-sds-v1-100-users").iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        rows = rows_of((tmp_path / "Student.csv").read_bytes())
        marked = [[*rows[0], "metadata.casework.leftBehind"], [*rows[1], "both"], *([*row, ""] for row in rows[2:])]
        (tmp_path / "Student.csv").write_bytes(csv_bytes(marked))
        roster = read_roster(tmp_path)

        assert ["13001"] == [pupil.id for pupil in roster.pupils if pupil.left_behind == "both"]
        assert "says nothing: 85" in roster.notes[-2].what + roster.notes[-3].what + roster.notes[-1].what
