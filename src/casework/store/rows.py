"""From a case to its rows: what each table of a record holds, in the order of the columns.

A row is ``(school, no, *key, *rest)``; a `Part` makes all after the first two. Lists keep their order by the place
``n``, so that what is loaded never changes an answer. `casework.store.built` goes the other way.
"""

from itertools import starmap

from casework.model.activity import Activity, Concern
from casework.model.case import Case
from casework.model.emergency import Emergency, Notice, OutsideCall
from casework.model.obligation import Obligation
from casework.model.people import Contact
from casework.store.glass_rows import GLASS_PART
from casework.store.move_rows import MOVES
from casework.store.parts import Part, Row
from casework.store.referral_rows import REFERRAL_PARTS, REFERRALS
from casework.store.rows_erasure import erasure_row
from casework.store.rows_protection import PROTECTION_PARTS
from casework.store.rows_school import attendance_of, gathering_row, measure_rows, programme_row, signature_rows
from casework.store.types import (
    to_day,
    to_instant,
    to_instant_or_none,
    to_json,
    to_reason,
    to_ref,
    to_secret,
    to_words,
)


def _implicated(case: Case) -> list[tuple[str, str]]:
    found = {(person, e.id) for e in case.emergencies.values() for person in e.implicated}
    found |= {(person, c.id) for c in case.concern_log.values() for person in c.implicated}
    found |= {(person, r.id) for r in case.referrals.values() for person in r.implicated}
    found |= {(person, h.id) for m in case.moves.values() for h in m.hides for person in h.implicated}
    return sorted(found)


def _contacts(case: Case) -> list[tuple[str, Contact]]:
    return [] if case.card is None else list(case.card.contacts().items())


def _unreached(case: Case) -> list[tuple[int, int, Notice]]:
    return [placed for placed in _notices(case) if placed[2].failed_at is not None]


def _notices(case: Case) -> list[tuple[int, int, Notice]]:
    return [(k, n, x) for k, e in enumerate(case.emergencies.values()) for n, x in enumerate(e.notices)]


def _calls(case: Case) -> list[tuple[int, int, OutsideCall]]:
    return [(k, n, x) for k, e in enumerate(case.emergencies.values()) for n, x in enumerate(e.outside)]


def _contact(n: int, named: tuple[str, Contact]) -> Row:
    slot, c = named
    secrets = (to_secret(c.name), to_secret(c.phone), to_secret(c.address))
    return (n, slot, c.relation, *secrets, c.person, to_day(c.verified_on), int(c.dead))


def _activity(n: int, a: Activity) -> Row:
    return (
        n,
        a.id,
        a.kind,
        to_day(a.on),
        a.by,
        to_instant(a.entered_at),
        a.entered_by,
        int(a.reached),
        to_words(a.met),
        a.mood,
        a.minutes,
        to_json(dict(a.details)),
        a.occasion,
        to_ref(a.note),
        to_ref(a.words),
        a.voided,
    )


def _concern(n: int, c: Concern) -> Row:
    return (
        n,
        c.id,
        c.kind,
        to_day(c.on),
        c.by,
        to_instant(c.entered_at),
        c.severity,
        int(c.observed),
        c.about,
        to_words(c.implicated),
        to_ref(c.note),
        c.voided,
    )


def _obligation(n: int, o: Obligation) -> Row:
    return (
        o.duty,
        o.window,
        n,
        to_day(o.opens),
        to_day(o.due),
        to_day(o.closes),
        o.role,
        o.status,
        to_day(o.on),
        o.by,
        o.because,
        o.trigger,
        o.rule,
    )


def _emergency(n: int, e: Emergency) -> Row:
    return (
        n,
        e.id,
        e.kind,
        to_instant(e.raised_at),
        e.raised_by,
        to_instant(e.since),
        e.state,
        int(e.observed),
        to_words(e.about),
        e.rule,
        to_reason(e.because),
        to_words(e.implicated),
        e.acknowledged_by,
        to_instant_or_none(e.acknowledged_at),
        e.responding_by,
        to_instant_or_none(e.responding_at),
        e.stood_down_by,
        to_instant_or_none(e.stood_down_at),
        e.safe_seen_by,
        to_instant_or_none(e.safe_seen_at),
        e.stood_down_because,
        to_day(e.look_again),
        e.reviewed_by,
        to_instant_or_none(e.reviewed_at),
        to_ref(e.note),
        to_ref(e.lessons),
    )


def _notice(_: int, placed: tuple[int, int, Notice]) -> Row:
    k, n, x = placed
    return (k, x.state, x.step, x.rung, x.role, x.person, n, to_instant(x.at), x.why)


