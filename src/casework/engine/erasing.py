"""What was erased stays erased: a backup that was restored is erased again, with an entry that says so."""

from collections.abc import Iterable
from datetime import date, datetime

from attrs import evolve, frozen

from casework import log
from casework.engine.casework import Casework
from casework.engine.context import Context
from casework.engine.evolve import fold
from casework.engine.evolve_merge import MERGED
from casework.engine.port import Change, Store
from casework.engine.retention import KEPT, WHY, may_be_erased
from casework.errors import CommandRefused
from casework.model import erasure_commands as xc
from casework.model.case import Case
from casework.model.commands import Command
from casework.model.erasure_events import Erased
from casework.model.events import Entry
from casework.model.ids import short_id
from casework.model.move import OF
from casework.model.people import Principal

RESTORED = "restored"
"""The cause of an erasure that is done again."""


@frozen
class ErasureLine:
    """A request of erasure that waits: of which child, why, by whom and since when.

    ``kept`` is why nothing may be erased today, a code of `casework.engine.retention.WHY`; empty where it may.
    """

    child: str
    because: str
    asked_by: str
    asked_on: date
    kept: str


def erasure_lines(records: Iterable[tuple[Case, Case]], context: Context) -> list[ErasureLine]:
    """The requests that wait in these records, each with its view for whoever asks, the oldest first."""
    found = [
        ErasureLine(record.child, erasure.because, erasure.asked_by, erasure.asked_on, _kept(record, view, context))
        for record, view in records
        for erasure in view.erasures.values()
        if erasure.state == "asked"
    ]
    return sorted(found, key=lambda line: (line.asked_on, line.child))


def _kept(record: Case, view: Case, context: Context) -> str:
    """Why nothing may be erased today, as whoever asks may know it."""
    return may_be_erased(view, context) or (KEPT if record.implicates(context.actor) else "")


def with_receipt(command: Command, store: Store, record: Case) -> Command:
    """The command to erase, with what stands for the key that it destroys."""
    if not isinstance(command, xc.Erase):
        return command
    return evolve(command, receipt=store.receipt(record.school, record.child))


def refuse_to_implicated(command: Command, record: Case, person: str) -> None:
    """Raise `CommandRefused` where somebody erases a record that implicates them, in the words of any other reason.

    They may ask for it like everybody: what was asked for is another's to decide.
    """
    if isinstance(command, xc.Erase) and record.implicates(person):
        msg = f"nothing was erased: {WHY[KEPT]}"
        raise CommandRefused(msg)


def erase_merged(store: Store, record: Case, because: str, context: Context) -> None:
    """Erase what was written of a child under other names: the records that were taken up in this one."""
    merged = [move.child for move in record.moves.values() if (move.kind, move.state) == (OF, MERGED)]
    for before in store.load(record.school, merged).values():
        at, taken = context.at.isoformat(), set(before.erasures)
        id_ = short_id("erasure", before.child, at, context.actor, taken=taken)
        receipt = store.receipt(before.school, before.child)
        event = Erased(id_, because, context.actor, context.today, receipt)
        entry = Entry(before.version + 1, context.at, context.actor, "", ((MERGED, event),))
        store.save(before.school, [Change(before, fold(before, [entry]), entry, before.wake_at, before.alarm_at)])
        erase_merged(store, before, because, context)


def erase_again(casework: Casework, store: Store, school: str, child: str, now: datetime) -> None:
    """Erase a child again, within the transaction that is open, if a restored copy has brought the key back."""
    if not store.restored(school, child):
        return
    before = store.load(school, [child])[child]
    mine = casework.find(school)
    today = now.date() if mine is None else mine.calendar.local_date(now)
    system = Principal.system().id
    id_ = short_id("erasure", child, now.isoformat(), system, taken=set(before.erasures))
    event = Erased(id_, RESTORED, system, today, store.receipt(school, child))
    entry = Entry(before.version + 1, now, system, "", ((RESTORED, event),))
    store.save(school, [Change(before, fold(before, [entry]), entry, before.wake_at, before.alarm_at)])
    log.warning("erased_again", school=school, child=child)
