from datetime import date

import pytest

from casework.errors import CaseworkError
from casework.interchange import (
    DIALECTS,
    Guardian,
    Org,
    Problem,
    Pupil,
    RosterRefused,
    SchoolClass,
    Session,
    StaffMember,
    read_roster,
    staff_rows,
)
from casework.model.roll import StaffRow
from tests.interchange.spoiling import FIXTURES, cell, csv_bytes, load, rows_of


def lay(folder, files):
    """The files in a folder."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def places(folder, **options):
    """Where a refusal finds fault."""
    with pytest.raises(RosterRefused) as refusal:
        read_roster(folder, **options)
    return [(problem.file, problem.row, problem.column) for problem in refusal.value.problems]


class TestConformantSets:
    def test_oneroster_1_1_is_read_whole(self):
        """Orgs, sessions, classes with their teachers, staff and pupils with their adults come out of 1.1."""
        roster = read_roster(FIXTURES / "oneroster-1.1")

        assert ("oneroster-1.1", "bulk") == (roster.dialect, roster.mode)
        assert (Org("d-1", "东山县", "district"), Org("s-1", "东山小学", "school")) == roster.orgs
        assert (
            Session("t-26a", "autumn", "term", date(2026, 9, 1), date(2027, 1, 20), "y-26", "2027"),
            Session("y-26", "2026-27", "schoolYear", date(2026, 9, 1), date(2027, 7, 9), "", "2027"),
        ) == roster.sessions
        assert (
            SchoolClass("c-1", "一年级", "01", "s-1", "t-1", ("t-3",)),
            SchoolClass("c-2", "二年级", "02", "s-1", "t-2"),
            SchoolClass("k-art", "Art, both grades", "", "s-1", "", ("t-2", "t-3")),
        ) == roster.classes
        assert (
            StaffMember("a-1", ("administrator",), "沈志远"),
            StaffMember("t-1", ("teacher",), "陈海燕", ("c-1",)),
            StaffMember("t-2", ("teacher",), "杨建国", ("c-2",)),
            StaffMember("t-3", ("teacher",), "周明"),
        ) == roster.staff
        assert (
            Pupil(
                id="p-1",
                class_="c-1",
                grade="01",
                school="s-1",
                left_behind="both",
                boarder=False,
                household="h-1",
                birth_date=date(2019, 10, 2),
                sex="female",
                name="王子涵",
                guardians=(
                    Guardian("g-1", "relative", "刘秀英", "10000000005"),
                    Guardian("g-2", "parent", "王建军", "10000000006"),
                ),
            )
            == roster.pupils[0]
        )

    def test_oneroster_1_2_says_the_same_with_more_roles(self):
        """1.2 gives the same pupils, classes and sessions; roles.csv adds seats, also of the school's own."""
        one, two = read_roster(FIXTURES / "oneroster-1.1"), read_roster(FIXTURES / "oneroster-1.2")

        assert (one.orgs, one.sessions, one.classes, one.pupils) == (two.orgs, two.sessions, two.classes, two.pupils)
        assert (
            StaffRow("a-1", ("principal", "site_administrator")),
            StaffRow("t-1", ("teacher",), ("c-1",)),
            StaffRow("t-2", ("safeguarding_lead", "teacher"), ("c-2",)),
            StaffRow("t-3", ("teacher",)),
        ) == staff_rows(two)

    def test_a_child_who_changed_class_is_in_the_later_one(self):
        """Two homerooms in a term: the one that began last counts, as for the pupil who moved in October."""
        pupils = {pupil.id: pupil.class_ for pupil in read_roster(FIXTURES / "oneroster-1.1").pupils}

        assert {"p-1": "c-1", "p-2": "c-2", "p-3": "c-1", "p-5": "", "p-josé": "c-2"} == pupils

    def test_the_homeroom_wins_over_a_teaching_group(self):
        """A pupil in a homeroom and in the art group belongs to the homeroom."""
        pupil = read_roster(FIXTURES / "oneroster-1.1").pupils[0]

        assert "c-1" == pupil.class_

    def test_a_teacher_may_be_tied_to_a_pupil(self):
        """An adult who is a member of staff is tied as other: nothing says what the teacher is to the child."""
        pupil = read_roster(FIXTURES / "oneroster-1.1").pupils[2]

        assert (("t-3", "other"),) == tuple((adult.id, adult.relation) for adult in pupil.guardians)

    def test_names_are_ordered_as_their_language_does(self):
        """Family first and unspaced in Chinese, given first elsewhere."""
        pupils = {pupil.id: pupil.name for pupil in read_roster(FIXTURES / "oneroster-1.1").pupils}

        assert ("王子涵", "José García", '"Bo" K. Marsh') == (pupils["p-1"], pupils["p-josé"], pupils["p-5"])

    def test_what_a_person_should_know_is_noted(self):
        """Who is in no class, whose class has no class teacher, of whom nothing is said."""
        notes = read_roster(FIXTURES / "oneroster-1.1").notes

        assert [
            ("enrollments.csv", "pupils in no class: 1"),
            (
                "enrollments.csv",
                "classes of several teachers, not one of them primary: 1; their class teacher is left empty",
            ),
            ("users.csv", "pupils of whom metadata.casework.leftBehind says nothing: 1"),
        ] == [(note.file, note.what) for note in notes]


