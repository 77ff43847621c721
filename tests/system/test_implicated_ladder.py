"""Who is implicated is told nothing and has no say, on every rung of the ladder; nothing that is answered breaks."""

from datetime import timedelta

import pytest

from casework import Escalate, Reason, rule
from tests.system.suspects import (
    CHILD,
    World,
    danger_noted,
    draft,
    fails_while_escalated,
    pair_of_worlds,
    raised_about_a_concern,
    said,
)
from tests.system.world import HEAD, HOUR, LEAD, OFFICE, SAFEGUARDING, SCHOOL, TEACHER, VICE, identified


class TestShadows:
    def test_what_only_the_suspect_would_find_can_be_answered(self):
        """An emergency that a rule raises only where nothing is hidden can be acknowledged without any error."""

        @rule(states=["paired", "monitored"], looks="on_change")
        def odd(case, now):
            noted = case.concerns(since=now.days_ago(30))
            if len(noted) == 1:
                yield Escalate("neglect", about=noted, because=Reason("odd"))

        knowing, _ = pair_of_worlds(LEAD, lambda *_: None, CHILD, [odd])
        danger_noted(knowing, CHILD)
        knowing.clock.advance(days=1)
        desk = knowing.desk(LEAD)
        found = [id_ for id_, e in desk.case(CHILD).emergencies.items() if e.kind == "neglect"]

        assert "acknowledged" == desk.acknowledge(CHILD, found[0]).case.emergencies[found[0]].state


class TestLadder:
    @pytest.mark.parametrize("implicated", [LEAD, SAFEGUARDING, VICE, HEAD])
    def test_an_implicated_rung_is_passed_at_once(self, implicated):
        """Each rung in turn, the principal's too: nothing is sent there, the next is told at the same instant."""
        rungs = [LEAD, SAFEGUARDING, VICE, HEAD, "outside"]
        world = World(implicated)
        identified(world.desk(OFFICE))
        start = world.clock()
        world.desk(OFFICE).raise_emergency(CHILD, "violence", implicated=[implicated])
        for _ in range(12):
            world.clock.advance(minutes=15)
            world.sweep()
        with world.store.read():
            rows = [(row.at - start, row.person) for row in world.store.outgoing(SCHOOL)]
        expected, at = [], timedelta(0)
        for person in rungs:
            told = TEACHER if person == implicated == LEAD else (None if person == implicated else person)
            if told is not None:
                expected.append((at, told))
                at += HOUR / 2

        assert expected == rows[: len(expected)]
        assert implicated not in {person for _, person in rows}

    @pytest.mark.parametrize("implicated", [LEAD, SAFEGUARDING, VICE, HEAD])
    def test_an_implicated_person_has_no_say(self, implicated):
        """Who is implicated can neither acknowledge nor stand down: the words are those for any unknown id."""
        world = World(implicated)
        identified(world.desk(OFFICE))
        id_ = world.desk(OFFICE).raise_emergency(CHILD, "violence", implicated=[implicated]).emergency
        desk = world.desk(implicated)
        calls = {
            name: [said(lambda id_=id_, call=call: call(id_)).replace(id_, "?") for id_ in (id_, "a7bcdefg")]
            for name, call in {
                "acknowledge": lambda id_: desk.acknowledge(CHILD, id_),
                "respond": lambda id_: desk.respond(CHILD, id_),
                "call": lambda id_: desk.call_outside(CHILD, id_, "police", "110-7"),
                "review": lambda id_: desk.review(CHILD, id_),
                "stand down": lambda id_: desk.stand_down(
                    CHILD, id_, "safe", safe_seen_by=OFFICE, safe_seen_at=world.clock()
                ),
            }.items()
        }

        for known, unknown in calls.values():
            assert known.startswith("NotFound: no emergency ?")
            assert unknown.replace("a7bcdefg", "?") == known

    def test_evidence_implicates(self):
        """An emergency about a concern hides from whom the concern implicates, though nobody named them again."""
        world = World(LEAD)
        identified(world.desk(OFFICE))
        raised_about_a_concern(world, CHILD)
        with world.store.read():
            rows = world.store.outgoing(SCHOOL)

        assert [TEACHER] == [row.person for row in rows]

    def test_evidence_against_others_begins_anew(self):
        """Danger that implicates somebody never joins an emergency which that person knows, nor takes it away."""
        world = World(LEAD)
        identified(world.desk(OFFICE))
        first = world.desk(OFFICE).note_concern(CHILD, draft()).emergency
        second = world.desk(OFFICE).note_concern(CHILD, draft(LEAD)).emergency

        assert first
        assert second not in {"", first}
        assert [first] == list(world.desk(LEAD).case(CHILD).emergencies)

    def test_a_failing_rule_is_not_told_to_the_implicated(self):
        """A rule that fails in an emergency is told to the deputy of a principal whom the emergency implicates."""
        world = World(HEAD, [fails_while_escalated])
        identified(world.desk(OFFICE))
        world.desk(OFFICE).raise_emergency(CHILD, "violence", implicated=[HEAD])
        with world.store.read():
            rows = world.store.outgoing(SCHOOL)

        assert [("rule_failed", VICE)] == [(row.topic, row.person) for row in rows if row.topic != "emergency"]
        assert HEAD not in {row.person for row in rows}
