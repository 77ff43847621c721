"""Delivery: every notice that was written goes to its person, at least once, in order, and under one id.

Like a sweep it is safe at any time, any number of times, by several at once. A letter is claimed until an instant, with
a number that the database gives; whoever was held up for longer finds the number gone, and can mark nothing. While a
sink talks to the network no transaction is open.
"""

from collections.abc import Mapping, Sequence

from casework import log
from casework.engine.casework import Casework, check_pair
from casework.engine.delivery import Delivered, Pace, Round
from casework.engine.digest import Hours
from casework.engine.opening import open_school, with_facts
from casework.engine.packing import pack_calm, pack_urgent
from casework.engine.port import Change, Outgoing, Store
from casework.engine.post import DEAD, DELIVERED, SENDING, WAITING, WITHHELD, Held, Letter, Sink, Verdict
from casework.engine.unreached import gave_up, may_get, not_reached
from casework.engine.world_faults import told_in_world, with_faults_of_worlds
from casework.errors import HostTransactionError, Undeliverable, WrongType, WrongValue, check_kind
from casework.model.case import Case
from casework.model.people import Principal
from casework.model.post_events import NoticeFailed

LONGEST_SINK = 48
LONGEST_CODE = 64
RULE_FAILED = "rule_failed"


def deliver(
    casework: Casework,
    store: Store,
    sinks: Mapping[str, Sink],
    *,
    school: str | None = None,
    hours: Hours | None = None,
    pace: Pace | None = None,
) -> Delivered:
    """Deliver what waits, emergencies first, through every sink; each chunk commits by itself at the Engine door.

    ``sinks`` by name: the name is stored, so keep it. An emergency's notice that was given up at every sink lets the
    ladder climb at once.

    Raises `HostTransactionError` for a store within the host's transaction, `NotFound` for a ``school`` that the
    application does not know, `WrongType` and `WrongValue` for sinks that are none.
    """
    check_pair(casework, store)
    if getattr(store, "guest", False):
        raise HostTransactionError(
            "deliver() commits before it sends, so it cannot run in a transaction of the host's; give SqlStore(engine)"
        )
    _check_sinks(sinks)
    if school is not None:
        casework.school(school)
    one = Round(casework, store, dict(sinks), school, hours or Hours(), pace or Pace())
    while pack_urgent(one) or _send(one, urgent=True) or pack_calm(one) or _send(one, urgent=False):
        pass
    report = one.report
    log.info("deliver", packed=report.packed, delivered=report.delivered, failed=report.failed, dead=report.dead)
    return report


def _check_sinks(sinks: Mapping[str, Sink]) -> None:
    check_kind(sinks, Mapping, "sinks=", "sinks by name, as in {'mail': …}")
    for name, sink in sinks.items():
        check_kind(name, str, "sinks=", "names that are text")
        if not 1 <= len(name) <= LONGEST_SINK or not name.isprintable():
            raise WrongValue(f"a sink needs a name of 1 to {LONGEST_SINK} characters that can be seen")
        if not callable(sink):
            raise WrongType(f"the sink {name} takes a callable of one letter, not {type(sink).__name__}")
    if not sinks:
        raise WrongValue("there is no sink, so nothing can be delivered; give one, as in sinks={'log': log_letter}")


# ---------------------------------------------------------------------------------------------------------- sending


def _send(one: Round, *, urgent: bool) -> int:
    """Claim a chunk of letters, send them, and mark what came of it; returns how many were claimed."""
    now = one.casework.clock()
    until = now + one.pace.lease
    held = one.store.transact(
        lambda: one.store.claim_letters(
            now, until, urgent=urgent, limit=one.pace.chunk, sinks=sorted(one.sinks), school=one.school
        ),
        writing=True,
    )
    if not held:
        return 0
    letters, withheld = one.store.transact(lambda: _composed(one, held), writing=False)
    verdicts: list[Verdict] = []
    try:
        for claim, letter in zip(held, letters, strict=True):
            if one.casework.clock() >= until:
                one.report.stale += 1
            else:
                verdicts.append(_sent(one, claim, letter))
    finally:
        _settle(one, verdicts, withheld)
    return len(held)


Keys = set[tuple[str, str]]
"""Notices by school and key."""


def _composed(one: Round, held: Sequence[Held]) -> tuple[list[Letter | None], Keys]:
    """Each letter as it may be sent now, or None; and the notices that are withheld."""
    notices: dict[tuple[str, str], Outgoing] = {}
    withheld: Keys = set()
    for school in sorted({claim.school for claim in held}):
        keys = sorted({key for claim in held if claim.school == school for key in claim.keys})
        found = one.store.notices(school, keys)
        records = one.store.load(school, sorted({notice.child for notice in found.values()}))
        for key, notice in found.items():
            case = records.get(notice.child)
            if case is None or may_get(case, notice, notice.person) or _in_world(one, notice, case):
                notices[school, key] = notice
            else:
                withheld.add((school, key))
    letters: list[Letter | None] = []
    for claim in held:
        mine = tuple(notices[claim.school, key] for key in claim.keys if (claim.school, key) in notices)
        letter = Letter(claim.id, claim.school, claim.person, claim.urgent, claim.at, mine)
        letters.append(letter if mine else None)
    return letters, withheld


