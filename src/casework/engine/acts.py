"""What in a record can discharge a duty: acts that reached somebody, and facts. Read once, for all duties."""

from collections.abc import Iterable, Mapping

from casework.engine.happening import Act
from casework.engine.keeping import retention_acts
from casework.engine.referral_limits import referral_acts
from casework.model.case import Case
from casework.model.people import Pairing
from casework.policy.values import Duty

Acts = Mapping[str, list[Act]]
"""By duty, what can discharge it, in order."""

FACT_MARKS = frozenset(("filed", "card", "in_scope"))
Wanted = dict[str, list[tuple[str, str]]]
"""By kind of act, the duties that it can discharge, each with whom it has to have met."""


def wanted(duties: Iterable[Duty]) -> Wanted:
    """Which duties ask for which kinds; made once for a policy."""
    found: Wanted = {}
    for duty in duties:
        for spec in duty.discharged_by:
            found.setdefault(spec.kind, []).append((duty.id, spec.met))
    return found


def acts_of(case: Case, asked: Wanted) -> dict[str, list[Act]]:
    """By duty, date and id of every act and fact in the record that can discharge it, in order."""
    found: dict[str, list[Act]] = {}
    for act in case.activity_log.values():
        if act.reached and not act.voided:
            for duty, met in asked.get(act.kind, ()):
                if not met or met in act.met:
                    found.setdefault(duty, []).append((act.on, act.id))
    for mark in case.marks.values():
        if mark.kind in FACT_MARKS:
            for duty, _ in asked.get(mark.kind, ()):
                found.setdefault(duty, []).append((mark.on, mark.id))
    paired = [("pairing", (pairing.since, f"paired-{pairing.since}")) for pairing in _held(case)]
    for kind, fact in (*paired, *referral_acts(case), *retention_acts(case)):
        for duty, _ in asked.get(kind, ()):
            found.setdefault(duty, []).append(fact)
    return {duty: sorted(set(acts)) if len(acts) > 1 else acts for duty, acts in found.items()}


def _held(case: Case) -> list[Pairing]:
    """Pairings without those taken back or replaced on the day they began: nobody was helped by them."""
    return [pairing for pairing in case.pairings if pairing.until != pairing.since]
