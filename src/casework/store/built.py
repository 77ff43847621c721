"""From rows back to the case: the other half of `casework.store.rows`, column by column."""

from collections.abc import Iterable, Mapping

from casework.model.activity import Activity, Concern
from casework.model.case import Case, Flag, Mark, Span
from casework.model.emergency import Emergency, Notice, OutsideCall
from casework.model.gathering import Gathering
from casework.model.obligation import Obligation
from casework.model.people import Contact, ContactCard, Pairing
from casework.model.programme import Programme
from casework.store.glass_rows import to_glasses
from casework.store.move_rows import to_move
from casework.store.parts import Row
from casework.store.referral_rows import to_referrals, to_screenings
from casework.store.rows_erasure import to_erasures
from casework.store.rows_protection import to_consents, to_decisions, to_holds
from casework.store.types import (
    from_day,
    from_day_or_none,
    from_instant,
    from_instant_or_none,
    from_json,
    from_reason,
    from_ref,
    from_secret,
    from_words,
)

Rows = Mapping[str, list[Row]]
"""The rows of one record by table, each list in the order of its places."""


def build(school: str, head: Row, parts: Rows) -> Case:
    """The case of a row of ``casework_cases`` and of the rows of its parts, each list in the order of places.

    ``head`` is ``(child, version, *CASE_COLUMNS, wake_at, alarm_at)``; the rows of the parts begin with their key.
    """
    child, version, stage, away, definition, class_, household, boarder, card, _, _, _, wake_at, alarm_at = head
    activities = [_to_activity(row) for row in parts.get("activities", ())]
    concerns = [_to_concern(row) for row in parts.get("concerns", ())]
    obligations = [obligation_of(row) for row in sorted(parts.get("obligations", ()), key=lambda row: row[2])]
    flags = [Flag(row[1], row[2], from_reason(row[3]), from_words(row[4])) for row in parts.get("flags", ())]
    programmes = parts.get("programmes", ())
    marks = [Mark(row[1], row[2], from_day(row[3]), row[4]) for row in parts.get("marks", ())]
    return Case(
        school,
        child,
        version,
        stage,
        away,
        definition,
        class_,
        household,
        bool(boarder),
        tuple(Span(row[1], from_day(row[2]), from_day_or_none(row[3]), row[4]) for row in parts.get("spans", ())),
        tuple(
            Pairing(row[1], from_day(row[2]), from_words(row[5]), from_day_or_none(row[3]), row[4])
            for row in parts.get("pairings", ())
        ),
        _to_card(parts.get("contacts", ())) if card else None,
        {mark.id: mark for mark in marks},
        {activity.id: activity for activity in activities},
        {concern.id: concern for concern in concerns},
        {obligation.key: obligation for obligation in obligations},
        {e.id: e for e in _to_emergencies(parts)} if "emergencies" in parts else {},
        to_referrals(parts) if "referrals" in parts else {},
        {flag.key: flag for flag in flags},
        {row[1]: row[2] for row in parts.get("failures", ())},
        from_instant_or_none(wake_at),
        from_instant_or_none(alarm_at),
        to_screenings(parts["screenings"]) if "screenings" in parts else {},
        _to_gathering(parts) if "gatherings" in parts else None,
        {row[1]: Programme(row[1], row[2], from_day(row[3]), row[4], from_ref(row[5])) for row in programmes},
        glasses=to_glasses(parts["glasses"]) if "glasses" in parts else {},
        holds=to_holds(parts.get("holds", ())),
        consents=to_consents(parts.get("purposes", ())),
        retention=to_decisions(parts.get("retention", ())),
        erasures=to_erasures(parts["erasures"]) if "erasures" in parts else {},
        identity=from_ref(parts["identities"][0][1]) if parts.get("identities") else None,
        moves={row[1]: to_move(row) for row in parts.get("moves", ())},
    )


def _to_gathering(parts: Rows) -> Gathering:
    (row,) = parts["gatherings"]
    return Gathering(
        row[1],
        row[2],
        from_day(row[3]),
        row[4],
        from_instant(row[5]),
        row[6],
        from_words(row[7]),
        dict(parts.get("attendance", ())),
        from_ref(row[8]),
        row[9],
        row[10],
    )


def _to_card(rows: Iterable[Row]) -> ContactCard:
    found = {
        row[1]: Contact(
            from_secret(row[3]),
            row[2],
            from_secret(row[4]),
            from_secret(row[5]),
            row[6],
            from_day_or_none(row[7]),
            bool(row[8]),
        )
        for row in rows
    }
    return ContactCard(found.pop("carer", None), tuple(found.values()))


def _to_activity(row: Row) -> Activity:
    return Activity(
        row[1],
        row[2],
        from_day(row[3]),
        row[4],
        from_instant(row[5]),
        row[6],
        bool(row[7]),
        from_words(row[8]),
        row[9],
        row[10],
        from_json(row[11]) or {},
        row[12],
        from_ref(row[13]),
        from_ref(row[14]),
        row[15],
    )


def _to_concern(row: Row) -> Concern:
    return Concern(
        row[1],
        row[2],
        from_day(row[3]),
        row[4],
        from_instant(row[5]),
        row[6],
        bool(row[7]),
        row[8],
        from_words(row[9]),
        from_ref(row[10]),
        row[11],
    )


def obligation_of(row: Row) -> Obligation:
    """The obligation of a row of ``casework_obligations``, from its duty on."""
    opens, due, closes = from_day(row[3]), from_day_or_none(row[4]), from_day_or_none(row[5])
    return Obligation(row[0], row[1], opens, due, closes, row[6], row[7], from_day_or_none(row[8]), *row[9:13])


def _to_emergencies(parts: Rows) -> list[Emergency]:
    failed = {(k, n): from_instant(at) for k, n, at in parts.get("unreached", ())}
    notices: dict[int, list[tuple[int, Notice]]] = {}
    for k, state, step, rung, role, person, n, at, why in parts.get("notices", ()):
        notice = Notice(state, step, rung, role, person, from_instant(at), why, failed.get((k, n)))
        notices.setdefault(k, []).append((n, notice))
    calls: dict[int, list[OutsideCall]] = {}
    for k, _, agency, by, at, reference in parts.get("calls", ()):
        calls.setdefault(k, []).append(OutsideCall(agency, by, from_instant(at), reference))
    return [
        Emergency(
            row[1],
            row[2],
            from_instant(row[3]),
            row[4],
            from_instant(row[5]),
            row[6],
            bool(row[7]),
            from_words(row[8]),
            row[9],
            from_reason(row[10]),
            from_words(row[11]),
            tuple(notice for _, notice in sorted(notices.get(row[0], ()), key=lambda pair: pair[0])),
            tuple(calls.get(row[0], ())),
            row[12],
            from_instant_or_none(row[13]),
            row[14],
            from_instant_or_none(row[15]),
            row[16],
            from_instant_or_none(row[17]),
            row[18],
            from_instant_or_none(row[19]),
            row[20],
            from_day_or_none(row[21]),
            row[22],
            from_instant_or_none(row[23]),
            from_ref(row[24]),
            from_ref(row[25]),
        )
        for row in parts["emergencies"]
    ]
