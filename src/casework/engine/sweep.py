"""The sweep: look at every record whose time has come. Safe at any time, any number of times, by several at once.

Emergencies come first, and are settled also where the settings have changed. A record that cannot be looked at is
named in the report, and the others go on.
"""

from datetime import datetime, timedelta

from attrs import define, field
from attrs import evolve as changed

from casework import log
from casework.engine.casework import Casework
from casework.engine.context import Context
from casework.engine.opening import open_school, with_facts
from casework.engine.port import Change, Store
from casework.engine.run import alarm, look
from casework.errors import ClockJumped, CommitUnknown, DatabaseBusy, DatabaseUnusable, TablesDiffer
from casework.model.case import Case
from casework.model.events import Entry, Notified, RuleFailed

CHUNK = 200
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
    settings have changed since they were applied.
    """

    due: int = 0
    settled: int = 0
    written: int = 0
    told: int = 0
    failed: list[tuple[str, str, str]] = field(factory=list)
    broken: list[tuple[str, str, str]] = field(factory=list)
    unapplied: set[str] = field(factory=set)


def sweep(
    casework: Casework, store: Store, *, school: str | None = None, chunk: int = CHUNK, catch_up: bool = False
) -> Swept:
    """Look at everything that is due by now, alarms first, in chunks that commit one by one at the Engine door.

    Raises `ClockJumped`, after the alarms, when something has been due for more than 45 days and ``catch_up`` was not
    said: the clock may be wrong. Raises `NotFound` for a ``school`` that the application does not know.
    """
    if school is not None:
        casework.school(school)
    report = Swept()
    now = casework.clock()
    for alarms in (True, False):
        seen: list[Pair] = []
        while sweep_chunk(
            casework, store, report, now, seen=seen, school=school, limit=chunk, alarms=alarms, catch_up=catch_up
        ):
            pass
    log.info("sweep", due=report.due, settled=report.settled, written=report.written, broken=len(report.broken))
    return report


def sweep_chunk(  # noqa: PLR0913 - the sweep's own loop, and the guest's single chunk
    casework: Casework,
    store: Store,
    report: Swept,
    now: datetime,
    *,
    seen: list[Pair],
    school: str | None,
    limit: int,
    alarms: bool,
    catch_up: bool,
) -> int:
    """Claim, settle and save one chunk in one transaction; returns how many records were claimed.

    ``seen`` collects records that stay due although they were looked at, so that they cannot starve the others.
    """
    try:
        return _chunk(
            casework, store, report, now, seen=seen, school=school, limit=limit, alarms=alarms, catch_up=catch_up
        )
    except (*_OF_ALL, KeyboardInterrupt):
        raise
    except _OneFailed as failed:
        return _name(failed, report, seen)
    except Exception as error:
        if casework.raises or limit == 1:
            raise
        log.warning("sweep_chunk_failed", error=type(error).__name__, limit=limit)
    taken = 0
    for _ in range(limit):
        got = sweep_chunk(
            casework, store, report, now, seen=seen, school=school, limit=1, alarms=alarms, catch_up=catch_up
        )
        taken += got
        if not got:
            break
    return taken


class _OneFailed(Exception):
    """One record's change could not be saved; its transaction was undone."""

    def __init__(self, pair: Pair, error: str) -> None:
        super().__init__(error)
        self.pair = pair
        self.error = error


def _name(failed: _OneFailed, report: Swept, seen: list[Pair]) -> int:
    """Name a record that could not be saved in the report, and pass it over for the rest of the sweep."""
    report.due += 1
    report.broken.append((*failed.pair, failed.error))
    seen.append(failed.pair)
    return 1


def _chunk(  # noqa: PLR0913 - see sweep_chunk
    casework: Casework,
    store: Store,
    report: Swept,
    now: datetime,
    *,
    seen: list[Pair],
    school: str | None,
    limit: int,
    alarms: bool,
    catch_up: bool,
) -> int:
    done = Swept()
    late: list[Pair] = []
    cases: list[Case] = []

    def chunk() -> None:
        nonlocal done, late, cases
        done, late, cases = Swept(), [], []
        cases = store.claim(now, limit=limit, school=school, alarms=alarms, skip=seen)
        if not alarms and not catch_up:
            _check_jump(cases, now)
        changes: dict[str, list[Change]] = {}
        for name in sorted({case.school for case in cases}):
            if name not in casework.schools:
                mine = [case for case in cases if case.school == name]
                done.due += len(mine)
                done.broken += [(name, case.child, "NotFound") for case in mine]
                late += [(name, case.child) for case in mine]
                changes[name] = [_put_off(case, None, now) for case in mine if not alarms]
                continue
            context = open_school(casework, store, name, now, "system", urgent=True)
            changes[name] = _looks(with_facts(context, store, cases), cases, done, late, alarms=alarms)
        for name, found in changes.items():
            store.save(name, found)

    try:
        store.transact(chunk, writing=True)
    except Exception as error:
        if limit == 1 and cases and not casework.raises and not isinstance(error, _OF_ALL):
            raise _OneFailed((cases[0].school, cases[0].child), type(error).__name__) from error
        raise
    seen += late
    _add(report, done)
    return len(cases)


def _check_jump(cases: list[Case], now: datetime) -> None:
    if any(case.wake_at is not None and case.wake_at < now - JUMP for case in cases):
        msg = (
            "something has been due for more than 45 days; if the clock is right say --catch-up (catch_up=True), "
            "else set the clock"
        )
        raise ClockJumped(msg)


def _looks(context: Context, cases: list[Case], done: Swept, late: list[Pair], *, alarms: bool) -> list[Change]:
    name = context.settings.school
    changes = []
    for case in cases:
        if case.school != name:
            continue
        done.due += 1
        try:
            change = look(case, context)
        except Exception as error:
            if context.settings.raise_errors:
                raise
            done.broken.append((name, case.child, type(error).__name__))
            late.append((name, case.child))
            changes += _despite(case, context, done, alarms=alarms)
            continue
        done.settled += 1
        if context.emergencies_only and not alarms:
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
