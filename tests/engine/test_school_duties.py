"""Duties of the school, its classes and its pupils: each really met and really missed, on the days written here."""

from datetime import date

import pytest

from casework import StaticDirectory
from casework.errors import CommandRefused, NotFound, StepRefused
from casework.model.examination import Examination
from casework.model.roll import RollRow
from casework.policy import load_policy
from tests.engine.world import CARD, DIRECTORY, World, day, duty, noon, policy

TOWN, WHOLE = load_policy("town-primary"), load_policy("school")
OPEN, TERM = "2026-autumn:OPEN", "2026-autumn:TERM"
HEALTHY = Examination((95, 60), 131.5, (5.0, 5.0), 1400, 62.5, "normal", "normal", "normal", "normal")
WEAK = Examination(vision=(4.6, 4.8), abnormal=["vision"])


def school(own, *, at=None, roll=("s-1", "p-1"), cases=("s-1",)):
    """A school with pupils of class 3-1, some of whom have a case, from the first day of term on."""
    world = World(own, at=at)
    world.desk().update_roll(
        [RollRow(child, "3-1", left_behind="both" if child in cases else "none") for child in roll], []
    )
    for child in cases:
        world.desk().identify(child, away="both", class_="3-1")
    return world


def owed(world, key, *, of=None):
    """An obligation of the school (None), a class (its name with @) or a child."""
    if of is None or of.startswith("@"):
        record = world.desk().of_school("" if of is None else of[1:])
    else:
        record = world.desk().case(of)
    return record.obligations[key]


def verdict(world, key, *, of=None):
    """Its status."""
    return owed(world, key, of=of).status


class TestMeeting:
    def test_each_class_owes_one_in_the_first_three_weeks(self):
        """D19: the class teacher's, from the first day to the end of OPEN."""
        found = owed(school(TOWN), f"D19/{OPEN}", of="@3-1")

        assert (day(9, 1), day(9, 20), day(9, 20), "class_teacher") == (
            found.opens,
            found.due,
            found.closes,
            found.role,
        )

    @pytest.mark.parametrize(("on", "status"), [(day(9, 20), "met"), (day(9, 21), "missed")])
    def test_met_on_the_last_day_and_missed_after_it(self, on, status):
        """A meeting on the last day of OPEN meets it; one on the day after does not."""
        world = school(TOWN)
        world.on(on).desk().gather("parents_meeting", ["s-1", "p-1"])
        world.on(day(9, 22)).sweep()

        assert status == verdict(world, f"D19/{OPEN}", of="@3-1")

    def test_a_school_s_meeting_counts_for_every_class_that_came(self):
        """A meeting of the whole school discharges the duty of each class whose children's carers were invited."""
        world = school(TOWN, roll=("s-1", "p-1"))
        world.desk().update_roll([RollRow("q-1", "4-1"), RollRow("r-1", "5-1")], [])
        world.on(day(9, 10)).desk().gather("parents_meeting", ["s-1"], ["q-1"])

        assert ["met", "met", "open"] == [verdict(world, f"D19/{OPEN}", of=f"@{c}") for c in ("3-1", "4-1", "5-1")]

    def test_a_carer_who_stayed_away_is_met_in_ten_teaching_days(self):
        """The tenth teaching day after 10 September is the 23rd: Sunday the 20th is made up; a talk then meets it."""
        world = school(TOWN)
        held = world.on(day(9, 10)).desk().gather("parents_meeting", ["p-1"], ["s-1"]).gathering
        found = owed(world, f"D19-carer/{held.id}", of="s-1")

        assert (day(9, 10), day(9, 23), "open") == (found.opens, found.due, found.status)
        world.on(day(9, 23)).desk().record("s-1", "carer_talk", reached=True, met=["carer"])
        assert "met" == verdict(world, f"D19-carer/{held.id}", of="s-1")

    def test_and_is_missed_on_the_eleventh(self):
        """Nobody spoke to the carer; an attempt that reached nobody does not count."""
        world = school(TOWN)
        held = world.on(day(9, 10)).desk().gather("parents_meeting", ["p-1"], ["s-1"]).gathering
        world.on(day(9, 23)).desk().record("s-1", "carer_talk", reached=False)
        world.on(day(9, 24)).sweep()

        assert "missed" == verdict(world, f"D19-carer/{held.id}", of="s-1")

    def test_whoever_came_after_all_is_asked_for_no_more(self):
        """The list was wrong: what it asked for is superseded."""
        world = school(TOWN)
        held = world.on(day(9, 10)).desk().gather("parents_meeting", [], ["s-1"]).gathering
        world.desk().correct_attendance(held.id, "typing_error", present=["s-1"])

        assert "superseded" == verdict(world, f"D19-carer/{held.id}", of="s-1")

    def test_a_class_that_is_no_more_owes_nothing(self):
        """When the last pupil has left, and no case is open, its duties fall away; they return with the next pupil."""
        world = school(TOWN)
        gone = [RollRow(child, "3-1", on_roll=False) for child in ("s-1", "p-1")]
        world.on(day(9, 3)).desk().update_roll(gone, [])
        world.desk().close("s-1", "moved_away")
        world.on(day(9, 4)).sweep()

        assert "superseded" == verdict(world, f"D19/{OPEN}", of="@3-1")
        world.on(day(9, 7)).desk().update_roll([RollRow("p-2", "3-1")], [])
        assert "open" == verdict(world, f"D19/{OPEN}", of="@3-1")

    def test_a_class_that_begins_late_starts_with_no_missed_meeting(self):
        """With four teaching days left in OPEN nothing is asked, with five it is."""
        for on, asked in ((day(9, 15), True), (day(9, 16), False)):
            world = school(TOWN)
            world.on(on).desk().update_roll([RollRow("q-1", "4-1")], [])

            assert asked == (f"D19/{OPEN}" in world.desk().of_school("4-1").obligations)


