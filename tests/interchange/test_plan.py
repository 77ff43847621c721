from datetime import date

from attrs import evolve

from casework.interchange import Amendment, Pupil, RollChanges, Roster, plan_import
from casework.model.roll import RollRow

STORED = RollRow(
    pupil="s-17",
    class_="c1",
    grade="1",
    left_behind="both",
    boarder=True,
    household="h1",
    birth_date=date(2019, 9, 1),
    sex="female",
)


def bulk(*pupils):
    """A bulk roster of these pupils."""
    return Roster("oneroster-1.2", "bulk", pupils=pupils)


def delta(*pupils, amendments=()):
    """A delta of these pupils and amendments."""
    return Roster("oneroster-1.2", "delta", pupils=pupils, amendments=amendments)


class TestBulk:
    def test_who_is_not_in_it_leaves_the_roll(self):
        """A bulk roster is the whole roll."""
        assert RollChanges(added=(RollRow("s-2"),), left=("s-17",)) == plan_import({"s-17": STORED}, bulk(Pupil("s-2")))

    def test_who_has_left_already_does_not_leave_again(self):
        """A pupil off the roll who is not in the roster is no change."""
        gone = evolve(STORED, on_roll=False)

        assert RollChanges(added=(RollRow("s-2"),)) == plan_import({"s-17": gone}, bulk(Pupil("s-2")))

    def test_who_comes_back_is_on_the_roll_again_with_all_that_was_known(self):
        """A pupil who returns keeps household, birth date and verdict."""
        gone = evolve(STORED, on_roll=False)

        assert RollChanges(changed=(STORED,)) == plan_import({"s-17": gone}, bulk(Pupil("s-17", "c1")))

    def test_what_the_roster_does_not_say_stays(self):
        """Silence about verdict, boarding, household, birth date and sex overwrites nothing."""
        assert RollChanges(unchanged=1) == plan_import({"s-17": STORED}, bulk(Pupil("s-17", "c1")))

    def test_what_it_says_is_taken(self):
        """Every field that a roster gives replaces the stored one."""
        pupil = Pupil(
            "s-17", "c2", "2", "x", "none", boarder=False, household="h2", birth_date=date(2019, 9, 2), sex="male"
        )
        wanted = RollRow(
            "s-17", "c2", "2", "none", boarder=False, household="h2", birth_date=date(2019, 9, 2), sex="male"
        )

        assert RollChanges(changed=(wanted,)) == plan_import({"s-17": STORED}, bulk(pupil))

    def test_no_class_in_bulk_is_said(self):
        """A pupil who is in no class any more loses the class."""
        assert RollChanges(changed=(evolve(STORED, class_=""),)) == plan_import({"s-17": STORED}, bulk(Pupil("s-17")))

    def test_an_id_in_another_case_is_the_same_child(self):
        """S-17 is s-17, C1 is c1; the stored spelling stays, and nobody is doubled."""
        assert RollChanges(unchanged=1) == plan_import({"s-17": STORED}, bulk(Pupil("S-17", "C1")))


class TestDelta:
    def test_who_is_not_mentioned_stays(self):
        """A delta without anybody changes nothing."""
        assert RollChanges() == plan_import({"s-17": STORED}, delta())

    def test_a_pupil_to_be_deleted_leaves_once(self):
        """The second time there is nobody to leave; an unknown one never was there."""
        pupils = (Pupil("s-17", status="tobedeleted"), Pupil("s-99", status="tobedeleted"))

        assert ("s-17",) == plan_import({"s-17": STORED}, delta(*pupils)).left
        assert RollChanges() == plan_import({"s-17": evolve(STORED, on_roll=False)}, delta(*pupils))

    def test_an_ended_class_is_left_only_by_who_is_in_it(self):
        """The end of another class's enrolment is no matter."""
        own, other = Amendment("s-17", "e.csv", 2, ends="C1"), Amendment("s-17", "e.csv", 3, ends="c9")

        assert (evolve(STORED, class_=""),) == plan_import({"s-17": STORED}, delta(amendments=(own,))).changed
        assert RollChanges(unchanged=1) == plan_import({"s-17": STORED}, delta(amendments=(other,)))

    def test_a_teaching_group_is_not_taken_for_the_class(self):
        """Joining a group that is nobody's class changes nothing; joining a homeroom does, even if it stands first."""
        group = Amendment("s-17", "e.csv", 2, joins="art")
        room = Amendment("s-17", "e.csv", 2, joins="c5", homeroom=True)

        assert RollChanges(unchanged=1) == plan_import({"s-17": STORED}, delta(amendments=(group,)))
        assert (evolve(STORED, class_="c5"),) == plan_import({"s-17": STORED}, delta(amendments=(room, group))).changed

    def test_the_class_of_others_is_taken(self):
        """A class that is somebody's on the roll is a class, also when the delta does not bring it."""
        roll = {"s-17": STORED, "s-18": evolve(STORED, pupil="s-18", class_="c2")}
        joins = Amendment("s-17", "e.csv", 2, joins="c2")

        assert (evolve(STORED, class_="c2"),) == plan_import(roll, delta(amendments=(joins,))).changed

    def test_what_is_said_of_who_leaves_or_is_unknown_does_not_matter(self):
        """Endings and birth dates of leavers and of staff are passed over."""
        leaver = Pupil("s-17", status="tobedeleted")
        amendments = (
            Amendment("s-17", "e.csv", 2, ends="c1"),
            Amendment("t-1", "d.csv", 2, birth_date=date(1980, 1, 1)),
        )

        assert RollChanges(left=("s-17",)) == plan_import({"s-17": STORED}, delta(leaver, amendments=amendments))
