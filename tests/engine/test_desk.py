from uuid import uuid4

import pytest

from casework import ConcernDraft, Desk, Flag, Principal, Record, rule
from casework.errors import CaseworkError, CommandRefused, NotFound, StepRefused
from casework.model import commands as c
from casework.model import events as ev
from casework.model.case import case_id
from tests.engine.world import TEACHER, World, day


@pytest.fixture
def world():
    """A school with one child, identified on the first day of term."""
    found = World()
    found.desk().identify("s-17", away="both", class_="3-1", household="h-1")
    return found


class TestOpening:
    def test_a_desk_is_opened_in_somebody_s_name(self, world):
        """An id given as text is nobody's word for who acts."""
        with pytest.raises(TypeError, match="principal= takes a Principal"):
            Desk(world.casework, world.store, school="qinghe", principal="t.wang")

    def test_a_desk_is_opened_at_a_known_school(self, world):
        """A school that the application does not know has no desk."""
        with pytest.raises(NotFound, match="no school beihe"):
            Desk(world.casework, world.store, school="beihe", principal=Principal("t.wang"))


class TestNames:
    def test_a_case_goes_by_its_id_or_the_child_s(self, world):
        """The public id and the host's id of the child name the same case."""
        desk = world.desk()

        assert desk.case("s-17") == desk.case(case_id("qinghe", "s-17"))

    @pytest.mark.parametrize("name", ["s-99", "", "x" * 65, "@3-1", uuid4()])
    @pytest.mark.parametrize(
        "call",
        [
            lambda desk, name: desk.case(name),
            lambda desk, name: desk.history(name),
            lambda desk, name: desk.next_steps(name),
            lambda desk, name: desk.emergency_steps(name),
        ],
    )
    def test_what_nobody_knows_is_not_found(self, world, name, call):
        """An unknown child or case is not found, whatever is asked about it."""
        with pytest.raises(NotFound):
            call(world.desk(), name)

    def test_what_is_no_name_at_all_is_said(self, world):
        """A number names no case."""
        with pytest.raises(TypeError, match="a case is named by its UUID or the child's id, not by int"):
            world.desk().case(17)

    def test_errors_are_casework_s(self, world):
        """A host may catch all of them at once."""
        with pytest.raises(CaseworkError):
            world.desk().case("s-99")
        with pytest.raises(LookupError):
            world.desk().case("s-99")


class TestIdempotency:
    def test_the_same_key_is_carried_out_once(self, world):
        """A request that is sent twice is carried out once, and says so."""
        desk = world.desk()
        first = desk.record("s-17", "visit", reached=True, key="k1")
        again = desk.record("s-17", "visit", reached=True, key="k1")

        assert (False, True) == (first.repeated, again.repeated)
        assert 1 == len(world.record().activity_log)
        assert again.case == first.case

    def test_a_key_belongs_to_its_principal_and_child(self, world):
        """Two teachers may use the same key, and one teacher for two children."""
        world.desk().identify("s-18", away="one")
        for person, child in ((TEACHER, "s-17"), ("t.li", "s-17"), (TEACHER, "s-18")):
            assert not world.desk(person).record(child, "visit", reached=True, key="k1").repeated

        assert [2, 1] == [len(world.record(child).activity_log) for child in ("s-17", "s-18")]

    def test_without_a_key_everything_is_done(self, world):
        """Two visits without keys are two visits."""
        for _ in range(2):
            world.desk().record("s-17", "visit", reached=True)

        assert 2 == len(world.record().activity_log)

    def test_a_refused_command_leaves_its_key_free(self, world):
        """What was refused can be asked again under the same key."""
        with pytest.raises(CommandRefused):
            world.desk().record("s-17", "A visit", reached=True, key="k1")

        assert not world.desk().record("s-17", "visit", reached=True, key="k1").repeated

    def test_a_key_has_an_end(self, world):
        """A key that no store could keep is refused."""
        with pytest.raises(CommandRefused, match="an idempotency key has at most 255 characters"):
            world.desk().file("s-17", key="k" * 256)