class TestExamination:
    def test_every_pupil_is_owed_one_until_the_end_of_the_second_week(self):
        """D29: with a case or without; medical staff's, due and closed on Sunday 13 September."""
        world = school(TOWN)
        for child in ("s-1", "p-1"):
            found = owed(world, f"D29/{TERM}", of=child)

            assert (day(9, 1), day(9, 13), day(9, 13)) == (found.opens, found.due, found.closes)
            assert "medical_staff" == found.role
        assert ("", "identified") == (world.desk().case("p-1").stage, world.desk().case("s-1").stage)

    @pytest.mark.parametrize(("on", "status"), [(day(9, 13), "met"), (day(9, 14), "missed")])
    @pytest.mark.parametrize("child", ["s-1", "p-1"])
    def test_met_on_the_last_day_and_missed_after_it(self, child, on, status):
        """So it is for a pupil without a case as well."""
        world = school(TOWN)
        world.on(on).desk().examine(child, HEALTHY)
        world.on(day(9, 15)).sweep()

        assert status == verdict(world, f"D29/{TERM}", of=child)

    def test_an_examination_day_discharges_it_for_all_present(self):
        """Held as a gathering it counts for each pupil who was there; the absent one's stays open."""
        world = school(TOWN)
        world.on(day(9, 8)).desk().gather("examination", ["p-1"], ["s-1"])

        assert ["met", "open"] == [verdict(world, f"D29/{TERM}", of=child) for child in ("p-1", "s-1")]

    @pytest.mark.parametrize("child", ["s-1", "p-1"])
    def test_an_abnormal_finding_is_followed_up_in_twenty_teaching_days(self, child):
        """The twentieth after 8 September is 12 October, past two holidays; then it is met, a day later missed."""
        for on, status in ((day(10, 12), "met"), (day(10, 13), "missed")):
            world = school(TOWN)
            found = world.on(day(9, 8)).desk().examine(child, WEAK)
            key = f"D29-follow-up/{found.activity}"

            assert day(10, 12) == owed(world, key, of=child).due
            world.on(on)
            if child == "s-1":
                world.desk().record(child, "follow_up", reached=True)
            else:
                world.desk().gather("follow_up", [child])
            world.sweep(catch_up=True)
            assert status == verdict(world, key, of=child)

    def test_a_finding_that_was_a_mistake_asks_for_nothing(self):
        """Voided or corrected, what it asked for is superseded."""
        world = school(TOWN)
        found = world.on(day(9, 8)).desk().examine("s-1", WEAK).activity
        world.desk().correct("s-1", found, "read_wrongly", details=Examination(vision=(5.0, 5.0)).details())

        assert "superseded" == verdict(world, f"D29-follow-up/{found}", of="s-1")

    def test_a_pupil_who_leaves_owes_nothing_more(self):
        """From the day after on it is not asked for."""
        world = school(TOWN)
        world.on(day(9, 3)).desk().update_roll([RollRow("p-1", "3-1", on_roll=False)], [])
        world.on(day(9, 4)).sweep()

        assert "superseded" == verdict(world, f"D29/{TERM}", of="p-1")

    def test_a_pupil_whose_case_closes_is_examined_all_the_same(self):
        """The case's duties are excused, the pupil's stay."""
        world = school(TOWN)
        world.on(day(9, 3)).desk().close("s-1", "parents_returned")

        assert "excused" == verdict(world, f"D10/{OPEN}", of="s-1")
        assert "open" == verdict(world, f"D29/{TERM}", of="s-1")

    def test_nobody_is_examined_whom_the_school_does_not_know(self):
        """A slip of the pen begins no record."""
        with pytest.raises(NotFound, match="no child on the roll or with a case p-99"):
            school(TOWN).desk().examine("p-99", HEALTHY)

    def test_the_roll_is_known_before_the_duty_is(self):
        """Applying a policy that asks something of pupils begins their records, and its dry run says so."""
        world = school(policy(duty('{ each = "OPEN" }')))
        world.use(TOWN)
        foreseen = world.on(day(9, 2)).desk("t.sun").apply(dry_run=True)
        done = world.desk("t.sun").apply()

        assert (2, foreseen.woken) == (foreseen.effects["opened D29"], done.woken)
        world.sweep()
        assert "open" == verdict(world, f"D29/{TERM}", of="p-1")


