"""What protects a record as rows, and back: as `casework.store.rows` and `casework.store.built` do the others."""

from collections.abc import Iterable

from casework.model.protection import Hold, PurposeConsent, RetentionDecision
from casework.model.referral import Consent
from casework.store.parts import Part, Row
from casework.store.types import (
    from_day,
    from_day_or_none,
    from_instant,
    from_ref,
    to_day,
    to_instant,
    to_ref,
)

BIT = 1 << 30
"""Set where a record has rows in any of these tables: they are few, so they are asked for together."""


def _hold(n: int, h: Hold) -> Row:
    released = (to_day(h.released_on), h.released_by, h.released_because)
    return (n, h.id, h.because, to_day(h.on), h.by, to_ref(h.note), *released)


def _purpose(n: int, p: PurposeConsent) -> Row:
    c = p.consent
    said = (c.answer, c.by, c.capacity, to_day(c.on), c.how, c.because)
    return (n, p.purpose, *said, to_instant(c.entered_at), c.entered_by)


def _decision(n: int, d: RetentionDecision) -> Row:
    return (n, d.decision, d.because, to_day(d.on), d.by, to_day(d.until))


PROTECTION_PARTS = (
    Part("holds", BIT, 1, ("holds",), lambda c: list(c.holds.values()), _hold),
    Part("purposes", BIT, 1, ("consents",), lambda c: c.consents, _purpose),
    Part("retention", BIT, 1, ("retention",), lambda c: c.retention, _decision),
)
"""The tables of a record that protect it."""


def to_holds(rows: Iterable[Row]) -> dict[str, Hold]:
    """The holds of their rows, by id."""
    return {
        row[1]: Hold(
            row[1], row[2], from_day(row[3]), row[4], from_ref(row[5]), from_day_or_none(row[6]), row[7], row[8]
        )
        for row in rows
    }


def to_consents(rows: Iterable[Row]) -> tuple[PurposeConsent, ...]:
    """What was said of consent for a purpose, of its rows."""
    return tuple(
        PurposeConsent(
            row[1],
            Consent(row[2], row[3], row[4], from_day(row[5]), row[6], row[7], from_instant(row[8]), row[9]),
        )
        for row in rows
    )


def to_decisions(rows: Iterable[Row]) -> tuple[RetentionDecision, ...]:
    """What was decided about retention, of its rows."""
    return tuple(RetentionDecision(row[1], row[2], from_day(row[3]), row[4], from_day_or_none(row[5])) for row in rows)
