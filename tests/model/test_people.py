from datetime import UTC, date, datetime

import pytest

from casework.model.people import Contact, ContactCard, Pairing, Principal, Sealed, StaticDirectory

MONDAY = datetime(2026, 9, 7, 8, tzinfo=UTC)


class TestPrincipal:
    def test_principal_has_an_id_and_roles(self):
        """Roles are a set, in whatever form the host gives them."""
        assert Principal("t.li", ["lead", "class_teacher"]) == Principal("t.li", ("class_teacher", "lead", "lead"))
        assert frozenset() == Principal("t.li").roles

    @pytest.mark.parametrize("id_", ["", "x" * 65])
    def test_principal_without_a_fitting_id_is_refused(self, id_):
        """Nobody acts without an id of 1 to 64 characters."""
        with pytest.raises(ValueError, match="a principal needs an id of 1 to 64 characters"):
            Principal(id_)

    def test_longest_id_is_taken(self):
        """An id may have 64 characters."""
        assert "x" * 64 == Principal("x" * 64).id

    def test_roles_as_one_word_are_refused(self):
        """One word is no list of roles: it would fall apart into letters."""
        with pytest.raises(TypeError, match="'lead' is one word where several are taken; give a list"):
            Principal("t.li", "lead")

    def test_sweep_acts_as_the_system(self):
        """The sweep has an id of its own and no role."""
        assert Principal("system") == Principal.system()


class TestContact:
    def test_name_and_phone_are_in_no_repr(self):
        """A contact shows who it is to the child, never a name, a phone or an address."""
        shown = repr(Contact("Liu Wei", "grandmother", "138-0013", "Qinghe 7", person="g.liu"))

        assert "grandmother" in shown
        assert not [text for text in ("Liu", "138", "Qinghe") if text in shown]

    def test_sealed_text_shows_its_reference_alone(self):
        """A sealed value is known by its reference."""
        assert "Sealed(ref='00ff')" == repr(Sealed("00ff"))


class TestContactCard:
    def test_contacts_are_named_by_place(self):
        """The carer and the parents who left are found by their place on the card."""
        carer, mother, father = (Contact("x", relation) for relation in ("grandmother", "mother", "father"))
        card = ContactCard(carer, [mother, father])

        assert (mother, father) == card.parents
        assert {"carer": carer, "parent1": mother, "parent2": father} == card.contacts()

    def test_empty_card_has_no_contacts(self):
        """A card on which nothing stands yet names nobody; one without a carer names the parents."""
        father = Contact("x", "father")

        assert {} == ContactCard().contacts()
        assert {"parent1": father} == ContactCard(parents=[father]).contacts()


class TestPairing:
    def test_members_are_kept_in_order(self):
        """A pairing has a lead, members as they were named, and no end yet."""
        pairing = Pairing("t.li", date(2026, 9, 1), ["t.wang", "t.an"])

        assert (("t.wang", "t.an"), None, "") == (pairing.members, pairing.until, pairing.because)

    def test_members_as_one_word_are_refused(self):
        """One id is no list of members."""
        with pytest.raises(TypeError, match="give a list"):
            Pairing("t.li", date(2026, 9, 1), "t.wang")


class TestStaticDirectory:
    DIRECTORY = StaticDirectory(
        seats={"principal": ["p.jin"], "office": ["o.sun", "o.he"]},
        teachers={"3a": "t.li", "3b": "t.an"},
        away={"o.sun": [(date(2026, 9, 7), date(2026, 9, 8))], "t.li": [(date(2026, 9, 8), date(2026, 9, 8))]},
        tz="Asia/Shanghai",
    )

    def test_seats_are_held_by_those_who_are_there(self):
        """A seat's holders are those not away; a seat that nobody named is vacant."""
        holders = [self.DIRECTORY.holders(role, "qinghe", MONDAY) for role in ("principal", "office", "psychologist")]

        assert [["p.jin"], ["o.he"], []] == holders

    def test_class_teachers_are_those_who_are_there(self):
        """A class whose teacher is away has none that day."""
        tuesday = MONDAY.replace(day=8)

        assert {"3a": "t.li", "3b": "t.an"} == self.DIRECTORY.class_teachers("qinghe", MONDAY)
        assert {"3b": "t.an"} == self.DIRECTORY.class_teachers("qinghe", tuesday)

    @pytest.mark.parametrize(
        ("at", "absent"),
        [
            (datetime(2026, 9, 6, 15, 59, tzinfo=UTC), False),
            (datetime(2026, 9, 6, 16, tzinfo=UTC), True),
            (datetime(2026, 9, 8, 15, 59, tzinfo=UTC), True),
            (datetime(2026, 9, 8, 16, tzinfo=UTC), False),
        ],
    )
    def test_absence_lasts_from_the_first_to_the_last_local_day(self, at, absent):
        """Absence begins at the school's midnight and ends with the school's last day."""
        assert absent == self.DIRECTORY.absent("o.sun", "qinghe", at)

    def test_people_of_whom_nothing_is_said_are_there(self):
        """Who has no absences is present."""
        assert not self.DIRECTORY.absent("t.an", "qinghe", MONDAY)
