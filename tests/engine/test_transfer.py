import json

import pytest

from casework import Casework, ConcernDraft, Desk, Principal, School, load_policy
from casework.errors import CommandRefused, NotFound, SettingsChanged, StepRefused, Tampered, WrongType, WrongValue
from casework.model.move import Peer
from casework.model.people import Sealed
from casework.policy.access import default_access
from casework.testing import MemoryStore, open_access
from casework.testing.factories import CALENDAR
from tests.engine.world import CARD, DIRECTORY, TOWN, World, day

LEAD = "t.chen"
AFAR = ("beihe", "nanhe")


class Two(World):
    """Two schools, each with a store of its own, and a child at the first."""

    def __init__(self):
        self.far = MemoryStore()
        self.peers = [Peer("qinghe", World().store.address("qinghe")), *(Peer(n, self.far.address(n)) for n in AFAR)]
        super().__init__(peers=self.peers)
        self.there = {}
        for name in AFAR:
            self.found(name)
        desk = self.desk()
        desk.identify("s-17", away="both", class_="3-1", household="h-1")
        desk.file("s-17", CARD)
        desk.pair("s-17", "t.li")

    def found(self, name, **other):
        """Another school as it is from now on; everybody may do everything."""
        same = {"policy": TOWN, "calendar": CALENDAR, "directory": DIRECTORY, "access": open_access()}
        self.there[name] = Casework(School(name, **{**same, "peers": self.peers, **other}), clock=self.clock)

    def strict(self):
        """From now on the other school has the access matrix that schools have."""
        self.found("beihe", access=default_access())

    def other(self, school="beihe", person=LEAD, *roles):
        """A desk of another school."""
        return Desk(self.there[school], self.far, school=school, principal=Principal(person, roles))

    def offer(self, school="beihe"):
        """A package for another school."""
        return self.desk(LEAD).offer_transfer("s-17", school, "moved_away")

    def record_there(self, child="s-17", school="beihe"):
        """The record at another school."""
        with self.far.read():
            return self.far.load(school, [child]).get(child)

    def move(self):
        """The whole way, without a mishap."""
        offered = self.offer()
        answer = self.other().receive_transfer(offered.package)
        self.desk(LEAD).confirm_transfer(answer.message)
        return offered


@pytest.fixture
def two():
    """Two schools and a child."""
    return Two()


def read(desk, texts):
    """What texts that came along say."""
    return "\n".join(desk.open("s-17", text, "taking over") for text in texts)


