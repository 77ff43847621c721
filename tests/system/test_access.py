"""Who may do what: the desk does what the committed matrix says, in every cell that a desk can be asked about."""

import tomllib
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from attrs import evolve

from casework import Casework, Desk, ManualClock, Principal, School, StaticDirectory
from casework.engine.port import Change
from casework.errors import CaseworkError, NotAllowed, NotFound
from casework.model import commands as c
from casework.model import referral_commands as rc
from casework.model.activity import Activity
from casework.model.case import Case
from casework.model.emergency import Emergency, Notice
from casework.model.events import Entry, Identified
from casework.model.glass import BreakGlass
from casework.model.people import Pairing
from casework.model.referral import Referral
from casework.policy import access as access_module
from casework.policy.access import ACTIONS, REASONS, RELATIONS, ROLES, STATES_OF_CASES, default_access
from casework.testing import MemoryStore
from tests.system.world import AUTUMN, CALENDAR, MORNING, POLICY, SCHOOL

ME = "t.me"
CHILD = "s-1"
OTHERS = StaticDirectory(
    seats={
        "safeguarding_lead": ["x.chen"],
        "vice_principal": ["x.zhao"],
        "principal": ["x.sun"],
        "office": ["x.office"],
        "psychologist": ["x.qin"],
        "leading_group": ["x.sun"],
    },
    teachers={"3-1": "x.wang"},
    tz=CALENDAR.tz,
)
"""Every seat is held by somebody else, so that nobody stands in."""

UNSEATED = evolve(OTHERS, seats={role: held for role, held in OTHERS.seats.items() if role != "psychologist"})
"""The same while nobody holds the psychologist's seat: then a referral is with whoever took it on."""

TABLE = tomllib.loads((Path(access_module.__file__).parent / "access.toml").read_text(encoding="utf-8"))["allow"]


def words(row, name, known, default=()):
    """The words of a list of a row of the table."""
    given = row.get(name, list(default))
    return known if given == ["any"] else given


def read_by_hand():
    """The cells that the committed table allows, read without casework."""
    found = set()
    for row in TABLE:
        lists = (
            words(row, "roles", ROLES),
            words(row, "relations", RELATIONS),
            words(row, "actions", ACTIONS),
            words(row, "states", STATES_OF_CASES),
            words(row, "reasons", REASONS, ["work"]),
        )
        found.update(cell for cell in product(*lists) if cell[1] != "implicated")
    return found


ALLOWED = read_by_hand()

COMMANDS = {
    "identify": c.Identify("both", class_="3-1"),
    "change_facts": c.ChangeFacts(household="h-2"),
    "file": c.File(),
    "record_card": c.VerifyContact("carer"),
    "pair": c.Pair("t.new"),
    "designate_key": c.DesignateKey("lives_alone"),
    "record": c.Record("visit", reached=True),
    "correct": c.Correct("act", "mistyped", mood="low"),
    "note_concern": c.NoteConcern(c.ConcernDraft("homesick")),
    "excuse": c.Excuse("D10/x", "ill"),
    "close": c.Close("moved_away"),
    "reopen": c.Reopen("came_back"),
    "raise": c.Raise("missing"),
    "acknowledge": c.Acknowledge("alarm"),
    "respond": c.Respond("alarm"),
    "call_outside": c.CallOutside("alarm", "police", "110-7"),
    "stand_down": c.StandDown("alarm", "safe", "x.sun", MORNING),
    "review_emergency": c.Review("alarm"),
    "refer": rc.RequestReferral("psychology", "grief"),
    "answer_referral": rc.AcceptReferral("referral"),
    "give_care": rc.PlanCare("referral", AUTUMN.last),
    "record_consent": rc.RecordConsent("referral", "given", "parent1", "guardian", "by_phone"),
    "revoke_referral": rc.RevokeReferral("referral", "moved_away"),
    "screen": rc.Screen("phq_a", 5),
    "break_glass": BreakGlass("lead_unreachable"),
}
"""By action, a command that a desk can be asked to preview."""

STANDING = ("lead", "member", "assigned", "told", "own_class", "school")
"""Relations that a record can give."""


def record(state, relation):
    """A child's record in that state, to which `ME` stands in that relation."""
    stage = {"no_case": "", "escalated": "monitored"}.get(state, state)
    pairing = Pairing("x.li", AUTUMN.first, ("x.wu",))
    if relation == "lead":
        pairing = evolve(pairing, lead=ME)
    if relation == "member":
        pairing = evolve(pairing, members=(ME,))
    asked = Referral("referral", "psychology", AUTUMN.first, (), "x.li")
    mine = ME if relation == "assigned" else "x.qin"
    asked = evolve(asked, state="accepted", answered_by=mine, answered_on=AUTUMN.first)
    alarms = {}
    if state == "escalated" or relation == "told":
        told = (Notice("raised", 0, 0, "lead", ME, MORNING),) if relation == "told" else ()
        live = "raised" if state == "escalated" else "stood_down"
        alarms = {"alarm": Emergency("alarm", "missing", MORNING, "x.li", MORNING, live, notices=told)}
    act = Activity("act", "visit", AUTUMN.first, "x.li", MORNING, "x.li")
    return Case(
        SCHOOL,
        CHILD,
        version=1,
        stage=stage,
        class_="3-1",
        pairings=(pairing,),
        activity_log={"act": act},
        emergencies=alarms,
        referrals={"referral": asked},
    )


