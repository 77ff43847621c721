"""Saving: what differs between before and after, in a constant number of statements for any number of records.

The versioned UPDATE of ``casework_cases`` goes first, so that a stale record is found before anything else is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field
from sqlalchemy import String, Table, func, literal_column, select

from casework.engine.port import Change
from casework.engine.post import WAITING
from casework.errors import CommandRefused, StaleCase
from casework.model.case import Case
from casework.model.events import Applied, Entry
from casework.store.awaited import call, taken_up
from casework.store.chain import HMAC_SHA256, START, Looks, asked_mac, entry_mac, head_mac, school_mac
from casework.store.codec import encode
from casework.store.erasing import destroy
from casework.store.lookups import follow
from casework.store.parts import Part, Row
from casework.store.rows import CASE_COLUMNS, PARTS, case_row, plain_row
from casework.store.shapes import ref_text
from casework.store.statements import Values
from casework.store.tables import Tables
from casework.store.types import to_day, to_instant, to_instant_or_none, to_json
from casework.store.work import SAID, Known, SchoolRow, Witness, Work

KEYED = ("school", "no", "version")
MOVED = ("version", "emergencies", "parts", "wake_at", "alarm_at", "head")
"""What nearly every entry changes; the rest of the row, and its indexes, is left alone when it did not change."""
WHOLE = ("version", *CASE_COLUMNS, "wake_at", "alarm_at", "head")
LOOKED = ("wake_at", "alarm_at", "head")
_PLAIN = len(CASE_COLUMNS) - 2

_ORDER = ("deletes", "updates", "inserts")


@define(eq=False)
class Batch:
    """Rows to write, by table and kind of change."""

    deletes: dict[str, list[Values]] = field(factory=dict)
    updates: dict[str, list[Values]] = field(factory=dict)
    inserts: dict[str, list[Values]] = field(factory=dict)

    def differ(self, part: Part, who: tuple[int, int], before: Sequence[Any], after: Sequence[Any]) -> None:
        """Note what makes the rows of ``before`` those of ``after``."""
        shared = min(len(before), len(after))
        for n in range(shared):
            old, new = before[n], after[n]
            if old is new or old == new:
                continue
            was, now = part.row(n, old), part.row(n, new)
            if was[: part.key] != now[: part.key]:
                self.deletes.setdefault(part.name, []).append((*who, *was[: part.key]))
                self.inserts.setdefault(part.name, []).append((*who, *now))
            elif was != now:
                self.updates.setdefault(part.name, []).append((*now[part.key :], *who, *now[: part.key]))
        for n in range(shared, len(before)):
            self.deletes.setdefault(part.name, []).append((*who, *part.row(n, before[n])[: part.key]))
        for n in range(shared, len(after)):
            self.inserts.setdefault(part.name, []).append((*who, *part.row(n, after[n])))

    def add(self, table: str, row: Values) -> None:
        """Note a row to insert."""
        self.inserts.setdefault(table, []).append(row)


def save(work: Work, school: str, changes: Sequence[Change]) -> None:
    """Write the changes. Raises `StaleCase`; then the caller undoes what little was written."""
    work.find(school, [change.after.child for change in changes])
    stale = [change.after.child for change in changes if _version(work, change.after) != change.before.version]
    if stale:
        raise StaleCase(f"changed since it was loaded: {', '.join(stale)}; load again and repeat the command")
    row = known_school(work, school)
    said = _applied(changes)
    if (said is not None or any(map(_makes_one, changes))) and work.hold(school):
        row = known_school(work, school)
    work.check_settings(school)
    known, last_no = _numbered(work, school, row, changes)
    if said is not None or last_no != row.last_no:
        row = _keep_school(work, school, row, evolve(row, last_no=last_no, said=said or row.said))
    batch = Batch()
    moved: list[Values] = []
    whole: list[Values] = []
    looked: list[Values] = []
    done: list[tuple[int, int]] = []
    entered: list[tuple[Change, tuple[int, int]]] = []
    for change in changes:
        child = change.after.child
        if child not in known:
            continue
        who = (row.school, known[child].no)
        looks = (to_instant_or_none(change.wake_at), to_instant_or_none(change.alarm_at))
        if change.entry is None:
            head = _head(work, change.after, known[child].mac or START, looks)
            looked.append((*looks, head, *who, change.before.version))
        else:
            entered.append((change, who))
            mac = _enter(work, batch, who, change, change.entry, known[child].mac or START)
            head = _head(work, change.after, mac, looks)
            known[child] = Known(known[child].no, change.after.version, mac)
            work.witness = Witness("entries", (*who, change.entry.seq), "mac", mac)
            now = case_row(change.after)
            if not change.before.version:
                batch.add("cases", (*who, child, change.after.id.bytes, 1, *now, *looks, head))
            elif plain_row(change.before) == now[:_PLAIN]:
                moved.append((change.after.version, *now[_PLAIN:], *looks, head, *who, change.before.version))
            else:
                whole.append((change.after.version, *now, *looks, head, *who, change.before.version))
        _tell(batch, who, change)
        if change.before.awaited and not change.after.awaited:
            done.append(who)
    _write_cases(work, ((LOOKED, looked), (MOVED, moved), (WHOLE, whole)))
    _write(work, batch)
    follow(work, entered)
    destroy(work, entered)
    taken_up(work, done)
    _call(work, row, known, changes)
    work.known.update(((school, child), record) for child, record in known.items())


def _call(work: Work, row: SchoolRow, known: Mapping[str, Known], changes: Iterable[Change]) -> None:
    """Let the records that a gathering names take up what it says of them; those that do not exist have nothing to."""
    for change in changes:
        if change.awaiting and change.entry is not None:
            number = known[change.after.child].no
            call(work, row.school, number, change.awaiting, to_instant(change.entry.at))


def _tell(batch: Batch, who: tuple[int, int], change: Change) -> None:
    """Note the rows of the outbox."""
    for outgoing in change.outgoing:
        said = (outgoing.topic, outgoing.role, outgoing.person, who[1], to_instant(outgoing.at))
        batch.add("outbox", (who[0], outgoing.key, *said, to_json(dict(outgoing.facts)), WAITING))
        batch.add("waiting", (who[0], int(outgoing.urgent), outgoing.person, outgoing.key, said[-1]))


def _makes_one(change: Change) -> bool:
    """Whether there is no record yet."""
    return not change.before.version and change.entry is not None


def _version(work: Work, case: Case) -> int:
    known = work.known[case.school, case.child]
    return known.version if known else 0


def _new_school(work: Work, school: str) -> SchoolRow:
    work.hold(school)
    found = work.school(school)
    if found is not None:
        return found
    t = work.tables.schools
    highest = work.statements.get(
        "highest school", (), lambda: select(func.coalesce(func.max(t.c.school), literal_column("0")))
    )
    row = _sealed(work, school, SchoolRow(work.wire.rows(highest)[0][0] + 1, 0, None, b""))
    insert(work, t, [(row.school, school, row.last_no, *_NOTHING_SAID, row.head)])
    work.keep(school, row)
    return row


def school_head(work: Work, name: str, row: SchoolRow, ring: int) -> bytes:
    """The sealed head of a school, under that key of the ring."""
    said = _NOTHING_SAID if row.said is None else row.said
    return school_mac(work.ring.chain_key(ring), ring, row.school, name, row.last_no, *said)


def _sealed(work: Work, name: str, row: SchoolRow) -> SchoolRow:
    return evolve(row, head=school_head(work, name, row, work.ring.number))


def _keep_school(work: Work, name: str, before: SchoolRow, after: SchoolRow) -> SchoolRow:
    """Write what has become of the school's row. Raises `StaleCase` if somebody else has written it meanwhile."""
    if after == before:
        return before
    after = _sealed(work, name, after)
    prepared = work.statements.update(work.tables.schools, ["last_no", *SAID, "head"], ["school", "head"])
    said = _NOTHING_SAID if after.said is None else after.said
    if work.wire.many(prepared, [(after.last_no, *said, after.head, after.school, before.head)]) != 1:
        raise StaleCase("somebody else made a record or applied settings meanwhile; load again and repeat the command")
    work.keep(name, after)
    if name in work.asked:
        work.asked[name] = after.said
    return after


