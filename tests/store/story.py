"""A few records whose rows follow from their history, with rows in every table."""

from datetime import timedelta

from casework.engine.evolve import fold
from casework.engine.port import Change, Outgoing
from casework.model import erasure_events as xv
from casework.model import events as ev
from casework.model import glass_events as gv
from casework.model import move_events as mv
from casework.model import protection_events as pv
from casework.model import referral_events as rv
from casework.model import school_events as sv
from casework.model.activity import Activity, Concern
from casework.model.case import Case
from casework.model.emergency import OutsideCall
from casework.model.examination import Examination
from casework.model.gathering import Gathering
from casework.model.identity import IdentityRecorded
from casework.model.people import Contact, ContactCard
from casework.model.post_events import NoticeFailed
from casework.model.protection import RetentionDecision
from casework.model.reason import Reason
from casework.model.referral import CarePlan, Consent, Session
from casework.model.screening import Screening
from casework.testing.contract_base import AT, DAY, HOUR, SCHOOL, entry


def step(store, child, *events, actor="t.li", idem="", outgoing=(), awaiting=()):
    """Let these events happen to a record, in one entry."""
    before = store.load(SCHOOL, [child]).get(child) or Case(SCHOOL, child)
    made = entry(before.version + 1, events, actor=actor, idem=idem)
    after = fold(before, [made])
    live = any(emergency.state != "reviewed" for emergency in after.emergencies.values())
    store.save(
        SCHOOL,
        [Change(before, after, made, AT + HOUR, AT + HOUR if live else None, tuple(outgoing), awaiting=awaiting)],
    )
    return after


