"""Scripted happenings, and what people do about emergencies."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casework import Calendar, Term
from casework.errors import CommandRefused
from casework.simulate import DeadPhone, Disclosure, Script, Sick, SilentRung, simulate

QUIET = {"crisis_base": 1e-12}
"""No emergency by chance."""

TERM = Term("2026-autumn", date(2026, 9, 1), date(2026, 11, 20), holidays=[(date(2026, 10, 1), date(2026, 10, 7))])
SHORT = Calendar([TERM], tz="Asia/Shanghai")
SMALL = {"children": 8, "helpers": 3, "rates": QUIET, "calendar": SHORT}


LEAD = "t.03"
"""The lead helper of the seventh child; `test_the_lead_helper_is_told_first` holds it."""


def local(day, hour, minute=0):
    """An instant of the simulated school's time, eight hours before UTC."""
    return datetime(2026, *day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def the_emergency(script, **changes):
    """Run a term with this script, and hand back its only emergency and the run."""
    run = simulate(**SMALL | changes, script=script)
    (found,) = run.emergencies
    return found, run


def case_of(run, child):
    """The child's record at the end."""
    with run.store.read():
        return run.store.load(run.school, [child])[child]


@pytest.mark.unmeasured
class TestDisclosure:
    def test_a_child_discloses_at_the_scripted_minute(self):
        """The emergency is raised then, at night as by day, and goes its way to the review."""
        world = Script().at("2026-10-20 21:40", Disclosure(child=7))
        found, run = the_emergency(world, staff="diligent")

        assert ("s-7", "abuse_disclosed", "reviewed") == (found.child, found.kind, found.state)
        assert local((10, 20), 21, 40) == found.raised
        assert found.raised < found.acknowledged < found.responded < found.stood_down < found.reviewed
        assert "Script" not in run.setting.command

    def test_the_lead_helper_is_told_first(self):
        """The first rung is the lead helper; one who answers at once is the only one told."""
        found, run = the_emergency([("2026-10-20 21:40", Disclosure("s-7", kind="missing"))], staff="diligent")

        assert LEAD == case_of(run, "s-7").lead
        assert [("lead", LEAD, found.raised)] == list(found.told)
        assert run.emergencies.acknowledged_within(hours=2).all()
        assert run.emergencies.responded_within(hours=2).all()
        assert run.emergencies.stood_down_within(hours=24).all()
        assert run.emergencies.reviewed_within(days=7).all()
        assert not run.emergencies.acknowledged_within(hours=0).any()

    def test_whom_the_child_names_is_passed_over(self):
        """An implicated lead helper is not told: the class teacher is, at once; the same emergency ends reviewed."""
        lead = LEAD
        found, run = the_emergency([("2026-10-20 21:40", Disclosure(7, implicated=lead))], staff="diligent")

        assert lead not in {person for _, person, _ in found.told}
        assert found.raised == found.told[0][2]
        assert "reviewed" == found.state
        assert run.conserved

    def test_a_named_carer_is_not_talked_to(self):
        """While the carer is implicated nobody owes a talk with the carer: October's is excused, November's is met."""
        _, run = the_emergency([("2026-10-05 21:40", Disclosure(7, implicated="carer"))], staff="diligent")

        assert 1 == run.obligations["D14"]["excused"]

    def test_who_hears_it_can_be_named(self):
        """The report then is that person's."""
        found, run = the_emergency([("2026-10-20 21:40", Disclosure(7, to="office"))])

        assert "office" == case_of(run, "s-7").emergencies[found.id].raised_by

    def test_nobody_works_nobody_answers(self):
        """With no staff the host's reporter raises it, every rung is told in turn, and the top again and again."""
        found, _ = the_emergency([("2026-10-20 21:40", Disclosure(7))], staff="zero")
        roles = [role for role, _, _ in found.told]

        assert ("raised", None) == (found.state, found.acknowledged)
        assert ["class_teacher", "safeguarding_lead", "vice_principal", "principal", "outside", "outside"] == roles[:6]
        assert timedelta(days=1) == found.told[-1][2] - found.told[-2][2]


@pytest.mark.unmeasured
class TestSilentRung:
    def test_a_silent_lead_helper_costs_half_an_hour(self):
        """After 30 minutes the next rung is told, who answers."""
        world = Script().at("2026-09-20 08:00", SilentRung("lead")).at("2026-10-20 21:40", Disclosure(7))
        found, _ = the_emergency(world, staff="diligent")

        assert ["lead", "safeguarding_lead"] == [role for role, _, _ in found.told]
        assert timedelta(minutes=30) == found.told[1][2] - found.raised
        assert found.acknowledged > found.told[1][2]

    def test_silence_ends(self):
        """After the days it was scripted for the rung answers again."""
        world = Script().at("2026-09-20 08:00", SilentRung("lead", days=7)).at("2026-10-20 21:40", Disclosure(7))
        found, _ = the_emergency(world, staff="diligent")

        assert ["lead"] == [role for role, _, _ in found.told]

    def test_a_silent_school_brings_the_outside(self):
        """When nobody inside answers, whoever is outside is told after two hours, and the call is recorded."""
        world = Script()
        for role in ("lead", "class_teacher", "safeguarding_lead", "vice_principal", "principal"):
            world.at("2026-09-20 08:00", SilentRung(role))
        found, run = the_emergency(world.at("2026-10-20 21:40", Disclosure(7)), staff="diligent")
        (call,) = case_of(run, "s-7").emergencies[found.id].outside

        assert timedelta(hours=2) == next(at for role, _, at in found.told if role == "outside") - found.raised
        assert ("police", "vice-principal") == (call.agency, call.by)
        assert call.at == found.acknowledged
        assert "reviewed" == found.state


@pytest.mark.unmeasured
class TestSick:
    def test_a_sick_helper_is_passed_over(self):
        """Who is away on the day is not told, and works nothing in that week."""
        lead = LEAD
        world = Script().at("2026-10-19 07:00", Sick(lead, days=7)).at("2026-10-20 21:40", Disclosure(7))
        found, run = the_emergency(world, staff="diligent")

        assert lead not in {person for _, person, _ in found.told}
        assert not run.minutes.get((lead, local((10, 19), 8).date()), 0)

    def test_a_helper_is_named_by_number_too(self):
        """The first helper is number one."""
        by_number, by_id = (simulate(**SMALL, script=[("2026-10-19 07:00", Sick(who, days=20))]) for who in (1, "t.01"))

        assert by_number.trace_hash == by_id.trace_hash


class TestDeadPhone:
    def test_a_dead_number_asks_for_a_new_card(self):
        """Whoever hears that the number is dead marks it; the card is asked for again, and written anew."""
        world = [("2026-10-01 07:00", DeadPhone(7)), ("2026-10-01 07:00", DeadPhone("s-8", "parents"))]
        run = simulate(**SMALL, staff="diligent", script=world)
        marks = {child: [mark.kind for mark in case_of(run, child).marks.values()] for child in ("s-7", "s-8")}

        assert {
            "s-8": ["filed", "card", "number_dead", "card"],
            "s-7": ["filed", "card", "number_dead", "card"],
        } == marks
        assert 10 == run.obligations["D3"]["met"]
        assert not any(contact.dead for contact in case_of(run, "s-7").card.contacts().values())


@pytest.mark.unmeasured
class TestTogether:
    def test_script_and_chance_compose(self):
        """A scripted emergency comes besides those of chance, which stay what they were."""
        rates = {"crisis_base": 0.004}
        plain = simulate(**SMALL | {"rates": rates})
        scripted = simulate(**SMALL | {"rates": rates}, script=[("2026-10-20 21:40", Disclosure(7))])
        when = local((10, 20), 21, 40)

        assert len(plain.emergencies) > 1
        assert {(e.child, e.kind, e.raised) for e in plain.emergencies if e.raised < when} <= {
            (e.child, e.kind, e.raised) for e in scripted.emergencies
        }
        assert when in {e.raised for e in scripted.emergencies}

    def test_many_emergencies_all_end(self):
        """With an ordinary staff, at night and on holidays, every early emergency is answered and gone through."""
        run = simulate(**SMALL | {"rates": {"crisis_base": 0.02, "blames_helper": 0.3}}, seed=5)
        early = [e for e in run.emergencies if e.raised < local((11, 1), 0)]

        assert len(early) > 20
        assert {"reviewed"} == {e.state for e in early}
        assert run.conserved
        assert run.emergencies[:2] == (run.emergencies[0], run.emergencies[1])
        assert "Verdicts([" in repr(run.emergencies.acknowledged_within(hours=24))
        assert run.emergencies.acknowledged_within(hours=24)[0] in {True, False}
        assert len(run.emergencies) == len(run.emergencies.acknowledged_within(hours=1)[:])


class TestRefused:
    @pytest.mark.parametrize(
        ("item", "words"),
        [
            (("20 October", Disclosure(7)), "write it as 2026-10-20 21:40"),
            (("2026-08-20 21:40", Disclosure(7)), "outside the simulated term"),
            (("2026-11-21 00:00", Disclosure(7)), "outside the simulated term"),
            (("2026-10-20 21:40", Disclosure(9)), "no child 9; give 1 to 8, or an id such as s-1"),
            (("2026-10-20 21:40", DeadPhone("x")), "no child x"),
            (
                ("2026-10-20 21:40", Sick("principle")),
                "no member of staff principle; give 1 to 3, or an id such as t.01",
            ),
            (("2026-10-20 21:40", "flood"), "str is no happening"),
        ],
    )
    def test_a_script_that_cannot_happen_is_refused_before_the_term_begins(self, item, words):
        """The refusal says what is wrong and what to write."""
        with pytest.raises(CommandRefused, match=words):
            simulate(**SMALL, script=[item])