def desk_of(store, roles=(), classes=(), who=ME, directory=OTHERS, access=None):
    """A desk in the school whose seats others hold."""
    school = School(SCHOOL, POLICY, CALENDAR, directory=directory, access=access or default_access())
    casework = Casework(school, clock=ManualClock(MORNING + timedelta(hours=1)))
    return Desk(casework, store, school=SCHOOL, principal=Principal(who, roles, classes=classes))


def desk_in(store, role, relation):
    """The desk of somebody with that role in that relation."""
    classes = ["3-1"] if relation == "own_class" else []
    return desk_of(store, [role], classes, directory=UNSEATED if relation == "assigned" else OTHERS)


def kept(*records):
    """A store that holds these records as they are."""
    store = MemoryStore()
    entry = Entry(1, MORNING, "x.li", "", (("command:Identify", Identified(AUTUMN.first, "both", "register")),))
    with store.write():
        for one in records:
            store.save(SCHOOL, [Change(Case(SCHOOL, one.child), one, entry, None, None)])
    return store


def verdict(call):
    """Whether the desk let somebody through; what was refused after that had been let through."""
    try:
        call()
    except NotAllowed:
        return "not allowed"
    except NotFound as error:
        return "not found" if error.what == "case" else "allowed"
    except CaseworkError:
        return "allowed"
    return "allowed"


GIVEN = {"lead": "helper", "member": "helper", "assigned": "counsellor"}
"""The role that comes with a relation."""


def expected(role, relation, action, state):
    """What the table says for somebody with this role in this relation, who is of the school too."""
    mine = {(r, how) for r in (role, "anyone") for how in (relation, "school")}
    mine |= {(GIVEN[relation], relation)} if relation in GIVEN else set()
    return any((*pair, action, state, "work") in ALLOWED for pair in mine)


HELD = tuple(role for role in ROLES if role not in {"anyone", "helper", "stand_in", "counsellor", "system"})
"""Roles that a host gives to a principal by itself."""


class TestTable:
    def test_the_code_reads_what_is_committed(self):
        """Every cell of the whole product, more than two hundred thousand, is as the committed table says."""
        access = default_access()
        cells = list(product(ROLES, RELATIONS, ACTIONS, STATES_OF_CASES, REASONS))

        assert len(cells) > 1000
        assert [] == [cell for cell in cells if access.allows(*cell) != (cell in ALLOWED)]

    def test_what_is_printed_is_the_same(self):
        """The printed cells are the table's: all that it allows are among them."""
        printed = dict(default_access().cells())

        assert ALLOWED == {cell for cell, allowed in printed.items() if allowed}
        assert len(printed) > 1000

    @pytest.mark.parametrize("place", range(5))
    def test_an_unknown_word_is_denied(self, place):
        """A role, relation, action, state or reason that nobody knows is denied, whatever else is allowed."""
        access = default_access()

        assert not [
            cell for cell in sorted(ALLOWED)[::7] if access.allows(*(*cell[:place], "unheard_of", *cell[place + 1 :]))
        ]

    def test_nobody_implicated_is_allowed_anything(self):
        """The relation `implicated` denies every role every action."""
        access = default_access()

        assert not [
            cell for cell in product(ROLES, ["implicated"], ACTIONS, STATES_OF_CASES, REASONS) if access.allows(*cell)
        ]

    def test_a_class_teacher_never_reads_psychology(self):
        """Whatever the state, the relation and the reason, also behind broken glass."""
        found = {cell[0] for cell in ALLOWED if cell[2] == "read_psychology"}

        assert {"psychologist", "counsellor"} == found

    def test_whoever_writes_of_a_child_may_know_of_it(self):
        """Refusals of a workflow tell whether there is a case: they are for those who may list the child."""
        open_to_all = {"raise", "note_concern", "break_glass", "identify", "gather", "examine", "screen", "sign"}
        school = {"adopt", "import_roll", "apply_settings", "sweep", "manage_keys", "hand_over"}
        reads = {action for action in ACTIONS if action.startswith(("read_", "export_", "list_", "find_"))}
        shared = {("helper", "household"), ("class_teacher", "household"), ("stand_in", "school")}
        found = [
            cell
            for cell in ALLOWED
            if cell[2] not in open_to_all | school | reads
            and cell[3] != "no_case"
            and cell[:2] not in shared | {("stand_in", "lead"), ("stand_in", "own_class")}
            and (*cell[:2], "list_child", *cell[3:]) not in ALLOWED
        ]

        assert [] == found