def _in_world(one: Round, notice: Outgoing, case: Case) -> bool:
    if notice.topic != RULE_FAILED or one.casework.find(case.school) is None:
        return False
    context = open_school(
        one.casework, one.store, case.school, one.casework.clock(), notice.person, urgent=True, writing=False
    )
    return told_in_world(notice, case, one.store, with_facts(context, one.store, [case]), one.casework.worlds)


def _sent(one: Round, claim: Held, letter: Letter | None) -> Verdict:
    """What came of one attempt. Whatever the sink raises is kept as a code, and the others go on."""
    if letter is None:
        return Verdict(claim, (), WITHHELD)
    keys = tuple(notice.key for notice in letter.notices)
    try:
        one.sinks[claim.sink](letter)
    except Undeliverable as error:
        code, permanent = error.code, error.permanent
    except Exception as error:  # noqa: BLE001 - a sink is the host's; the letter is tried again, and in the end dead
        code, permanent = type(error).__name__, False
    else:
        return Verdict(claim, keys, DELIVERED)
    retries = one.pace.urgent if claim.urgent else one.pace.calm
    log.warning("letter_failed", school=claim.school, letter=claim.id, sink=claim.sink, error=code[:LONGEST_CODE])
    if permanent or claim.tries >= retries.attempts:
        return Verdict(claim, keys, DEAD, error=code[:LONGEST_CODE])
    again = one.casework.clock() + retries.pause(claim.id, claim.tries)
    return Verdict(claim, keys, WAITING, again, code[:LONGEST_CODE])


# --------------------------------------------------------------------------------------------------------- settling


def _settle(one: Round, verdicts: Sequence[Verdict], withheld: Keys) -> None:
    """Mark what came of the attempts, and let the ladders climb that have to, in one transaction."""
    if not verdicts:
        return
    done = one.store.transact(lambda: _settled(one, verdicts, withheld), writing=True)
    for name in ("tried", "delivered", "failed", "dead", "withheld", "stale", "climbed"):
        setattr(one.report, name, getattr(one.report, name) + getattr(done, name))
    one.report.ids += done.ids
    one.report.broken += done.broken


def _settled(one: Round, verdicts: Sequence[Verdict], withheld: Keys) -> Delivered:
    done = Delivered()
    for school in sorted({verdict.held.school for verdict in verdicts}):
        mine = [verdict for verdict in verdicts if verdict.held.school == school]
        noted, standing = one.store.settle_letters(school, mine)
        statuses: dict[str, str] = {}
        failed: dict[str, None] = {}
        for verdict in mine:
            claim = verdict.held
            if (claim.id, claim.sink) not in noted:
                done.stale += 1
                continue
            _count(done, verdict)
            outcome = _outcome(one, standing[claim.id])
            statuses |= dict.fromkeys(verdict.keys, outcome)
            if not (claim.urgent and outcome == DELIVERED):
                statuses |= {key: WITHHELD for key in claim.keys if (school, key) in withheld}
            if claim.urgent and outcome in {DEAD, WITHHELD}:
                failed |= dict.fromkeys(claim.keys)
        one.store.settle_notices(school, statuses)
        if failed:
            _climb(one, school, list(failed), done)
    return done


def _count(done: Delivered, verdict: Verdict) -> None:
    done.tried += verdict.status != WITHHELD
    done.delivered += verdict.status == DELIVERED
    done.failed += verdict.status == WAITING
    done.withheld += verdict.status == WITHHELD
    if verdict.status == DEAD:
        done.dead += 1
        done.ids.append((verdict.held.school, verdict.held.id))


def _outcome(one: Round, standing: Mapping[str, str]) -> str:
    """What has come of a letter, from its status at each sink: arrived at one that reaches somebody is arrived."""
    found = {standing[name] for name in one.reaching(standing)}
    # One that was laid aside did not arrive either.
    best = next((status for status in (DELIVERED, WAITING, DEAD, WITHHELD) if status in found), DEAD)
    return SENDING if best == WAITING else best


def _climb(one: Round, school: str, keys: Sequence[str], done: Delivered) -> None:
    """Write into the records that these notices were given up; a ladder of which nobody was reached climbs."""
    now = one.casework.clock()
    events: dict[str, list[NoticeFailed]] = {}
    for notice in one.store.notices(school, keys, withheld=True).values():
        event = gave_up(notice, now)
        if event is not None:
            events.setdefault(notice.child, []).append(event)
    records = one.store.load(school, sorted(events))
    if one.casework.find(school) is None:
        done.broken += [(school, child, "NotFound") for child in records]
        return
    context = open_school(one.casework, one.store, school, now, Principal.system().id, urgent=True)
    context = with_facts(context, one.store, records.values())
    changes: list[Change] = []
    for child, case in records.items():
        try:
            change = not_reached(case, events[child], context)
            change = with_faults_of_worlds(change, one.store, context, one.casework.worlds)
        except Exception as error:
            if context.settings.raise_errors:
                raise
            log.warning("ladder_failed", school=school, child=child, error=type(error).__name__)
            done.broken.append((school, child, type(error).__name__))
            continue
        if change is not None:
            changes.append(change)
            done.climbed += bool(change.outgoing)
    one.store.save(school, changes)
