"""From events to the next state: the only place where a case changes.

`evolve` is the pure step for one event, `fold` for a whole history; `happen` lets one happen to a case under change.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve as changed

from casework.engine.draft import Draft
from casework.engine.evolve_erasure import ERASURE_EVENTS
from casework.engine.evolve_glass import GLASS_EVENTS
from casework.engine.evolve_merge import MERGE_EVENTS
from casework.engine.evolve_moves import MOVE_EVENTS
from casework.engine.evolve_protection import PROTECTION_EVENTS
from casework.engine.evolve_referral import REFERRAL_EVENTS
from casework.errors import Tampered
from casework.model import events as ev
from casework.model import post_events as nv
from casework.model import school_events as sv
from casework.model.case import Case, Flag, Mark, Span
from casework.model.emergency import Emergency, Notice
from casework.model.obligation import Obligation
from casework.model.people import Pairing
from casework.model.programme import Programme

_DAY = timedelta(days=1)


def happen(draft: Draft, event: ev.Event) -> None:
    """Let one event happen to a draft. Raises `Tampered` for one that this version does not know."""
    try:
        step = _STEPS[type(event)]
    except KeyError:
        msg = (
            f"{type(event).__name__} is no event that this version of casework knows; upgrade "
            "before reading this history"
        )
        raise Tampered(msg) from None
    step(draft, event)


def evolve(case: Case, event: ev.Event) -> Case:
    """The case after one event; pure."""
    draft = Draft(case)
    happen(draft, event)
    return draft.case


def fold(case: Case, entries: Iterable[ev.Entry]) -> Case:
    """The case after these entries; from an empty ``Case(school, child)`` it is the stored state."""
    draft = Draft(case)
    version = case.version
    for entry in entries:
        version = entry.seq
        for _, event in entry.events:
            happen(draft, event)
    return draft.case.having(version=version)


def _identified(draft: Draft, e: ev.Identified) -> None:
    draft.set("stage", "identified")
    for name in ("away", "definition", "class_", "household"):
        draft.set(name, getattr(e, name) or draft.get(name))
    draft.set("spans", (*draft.get("spans"), Span("open", e.on)))
    _board(draft, boarder=e.boarder, on=e.on)


def _facts_changed(draft: Draft, e: ev.FactsChanged) -> None:
    for name in ("away", "class_", "household"):
        if getattr(e, name) is not None:
            draft.set(name, getattr(e, name))
    if e.boarder is not None:
        _board(draft, boarder=e.boarder, on=e.on)


def _board(draft: Draft, *, boarder: bool, on: Any) -> None:  # noqa: ANN401 - a date
    if boarder and not draft.get("boarder"):
        draft.set("spans", (*draft.get("spans"), Span("boarder", on)))
    elif not boarder and draft.get("boarder"):
        _end_span(draft, "boarder", on - _DAY, "")
    draft.set("boarder", boarder)


def _end_span(draft: Draft, kind: str, until: Any, because: str) -> None:  # noqa: ANN401 - a date
    draft.set(
        "spans",
        tuple(
            changed(s, until=until, because=because or s.because) if s.kind == kind and s.until is None else s
            for s in draft.get("spans")
        ),
    )


def _marked(draft: Draft, e: ev.Marked) -> None:
    draft.put("marks", e.id, Mark(e.id, e.kind, e.on, e.by))


def _card(draft: Draft, e: ev.CardRecorded) -> None:
    draft.set("card", e.card)


def _stage(draft: Draft, e: ev.StageChanged) -> None:
    before = draft.get("stage")
    draft.set("stage", e.to)
    if e.to == "closed":
        _end_span(draft, "open", e.on, e.because)
    elif before == "closed":
        draft.set("spans", (*draft.get("spans"), Span("open", e.on, None, e.because)))


def _paired(draft: Draft, e: ev.Paired) -> None:
    draft.set("pairings", (*draft.get("pairings"), Pairing(e.lead, e.since, e.members)))


def _unpaired(draft: Draft, e: ev.Unpaired) -> None:
    *before, last = draft.get("pairings")
    draft.set("pairings", (*before, changed(last, until=e.until, because=e.because)))


def _key_began(draft: Draft, e: ev.KeyBegan) -> None:
    draft.set("spans", (*draft.get("spans"), Span("key", e.since, None, e.because)))


def _key_ended(draft: Draft, e: ev.KeyEnded) -> None:
    _end_span(draft, "key", e.until, e.because)


def _activity(draft: Draft, e: ev.Recorded | ev.Corrected) -> None:
    draft.put("activity_log", e.activity.id, e.activity)


def _voided(draft: Draft, e: ev.Voided) -> None:
    logs = ("activity_log", "screening_log", "concern_log")
    log = next((log for log in logs if e.id in draft.get(log)), logs[-1])
    draft.put(log, e.id, changed(draft.get(log)[e.id], voided=e.because))


def _concern(draft: Draft, e: ev.ConcernNoted) -> None:
    draft.put("concern_log", e.concern.id, e.concern)


def _opened(draft: Draft, e: ev.ObligationOpened) -> None:
    o = Obligation(e.duty, e.window, e.opens, e.due, e.closes, e.role, trigger=e.trigger, rule=e.rule)
    draft.put("obligations", o.key, o)


def _redated(draft: Draft, e: ev.ObligationRedated) -> None:
    o = draft.get("obligations")[e.key]
    draft.put("obligations", e.key, changed(o, opens=e.opens, due=e.due, closes=e.closes, role=e.role))


def _judged(draft: Draft, e: ev.ObligationJudged) -> None:
    o = draft.get("obligations")[e.key]
    facts = (o.duty, o.window, o.opens, o.due, o.closes, o.role)
    draft.put("obligations", e.key, Obligation(*facts, e.status, e.on, e.by, "", o.trigger, o.rule))


def _settled(draft: Draft, e: ev.ObligationSettled) -> None:
    o = draft.get("obligations")[e.key]
    draft.put("obligations", e.key, changed(o, status=e.status, because=e.because, on=None, by=""))


def _raised(draft: Draft, e: ev.EmergencyRaised) -> None:
    draft.put(
        "emergencies",
        e.id,
        Emergency(
            e.id,
            e.kind,
            e.at,
            e.by,
            e.at,
            observed=e.observed,
            about=e.about,
            rule=e.rule,
            because=e.because,
            implicated=e.implicated,
            note=e.note,
        ),
    )


def _joined(draft: Draft, e: ev.EvidenceJoined) -> None:
    name = "emergencies" if e.id in draft.get("emergencies") else "referrals"
    found = draft.get(name)[e.id]
    more: dict[str, Any] = {"about": tuple(sorted({*found.about, *e.about}))}
    if e.implicated:
        more["implicated"] = tuple(sorted({*found.implicated, *e.implicated}))
    if e.urgent:
        more["urgent"] = True
    draft.put(name, e.id, changed(found, **more))


def _emergency_moved(draft: Draft, e: ev.EmergencyMoved) -> None:
    found = draft.get("emergencies")[e.id]
    more = {"state": e.state, "since": e.at, f"{e.state}_by": e.by, f"{e.state}_at": e.at}
    draft.put("emergencies", e.id, changed(found, **more))


def _stood_down(draft: Draft, e: ev.StoodDown) -> None:
    found = draft.get("emergencies")[e.id]
    draft.put(
        "emergencies",
        e.id,
        changed(
            found,
            state="stood_down",
            since=e.at,
            stood_down_by=e.by,
            stood_down_at=e.at,
            safe_seen_by=e.safe_seen_by,
            safe_seen_at=e.safe_seen_at,
            stood_down_because=e.because,
            look_again=e.look_again,
        ),
    )


def _reviewed(draft: Draft, e: ev.Reviewed) -> None:
    found = draft.get("emergencies")[e.id]
    draft.put(
        "emergencies",
        e.id,
        changed(found, state="reviewed", since=e.at, reviewed_by=e.by, reviewed_at=e.at, lessons=e.lessons),
    )


def _called(draft: Draft, e: ev.OutsideCalled) -> None:
    found = draft.get("emergencies")[e.id]
    draft.put("emergencies", e.id, changed(found, outside=(*found.outside, e.call)))


def _told(draft: Draft, e: ev.Notified | ev.RungPassed) -> None:
    found = draft.get("emergencies")[e.id]
    person, why = ("", e.why) if isinstance(e, ev.RungPassed) else (e.person, "")
    notice = Notice(e.state, e.step, e.rung, e.role, person, e.at, why)
    draft.put("emergencies", e.id, changed(found, notices=(*found.notices, notice)))


def _unreached(draft: Draft, e: nv.NoticeFailed) -> None:
    found = draft.get("emergencies").get(e.id)
    if found is not None:
        place = (e.state, e.step, e.rung, e.role, e.person)
        notices = tuple(
            changed(n, failed_at=e.at) if (n.state, n.step, n.rung, n.role, n.person) == place else n
            for n in found.notices
        )
        draft.put("emergencies", e.id, changed(found, notices=notices))


def _flag_raised(draft: Draft, e: ev.FlagRaised) -> None:
    flag = Flag(e.rule, e.code, e.because, e.about)
    draft.put("flags", flag.key, flag)


def _flag_lowered(draft: Draft, e: ev.FlagLowered) -> None:
    draft.drop("flags", e.key)


def _rule_failed(draft: Draft, e: ev.RuleFailed) -> None:
    draft.put("failures", e.rule, e.error)


def _rule_released(draft: Draft, e: ev.RuleReleased) -> None:
    draft.drop("failures", e.rule)


def _applied(draft: Draft, e: ev.Applied) -> None:
    """Settings stand in the school's own row, not in its record."""


