from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve, fields

from casework.model.activity import Activity, Concern
from casework.model.case import STAGES, Case, Flag, Since, Span, case_id
from casework.model.emergency import EMERGENCY_STATES, Emergency
from casework.model.obligation import Obligation
from casework.model.people import Pairing
from casework.model.referral import Referral
from casework.model.screening import Screening

AT = datetime(2026, 9, 30, 9, tzinfo=UTC)
DAY = date(2026, 9, 30)
CASE = Case("qinghe", "s-17", stage="paired")


def by_id(*values):
    """Values by their ids."""
    return {value.id: value for value in values}


def visit(id_, on, **fields):
    """A visit on a day of September."""
    return Activity(id_, fields.pop("kind", "visit"), DAY.replace(day=on), "t.li", AT, "t.li", **fields)


def concern(id_, on, kind="quarrel", **fields):
    """A concern of a day of September."""
    return Concern(id_, kind, DAY.replace(day=on), "t.li", AT, **fields)


def emergency(state="raised", **fields):
    """An emergency in a state."""
    return Emergency("e1", "missing", AT, "t.li", AT, state=state, **fields)


def ids(values):
    """The ids of values, in their order."""
    return [value.id for value in values]


class TestIdentity:
    def test_case_of_a_child_always_has_the_same_id(self):
        """The public id depends on school and child alone, and is written down here for ever."""
        assert case_id("qinghe", "s-17") == CASE.id
        assert UUID("ce8c86bb-964c-5f94-8b0d-cab222cf2be8") == CASE.id
        assert 4 == len({case_id(school, child) for school in ("a", "b") for child in ("c", "d")})

    def test_school_and_child_do_not_run_together(self):
        """Where the school's id ends makes a difference."""
        assert case_id("ab", "c") != case_id("a", "bc")

    def test_when_to_look_again_is_no_part_of_what_is_known(self):
        """Two cases that differ in the next look alone are equal: it is the store's."""
        assert CASE == evolve(CASE, wake_at=AT, alarm_at=AT)


class TestHaving:
    @pytest.mark.parametrize("name", [field.name for field in fields(Case)])
    def test_it_does_what_evolve_does(self, name):
        """Each field can be changed, and all others stay."""
        known = Case("qinghe", "s-17", 3, "filed", wake_at=datetime(2026, 9, 2, tzinfo=UTC))
        expected = evolve(known, **{name: "new"})
        found = known.having(**{name: "new"})

        assert [getattr(expected, f.name) for f in fields(Case)] == [getattr(found, f.name) for f in fields(Case)]

    def test_another_field_is_an_error(self):
        """A misspelt field is no field."""
        with pytest.raises(KeyError, match="verison"):
            Case("qinghe", "s-17").having(verison=2)


class TestState:
    @pytest.mark.parametrize("stage", STAGES[:-1])
    @pytest.mark.parametrize("state", EMERGENCY_STATES)
    def test_open_case_is_escalated_while_an_emergency_is_not_stood_down(self, stage, state):
        """In every open stage the state is escalated until the emergency is stood down, then the stage again."""
        case = evolve(CASE, stage=stage, emergencies=by_id(emergency(state)))
        live = state in {"raised", "acknowledged", "responding"}

        assert (True, "escalated" if live else stage) == (case.open, case.state)

    @pytest.mark.parametrize("stage", ["", "closed"])
    def test_emergency_does_not_open_a_case(self, stage):
        """A closed case stays closed and a child without a case has none, whatever emergency there is."""
        case = evolve(CASE, stage=stage, emergencies=by_id(emergency()))

        assert (False, stage) == (case.open, case.state)


class TestSpans:
    CASE = evolve(
        CASE,
        spans=(
            Span("key", DAY.replace(day=1), DAY.replace(day=10)),
            Span("open", DAY.replace(day=1)),
            Span("key", DAY.replace(day=20), DAY.replace(day=25)),
        ),
    )

    @pytest.mark.parametrize(("day", "index"), [(1, 0), (10, 0), (20, 2), (25, 2), (11, None), (26, None)])
    def test_span_holds_its_first_and_last_day(self, day, index):
        """A day is in the span that holds it, both ends inside, and in none between spans."""
        expected = None if index is None else self.CASE.spans[index]

        assert expected == self.CASE.in_span("key", DAY.replace(day=day))

    def test_span_without_an_end_holds_every_later_day(self):
        """A span that has not ended holds all days from its first on."""
        assert self.CASE.spans[1] == self.CASE.in_span("open", DAY + timedelta(days=400))
        assert self.CASE.in_span("open", date(2026, 8, 31)) is None

    def test_later_span_goes_first(self):
        """When a child's case was closed and opened again on one day, the later span counts."""
        spans = (Span("open", DAY, DAY), Span("open", DAY))

        assert spans[1] == evolve(CASE, spans=spans).in_span("open", DAY)

    def test_key_child_is_one_whose_designation_has_not_ended(self):
        """A child is a key child while a designation has no last day."""
        now = evolve(self.CASE, spans=(*self.CASE.spans, Span("key", DAY)))

        assert [False, True] == [self.CASE.key_child, now.key_child]


class TestLead:
    def test_lead_is_the_present_pairings(self):
        """The lead helper is that of the last pairing while it lasts."""
        old = Pairing("t.an", DAY.replace(day=1), until=DAY.replace(day=9))

        assert ["", "", "t.li"] == [
            CASE.lead,
            evolve(CASE, pairings=(old,)).lead,
            evolve(CASE, pairings=(old, Pairing("t.li", DAY.replace(day=10)))).lead,
        ]


