"""Ways in which a report of danger could be lost or told to the wrong person, each closed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casework import (
    Calendar,
    Casework,
    ConcernDraft,
    Contact,
    ContactCard,
    Desk,
    Escalate,
    ManualClock,
    Principal,
    Reason,
    Record,
    Require,
    School,
    StaticDirectory,
    Term,
    load_policy,
    rule,
    sweep,
)
from casework.engine import settle as settle_module
from casework.errors import CommandRefused, NotFound
from casework.model.commands import ChangeFacts
from casework.testing import MemoryStore, open_access

AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 20))
START = datetime(2026, 9, 1, 1, tzinfo=UTC)


class Place:
    """A school with one case, a clock, and a desk for everybody."""

    def __init__(self, *, rules=(), directory=None):
        self.clock = ManualClock(START)
        self.store = MemoryStore()
        seats = directory or StaticDirectory({"principal": ["p.jin"], "safeguarding_lead": ["t.fang"]})
        school = School(
            "qinghe", load_policy("town-primary"), Calendar([AUTUMN], tz="Asia/Shanghai"), rules, seats, open_access()
        )
        self.casework = Casework(school, clock=self.clock)
        self.jin = self.desk("p.jin")
        self.jin.identify("s-1", away="both")

    def desk(self, person):
        """A desk in somebody's name."""
        return Desk(self.casework, self.store, school="qinghe", principal=Principal(person))

    def told(self, topic="emergency"):
        """Whom the outbox tells."""
        with self.store.read():
            return [row.person for row in self.store.outgoing("qinghe") if row.topic == topic]

    def entries(self):
        """How many entries the child's record has."""
        with self.store.read():
            return len(self.store.entries("qinghe", "s-1"))


class Down:
    """A directory that cannot be reached."""

    def holders(self, role, school, at):
        """Fail."""
        raise ConnectionError

    def class_teachers(self, school, at):
        """Fail."""
        raise ConnectionError

    def absent(self, person, school, at):
        """Fail."""
        raise ConnectionError


class TestKeys:
    def test_a_key_used_for_a_record_does_not_swallow_an_emergency(self):
        """The same key on another command is refused, and never taken for a repetition."""
        place = Place()
        place.jin.record("s-1", "visit", reached=True, key="form-7")

        with pytest.raises(CommandRefused, match="stands for something else"):
            place.jin.raise_emergency("s-1", "missing", key="form-7")

    def test_a_key_used_for_one_kind_of_emergency_does_not_swallow_another(self):
        """Two reports under one key are two only if they say the same."""
        place = Place()
        place.jin.raise_emergency("s-1", "missing", key="form-7")

        assert place.jin.raise_emergency("s-1", "missing", key="form-7").repeated
        with pytest.raises(CommandRefused, match="stands for something else"):
            place.jin.raise_emergency("s-1", "violence", key="form-7")

    def test_a_keyed_list_is_carried_out_once_though_its_first_command_changes_nothing(self):
        """The key goes to the first command that writes."""
        place = Place()
        both = [("s-1", ChangeFacts(away="both")), ("s-1", Record("visit", True))]  # noqa: FBT003 - reached
        place.jin.do_together(both, key="k")
        place.jin.do_together(both, key="k")

        assert 1 == len(place.jin.case("s-1").activity_log)


class TestDanger:
    def test_danger_is_an_emergency_however_late_it_is_entered(self):
        """A visit of seven weeks ago with observed danger escalates on the day on which it is entered."""
        place = Place()
        place.clock.advance(days=60)
        danger = ConcernDraft("violence", "danger")
        seen = place.jin.record("s-1", "visit", reached=True, on=date(2026, 9, 10), concerns=[danger])

        assert seen.emergency

    def test_new_danger_of_a_live_emergency_is_told_to_those_who_know_of_it(self):
        """Evidence that joins an emergency goes to everybody who was told before."""
        place = Place()
        danger = ConcernDraft("violence", "danger")
        place.jin.note_concern("s-1", danger)
        before = len(place.told())
        place.clock.advance(minutes=5)
        place.jin.note_concern("s-1", danger)

        assert before + 1 == len(place.told())

    def test_nobody_can_have_seen_the_child_safe_before_the_report(self):
        """An instant before the report is refused."""
        place = Place()
        id_ = place.jin.raise_emergency("s-1", "missing").emergency

        with pytest.raises(CommandRefused, match="before the report"):
            place.jin.stand_down("s-1", id_, "found", safe_seen_by="t.fang", safe_seen_at=START - timedelta(minutes=1))