class TestDialects:
    def test_a_dialect_may_be_named(self):
        """Naming the dialect that it is changes nothing."""
        folder = FIXTURES / "oneroster-1.2"

        assert read_roster(folder) == read_roster(folder, dialect="oneroster-1.2")

    def test_another_dialect_than_the_manifests_is_refused(self):
        """A set that calls itself 1.2 is not read as 1.1."""
        assert [("manifest.csv", None, "")] == places(FIXTURES / "oneroster-1.2", dialect="oneroster-1.1")

    def test_an_unknown_dialect_is_refused_with_the_known_ones(self):
        """The mend lists the dialects."""
        with pytest.raises(RosterRefused) as refusal:
            read_roster(FIXTURES / "oneroster-1.2", dialect="clever")

        assert ", ".join(DIALECTS) in refusal.value.problems[0].mend

    def test_the_other_family_lacks_its_files(self):
        """A OneRoster set read as SDS v1 lacks all six files."""
        assert 6 == len(places(FIXTURES / "oneroster-1.2", dialect="sds-1"))

    def test_a_oneroster_set_without_manifest_is_not_taken_for_sds(self, tmp_path):
        """users.csv and roles.csv with enabledUser are OneRoster, so the manifest is asked for."""
        files = load("oneroster-1.2")
        del files["manifest.csv"]

        assert [(tmp_path.name, None, "")] == places(lay(tmp_path, files))


class TestRefusals:
    def test_a_refusal_is_a_casework_error_and_a_value_error(self):
        """Whoever catches the one or the other gets it."""
        refusal = RosterRefused([Problem("users.csv", 2, "sourcedId", "is missing", "fill it in")])

        assert (True, True) == (isinstance(refusal, CaseworkError), isinstance(refusal, ValueError))
        assert "users.csv row 2, column sourcedId: is missing; fill it in" in str(refusal)

    def test_all_problems_of_all_files_come_at_once(self, tmp_path):
        """Three faults in three files are one refusal."""
        files = load("oneroster-1.1")
        cell(files, "users.csv", "role", "boss", 3)
        cell(files, "demographics.csv", "birthDate", "2.10.2019", 2)
        cell(files, "orgs.csv", "type", "class", 2)

        assert [("orgs.csv", 2, "type"), ("users.csv", 3, "role"), ("demographics.csv", 2, "birthDate")] == places(
            lay(tmp_path, files)
        )

    def test_at_most_fifty_are_listed_and_the_others_counted(self, tmp_path):
        """A file with two hundred faults lists fifty and counts the rest."""
        files = load("oneroster-1.1")
        rows = rows_of(files["demographics.csv"])
        files["demographics.csv"] = csv_bytes(
            [rows[0], *([f"x-{k}", *rows[1][1:3], "no"] + [""] * 12 for k in range(200))]
        )

        with pytest.raises(RosterRefused) as refusal:
            read_roster(lay(tmp_path, files))

        assert (50, 150) == (len(refusal.value.problems), refusal.value.more)
        assert "and 150 more" in str(refusal.value)

    def test_the_row_of_the_twin_is_named(self, tmp_path):
        """Of two ids that differ in case the second is refused and names the row of the first."""
        files = load("oneroster-1.1")
        rows = rows_of(files["users.csv"])
        files["users.csv"] = csv_bytes([*rows, ["P-1", *rows[1][1:]]])

        with pytest.raises(RosterRefused) as refusal:
            read_roster(lay(tmp_path, files))

        assert (
            "'P-1' stands in row 2 already as 'p-1' (ids that differ only in case are one id)"
            == refusal.value.problems[0].what
        )

    def test_terms_and_dates_are_repeated_only_when_they_can_be_nothing_else(self, tmp_path):
        """A term in the wrong case and a date in another order are shown, any other text is counted."""
        files = load("oneroster-1.1")
        for row, value in ((2, "BOTH"), (3, "王小明"), (4, "x" * 80)):
            cell(files, "users.csv", "metadata.casework.leftBehind", value, row)
        cell(files, "demographics.csv", "birthDate", "2.10.2019", 2)
        cell(files, "demographics.csv", "birthDate", "13800138000", 3)

        with pytest.raises(RosterRefused) as refusal:
            read_roster(lay(tmp_path, files))

        assert [
            "'BOTH' is no term of this column",
            "a text of 3 characters is no term of this column",
            "a text of 80 characters is no term of this column",
            "'2.10.2019' is no date of this calendar",
            "a text of 11 characters is no date of this calendar",
        ] == [problem.what for problem in refusal.value.problems]

    def test_the_row_is_the_one_a_spreadsheet_shows(self, tmp_path):
        """A line break inside quotes belongs to its row, so the row after it is numbered as in a spreadsheet."""
        files = load("oneroster-1.1")
        cell(files, "users.csv", "email", "a\r\nb", 2)
        cell(files, "users.csv", "role", "boss", 4)

        assert [("users.csv", 4, "role")] == places(lay(tmp_path, files))

    def test_a_long_id_is_shortened_in_the_message(self, tmp_path):
        """The message shows the beginning of an id that is too long."""
        files = load("oneroster-1.1")
        cell(files, "demographics.csv", "sourcedId", "x" * 5000, 2)

        with pytest.raises(RosterRefused) as refusal:
            read_roster(lay(tmp_path, files))

        assert 300 > len(refusal.value.problems[0].what)


