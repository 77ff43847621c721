"""A school lives as it pleases, on memory and SQLite side by side; what must always hold is looked at all the time."""

import subprocess
import sys
import tempfile
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from shutil import rmtree

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from casework import ConcernDraft, Flag, Reason, Record, Refer, Require
from casework import rule as casework_rule
from casework.engine import school_desk
from casework.engine.bare import without_texts
from casework.model.examination import Examination
from casework.model.referral import CONSENTS
from casework.model.roll import RollRow
from casework.policy.values import Retention
from tests.system.twins import Twins, check_record
from tests.system.world import CALENDAR, CARD, HEAD, LEAD, POLICY, SCHOOL, STAFF, TEACHER

pytestmark = pytest.mark.unmeasured

FOLD_FILE = Path(__file__).with_name("fold_file.py")
RUNS = count()
SOAK = settings.default.max_examples >= 1_000
EACH = 1 if SOAK else 10

CHILDREN = ("s-1", "s-2", "s-3")
children = st.sampled_from(CHILDREN)
people = st.sampled_from(STAFF)
gathered = st.sampled_from(["parents_meeting", "symposium", "examination"])
kinds = st.sampled_from(["visit", "call", "letter", "talk", "carer_talk", "census", "review", "absence"])
days_back = st.sampled_from([0, 0, 0, 1, 3, 20])
nobody_or_one = st.sampled_from([(), (), (), (LEAD,), (TEACHER,), (HEAD,), ("carer",)])
concerns = st.builds(
    ConcernDraft,
    st.sampled_from(["family_quarrel", "injury", "violence", "poison"]),
    st.sampled_from(["low", "medium", "high", "danger"]),
    st.booleans(),
    nobody_or_one,
    st.sampled_from([None, "seen at the gate"]),
)


REFERRAL_STEPS = {
    "accept": lambda desk, child, id_, _: desk.accept(child, id_),
    "decline": lambda desk, child, id_, _: desk.decline(child, id_, "no_need"),
    "session": lambda desk, child, id_, day: desk.session(child, id_, on=day, note="a talk"),
    "plan": lambda desk, child, id_, day: desk.plan(child, id_, day, note="weekly"),
    "complete": lambda desk, child, id_, _: desk.complete(child, id_, "recovered"),
    "revoke": lambda desk, child, id_, _: desk.revoke(child, id_, "moved_away"),
}


@casework_rule(states=["paired", "monitored"], looks="on_change")
def quarrels_at_home(case, now):
    """Two quarrels noted within a month: the psychologist looks in."""
    quarrels = case.concerns("family_quarrel", since=now.days_ago(30))
    if len(quarrels) >= 2:
        yield Refer("psychology", about=quarrels, because=Reason("family_quarrels", count=len(quarrels)))


@casework_rule(looks="on_change")
def absence_asks_for_a_call(case, now):
    """After an absence somebody calls within a week."""
    for absence in case.activities("absence", since=now.days_ago(14)):
        yield Require("D12", about=absence, due=absence.on + timedelta(days=7))


@casework_rule(states=["escalated"], looks="daily")
def shown_while_escalated(case, now):
    """A rule that looks while an emergency lasts."""
    yield Flag("escalated_in", about=str(now.today.year))


@casework_rule(looks="on_change")
def fragile(case, now):
    """A rule with a bug in it."""
    if case.concerns("poison", since=now.days_ago(60)):
        raise RecursionError


RULES = (quarrels_at_home, absence_asks_for_a_call, shown_while_escalated, fragile)