class TestMechanism:
    def test_a_contact_tree_is_tested_once_a_term(self):
        """D23: the principal's, until the last day of term; a test that reached somebody meets it."""
        world = school(WHOLE)
        found = owed(world.on(day(9, 2)), f"D23/{TERM}") if world.sweep() else None

        assert (day(9, 1), day(1, 22), "principal") == (found.opens, found.due, found.role)
        world.desk().adopt_mechanism("2026.1")
        tested = world.on(day(1, 22)).desk().test_tree(["t.sun", "t.zhao"], ["t.chen"])
        assert "met" == verdict(world, f"D23/{TERM}")
        acts = [event.activity for _, event in tested.events if type(event).__name__ == "Recorded"]
        assert [(True, ("t.sun", "t.zhao")), (False, ("t.chen",))] == [(act.reached, act.met) for act in acts]
        assert {"2026.1"} == {act.details["version"] for act in acts}

    def test_untested_in_a_term_it_is_missed(self):
        """A test in which nobody was reached counts for nothing."""
        world = school(WHOLE)
        world.sweep()
        world.desk().adopt_mechanism("2026.1")
        world.on(day(1, 20)).desk().test_tree([], ["t.sun"])
        world.on(day(1, 23)).sweep(catch_up=True)

        assert "missed" == verdict(world, f"D23/{TERM}")

    def test_there_is_no_test_without_a_mechanism(self):
        """What was not adopted cannot be tested; the refusal says how to adopt one."""
        with pytest.raises(StepRefused, match="adopt one first: `casework mechanism VERSION`"):
            school(WHOLE).desk().test_tree(["t.sun"])

    def test_a_version_of_a_later_day_is_not_the_one_that_was_tested(self):
        """A test is of what had been adopted by its day."""
        world = school(WHOLE)
        world.on(day(9, 10)).desk().adopt_mechanism("2026.1", on=day(9, 10))

        with pytest.raises(StepRefused, match="no mechanism was adopted by then"):
            world.desk().test_tree(["t.sun"], on=day(9, 9))


class TestLetters:
    KEYS = (("D24", None), ("D24-teachers", None), ("D24-class", "@3-1"), ("D24-guardian", "s-1"))

    def sign_all(self, world):
        """Every party signs."""
        desk = world.desk()
        desk.sign("school", "2026.1", people=["t.sun"])
        desk.sign("teachers", "2026.1", people=["t.wang", "t.li"])
        desk.sign("class_teacher", "2026.1", of="3-1")
        desk.sign("guardian", "2026.1", of="s-1", people=["p.liu"])

    @pytest.mark.parametrize(("on", "status"), [(day(9, 20), "met"), (day(9, 21), "missed")])
    def test_four_parties_sign_by_the_end_of_open(self, on, status):
        """D24: school, teachers, class teachers, guardians; on the last day of OPEN met, on the next missed."""
        world = school(WHOLE)
        world.sweep()
        self.sign_all(world.on(on))
        world.on(day(9, 22)).sweep()

        assert [status] * 4 == [verdict(world, f"{id_}/{OPEN}", of=of) for id_, of in self.KEYS]

    def test_one_party_s_signature_is_not_another_s(self):
        """The school's does not count for its teachers."""
        world = school(WHOLE)
        world.sweep()
        world.desk().sign("school", "2026.1")

        assert ["met", "open", "open", "open"] == [verdict(world, f"{id_}/{OPEN}", of=of) for id_, of in self.KEYS]

    def test_a_new_carer_s_guardian_signs_in_ten_teaching_days(self):
        """The tenth teaching day after 21 September is 12 October, since the school is closed from 1 to 7 October."""
        for on, status in ((day(10, 12), "met"), (day(10, 13), "missed")):
            world = school(WHOLE)
            world.desk().file("s-1", CARD)
            self.sign_all(world.on(day(9, 10)))
            changed = type(CARD)(carer=type(CARD.carer)("Wu", "aunt", "137"))
            marked = world.on(day(9, 21)).desk().record_card("s-1", changed)
            (mark,) = [m.id for m in marked.case.marks.values() if m.kind == "carer_changed"]
            key = f"D24-guardian/{mark}"

            assert day(10, 12) == owed(world, key, of="s-1").due
            world.on(on).desk().sign("guardian", "2026.1", of="s-1")
            world.sweep(catch_up=True)
            assert status == verdict(world, key, of="s-1")

    @pytest.mark.parametrize(
        ("call", "error", "said"),
        [
            (lambda d: d.sign("uncle", "1", of="s-1"), CommandRefused, "party 'uncle' is unknown; use one of guardian"),
            (lambda d: d.sign("school", ""), CommandRefused, "version= names"),
            (lambda d: d.sign("school", "two words"), CommandRefused, "version has to be a word"),
            (lambda d: d.sign("teachers", "1"), CommandRefused, "name who signed"),
            (lambda d: d.sign("guardian", "1"), CommandRefused, "Sign is about a child"),
            (lambda d: d.sign("guardian", "1", of="p-9"), StepRefused, "identify the child first"),
            (lambda d: d.sign("school", "1", of="s-1"), CommandRefused, "Sign is about a school"),
            (lambda d: d.sign("class_teacher", "1", of="9-9"), NotFound, "no class 9-9"),
            (lambda d: d.test_tree([]), StepRefused, "no mechanism"),
            (lambda d: d.examine("s-1", Examination()), CommandRefused, "nothing was examined"),
        ],
    )
    def test_refusals(self, call, error, said):
        """Refused with the mend, and nothing is stored."""
        world = school(WHOLE)
        world.sweep()
        with pytest.raises(error, match=said):
            call(world.desk())

        assert {} == world.desk().of_school().activity_log


