"""Does the store still hold what casework wrote? Chains and heads, state against history, sealed text.

What it covers: entries (changed, removed, added, put in another order, cut off at the end), every column of a record's
state, when it is looked at next, sealed text and the keys of children, the row of the school; records that are gone
with all their rows, by the gap that they leave in the numbers, the last ones by the school's seal; an emergency that is
not reviewed, but of which nobody would be told any more, since its alarm or a notice in the outbox is gone.
What it cannot see by itself: a record, a school or the whole database put back to an older copy of itself, and a school
that is gone. That takes an anchor, which an earlier verification gave and which was kept elsewhere. Neither does it
look at tables of which the history says nothing: ``roll`` and ``staff`` (what the last roster said), ``reads`` (who
read sealed text), ``awaited``, ``waiting`` and ``deliveries`` (queues that empty), ``lookups`` and ``indexes`` (what
children are found by, and no more), ``outbox`` but for notices of emergencies that are not reviewed, whether they were
delivered or not.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from sqlalchemy import Integer, bindparam

from casework.engine.evolve import fold
from casework.engine.port import destroyed_refs, sealed_refs
from casework.errors import CaseworkError, CommandRefused, KeyRingError, Tampered
from casework.model.case import Case, case_id
from casework.model.erasure_events import Erased
from casework.model.events import Applied, Entry
from casework.model.move import INTO, OF
from casework.store.anchor import Anchor
from casework.store.built import build
from casework.store.chain import HMAC_SHA256, START, entry_mac, head_mac
from casework.store.codec import decode
from casework.store.findings import BROKEN, Finding, Report, of_school
from casework.store.load import HEAD_COLUMNS, part_rows, rows_of
from casework.store.parts import Row
from casework.store.presence import changed_schools, gone, lost, strays, told
from casework.store.rows import AWAITED, CASE_COLUMNS, PARTS, all_rows, case_row
from casework.store.sealed import ChildKey
from casework.store.sql import SqlStore
from casework.store.statements import SCHOOL, Values, padded
from casework.store.types import from_instant, to_instant
from casework.store.work import SchoolRow, Work, head_columns

__all__ = ["Anchor", "Finding", "Report", "verify"]

PAGE = 64
"""How many records are looked at together."""


def verify(store: SqlStore, school: str, *, folding: bool = True, anchor: Anchor | None = None) -> Report:
    """Check the records of a school; ``folding=False`` checks the chain alone, which is much faster.

    Roll, staff, readings, what is awaited, and the outbox but for unreviewed emergencies are not covered:
    docs/storage.md says why.
    ``anchor`` is the `Report.anchor` of an earlier verification, kept elsewhere: what it knows must still be there.
    Raises `CommandRefused` for one of another school.
    """
    if anchor is not None and anchor.school != school:
        raise CommandRefused(f"the anchor is of the school {anchor.school}, not of {school}; give the right one")
    past: Mapping[int, Mark] = {} if anchor is None else anchor.records
    found: dict[int, Mark] = {}
    records = entries = 0
    findings: list[Finding] = []
    with store.read():
        work = store.work
        row = work.school(school)
        findings += [*lost(work, school), *changed_schools(work, school)]
        if row is not None:
            findings += strays(work, school, row)
            sent = told(work, row) if folding else {}
            last = -1
            while heads := _heads(work, row, last):
                findings += gone(school, row, last, [head[1] for head in heads])
                last = heads[-1][1]
                records += len(heads)
                histories = _by_record(work, "entries", heads)
                entries += sum(map(len, histories.values()))
                _page(work, school, heads, histories, past, sent, findings, folding=folding)
                found |= {no: (len(history), history[-1][-1]) for (_, no), history in histories.items()}
            findings += gone(school, row, last, ())
            if last > row.last_no:
                findings.append(of_school(school, "casework_schools.last_no is lower than the last record's number"))
    for no in sorted(set(past) - set(found)):
        findings.append(of_school(school, f"record {no} is gone: the anchor knows {past[no][0]} entries of it"))
    return Report(records, entries, tuple(findings), Anchor(school, found))


Find = Callable[..., None]

Mark = tuple[int, bytes]
"""How many entries a record has, and the mark of the last."""


def _page(
    work: Work,
    school: str,
    heads: Sequence[Row],
    histories: Mapping[tuple[int, int], list[Values]],
    past: Mapping[int, Mark],
    sent: Mapping[int, AbstractSet[tuple[str, str, int]]],
    findings: list[Finding],
    *,
    folding: bool,
) -> None:
    if folding:
        parts = part_rows(work, heads, PARTS, trusting=False)
        sealed, keys = _by_record(work, "sealed", heads), _by_record(work, "keys", heads)
    for head in heads:
        who, child = (head[0], head[1]), head[3]

        def find(what: str, seq: int | None = None, child: str = child) -> None:
            findings.append(Finding(school, child, case_id(school, child), seq, what))

        history = histories.get(who, [])
        uuid = head[_UUID]
        if uuid != case_id(school, child).bytes:
            find("its public id is not that of its child")
        _chain(work, case_id(school, child), head, history, find)
        _since(past.get(head[1]), history, find)
        if folding:
            entries = _decoded(history, find)
            _state(school, head, parts[who], entries, sent, find)
            _texts(work, (school, child), keys.get(who, []), sealed.get(who, []), entries, find)
            if not child:
                _settings(work, school, entries, find)


def _since(past: Mark | None, history: Sequence[Values], find: Find) -> None:
    """Whether the history goes on from where the anchor saw it."""
    if past is None:
        return
    count, mark = past
    if len(history) < count or history[count - 1][-1] != mark:
        find(f"it was put back or written anew: the anchor knows {count} entries that are not these", count)


def _chain(work: Work, case: UUID, head: Row, history: Sequence[Values], find: Find) -> None:
    """The marks of the entries, one after the other, and the head."""
    before = START
    ring = None
    for place, (seq, at, actor, idem, asked, alg, ring, body, mac) in enumerate(history, 1):
        if seq != place:
            find(f"entry {place} is missing", place)
            return
        if alg != HMAC_SHA256:
            find("it is marked by an algorithm that this release does not know", seq)
            return
        try:
            wanted = entry_mac(work.ring.chain_key(ring), ring, case, (seq, at, actor, idem, asked, body), before)
        except KeyRingError as error:
            find(str(error), seq)
            return
        except BROKEN:
            wanted = b""
        if mac != wanted:
            find("it was changed, or stood elsewhere", seq)
            return
        before = mac
    version = head[4]
    if version != len(history) or ring is None:
        find(f"there are {len(history)} entries where {version} were written", len(history) or None)
    elif not _sealed(work, case, head, before):
        find("its sealed head does not fit its last entry, its next look and its alarm", version)


def _sealed(work: Work, case: UUID, head: Row, last: bytes) -> bool:
    """Whether some key of the ring made the head: a look may have been written with a newer one than the last entry."""
    looks, version = (head[_WAKE], head[_ALARM]), head[4]
    try:
        return any(
            head[_SEAL] == head_mac(work.ring.chain_key(number), number, case, version, last, looks)
            for number in work.ring.numbers
        )
    except BROKEN:
        return False


def _decoded(history: Sequence[Values], find: Find) -> list[Entry]:
    found = []
    for seq, at, actor, idem, _, _, _, body, _ in history:
        try:
            found.append(decode(seq, from_instant(at), actor, idem, body))
        except BROKEN as error:
            find(str(error) if isinstance(error, Tampered) else "it cannot be read", seq)
    return found


def _state(
    school: str,
    head: Row,
    parts: dict[str, list[Row]],
    entries: list[Entry],
    sent: Mapping[int, AbstractSet[tuple[str, str, int]]],
    find: Find,
) -> None:
    """What is stored of the record against what its history says."""
    child = head[3]
    try:
        case = fold(Case(school, child), entries)
        wanted, state = all_rows(case), case_row(case)
    except BROKEN:
        find("its history does not fold into a record")
        return
    unreviewed = [emergency for emergency in case.emergencies.values() if emergency.state != "reviewed"]
    if unreviewed and head[_ALARM] is None:
        find("an emergency is not reviewed and has no alarm: nobody would be told of it any more")
    notices = {(one.role, one.person, to_instant(one.at)) for each in unreviewed for one in each.notices if one.person}
    merged = any(move.kind in {INTO, OF} for move in case.moves.values())
    known = set().union(*sent.values()) if merged else sent.get(head[1], set())
    if missing := notices - known:
        find(f"{len(missing)} notices of an emergency that is not reviewed are not in casework_outbox, to be sent")
    stored = dict(zip(CASE_COLUMNS, head[5:], strict=False))
    if type(stored["parts"]) is int:
        stored["parts"] &= ~AWAITED
    wrong = [name for name, value in zip(CASE_COLUMNS, state, strict=True) if not _same(stored[name], value)]
    if wrong:
        find(f"casework_cases says otherwise than its history: {', '.join(wrong)}")
    wrong = [part.name for part in PARTS if not _alike(parts.get(part.name, []), wanted[part.name])]
    if wrong:
        find(f"its rows say otherwise than its history: {', '.join(wrong)}")
    try:
        built = build(school, head[3:_SEAL], parts)
    except BROKEN:
        find("its rows cannot be read")
        return
    if built != case and not wrong:
        find("what is loaded differs from what its history says")


def _same(stored: object, wanted: object) -> bool:
    return stored == wanted and type(stored) is type(wanted)


def _same_row(stored: Row, wanted: Row) -> bool:
    return stored == wanted and list(map(type, stored)) == list(map(type, wanted))


def _alike(stored: Sequence[Row], wanted: Sequence[Row]) -> bool:
    """Whether two lists of rows are the same but for their order."""
    if len(stored) == len(wanted) and all(map(_same_row, stored, wanted)):
        return True

    def marked(rows: Sequence[Row]) -> Counter[tuple[object, ...]]:
        return Counter((*row, *map(type, row)) for row in rows)

    return marked(stored) == marked(wanted)


def _texts(
    work: Work, who: tuple[str, str], keys: Sequence[Values], sealed: Sequence[Values], entries: list[Entry], find: Find
) -> None:
    """Every text that the history refers to since the last erasure is there and opens, and so does every other."""
    said = set[str]()
    for event in (event for entry in entries for _, event in entry.events):
        if isinstance(event, Erased):
            said.clear()
        else:
            said.update(sealed_refs(event))
            said.difference_update(destroyed_refs(event))
    missing = said - {row[0].hex() for row in sealed}
    if missing:
        find(f"{len(missing)} sealed texts that its history refers to are gone")
    if not keys:
        if sealed:
            find("the key to its sealed texts is gone")
        return
    try:
        key = ChildKey.unwrap(work.ring_with(keys[0][0]), *who, *keys[0])
        for ref, kind, nonce, ciphertext in sealed:
            key.open(kind, ref, nonce, ciphertext)
    except BROKEN as error:
        find(str(error) if isinstance(error, CaseworkError) else "its sealed texts cannot be read")


def _settings(work: Work, school: str, entries: list[Entry], find: Find) -> None:
    applied = [event for entry in entries for _, event in entry.events if isinstance(event, Applied)]
    row = work.school(school)
    try:
        stored = row.applied if row else None
    except BROKEN:
        find("the settings in casework_schools cannot be read")
        return
    if stored != (applied[-1] if applied else None):
        find("casework_schools says otherwise than what was applied last")


def _heads(work: Work, row: SchoolRow, past: int) -> Sequence[Values]:
    """The next records by number: `head_columns`, then the head and the public id."""
    c = work.tables.cases
    prepared = work.statements.get(
        "heads to verify",
        ["school", "past", "limit"],
        lambda: (
            head_columns(work.statements, *HEAD_COLUMNS)
            .add_columns(c.c.head, c.c.uuid)
            .where(c.c.school == SCHOOL, c.c.no > bindparam("past", type_=Integer))
            .order_by(c.c.no)
            .limit(bindparam("limit", type_=Integer))
        ),
    )
    return work.wire.rows(prepared, (row.school, past, PAGE))


_SEAL = 3 + 2 + len(CASE_COLUMNS) + 2
_UUID = _SEAL + 1
_ALARM = _SEAL - 1
_WAKE = _SEAL - 2


def _by_record(work: Work, table: str, heads: Sequence[Row]) -> dict[tuple[int, int], list[Values]]:
    """The rows of a table that is no part of the state, by record, in the order of their key."""
    found: dict[tuple[int, int], list[Values]] = {}
    for some in padded([head[1] for head in heads]):
        prepared = rows_of(work.statements, table, len(some))
        for row in work.wire.rows(prepared, (heads[0][0], *some)):
            found.setdefault((row[0], row[1]), []).append(tuple(row[2:]))
    return found