class TestQuestions:
    CASE = evolve(
        CASE,
        activity_log=by_id(
            visit("late", 20),
            visit("early", 3),
            visit("tried", 10, reached=False),
            visit("wrong", 25, voided="wrong_child"),
            visit("call", 12, kind="call"),
        ),
        concern_log=by_id(
            concern("c2", 20),
            concern("c1", 3, severity="high"),
            concern("c3", 12, kind="bruise"),
            concern("c4", 21, voided="twice"),
        ),
    )

    def test_activities_come_oldest_first_without_the_voided(self):
        """A rule sees the acts of a kind since a day, that day included, in the order in which they happened."""
        assert ["early", "tried", "late"] == ids(self.CASE.activities("visit", since=Since(DAY.replace(day=3))))
        assert ["tried", "late"] == ids(self.CASE.activities("visit", since=Since(DAY.replace(day=4))))

    @pytest.mark.parametrize(("reached", "expected"), [(True, ["early", "late"]), (False, ["tried"])])
    def test_attempts_are_told_from_contacts(self, reached, expected):
        """A rule may ask for those that reached somebody, or for those that did not."""
        assert expected == ids(self.CASE.activities("visit", since=Since(DAY.replace(day=1)), reached=reached))

    def test_screenings_since_a_day(self):
        """Screenings of those days come oldest first, voided ones left out, and say when they will drop out."""
        told = []
        log = [
            Screening(f"s{k}", "phq_a", 3, DAY.replace(day=k), "t.qin", AT, "t.qin", voided="twice" if k == 8 else "")
            for k in (9, 8, 7, 2)
        ]
        case = Case("qinghe", "s-17", screening_log={s.id: s for s in log})

        assert ["s7", "s9"] == ids(case.screenings(since=Since(DAY.replace(day=5), counted=told.append)))
        assert {DAY.replace(day=7), DAY.replace(day=9)} == set(told)

    def test_concerns_are_asked_for_by_kind_and_severity(self):
        """Concerns come oldest first, of every kind and severity unless one is named, without the voided."""
        since = Since(DAY.replace(day=1))

        assert ["c1", "c3", "c2"] == ids(self.CASE.concerns(since=since))
        assert ["c1", "c2"] == ids(self.CASE.concerns("quarrel", since=since))
        assert ["c1"] == ids(self.CASE.concerns(since=since, severity="high"))
        assert [] == ids(self.CASE.concerns("bruise", since=Since(DAY.replace(day=13))))

    def test_each_counted_item_leaves_word_of_when_it_drops_out(self):
        """Only what counts is told to the watcher, so that the sweep knows when the answer changes."""
        told = []
        self.CASE.concerns("quarrel", since=Since(DAY.replace(day=10), counted=told.append))
        self.CASE.activities("call", since=Since(DAY.replace(day=10), counted=told.append))

        assert [DAY.replace(day=20), DAY.replace(day=12)] == told

    @pytest.mark.parametrize("ask", ["activities", "concerns"])
    def test_bare_date_is_refused(self, ask):
        """A rule that looks back to a date of its own would be missed by the sweep, so it is refused."""
        with pytest.raises(TypeError, match=r"since= takes now.days_ago\(n\) or now.since\(day\)"):
            getattr(self.CASE, ask)("visit", since=DAY)

    def test_last_contact_is_the_last_that_reached(self):
        """The last contact is the latest act that reached somebody and was not voided, or none."""
        assert (DAY.replace(day=20), None) == (self.CASE.last("visit"), self.CASE.last("letter"))
        assert evolve(CASE, activity_log=by_id(visit("tried", 10, reached=False))).last("visit") is None


class TestImplicated:
    def test_who_is_named_in_an_emergency_or_a_concern_is_implicated(self):
        """A person is implicated by an emergency or by a concern, whatever has become of it."""
        case = evolve(
            CASE,
            emergencies=by_id(emergency("reviewed", implicated=("p.jin",))),
            concern_log=by_id(concern("c1", 3, implicated=("g.liu",))),
        )

        assert [True, True, False] == [case.implicates(person) for person in ("p.jin", "g.liu", "t.li")]

    def test_who_is_named_in_a_referral_alone_is_implicated(self):
        """A referral may name somebody where nothing else was entered."""
        case = evolve(CASE, referrals=by_id(Referral("r1", "psychology", DAY, (), "t.li", implicated=("p.jin",))))

        assert [True, False] == [case.implicates(person) for person in ("p.jin", "t.li")]


class TestFlag:
    def test_flag_is_known_by_rule_code_and_evidence(self):
        """The same remark about the same evidence has the same key; the reason does not matter."""
        assert "quiet/no_call/a1,a2" == Flag("quiet", "no_call", about=("a1", "a2")).key


class TestObligation:
    OBLIGATION = Obligation("D10", "2026-autumn:OPEN", DAY, DAY, DAY + timedelta(days=7), "class_teacher")

    def test_obligation_is_known_by_duty_and_window(self):
        """The key names the duty and the window."""
        assert "D10/2026-autumn:OPEN" == self.OBLIGATION.key

    @pytest.mark.parametrize(
        ("change", "days", "overdue"),
        [
            ({}, 0, False),
            ({}, 1, True),
            ({"status": "met"}, 1, False),
            ({"status": "missed"}, 400, False),
            ({"due": None}, 400, False),
        ],
    )
    def test_overdue_from_the_day_after_the_due_day(self, change, days, overdue):
        """The alarm runs from the day after, while the obligation is open and its due day is known."""
        assert overdue == evolve(self.OBLIGATION, **change).overdue(DAY + timedelta(days=days))
