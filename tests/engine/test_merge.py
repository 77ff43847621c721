from datetime import timedelta

import pytest
from attrs import evolve

from casework import ConcernDraft
from casework.errors import CommandRefused, NotFound, StepRefused
from casework.model.case import case_id
from casework.model.roll import RollRow
from tests.engine.world import CARD, World, day

BOSS = "t.sun"


@pytest.fixture
def world():
    """A child who was entered twice: s-17 is paired with t.li and has a card, s-71 is with t.wu; both were visited."""
    found = World()
    desk = found.desk()
    desk.identify("s-17", away="both", class_="3-1")
    desk.identify("s-71", away="both", class_="3-1")
    desk.file("s-71", CARD)
    desk.pair("s-17", "t.li")
    desk.pair("s-71", "t.wu", ["t.ma"])
    desk.record("s-17", "visit", reached=True, note="the roof leaks")
    desk.record("s-71", "talk", reached=True, words="I miss her")
    return found


def logs(case):
    """Ids of all items by log, without obligations and marks of its own."""
    names = ("activity_log", "concern_log", "emergencies", "referrals", "screening_log")
    return {name: sorted(getattr(case, name)) for name in names}


class TestMerge:
    def test_everything_survives(self, world):
        """Activities, concerns, referrals and emergencies are the survivor's, under their ids; nothing stays behind."""
        desk = world.desk()
        desk.note_concern("s-71", ConcernDraft("quarrel", note="again"))
        desk.refer("s-71", "psychology", "grief", note="her father")
        desk.raise_emergency("s-71", "missing", note="since noon")
        one, other = world.record(), world.record("s-71")
        merged = desk.merge("s-71", "s-17", "entered_twice").case
        gone = world.record("s-71")

        assert {k: sorted({*v, *logs(other)[k]}) for k, v in logs(one).items()} == logs(world.record())
        assert logs(merged) == logs(world.record())
        assert ("closed", "s-17", {}, None) == (gone.stage, gone.merged_into, gone.obligations, gone.wake_at)
        assert {k: [] for k in logs(gone)} == logs(gone)
        assert ("t.li", ("t.wu", "t.ma")) == (merged.lead, merged.pairings[-1].members)
        assert set(other.obligations) | set(one.obligations) <= set(merged.obligations)
        assert "escalated" == merged.state
        assert () == world.again()
        assert () == world.again("s-71")

    def test_texts_stay_readable(self, world):
        """Words and card of the merged record are read in the survivor's; that they were sealed anew is audited."""
        world.desk().merge("s-71", "s-17", "entered_twice")
        case = world.desk().case("s-17")
        (talk,) = [a for a in case.activity_log.values() if a.kind == "talk"]
        with world.store.read():
            reads = world.store.reads("qinghe", "s-71")

        assert "I miss her" == world.desk().open("s-17", talk.words, "talk")
        assert "I miss her" == world.desk().open("s-71", talk.words, "talk")
        assert "Liu" == world.desk().open("s-17", case.card.carer.name, "calling")
        assert {"merge"} == {read.reason for read in reads}

    def test_an_emergency_goes_on_climbing(self, world):
        """A live emergency keeps its ladder: nobody is told twice, and the next rung is told when it was due."""
        plain = World()
        for each in (world, plain):
            desk = each.desk()
            if each is plain:
                desk.identify("s-71", away="both", class_="3-1")
                desk.pair("s-71", "t.li")
            else:
                desk.hand_over("t.wu", "moved_away", to="t.li")
            desk.raise_emergency("s-71", "missing")
        world.desk().merge("s-71", "s-17", "entered_twice")
        alarm = world.record().alarm_at
        before = len(world.outbox())
        for each in (world, plain):
            each.on(day(9, 1), hour=14).sweep()

        told = [[(r.role, r.person, r.at) for r in w.outbox() if r.topic == "emergency"] for w in (world, plain)]
        assert told[0] == told[1]
        assert before < len(world.outbox())
        assert alarm
        assert world.record("s-71").alarm_at is None

    def test_what_is_entered_under_the_other_name_arrives(self, world):
        """An emergency, a visit and a question about the merged record are the survivor's, by id and by public id."""
        desk = world.desk()
        desk.merge("s-71", "s-17", "entered_twice")
        raised = desk.raise_emergency("s-71", "missing", note="since noon")
        visit = desk.record(case_id("qinghe", "s-71"), "visit", reached=True, note="warm", key="k1")
        again = desk.record("s-71", "visit", reached=True, note="warm", key="k1")

        assert "s-17" == raised.case.child
        assert raised.emergency in world.record().emergencies
        assert (visit.activity in world.record().activity_log, True) == (True, again.repeated)
        assert desk.case("s-71") == desk.case("s-17")
        assert desk.history("s-71") == desk.history("s-17")
        assert "warm" == desk.open("s-71", world.record().activity_log[visit.activity].note, "x")

    def test_asked_again_nothing_happens(self, world):
        """The same merge again does nothing; another one of the same record is refused, and so is one with itself."""
        desk = world.desk()
        desk.identify("s-20", away="one")
        desk.merge("s-71", "s-17", "entered_twice")
        before = world.entries(), world.entries("s-71")
        desk.merge("s-71", "s-17", "entered_twice")

        assert before == (world.entries(), world.entries("s-71"))
        with pytest.raises(StepRefused, match="merged into s-17 already"):
            desk.merge("s-71", "s-20", "entered_twice")
        with pytest.raises(CommandRefused, match="is that record itself"):
            desk.merge("s-17", "s-71", "entered_twice")
        with pytest.raises(NotFound):
            desk.merge("s-99", "s-17", "entered_twice")
        with pytest.raises(NotFound):
            desk.merge("s-17", "s-99", "entered_twice")

    @pytest.mark.parametrize(
        ("mine", "theirs", "stage"),
        [("", "closed", "closed"), ("", "paired", "paired"), ("closed", "paired", "paired")],
    )
    def test_the_case_is_open_if_either_is(self, mine, theirs, stage):
        """A record without a case, or with a closed one, goes on with the other's."""
        world = World()
        for child, wanted in (("s-17", mine), ("s-71", theirs)):
            desk = world.desk()
            desk.raise_emergency(child, "missing") if not wanted else desk.identify(child, away="both", class_="3-1")
            if wanted == "paired":
                desk.pair(child, "t.li")
            if wanted == "closed":
                desk.close(child, "returned")
        merged = world.desk().merge("s-71", "s-17", "entered_twice").case

        assert (stage, "t.li" if stage == "paired" else "") == (merged.stage, merged.lead)
        assert () == world.again()

    def test_a_key_child_stays_one(self, world):
        """A key child is one in the survivor; taken apart it is one where it was, and who had no helper has none."""
        desk = world.desk()
        desk.unpair("s-17", "moved")
        desk.screen("s-71", "phq_a", 3)
        desk.designate_key("s-71", "alone")
        merged = desk.merge("s-71", "s-17", "entered_twice").case
        desk.unmerge("s-71", "two_children")
        one, other = world.record(), world.record("s-71")

        assert (True, "t.wu", 1) == (merged.key_child, merged.lead, len(merged.screening_log))
        assert (False, "", "identified") == (one.key_child, one.lead, one.stage)
        assert (True, "t.wu") == (other.key_child, other.lead)

    def test_sweeps_pass_it_by(self, world):
        """The merged record owes nothing and is not looked at; the survivor's duties go on."""
        world.desk().merge("s-71", "s-17", "entered_twice")
        world.until(day(9, 30))

        assert {} == world.record("s-71").obligations
        assert {"s-17"} == {line.child for line in world.desk().today("t.wang") if line.child.startswith("s")}

    def test_gatherings_and_the_roll(self, world):
        """Who stands on a list or the roll under the merged name counts for the survivor, and begins no record anew."""
        desk = world.desk()
        before = desk.gather("symposium", ["s-71"]).gathering.id
        desk.merge("s-71", "s-17", "entered_twice")
        after = desk.gather("symposium", ["s-71"]).gathering
        desk.update_roll([RollRow("s-71", "3-1")], [])
        world.until(day(9, 3))
        desk.correct_attendance(before, "slip", absent=["s-71"])
        world.until(day(9, 4))

        assert {"s-17": "present"} == after.attendance
        assert not world.record().activity_log[before].reached
        assert {} == world.record("s-71").obligations
        assert () == world.again()


