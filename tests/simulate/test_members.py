from casework.model.roll import RollRow, StaffRow
from casework.simulate import simulate
from casework.simulate.school import staff_of

MEMBERS = (
    StaffRow("t.b", ("teacher",)),
    StaffRow("t.a", ("teacher",), ("c1",)),
    StaffRow("t.o", ("office",)),
    StaffRow("t.p", ("principal", "vice_principal")),
    StaffRow("t.gone"),
)


class TestStaffOf:
    def test_seats_and_helpers_are_those_of_the_roll(self):
        """Who teaches helps, class teachers first; who has another seat holds it; who has none does nothing."""
        staff = staff_of(MEMBERS)

        assert (("t.a", "t.b"), {"c1": "t.a"}) == (staff.helpers, staff.teachers)
        assert ("t.o", "t.p") == (staff.office, staff.vice)
        assert sorted(MEMBERS, key=str) == sorted(staff.rows(), key=str)

    def test_vacant_office_falls_to_a_helper(self):
        """Where nobody holds the office the first helper enters what nobody else does."""
        assert "t.a" == staff_of(MEMBERS[:2]).office


class TestMembers:
    def test_they_live_the_term(self):
        """The staff of a roll does the work: only they lead, and their rows stay as they are."""
        pupils = [RollRow(f"p-{k}", "c1", left_behind="both") for k in range(4)]
        run = simulate(pupils=pupils, members=MEMBERS)
        with run.store.read():
            cases = run.store.load(run.school, [row.pupil for row in pupils])
            staff = run.store.staff(run.school)

        assert {p.lead for case in cases.values() for p in case.pairings} <= {"t.a", "t.b"}
        assert {row.person: row for row in MEMBERS} == staff
        assert run.conserved
