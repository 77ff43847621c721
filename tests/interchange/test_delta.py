from datetime import date

import pytest

from casework.interchange import Amendment, RosterRefused, plan_import, read_roster
from tests.interchange.spoiling import FIXTURES, cell, csv_bytes, load, rows_of
from tests.interchange.test_rosters import lay, places

ACTIVE = ["active", "2026-11-02T06:30:00Z"]
GONE = ["tobedeleted", "2026-11-02T06:30:00Z"]


@pytest.fixture
def roll():
    """The roll after the bulk import."""
    return {row.pupil: row for row in plan_import({}, read_roster(FIXTURES / "oneroster-1.1")).added}


def added(files, file, *rows):
    """Rows appended to a file of the delta."""
    old = rows_of(files[file])
    wide = [[*row, *[""] * (len(old[0]) - len(row))] for row in rows]
    return files | {file: csv_bytes([*old, *wide])}


class TestDelta:
    def test_a_delta_is_read_with_what_it_moves(self):
        """Rows of pupils, and what enrolments and demographics say of pupils without a row."""
        roster = read_roster(FIXTURES / "oneroster-1.1-delta")

        assert ("delta", ["p-3", "p-5", "p-6"]) == (roster.mode, [pupil.id for pupil in roster.pupils])
        assert ["active", "tobedeleted", "active"] == [pupil.status for pupil in roster.pupils]
        assert (
            Amendment("p-6", "enrollments.csv", 2, joins="c-1"),
            Amendment("p-1", "enrollments.csv", 3, ends="c-1"),
            Amendment("p-1", "enrollments.csv", 4, joins="c-2"),
            Amendment("p-3", "enrollments.csv", 5, joins="k-art"),
            Amendment("p-2", "demographics.csv", 2, birth_date=date(2018, 12, 25), sex="male"),
        ) == roster.amendments

    def test_it_changes_what_it_mentions_and_nothing_else(self, roll):
        """One pupil joins, one leaves, one changes class, one is left behind by both, one has another birthday."""
        changes = plan_import(roll, read_roster(FIXTURES / "oneroster-1.1-delta"))
        changed = {row.pupil: row for row in changes.changed}

        assert [("p-6", "c-1", "one")] == [(row.pupil, row.class_, row.left_behind) for row in changes.added]
        assert ("c-2", date(2018, 12, 25), "both") == (
            changed["p-1"].class_,
            changed["p-2"].birth_date,
            changed["p-3"].left_behind,
        )
        assert ("c-1", ("p-5",), 3) == (changed["p-3"].class_, changes.left, len(changed))

    def test_a_pupil_who_is_neither_stored_nor_delivered_is_refused(self, roll):
        """An enrolment of somebody unknown is refused by file and row before anything is imported."""
        del roll["p-1"]

        with pytest.raises(RosterRefused) as refusal:
            plan_import(roll, read_roster(FIXTURES / "oneroster-1.1-delta"))

        assert [("enrollments.csv", 4)] == [(problem.file, problem.row) for problem in refusal.value.problems]

    def test_a_row_needs_status_and_instant(self, tmp_path):
        """In a delta neither may be blank or anything else."""
        files = load("oneroster-1.1-delta")
        cell(files, "users.csv", "status", "", 2)
        cell(files, "users.csv", "dateLastModified", "yesterday", 3)

        assert [("users.csv", 2, "status"), ("users.csv", 3, "dateLastModified")] == places(lay(tmp_path, files))

    def test_a_teacher_of_a_delta_comes_with_the_rows_of_both(self, tmp_path):
        """An enrolment of a teacher who is not in the delta, or in a class that is not, is refused."""
        files = added(load("oneroster-1.1-delta"), "enrollments.csv", ["e-30", *ACTIVE, "c-1", "s-1", "t-9", "teacher"])
        teacher = ["t-9", *ACTIVE, "true", "s-1", "teacher", "t-9", "", "x"]
        (tmp_path / "both").mkdir()

        assert [("enrollments.csv", 6, "userSourcedId")] == places(lay(tmp_path, files))
        assert [("enrollments.csv", 6, "classSourcedId")] == places(
            lay(tmp_path / "both", added(files, "users.csv", teacher))
        )

    def test_classes_and_staff_come_and_go(self, tmp_path):
        """A class that ends is no class of the roster any more; staff who leave are marked, and teach no more."""
        files = load("oneroster-1.1-delta")
        files["manifest.csv"] = files["manifest.csv"].replace(b"file.classes,absent", b"file.classes,delta")
        head = load("oneroster-1.1")["classes.csv"].split(b"\r\n")[0]
        files["classes.csv"] = head + b"\r\n"
        new = ["c-3", *ACTIVE, "x", "03", "", "", "homeroom", "", "s-1", "t-26a"]
        files = added(files, "classes.csv", new, ["c-9", *GONE])
        files = added(files, "users.csv", ["t-9", *GONE, "", "", "teacher"])
        files = added(files, "enrollments.csv", ["e-30", *GONE, "c-3", "", "t-9", "teacher"])
        files = added(files, "enrollments.csv", ["e-31", *ACTIVE, "c-3", "s-1", "p-3", "student"])
        roster = read_roster(lay(tmp_path, files))

        assert [("c-3", "")] == [(class_.id, class_.teacher) for class_ in roster.classes]
        assert [("t-9", "tobedeleted")] == [(person.id, person.status) for person in roster.staff]
        assert Amendment("p-3", "enrollments.csv", 7, joins="c-3", homeroom=True) in roster.amendments

    def test_sessions_and_organisations_that_end_are_not_in_the_roster(self, tmp_path):
        """A delta that takes a session and an organisation away brings neither."""
        files, bulk = load("oneroster-1.1-delta"), load("oneroster-1.1")
        for name in ("academicSessions", "orgs"):
            files["manifest.csv"] = files["manifest.csv"].replace(f"{name},absent".encode(), f"{name},delta".encode())
            files[f"{name}.csv"] = bulk[f"{name}.csv"].split(b"\r\n")[0] + b"\r\nx-1,tobedeleted,2026-11-02T06:30:00Z"
            files[f"{name}.csv"] += b"," * (len(bulk[f"{name}.csv"].split(b"\r\n")[0].split(b",")) - 3)
        roster = read_roster(lay(tmp_path, files))

        assert ((), ()) == (roster.sessions, roster.orgs)

    def test_a_birth_date_that_is_taken_away_says_nothing(self, tmp_path):
        """A demographics row tobedeleted changes no birth date."""
        files = load("oneroster-1.1-delta")
        cell(files, "demographics.csv", "status", "tobedeleted", 2)
        roster = read_roster(lay(tmp_path, files))

        assert [] == [amendment for amendment in roster.amendments if amendment.file == "demographics.csv"]

    def test_an_adult_who_is_not_in_the_delta_is_passed_over_with_a_note(self, tmp_path):
        """The pupil's row names an adult of an earlier delivery, whom the delta does not bring."""
        files = load("oneroster-1.1-delta")
        cell(files, "users.csv", "agentSourcedIds", "g-1", 2)
        roster = read_roster(lay(tmp_path, files))

        assert () == roster.pupils[0].guardians
        assert any("not in this delta" in note.what for note in roster.notes)

    def test_bulk_and_delta_are_not_mixed_among_people(self, tmp_path):
        """Users as delta and enrolments in bulk would let pupils leave who are only not mentioned."""
        files = load("oneroster-1.1-delta")
        files["manifest.csv"] = files["manifest.csv"].replace(b"file.enrollments,delta", b"file.enrollments,bulk")
        for row in range(2, 6):
            cell(files, "enrollments.csv", "status", "", row)

        assert ("manifest.csv", None, "") in places(lay(tmp_path, files))


