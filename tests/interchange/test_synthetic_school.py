from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from attrs import evolve

from casework.interchange import plan_import, read_roster, staff_rows
from tools.make_synthetic_school import main, school

ROSTERS = Path(__file__).parents[2] / "examples" / "rosters"


@pytest.mark.unmeasured
class TestSyntheticSchool:
    def test_the_committed_files_are_what_the_script_writes(self, tmp_path, capsys):
        """Running the script again gives the committed bytes, and nothing else lies there."""
        main(tmp_path)
        written = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*.csv")}
        committed = {str(path.relative_to(ROSTERS)): path.read_bytes() for path in ROSTERS.glob("synthetic-*/*.csv")}

        assert committed == written
        assert len(school()) == len(capsys.readouterr().out.splitlines())

    def test_it_is_a_school_of_180_pupils_in_six_classes(self):
        """Six classes of thirty, one for each grade, each with its class teacher; nothing is left to remark."""
        roster = read_roster(ROSTERS / "synthetic-school")

        assert ("oneroster-1.2", "bulk", ()) == (roster.dialect, roster.mode, roster.notes)
        assert {f"c{k}": 30 for k in range(1, 7)} == Counter(pupil.class_ for pupil in roster.pupils)
        assert ["t.li", "t.zhang", "t.chen", "t.yang", "t.huang", "t.zhou"] == [c.teacher for c in roster.classes]
        assert {3} == {len(class_.subject_teachers) for class_ in roster.classes}

    def test_a_third_is_left_behind_and_siblings_share_a_verdict(self):
        """60 of 180 are left behind, 26 by both parents; ten pairs share household and verdict; some board."""
        pupils = read_roster(ROSTERS / "synthetic-school").pupils
        homes = Counter(pupil.household for pupil in pupils)
        verdicts = {(pupil.household, pupil.left_behind) for pupil in pupils}

        assert {"none": 120, "one": 34, "both": 26} == Counter(pupil.left_behind for pupil in pupils)
        assert {1: 160, 2: 10} == Counter(homes.values())
        assert len(homes) == len(verdicts)
        assert 17 == sum(pupil.boarder is True for pupil in pupils)

    def test_the_children_are_as_old_as_their_grade(self):
        """In September a pupil of grade 1 is six, one of grade 6 is eleven."""
        pupils = read_roster(ROSTERS / "synthetic-school").pupils
        ages = {(int(p.grade), (date(2026, 9, 1) - p.birth_date).days // 365) for p in pupils if p.birth_date}

        assert [] == [(grade, age) for grade, age in ages if not 5 + grade <= age <= 6 + grade]

    def test_a_left_behind_child_has_somebody_who_looks_after_it(self):
        """Every child left behind has a relative or guardian beside the parents."""
        pupils = read_roster(ROSTERS / "synthetic-school").pupils
        carers = {p.id: [g.relation for g in p.guardians if g.relation != "parent"] for p in pupils}

        assert [] == [p.id for p in pupils if (p.left_behind != "none") != bool(carers[p.id])]

    def test_the_seats_are_taken_but_the_psychologists(self):
        """Principal, vice principal, safeguarding lead, counsellor, office and medical staff; no psychologist."""
        staff = staff_rows(read_roster(ROSTERS / "synthetic-school"))
        seats = {role: row.person for row in staff for role in row.roles if role != "teacher"}

        assert 12 == sum("teacher" in row.roles for row in staff)
        assert {
            "principal": "t.shen",
            "vice_principal": "t.lu",
            "safeguarding_lead": "t.fang",
            "youth_counsellor": "t.qin",
            "office": "t.jin",
            "medical_staff": "t.tan",
        } == seats

    def test_no_phone_could_reach_anybody(self):
        """Every phone begins with 100, as no Chinese mobile number does."""
        roster = read_roster(ROSTERS / "synthetic-school")

        assert {"100"} == {adult.phone[:3] for pupil in roster.pupils for adult in pupil.guardians}


class TestSyntheticDelta:
    def test_one_childs_parents_leave_and_one_pupil_leaves_school(self):
        """The delta changes one row, takes one pupil off the roll, and changes nothing the second time."""
        roll = {row.pupil: row for row in plan_import({}, read_roster(ROSTERS / "synthetic-school")).added}
        delta = read_roster(ROSTERS / "synthetic-school-delta")
        changes = plan_import(roll, delta)
        after = roll | {row.pupil: row for row in changes.changed}
        after |= {pupil: evolve(after[pupil], on_roll=False) for pupil in changes.left}
        again = plan_import(after, delta)

        assert (evolve(roll["p-001"], left_behind="both"),) == changes.changed
        assert ((), ("p-179",)) == (changes.added, changes.left)
        assert ((), (), ()) == (again.added, again.changed, again.left)

    def test_the_grandmother_comes_with_it(self):
        """The child's new carer is a relative in the delta."""
        child = read_roster(ROSTERS / "synthetic-school-delta").pupils[0]

        assert ("p-001", ["parent", "relative", "parent"]) == (child.id, [adult.relation for adult in child.guardians])