class TestTheWholeWay:
    def test_the_child_is_with_the_other_school(self, two):
        """The case closes here with the reason, and is open and filed there, as one that joined today."""
        two.desk().record("s-17", "visit", reached=True, note="the roof leaks")
        two.desk("t.li").record("s-17", "talk", reached=True, mood="low", words="I miss her")
        two.on(day(10, 12))
        id_ = two.move().id
        here, there = two.record(), two.record_there()

        assert ("closed", "transferred") == (here.stage, here.spans[0].because)
        assert ("confirmed", "accepted") == (here.moves[id_].state, there.moves[id_].state)
        assert ("filed", "both", "h-1", "") == (there.stage, there.away, there.household, there.lead)
        assert day(10, 12) == there.spans[0].since
        assert "Liu" == two.other().open("s-17", there.card.carer.name, "calling")
        assert all(o.opens >= day(10, 12) for o in there.obligations.values())
        assert "the roof leaks" in read(two.other(), there.moves[id_].texts)
        assert "owed at qinghe: " in read(two.other(), there.moves[id_].texts)
        assert "I miss her" in read(two.other(), there.moves[id_].restricted)
        assert "I miss her" not in read(two.other(), there.moves[id_].texts)
        assert () == two.again()

    def test_few_read_what_is_restricted(self, two):
        """What came of talks is read by the safeguarding lead and the lead helper, and by nobody else."""
        two.desk("t.li").record("s-17", "talk", reached=True, words="I miss her")
        id_ = two.move().id
        (text,) = two.record_there().moves[id_].restricted
        two.other().pair("s-17", "t.wu")

        two.strict()
        assert "I miss her" in two.other(person="t.wu").open("s-17", text, "first talk")
        with pytest.raises(NotFound):
            two.other(person="t.ma").open("s-17", text, "curious")

    def test_an_emergency_goes_on_there(self, two):
        """A live emergency is raised there at once, with a ladder of its own; here it is over, unseen."""
        concern = two.desk().note_concern("s-17", ConcernDraft("neglect", implicated=["carer"], note="hungry"))
        noted = concern.case.concern_log and next(iter(concern.case.concern_log))
        raised = two.desk().raise_emergency("s-17", "missing", about=[noted], note="since noon").emergency
        two.move()
        here, there = two.record().emergencies[raised], two.record_there()
        (live,) = there.emergencies.values()

        assert ("reviewed", "transferred", "") == (here.state, here.stood_down_because, here.safe_seen_by)
        assert ("raised", "missing", ("carer",)) == (live.state, live.kind, live.implicated)
        assert tuple(there.concern_log) == live.about
        assert "since noon" == two.other().open("s-17", live.note, "search")
        assert "escalated" == there.state
        assert there.alarm_at
        assert two.record().alarm_at is None
        assert live.notices

    def test_referrals_and_key_children_go_on(self, two):
        """An open referral is asked for anew there, with what was written in it; a key child stays one."""
        desk = two.desk()
        desk.designate_key("s-17", "alone")
        id_ = desk.refer("s-17", "psychology", "grief", note="her father").referral
        two.move()
        there = two.record_there()
        (asked,) = there.referrals.values()

        assert ("revoked", "transferred") == (
            two.record().referrals[id_].state,
            two.record().referrals[id_].ended_because,
        )
        assert ("requested", "psychology", "grief") == (asked.state, asked.to, asked.because.code)
        two.strict()
        with pytest.raises(NotFound):
            two.other().open("s-17", asked.note, "curious")
        assert "her father" == two.other("beihe", "t.qin", "psychologist").open("s-17", asked.note, "my own")
        assert there.key_child
        assert not two.record().key_child

    def test_the_past_is_read_there(self, two):
        """Who helped, what was referred, screened and stood down is told in the history; notes go along."""
        desk = two.desk()
        over = desk.raise_emergency("s-17", "missing", note="at the river").emergency
        desk.respond("s-17", over)
        desk.stand_down("s-17", over, "found", safe_seen_by="t.wang", safe_seen_at=two.clock())
        done = desk.refer("s-17", "doctor", "cough").referral
        desk.decline("s-17", done, "no_need")
        desk.screen("s-17", "phq_a", 3)
        going = desk.refer("s-17", "psychology", "grief", urgent=True, note="her father").referral
        qin = Desk(two.casework, two.store, school="qinghe", principal=Principal("t.qin", ["psychologist"]))
        qin.accept("s-17", going)
        qin.session("s-17", going, note="she draws")
        qin.plan("s-17", going, day(9, 20), note="weekly")
        id_ = two.move().id
        there = two.record_there()
        said = read(two.other(), there.moves[id_].texts)
        (asked,) = there.referrals.values()
        notes = two.other("beihe", "t.qin", "psychologist").open("s-17", asked.note, "my own")

        for part in ("emergency missing", "at the river", "referral to doctor: declined", "paired with t.li"):
            assert part in said
        assert "screening phq_a: 3" in read(two.other(), there.moves[id_].restricted)
        assert all(part in notes for part in ("her father", "she draws", "weekly"))

    def test_a_long_history(self, two, monkeypatch):
        """Where there is no room for all, the oldest lines are left out, and their number is said."""
        monkeypatch.setattr("casework.engine.parcels.ROOM", 400)
        for number in range(9):
            two.on(day(9, 2 + number)).desk().record("s-17", "visit", reached=True, note=f"visit {number} " + "x" * 90)
        id_ = two.move().id
        said = read(two.other(), two.record_there().moves[id_].texts)

        assert ("older lines were left out" in said, "visit 8" in said, "visit 0" in said) == (True, True, False)

    def test_danger_that_is_over_is_no_new_alarm(self, two):
        """Danger that was answered here raises nothing there, but whoever it implicates is implicated there too."""
        raised = two.desk().note_concern("s-17", ConcernDraft("violence", "danger", implicated=["t.ma"])).emergency
        two.desk().respond("s-17", raised)
        two.desk().stand_down("s-17", raised, "safe", safe_seen_by="t.wang", safe_seen_at=two.clock())
        two.desk("t.sun").review("s-17", raised)
        two.move()
        there = two.record_there()

        assert {} == there.emergencies
        assert {"high"} == {c.severity for c in there.concern_log.values()}
        assert there.implicates("t.ma")
        assert {} == two.other(person="t.ma").case("s-17").concern_log

    def test_there_and_back(self, two):
        """A child who comes back is taken up in the old record, which is opened again; nothing else opens it."""
        two.move()
        with pytest.raises(StepRefused, match="transferred to beihe"):
            two.desk().reopen("s-17", "came_back")
        back = two.other().offer_transfer("s-17", "qinghe", "moved_back")
        answer = two.desk(LEAD).receive_transfer(back.package)
        two.other().confirm_transfer(answer.message)

        assert ("filed", "closed") == (two.record().stage, two.record_there().stage)
        assert [] == [s for s in two.record().spans if s.kind == "open" and s.until is None][1:]

    def test_back_before_the_receipt(self, two):
        """A child who comes back while the receipt is still lost is owned here: the old receipt closes nothing."""
        first = two.other().receive_transfer(two.offer().package)
        back = two.other().offer_transfer("s-17", "qinghe", "moved_back")
        answer = two.desk(LEAD).receive_transfer(back.package)
        two.other().confirm_transfer(answer.message)
        two.desk(LEAD).confirm_transfer(first.message)

        assert ("paired", "closed") == (two.record().stage, two.record_there().stage)

    def test_a_person_may_vouch_that_the_child_is_back(self, two):
        """A case can be opened by hand only with the reason that says that the other school has closed its own."""
        two.move()

        assert "filed" == two.desk().reopen("s-17", "returned").case.stage

    def test_a_newcomer_who_was_known_there_already(self, two):
        """Merged there with an older record, what came along is read in that one; more of it arrives there, too."""
        two.desk().record("s-17", "visit", reached=True, note="the roof leaks")
        id_ = two.offer().id
        two.other().receive_transfer(two.offer().package)
        two.other().identify("b-2", away="one")
        two.other().merge("s-17", "b-2", "entered_twice")
        merged = "\n".join(two.other().open("b-2", t, "x") for t in two.record_there("b-2").moves[id_].texts)
        two.on(day(9, 2)).desk().raise_emergency("s-17", "missing")
        answer = two.other().receive_transfer(two.offer().package)
        two.desk(LEAD).confirm_transfer(answer.message)
        live = [e.kind for e in two.record_there("b-2").emergencies.values()]
        two.other().unmerge("s-17", "two_children")

        assert "the roof leaks" in merged
        assert (["missing"], "closed") == (live, two.record().stage)
        assert "the roof leaks" in read(two.other(), two.record_there().moves[id_].texts)
        assert id_ not in two.record_there("b-2").moves

    def test_another_id_there(self, two):
        """The child may have another id at the other school, and a record with an emergency before it comes."""
        offered = two.offer()
        two.other().raise_emergency("b-9", "missing")
        answer = two.other().receive_transfer(offered.package, child="b-9")

        assert ("b-9", "escalated") == (answer.child, two.record_there("b-9").state)
        assert two.record_there() is None


