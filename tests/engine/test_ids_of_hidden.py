"""Two reports of the same instant are two reports, also for somebody who may not see the first."""

from datetime import UTC, date, datetime

from casework import Calendar, Casework, ConcernDraft, Desk, ManualClock, Principal, School, Term, load_policy
from casework.testing import MemoryStore, open_access

AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 20))


def desk_of(person, store):
    """A desk in somebody's name, with a clock that stands still."""
    school = School("qinghe", load_policy("town-primary"), Calendar([AUTUMN], tz="Asia/Shanghai"), access=open_access())
    clock = ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC))
    return Desk(Casework(school, clock=clock), store, school="qinghe", principal=Principal(person))


class TestIds:
    def test_an_emergency_never_takes_the_id_of_one_that_its_reporter_may_not_see(self):
        """Somebody who names themselves twice in one instant raises two emergencies."""
        store = MemoryStore()
        desk = desk_of("t.li", store)
        desk.raise_emergency("s-17", "violence", implicated=["t.li"])
        desk.raise_emergency("s-17", "violence", implicated=["t.li", "x"])

        assert 2 == len(desk_of("p.jin", store).case("s-17").emergencies)

    def test_a_concern_never_takes_the_id_of_one_that_its_reporter_may_not_see(self):
        """Somebody who names themselves twice in one instant notes two concerns."""
        store = MemoryStore()
        desk = desk_of("t.li", store)
        for others in ([], ["x"]):
            desk.note_concern("s-17", ConcernDraft("neglect", implicated=["t.li", *others]))

        assert 2 == len(desk_of("p.jin", store).case("s-17").concern_log)
