"""Nobody learns from a refusal, an answer or a number which child has a case."""

import pytest

from casework import ConcernDraft, Record
from casework.errors import NotAllowed, NotFound
from casework.model.examination import Examination
from casework.model.roll import RollRow
from casework.policy.access import default_access
from tests.engine.test_restricted import HEAD, SCHOOL, SEATS, TEACHER
from tests.engine.world import World, day

SUBJECT, NURSE, NOBODY, OTHER = "t.sub", "t.med", "t.nobody", "t.fang"
STAFF = type(SEATS)(
    {**SEATS.seats, "subject_teacher": [SUBJECT], "medical_staff": [NURSE]},
    {"3-1": TEACHER, "3-2": OTHER},
    tz=SEATS.tz,
)
CASE, NONE = "s-17", "s-99"
"""A child with a case, and one of whom nobody has said anything."""
PUPILS = [f"p-{number}" for number in range(30)]
IN_DANGER = Record("visit", reached=True, concerns=(ConcernDraft("abuse", severity="danger"),))


@pytest.fixture
def world():
    """A child of class 3-1 with a case; thirty pupils of that class without one."""
    found = World(SCHOOL, directory=STAFF)
    found.desk(TEACHER).identify(CASE, away="both", class_="3-1")
    found.use(SCHOOL, directory=STAFF, access=default_access())
    found.desk(HEAD).update_roll([RollRow(pupil=pupil, class_="3-1") for pupil in PUPILS], [])
    return found


def answered(ask, child):
    """What somebody is answered who asks about a child: its kind and its words, but for the child's id."""
    try:
        found = ask(child)
    except (NotFound, NotAllowed) as error:
        return type(error), str(error).replace(child, "CHILD")
    return type(found), str(found)


class TestRefusals:
    @pytest.mark.parametrize("person", [NOBODY, OTHER, SUBJECT])
    def test_an_examination_is_refused_alike(self, world, person):
        """Who may not examine hears the same of a child with a case as of a child nobody knows."""
        desk = world.desk(person)

        assert answered(lambda child: desk.examine(child, Examination(eye="normal")), NONE) == answered(
            lambda child: desk.examine(child, Examination(eye="normal")), CASE
        )
        assert answered(lambda child: desk.check_named([child]), NONE) == answered(
            lambda child: desk.check_named([child]), CASE
        )

    def test_who_examines_is_told_of_a_wrong_id(self, world):
        """The nurse examines every pupil, and is told of an id that nobody has."""
        world.desk(NURSE).check_named([*PUPILS, CASE])
        with pytest.raises(NotFound):
            world.desk(NURSE).check_named([*PUPILS, NONE])

    def test_a_class_teacher_examines_the_class(self, world):
        """Pupils of the class, with and without a case; a child of another class is not found."""
        world.desk(TEACHER).check_named([*PUPILS, CASE])
        with pytest.raises(NotFound):
            world.desk(OTHER).check_named(PUPILS[:1])

    @pytest.mark.parametrize("step", ["gather", "correct_attendance", "correct_gathering", "void_gathering"])
    def test_a_gathering_is_refused_alike(self, world, step):
        """Who may enter no gathering is refused whatever child or gathering they name."""
        held = world.desk(SUBJECT).gather("symposium", [CASE]).gathering.id
        desk = world.desk(NOBODY)
        asks = {
            "gather": lambda child: desk.gather("symposium", [child]),
            "correct_attendance": lambda child: desk.correct_attendance(held, "typo", present=[child]),
            "correct_gathering": lambda id_: desk.correct_gathering(held if id_ == CASE else id_, "typo", kind="film"),
            "void_gathering": lambda id_: desk.void_gathering(held if id_ == CASE else id_, "typo"),
        }

        assert NotAllowed is answered(asks[step], CASE)[0]
        assert answered(asks[step], NONE) == answered(asks[step], CASE)


class TestGatherings:
    def test_what_waits_is_counted_whether_there_is_a_case_or_not(self, world):
        """Of a large gathering every child on its list waits, with and without a record."""
        before = world.desk(SUBJECT).gather("symposium", PUPILS, on=day(9, 1)).waiting
        world.desk(TEACHER).identify(PUPILS[3], away="both", class_="3-1")
        after = world.desk(SUBJECT).gather("symposium", PUPILS, on=day(9, 1), key="again").waiting

        assert (30, 30) == (before, after)

    def test_who_may_not_list_children_sees_only_whom_they_named(self, world):
        """What comes back of a correction holds no more than the gathering shows, and what was just said."""
        held = world.desk(HEAD).gather("symposium", PUPILS).gathering.id
        desk = world.desk(SUBJECT)

        assert {} == desk.gathering(held).attendance
        assert {} == desk.correct_gathering(held, "typo", kind="film").gathering.attendance
        set_right = desk.correct_attendance(held, "typo", absent=PUPILS[:1], key="k").gathering
        assert {PUPILS[0]: "absent"} == set_right.attendance
        assert {} == desk.correct_attendance(held, "typo", absent=PUPILS[:1], key="k").gathering.attendance
        assert {} == desk.void_gathering(held, "typo").gathering.attendance
        assert set(PUPILS) == set(world.desk(HEAD).gathering(held).attendance)

    def test_who_enters_one_is_told_what_they_entered(self, world):
        """A subject teacher who may list no child enters a list, and sees that list."""
        assert {CASE: "present"} == world.desk(SUBJECT).gather("symposium", [CASE]).gathering.attendance


class TestDanger:
    @pytest.mark.parametrize("person", [NOBODY, OTHER])
    def test_a_record_that_reports_danger_is_taken_of_any_child(self, world, person):
        """With a case and without one it raises the emergency, and what comes back is what was said."""
        told = {}
        for child in (CASE, NONE):
            previewed = world.desk(person).preview(child, IN_DANGER)
            done = world.desk(person).do(child, IN_DANGER)
            told[child] = [
                ([type(event).__name__ for _, event in found.events], found.case.stage, found.failed_rules)
                for found in (previewed, done)
            ]
            assert ["abuse"] == [found.kind for found in world.record(child).emergencies.values()]
            assert {"emergency"} == {row.topic for row in world.outbox() if row.child == child}

        assert told[NONE] == told[CASE] == 2 * [(["Recorded", "ConcernNoted"], "", ())]

    def test_what_was_recorded_so_does_not_keep_the_child_from_being_identified(self, world):
        """The visit stands in the record of the child, whose case begins afterwards."""
        world.desk(NOBODY).do(NONE, IN_DANGER)
        case = world.desk(TEACHER).identify(NONE, away="both", class_="3-1").case

        assert ("identified", ["visit"]) == (case.stage, [act.kind for act in case.activity_log.values()])