class TestSettings:
    def test_danger_waits_for_no_settings(self, two):
        """A school whose settings wait to be applied takes a child in danger over at once, and another one later."""
        two.other().identify("b-1", away="one")
        calm = two.offer()
        two.found("beihe", policy=load_policy("school"))
        with pytest.raises(SettingsChanged):
            two.other().receive_transfer(calm.package)
        two.desk().raise_emergency("s-17", "missing")
        two.other().receive_transfer(two.offer().package)

        assert "escalated" == two.record_there().state
        assert two.record_there().alarm_at


class TestTheSenderCaresOn:
    def test_until_the_receipt_everything_goes_on(self, two):
        """While no receipt has come, duties fall due and ladders climb as before."""
        raised = two.desk().raise_emergency("s-17", "missing").emergency
        two.offer()
        before = len(two.record().emergencies[raised].notices)
        two.on(day(9, 1), hour=14).sweep()

        assert "escalated" == two.record().state
        assert before < len(two.record().emergencies[raised].notices)
        assert two.desk().today("t.li")

    def test_a_receipt_for_too_little_is_refused(self, two):
        """What endangers the child and came after the package has to travel too: made again, taken again, confirmed."""
        first = two.other().receive_transfer(two.offer().package)
        two.on(day(9, 2))
        two.desk().raise_emergency("s-17", "missing")
        with pytest.raises(StepRefused, match="make it again"):
            two.desk(LEAD).confirm_transfer(first.message)
        second = two.other().receive_transfer(two.offer().package)
        two.desk(LEAD).confirm_transfer(second.message)

        assert ["missing"] == [e.kind for e in two.record_there().emergencies.values()]
        assert "closed" == two.record().stage
        assert 1 == len(two.record_there().spans)

    def test_the_receipt_is_chased(self, two):
        """After five days without a receipt the office is told, and every week again; late sweeps tell the same."""
        two.offer()
        two.until(day(9, 6))
        assert [] == two.late()
        two.until(day(9, 21))
        told = two.late()
        late = Two()
        late.offer()
        late.on(day(9, 21)).sweep()

        assert [("t.chen", day(9, 7)), ("t.chen", day(9, 14)), ("t.chen", day(9, 21))] == told
        assert told == late.late()
        assert () == two.again()

    def test_after_the_receipt_nobody_is_told(self, two):
        """A transfer that is confirmed is not chased."""
        two.move()
        two.until(day(9, 21))

        assert [] == two.late()


