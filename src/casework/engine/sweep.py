"""The sweep: look at every record whose time has come. Safe at any time, any number of times, by several at once.

Emergencies come first, and are settled also where the settings have changed. A record that cannot be looked at is
named in the report, and the others go on.
"""

from datetime import datetime, timedelta
from functools import partial

from attrs import define, field, frozen
from attrs import evolve as changed

from casework import log
from casework.engine.casework import Casework, check_pair
from casework.engine.context import Context
from casework.engine.erasing import erase_again
from casework.engine.opening import open_school, with_facts
from casework.engine.port import Change, Shard, Store
from casework.engine.run import alarm, look
from casework.engine.world_faults import with_faults_of_worlds
from casework.errors import (
    ClockJumped,
    CommitUnknown,
    DatabaseBusy,
    DatabaseUnusable,
    TablesDiffer,
    WrongValue,
    check_kind,
)
from casework.model.case import Case
from casework.model.events import Entry, Notified, RuleFailed
from casework.model.people import Principal

CHUNK = 50
JUMP = timedelta(days=45)
PUT_OFF = timedelta(days=1)
Pair = tuple[str, str]

_OF_ALL = (ClockJumped, CommitUnknown, DatabaseBusy, DatabaseUnusable, TablesDiffer)
"""What no record is to blame for, so that looking at them one by one would not help."""


@define
class Swept:
    """What a sweep did; ``due`` = ``settled`` + the number of ``broken`` adds up.

    ``written`` counts entries of history, ``told`` rows of the outbox; ``failed`` are rules that raised (school, child,
    rule), ``broken`` records that could not be looked at (school, child, type of error), ``unapplied`` schools whose
    settings have changed since they were applied, ``erased`` how many children were erased again after a backup that
    still held them was restored.
    """

    due: int = 0
    settled: int = 0
    written: int = 0
    told: int = 0
    failed: list[tuple[str, str, str]] = field(factory=list)
    broken: list[tuple[str, str, str]] = field(factory=list)
    unapplied: set[str] = field(factory=set)
    erased: int = 0


@frozen
class Sweep:
    """One sweep under way: whose records, due by when, how many at once, alarms or looks.

    ``school=None`` is all schools; ``catch_up`` believes the clock although something has been due for long. ``report``
    is added to; ``seen`` collects records that stay due although they were looked at, so that they starve no others.
    """

    casework: Casework
    store: Store
    now: datetime
    school: str | None
    limit: int
    alarms: bool
    catch_up: bool = False
    shard: Shard | None = None
    report: Swept = field(factory=Swept)
    seen: list[Pair] = field(factory=list)


def sweep(
    casework: Casework,
    store: Store,
    *,
    school: str | None = None,
    chunk: int = CHUNK,
    catch_up: bool = False,
    shard: int | None = None,
    of: int = 1,
) -> Swept:
    """Look at everything that is due by now, alarms first, in chunks that commit one by one at the Engine door.

    ``shard=k, of=n`` keeps to the k-th (from 0) of n parts of all schools, for a sweeper of its own for each part;
    several sweepers may also go over the same schools, and each record is still settled once.

    Raises `ClockJumped`, after the alarms, when something has been due for more than 45 days and ``catch_up`` was not
    said: the clock may be wrong. Raises `NotFound` for a ``school`` that the application does not know, `WrongValue` or
    `WrongType` for a shard that is none.
    """
    check_pair(casework, store)
    if school is not None:
        casework.school(school)
    part = _part(shard, of)
    report = Swept()
    now = casework.clock()
    for alarms in (True, False):
        one = Sweep(casework, store, now, school, chunk, alarms, catch_up, part, report)
        while sweep_chunk(one):
            pass
        if alarms:
            _erase_again(casework, store, school, now, report)
    log.info("sweep", due=report.due, settled=report.settled, written=report.written, broken=len(report.broken))
    return report


def _erase_again(casework: Casework, store: Store, school: str | None, now: datetime, report: Swept) -> None:
    """Erase whatever a restored copy of the database brought back, each child in a transaction of its own.

    Nothing is asked of the database while the ring knows of no erasure.
    """
    with store.read():
        found = store.restored(school)
    for name, child in found:
        try:
            store.transact(partial(erase_again, casework, store, name, child, now), writing=True)
        except (*_OF_ALL, KeyboardInterrupt):
            raise
        except Exception as error:
            if casework.raises:
                raise
            report.due += 1
            report.broken.append((name, child, type(error).__name__))
        else:
            report.erased += 1


def _part(shard: int | None, of: int) -> Shard | None:
    """The part of the schools that was asked for, None for all of them."""
    for name, given in (("shard=", 0 if shard is None else shard), ("of=", of)):
        check_kind(None if isinstance(given, bool) else given, int, name, "a whole number")
    if shard is None and of != 1:
        raise WrongValue(
            f"of={of} without shard= would sweep every school: give shard=0 to shard={of - 1}, one for each sweeper; "
            "or leave of= away"
        )
    return None if shard is None else Shard(shard, of)


