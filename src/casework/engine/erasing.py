"""What was erased stays erased: a backup that was restored is erased again, with an entry that says so."""

from datetime import datetime

from attrs import evolve

from casework import log
from casework.engine.casework import Casework
from casework.engine.evolve import fold
from casework.engine.port import Change, Store
from casework.engine.retention import KEPT, WHY
from casework.errors import CommandRefused
from casework.model import erasure_commands as xc
from casework.model.case import Case
from casework.model.commands import Command
from casework.model.erasure_events import Erased
from casework.model.events import Entry
from casework.model.ids import short_id
from casework.model.people import Principal

RESTORED = "restored"
"""The cause of an erasure that is done again."""


def with_receipt(command: Command, store: Store, record: Case) -> Command:
    """The command to erase, with what stands for the key that it destroys."""
    if not isinstance(command, xc.Erase):
        return command
    return evolve(command, receipt=store.receipt(record.school, record.child))


def refuse_to_implicated(command: Command, record: Case, person: str) -> None:
    """Raise `CommandRefused` to somebody whom the record implicates, in the words of any other reason to keep it."""
    if isinstance(command, xc.RequestErasure | xc.DeclineErasure | xc.Erase) and record.implicates(person):
        msg = f"nothing was erased: {WHY[KEPT]}"
        raise CommandRefused(msg)


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
