"""Hypothesis strategies for whole records, events and entries; they need the extra ``test``.

What they draw is well formed (ids are unique, mappings are by key, text about people is sealed) but no story: a drawn
case need not be one that any history leads to.
"""

from functools import cache
from typing import Any

from attrs import evolve, fields
from hypothesis import strategies as st

from casework.model import events as ev
from casework.model.activity import MOODS, SEVERITIES, Activity, Concern
from casework.model.case import STAGES, Case, Flag, Mark, Span
from casework.model.emergency import EMERGENCY_STATES, Emergency, Notice, OutsideCall
from casework.model.obligation import STATUSES, Obligation
from casework.model.people import ROLES, Contact, ContactCard, Pairing
from casework.model.post_events import NoticeFailed
from casework.testing.referral_strategies import referral_events, referrals, screenings
from casework.testing.strategies_erasure import erasure_events, erasures
from casework.testing.strategies_moves import merge_events, move_events, moves
from casework.testing.strategies_protection import decisions, holds, protection_events, purposes
from casework.testing.strategies_school import gatherings, glass_events, glasses, programmes, school_events
from casework.testing.strategy_base import (
    S,
    about,
    by_id,
    codes,
    days,
    ids,
    instants,
    maybe,
    reasons,
    sealed,
    several,
)


@cache
def activities() -> S[Activity]:
    """Activities with every detail."""
    return st.builds(
        Activity,
        id=ids(),
        kind=codes(),
        on=days(),
        by=ids(),
        entered_at=instants(),
        entered_by=ids(),
        reached=st.booleans(),
        met=several(codes()),
        mood=st.sampled_from(("", *MOODS)),
        minutes=maybe(st.integers(0, 600)),
        details=st.dictionaries(codes(), st.one_of(ids(), st.integers(-99, 99), st.booleans()), max_size=3),
        occasion=st.just("") | ids(),
        note=maybe(sealed()),
        words=maybe(sealed()),
        voided=st.just("") | codes(),
    )


@cache
def concerns() -> S[Concern]:
    """Concerns, some of which implicate people."""
    return st.builds(
        Concern,
        id=ids(),
        kind=codes(),
        on=days(),
        by=ids(),
        entered_at=instants(),
        severity=st.sampled_from(SEVERITIES),
        observed=st.booleans(),
        about=st.just("") | ids(),
        implicated=about(),
        note=maybe(sealed()),
        voided=st.just("") | codes(),
    )


@cache
def cards() -> S[ContactCard]:
    """Contact cards: sealed, or empty where nothing is known."""
    secret = st.just("") | sealed()
    contact = st.builds(
        Contact,
        name=secret,
        relation=codes(),
        phone=secret,
        address=secret,
        person=st.just("") | ids(),
        verified_on=maybe(days()),
        dead=st.booleans(),
    )
    return st.builds(ContactCard, carer=maybe(contact), parents=st.lists(contact, max_size=2))


@cache
def obligations() -> S[Obligation]:
    """Obligations in every status."""
    return st.builds(
        Obligation,
        duty=st.sampled_from(("D2", "D9", "D10", "D11")),
        window=st.sampled_from(("2026-09", "#1", "#2")) | ids(),
        opens=days(),
        due=maybe(days()),
        closes=maybe(days()),
        role=st.sampled_from(ROLES),
        status=st.sampled_from(STATUSES),
        on=maybe(days()),
        by=st.just("") | ids(),
        because=st.just("") | codes(),
        trigger=st.just("") | ids(),
        rule=st.just("") | codes(),
    )


@cache
def _notices() -> S[Notice]:
    return st.builds(
        Notice,
        state=st.sampled_from(EMERGENCY_STATES),
        step=st.integers(0, 9),
        rung=st.integers(0, 9),
        role=st.sampled_from(ROLES),
        person=st.just("") | ids(),
        at=instants(),
        why=st.sampled_from(("", "vacant", "implicated")),
        failed_at=maybe(instants()),
    )


@cache
def calls() -> S[OutsideCall]:
    """Calls that left the school."""
    return st.builds(
        OutsideCall, agency=st.sampled_from(("police", "civil_affairs")), by=ids(), at=instants(), reference=ids()
    )