class TestToday:
    def test_each_seat_sees_what_the_school_owes(self):
        """The principal the tree and the letter, the class teacher the class's letter."""
        world = school(WHOLE)
        world.sweep()

        assert {("", "D23"), ("", "D24")} <= {(line.child, line.duty) for line in world.desk("t.sun").today()}
        assert ("@3-1", "D24-class") in {(line.child, line.duty) for line in world.desk().today()}
        assert {"", "@3-1"}.isdisjoint(line.child for line in world.desk("t.chen").today())

    def test_what_falls_to_an_empty_seat_falls_to_the_head(self):
        """Nobody holds the office: the teachers' letter is the principal's, and without one the vice principal's."""
        world = school(WHOLE)
        world.sweep()

        assert ("", "D24-teachers") in {(line.child, line.duty) for line in world.desk("t.sun").today()}
        world.use(WHOLE, directory=StaticDirectory({"vice_principal": ["t.zhao"]}, tz="Asia/Shanghai"))
        found = {(line.child, line.duty) for line in world.desk("t.zhao").today()}
        assert {("", "D23"), ("", "D24-teachers"), ("@3-1", "D24-class")} <= found

    def test_explaining_the_school_and_a_class(self):
        """Steps of the programme, and what is owed; a class that is not there is not found."""
        world = school(WHOLE)
        world.sweep()
        said = world.desk().explain_school()

        assert {"D23", "D24", "D24-teachers", "D41"} == {o.duty for o in said.obligations}
        assert ["begin", "review", "summarise", "reopen"] == [step.name for step in said.steps]
        assert ["D24-class"] == [o.duty for o in world.desk().explain_school("3-1").obligations]
        with pytest.raises(NotFound, match="no class 9-9"):
            world.desk().of_school("9-9")


class TestJoining:
    def test_a_school_that_begins_in_mid_term_starts_with_nothing_missed(self):
        """OPEN is over: no letter is asked for; the tree has its window until the term ends."""
        world = school(WHOLE, at=noon(day(10, 12)))
        world.sweep()

        assert ["D23", "D41"] == [o.duty for o in world.desk().of_school().obligations.values()]

    def test_symposium_of_a_child_who_joins(self):
        """With five teaching days before the start of CLOSE it is asked for, with four it is not."""
        for on, asked in ((day(12, 28), True), (day(12, 30), False)):
            world = school(WHOLE, cases=())
            world.on(on).desk().identify("s-1", away="both")

            assert asked == (f"D21/{TERM}" in world.desk().case("s-1").obligations)

    def test_nothing_wakes_a_pupil_without_a_case_but_the_pupil_s_own_duties(self):
        """The next look is the next term's examination, and not every window of a case."""
        world = school(TOWN)
        world.on(day(9, 8)).desk().examine("p-1", HEALTHY)
        with world.store.read():
            wake, _ = world.store.wake_of("qinghe", "p-1")

        assert date(2027, 3, 1) == world.casework.school("qinghe").calendar.local_date(wake)
        assert DIRECTORY.holders("principal", "qinghe", world.clock()) == ["t.sun"]
