"""Children found by an exact phone or identity number, of which nothing stands in the database."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import event

from casework import ConcernDraft, Contact, ContactCard
from casework.errors import CommandRefused, KeyRingError, NotFound, StepRefused, Tampered, WrongType
from casework.model.identity import normalised
from casework.store import KeyRing, SqlStore, ring_file, rotation
from tests.engine.world import World, day, noon
from tests.store.test_erasure import desk_on, erase

PHONE, NUMBER = "139 0000 0001", "11010519491231002x"
START = noon(day(9, 1))


def card(phone, other=""):
    """A contact card with a carer's phone, and a parent's."""
    parents = [Contact("Liu Wei", "father", other)] if other else []
    return ContactCard(carer=Contact("Liu", "grandmother", phone), parents=parents)


@pytest.fixture
def ring(tmp_path):
    """A key ring in a file."""
    return KeyRing.create(tmp_path / "a.keyring")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def desk(request, ring):
    """Give a desk for somebody on a store of each kind."""
    if request.param == "memory":
        world = World()
        return lambda person="t.wang": world.desk(person)
    engine = request.getfixturevalue("memory_engine" if request.param == "sqlite" else "postgres")
    return lambda person="t.wang": desk_on(engine, ring, person, at=START)


class TestFinding:
    def test_siblings_are_found_by_one_phone(self, desk):
        """However it is written, and whoever of the card it is of; another number finds nobody."""
        for child, phones in (("s-17", [PHONE]), ("s-18", ["+86 139-0000-0001"]), ("s-19", ["138", "13900000001"])):
            desk().identify(child, away="both")
            desk().file(child, card(*phones))

        assert ["s-17", "s-18", "s-19"] == desk().find(phone="\uff11\uff13\uff1900000001")
        assert ["s-19"] == desk().find(phone="138")
        assert [] == desk().find(phone="13900000002")

    def test_a_child_is_found_by_its_number_while_that_holds(self, desk):
        """It is replaced, and taken away again; it opens like any sealed text."""
        desk().identify("s-17", away="both")
        case = desk().record_identity("s-17", NUMBER).case
        found = desk().find(identity=" 110105 19491231 002X")
        says = desk().open("s-17", case.identity, "to compare")
        desk().record_identity("s-17", "other")
        replaced = (desk().find(identity=NUMBER), desk().find(identity="OTHER"))
        desk().record_identity("s-17", None)

        assert (["s-17"], NUMBER) == (found, says)
        assert ([], ["s-17"]) == replaced
        assert [] == desk().find(identity="other")
        assert "19491231" not in repr(case)

    def test_a_card_that_is_replaced_is_not_found_any_more(self, desk):
        """Until the number comes back; looking after a card changes nothing."""
        desk().identify("s-17", away="both")
        first = desk().file("s-17", card(PHONE)).case.card
        desk().verify_contact("s-17", "carer")
        verified = desk().find(phone=PHONE)
        desk().record_card("s-17", card("138"))
        replaced = desk().find(phone=PHONE)
        desk().record_card("s-17", first)

        assert (["s-17"], []) == (verified, replaced)
        assert ["s-17"] == desk().find(phone=PHONE)

    def test_one_number_is_looked_for_at_a_time(self, desk):
        """With digits; an identity number needs a case."""
        for given in ({}, {"phone": "1", "identity": "2"}, {"phone": "-"}, {"identity": " "}):
            with pytest.raises(CommandRefused, match="find"):
                desk().find(**given)
        with pytest.raises(WrongType):
            desk().find(phone=139)
        with pytest.raises(StepRefused):
            desk().record_identity("s-99", NUMBER)
        assert [] == desk().find(phone=PHONE)

    def test_whoever_is_implicated_finds_whom_they_know(self, desk):
        """The record as they may see it decides; that something is hidden in it does not hide the child."""
        for child in ("s-17", "s-20"):
            desk().identify(child, away="both")
            desk().file(child, card(PHONE))
        desk().note_concern("s-17", ConcernDraft("harm", "danger", implicated=("t.li",)))
        desk().raise_emergency("s-21", "harm", implicated=("t.li",))

        assert ["s-17", "s-20"] == desk("t.li").find(phone=PHONE)
        with pytest.raises(NotFound):
            desk("t.li").case("s-21")
        assert [] == desk("t.li").find(identity="s-21")


class TestStored:
    def test_nothing_of_a_number_stands_in_the_file(self, sqlite, ring):
        """Neither as it was typed nor by its digits, nor as a digest without a key."""
        desk = desk_on(sqlite, ring, at=START)
        desk.identify("s-17", away="both")
        desk.file("s-17", card(PHONE))
        desk.record_identity("s-17", NUMBER)
        sqlite.dispose()
        held = Path(sqlite.url.database).read_bytes()
        plain = [PHONE, "13900000001", NUMBER, NUMBER.upper()]

        assert [] == [text for text in plain if text.encode() in held]
        assert [] == [text for text in plain if sha256(text.encode()).digest()[:16] in held]

    def test_it_asks_the_same_of_few_and_of_many(self, sqlite, ring):
        """A constant number of statements."""
        counts = []
        for first in (0, 5):
            for n in range(first, first + 5):
                desk = desk_on(sqlite, ring, at=START)
                desk.identify(f"s-{n}", away="both")
                desk.file(f"s-{n}", card(PHONE))
            asked = []
            event.listen(sqlite, "before_cursor_execute", lambda *given, asked=asked: asked.append(given[2]))
            found = desk_on(sqlite, ring).find(phone=PHONE)
            counts.append((len(found), len(asked)))

        assert [(5, counts[0][1]), (10, counts[0][1])] == counts

    def test_a_new_key_of_the_ring_needs_no_new_index(self, quick_engine, ring):
        """The school's own key is wrapped anew; until then the old one cannot leave."""
        desk = desk_on(quick_engine, ring, at=START)
        desk.identify("s-17", away="both")
        desk.file("s-17", card(PHONE))
        store = SqlStore(quick_engine, ring)
        ring_file.add_key(ring.path)
        with quick_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE casework_keys SET ring = 2")
        with pytest.raises(KeyRingError, match="the key of a school's index is still wrapped by key 1"):
            rotation.retire(store, 1)
        with quick_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE casework_keys SET ring = 1")
        rotation.rewrap(store)
        rotation.retire(store, 1)

        assert ["s-17"] == desk.find(phone=PHONE)

    def test_a_key_of_the_index_that_was_changed(self, quick_engine, ring):
        """Is told, and named when everything is wrapped anew."""
        desk = desk_on(quick_engine, ring, at=START)
        desk.identify("s-17", away="both")
        desk.file("s-17", card(PHONE))
        with quick_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE casework_indexes SET wrapped = (SELECT wrapped FROM casework_keys)")
        ring_file.add_key(ring.path)

        with pytest.raises(Tampered, match="index"):
            desk.find(phone=PHONE)
        assert (("qinghe", ""),) == rotation.rewrap(SqlStore(quick_engine, ring)).left

    def test_erasure_takes_them_away(self, quick_engine, ring):
        """Nobody is found by what was erased, and no digest is left."""
        desk = desk_on(quick_engine, ring, at=START)
        desk.identify("s-17", away="both")
        desk.file("s-17", card(PHONE))
        desk.record_identity("s-17", NUMBER)
        desk_on(quick_engine, ring, at=noon(day(9, 10))).close("s-17", "moved_away")
        erase(quick_engine, ring)
        with quick_engine.connect() as connection:
            left = connection.exec_driver_sql("SELECT count(*) FROM casework_lookups").scalar_one()

        assert 0 == left
        assert [] == desk.find(phone=PHONE)
        assert desk.case("s-17").identity is None


@pytest.mark.parametrize(
    ("what", "text", "same"),
    [
        ("phone", "+86 (139) 0000-0001", "13900000001"),
        ("phone", "0086 139 0000 0001", "13900000001"),
        ("phone", "0571-8888 8888", "057188888888"),
        ("phone", "+44 20 7946 0000", "442079460000"),
        ("phone", "86123456", "86123456"),
        ("phone", "none", ""),
        ("identity", " 11010519491231-002x ", "11010519491231002X"),
    ],
)
def test_two_spellings_are_one_number(what, text, same):
    """Digits of a phone without the prefix of a call from abroad; letters and digits of an identity number."""
    assert same == normalised(what, text)