@cache
def emergencies() -> S[Emergency]:
    """Emergencies in every state, with notices and calls."""
    told = st.lists(_notices(), max_size=3, unique_by=lambda n: (n.state, n.step, n.rung, n.role, n.person)).map(tuple)
    person, at = st.just("") | ids(), maybe(instants())
    stamps = {f"{what}_by": person for what in ("acknowledged", "responding", "stood_down", "safe_seen", "reviewed")}
    times = {f"{what}_at": at for what in ("acknowledged", "responding", "stood_down", "safe_seen", "reviewed")}
    return st.builds(
        Emergency,
        id=ids(),
        kind=codes(),
        raised_at=instants(),
        raised_by=ids(),
        since=instants(),
        state=st.sampled_from(EMERGENCY_STATES),
        observed=st.booleans(),
        about=about(),
        rule=st.just("") | codes(),
        because=maybe(reasons()),
        implicated=about(),
        notices=told,
        outside=several(calls(), 2),
        stood_down_because=st.just("") | codes(),
        look_again=maybe(days()),
        note=maybe(sealed()),
        lessons=maybe(sealed()),
        **stamps,
        **times,
    )


@cache
def cases() -> S[Case]:
    """Whole records of version 1, with values in every field."""
    ends = {"until": maybe(days()), "because": st.just("") | codes()}
    return st.builds(
        Case,
        school=ids(),
        child=ids(),
        version=st.just(1),
        stage=st.sampled_from(("", *STAGES)),
        away=st.sampled_from(("", "none", "one", "both")),
        definition=st.sampled_from(("", "register")),
        class_=st.just("") | ids(),
        household=st.just("") | ids(),
        boarder=st.booleans(),
        spans=several(st.builds(Span, kind=st.sampled_from(("open", "key")), since=days(), **ends)),
        pairings=several(st.builds(Pairing, lead=ids(), since=days(), members=several(ids()), **ends)),
        card=maybe(cards()),
        marks=by_id(st.builds(Mark, id=ids(), kind=codes(), on=days(), by=ids())),
        activity_log=by_id(activities()),
        concern_log=by_id(concerns()),
        obligations=by_id(obligations(), "key", 4),
        emergencies=by_id(emergencies(), most=2),
        referrals=by_id(referrals(), most=2),
        flags=by_id(
            st.builds(Flag, rule=codes(), code=codes(), because=maybe(reasons()), about=about()), "key", most=2
        ),
        failures=st.dictionaries(codes(), codes(), max_size=2),
        screening_log=by_id(screenings(), most=2),
        gathering=maybe(gatherings()),
        programmes=by_id(programmes(), "term", most=2),
        glasses=by_id(glasses(), most=2),
        holds=by_id(holds(), most=2),
        consents=several(purposes(), 2),
        retention=several(decisions(), 2),
        erasures=by_id(erasures(), most=2),
        identity=maybe(sealed()),
        moves=by_id(moves(), most=2),
    )


def _event(cls: type, **parts: S[Any]) -> S[Any]:
    return st.builds(cls, **parts)


