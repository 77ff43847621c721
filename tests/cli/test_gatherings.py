"""What the school does together, on the command line: gatherings, examinations, letters, mechanism, programme."""

import pytest

from tests.cli.schools import LEFT_BEHIND

AS = ("--as", "t.lu")


def write(folder, name, text):
    """A file in the school's folder."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def status(ok, child, key):
    """The verdict on an obligation."""
    return ok("show", child, *AS)["obligations"][key]["status"]


class TestGather:
    def test_a_meeting_from_options(self, ok):
        """Those present, those absent; the class's duty is met, and the carer who stayed away is asked for."""
        found = ok("gather", "parents_meeting", "--present", "p-002", "--absent", "p-004", *AS)

        assert ({"present": 1, "absent": 1, "struck": 0}, 0, False) == (
            found["counts"],
            found["waiting"],
            found["repeated"],
        )
        assert "open" == status(ok, "p-004", f"D19-carer/{found['id']}")
        assert f"D19-carer/{found['id']}" not in ok("show", "p-002", *AS)["obligations"]

    def test_a_list_in_a_file(self, ok, cw, school):
        """A CSV file with children and their attendance, in the school's own words."""
        path = write(school, "list.csv", "child,attendance\np-002,present\nP-004,缺\np-001,1\n")
        found = ok("gather", "symposium", "--attendance", path, "--on", "2026-09-08", "--by", "t.shen", *AS)

        assert {"p-001": "present", "p-002": "present", "p-004": "absent"} == found["attendance"]
        assert ("2026-09-08", "t.shen", "t.lu") == (found["on"], found["by"], found["entered_by"])
        shown = cw("gathering", found["id"], *AS).out
        assert "symposium" in shown
        assert "p-004" in shown

    def test_everybody_but_some(self, ok):
        """All children with an open case were there, but for those named."""
        found = ok("gather", "symposium", "--everybody", "--absent", "p-010", *AS)

        assert set(LEFT_BEHIND) == set(found["attendance"])
        assert ["p-010"] == [child for child, there in found["attendance"].items() if there == "absent"]

    def test_the_same_key_once(self, ok, cw):
        """Sent twice it is entered once."""
        line = ("gather", "symposium", "--everybody", "--key", "k-1", *AS)
        ok(*line)

        assert "nothing was done again" in cw(*line).out
        assert 1 == len(ok("gathering", *AS)["gatherings"])

    def test_setting_it_right(self, ok):
        """A child, the day, or all of it."""
        id_ = ok("gather", "examination", "--present", "p-002", "--present", "p-004", *AS)["id"]
        before = status(ok, "p-002", "D29/2026-autumn:TERM")
        ok("attendance", id_, "--absent", "p-002", "--because", "mixed_up", *AS)
        moved = ok("attendance", id_, "--moved-to", "2026-09-09", "--because", "wrong_date", *AS)

        assert ("met", "open") == (before, status(ok, "p-002", "D29/2026-autumn:TERM"))
        assert "2026-09-09" == moved["on"]
        assert "twice" == ok("attendance", id_, "--void", "--because", "twice", *AS)["voided"]
        assert "open" == status(ok, "p-004", "D29/2026-autumn:TERM")

    @pytest.mark.parametrize(
        ("argv", "code", "mend"),
        [
            (["gather", "symposium"], 2, "say who was there: --present ID"),
            (["gather", "symposium", "--present", "p-999"], 3, "no child on the roll or with a case p-999"),
            (["gather", "symposium", "--present", "p-002", "--absent", "p-002"], 1, "both lists"),
            (["gather", "A symposium", "--everybody"], 1, "is no code"),
            (["gather", "symposium", "--attendance", "none.csv"], 1, "none.csv: cannot be read"),
            (["attendance", "nothing", "--void", "--because", "twice"], 3, "no gathering nothing"),
            (["attendance", "nothing", "--because", "twice"], 2, "say one thing"),
            (["gathering", "nothing"], 3, "no gathering nothing"),
            (["examine"], 2, "name the pupil, or say --list"),
            (["examine", "p-001"], 1, "nothing was examined"),
            (["examine", "p-001", "--height", "1315"], 1, "is not plausible (50 to 220)"),
            (["examine", "p-001", "--height", "tall"], 1, "height is no number"),
            (["examine", "p-001", "--list", "x.csv"], 2, "leave CHILD and the others out"),
            (["examine", "p-999", "--height", "131"], 3, "p-999"),
            (["sign", "uncle", "1"], 1, "party 'uncle' is unknown"),
            (["sign", "class_teacher", "1", "--of", "9-9"], 3, "no class 9-9"),
            (["test-tree", "--reached", "t.li"], 1, "adopt one first: `casework mechanism VERSION`"),
            (["test-tree", "--reached", "t.nobody"], 3, "t.nobody"),
            (["programme", "review"], 1, "before_close; wait for the CLOSE of the term"),
            (["programme", "summarise"], 1, "review it first"),
            (["programme", "reopen"], 2, "--because says why"),
            (["explain", "@9-9"], 3, "no class 9-9"),
        ],
    )
    def test_refusals_say_the_mend(self, cw, argv, code, mend):
        """What is refused, where, and what to do; nothing is stored."""
        found = cw(*argv, *AS)

        assert code == found.code
        assert mend in found.err

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("child\np-002\n", "the column is missing; add a column attendance"),
            ("child,attendance\np-002,perhaps\n", "row 2: 'perhaps' is no attendance"),
            ("child,attendance\np-002,1\np-002,0\n", "row 3, column child: the child stands twice"),
            ("child,attendance\n,1\n", "the child is missing"),
        ],
    )
    def test_a_list_that_cannot_be_read(self, cw, school, text, told):
        """Each problem is named with its row, and nothing is entered."""
        found = cw("gather", "symposium", "--attendance", write(school, "list.csv", text), *AS)

        assert 1 == found.code
        assert told in found.err


