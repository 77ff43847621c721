"""Talks with a carer whom somebody reported are excused; when the report was a mistake they are judged again."""

import pytest

from casework import ConcernDraft, Contact, ContactCard
from casework.model import events as ev
from tests.engine.world import CARD, World, day, duty, noon, policy

MONTH = duty('{ each = "MONTH" }', "D14", '"carer_talk"', more='contact = "carer"')
TRIGGERED = duty('{ on = ["concern"], within = "5 td" }', "D14", '"carer_talk"', more='contact = "carer"')


def reported(own=MONTH, severity="high", child="s-17"):
    """A school in which the carer of a child was reported on 2 September; and the id of the concern."""
    world = World(policy(own), at=noon(day(9, 2)))
    desk = world.desk()
    desk.identify(child, away="both", class_="3-1")
    desk.file(child, CARD)
    noted = desk.note_concern(child, ConcernDraft("violence", severity, implicated=["carer"]))
    return world, noted.events[0][1].concern.id


def statuses(world):
    """The verdicts on talks with the carer, window by window."""
    return list(world.said("D14").values())


class TestVoided:
    def test_what_is_still_open_is_asked_for_again(self):
        """A concern that was noted for the wrong child excuses nobody from this month's talk."""
        world, concern = reported()
        before = statuses(world)
        world.desk().void("s-17", concern, "wrong_child")

        assert (["excused"], ["open"]) == (before, statuses(world))
        assert () == world.again()

    @pytest.mark.parametrize(("talked", "verdict"), [(None, "missed"), (day(9, 20), "met")])
    def test_what_has_closed_is_judged_by_its_dates(self, talked, verdict):
        """September's talk is missed, or met if there was one, when the mistake is found in October."""
        world, concern = reported()
        if talked:
            world.on(talked).desk().record("s-17", "carer_talk", reached=True)
        world.until(day(10, 9)).desk().void("s-17", concern, "wrong_child")

        assert [verdict, "open"] == statuses(world)
        assert () == world.again()

    def test_two_reports_are_two_reasons(self):
        """As long as one report stands, the talks of its time stay excused."""
        world, first = reported()
        world.until(day(10, 9))
        again = world.desk().note_concern("s-17", ConcernDraft("violence", "high", implicated=["carer"]))
        second = again.events[0][1].concern.id
        world.desk().void("s-17", first, "wrong_child")
        between = statuses(world)
        world.desk().void("s-17", second, "wrong_child")

        assert (["missed", "excused"], ["missed", "open"]) == (between, statuses(world))

    def test_what_only_the_concern_asked_for_is_asked_no_more(self):
        """A talk that the mistaken concern itself had asked for is not owed."""
        world, concern = reported(TRIGGERED)
        before = statuses(world)
        world.desk().void("s-17", concern, "wrong_child")

        assert (["excused"], ["superseded"]) == (before, statuses(world))

    def test_an_emergency_lasts_until_somebody_has_reviewed_it(self):
        """Danger that was noted by mistake goes on until it is reviewed: nobody is sent to the carer before."""
        world, concern = reported(severity="danger")
        desk = world.desk("t.chen")
        [emergency] = desk.case("s-17").emergencies
        desk.void("s-17", concern, "wrong_child")
        before = statuses(world)
        desk.stand_down("s-17", emergency, "mistake", safe_seen_by="t.chen", safe_seen_at=world.clock())
        world.desk("t.sun").review("s-17", emergency)

        assert (["excused"], ["open"]) == (before, statuses(world))

    def test_a_report_that_was_true_keeps_its_excuse(self):
        """Another carer, or a review, does not ask for the talks which nobody was to hold at the time."""
        world, _ = reported(severity="danger")
        desk = world.desk("t.chen")
        [emergency] = desk.case("s-17").emergencies
        desk.stand_down("s-17", emergency, "safe", safe_seen_by="t.chen", safe_seen_at=world.clock())
        world.desk("t.sun").review("s-17", emergency)
        desk.record_card("s-17", ContactCard(carer=Contact("Wu", "aunt")))
        world.until(day(10, 9))

        assert ["excused", "open"] == statuses(world)

    def test_a_closed_case_owes_what_it_owed_when_it_was_closed(self):
        """What had closed by then is judged, what was open then is excused as everything else."""
        world, concern = reported()
        world.until(day(10, 9)).desk().close("s-17", "moved_away")
        world.until(day(11, 2)).desk().void("s-17", concern, "wrong_child")
        found = [(o.status, o.because) for o in world.record().obligations.values()]

        assert [("missed", ""), ("excused", "case_closed")] == found

    def test_the_history_says_what_happened(self):
        """The excuse stays in the history, and its end stands beside it with the command that caused it."""
        world, concern = reported()
        world.desk().void("s-17", concern, "wrong_child")
        last = world.entries()[-1]

        assert [("command:Void", ev.Voided), ("command:Void", ev.ObligationJudged)] == (
            [(cause, type(event)) for cause, event in last.events]
        )


class TestSuspect:
    @pytest.mark.parametrize(("waiting", "found"), [(False, day(9, 9)), (False, day(10, 9)), (True, day(9, 9))])
    def test_the_carer_learns_of_neither_report_nor_mistake(self, waiting, found):
        """What a carer may read is the same with the report, its end, and without, also while settings wait."""
        seen = []
        for secret in (True, False):
            world = World(policy(MONTH), at=noon(day(9, 2)))
            desk = world.desk()
            desk.identify("s-17", away="both", class_="3-1")
            desk.file("s-17", ContactCard(carer=Contact("Liu", "grandmother", person="p.liu")))
            if secret:
                noted = desk.note_concern("s-17", ConcernDraft("violence", "high", implicated=["carer"]))
            world.until(found)
            if secret:
                world.desk().void("s-17", noted.events[0][1].concern.id, "wrong_child")
            if waiting:
                world.use(policy(MONTH, TRIGGERED.replace("D14", "D12")))
            liu = world.desk("p.liu")
            seen.append((liu.case("s-17"), [entry.events for entry in liu.history("s-17")]))

        assert seen[1] == seen[0]