@cache
def events() -> S[ev.Event]:
    """Every class of event, with values in every field."""
    text, until = st.just("") | codes(), {"until": days(), "because": codes()}
    seat = {"state": st.sampled_from(EMERGENCY_STATES), "step": st.integers(0, 9), "rung": st.integers(0, 9)}
    told = {"id": ids(), **seat, "role": st.sampled_from(ROLES), "at": instants()}
    dates = {"opens": days(), "due": maybe(days()), "closes": maybe(days()), "role": st.sampled_from(ROLES)}
    decided = {"rule": text, "because": maybe(reasons())}
    facts = {"on": days(), "away": maybe(codes()), "class_": maybe(ids()), "household": maybe(ids())}
    seen = {"safe_seen_by": ids(), "safe_seen_at": instants(), "look_again": maybe(days())}
    moved = {"id": ids(), "at": instants(), "by": ids()}
    return st.one_of(
        _event(ev.Identified, on=days(), away=codes(), definition=codes(), class_=ids(), boarder=st.booleans()),
        _event(ev.FactsChanged, **facts, boarder=maybe(st.booleans())),
        _event(ev.Marked, id=ids(), kind=codes(), on=days(), by=ids()),
        _event(ev.CardRecorded, card=cards()),
        _event(ev.StageChanged, to=st.sampled_from(STAGES), on=days(), because=text),
        _event(ev.Paired, lead=ids(), since=days(), members=several(ids())),
        _event(ev.Unpaired, **until),
        _event(ev.KeyBegan, since=days(), because=codes()),
        _event(ev.KeyEnded, **until),
        _event(ev.Recorded, activity=activities()),
        _event(ev.Corrected, activity=activities(), because=codes()),
        _event(ev.Voided, id=ids(), because=codes()),
        _event(ev.ConcernNoted, concern=concerns()),
        _event(ev.ObligationOpened, duty=codes(), window=ids(), **dates, trigger=text, rule=text),
        _event(ev.ObligationRedated, key=ids(), **dates),
        _event(ev.ObligationJudged, key=ids(), status=st.sampled_from(STATUSES), on=maybe(days()), by=text),
        _event(ev.ObligationSettled, key=ids(), status=st.sampled_from(STATUSES), because=codes()),
        _event(
            ev.EmergencyRaised,
            **moved,
            **decided,
            kind=codes(),
            observed=st.booleans(),
            about=about(),
            implicated=about(),
            note=maybe(sealed()),
        ),
        _event(ev.EvidenceJoined, id=ids(), about=about(), implicated=about(), urgent=st.booleans()),
        _event(ev.EmergencyMoved, **moved, state=st.sampled_from(EMERGENCY_STATES)),
        _event(ev.StoodDown, **moved, **seen, because=codes()),
        _event(ev.Reviewed, **moved, lessons=maybe(sealed())),
        _event(ev.OutsideCalled, id=ids(), call=calls()),
        _event(ev.Notified, **told, person=ids()),
        _event(ev.RungPassed, **told, why=st.sampled_from(("vacant", "implicated"))),
        _event(
            ev.ReferralRequested,
            id=ids(),
            to=codes(),
            on=days(),
            about=about(),
            by=ids(),
            **decided,
            urgent=st.booleans(),
            implicated=about(),
            note=maybe(sealed()),
        ),
        referral_events(),
        erasure_events(),
        _event(ev.FlagRaised, rule=codes(), code=codes(), because=maybe(reasons()), about=about()),
        _event(ev.FlagLowered, key=ids()),
        _event(ev.RuleFailed, rule=codes(), error=ids()),
        _event(ev.RuleReleased, rule=codes()),
        _event(
            ev.Applied,
            policy=ids(),
            calendar=ids(),
            rules=ids(),
            on=days(),
            started=st.dictionaries(codes(), days(), max_size=3),
        ),
        school_events(),
        glass_events(),
        _event(NoticeFailed, **told, person=ids()),
        protection_events(),
        move_events(),
        merge_events(emergencies(), referrals(), obligations()),
    )


@cache
def entries() -> S[ev.Entry]:
    """Entries of any events; equal causes follow each other, as they do in life."""
    known = st.sampled_from(("time", "command:Record", "command:Raise", "command:Unheard"))
    cause = st.one_of(known, codes().map("rule:{}".format), ids())
    caused = st.lists(st.tuples(cause, events()), max_size=4).map(tuple)
    return st.builds(
        ev.Entry, seq=st.integers(1, 10**6), at=instants(), actor=ids(), idem=st.just("") | ids(), events=caused
    )


@cache
def versions() -> S[tuple[Case, Case]]:
    """Two versions of one record: in the second, some fields are as another record has them."""
    names = [field.name for field in fields(Case) if field.name not in {"school", "child", "version", "awaited"}]

    def made(first: Case, other: Case, some: set[str]) -> tuple[Case, Case]:
        return first, evolve(first, version=first.version + 1, **{name: getattr(other, name) for name in some})

    return st.builds(made, cases(), cases(), st.sets(st.sampled_from(names)))
