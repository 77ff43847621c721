"""Hypothesis strategies for whole records, events and entries; they need the extra ``test``.

What they draw is well formed (ids are unique, mappings are by key, text about people is sealed) but no story: a drawn
case need not be one that any history leads to.
"""

from functools import cache
from typing import Any, TypeVar

from attrs import evolve, fields
from hypothesis import strategies as st

from casework.model import events as ev
from casework.model.activity import MOODS, SEVERITIES, Activity, Concern
from casework.model.case import STAGES, Case, Flag, Mark, Span
from casework.model.emergency import EMERGENCY_STATES, Emergency, Notice, OutsideCall
from casework.model.obligation import STATUSES, Obligation
from casework.model.people import ROLES, Contact, ContactCard, Pairing
from casework.model.reason import Reason
from casework.model.referral import Referral
from casework.testing.drawn import S, codes, days, ids, instants, sealed
from casework.testing.strategies_school import gatherings, programmes, school_events

T = TypeVar("T")


@cache
def reasons() -> S[Reason]:
    """Reasons with every kind of fact."""
    fact = st.one_of(
        st.integers(-(10**6), 10**6), st.booleans(), days(), st.from_regex(r"[A-Za-z0-9_.-]{0,8}", fullmatch=True)
    )
    return st.builds(
        lambda code, facts: Reason(code, **facts),
        codes(),
        st.dictionaries(codes().map("f_{}".format), fact, max_size=3),
    )


def _maybe(strategy: S[T]) -> S[T | None]:
    return st.none() | strategy