def known_school(work: Work, school: str) -> SchoolRow:
    """The school's row, made if there is none yet."""
    return work.school(school) or _new_school(work, school)


def _numbered(work: Work, school: str, row: SchoolRow, changes: Sequence[Change]) -> tuple[dict[str, Known], int]:
    """The records by child, new ones with the next numbers, and the last of these.

    An idle look at a record that does not exist is dropped.
    """
    known: dict[str, Known] = {}
    last = row.last_no
    for change in changes:
        child = change.after.child
        found = work.known[school, child]
        if found is not None:
            known[child] = found
        elif change.entry is not None:
            last += bool(child)
            known[child] = Known(last if child else 0, 0, START)
    return known, last


def _head(work: Work, case: Case, last: bytes, looks: Looks) -> bytes:
    """The sealed head of a record as it is now."""
    number = work.ring.number
    return head_mac(work.ring.chain_key(number), number, case.id, case.version, last, looks)


def _enter(work: Work, batch: Batch, who: tuple[int, int], change: Change, entry: Entry, last: bytes) -> bytes:
    """Note the entry, what it changed and the text that it refers to; returns its mark."""
    before, after = change.before, change.after
    number = work.ring.number
    key = work.ring.chain_key(number)
    case, body = after.id, encode(entry)
    asked = asked_mac(key, number, case, change.asked) if change.asked else None
    said = (entry.seq, to_instant(entry.at), entry.actor, entry.idem, asked)
    mac = entry_mac(key, number, case, (*said, body), last)
    batch.add("entries", (*who, *said, HMAC_SHA256, number, body, mac))
    for part in PARTS:
        if any(getattr(before, name) is not getattr(after, name) for name in part.fields):
            batch.differ(part, who, part.values(before), part.values(after))
    _seal(work, batch, who, after, said, body.decode())
    return mac


