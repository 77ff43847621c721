import csv

from tests.cli.schools import KEPT, NOW, ROSTERS, done, dump, said, small_roster


class TestImport:
    def test_importing_again_changes_nothing(self, ok, roster, school):
        """The same roster again writes no row."""
        before = dump(school)
        found = ok("import", str(roster), "--as", "t.shen")

        assert ([], [], [], len(KEPT)) == (found["added"], found["changed"], found["left"], found["unchanged"])
        assert before == dump(school)

    def test_one_file_of_a_roster_is_told_the_folder(self, cw, roster):
        """Who gives one of the files is told to give their folder."""
        found = cw("import", str(roster / "users.csv"), "--as", "t.shen")

        assert 2 == found.code
        assert "one file of a roster; give the path of the folder that holds it" in found.err

    def test_dry_run_only_says(self, ok, school, tmp_path):
        """A dry run says what would change and writes nothing."""
        before = dump(school)
        new = small_roster(tmp_path / "new", (*KEPT[1:], "p-005"))
        found = ok("import", str(new), "--dry-run", "--as", "t.shen")

        assert (["p-005"], ["p-001"], True) == (found["added"], found["left"], found["dry_run"])
        assert before == dump(school)

    def test_two_deliveries_of_one_system_show_what_changed(self, ok, cw):
        """Day after day: each delivery names who is new; the second again changes nothing, and nobody leaves."""
        folder = ROSTERS / "oea-contoso-sis-delta"
        first = cw("import", str(folder / "day1"), "--as", "t.shen")
        second = ok("import", str(folder / "day2"), "--as", "t.shen")
        again = ok("import", str(folder / "day2"), "--as", "t.shen")

        assert "new: st1, st4" in first.out
        assert (["st2"], [], [], 1) == (second["added"], second["changed"], second["left"], second["unchanged"])
        assert ([], [], [], 2) == (again["added"], again["changed"], again["left"], again["unchanged"])
        assert second["on_roll"] == again["on_roll"]

    def test_pupil_who_leaves_keeps_the_case(self, ok, cw, tmp_path):
        """A pupil who is gone from the roster leaves the roll; an open case stays and is named."""
        new = small_roster(tmp_path / "new", tuple(p for p in KEPT if p != "p-002"))
        shown = cw("import", str(new), "--as", "t.shen")

        assert "off the roll, but their case is open (nothing closes by itself): p-002" in " ".join(shown.out.split())
        assert "monitored" == ok("show", "p-002", "--as", "t.li")["stage"]

    def test_facts_of_open_cases_follow_the_roll(self, ok, school, tmp_path):
        """Parents who came home, as a roster says it, become part of the child's history."""
        new = small_roster(tmp_path / "new")
        path = new / "users.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            if row["sourcedId"] == "p-002":
                row["metadata.casework.leftBehind"] = "one"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

        assert ["p-002"] == ok("import", str(new), "--as", "t.shen")["changed"]
        assert "one" == ok("show", "p-002", "--as", "t.li")["away"]

    def test_staff_who_are_gone_hold_no_seat(self, ok, school, tmp_path):
        """A member of staff who is not in a bulk roster any more has no class, and owes what the lead owes alone."""
        new = small_roster(tmp_path / "new")
        for name in ("users.csv", "roles.csv", "enrollments.csv"):
            path = new / name
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(text for text in lines if "t.li," not in text), encoding="utf-8")
        before = {row["child"] for row in ok("today", "t.li", "--as", "t.shen")["lines"]}

        assert ["t.li"] == ok("import", str(new), "--as", "t.shen")["staff_changed"]
        after = {row["child"] for row in ok("today", "t.li", "--as", "t.shen")["lines"]}

        assert {"p-002", "p-004", "p-010", "@c1"} == before
        assert {"p-002"} == after

    def test_delta_of_the_synthetic_school(self, tmp_path, monkeypatch):
        """A delta changes only what it mentions: p-001's parents leave, p-179 leaves the school."""
        monkeypatch.chdir(tmp_path)
        at = ("--as", "t.shen", "--now", NOW)
        done("init", "--now", NOW)
        done("import", str(ROSTERS / "synthetic-school"), *at)
        found = done("import", str(ROSTERS / "synthetic-school-delta"), *at)

        assert (["p-001"], ["p-179"], [], 179) == (
            found["changed"],
            found["left"],
            found["staff_changed"],
            found["on_roll"],
        )

    def test_published_school_says_that_nobody_is_marked(self, tmp_path, monkeypatch):
        """The published school of 100 users is imported, and what to do about nobody being marked is said."""
        monkeypatch.chdir(tmp_path)
        done("init", "--now", NOW)
        found = said("import", str(ROSTERS / "ms-sds-v1-100-users"), "--as", "admin", "--now", NOW)
        again = done("import", str(ROSTERS / "ms-sds-v1-100-users"), "--as", "admin", "--now", NOW)

        assert 0 == found.code
        assert "metadata.casework.leftBehind (none, one, both: parents away)" in " ".join(found.out.split())
        assert (86, 12, 28, {"none": 0, "one": 0, "both": 0, "unsaid": 86}) == (
            again["pupils"],
            again["staff"],
            again["classes"],
            again["left_behind"],
        )

    def test_roster_is_refused_whole(self, cw, school):
        """A roster that cannot be used is refused with file and mend, and nothing is stored."""
        before = dump(school)
        found = cw("import", str(ROSTERS / "oneroster-jp-sample"), "--as", "t.shen")

        assert 1 == found.code
        assert "nothing was imported" in found.err
        assert before == dump(school)

    def test_roster_that_is_not_there(self, cw):
        """A path that leads nowhere is told."""
        assert 3 == cw("import", "nowhere", "--as", "t.shen").code
        assert 3 == cw("import", "", "--as", "t.shen").code
        assert 3 == cw("import", "x" * 300, "--as", "t.shen").code