def _held(draft: Draft, e: sv.GatheringHeld) -> None:
    draft.set("gathering", e.gathering)


def _gathering_changed(draft: Draft, e: sv.GatheringChanged) -> None:
    new: dict[str, Any] = {name: getattr(e, name) for name in ("on", "kind", "by") if getattr(e, name) is not None}
    draft.set("gathering", changed(draft.get("gathering"), because=e.because, **new))


def _attendance(draft: Draft, e: sv.AttendanceChanged) -> None:
    found = draft.get("gathering")
    draft.set("gathering", changed(found, attendance={**found.attendance, **e.attendance}, because=e.because))


def _gathering_voided(draft: Draft, e: sv.GatheringVoided) -> None:
    draft.set("gathering", changed(draft.get("gathering"), because=e.because, voided=e.because))


def _on_roll(draft: Draft, e: sv.RollJoined) -> None:
    draft.set("spans", (*draft.get("spans"), Span("roll", e.on)))
    if e.class_:
        draft.set("class_", e.class_)


def _off_roll(draft: Draft, e: sv.RollLeft) -> None:
    _end_span(draft, "roll", e.until, "")


def _programme(draft: Draft, e: sv.ProgrammeMoved) -> None:
    draft.put("programmes", e.term, Programme(e.term, e.to, e.on, e.by, e.note))


