"""Notices become letters: an emergency's at once and alone, the others in the digest of a person and day."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import evolve as changed

from casework.engine.delivery import Round
from casework.engine.digest import goes, this_week_and_next
from casework.engine.outgoing import Outgoing
from casework.engine.post import DEAD, Packed, letter_id

AT_ONCE = 500
"""How many notices are put into letters at once."""
TOMORROW = timedelta(days=1)
NOBODY = "nobody"
"""Why a letter is dead whose seat was vacant when it was written."""


def pack_urgent(one: Round) -> int:
    """Make letters of the emergencies' notices that wait; returns how many there were."""

    def pack() -> int:
        found = one.store.waiting(one.casework.clock(), urgent=True, limit=AT_ONCE, school=one.school)
        for school in sorted({name for name, _ in found}):
            letters = [
                _addressed(Packed(letter_id(school, n.key), n.person, n.child, urgent=True, at=n.at, keys=(n.key,)))
                for name, n in found
                if name == school
            ]
            one.store.pack(school, letters, sorted(one.sinks), [])
        return len(found)

    count = one.store.transact(pack, writing=True)
    one.report.packed += count
    return count


def _addressed(letter: Packed) -> Packed:
    """The letter; one that nobody is named for, since the seat was vacant, is dead from the beginning."""
    return letter if letter.person else changed(letter, status=DEAD, error=NOBODY)


def pack_calm(one: Round) -> int:
    """Make digests of other notices, where their time has come; returns how many notices were looked at."""
    now = one.casework.clock()

    def pack() -> tuple[int, dict[str, int | None]]:
        found = one.store.waiting(now, urgent=False, limit=AT_ONCE, school=one.school)
        packed = {}
        for school in sorted({name for name, _ in found}):
            people = sorted({notice.person for name, notice in found if name == school})
            packed[school] = _pack_digests(one, school, people, now)
        return len(found), packed

    count, packed = one.store.transact(pack, writing=True)
    for school, letters in packed.items():
        one.report.packed += letters or 0
        if letters is None:
            one.report.broken.append((school, "", "NotFound"))
    return count


def _pack_digests(one: Round, school: str, people: Sequence[str], now: datetime) -> int | None:
    """How many digests were made; None for a school that the application does not know, which is asked for tomorrow."""
    known = one.casework.find(school)
    notices = one.store.waiting_for(school, people)
    if known is None:
        one.store.pack(school, [], sorted(one.sinks), [(notice, now + TOMORROW) for notice in notices])
        return None
    zone = known.calendar.zone
    ids = {
        (person, day): letter_id(school, "digest", person, day)
        for person in people
        for day in this_week_and_next(now, zone)
    }
    written = one.store.letters(school, sorted(ids.values()))
    letters: list[Packed] = []
    later: list[tuple[Outgoing, datetime]] = []
    for person in people:
        mine = [notice for notice in notices if notice.person == person]
        gone = [day for (whose, day), id_ in ids.items() if whose == person and id_ in written]
        go, wait = goes(mine, now, gone, one.hours, zone)
        later += wait
        if go:
            id_ = ids[person, now.astimezone(zone).date()]
            keys = tuple(notice.key for notice in go)
            letters.append(_addressed(Packed(id_, person, "", urgent=False, at=now, keys=keys)))
    one.store.pack(school, letters, sorted(one.sinks), later)
    return len(letters)
