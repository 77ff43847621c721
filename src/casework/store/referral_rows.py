"""Referrals and screenings as rows, and back: as `casework.store.rows` and `casework.store.built` do the others."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from casework.model.case import Case
from casework.model.referral import CarePlan, Consent, Referral, ReferralNotice, Session
from casework.model.screening import Screening
from casework.store.parts import Part, Row
from casework.store.types import (
    from_day,
    from_day_or_none,
    from_instant,
    from_reason,
    from_ref,
    from_words,
    to_day,
    to_instant,
    to_reason,
    to_ref,
    to_words,
)

T = TypeVar("T")


def _referral(n: int, r: Referral) -> Row:
    return (
        n,
        r.id,
        r.to,
        to_day(r.on),
        to_words(r.about),
        r.by,
        r.rule,
        to_reason(r.because),
        int(r.urgent),
        r.state,
        to_words(r.implicated),
        to_ref(r.note),
        r.provider,
        r.answered_by,
        to_day(r.answered_on),
        r.ended_by,
        to_day(r.ended_on),
        r.ended_because,
        r.outcome,
    )


def _consent(_: int, placed: tuple[int, int, Consent]) -> Row:
    k, n, c = placed
    said = (c.answer, c.by, c.capacity, to_day(c.on), c.how, c.because)
    return (k, n, *said, to_instant(c.entered_at), c.entered_by)


def _session(_: int, placed: tuple[int, int, Session]) -> Row:
    k, n, s = placed
    held = (s.id, to_day(s.on), s.by, to_instant(s.entered_at), s.entered_by)
    return (k, n, *held, to_day(s.next_on), s.unconsented, to_ref(s.note))


def _plan(_: int, placed: tuple[int, int, CarePlan]) -> Row:
    k, n, p = placed
    return (k, n, to_day(p.on), p.by, to_day(p.review_on), to_ref(p.note))


def _told(_: int, placed: tuple[int, int, ReferralNotice]) -> Row:
    k, n, x = placed
    return (k, n, x.about, x.role, x.person, to_instant(x.at))


def _screening(n: int, s: Screening) -> Row:
    entered = (to_instant(s.entered_at), s.entered_by)
    return (n, s.id, s.instrument, s.score, to_day(s.on), s.by, *entered, s.self_harm, s.voided)


def _within(name: str) -> Callable[[Case], list[tuple[int, int, Any]]]:
    """The lists within referrals, each value with the place of its referral and its own."""
    return lambda case: [
        (k, n, value) for k, r in enumerate(case.referrals.values()) for n, value in enumerate(getattr(r, name))
    ]


REFERRAL_PARTS = (
    Part("consents", 1 << 16, 2, ("referrals",), _within("consents"), _consent, sparse=True),
    Part("sessions", 1 << 17, 2, ("referrals",), _within("sessions"), _session, sparse=True),
    Part("plans", 1 << 18, 2, ("referrals",), _within("plans"), _plan, sparse=True),
    Part("told", 1 << 19, 2, ("referrals",), _within("notices"), _told, sparse=True),
    Part("screenings", 1 << 20, 1, ("screening_log",), lambda case: list(case.screening_log.values()), _screening),
)
REFERRALS = Part("referrals", 1024, 1, ("referrals",), lambda case: list(case.referrals.values()), _referral)


def to_referrals(parts: Mapping[str, list[Row]]) -> dict[str, Referral]:
    """The referrals of a record's rows, by id."""
    consents = _by_referral(parts, "consents", _to_consent)
    sessions = _by_referral(parts, "sessions", _to_session)
    plans = _by_referral(
        parts, "plans", lambda row: CarePlan(from_day(row[2]), row[3], from_day(row[4]), from_ref(row[5]))
    )
    told = _by_referral(parts, "told", lambda row: ReferralNotice(row[2], row[3], row[4], from_instant(row[5])))
    return {
        row[1]: Referral(
            row[1],
            row[2],
            from_day(row[3]),
            from_words(row[4]),
            row[5],
            row[6],
            from_reason(row[7]),
            bool(row[8]),
            row[9],
            from_words(row[10]),
            from_ref(row[11]),
            row[12],
            row[13],
            from_day_or_none(row[14]),
            row[15],
            from_day_or_none(row[16]),
            row[17],
            row[18],
            tuple(consents.get(row[0], ())),
            tuple(sessions.get(row[0], ())),
            tuple(plans.get(row[0], ())),
            tuple(told.get(row[0], ())),
        )
        for row in parts.get("referrals", ())
    }


def _by_referral(parts: Mapping[str, list[Row]], name: str, made: Callable[[Row], T]) -> dict[int, list[T]]:
    """Values of one table by the place of their referral; the rows come in the order of their key."""
    found: dict[int, list[T]] = {}
    for row in parts.get(name, ()):
        found.setdefault(row[0], []).append(made(row))
    return found


def _to_consent(row: Row) -> Consent:
    answer, by, capacity, on, how, because, entered_at, entered_by = row[2:]
    return Consent(answer, by, capacity, from_day(on), how, because, from_instant(entered_at), entered_by)


def _to_session(row: Row) -> Session:
    held = (row[2], from_day(row[3]), row[4], from_instant(row[5]), row[6])
    return Session(*held, from_day_or_none(row[7]), row[8], from_ref(row[9]))


def to_screenings(rows: list[Row]) -> dict[str, Screening]:
    """The screenings of a record's rows, by id."""
    return {row[1]: _to_screening(row) for row in rows}


def _to_screening(row: Row) -> Screening:
    _, id_, instrument, score, on, by, entered_at, entered_by, self_harm, voided = row
    entered = (from_instant(entered_at), entered_by)
    return Screening(id_, instrument, score, from_day(on), by, *entered, self_harm, voided)