_STEPS: Mapping[type, Callable[[Draft, Any], None]] = {
    ev.Identified: _identified,
    ev.FactsChanged: _facts_changed,
    ev.Marked: _marked,
    ev.CardRecorded: _card,
    ev.StageChanged: _stage,
    ev.Paired: _paired,
    ev.Unpaired: _unpaired,
    ev.KeyBegan: _key_began,
    ev.KeyEnded: _key_ended,
    ev.Recorded: _activity,
    ev.Corrected: _activity,
    ev.Voided: _voided,
    ev.ConcernNoted: _concern,
    ev.ObligationOpened: _opened,
    ev.ObligationRedated: _redated,
    ev.ObligationJudged: _judged,
    ev.ObligationSettled: _settled,
    ev.EmergencyRaised: _raised,
    ev.EvidenceJoined: _joined,
    ev.EmergencyMoved: _emergency_moved,
    ev.StoodDown: _stood_down,
    ev.Reviewed: _reviewed,
    ev.OutsideCalled: _called,
    ev.Notified: _told,
    ev.RungPassed: _told,
    ev.FlagRaised: _flag_raised,
    ev.FlagLowered: _flag_lowered,
    ev.RuleFailed: _rule_failed,
    ev.RuleReleased: _rule_released,
    ev.Applied: _applied,
    **REFERRAL_EVENTS,
    **GLASS_EVENTS,
    sv.GatheringHeld: _held,
    sv.GatheringChanged: _gathering_changed,
    sv.AttendanceChanged: _attendance,
    sv.GatheringVoided: _gathering_voided,
    sv.RollJoined: _on_roll,
    sv.RollLeft: _off_roll,
    sv.ProgrammeMoved: _programme,
    nv.NoticeFailed: _unreached,
    **PROTECTION_EVENTS,
    **ERASURE_EVENTS,
    **MOVE_EVENTS,
    **MERGE_EVENTS,
}
