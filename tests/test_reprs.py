"""No value of the library shows what is personal: neither by repr, nor by str, nor in a format."""

import importlib
import pkgutil

import attrs
import pytest

import casework
from casework import Contact, ContactCard
from casework.cli.answer import Answer
from casework.cli.cards import Card
from casework.interchange import Guardian, Pupil, StaffMember
from casework.model import commands as c
from casework.model.roll import RollRow
from casework.store.work import Pending

PERSONAL = {
    "address",
    "birth_date",
    "carer_name",
    "carer_phone",
    "lessons",
    "note",
    "phone",
    "sex",
    "words",
}
"""What a field is called that holds what is personal, in any value."""

NAMED = {
    "Listed",
    "NextStep",
    "Org",
    "Overlay",
    "Part",
    "Rate",
    "School",
    "Sheet",
    "Step",
    "View",
    "Workflow",
}
"""Values whose ``name`` is that of a thing of the program's, or of a school."""
RATE = ("Rate", "address")
"""Where in the simulation's assumptions a rate stands, and no house."""


def values():
    """Yield every attrs class of the library."""
    for found in pkgutil.walk_packages(casework.__path__, "casework."):
        if "migrations" not in found.name and not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            yield from (
                kind
                for kind in vars(module).values()
                if isinstance(kind, type) and attrs.has(kind) and kind.__module__ == found.name
            )


def sensitive(kind, field):
    """Whether the field of a value holds, or refers to, what is personal."""
    if (kind.__name__, field.name) == RATE:
        return False
    by_name = field.name in PERSONAL or (field.name == "name" and kind.__name__ not in NAMED)
    return by_name or "Sealed" in str(field.type)


class TestReprs:
    def test_no_personal_field_is_shown(self):
        """Every field that holds what is personal, or refers to it, is left out of its value's repr."""
        shown = {
            f"{kind.__name__}.{field.name}"
            for kind in values()
            for field in attrs.fields(kind)
            if field.repr and sensitive(kind, field)
        }

        assert set() == shown

    def test_repr_is_the_only_way_to_text(self):
        """No value with a personal field says more by str or format than by repr."""
        odd = {
            kind.__name__
            for kind in values()
            if any(sensitive(kind, field) for field in attrs.fields(kind)) and "__str__" in vars(kind)
        }

        assert set() == odd

    @pytest.mark.parametrize(
        "value",
        [
            Contact("Canary", "grandmother", "Canary", "Canary"),
            ContactCard(Contact("Canary", "grandmother"), [Contact("Canary", "father", phone="Canary")]),
            c.File(ContactCard(Contact("Canary", "grandmother"))),
            c.Record(
                "visit", reached=True, note="Canary", words="Canary", concerns=[c.ConcernDraft("x", note="Canary")]
            ),
            c.NoteConcern(c.ConcernDraft("x", note="Canary")),
            Pupil("p-1", name="Canary", guardians=(Guardian("g-1", "parent", "Canary", "Canary"),)),
            StaffMember("t.li", name="Canary"),
            RollRow("p-1", sex="Canary"),
            Card(carer_name="Canary", carer_phone="Canary"),
            Answer({"text": "Canary"}, text="Canary"),
            Pending("note", b"", "Canary"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_is_personal_is_not_shown(self, value):
        """However a value becomes text, what is personal is not in it."""
        assert "Canary" not in f"{value!r}{value!s}{value}{[value]}"
