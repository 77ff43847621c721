"""An idempotency key stands for one request: the same is answered as the first time, another is refused."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import StaticPool, create_engine, event

from casework import ConcernDraft, Contact, ContactCard, Desk
from casework.engine.asked import asked
from casework.errors import CommandRefused, KeyReused
from casework.model import commands as c
from casework.store import KeyRing, SqlStore
from casework.testing import MemoryStore
from tests.store.conftest import empty_database
from tests.system.world import SCHOOL, TEACHER, VICE, identified, make_casework, principal


@pytest.fixture(params=["memory", "sql"])
def store(request):
    """Both kinds of store, which compare requests each in its own way."""
    if request.param == "memory":
        yield MemoryStore()
        return
    engine = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", lambda connection, _: connection.deserialize(empty_database()))
    yield SqlStore(engine, KeyRing.generate())
    engine.dispose()


@pytest.fixture
def desk(store):
    """The desk of a class teacher, with one case."""
    desk = Desk(make_casework(), store, school=SCHOOL, principal=principal(TEACHER))
    identified(desk)
    return desk


def entries(store, child="s-1"):
    """How many entries the record has."""
    with store.read():
        return len(store.entries(SCHOOL, child))


CONCERN = ConcernDraft("poor_sleep", note="since Monday")
CARD = ContactCard(Contact("Liu", "grandmother", "139"))
FIRST = c.Record("visit", reached=True, minutes=40, details={"mood": "even"}, note="tired", concerns=(CONCERN,))
OTHERS = (
    c.Record("visit", reached=True, minutes=41, details={"mood": "even"}, note="tired", concerns=(CONCERN,)),
    c.Record("visit", reached=False, minutes=40, details={"mood": "even"}, note="tired", concerns=(CONCERN,)),
    c.Record("visit", reached=True, minutes=40, details={"mood": "good"}, note="tired", concerns=(CONCERN,)),
    c.Record("visit", reached=True, minutes=40, details={"mood": "even"}, note="ill", concerns=(CONCERN,)),
    c.Record("visit", reached=True, minutes=40, details={"mood": "even"}, note="tired"),
    c.Record("visit", reached=True, on=date(2026, 9, 1), minutes=40, details={"mood": "even"}, note="tired"),
    c.NoteConcern(CONCERN),
    c.File(CARD),
)


class TestSameRequest:
    def test_it_says_again_what_it_did(self, store, desk):
        """The ids that it gave, and all that happened, though the clock has moved on and the day with it."""
        first = desk.do("s-1", FIRST, key="form-1")
        before = entries(store)
        desk._casework.clock.advance(hours=20)
        again = desk.do("s-1", FIRST, key="form-1")

        assert (first.activity, first.events, first.missing) == (again.activity, again.events, again.missing)
        assert (False, True) == (first.repeated, again.repeated)
        assert before == entries(store)

    def test_an_emergency_is_named_again(self, desk):
        """Who asks again learns which emergency it was."""
        first = desk.raise_emergency("s-1", "missing", note="since noon", key="form-1")

        assert first.emergency == desk.raise_emergency("s-1", "missing", note="since noon", key="form-1").emergency

    def test_a_contact_card_is_the_same_card(self, store, desk):
        """Sealed text is compared without being opened."""
        desk.record_card("s-1", CARD, key="form-1")

        assert desk.record_card("s-1", ContactCard(Contact("Liu", "grandmother", "139")), key="form-1").repeated
        with pytest.raises(KeyReused):
            desk.record_card("s-1", ContactCard(Contact("Liu", "grandmother", "138")), key="form-1")

    def test_a_household_visit_is_one_request(self, store, desk):
        """Entered again a moment later it has the same occasion, and says for each child what it did."""
        identified(desk, "s-2")
        visit = c.Record("visit", reached=True)
        first = desk.record_together(["s-1", "s-2"], visit, words={"s-1": "fine"}, key="form-1")
        desk._casework.clock.advance(minutes=1)
        again = desk.record_together(["s-1", "s-2"], visit, words={"s-1": "fine"}, key="form-1")

        assert [(one.activity, False) for one in first] == [(one.activity, not one.repeated) for one in again]
        assert 1 == len({event.activity.occasion for one in again for _, event in one.events[:1]})

    def test_visits_without_a_key_have_an_occasion_each(self, desk):
        """Two visits on one day are two."""
        identified(desk, "s-2")
        made = []
        for _ in range(2):
            desk._casework.clock.advance(minutes=1)
            made += desk.record_together(["s-1", "s-2"], c.Record("visit", reached=True))

        assert 2 == len({one.events[0][1].activity.occasion for one in made})

    def test_several_commands_for_one_child(self, desk):
        """What happened is told once, by the command that wrote the entry of the key."""
        request = [("s-1", c.Record("visit", reached=True)), ("s-1", c.Record("talk", reached=True))]
        first = desk.do_together(request, key="form-1")
        again = desk.do_together(request, key="form-1")

        assert [first[0].events, ()] == [one.events for one in again]
        assert all(one.repeated for one in again)

    def test_a_case_may_be_named_in_both_ways(self, desk):
        """By the child's id, or by the case's public one."""
        id_ = desk.record("s-1", "visit", reached=True, key="form-1").case.id

        assert desk.record(id_, "visit", reached=True, key="form-1").repeated


class TestAnotherRequest:
    @pytest.mark.parametrize("other", OTHERS)
    def test_it_is_refused(self, store, desk, other):
        """Whatever differs: nothing is stored, and the key still stands for the first."""
        desk.do("s-1", FIRST, key="form-1")
        before = entries(store)
        with pytest.raises(KeyReused, match="give every form a key of its own") as caught:
            desk.do("s-1", other, key="form-1")

        assert isinstance(caught.value, CommandRefused)
        assert before == entries(store)
        assert desk.do("s-1", FIRST, key="form-1").repeated

    def test_a_list_with_another_child(self, store, desk):
        """One key stands for the whole list, so nothing of another list is carried out."""
        identified(desk, "s-2")
        visit = c.Record("visit", reached=True)
        desk.do_together([("s-1", visit)], key="form-1")
        before = entries(store, "s-2")
        with pytest.raises(KeyReused):
            desk.do_together([("s-2", visit), ("s-1", visit)], key="form-1")

        assert before == entries(store, "s-2")

    def test_it_says_nothing_of_what_was_asked(self, desk):
        """The refusal holds the key and no more."""
        desk.record("s-1", "visit", reached=True, note="afraid of his uncle", key="form-1")
        with pytest.raises(KeyReused) as caught:
            desk.record("s-1", "visit", reached=True, note="fine", key="form-1")

        assert "uncle" not in str(caught.value)
        assert "form-1" == caught.value.key

    def test_keys_of_others_are_no_matter(self, desk, store):
        """Another person's same key is another key, so nobody learns what others asked."""
        desk.do("s-1", FIRST, key="form-1")
        other = Desk(desk._casework, store, school=SCHOOL, principal=principal(VICE))

        assert not other.do("s-1", OTHERS[0], key="form-1").repeated

    @pytest.mark.parametrize("key", ["a\x00b", "half \ud83d"])
    def test_a_key_that_cannot_be_written(self, desk, key):
        """A key has the letters that a database can keep."""
        with pytest.raises(CommandRefused, match="control character"):
            desk.record("s-1", "visit", reached=True, key=key)