def _seal(work: Work, batch: Batch, who: tuple[int, int], case: Case, entry: Values, body: str) -> None:
    """Note the waiting texts that the entry refers to; what was sealed for a refused command stays unwritten.

    The child's key is kept for an entry with an idempotency key even where it refers to none: asked again, references
    are the same.
    """
    waiting = work.pending.get((case.school, case.child), ())
    said = [text for text in waiting if ref_text(text.ref.hex()) in body]
    _, at, _, _, asked = entry
    if not said and not (asked is not None and waiting):
        return
    key = work.keys[case.school, case.child]
    if key.wrapped is None:
        key = evolve(key.under(work.freshen()), since=at if key.secret else 0)
        stored = key.stored(work.ring)
        work.keys[case.school, case.child] = evolve(key, wrapped=stored[1])
        batch.add("keys", (*who, *stored))
    for text in said:
        batch.add("sealed", (*who, text.ref, text.kind, *key.seal(text.kind, text.ref, text.text)))


def _write_cases(work: Work, kinds: Iterable[tuple[Sequence[str], list[Values]]]) -> None:
    for columns, rows in kinds:
        if rows:
            matched = work.wire.many(work.statements.update(work.tables.cases, columns, KEYED), rows)
            if matched != len(rows):
                raise StaleCase("somebody else changed a record since it was loaded; load again and repeat the command")


def _write(work: Work, batch: Batch) -> None:
    for kind in _ORDER:
        by_table: Mapping[str, list[Values]] = getattr(batch, kind)
        for name in _TABLES:
            rows = by_table.get(name)
            if rows:
                _run(work, kind, name, rows)


def _run(work: Work, kind: str, name: str, rows: list[Values]) -> None:
    table: Table = getattr(work.tables, name)
    if kind == "inserts":
        insert(work, table, rows, ignoring=name in _ONCE)
        return
    part = _PARTS[name]
    columns = work.statements.columns(table)[2:]
    key = ["school", "no", *columns[: part.key]]
    if kind == "deletes":
        work.wire.many(work.statements.delete(table, key), rows)
    else:
        work.wire.many(work.statements.update(table, columns[part.key :], key), rows)


def insert(work: Work, table: Table, rows: list[Values], *, ignoring: bool = False) -> None:
    """Insert rows given in the order of the table's columns; ``ignoring`` leaves those that are there already."""
    work.wire.many(work.statements.insert(table, ignoring=ignoring), rows)


def check_lengths(tables: Tables, changes: Iterable[Change]) -> None:
    """Raise `CommandRefused` for text that is longer than its column, saying which."""
    for change in changes:
        case, entry = change.after, change.entry
        _check(tables.cases, (0, 0, case.child, b"", 0, *case_row(case)))
        if entry is not None:
            _check(tables.entries, (0, 0, entry.seq, 0, entry.actor, entry.idem))
        for part in PARTS:
            for n, value in enumerate(part.values(case)):
                _check(getattr(tables, part.name), (0, 0, *part.row(n, value)))
        for told in change.outgoing:
            _check(tables.outbox, (0, told.key, told.topic, told.role, told.person))


def _check(table: Table, row: Row) -> None:
    for column, value in zip(table.c, row, strict=False):
        longest = column.type.length if isinstance(column.type, String) else None
        if longest and isinstance(value, str) and len(value) > longest:
            raise CommandRefused(f"{column.name} has {len(value)} characters; at most {longest} can be stored")


def _applied(changes: Sequence[Change]) -> Values | None:
    """What the school runs on from now on, as columns; None where that is not said."""
    applied = [
        event
        for change in changes
        if not change.after.child and change.entry is not None
        for _, event in change.entry.events
        if isinstance(event, Applied)
    ]
    if not applied:
        return None
    last = applied[-1]
    started = to_json({duty: to_day(day) for duty, day in last.started.items()})
    return last.policy, last.calendar, last.rules, to_day(last.on), started


_NOTHING_SAID = ("", "", "", None, "")
_PARTS = {part.name: part for part in PARTS}
_TABLES = ("cases", *_PARTS, "entries", "keys", "sealed", "outbox", "waiting")
_ONCE = frozenset(("sealed", "outbox", "waiting"))
"""Tables where a row that is there already says all: nobody is told twice, the same text is kept once."""