def late(world):
    """Who was told of a late receipt, and for which local day."""
    zone = CALENDAR.zone
    return [(r.person, r.at.astimezone(zone).date()) for r in world.outbox() if r.topic == "transfer"]


Two.late = late


class TestMessages:
    def test_repeated_messages_change_nothing(self, two):
        """A package that comes twice gives the same receipt; a receipt that comes twice closes nothing twice."""
        offered = two.offer()
        first = two.other().receive_transfer(offered.package)
        before = two.record_there()
        again = two.other().receive_transfer(offered.package)
        two.desk(LEAD).confirm_transfer(first.message)
        entries = two.entries()
        two.desk(LEAD).confirm_transfer(again.message)

        assert before == two.record_there()
        assert entries == two.entries()

    def test_a_refusal_ends_the_offer(self, two):
        """A refused child stays here and can be offered elsewhere; the refused package is worth nothing any more."""
        offered = two.offer()
        with pytest.raises(StepRefused, match="is offered to beihe"):
            two.offer("nanhe")
        answer = two.other().refuse_transfer(offered.package, "not_ours")
        two.desk(LEAD).confirm_transfer(answer.message)
        with pytest.raises(StepRefused, match="once and for all"):
            two.other().receive_transfer(offered.package)

        assert ("refusal", "filed") == (answer.kind, "filed" if two.record().stage == "paired" else "")
        assert offered.id != two.offer("nanhe").id

    def test_offered_again_after_a_refusal(self, two):
        """A refusal burns one transfer: a new offer to the same school, at the same instant even, is another one."""
        first = two.offer()
        two.desk(LEAD).confirm_transfer(two.other().refuse_transfer(first.package, "full").message)
        two.move()

        assert ("closed", "filed") == (two.record().stage, two.record_there().stage)

    def test_a_lost_package_can_be_withdrawn(self, two):
        """A package that never arrived is withdrawn by asking: the other school refuses it before it ever comes."""
        offered = two.offer()
        answer = two.other().refuse_transfer(two.desk(LEAD).withdraw_transfer("s-17"), "withdrawn")
        two.desk(LEAD).confirm_transfer(answer.message)
        with pytest.raises(StepRefused):
            two.other().receive_transfer(offered.package)

        assert "withdrawn" == two.record().moves[offered.id].state

    def test_a_withdrawal_that_comes_too_late(self, two):
        """What was accepted stays accepted: the answer to a withdrawal is then the receipt."""
        offered = two.offer()
        two.other().receive_transfer(offered.package)
        answer = two.other().refuse_transfer(two.desk(LEAD).withdraw_transfer("s-17"), "withdrawn")
        two.desk(LEAD).confirm_transfer(answer.message)

        assert ("receipt", "closed") == (answer.kind, two.record().stage)

    @pytest.mark.parametrize("name", ["sealed", "nonce", "ephemeral", "signature", "id", "sender_key", "kind"])
    def test_tampering_is_refused(self, two, name):
        """A byte that changed on the way, wherever it stands, is refused."""
        package = json.loads(two.offer().package)
        package[name] = (
            "receipt" if name == "kind" else package[name][:-2] + ("AA" if package[name][-2:] != "AA" else "BB")
        )
        with pytest.raises((Tampered, CommandRefused)):
            two.other().receive_transfer(json.dumps(package))

        assert two.record_there() is None

    def test_only_the_named_sender_is_trusted(self, two):
        """A package of a school that is not registered with that key, and one for another school, are refused."""
        package = two.offer().package
        two.found("beihe", peers=[Peer("qinghe", two.far.address("nanhe"))])
        for call in (
            lambda: two.other().receive_transfer(package),
            lambda: two.other().refuse_transfer(package, "not_ours"),
            lambda: two.other("nanhe").receive_transfer(package),
            lambda: two.desk(LEAD).confirm_transfer(package),
            lambda: two.other().receive_transfer("{}"),
        ):
            with pytest.raises(CommandRefused):
                call()

    def test_only_to_registered_schools(self, two):
        """A package is made for schools that the host registered, never for a key that somebody at a desk brings."""
        for to, said in (("qinghe", "at this school already"), ("donghe", "no school donghe is registered")):
            with pytest.raises(CommandRefused, match=said):
                two.desk(LEAD).offer_transfer("s-17", to, "moved_away")
        with pytest.raises(WrongType, match="as School"):
            two.desk(LEAD).offer_transfer("s-17", two.peers[1], "moved_away")
        two.found("beihe", peers=())
        with pytest.raises(CommandRefused, match="no school qinghe is registered"):
            two.other().receive_transfer(two.offer().package)

        assert two.record_there() is None

    def test_a_key_that_is_none(self, two):
        """A key that was copied wrong is told when it is used."""
        two.use(TOWN, peers=[Peer("beihe", "cw1-AA")])
        with pytest.raises(CommandRefused, match="90 characters"):
            two.offer()

    @pytest.mark.parametrize(
        ("peers", "said"),
        [([Peer("beihe", "a"), Peer("beihe", "b")], "two peers are called beihe"), (["beihe"], "peers= takes")],
    )
    def test_a_register_that_cannot_be(self, peers, said):
        """A school has one key at a time."""
        with pytest.raises((WrongValue, WrongType), match=said):
            School("qinghe", policy=TOWN, calendar=CALENDAR, peers=peers)

    def test_the_list(self, two):
        """Each school sees its transfers, out and in, and until when the receipt is in time."""
        two.offer()
        before = two.desk(LEAD).transfers()
        two.other().receive_transfer(two.offer().package)
        there = two.other().transfers()

        assert [("out", "offered", "s-17", "beihe", day(9, 6))] == [
            (t.kind, t.state, t.child, t.peer, t.due) for t in before
        ]
        assert [("in", "accepted", "s-17", "qinghe", None)] == [
            (t.kind, t.state, t.child, t.peer, t.due) for t in there
        ]