class TestExamine:
    def test_a_pupil_without_a_case(self, ok):
        """Whoever is on the roll is examined; what is abnormal is asked for again."""
        line = ("examine", "p-001", "--vision", "4.6/4.8", "--abnormal", "vision", "--eye", "normal", *AS)
        found = ok(*line)

        assert ("", "met") == (found["state"], status(ok, "p-001", "D29/2026-autumn:TERM"))
        assert "open" == status(ok, "p-001", f"D29-follow-up/{found['activity']}")

    def test_a_list_of_pupils(self, ok, school):
        """Rows without a measure were not there; the others are examined, in transactions of fifty."""
        text = (
            "child,blood_pressure,height,vision,vital_capacity,chest_circumference,eye,ear,nose,mouth,abnormal\n"
            "p-001,95/60,131.5,5.0/5.0,1400,62.5,normal,normal,normal,normal,\n"
            "p-002,98/62,128,4.6/4.6,1300,60,normal,normal,normal,caries,vision\n"
            "p-004,,,,,,,,,,\n"
        )
        found = ok("examine", "--list", write(school, "list.csv", text), "--key", "k-1", *AS)

        assert {"examined": 2, "follow_up": ["p-002"]} == found
        assert ["met", "open"] == [status(ok, child, "D29/2026-autumn:TERM") for child in ("p-001", "p-004")]

    def test_a_list_that_cannot_be(self, cw, school):
        """The row and the range are named, and nothing of the list is stored."""
        path = write(school, "list.csv", "child,height\np-001,131\np-002,1280\n")
        found = cw("examine", "--list", path, *AS)

        assert 1 == found.code
        assert "list.csv row 3: height 1280 cm is not plausible (50 to 220)" in found.err
        assert "xamination" not in cw("show", "p-001", *AS).out


class TestSchool:
    def test_letters_and_the_contact_tree(self, ok):
        """Entered in the school's own record, and in that of the class."""
        ok("sign", "school", "2026.1", "--person", "t.shen", *AS)
        ok("sign", "class_teacher", "2026.1", "--of", "c1", *AS)
        ok("sign", "guardian", "2026.1", "--of", "p-002", *AS)
        ok("mechanism", "2026.1", *AS)
        found = ok("test-tree", "--reached", "t.li", "--not-reached", "t.shen", *AS)

        kinds = [e["activity"]["kind"] for e in found["events"] if e["event"] == "Recorded"]
        assert ["tree_test", "tree_test"] == kinds
        assert "" == found["child"]

    def test_the_programme_of_a_term(self, ok, cw):
        """Where each term stands, what may be done, what the classes owe."""
        found = ok("programme", *AS)

        assert {"2026-autumn": "running", "2027-spring": "planned"} == {
            term: one["state"] for term, one in found["programmes"].items()
        }
        assert "@c1" in {row["whose"] for row in found["obligations"]}
        assert "D19/2026-autumn:OPEN" in cw("programme", *AS).out

    def test_it_is_reviewed_and_summarised(self, ok):
        """In the CLOSE of the term, and on its last day."""
        ok("sweep", "--now", "2026-10-10T08:00")
        ok("sweep", "--now", "2026-11-20T08:00")
        ok("sweep", "--now", "2027-01-02T08:00")
        last = ok("summary", *AS)["last"]
        reviewed = ok("programme", "review", "--note", "three visits were missed", *AS, "--now", f"{last}T09:00")
        summarised = ok("programme", "summarise", *AS, "--now", f"{last}T10:00")
        again = ok("programme", "reopen", "--because", "figures_wrong", *AS, "--now", f"{last}T11:00")

        states = [found["programmes"]["2026-autumn"]["state"] for found in (reviewed, summarised, again)]
        assert ["reviewed", "summarised", "reviewed"] == states

    def test_the_summary_lists_gatherings(self, ok, cw):
        """Kind, day and how many came; no child's id."""
        ok("gather", "parents_meeting", "--present", "p-002", "--absent", "p-004", *AS)
        (found,) = ok("summary", *AS)["gatherings"]

        assert ("parents_meeting", 1, 1) == (found["kind"], found["present"], found["absent"])
        page = cw("summary", *AS).out
        assert "## Gatherings" in page
        assert "The programme of the term is running." in page
        assert "p-002" not in page

    @pytest.mark.parametrize(("place", "words"), [("@", "review"), ("@c1", "D19/2026-autumn:OPEN")])
    def test_explaining_the_school_and_a_class(self, cw, ok, place, words):
        """Why they stand where they stand."""
        assert words in cw("explain", place, *AS).out
        assert place == ok("explain", place, *AS)["place"]