class TestFailures:
    def test_a_directory_that_fails_sends_the_emergency_outside_at_once(self):
        """A seat that cannot be asked is vacant; the report is stored and the ladder leaves the school."""
        place = Place(directory=Down())
        place.jin.raise_emergency("s-1", "missing")

        assert ["outside"] == place.told()

    def test_windows_that_cannot_be_planned_stop_neither_report_nor_ladder(self, monkeypatch):
        """The report is stored, the first rung told, and a late sweep climbs, though planning fails."""
        place = Place()

        def broken(_):
            raise ZeroDivisionError

        monkeypatch.setattr(settle_module, "_plan", broken)
        place.jin.raise_emergency("s-1", "missing")
        place.clock.advance(hours=1)
        report = sweep(place.casework, place.store)

        assert ["t.fang", "p.jin", "outside"] == place.told()
        assert ("qinghe", "s-1", "ZeroDivisionError") in report.broken

    def test_a_record_that_is_broken_for_long_does_not_stop_the_clock_of_others(self, monkeypatch):
        """It is put off from day to day, so that a sweep after two months is no jump of the clock."""
        place = Place()

        def broken(_):
            raise ZeroDivisionError

        monkeypatch.setattr(settle_module, "_plan", broken)
        for _ in range(60):
            place.clock.advance(days=1)
            sweep(place.casework, place.store)

        assert sweep(place.casework, place.store).due == 0

    def test_a_rule_that_undoes_itself_tells_one_person_once(self):
        """It is quarantined without a flood of entries and notices, and what it escalated is kept."""

        @rule
        def restless(case, now):
            if not any(o.rule == "restless" and o.status == "open" for o in case.obligations.values()):
                yield Require("D10", about="x", due=now.today + timedelta(days=9))
            yield Escalate("violence", about="seen", because=Reason("seen"))

        place = Place(rules=[restless])
        before = place.entries()
        for _ in range(10):
            place.clock.advance(days=1)
            sweep(place.casework, place.store)

        assert ["p.jin"] == place.told("rule_failed")
        assert 1 == len(place.jin.case("s-1").emergencies)
        assert place.entries() - before <= 11


class TestSuspects:
    def test_a_carer_named_by_their_place_on_the_card_knows_nothing(self):
        """``carer`` stands for the person who is the carer: they see no emergency and cannot stand it down."""
        place = Place()
        place.jin.file("s-1", ContactCard(carer=Contact("Liu", "grandmother", person="p.liu")))
        id_ = place.jin.raise_emergency("s-1", "violence", implicated=["carer"]).emergency
        liu = place.desk("p.liu")

        assert {} == dict(liu.case("s-1").emergencies)
        with pytest.raises(NotFound):
            liu.acknowledge("s-1", id_)

    def test_a_carer_who_is_replaced_stays_in_the_dark(self):
        """A new carer on the card does not open the report to the one who was meant."""
        place = Place()
        place.jin.file("s-1", ContactCard(carer=Contact("Liu", "grandmother", person="p.liu")))
        place.jin.raise_emergency("s-1", "violence", implicated=["carer"])
        place.jin.record_card("s-1", ContactCard(carer=Contact("Wu", "aunt", person="p.wu")))

        assert {} == dict(place.desk("p.liu").case("s-1").emergencies)

    def test_what_is_noted_about_a_hidden_emergency_is_hidden_too(self):
        """A follow-up concern that names nobody gives nothing away."""
        place = Place()
        id_ = place.jin.raise_emergency("s-1", "violence", implicated=["t.li"]).emergency
        place.jin.note_concern("s-1", ConcernDraft("withdrawn"), about=id_)

        assert {} == dict(place.desk("t.li").case("s-1").concern_log)


class TestHouseholds:
    def test_two_visits_are_two_occasions(self):
        """Every household visit has an occasion of its own."""
        place = Place()
        place.jin.identify("s-2", away="one")
        visit = Record("visit", True)  # noqa: FBT003 - reached
        for _ in range(2):
            place.jin.record_together(["s-1", "s-2"], visit)
            place.clock.advance(days=7)
        occasions = [act.occasion for act in place.jin.case("s-1").activity_log.values()]

        assert 2 == len(set(occasions))

    def test_words_of_a_child_who_was_not_visited_are_refused(self):
        """Words under another name would be lost."""
        place = Place()
        with pytest.raises(CommandRefused, match="not among the cases"):
            place.jin.record_together(["s-1"], Record("visit", True), words={"S-1": "hello"})  # noqa: FBT003


class TestWords:
    def test_the_original_of_a_corrected_note_can_still_be_opened(self):
        """What stood there before a correction is in the history, and opens for whoever may read it."""
        place = Place()
        first = place.jin.record("s-1", "visit", reached=True, note="all well")
        original = first.case.activity_log[first.activity].note
        place.jin.correct("s-1", first.activity, "wrong_note", note="not so well")

        assert "all well" == place.jin.open("s-1", original, "review")

    @pytest.mark.parametrize("because", ["not_required", "case_closed", "carer_implicated"])
    def test_a_school_excuses_with_reasons_of_its_own(self, because):
        """Codes that the engine itself sets and takes back are refused."""
        place = Place()
        key = next(iter(place.jin.case("s-1").obligations))

        with pytest.raises(CommandRefused, match="what the engine says itself"):
            place.jin.excuse("s-1", key, because)

    def test_a_day_long_ago_is_a_slip(self):
        """A year that was mistyped is refused."""
        place = Place()
        with pytest.raises(CommandRefused, match="long before anybody at school"):
            place.jin.record("s-1", "visit", reached=True, on=date(206, 9, 1))