class TestTogether:
    def test_all_or_nothing(self, world):
        """When the second command is refused the first one has not happened."""
        before = world.entries()
        with pytest.raises(StepRefused):
            world.desk().do_together([("s-17", c.File()), ("s-17", c.Unpair("moved"))])

        assert before == world.entries()

    def test_one_key_stands_for_all_of_them(self, world):
        """Two commands for one child under one key are both carried out, and once."""
        commands = [("s-17", c.File()), ("s-17", c.Pair("t.li")), ("s-18", c.Identify("one"))]
        first = world.desk().do_together(commands, key="k1")
        again = world.desk().do_together(commands, key="k1")

        assert [False] * 3 == [outcome.repeated for outcome in first]
        assert [True] * 3 == [outcome.repeated for outcome in again]
        assert ("paired", "identified") == (world.record().stage, world.record("s-18").stage)

    def test_a_visit_serves_siblings(self, world):
        """One visit is entered once and counts for each child; each child's words stay in its own file."""
        world.desk().identify("s-18", away="both", class_="3-1", household="h-1")
        visit = Record("visit", reached=True, note="all well")
        done = world.desk().record_together(["s-17", "s-18"], visit, words={"s-17": "I miss them", "s-18": "hungry"})
        acts = [next(iter(world.record(child).activity_log.values())) for child in ("s-17", "s-18")]
        words = [
            world.desk().open(child, act.words, "review") for child, act in zip(("s-17", "s-18"), acts, strict=True)
        ]

        assert ["I miss them", "hungry"] == words
        assert 1 == len({act.occasion for act in acts})
        assert ["met", "met"] == [world.said("D10", child)["D10/2026-autumn:OPEN"] for child in ("s-17", "s-18")]
        assert 2 == len({outcome.activity for outcome in done})
        with pytest.raises(NotFound):
            world.desk().open("s-18", acts[0].words, "curiosity")


class TestPreview:
    def test_a_preview_stores_nothing(self, world):
        """What a command would do is shown without doing it."""
        before = (world.record(), world.entries(), world.outbox())
        shown = world.desk().preview("s-17", c.Record("visit", reached=True, note="secret"))

        assert before == (world.record(), world.entries(), world.outbox())
        assert shown.activity in shown.case.activity_log
        assert "met" == shown.case.obligations["D10/2026-autumn:OPEN"].status

    def test_a_preview_is_what_the_command_then_does(self, world):
        """The command does what the preview showed."""
        command = c.Pair("t.li", ("t.he",))

        assert world.desk().preview("s-17", command) == world.desk().do("s-17", command)

    def test_a_preview_is_refused_as_the_command_would_be(self, world):
        """What is not possible is not possible in a preview."""
        with pytest.raises(StepRefused):
            world.desk().preview("s-17", c.Unpair("moved"))

    def test_a_preview_in_a_school_that_nobody_applied_yet(self):
        """The first thing that a school does may be a preview."""
        world = World()

        assert "identified" == world.desk().preview("s-1", c.Identify("both")).case.stage


class TestOutcome:
    def test_what_is_missing_is_asked_for_and_never_refused(self, world):
        """Child, kind and reached are enough; the outcome says what a full record would also hold."""
        done = world.desk().record("s-17", "talk", reached=True)

        assert ("mood", "words") == done.missing
        assert () == world.desk().record("s-17", "talk", reached=False).missing
        filed = world.desk().file("s-17")

        assert ("", "", ()) == (filed.activity, filed.emergency, filed.missing)

    def test_danger_in_a_record_is_an_emergency_at_once(self, world):
        """A teacher who notes danger has raised an emergency."""
        done = world.desk().record("s-17", "visit", reached=True, concerns=[ConcernDraft("violence", "danger")])

        assert "escalated" == done.case.state
        assert done.emergency in done.case.emergencies
        assert [TEACHER] == [row.person for row in world.outbox()]

    def test_what_is_due_happens_before_the_command(self, world):
        """A visit entered after the close finds the window missed first, and its entry says both."""
        world.on(day(9, 21))
        done = world.desk().record("s-17", "visit", reached=True)
        found = [(cause, e.status) for cause, e in done.events if isinstance(e, ev.ObligationJudged)]

        assert ("time", "missed") == found[0]
        assert world.entries()[-1].events == done.events

    def test_a_version_tells_nothing(self, world):
        """What is handed out holds no numbers from which one could count what is hidden."""
        case = world.desk().case("s-17")

        assert (0, None, None) == (case.version, case.wake_at, case.alarm_at)