def _several(strategy: S[T], most: int = 3) -> S[tuple[T, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


@cache
def _about() -> S[tuple[str, ...]]:
    return st.lists(ids(), max_size=3, unique=True).map(lambda found: tuple(sorted(found)))


def _by_id(strategy: S[Any], key: str = "id", most: int = 3) -> S[dict[str, Any]]:
    """A mapping by id, or by another property that is the key."""
    return st.lists(strategy, max_size=most, unique_by=lambda value: getattr(value, key)).map(
        lambda found: {getattr(value, key): value for value in found}
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
        met=_several(codes()),
        mood=st.sampled_from(("", *MOODS)),
        minutes=_maybe(st.integers(0, 600)),
        details=st.dictionaries(codes(), st.one_of(ids(), st.integers(-99, 99), st.booleans()), max_size=3),
        occasion=st.just("") | ids(),
        note=_maybe(sealed()),
        words=_maybe(sealed()),
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
        implicated=_about(),
        note=_maybe(sealed()),
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
        verified_on=_maybe(days()),
        dead=st.booleans(),
    )
    return st.builds(ContactCard, carer=_maybe(contact), parents=st.lists(contact, max_size=2))


@cache
def obligations() -> S[Obligation]:
    """Obligations in every status."""
    return st.builds(
        Obligation,
        duty=st.sampled_from(("D2", "D9", "D10", "D11")),
        window=st.sampled_from(("2026-09", "#1", "#2")) | ids(),
        opens=days(),
        due=_maybe(days()),
        closes=_maybe(days()),
        role=st.sampled_from(ROLES),
        status=st.sampled_from(STATUSES),
        on=_maybe(days()),
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
    person, at = st.just("") | ids(), _maybe(instants())
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
        about=_about(),
        rule=st.just("") | codes(),
        because=_maybe(reasons()),
        implicated=_about(),
        notices=told,
        outside=_several(calls(), 2),
        stood_down_because=st.just("") | codes(),
        look_again=_maybe(days()),
        note=_maybe(sealed()),
        lessons=_maybe(sealed()),
        **stamps,
        **times,
    )


@cache
def referrals() -> S[Referral]:
    """Referrals."""
    return st.builds(
        Referral,
        id=ids(),
        to=codes(),
        on=days(),
        about=_about(),
        by=ids(),
        rule=st.just("") | codes(),
        because=_maybe(reasons()),
        urgent=st.booleans(),
        state=st.just("requested"),
    )


@cache
def cases() -> S[Case]:
    """Whole records of version 1, with values in every field."""
    ends = {"until": _maybe(days()), "because": st.just("") | codes()}
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
        spans=_several(st.builds(Span, kind=st.sampled_from(("open", "key")), since=days(), **ends)),
        pairings=_several(st.builds(Pairing, lead=ids(), since=days(), members=_several(ids()), **ends)),
        card=_maybe(cards()),
        marks=_by_id(st.builds(Mark, id=ids(), kind=codes(), on=days(), by=ids())),
        activity_log=_by_id(activities()),
        concern_log=_by_id(concerns()),
        obligations=_by_id(obligations(), "key", 4),
        emergencies=_by_id(emergencies(), most=2),
        referrals=_by_id(referrals(), most=2),
        flags=_by_id(
            st.builds(Flag, rule=codes(), code=codes(), because=_maybe(reasons()), about=_about()), "key", most=2
        ),
        failures=st.dictionaries(codes(), codes(), max_size=2),
        gathering=_maybe(gatherings()),
        programmes=_by_id(programmes(), "term", most=2),
    )


def _event(cls: type, **parts: S[Any]) -> S[Any]:
    return st.builds(cls, **parts)


@cache
def events() -> S[ev.Event]:
    """Every class of event, with values in every field."""
    text, until = st.just("") | codes(), {"until": days(), "because": codes()}
    seat = {"state": st.sampled_from(EMERGENCY_STATES), "step": st.integers(0, 9), "rung": st.integers(0, 9)}
    told = {"id": ids(), **seat, "role": st.sampled_from(ROLES), "at": instants()}
    dates = {"opens": days(), "due": _maybe(days()), "closes": _maybe(days()), "role": st.sampled_from(ROLES)}
    decided = {"rule": text, "because": _maybe(reasons())}
    facts = {"on": days(), "away": _maybe(codes()), "class_": _maybe(ids()), "household": _maybe(ids())}
    seen = {"safe_seen_by": ids(), "safe_seen_at": instants(), "look_again": _maybe(days())}
    moved = {"id": ids(), "at": instants(), "by": ids()}
    return st.one_of(
        _event(ev.Identified, on=days(), away=codes(), definition=codes(), class_=ids(), boarder=st.booleans()),
        _event(ev.FactsChanged, **facts, boarder=_maybe(st.booleans())),
        _event(ev.Marked, id=ids(), kind=codes(), on=days(), by=ids()),
        _event(ev.CardRecorded, card=cards()),
        _event(ev.StageChanged, to=st.sampled_from(STAGES), on=days(), because=text),
        _event(ev.Paired, lead=ids(), since=days(), members=_several(ids())),
        _event(ev.Unpaired, **until),
        _event(ev.KeyBegan, since=days(), because=codes()),
        _event(ev.KeyEnded, **until),
        _event(ev.Recorded, activity=activities()),
        _event(ev.Corrected, activity=activities(), because=codes()),
        _event(ev.Voided, id=ids(), because=codes()),
        _event(ev.ConcernNoted, concern=concerns()),
        _event(ev.ObligationOpened, duty=codes(), window=ids(), **dates, trigger=text, rule=text),
        _event(ev.ObligationRedated, key=ids(), **dates),
        _event(ev.ObligationJudged, key=ids(), status=st.sampled_from(STATUSES), on=_maybe(days()), by=text),
        _event(ev.ObligationSettled, key=ids(), status=st.sampled_from(STATUSES), because=codes()),
        _event(
            ev.EmergencyRaised,
            **moved,
            **decided,
            kind=codes(),
            observed=st.booleans(),
            about=_about(),
            implicated=_about(),
            note=_maybe(sealed()),
        ),
        _event(ev.EvidenceJoined, id=ids(), about=_about(), implicated=_about()),
        _event(ev.EmergencyMoved, **moved, state=st.sampled_from(EMERGENCY_STATES)),
        _event(ev.StoodDown, **moved, **seen, because=codes()),
        _event(ev.Reviewed, **moved, lessons=_maybe(sealed())),
        _event(ev.OutsideCalled, id=ids(), call=calls()),
        _event(ev.Notified, **told, person=ids()),
        _event(ev.RungPassed, **told, why=st.sampled_from(("vacant", "implicated"))),
        _event(
            ev.ReferralRequested,
            id=ids(),
            to=codes(),
            on=days(),
            about=_about(),
            by=ids(),
            **decided,
            urgent=st.booleans(),
        ),
        _event(ev.FlagRaised, rule=codes(), code=codes(), because=_maybe(reasons()), about=_about()),
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