class SchoolLife(RuleBasedStateMachine):
    """Commands by several principals, moves of the clock, sweeps."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.mkdtemp(prefix="casework-")
        self.path = f"{self.folder}/school.db"
        self.twins = Twins(self.path, RULES, policy=evolve(POLICY, retention=Retention(0, 30)))
        self.touched = set()
        self.held = []
        self.keys = 0
        self.at_once, school_desk.AT_ONCE = school_desk.AT_ONCE, 1

    @property
    def today(self):
        """The school's day."""
        return CALENDAR.local_date(self.twins.clock())

    def do(self, person, child, call):
        """Do something about a child in both stores."""
        self.touched.add(child)
        return self.twins.both(person, call)

    def stored(self, child):
        """The record as it is stored."""
        return self.twins.read(self.twins.memory, [child]).get(child)

    def pick(self, child, name, data):
        """Draw an id of those in the record, or one that nobody knows."""
        found = self.stored(child)
        ids = sorted(getattr(found[0], name)) if found else []
        return data.draw(st.sampled_from([*ids, "nothing"]))

    @initialize()
    def two_children_are_known(self):
        """Two of the three children are identified."""
        for child in CHILDREN[:2]:
            self.do(TEACHER, child, lambda desk, child=child: desk.identify(child, away="both", class_="3-1"))

    @rule(
        person=people,
        child=children,
        away=st.sampled_from(["one", "both", "none"]),
        boarder=st.booleans(),
        back=days_back,
    )
    def identify(self, person, child, away, boarder, back):
        """A child is brought into scope, perhaps a second time."""
        on = self.today - timedelta(days=back)
        self.do(person, child, lambda desk: desk.identify(child, away=away, class_="3-1", boarder=boarder, on=on))

    @rule(person=people, child=children, card=st.sampled_from([None, CARD]))
    def file(self, person, child, card):
        """A file is opened, with or without a card."""
        self.do(person, child, lambda desk: desk.file(child, card))

    @rule(person=people, child=children)
    def write_card(self, person, child):
        """The card is written."""
        self.do(person, child, lambda desk: desk.record_card(child, CARD))

    @rule(person=people, child=children, contact=st.sampled_from(["carer", "parent1", "parent2"]), dead=st.booleans())
    def try_contact(self, person, child, contact, dead):
        """A contact was reached, or the number is dead."""
        self.do(person, child, lambda desk: (desk.mark_number_dead if dead else desk.verify_contact)(child, contact))

    @rule(person=people, child=children, lead=people, back=days_back)
    def pair(self, person, child, lead, back):
        """A helping group takes the child on."""
        self.do(person, child, lambda desk: desk.pair(child, lead, on=self.today - timedelta(days=back)))

    @rule(person=people, child=children)
    def unpair(self, person, child):
        """The pairing ends."""
        self.do(person, child, lambda desk: desk.unpair(child, "helper_left"))

    @rule(person=people, child=children, ends=st.booleans())
    def key_child(self, person, child, ends):
        """A key child is designated, or no longer is."""
        self.do(person, child, lambda desk: (desk.end_key if ends else desk.designate_key)(child, "grief"))

    @rule(person=people, child=children, kind=kinds, reached=st.booleans(), back=days_back, data=st.data())
    def record(self, person, child, kind, reached, back, data):
        """Something was done with the child, or tried; concerns may have come up."""
        mood = data.draw(st.sampled_from(["", "low", "very_low"])) if kind == "talk" else ""
        met = data.draw(st.sampled_from([(), ("carer",)]))
        noted = data.draw(st.lists(concerns, max_size=2))
        on = self.today - timedelta(days=back)
        self.do(
            person,
            child,
            lambda desk: desk.record(
                child, kind, reached=reached, on=on, mood=mood, met=met, concerns=noted, note="as agreed"
            ),
        )

    @rule(person=people, kind=kinds, key=st.sampled_from(["", "together"]))
    def record_household(self, person, kind, key):
        """One act with two siblings."""
        self.touched.update(CHILDREN[:2])
        self.twins.both(
            person,
            lambda desk: desk.record_together(CHILDREN[:2], Record(kind, reached=True), words={"s-1": "fine"}, key=key),
        )

    @rule(person=people, child=children, concern=concerns)
    def note_concern(self, person, child, concern):
        """A concern is noted by itself."""
        self.do(person, child, lambda desk: desk.note_concern(child, concern))

    @rule(person=people, child=children, back=days_back, reached=st.booleans(), data=st.data())
    def correct(self, person, child, back, reached, data):
        """An activity reads differently."""
        act = self.pick(child, "activity_log", data)
        on = self.today - timedelta(days=back)
        self.do(person, child, lambda desk: desk.correct(child, act, "wrong_date", on=on, reached=reached))

    @rule(
        person=people,
        child=children,
        log=st.sampled_from(["activity_log", "concern_log", "screening_log"]),
        data=st.data(),
    )
    def void(self, person, child, log, data):
        """An activity or concern never happened."""
        item = self.pick(child, log, data)
        self.do(person, child, lambda desk: desk.void(child, item, "wrong_child"))

    @rule(person=people, child=children, kind=st.sampled_from(["injury", "violence"]), implicated=nobody_or_one)
    def raise_emergency(self, person, child, kind, implicated):
        """An emergency is raised."""
        self.do(person, child, lambda desk: desk.raise_emergency(child, kind, implicated=implicated, note="seen"))

    @rule(person=people, child=children, step=st.sampled_from(["acknowledge", "respond", "review"]), data=st.data())
    def step(self, person, child, step, data):
        """An emergency is acknowledged, responded to or reviewed."""
        which = self.pick(child, "emergencies", data)
        self.do(person, child, lambda desk: getattr(desk, step)(child, which))

    @rule(person=people, child=children, data=st.data())
    def call_outside(self, person, child, data):
        """The call that leaves the school."""
        which = self.pick(child, "emergencies", data)
        self.do(person, child, lambda desk: desk.call_outside(child, which, "police", "110-7"))

    @rule(person=people, child=children, again=st.sampled_from([None, 1, 12]), data=st.data())
    def stand_down(self, person, child, again, data):
        """The child was seen safe."""
        which = self.pick(child, "emergencies", data)
        look_again = None if again is None else self.today + timedelta(days=again)
        self.do(
            person,
            child,
            lambda desk: desk.stand_down(
                child, which, "safe", safe_seen_by=person, safe_seen_at=self.twins.clock(), look_again=look_again
            ),
        )

    @rule(person=people, child=children, urgent=st.booleans(), implicated=nobody_or_one)
    def refer(self, person, child, urgent, implicated):
        """A specialist is asked to look in."""
        self.do(
            person,
            child,
            lambda desk: desk.refer(child, "psychology", "grief", urgent=urgent, implicated=implicated, note="sad"),
        )

    @rule(person=people, child=children, answer=st.sampled_from(CONSENTS), back=days_back, data=st.data())
    def consent(self, person, child, answer, back, data):
        """Something is said of consent, by the guardian or by somebody whose word does not count."""
        which = self.pick(child, "referrals", data)
        by = data.draw(st.sampled_from(["parent1", "carer", ""]))
        on = self.today - timedelta(days=back)
        self.do(
            person,
            child,
            lambda desk: desk.consent(child, which, answer, by=by, how="by_phone", because="of_age", on=on),
        )

    @rule(person=people, child=children, step=st.sampled_from(sorted(REFERRAL_STEPS)), back=days_back, data=st.data())
    def step_of_a_referral(self, person, child, step, back, data):
        """A referral is accepted, declined, worked on, completed or revoked."""
        which = self.pick(child, "referrals", data)
        day = self.today + timedelta(days=back if step == "plan" else -back)
        self.do(person, child, lambda desk: REFERRAL_STEPS[step](desk, child, which, day))

    @rule(person=people, child=children, score=st.sampled_from([3, 12, 99]), self_harm=st.sampled_from([None, 0, 1]))
    def screen(self, person, child, score, self_harm):
        """A screening is entered, plausible or not."""
        self.do(person, child, lambda desk: desk.screen(child, "phq_a", score, self_harm=self_harm))

    @rule(person=people, child=children, data=st.data())
    def excuse(self, person, child, data):
        """An obligation is excused."""
        which = self.pick(child, "obligations", data)
        self.do(person, child, lambda desk: desk.excuse(child, which, "child_away"))

    @rule(person=people, child=children, back=days_back)
    def close(self, person, child, back):
        """The case is closed."""
        self.do(person, child, lambda desk: desk.close(child, "parents_returned", on=self.today - timedelta(days=back)))

    @rule(person=people, child=children)
    def reopen(self, person, child):
        """The case is opened again."""
        self.do(person, child, lambda desk: desk.reopen(child, "parents_left_again"))

    @rule(person=people, child=children, away=st.sampled_from(["none", "one", "both"]), boarder=st.booleans())
    def roll_changes(self, person, child, away, boarder):
        """The roll says something new of a child."""
        row = RollRow(child, "3-1", left_behind=away, boarder=boarder, household="h-1")
        self.do(person, child, lambda desk: desk.update_roll([row], []))

    @rule(person=people, kind=gathered, lists=st.dictionaries(children, st.booleans(), min_size=1), back=days_back)
    def gather(self, person, kind, lists, back):
        """A gathering: of two children the records wait for the sweep, of one they do not."""
        there = [child for child, came in lists.items() if came]
        on = self.today - timedelta(days=back)
        held = self.twins.both(
            person, lambda desk: desk.gather(kind, there, [c for c in lists if c not in there], on=on, note="minutes")
        )
        self.meet(held, lists)

    @rule(person=people, child=children, there=st.sampled_from(["present", "absent", "struck"]), data=st.data())
    def correct_attendance(self, person, child, there, data):
        """A child was there after all, was not, or stood on the list by mistake."""
        id_ = data.draw(st.sampled_from([*self.held, "nothing"]))
        lists = {there: [child]}
        held = self.twins.both(person, lambda desk: desk.correct_attendance(id_, "typing_error", **lists))
        self.meet(held, [child])

    @rule(person=people, back=days_back, voids=st.booleans(), data=st.data())
    def correct_gathering(self, person, back, voids, data):
        """A gathering was on another day, or never was."""
        id_ = data.draw(st.sampled_from([*self.held, "nothing"]))
        on = self.today - timedelta(days=back)
        held = self.twins.both(
            person,
            lambda desk: desk.void_gathering(id_, "twice") if voids else desk.correct_gathering(id_, "typo", on=on),
        )
        self.meet(held, CHILDREN)

    def meet(self, held, children):
        """Remember a gathering, and the records that it touched."""
        self.touched.update(children, ("", "@3-1"))
        if not isinstance(held, tuple):
            self.held = sorted({*self.held, held.gathering.id})
            self.touched.add(f"@@{held.gathering.id}")

    @rule(person=people, child=children, weak=st.booleans(), back=days_back)
    def examine(self, person, child, weak, back):
        """A pupil is examined, with or without a case."""
        found = Examination(height=131.5, vision=(4.6, 4.6), eye="normal", abnormal=["vision"] if weak else [])
        on = self.today - timedelta(days=back)
        self.do(person, child, lambda desk: desk.examine(child, found, on=on))

    @rule(person=people, child=children, party=st.sampled_from(["guardian", "class_teacher", "teachers", "school"]))
    def sign(self, person, child, party):
        """A letter is signed."""
        of = {"guardian": child, "class_teacher": "3-1"}.get(party, "")
        self.touched.update(("", "@3-1"))
        self.do(person, child, lambda desk: desk.sign(party, "2026.1", of=of, people=["t.li"]))

    @rule(person=people, reached=st.booleans(), adopts=st.booleans())
    def test_the_tree(self, person, reached, adopts):
        """A mechanism is adopted, or its contact tree tested."""
        lists = ([TEACHER], []) if reached else ([], [TEACHER])
        self.touched.add("")
        self.twins.both(person, lambda desk: desk.adopt_mechanism("2026.1") if adopts else desk.test_tree(*lists))

    @rule(person=people, step=st.sampled_from(["review_programme", "summarise_programme"]))
    def take_step(self, person, step):
        """The programme is reviewed, or summarised."""
        self.touched.add("")
        self.twins.both(person, lambda desk: getattr(desk, step)(note="a minute"))

    @rule(person=people, child=children, step=st.sampled_from(["request_erasure", "decline_erasure", "erase"]))
    def erasure(self, person, child, step):
        """Texts are to be destroyed, are, or are kept."""
        self.do(person, child, lambda desk: getattr(desk, step)(child, "guardian_asked"))

    @rule(asks=people, does=people, child=children)
    def erase_at_once(self, asks, does, child):
        """A case is closed, and its texts destroyed, if nothing keeps them; then the record refers to none any more."""
        self.do(asks, child, lambda desk: desk.close(child, "moved_away"))
        self.do(asks, child, lambda desk: desk.request_erasure(child, "guardian_asked"))
        done = self.do(does, child, lambda desk: desk.erase(child, "checked"))

        if not isinstance(done, tuple):
            assert {} == without_texts(self.stored(child)[0])

    @rule(person=people, child=children, number=st.sampled_from(["11010519491231002X", None]))
    def identity(self, person, child, number):
        """An identity number is entered, or taken away; who looks for it finds the same in both stores."""
        self.do(person, child, lambda desk: desk.record_identity(child, number))
        self.twins.both(person, lambda desk: (desk.find(identity="11010519491231002x"), desk.find(phone="138")))

    @rule(person=people, child=children)
    def repeat(self, person, child):
        """The same command under the same key, sent again, is carried out once."""
        self.keys += 1
        key = f"k{self.keys}"
        first = self.do(person, child, lambda desk: desk.record(child, "talk", reached=True, key=key))
        before = self.stored(child)
        again = self.do(person, child, lambda desk: desk.record(child, "talk", reached=True, key=key))

        assert isinstance(first, tuple) or again.repeated
        assert before == self.stored(child)

    @rule(person=people, child=children, data=st.data())
    def look_only(self, person, child, data):
        """Reading changes nothing and agrees."""
        before = self.twins.read(self.twins.memory, CHILDREN)
        self.twins.both(person, lambda desk: desk.today())
        self.twins.both(person, lambda desk: desk.explain(child))
        self.twins.both(person, lambda desk: (desk.emergencies(), desk.referrals()))
        self.do(person, child, lambda desk: desk.history(child))
        self.do(person, child, lambda desk: desk.preview(child, Record("visit", reached=True)))

        assert before == self.twins.read(self.twins.memory, CHILDREN)

    @rule(hours=st.sampled_from([1, 3, 7, 24]))
    def hours_pass(self, hours):
        """Hours pass."""
        self.twins.clock.advance(hours=hours)

    @rule(days=st.sampled_from([2, 7, 30]))
    def days_pass(self, days):
        """Days pass."""
        self.twins.clock.advance(days=days)

    @rule()
    def term_turns(self):
        """The clock goes to the morning after the next turn of a term."""
        turn = CALENDAR.next_turn(self.today) or self.today + timedelta(days=20)
        self.twins.clock.set(CALENDAR.midnight(min(turn, date(2027, 9, 1))) + timedelta(hours=8))

    @rule()
    def sweep(self):
        """A sweep right after a sweep changes nothing, and leaves no limit that has run."""
        self.twins.sweep(catch_up=True)
        again = self.twins.sweep(catch_up=True)

        assert (0, 0, []) == (again.written, again.told, again.broken)
        for case, _, _ in self.twins.agree(["", *CHILDREN]).values():
            for emergency in case.emergencies.values():
                rungs = {notice.rung for notice in emergency.notices if notice.state == "raised"}
                limit = emergency.since + timedelta(minutes=30 * 5)
                assert emergency.state != "raised" or self.twins.clock() < limit or rungs == set(range(5))

    @invariant()
    def records_are_sound(self):
        """Both stores agree on what was touched, its history gives its state, and what always holds holds."""
        for case, entries, _ in self.twins.agree(sorted(self.touched)).values():
            check_record(case, entries)
        self.touched.clear()

    def teardown(self):
        """Give account, and let go of the file."""
        school_desk.AT_ONCE = self.at_once
        try:
            self.account()
        finally:
            self.twins.close()
            rmtree(self.folder)

    def account(self):
        """At the end the figures add up, nobody implicated was told, and another program folds to the same state."""
        records = self.twins.agree(["", "@3-1", *CHILDREN, *(f"@@{id_}" for id_ in self.held)])
        for store in self.twins.stores:
            with store.read():
                counts = store.obligation_counts(SCHOOL, date.min, date.max)
            required = sum(len(case.obligations) for case, _, _ in records.values())
            assert required == sum(sum(by.values()) for by in counts.values())
        for row in self.twins.outbox():
            if row.topic == "emergency":
                assert row.person not in records[row.child][0].emergencies[row.facts["emergency"]].implicated
            elif row.topic == "referral":
                assert row.person not in records[row.child][0].referrals[row.facts["referral"]].implicated
        if next(RUNS) % EACH == 0:
            command = [sys.executable, FOLD_FILE, self.path, SCHOOL]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (f"{len(records)}\n", "", 0) == (done.stdout, done.stderr, done.returncode)


TestSchoolLife = SchoolLife.TestCase
TestSchoolLife.settings = settings(max_examples=1_000 if SOAK else 12, stateful_step_count=60 if SOAK else 30)