class TestUnmerge:
    def test_it_goes_back_where_it_stood(self, world):
        """Merged and taken apart at once, both records are what they were."""
        world.desk().raise_emergency("s-71", "missing", note="since noon")
        before = [world.desk().case(child) for child in ("s-17", "s-71")]
        world.desk().merge("s-71", "s-17", "entered_twice")
        world.desk().unmerge("s-71", "two_children")
        after = [world.desk().case(child) for child in ("s-17", "s-71")]

        assert [logs(case) for case in before] == [logs(case) for case in after]
        for old, new in zip(before, after, strict=True):
            for name in ("emergencies", "activity_log", "marks", "stage", "lead", "household", "class_"):
                assert getattr(old, name) == getattr(new, name), name
            assert {k: (o.status, o.due) for k, o in old.obligations.items()} == {
                k: (o.status, o.due) for k, o in new.obligations.items() if k in old.obligations
            }
        assert (before[1].spans, before[1].pairings) == (after[1].spans, after[1].pairings)
        assert "I miss her" in [world.desk().open("s-71", a.words, "x") for a in after[1].activity_log.values()]
        assert () == world.again()
        assert () == world.again("s-71")

    def test_what_was_done_since_is_kept(self, world):
        """An emergency that was over meanwhile is so in its own record; what was entered since stays, unless named."""
        desk = world.desk()
        raised = desk.raise_emergency("s-71", "missing").emergency
        desk.merge("s-71", "s-17", "entered_twice")
        desk.respond("s-17", raised)
        desk.stand_down("s-17", raised, "found", safe_seen_by="t.wang", safe_seen_at=world.clock())
        world.desk("t.sun").review("s-17", raised, lessons="lock the gate")
        stays = desk.record("s-17", "visit", reached=True, note="one").activity
        goes = desk.record("s-71", "visit", reached=True, note="two").activity
        desk.unmerge("s-71", "two_children", also=[goes])
        one, other = world.record(), world.record("s-71")

        assert ("reviewed", False) == (other.emergencies[raised].state, raised in one.emergencies)
        assert "lock the gate" == desk.open("s-71", other.emergencies[raised].lessons, "x")
        assert (True, False) == (stays in one.activity_log, goes in one.activity_log)
        assert "two" == desk.open("s-71", other.activity_log[goes].note, "x")
        assert stays not in other.activity_log

    def test_refused(self, world):
        """What is not merged cannot be taken apart; what is named has to have been entered since, and be known."""
        desk = world.desk()
        with pytest.raises(StepRefused, match="not merged"):
            desk.unmerge("s-71", "two_children")
        old = next(iter(world.record().activity_log))
        desk.merge("s-71", "s-17", "entered_twice")
        with pytest.raises(NotFound):
            desk.unmerge("s-71", "two_children", also=["nothing"])
        with pytest.raises(CommandRefused, match="before the merge"):
            desk.unmerge("s-71", "two_children", also=[old])
        desk.identify("s-20", away="one")
        desk.merge("s-17", "s-20", "entered_thrice")
        with pytest.raises(StepRefused, match="unmerge that one first"):
            desk.unmerge("s-71", "two_children")

        assert "s-20" == desk.case("s-71").child

    def test_merged_again(self, world):
        """What was merged, taken apart and merged again at the same instant is taken apart again as it stood."""
        before = [logs(world.record(child)) for child in ("s-17", "s-71")]
        for _ in range(2):
            world.desk().merge("s-71", "s-17", "entered_twice")
            world.desk().unmerge("s-71", "two_children")
            world.desk().record("s-71", "visit", reached=True)
            before[1]["activity_log"] = logs(world.record("s-71"))["activity_log"]

        assert before == [logs(world.record(child)) for child in ("s-17", "s-71")]
        assert 3 == len(before[1]["activity_log"])

    def test_three_records(self, world):
        """A record that was merged on is taken apart in the reverse order, down to what each of them was."""
        desk = world.desk()
        desk.identify("s-20", away="one")
        before = [logs(world.record(child)) for child in ("s-17", "s-71", "s-20")]
        desk.merge("s-71", "s-17", "entered_twice")
        desk.merge("s-17", "s-20", "entered_thrice")
        desk.unmerge("s-17", "slip")
        desk.unmerge("s-71", "slip")

        assert before == [logs(world.record(child)) for child in ("s-17", "s-71", "s-20")]

    def test_a_record_without_a_case_has_none_again(self):
        """A survivor that had no case of its own keeps none open after it was taken apart."""
        world = World()
        world.desk().raise_emergency("s-17", "missing")
        world.desk().identify("s-71", away="both", class_="3-1")
        world.desk().merge("s-71", "s-17", "entered_twice")
        escalated = world.record()
        world.desk().unmerge("s-71", "two_children")

        assert "escalated" == escalated.state
        assert "identified" == world.record("s-71").stage