class TestDesk:
    @pytest.mark.parametrize("relation", STANDING)
    @pytest.mark.parametrize(
        "state", ["monitored", "closed", *(pytest.param(one, marks=pytest.mark.soak) for one in ("filed", "escalated"))]
    )
    def test_a_command_is_let_through_as_the_table_says(self, state, relation):
        """For every role in this relation and state, each command is let through or not as the table says."""
        store = kept(record(state, relation))
        wrong = []
        for role in HELD:
            desk = desk_in(store, role, relation)
            for action, command in COMMANDS.items():
                if role == "district_officer" and relation == "school":
                    continue
                state_now = "escalated" if relation == "told" and state == "escalated" else state
                allowed = verdict(lambda desk=desk, command=command: desk.preview(CHILD, command)) == "allowed"
                if allowed != expected(role, relation, action, state_now):
                    wrong.append((role, action, allowed))

        assert [] == wrong

    @pytest.mark.parametrize("relation", STANDING)
    def test_a_case_is_read_as_the_table_says(self, relation):
        """Reading the case and its history, alone and in a list."""
        store = kept(record("monitored", relation))
        wrong = []
        for role in HELD:
            if role == "district_officer" and relation == "school":
                continue
            desk = desk_in(store, role, relation)
            found = {
                "read_case": verdict(lambda desk=desk: desk.case(CHILD)) == "allowed",
                "read_history": verdict(lambda desk=desk: desk.history(CHILD)) == "allowed",
                "list_child": [CHILD] == [case.child for case in desk.cases()],
            }
            counted = {"monitored": 1} if found["list_child"] else {}
            wrong += [(role, a) for a, is_so in found.items() if is_so != expected(role, relation, a, "monitored")]
            wrong += [(role, "counts")] if desk.states() != counted else []

        assert [] == wrong

    def test_a_district_officer_knows_no_child(self):
        """Whoever is of the district alone is not of the school."""
        desk = desk_of(kept(record("monitored", "school")), ["district_officer"])

        assert "not found" == verdict(lambda: desk.case(CHILD))
        assert ({}, []) == (desk.states(), desk.cases())
        assert desk.may("read_statistics")
        assert not desk.may("read_account")

    def test_a_count_holds_what_may_be_listed(self):
        """A child of whom somebody was once told, and who is not theirs any more, is in none of their counts."""
        over = record("monitored", "told")
        alarms = {id_: evolve(alarm, state="reviewed") for id_, alarm in over.emergencies.items()}
        desk = desk_of(kept(evolve(over, emergencies=alarms)), ["class_teacher"], ["3-2"])

        assert ({}, []) == (desk.states(), desk.cases())

    @pytest.mark.parametrize("action", sorted(set(COMMANDS) - {"raise", "note_concern", "break_glass", "identify"}))
    def test_forbidden_and_not_there_look_the_same(self, action):
        """Who may not know of a child is told the same as of one that does not exist."""
        desk = desk_of(kept(record("monitored", "school")), ["class_teacher"], ["3-2"])
        said = []
        for child in (CHILD, "s-9"):
            with pytest.raises(CaseworkError) as refused:
                desk.preview(child, COMMANDS[action])
            said.append((type(refused.value), str(refused.value).replace(child, "?")))

        assert said[0] == said[1]

    def test_what_is_read_and_not_there_look_the_same(self):
        """Cases, histories, explanations, steps and texts of a child whom one may not know read as if it were not."""
        desk = desk_of(kept(record("monitored", "school")), ["class_teacher"], ["3-2"])
        for call in (desk.case, desk.history, desk.explain, desk.next_steps, desk.emergency_steps, desk.referral_steps):
            said = []
            for child in (CHILD, "s-9"):
                with pytest.raises(NotFound) as refused:
                    call(child)
                said.append(str(refused.value).replace(child, "?"))

            assert said[0] == said[1], call

    def test_the_public_id_leads_to_no_child(self):
        """A case that is named by its public id is not found by that id, and the child's is not told."""
        case = record("monitored", "school")
        desk = desk_of(kept(case), ["class_teacher"], ["3-2"])
        with pytest.raises(NotFound) as refused:
            desk.do(case.id, c.Close("moved_away"))

        assert CHILD not in str(refused.value)
        assert str(case.id) in str(refused.value)

    def test_a_report_by_anybody_is_taken_and_tells_nothing(self):
        """Whoever may not know of a child raises an emergency all the same, and is shown what they said and no more."""
        store = kept(record("monitored", "school"))
        desk = desk_of(store)
        told = desk.raise_emergency(CHILD, "missing")
        with store.read():
            stored = store.load(SCHOOL, [CHILD])[CHILD]

        assert told.emergency in stored.emergencies
        assert ("", {}, {}) == (told.case.stage, told.case.activity_log, told.case.referrals)
        assert [told.emergency] == list(told.case.emergencies)
        assert {"EmergencyRaised"} == {type(event).__name__ for _, event in told.events}

    def test_a_refusal_says_whom_to_ask(self):
        """Who may know of the child and not do the thing is told which seats may."""
        desk = desk_of(kept(record("monitored", "lead")))
        with pytest.raises(NotAllowed, match="vice_principal or principal"):
            desk.close(CHILD, "moved_away")
        steps = {step.name: step.why for step in desk.next_steps(CHILD)}

        assert "not_allowed" == steps["close"]
        assert not steps["file"]