class TestForm:
    def test_defaults_are_left_out(self):
        """A field that was not given says nothing, so a later release may add more of them."""
        assert '[["s-1", {"Close": {"because": "moved"}}]]' == asked([("s-1", c.Close("moved", None))])

    def test_an_instant_is_the_same_in_every_zone(self):
        """Half past ten in Shanghai is half past two in Greenwich."""
        greenwich = datetime(2026, 9, 14, 2, 30, tzinfo=UTC)
        shanghai = greenwich.astimezone(timezone(timedelta(hours=8)))
        said = [asked([("s", c.CallOutside("e", "police", "7", at=at))]) for at in (greenwich, shanghai)]

        assert said[0] == said[1]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (c.CallOutside("e", "police", "7", at=datetime(2026, 9, 14)), c.CallOutside("e", "police", "7")),  # noqa: DTZ001
            (c.Record("visit", reached=True, minutes=1), c.Record("visit", reached=True, minutes="1")),
            (c.Record("visit", reached=True, minutes=1.5), c.Record("visit", reached=True, minutes="1.5")),
            (c.Pair("a", ["b", "c"]), c.Pair("a", ["b,c"])),
            (c.Unpair("a"), c.Close("a")),
        ],
    )
    def test_other_words_read_otherwise(self, one, other):
        """No two requests that differ look the same, not even ones that will be refused."""
        assert asked([("s", one)]) != asked([("s", other)])