class TestImplicated:
    def seen(self, world, person=BOSS):
        """All that somebody may see of both records."""
        desk = world.desk(person)
        return repr([(desk.case(child), desk.history(child)) for child in ("s-17", "s-71")]) + repr(desk.today(person))

    @pytest.mark.parametrize("asker", ["t.wang", BOSS])
    @pytest.mark.parametrize("child", ["s-17", "s-71"])
    def test_what_is_hidden_stays_hidden(self, world, child, asker):
        """Whoever may not know of an emergency learns nothing of it from a merge, not even their own, nor later."""
        desk = world.desk()
        desk.note_concern(child, ConcernDraft("neglect", implicated=[BOSS], note="bruises"))
        raised = desk.raise_emergency(child, "violence", implicated=[BOSS]).emergency
        merged = world.desk(asker).merge("s-71", "s-17", "entered_twice")
        during = self.seen(world)
        live = world.record().emergencies[raised].live
        apart = world.desk(asker).unmerge("s-71", "two_children")
        afterwards = self.seen(world)

        assert live
        assert raised in world.record(child).emergencies
        for said in (during, afterwards, *([repr(merged), repr(apart)] if asker == BOSS else [])):
            assert raised not in said
            assert "neglect" not in said
            assert "violence" not in said
        assert {BOSS} & {row.person for row in world.outbox() if row.topic == "emergency"} == set()
        assert raised in repr(world.desk().history(child))

    def test_ids_of_hidden_things_are_unknown(self, world):
        """Naming something hidden to go along is answered as if it did not exist."""
        world.desk().merge("s-71", "s-17", "entered_twice")
        raised = world.desk().raise_emergency("s-17", "violence", implicated=[BOSS]).emergency
        with pytest.raises(NotFound):
            world.desk(BOSS).unmerge("s-71", "two_children", also=[raised])

        assert "s-17" == world.record("s-71").merged_into


