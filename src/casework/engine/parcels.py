"""What of a record travels to another school, made readable; and what of it is for few eyes there."""

from collections.abc import Callable, Iterator

from casework.engine.view import hidden_ids
from casework.model.activity import Activity
from casework.model.case import Case
from casework.model.parcel import (
    FORMAT,
    Parcel,
    ParcelConcern,
    ParcelContact,
    ParcelEmergency,
    ParcelReferral,
)
from casework.model.people import Sealed
from casework.model.referral import Referral

ROOM = 500_000
"""Characters of history, and as many of what is restricted, that travel at most; the latest go first."""
FOR_FEW = frozenset(("talk",))
"""Kinds of activities whose texts are for few eyes (D9)."""

Open = Callable[[Sealed], str]


def parcel_of(case: Case, opened: Open) -> Parcel:
    """The parcel of a record; ``opened`` says what a sealed text says, and audits the reading."""

    def text(sealed: str | Sealed | None) -> str:
        return opened(sealed) if isinstance(sealed, Sealed) else sealed or ""

    logs = (case.emergencies, case.concern_log, case.referrals)
    people = {person for log in logs for found in log.values() for person in found.implicated}
    hidden = frozenset[str]().union(*(hidden_ids(case, person) for person in sorted(people)))
    contacts = {} if case.card is None else case.card.contacts()
    history, left = _fitting(list(_history(case, hidden, text)))
    restricted, more = _fitting(list(_restricted(case, hidden, text)))
    return Parcel(
        FORMAT,
        case.child,
        case.away,
        case.definition,
        case.household,
        case.boarder,
        case.key_child,
        tuple(
            ParcelContact(
                place, text(c.name), c.relation, text(c.phone), text(c.address), c.person, c.verified_on, c.dead
            )
            for place, c in contacts.items()
        ),
        (*_concerns(case, text), *_past_dangers(case, text)),
        tuple(
            ParcelEmergency(e.id, e.kind, e.raised_at, e.state, e.observed, e.about, e.implicated, text(e.note))
            for e in case.emergencies.values()
            if e.live
        ),
        tuple(
            ParcelReferral(
                r.id,
                r.to,
                r.on,
                r.state,
                r.because.code if r.because else "referred",
                r.urgent,
                r.about,
                r.implicated,
                _notes(r, text),
            )
            for r in case.referrals.values()
            if r.open
        ),
        tuple(
            f"{o.key} due {o.due} ({o.role})"
            for o in case.obligations.values()
            if o.status == "open" and o.key not in hidden
        ),
        history,
        restricted,
        left + more,
    )


Text = Callable[[str | Sealed | None], str]


def _concerns(case: Case, text: Text) -> Iterator[ParcelConcern]:
    for c in case.concern_log.values():
        if not c.voided:
            yield ParcelConcern(c.id, c.kind, c.on, c.by, c.severity, c.observed, c.implicated, text(c.note))


def _past_dangers(case: Case, text: Text) -> Iterator[ParcelConcern]:
    """Emergencies that are over and implicate somebody: the next school has to be able to protect the child too."""
    for e in case.emergencies.values():
        if e.implicated and not e.live:
            note = "\n".join(part for part in (text(e.note), text(e.lessons)) if part)
            day = e.raised_at.date()
            yield ParcelConcern(e.id, e.kind, day, e.raised_by, "high", e.observed, e.implicated, note)


def _notes(referral: Referral, text: Text) -> str:
    parts = [text(referral.note)]
    parts += [f"{s.on} session by {s.by}: {text(s.note)}" for s in referral.sessions]
    parts += [f"{p.on} plan by {p.by}, review {p.review_on}: {text(p.note)}" for p in referral.plans]
    return "\n".join(part for part in parts if part)


def _history(case: Case, hidden: frozenset[str], text: Text) -> Iterator[tuple[str, str]]:
    """What was done and happened, each with its day."""
    for act in case.activity_log.values():
        if not act.voided:
            yield act.on.isoformat(), _line(act, "" if act.kind in FOR_FEW else _said(act, text))
    for e in case.emergencies.values():
        if e.id not in hidden and not e.live:
            day = e.raised_at.date().isoformat()
            yield (
                day,
                f"{day} emergency {e.kind}: {e.state}, {e.stood_down_because or 'not stood down'}; {text(e.note)}",
            )
    for r in case.referrals.values():
        if r.id not in hidden and not r.open:
            yield r.on.isoformat(), f"{r.on} referral to {r.to}: {r.state} {r.outcome or r.ended_because}"
    for p in case.pairings:
        yield p.since.isoformat(), f"{p.since} paired with {p.lead} until {p.until or 'now'} {p.because}"


def _restricted(case: Case, hidden: frozenset[str], text: Text) -> Iterator[tuple[str, str]]:
    for act in case.activity_log.values():
        if not act.voided and act.kind in FOR_FEW and (said := _said(act, text)):
            yield act.on.isoformat(), _line(act, said)
    for s in case.screening_log.values():
        if not s.voided and s.id not in hidden:
            yield s.on.isoformat(), f"{s.on} screening {s.instrument}: {s.score}"


def _line(act: Activity, said: str) -> str:
    reached = "reached" if act.reached else "reached nobody"
    facts = "; ".join(f"{name}={value}" for name, value in sorted(act.details.items()))
    met = f"met {', '.join(act.met)}" if act.met else ""
    return "; ".join(
        part for part in (f"{act.on} {act.kind} by {act.by}: {reached}", met, act.mood, facts, said) if part
    )


def _said(act: Activity, text: Text) -> str:
    return "; ".join(f"{name}: {text(said)}" for name, said in (("note", act.note), ("words", act.words)) if said)


def _fitting(dated: list[tuple[str, str]]) -> tuple[tuple[str, ...], int]:
    """The latest lines for which there is room, oldest first, and how many were left out."""
    dated.sort()
    room, kept = ROOM, []
    for _, line in reversed(dated):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return tuple(reversed(kept)), len(dated) - len(kept)