class TestDelta12:
    def delta(self, users, roles):
        """A delta of OneRoster 1.2 with these rows."""
        bulk = load("oneroster-1.2")
        manifest = bulk["manifest.csv"].replace(b",bulk", b",absent")
        for name in ("users", "roles"):
            manifest = manifest.replace(f"file.{name},absent".encode(), f"file.{name},delta".encode())
        empty = {name: bulk[name].split(b"\r\n")[0] + b"\r\n" for name in ("users.csv", "roles.csv")}
        files = {"manifest.csv": manifest, **empty}
        return added(added(files, "users.csv", *users), "roles.csv", *roles)

    def test_a_person_comes_with_the_roles(self, tmp_path):
        """A user without a role, and a role without its user, are refused: nobody can say whom they concern."""
        user, role = (
            ["p-9", *ACTIVE, "true", "p-9", "", "x"],
            ["r-8", *ACTIVE, "p-8", "primary", "student", "", "", "s-1"],
        )

        assert [("roles.csv", 2, "userSourcedId"), ("users.csv", 2, "sourcedId")] == places(
            lay(tmp_path, self.delta([user], [role]))
        )

    def test_who_loses_every_role_leaves(self, tmp_path):
        """A pupil whose only role is taken away leaves, even when the row of users.csv stays active."""
        user, role = ["p-1", *ACTIVE, "true", "p-1", "", "x"], ["r-1", *GONE, "p-1", "", "student", "", "", "s-1"]
        roster = read_roster(lay(tmp_path, self.delta([user], [role])))

        assert [("p-1", "tobedeleted")] == [(pupil.id, pupil.status) for pupil in roster.pupils]

    def test_a_role_that_ends_leaves_the_others(self, tmp_path):
        """A teacher who is no longer principal stays a teacher."""
        user = ["t-1", *ACTIVE, "true", "t-1", "", "x"]
        roles = [["r-1", *ACTIVE, "t-1", "primary", "teacher", "", "", "s-1"]]
        roles += [["r-2", *GONE, "t-1", "secondary", "principal", "", "", "s-1"]]
        roster = read_roster(lay(tmp_path, self.delta([user], roles)))

        assert [("t-1", ("teacher",), "active")] == [(p.id, p.roles, p.status) for p in roster.staff]