class TestHolds:
    def test_a_hold_on_one_holds_both(self, world):
        """What a court asked for of either record is kept of the child, and released in one it is so in the other."""
        id_ = world.desk().hold("s-71", "court_case", note="file 7")
        hold = next(iter(id_.case.holds))
        world.desk().merge("s-71", "s-17", "entered_twice")
        carried = world.record().holds[hold]
        said = world.desk().open("s-17", carried.note, "x")
        world.desk().close("s-17", "moved_away")
        world.clock.set(world.clock() + timedelta(days=4_000))
        world.desk("t.zhao").request_erasure("s-17", "guardian_asked")
        with pytest.raises(CommandRefused, match="it has to be kept for now"):
            world.desk(BOSS).erase("s-17", "checked")
        world.desk(BOSS).release_hold("s-17", hold, "over")
        world.desk().unmerge("s-71", "two_children")

        assert ("file 7", "court_case", True) == (said, carried.because, carried.stands)
        assert not world.record("s-71").holds[hold].stands

    def test_one_that_was_placed_meanwhile_goes_along_too(self, world):
        """After the records were taken apart it holds both: nobody can say of which it was meant."""
        world.desk().merge("s-71", "s-17", "entered_twice")
        world.desk().hold("s-71", "court_case", note="file 7")
        world.desk().unmerge("s-71", "two_children")
        mine, theirs = world.record().holds, world.record("s-71").holds
        (note,) = [hold.note for hold in theirs.values()]

        assert list(mine) == list(theirs)
        assert "file 7" == world.desk().open("s-71", note, "x")


