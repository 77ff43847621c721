"""Something of another kind than is taken: refused where it is given, in words, with what to give."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import create_engine

from casework import (
    Calendar,
    Casework,
    ConcernDraft,
    Contact,
    ContactCard,
    Desk,
    ManualClock,
    Principal,
    Record,
    School,
    StaticDirectory,
    Term,
    load_policy,
    sweep,
)
from casework.errors import CaseworkError
from casework.model import commands as c
from casework.model.people import Sealed
from casework.model.roll import RollRow, StaffRow
from casework.store import KeyRing, SqlStore
from casework.store.migrations import migrate
from casework.testing import MemoryStore
from tests.system.world import AUTUMN, CALENDAR, MORNING, POLICY, SCHOOL, TEACHER, identified, make_casework, principal

ENGINE = create_engine("sqlite://")
CASEWORK = make_casework()
STORE = MemoryStore()
DESK = Desk(CASEWORK, STORE, school=SCHOOL, principal=principal(TEACHER))
identified(DESK)

MADE = {
    "an engine for a store": lambda: Desk(CASEWORK, ENGINE, school=SCHOOL, principal=principal(TEACHER)),
    "a store for a casework": lambda: Desk(STORE, CASEWORK, school=SCHOOL, principal=principal(TEACHER)),
    "a class for a store": lambda: Desk(CASEWORK, MemoryStore, school=SCHOOL, principal=principal(TEACHER)),
    "an id for a principal": lambda: Desk(CASEWORK, STORE, school=SCHOOL, principal=TEACHER),
    "a School for its name": lambda: Desk(
        CASEWORK, STORE, school=CASEWORK.schools[SCHOOL], principal=principal(TEACHER)
    ),
    "a list for a school's name": lambda: Desk(CASEWORK, STORE, school=[SCHOOL], principal=principal(TEACHER)),
    "a path for a key ring": lambda: SqlStore(ENGINE, "keys.json"),
    "a path for an engine": lambda: SqlStore("school.db", KeyRing.generate()),
    "MetaData for tables": lambda: SqlStore(ENGINE, KeyRing.generate(), tables=object()),
    "seconds for patience": lambda: SqlStore(ENGINE, KeyRing.generate(), patience=5),
    "a path for an engine to migrate": lambda: migrate("school.db"),
    "a name for a school": lambda: Casework(SCHOOL),
    "a list of schools": lambda: Casework([CASEWORK.schools[SCHOOL]]),
    "an instant for a clock": lambda: Casework(clock=MORNING),
    "a pack's name for a policy": lambda: School(SCHOOL, policy="town-primary", calendar=CALENDAR),
    "a term for a calendar": lambda: School(SCHOOL, policy=POLICY, calendar=AUTUMN),
    "a number for a school's name": lambda: School(7, policy=POLICY, calendar=CALENDAR),
    "a function for a rule": lambda: School(SCHOOL, policy=POLICY, calendar=CALENDAR, rules=[len]),
    "one rule for several": lambda: School(SCHOOL, policy=POLICY, calendar=CALENDAR, rules=len),
    "seats for a directory": lambda: School(SCHOOL, policy=POLICY, calendar=CALENDAR, directory={"principal": "t.li"}),
    "a directory's class": lambda: School(SCHOOL, policy=POLICY, calendar=CALENDAR, directory=StaticDirectory),
    "a swapped sweep": lambda: sweep(STORE, CASEWORK),
    "an engine to sweep": lambda: sweep(CASEWORK, ENGINE),
    "a school to sweep": lambda: sweep(CASEWORK, STORE, school=7),
    "text for the first day": lambda: Term("x", "2026-01-01", date(2026, 7, 1)),
    "an instant for the last day": lambda: Term("x", date(2026, 1, 1), datetime(2026, 7, 1, tzinfo=UTC)),
    "a number for a term's id": lambda: Term(7, date(2026, 1, 1), date(2026, 7, 1)),
    "text for a holiday": lambda: Term("x", date(2026, 1, 1), date(2026, 7, 1), holidays=["2026-05-01"]),
    "a text of holidays": lambda: Term("x", date(2026, 1, 1), date(2026, 7, 1), holidays="2026-05-01"),
    "a holiday of one end": lambda: Term("x", date(2026, 1, 1), date(2026, 7, 1), holidays=[(date(2026, 5, 1),)]),
    "one date for holidays": lambda: Term("x", date(2026, 1, 1), date(2026, 7, 1), holidays=date(2026, 5, 1)),
    "text for a make-up day": lambda: Term("x", date(2026, 1, 1), date(2026, 7, 1), makeup=["2026-05-09"]),
    "one make-up day": lambda: Term("x", date(2026, 1, 1), date(2026, 7, 1), makeup=date(2026, 5, 9)),
    "a list for windows": lambda: Term("x", date(2026, 1, 1), date(2026, 7, 1), windows=[1]),
    "text in windows": lambda: Term("x", date(2026, 1, 1), date(2026, 7, 1), windows={"OPEN": "2026-01-01"}),
    "one term for a calendar's terms": lambda: Calendar(AUTUMN, tz="UTC"),
    "a date for a term": lambda: Calendar([date(2026, 1, 1)], tz="UTC"),
    "a zone that is no name": lambda: Calendar([AUTUMN], tz=UTC),
    "text for the clock's instant": lambda: ManualClock("2026-09-01"),
    "a day for the clock's instant": lambda: ManualClock(date(2026, 9, 1)),
    "text to set a clock": lambda: ManualClock(MORNING).set("x"),
    "a naive instant": lambda: ManualClock(datetime(2026, 9, 1)),  # noqa: DTZ001
    "text to advance a clock": lambda: ManualClock(MORNING).advance(days="2"),
    "a number for a principal's id": lambda: Principal(7),
    "no id for a principal": lambda: Principal(""),
    "a role for roles": lambda: Principal("t.li", "principal"),
    "a number for a pack": lambda: load_policy(7),
    "one contact for several": lambda: ContactCard(parents=Contact("Liu", "father")),
    "a text of people": lambda: ConcernDraft("violence", implicated="t.li"),
    "bytes for a concern's note": lambda: ConcernDraft("violence", note=b"x"),
    "a kind for a concern": lambda: Record("visit", reached=True, concerns=["violence"]),
    "one concern for several": lambda: Record("visit", reached=True, concerns=ConcernDraft("violence")),
    "a kind for a concern by itself": lambda: c.NoteConcern("violence"),
    "a text of met": lambda: Record("visit", reached=True, met="carer"),
    "a list of details": lambda: Record("visit", reached=True, details=["a"]),
    "text for a row of the roll": lambda: RollRow(7),
    "text for a pupil's birthday": lambda: RollRow("s-1", birth_date="2016-01-01"),
    "a text of roles": lambda: StaffRow("t.li", roles="lead"),
}

ASKED = {
    "a dict for a carer": lambda: DESK.file("s-1", ContactCard({"name": "Liu"})),
    "text for a parent": lambda: DESK.file("s-1", ContactCard(parents=["Liu"])),
    "bytes for a name": lambda: DESK.file("s-1", ContactCard(Contact(b"Liu", "father"))),
    "a number for a phone": lambda: DESK.file("s-1", ContactCard(Contact("Liu", "father", 139))),
    "text for a day of a contact": lambda: DESK.file("s-1", ContactCard(Contact("Liu", "father", verified_on="today"))),
    "a number for a relation": lambda: DESK.file("s-1", ContactCard(Contact("Liu", 7))),
    "a dict for a card": lambda: DESK.file("s-1", {"carer": "Liu"}),
    "a dict for a new card": lambda: DESK.record_card("s-1", {"carer": "Liu"}),
    "no card": lambda: DESK.record_card("s-1", None),
    "bytes for a note": lambda: DESK.record("s-1", "visit", reached=True, note=b"x"),
    "a list for words": lambda: DESK.record("s-1", "visit", reached=True, words=["x"]),
    "bytes for an emergency's note": lambda: DESK.raise_emergency("s-1", "missing", note=b"x"),
    "a text of suspects": lambda: DESK.raise_emergency("s-1", "missing", implicated="t.li"),
    "text for a day": lambda: DESK.record("s-1", "visit", reached=True, on="2026-09-01"),
    "text for yes": lambda: DESK.record("s-1", "visit", reached="yes"),
    "a kind for concerns": lambda: DESK.record("s-1", "visit", reached=True, concerns=["violence"]),
    "a kind for a concern": lambda: DESK.note_concern("s-1", "violence"),
    "a text of members": lambda: DESK.pair("s-1", "t.li", "t.wang"),
    "a number for a lead": lambda: DESK.pair("s-1", 7),
    "a number for a child": lambda: DESK.case(7),
    "a case for a child": lambda: DESK.file(DESK.case("s-1")),
    "no command": lambda: DESK.do("s-1", "visit"),
    "a command's class": lambda: DESK.do("s-1", c.File),
    "an activity's concern": lambda: DESK.do("s-1", ConcernDraft("violence")),
    "a number for a key": lambda: DESK.do("s-1", c.File(), key=7),
    "commands without a child": lambda: DESK.do_together([c.File()]),
    "one command for several": lambda: DESK.do_together(("s-1", c.File())),
    "one child for several": lambda: DESK.record_together("s-1", Record("visit", reached=True)),
    "a kind for a record": lambda: DESK.record_together(["s-1"], "visit"),
    "facts that there are not": lambda: DESK.change_facts("s-1", klass="3-1"),
    "readings that there are not": lambda: DESK.correct("s-1", "a", "wrong", grade=3),
    "a list of words": lambda: DESK.record_together(["s-1"], Record("visit", reached=True), words=["x"]),
    "a reference for sealed text": lambda: DESK.open("s-1", "00", "why"),
    "a number for a reason": lambda: DESK.open("s-1", Sealed("0" * 32), 7),
    "a dict for a row": lambda: DESK.update_roll([{"pupil": "s-1"}], []),
    "a name for a member of staff": lambda: DESK.update_roll([], ["t.li"]),
    "a roll's row by itself": lambda: DESK.update_roll(RollRow("s-1"), []),
    "a principal for a person": lambda: DESK.today(principal(TEACHER)),
}


MENDS = r" takes |; give |; put |; say | needs an id "
"""What is taken, or what to give."""


def refused(call):
    """What a call is refused with."""
    with pytest.raises(CaseworkError) as caught:
        call()
    return caught.value


class TestWrongTypes:
    @pytest.mark.parametrize("what", MADE)
    def test_a_value_that_cannot_be_made(self, what):
        """Whatever is of another kind than is taken is refused at once, not where it is used days later."""
        error = refused(MADE[what])

        assert isinstance(error, TypeError | ValueError)
        assert re.search(MENDS, str(error))

    @pytest.mark.parametrize("what", ASKED)
    def test_a_call_that_asks_for_nothing(self, what):
        """At a desk nothing is stored then."""
        before = len(STORE._schools[SCHOOL].entries["s-1"])
        error = refused(ASKED[what])

        assert isinstance(error, TypeError | ValueError)
        assert re.search(MENDS, str(error))
        assert before == len(STORE._schools[SCHOOL].entries["s-1"])