def sweep_chunk(one: Sweep) -> int:
    """Claim, settle and save one chunk in one transaction; returns how many records were claimed."""
    try:
        return _chunk(one)
    except (*_OF_ALL, KeyboardInterrupt):
        raise
    except _OneFailed as failed:
        return _name(failed, one)
    except Exception as error:
        if one.casework.raises or one.limit == 1:
            raise
        log.warning("sweep_chunk_failed", error=type(error).__name__, limit=one.limit)
    taken = 0
    single = changed(one, limit=1)
    while taken < one.limit and sweep_chunk(single):
        taken += 1
    return taken


class _OneFailed(Exception):
    """One record's change could not be saved; its transaction was undone."""

    def __init__(self, pair: Pair, error: str) -> None:
        super().__init__(error)
        self.pair = pair
        self.error = error


def _name(failed: _OneFailed, one: Sweep) -> int:
    """Name a record that could not be saved in the report, and pass it over for the rest of the sweep."""
    one.report.due += 1
    one.report.broken.append((*failed.pair, failed.error))
    one.seen.append(failed.pair)
    return 1


def _chunk(one: Sweep) -> int:
    done = Swept()
    late: list[Pair] = []
    cases: list[Case] = []

    def chunk() -> None:
        nonlocal done, late, cases
        done, late, cases = Swept(), [], []
        cases = one.store.claim(
            one.now, limit=one.limit, school=one.school, alarms=one.alarms, skip=one.seen, shard=one.shard
        )
        if not one.alarms and not one.catch_up:
            _check_jump(cases, one.now)
        changes: dict[str, list[Change]] = {}
        for name in sorted({case.school for case in cases}):
            mine = [case for case in cases if case.school == name]
            if one.casework.find(name) is None:
                done.due += len(mine)
                done.broken += [(name, case.child, "NotFound") for case in mine]
                late += [(name, case.child) for case in mine]
                changes[name] = [_put_off(case, None, one.now) for case in mine if not one.alarms]
                continue
            context = open_school(one.casework, one.store, name, one.now, Principal.system().id, urgent=True)
            changes[name] = _looks(one, with_facts(context, one.store, mine), mine, done, late)
        for name, found in changes.items():
            one.store.save(name, found)

    try:
        one.store.transact(chunk, writing=True)
    except Exception as error:
        if one.limit == 1 and cases and not one.casework.raises and not isinstance(error, _OF_ALL):
            raise _OneFailed((cases[0].school, cases[0].child), type(error).__name__) from error
        raise
    one.seen.extend(late)
    _add(one.report, done)
    return len(cases)


def _check_jump(cases: list[Case], now: datetime) -> None:
    if any(case.wake_at is not None and case.wake_at < now - JUMP for case in cases):
        msg = (
            "something has been due for more than 45 days; if the clock is right say --catch-up (catch_up=True), "
            "else set the clock"
        )
        raise ClockJumped(msg)


def _looks(one: Sweep, context: Context, cases: list[Case], done: Swept, late: list[Pair]) -> list[Change]:
    name = context.settings.school
    changes = []
    for case in cases:
        done.due += 1
        try:
            change = with_faults_of_worlds(look(case, context), one.store, context, one.casework.worlds)
        except Exception as error:
            if context.settings.raise_errors:
                raise
            done.broken.append((name, case.child, type(error).__name__))
            late.append((name, case.child))
            changes += _despite(case, context, done, alarms=one.alarms)
            continue
        done.settled += 1
        if context.emergencies_only and not one.alarms:
            done.unapplied.add(name)
            change = _put_off(case, change, context.at)
        if change is None:
            late.append((name, case.child))
            continue
        changes.append(change)
        if change.entry is not None:
            _count(done, name, case.child, change.entry)
            done.told += len(change.outgoing)
    return changes


def _despite(case: Case, context: Context, done: Swept, *, alarms: bool) -> list[Change]:
    """What is done about a record that cannot be looked at: its ladder climbs, and it is asked again tomorrow."""
    if not alarms:
        return [_put_off(case, None, context.at)]
    try:
        change = alarm(case, context)
    except Exception as error:  # noqa: BLE001 - named in the report already; the next sweep tries again
        log.warning("ladder_failed", school=case.school, child=case.child, error=type(error).__name__)
        return []
    if change is None:
        return []
    if change.entry is not None:
        _count(done, case.school, case.child, change.entry)
        done.told += len(change.outgoing)
    return [change]


def _put_off(case: Case, change: Change | None, at: datetime) -> Change:
    """While settings wait to be applied a record is asked again tomorrow, or at its next alarm; applying wakes it."""
    if change is None:
        change = Change(case, case, None, None, case.alarm_at)
    tomorrow = at + PUT_OFF
    return changed(change, wake_at=min(tomorrow, change.alarm_at or tomorrow))


def _count(done: Swept, school: str, child: str, entry: Entry) -> None:
    done.written += 1
    for _, event in entry.events:
        if isinstance(event, RuleFailed):
            done.failed.append((school, child, event.rule))
            log.warning("rule_failed", school=school, child=child, rule=event.rule, error=event.error)
        elif isinstance(event, Notified):
            log.info("notified", school=school, child=child, emergency=event.id, role=event.role, step=event.step)


def _add(report: Swept, done: Swept) -> None:
    report.due += done.due
    report.settled += done.settled
    report.written += done.written
    report.told += done.told
    report.failed += done.failed
    report.broken += done.broken
    report.unapplied |= done.unapplied