class TestTakenApart:
    def test_what_went_back_is_not_read_here_any_more(self, world):
        """Texts and card of another child, who was merged by mistake, are destroyed here, and stand there."""
        world.desk().merge("s-71", "s-17", "entered_twice")
        case = world.record()
        (words,) = [act.words for act in case.activity_log.values() if act.kind == "talk"]
        texts = [words, case.card.carer.name, case.card.parents[0].phone]
        before = [world.desk().open("s-17", text, "x") for text in texts]
        world.desk().unmerge("s-71", "two_children")
        back = world.record("s-71")

        assert ["I miss her", "Liu", "139"] == before
        for text in texts:
            with pytest.raises(NotFound):
                world.desk().open("s-17", text, "x")
        assert {} == world.record().card.contacts()
        assert ["I miss her", "Liu"] == [
            world.desk().open("s-71", text, "x")
            for text in (*(act.words for act in back.activity_log.values()), back.card.carer.name)
        ]
        assert "the roof leaks" in [
            world.desk().open("s-17", act.note, "x") for act in world.record().activity_log.values()
        ]

    def test_equal_words_stay(self, world):
        """Where this child's own words were the same they are read on."""
        world.desk().record("s-17", "talk", reached=True, words="I miss her")
        world.desk().merge("s-71", "s-17", "entered_twice")
        world.desk().unmerge("s-71", "two_children")
        (words,) = [act.words for act in world.record().activity_log.values() if act.kind == "talk"]

        assert "I miss her" == world.desk().open("s-17", words, "x")

    def test_a_card_that_somebody_changed_stays(self, world):
        """It is this child's by now."""
        world.desk().merge("s-71", "s-17", "entered_twice")
        world.desk().file("s-17", evolve(CARD, parents=[]))
        world.desk().unmerge("s-71", "two_children")

        assert "Liu" == world.desk().open("s-17", world.record().card.carer.name, "x")


class TestErased:
    def test_both_keys_are_destroyed(self, world):
        """What was written under the other name goes too, and the records stay one."""
        words = next(act.words for act in world.record("s-71").activity_log.values())
        world.desk().merge("s-71", "s-17", "entered_twice")
        world.desk().close("s-17", "moved_away")
        world.clock.set(world.clock() + timedelta(days=4_000))
        world.desk("t.zhao").request_erasure("s-17", "guardian_asked")
        world.desk(BOSS).erase("s-17", "checked")
        (erasure,) = world.record("s-71").erasures.values()

        assert ("erased", BOSS, "checked") == (erasure.state, erasure.by, erasure.answer)
        with world.store.write(), pytest.raises(NotFound):
            world.store.unseal("qinghe", "s-71", words, reader=BOSS, reason="x", at=world.clock())
        with pytest.raises(StepRefused, match="the records stay one"):
            world.desk().unmerge("s-71", "two_children")