class TestCells:
    @pytest.mark.parametrize(
        ("value", "what"),
        [
            ("", "the id is missing"),
            ("4.2010620150101e+17", "'4.2010620150101e+17' is an id that a spreadsheet turned into a number"),
            ("x" * 256, f"'{'x' * 40}'… (256 characters) is too long for an id"),
            ("p-1 ", "'p-1 ' holds a space at its end, a comma or a character that cannot be seen"),
            ("p\u200b1", "'p\\u200b1' holds a space at its end, a comma or a character that cannot be seen"),
            ("p,1", "'p,1' holds a space at its end, a comma or a character that cannot be seen"),
            ("p\ufffd", "'p\ufffd' holds a space at its end, a comma or a character that cannot be seen"),
        ],
    )
    def test_an_id_is_whole_or_refused(self, tmp_path, value, what):
        """An id that is missing, destroyed by a spreadsheet, too long or invisible in part is refused."""
        files = load("oneroster-1.1")
        cell(files, "orgs.csv", "sourcedId", value, 2)

        with pytest.raises(RosterRefused) as refusal:
            read_roster(lay(tmp_path, files))

        assert [("orgs.csv", 2, "sourcedId", what)] == [
            (problem.file, problem.row, problem.column, problem.what) for problem in refusal.value.problems
        ]

    @pytest.mark.parametrize(
        ("value", "what"),
        [
            ("王" * 201, "a text of 201 characters is too long"),
            ("王\ufffd明", "a character was lost in an earlier conversion"),
            ("王\n明", "the text holds a line break or control character"),
        ],
    )
    def test_a_text_is_whole_or_refused_without_being_repeated(self, tmp_path, value, what):
        """A name that is too long, damaged or on two lines is refused by its place alone."""
        files = load("oneroster-1.1")
        cell(files, "users.csv", "givenName", value, 2)

        with pytest.raises(RosterRefused) as refusal:
            read_roster(lay(tmp_path, files))

        assert [("users.csv", 2, "givenName", what)] == [
            (problem.file, problem.row, problem.column, problem.what) for problem in refusal.value.problems
        ]

    def test_the_id_of_a_member_of_staff_is_short_enough_to_act_under(self, tmp_path):
        """A principal's id has at most 64 characters; a pupil's may have 255."""
        files = load("oneroster-1.1")
        files = {name: content.replace(b"t-1,", b"t" * 65 + b",") for name, content in files.items()}
        long_pupil = {name: content.replace(b"p-3", b"p" * 255) for name, content in load("oneroster-1.1").items()}
        (tmp_path / "pupil").mkdir()

        assert [("users.csv", 7, "sourcedId")] == places(lay(tmp_path, files))
        assert "p" * 255 in [pupil.id for pupil in read_roster(lay(tmp_path / "pupil", long_pupil)).pupils]

    def test_every_person_of_1_1_is_somewhere(self, tmp_path):
        """A user without a school is refused."""
        files = load("oneroster-1.1")
        cell(files, "users.csv", "orgSourcedIds", "", 2)

        assert [("users.csv", 2, "orgSourcedIds")] == places(lay(tmp_path, files))

    def test_a_tie_between_adults_is_passed_over(self, tmp_path):
        """Two adults who name each other are nobody's guardians by it."""
        files = load("oneroster-1.1")
        cell(files, "users.csv", "agentSourcedIds", "g-1", 11)

        assert read_roster(FIXTURES / "oneroster-1.1") == read_roster(lay(tmp_path, files))

    def test_an_aide_in_a_class_is_neither_pupil_nor_teacher(self, tmp_path):
        """Enrolments of other roles are passed over."""
        files = load("oneroster-1.1")
        cell(files, "enrollments.csv", "role", "aide", 9)
        roster = read_roster(lay(tmp_path, files))

        assert () == roster.classes[0].subject_teachers


