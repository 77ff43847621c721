"""What a principal may see of a record: the suspect is not told (domain.md, 8).

For somebody implicated the record is shown as if what implicates them did not exist; what the engine then answers to
their commands is what it would have answered in that world: see `casework.engine.worlds`.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from attrs import evolve as changed

from casework.engine.carer import IMPLICATED
from casework.engine.referral_limits import asked_about
from casework.model.case import Case
from casework.model.events import Entry, Event, ObligationJudged, ObligationSettled, RuleFailed, RuleReleased
from casework.model.obligation import Obligation

V = TypeVar("V")


def hidden_ids(case: Case, person: str) -> frozenset[str]:
    """Ids of everything in the record that ``person`` may not know of: what implicates them, and what rests on it."""
    names = case.names_of(person)
    found = {e.id for e in case.emergencies.values() if not names.isdisjoint(e.implicated)}
    found |= {c.id for c in case.concern_log.values() if not names.isdisjoint(c.implicated)}
    found |= {r.id for r in case.referrals.values() if not names.isdisjoint(r.implicated)}
    found |= {h.id for m in case.moves.values() for h in m.hides if not names.isdisjoint(h.implicated)}
    known = -1
    while found and known != len(found):
        known = len(found)
        found |= {e.id for e in case.emergencies.values() if found & set(e.about)}
        found |= {c.id for c in case.concern_log.values() if c.about in found}
        found |= {r.id for r in case.referrals.values() if found & set(r.about)}
    if found:
        # A hold would tell that somebody looks into something; one's own is no news.
        found |= {h.id for h in case.holds.values() if h.by != person}
        found |= {f.key for f in case.flags.values() if found & set(f.about)}
        found |= {g.id for g in case.glasses.values() if g.person != person}
        triggered = [o for o in case.obligations.values() if asked_about(o.trigger) in found]
        found |= {name for o in triggered for name in (o.key, o.trigger)}
    return frozenset(found)


def seen_by(case: Case, person: str) -> Case:
    """The record as ``person`` may see it; the same value for everybody whom nothing implicates."""
    if not case.implicates(person):
        return case
    hidden = hidden_ids(case, person)

    def shown(values: Mapping[str, V]) -> dict[str, V]:
        return {key: value for key, value in values.items() if key not in hidden}

    return changed(
        case,
        emergencies=shown(case.emergencies),
        concern_log=shown(case.concern_log),
        referrals=shown(case.referrals),
        flags=shown(case.flags),
        glasses=shown(case.glasses),
        holds=shown(case.holds),
        obligations={key: _unexcused(value) for key, value in shown(case.obligations).items()},
        failures={},
    )


def handed(case: Case) -> Case:
    """The case without what belongs to the store: a version or a next look would tell of what is hidden."""
    return case.having(version=0, wake_at=None, alarm_at=None, awaited=())


def _unexcused(obligation: Obligation) -> Obligation:
    """An obligation excused because of what is hidden reads as open; the judge says what the day makes of it."""
    if obligation.because != IMPLICATED:
        return obligation
    return changed(obligation, status="open", because="")


def visible_entries(case: Case, entries: Sequence[Entry], person: str) -> list[Entry]:
    """These entries of the history without events about what is hidden, and without entries that held only such."""
    hidden = hidden_ids(case, person)
    found: list[Entry] = []
    excused: set[str] = set()
    for entry in entries:
        events = tuple(caused for caused in entry.events if not _touches(caused[1], hidden, excused))
        if events:
            found.append(changed(entry, seq=len(found) + 1, events=events))
    return found


def about_hidden(event: Event, hidden: frozenset[str]) -> bool:
    """Tell whether the event says anything of what is hidden."""
    names = {getattr(event, name, "") for name in ("id", "key", "trigger")} | set(getattr(event, "about", ()))
    inner = getattr(event, "concern", None)
    return bool(hidden & (names if inner is None else names | {inner.id}))


def _touches(event: Event, hidden: frozenset[str], excused: set[str]) -> bool:
    """Tell whether an event must not be seen; ``excused`` collects what never ceased to be open to that person."""
    match event:
        case ObligationSettled(because=because) if because == IMPLICATED:
            excused.add(event.key)
            return True
        case ObligationJudged(status="open") if event.key in excused:
            excused.remove(event.key)
            return True
        case RuleFailed() | RuleReleased():
            return True
        case _:
            return about_hidden(event, hidden)