class TestToday:
    def test_a_list_of_the_day(self, world):
        """A class teacher sees child, duty and deadline, by household and urgency."""
        desk = world.desk()
        desk.identify("s-18", away="both", class_="3-1", household="h-2")
        desk.identify("s-16", away="both", class_="3-1", household="h-1")
        desk.identify("s-20", away="both", class_="3-2")
        lines = desk.today()

        assert {"s-16", "s-17", "s-18", "@3-1"} == {line.child for line in lines}
        assert ["h-1", "h-2", ""] == list(dict.fromkeys(line.household for line in lines))
        assert ("s-16", "D29", day(9, 13), False) == (
            lines[0].child,
            lines[0].duty,
            lines[0].deadline,
            lines[0].overdue,
        )

    def test_overdue_is_after_the_due_day(self, world):
        """On the due day nothing is overdue, on the next day it is."""
        found = []
        for on in (day(9, 15), day(9, 16)):
            world.on(on).sweep()
            found.append([line.overdue for line in world.desk().today() if line.duty == "D2"])

        assert [[False], [True]] == found

    def test_everybody_has_a_list_of_their_own(self, world):
        """The lead helper sees the talks, the leading group the pairings; anybody's list can be asked for."""
        world.desk().pair("s-17", "t.li")
        world.desk().identify("s-18", away="both", class_="3-1")

        assert {"D9", "D11", "D29"} == {line.duty for line in world.desk("t.li").today()}
        assert {("s-18", "D8")} == {(line.child, line.duty) for line in world.desk().today("t.sun")}

    def test_a_child_without_lead_and_teacher_is_on_nobody_s_list(self, world):
        """Duties of a class without teacher wait for a lead helper."""
        world.desk().identify("s-20", away="both", class_="9-9")

        assert "s-20" not in {line.child for line in world.desk().today()}

        world.desk().pair("s-20", "t.he")

        assert "D10" in {line.duty for line in world.desk("t.he").today()}


class TestEmergencies:
    def test_live_emergencies_are_listed_until_reviewed(self, world):
        """What is not reviewed yet is on the list, for a child with no case as well."""
        desk = world.desk()
        raised = desk.raise_emergency("s-99", "missing").emergency

        assert ["s-99"] == [case.child for case in desk.emergencies()]

        desk.respond("s-99", raised)
        desk.stand_down("s-99", raised, "found", safe_seen_by="t.li", safe_seen_at=world.clock())
        world.desk("t.sun").review("s-99", raised, "call sooner")

        assert [] == desk.emergencies()
        assert ["review"] == [
            s.name for s in desk.emergency_steps("s-99")[raised] if s.name == "review" and not s.allowed
        ]


class TestExplain:
    def test_why_a_case_stands_where_it_stands(self):
        """Steps, obligations and what each rule says, errors included, without any effect."""

        @rule(looks="on_change")
        def worn(case, now):
            """Flags everybody."""
            yield Flag("worn")

        @rule(looks="on_change")
        def broken(case, now):
            """Cannot."""
            return 1 / 0

        world = World(rules=[worn, broken])
        world.desk().identify("s-17", away="both")
        before = world.entries()
        found = world.desk().explain("s-17")
        said = dict(found.rules)

        assert (("Flag worn",), ("raised ZeroDivisionError",)) == (said["worn"], said["broken"])
        assert (("broken", "ZeroDivisionError"),) == found.failures
        assert ("identified", True) == (found.state, any(step.allowed for step in found.steps))
        assert before == world.entries()