def tell(store, child="s-17"):
    """A child's story, with something of everything."""
    note = store.seal(SCHOOL, child, "note", "he was afraid of his uncle")
    carer = Contact(store.seal(SCHOOL, child, "name", "Liu"), "grandmother", store.seal(SCHOOL, child, "phone", "139"))
    step(store, child, ev.Identified(DAY, "both", "register", "3-2", "h1", boarder=True), idem="k1")
    step(store, child, ev.CardRecorded(ContactCard(carer)), ev.Marked("m1", "card", DAY, "t.li"))
    step(store, child, ev.Marked("m2", "filed", DAY, "t.li"), ev.StageChanged("filed", DAY), idem="k2")
    step(store, child, ev.Paired("t.li", DAY, ("t.wu",)), ev.StageChanged("paired", DAY), actor="vp")
    step(store, child, ev.ObligationOpened("D10", "2026-autumn:OPEN", DAY, DAY, None, "lead"))
    step(store, child, ev.ObligationOpened("D9", "2026-09", DAY, DAY + timedelta(days=9), None, "lead"))
    visit = Activity("a1", "visit", DAY, "t.li", AT, "t.li", met=("carer",), details={"home_safety": "ok"}, note=note)
    step(store, child, ev.Recorded(visit), ev.ObligationJudged("D10/2026-autumn:OPEN", "met", DAY, "a1"))
    concern = Concern("c1", "harm", DAY, "t.li", AT, implicated=("uncle",))
    step(store, child, ev.ConcernNoted(concern), ev.FlagRaised("r", "watch", Reason("harm", n=1), ("c1",)))
    raised = ev.EmergencyRaised("e1", "harm", AT, "t.li", implicated=("uncle",), because=Reason("harm", day=DAY))
    told = Outgoing(f"{child}/e1/raised/0/0/lead/t.li", "emergency", "lead", "t.li", child, AT)
    step(store, child, raised, ev.Notified("e1", "raised", 0, 0, "lead", "t.li", AT), outgoing=[told])
    failed = NoticeFailed("e1", "raised", 0, 0, "lead", "t.li", AT + HOUR)
    step(store, child, ev.OutsideCalled("e1", OutsideCall("police", "vp", AT, "ref-1")), failed)
    seen = store.seal(SCHOOL, child, "note", "he sleeps badly since March")
    step(
        store,
        child,
        ev.ReferralRequested("r1", "psychology", DAY, ("c1",), "t.li"),
        ev.RuleFailed("odd", "KeyError"),
        ev.ReferralRequested(
            "r2", "psychology", DAY, (), "t.li", "", Reason("grief"), urgent=True, implicated=("uncle",), note=seen
        ),
        rv.ProviderNamed("r1", "county_hospital", "vacant"),
        rv.ReferralTold("r2", "urgent", "psychologist", "t.qin", AT),
        rv.ReferralMoved("r2", "accepted", DAY, "t.qin"),
        rv.Consented("r2", Consent("given", "parent1", "guardian", DAY, "by_phone", "agreed", AT, "t.li")),
        rv.SessionHeld("r2", Session("x1", DAY, "t.qin", AT, "t.qin", DAY + timedelta(days=7), "grief", seen)),
        rv.CarePlanned("r2", CarePlan(DAY, "t.qin", DAY + timedelta(days=30), seen)),
        rv.ReferralMoved("r1", "declined", DAY, "t.qin", "twice"),
        rv.ReferralMoved("r2", "completed", DAY, "t.qin", outcome="recovered"),
        rv.Screened(Screening("y1", "phq_a", 12, DAY, "t.qin", AT, "t.qin", 1)),
    )
    gathering = Gathering("g1", "symposium", DAY, "t.li", AT, "vp", ("3-2",), {child: "present"}, note, "typo")
    moved = sv.ProgrammeMoved("2026-autumn", "reviewed", DAY, "vp", note=note)
    step(store, child, sv.GatheringHeld(gathering), moved, sv.RollJoined(DAY, "3-2"), awaiting=(child,))
    found = Examination(height=131.5, vision=(4.6, 4.8), eye="normal", abnormal=["vision"]).details()
    examined = Activity("x1", "examination", DAY, "dr", AT, "t.li", details=found)
    signed = Activity("x2", "signature", DAY, "t.li", AT, "t.li", met=("guardian", "p.liu"), details={"version": "v.1"})
    consent = Consent("refused", "parent1", "guardian", DAY, "by_phone", "", AT, "t.li")
    decided = RetentionDecision("keep", "court_case", DAY, "vp", DAY + timedelta(days=900))
    step(
        store,
        child,
        ev.Recorded(examined),
        ev.Recorded(signed),
        pv.HoldPlaced("h1", "court_case", DAY, "vp", note),
        pv.HoldPlaced("h2", "complaint", DAY, "t.li"),
        pv.HoldReleased("h2", "settled", DAY, "vp"),
        pv.PurposeConsented("photographs", consent),
        pv.RetentionDecided(decided),
        pv.RetentionDecided(RetentionDecision("erase", "over", DAY, "vp")),
        pv.RetentionTold("RETENTION/retention-2026-09-01", "principal", "vp", AT, DAY),
    )
    step(
        store,
        child,
        gv.GlassBroken("b1", "t.wu", "lead_unreachable", AT, AT + HOUR),
        gv.GlassTold("b1", 0, "safeguarding_lead", "t.fang", AT),
        gv.GlassReviewed("b1", "t.fang", AT + HOUR, "justified"),
    )
    erasure = (xv.ErasureAsked("z1", "guardian_asked", "t.li", DAY), xv.ErasureDeclined("z1", "kept", "vp", DAY))
    number = IdentityRecorded(store.seal(SCHOOL, child, "number", "11010519491231002X"))
    step(store, child, *erasure, number)
    offered = mv.TransferOffered("t1", "beihe", "cw1-x", DAY, "vp", "moved_away", "ab" * 32, AT)
    chased = mv.TransferChased("t1", "office", "t.shen", DAY, AT)
    came = mv.TransferReceived("t2", "nanhe", "cw1-y", "n-3", DAY, "vp", "cd" * 32, AT, (note,), (seen,))
    moves = (offered, chased, mv.TransferEnded("t1", "withdrawn", DAY, "vp"), came)
    step(store, child, *moves)


def tell_all(store):
    """Two children with the whole story, one with little, and the school's own record."""
    with store.write():
        step(store, "", ev.Applied("p", "c", "r", DAY, {"D9": DAY}), actor="vp")
        tell(store, "s-17")
        tell(store, "s-18")
        step(store, "s-19", ev.Identified(DAY, "one", "register"))