class TestManifest:
    @pytest.mark.parametrize(
        ("old", "new", "what"),
        [
            (b"oneroster.version,1.1", b"oneroster.version,1.0", "oneroster.version is a text of 3 characters"),
            (b"oneroster.version,1.1", b"other,1.1", "oneroster.version is missing"),
            (b"file.users,bulk", b"file.users,absent", "calls users.csv absent, but it is there"),
            (b"file.users,bulk\r\n", b"", "says nothing of users.csv"),
            (b"file.users,bulk", b"file.users,weekly", "a text of 6 characters is no term of this column"),
            (b"file.courses,absent", b"file.users,bulk", "the property stands twice"),
            (b"file.orgs,bulk", b"file.orgs,bulk\r\nfile.roles", "has 1 cells under 2 headings"),
        ],
    )
    def test_a_manifest_that_contradicts_is_refused(self, tmp_path, old, new, what):
        """The manifest must say of each file what it is, once, in the words of the standard."""
        files = load("oneroster-1.1")
        files["manifest.csv"] = files["manifest.csv"].replace(old, new)

        with pytest.raises(RosterRefused) as refusal:
            read_roster(lay(tmp_path, files))

        assert ("manifest.csv", what) in [(problem.file, problem.what) for problem in refusal.value.problems]

    def test_a_session_without_a_date_is_refused_by_column(self, tmp_path):
        """A session needs both its dates."""
        files = load("oneroster-1.1")
        cell(files, "academicSessions.csv", "endDate", "", 2)

        assert [("academicSessions.csv", 2, "endDate")] == places(lay(tmp_path, files))


class TestOptionalFiles:
    def test_without_demographics_and_sessions_a_note_says_what_is_unknown(self, tmp_path):
        """Birth dates are unknown then, and references to sessions cannot be followed."""
        files = load("oneroster-1.1")
        for name in ("demographics", "academicSessions"):
            del files[f"{name}.csv"]
            files["manifest.csv"] = files["manifest.csv"].replace(
                f"file.{name},bulk".encode(), f"file.{name},absent".encode()
            )
        roster = read_roster(lay(tmp_path, files))

        assert ((), {None}) == (roster.sessions, {pupil.birth_date for pupil in roster.pupils})
        assert "birth dates are unknown" in roster.notes[0].what

    def test_without_classes_a_bulk_roster_is_refused(self, tmp_path):
        """The roll needs classes; a manifest that calls them absent is refused by the file's name."""
        files = load("oneroster-1.1")
        del files["classes.csv"]
        files["manifest.csv"] = files["manifest.csv"].replace(b"file.classes,bulk", b"file.classes,absent")

        assert [("classes.csv", None, "")] == places(lay(tmp_path, files))

    def test_a_file_that_is_not_read_is_named(self, tmp_path):
        """A file of the school's own is passed over with a note."""
        note = read_roster(lay(tmp_path, load("oneroster-1.1") | {"bus.csv": b"x"})).notes[0]

        assert ("bus.csv", "nothing was read from 'bus.csv'") == (note.file, note.what)

    def test_a_person_in_several_grades_has_none(self, tmp_path):
        """Two grades in one cell are noted and left out."""
        files = load("oneroster-1.1")
        cell(files, "users.csv", "grades", "10,11", 2)
        roster = read_roster(lay(tmp_path, files))

        assert "" == roster.pupils[0].grade
        assert any("several grades" in note.what for note in roster.notes)