PARTS = (
    Part(
        "spans",
        1,
        1,
        ("spans",),
        lambda c: c.spans,
        lambda n, s: (n, s.kind, to_day(s.since), to_day(s.until), s.because),
    ),
    Part(
        "pairings",
        2,
        1,
        ("pairings",),
        lambda c: c.pairings,
        lambda n, p: (n, p.lead, to_day(p.since), to_day(p.until), p.because, to_words(p.members)),
    ),
    Part("contacts", 4, 1, ("card",), _contacts, _contact, sparse=True),
    Part(
        "marks", 8, 1, ("marks",), lambda c: list(c.marks.values()), lambda n, m: (n, m.id, m.kind, to_day(m.on), m.by)
    ),
    Part("activities", 16, 1, ("activity_log",), lambda c: list(c.activity_log.values()), _activity),
    Part("concerns", 32, 1, ("concern_log",), lambda c: list(c.concern_log.values()), _concern),
    Part("obligations", 64, 2, ("obligations",), lambda c: list(c.obligations.values()), _obligation),
    Part("emergencies", 128, 1, ("emergencies",), lambda c: list(c.emergencies.values()), _emergency),
    Part("notices", 256, 6, ("emergencies",), _notices, _notice, sparse=True),
    Part(
        "calls",
        512,
        2,
        ("emergencies",),
        _calls,
        lambda _, placed: (*placed[:2], placed[2].agency, placed[2].by, to_instant(placed[2].at), placed[2].reference),
        sparse=True,
    ),
    REFERRALS,
    Part(
        "flags",
        2048,
        1,
        ("flags",),
        lambda c: list(c.flags.values()),
        lambda n, f: (n, f.rule, f.code, to_reason(f.because), to_words(f.about)),
    ),
    Part("failures", 4096, 1, ("failures",), lambda c: list(c.failures.items()), lambda n, pair: (n, *pair)),
    Part(
        "implicated",
        8192,
        2,
        ("emergencies", "concern_log", "referrals", "moves"),
        _implicated,
        lambda _, pair: pair,
        sparse=True,
    ),
    *REFERRAL_PARTS,
    Part("gatherings", 1 << 21, 1, ("gathering",), lambda c: [c.gathering] if c.gathering else [], gathering_row),
    Part("attendance", 1 << 22, 1, ("gathering",), attendance_of, lambda _, pair: pair, sparse=True),
    Part("programmes", 1 << 23, 1, ("programmes",), lambda c: list(c.programmes.values()), programme_row),
    Part("measures", 1 << 24, 2, ("activity_log",), measure_rows, lambda _, row: row, sparse=True),
    Part(
        "unreached",
        1 << 29,
        2,
        ("emergencies",),
        _unreached,
        lambda _, placed: (*placed[:2], to_instant_or_none(placed[2].failed_at)),
        sparse=True,
    ),
    Part("signatures", 1 << 25, 2, ("activity_log",), signature_rows, lambda _, row: row, sparse=True),
    GLASS_PART,
    *PROTECTION_PARTS,
    Part(
        "identities",
        1 << 28,
        1,
        ("identity",),
        lambda c: [c.identity] if c.identity else [],
        lambda n, identity: (n, to_ref(identity)),
    ),
    Part("erasures", 1 << 30, 1, ("erasures",), lambda c: list(c.erasures.values()), erasure_row),
    MOVES,
)
"""Every table of a record."""

ASKED_ONLY = frozenset(("implicated", "measures", "signatures"))
"""Tables that say again, for questions, what stands in others; loading leaves them out."""

AWAITED = 1 << 26
"""Set in ``casework_cases.parts`` where ``casework_awaited`` may have rows: see `casework.store.awaited`."""

CASE_COLUMNS = (
    "stage",
    "away",
    "definition",
    "class_",
    "household",
    "boarder",
    "card",
    "lead",
    "emergencies",
    "parts",
)
"""The columns of ``casework_cases`` that follow from the case alone."""


def case_row(case: Case) -> Row:
    """The values of `CASE_COLUMNS`."""
    parts = 0
    for part in PARTS:
        for name in part.fields:
            if getattr(case, name) and (not part.sparse or part.values(case)):
                parts |= part.bit
    if case.awaited:
        parts |= AWAITED
    return (*plain_row(case), sum([e.live for e in case.emergencies.values()]), parts)


def plain_row(case: Case) -> Row:
    """The values of the first of `CASE_COLUMNS`: those that an entry seldom changes."""
    return (
        case.stage,
        case.away,
        case.definition,
        case.class_,
        case.household,
        int(case.boarder),
        int(case.card is not None),
        case.lead,
    )


def all_rows(case: Case) -> dict[str, list[Row]]:
    """Every row of the record by table, without school and number: what `verify` compares with what is stored."""
    return {part.name: list(starmap(part.row, enumerate(part.values(case)))) for part in PARTS}