class TestWhoMayNot:
    def test_helpers_and_the_implicated_get_the_same_words(self, two):
        """Whoever helps the child and whoever something implicates are refused in the same words, as is the engine."""
        two.desk().note_concern("s-17", ConcernDraft("neglect", implicated=["t.zhao"]))
        said = set()
        for person in ("t.li", "t.zhao", "system"):
            with pytest.raises(CommandRefused) as refused:
                two.desk(person).offer_transfer("s-17", "beihe", "moved_away")
            said.add(str(refused.value))

        assert 1 == len(said)

    def test_at_the_other_school_too(self, two):
        """Somebody whom the package implicates cannot take it up, and reads nothing of it afterwards."""
        two.desk().note_concern("s-17", ConcernDraft("neglect", implicated=["t.zhao"], note="bruises"))
        offered = two.offer()
        zhao = two.other(person="t.zhao")
        for call in (zhao.receive_transfer, lambda package: zhao.refuse_transfer(package, "not_ours")):
            with pytest.raises(CommandRefused, match="ask the safeguarding lead"):
                call(offered.package)
        two.other().receive_transfer(offered.package)
        texts = two.record_there().moves[offered.id].texts
        seen = two.other(person="t.zhao").history("s-17")

        assert texts
        for text in texts:
            with pytest.raises(NotFound):
                two.other(person="t.zhao").open("s-17", text, "mine")
        assert "neglect" not in repr(seen)
        assert "neglect" in repr(two.other().history("s-17"))

    def test_readings_are_audited(self, two):
        """Every text that went into a package was read, by whom and why, in the same transaction."""
        two.desk().record("s-17", "visit", reached=True, note="the roof leaks")
        two.offer()
        with two.store.read():
            reads = two.store.reads("qinghe", "s-17")

        assert {(LEAD, "transfer")} == {(read.reader, read.reason) for read in reads}
        assert two.record().activity_log
        assert isinstance(next(iter(two.record().activity_log.values())).note, Sealed)
