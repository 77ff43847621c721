"""History as it is stored: a record's entries, the one written under a key, and all of a school's."""

from collections.abc import Iterator, Sequence
from hmac import compare_digest
from typing import Any

from sqlalchemy import Integer, Select, String, bindparam, literal_column, select

from casework.errors import KeyReused
from casework.model.case import case_id
from casework.model.events import Entry
from casework.store.chain import asked_mac
from casework.store.codec import decode
from casework.store.columns import ID
from casework.store.statements import SCHOOL, Prepared, Statements, Values, of_record
from casework.store.types import from_instant
from casework.store.work import Work, one

PAGE = 200
"""How many entries of a school are read at once."""


def entries(work: Work, school: str, child: str) -> list[Entry]:
    """A record's history, oldest first."""
    who = work.record_of(school, child)
    if who is None:
        return []
    t = work.tables.entries
    prepared = work.statements.get(
        "entries",
        ["school", "no"],
        lambda: _columns(work.statements).where(of_record(t)).order_by(t.c.seq),
    )
    return [_entry(row) for row in work.wire.rows(prepared, who)]


def repeated(work: Work, school: str, child: str, actor: str, idem: str, asked: str) -> Entry | None:
    """The entry which that actor wrote under this idempotency key. Raises `KeyReused` if something else was asked."""
    who = work.record_of(school, child) if idem else None
    if who is None:
        return None
    t = work.tables.entries
    prepared = work.statements.get(
        "repeated",
        ["school", "no", "actor", "idem"],
        lambda: select(t.c.asked, t.c.ring, *_columns(work.statements).selected_columns).where(
            of_record(t),
            t.c.actor == bindparam("actor", type_=String(ID)),
            t.c.idem == bindparam("idem", type_=String(ID)),
            t.c.idem != literal_column("''"),
        ),
    )
    found = one(work.wire.rows(prepared, (*who, actor, idem)))
    if found is None:
        return None
    digest, ring, *said = found
    if digest is not None:
        wanted = asked_mac(work.ring.chain_key(ring), ring, case_id(school, child), asked)
        if not compare_digest(digest, wanted):
            raise KeyReused(idem)
    return _entry(said)


def histories(work: Work, school: str) -> Iterator[tuple[str, Entry]]:
    """Every entry with its child, by child, then seq; read page by page, so that it is never all in memory."""
    row = work.school(school)
    if row is None:
        return
    prepared = _page(work.statements)
    child, seq = "", 0
    while True:
        found = work.wire.rows(prepared, (row.school, child, child, seq, PAGE))
        for child, *said in found:
            yield child, _entry(said)
        if len(found) < PAGE:
            return
        seq = found[-1][1]


def _page(statements: Statements) -> Prepared:
    c, e = statements.tables.cases, statements.tables.entries
    child = bindparam("child", type_=String(ID))
    past = (c.c.child > child) | (
        (c.c.child == bindparam("same", type_=String(ID))) & (e.c.seq > bindparam("seq", type_=Integer))
    )
    return statements.get(
        "page of entries",
        ["school", "child", "same", "seq", "limit"],
        lambda: (
            select(c.c.child, e.c.seq, e.c.at, e.c.actor, e.c.idem, e.c.body)
            .select_from(c.join(e, (e.c.school == c.c.school) & (e.c.no == c.c.no)))
            .where(c.c.school == SCHOOL, past)
            .order_by(c.c.child, e.c.seq)
            .limit(bindparam("limit", type_=Integer))
        ),
    )


def _columns(statements: Statements) -> Select[Any]:
    t = statements.tables.entries
    return select(t.c.seq, t.c.at, t.c.actor, t.c.idem, t.c.body)


def _entry(row: Sequence[object] | Values) -> Entry:
    seq, at, actor, idem, body = row
    return decode(seq, from_instant(at), actor, idem, body)  # type: ignore[arg-type]
