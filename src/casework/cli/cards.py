"""Contact cards (D3): typed, or from a small TOML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from attrs import field, frozen
from cyclopts import Parameter

from casework.cli.exits import Absent, WrongUsage
from casework.errors import PolicyRefused, Problem
from casework.model.people import Contact, ContactCard
from casework.model.reason import check_code

_FIELDS = ("name", "relation", "phone", "address", "person")


@frozen(kw_only=True)
class Card:
    """The options of a contact card. What is typed stays in the shell's history; a file does not."""

    card: Annotated[str, Parameter(help="a TOML file: [carer] and [[parent]] with name, relation, phone, address")] = ""
    carer_name: Annotated[str, Parameter(help="name of the carer with whom the child lives")] = field(
        default="", repr=False
    )
    carer_relation: Annotated[str, Parameter(help="a code: grandmother, aunt, neighbour")] = ""
    carer_phone: Annotated[str, Parameter(help="phone of the carer")] = field(default="", repr=False)
    carer_person: Annotated[str, Parameter(help="the host's id of the carer, by which an implicated one is known")] = ""

    def read(self) -> ContactCard | None:
        """The card, or None if nothing is said."""
        typed = (self.carer_name, self.carer_relation, self.carer_phone, self.carer_person)
        if self.card and any(typed):
            raise WrongUsage("give the card by --card FILE or by --carer-…, not by both")
        if self.card:
            return _from_file(self.card)
        if not any(typed):
            return None
        if not self.carer_name or not self.carer_relation:
            raise WrongUsage("a carer has a name and a relation: --carer-name NAME --carer-relation grandmother")
        return ContactCard(
            Contact(self.carer_name, _relation(self.carer_relation), self.carer_phone, "", self.carer_person)
        )


CardOptions = Annotated[Card, Parameter(name="*")]
NO_CARD = Card()


def _relation(text: str) -> str:
    try:
        return check_code(text, "relation")
    except ValueError:
        raise WrongUsage("a relation is a code in lower case, such as grandmother, father or neighbour") from None


def _from_file(path: str) -> ContactCard:
    from casework.policy.text import read_toml  # noqa: PLC0415 - a card that is typed needs no reader of files

    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError):
        raise Absent(
            "the file of --card cannot be read; give the path of a TOML file with [carer] and [[parent]]"
        ) from None
    try:
        values = read_toml(data, "card").values
    except PolicyRefused as refused:
        raise WrongUsage(
            "\n".join(str(Problem(p.place, "this is not TOML", p.mend)) for p in refused.problems)
        ) from None
    carer, parents = values.get("carer"), values.get("parent", [])
    if set(values) - {"carer", "parent"} or not isinstance(parents, list) or not (carer or parents):
        raise WrongUsage("a card file holds one [carer] and up to two [[parent]], and nothing else")
    return ContactCard(None if carer is None else _contact(carer), tuple(map(_contact, parents)))


def _contact(table: object) -> Contact:
    known = (
        isinstance(table, Mapping) and set(table) <= set(_FIELDS) and all(isinstance(v, str) for v in table.values())
    )
    if not isinstance(table, Mapping) or not known or not table.get("name") or not table.get("relation"):
        raise WrongUsage(
            "a contact in a card file has name and relation, and may have phone, address, person; all texts"
        )
    return Contact(
        table["name"],
        _relation(table["relation"]),
        table.get("phone", ""),
        table.get("address", ""),
        table.get("person", ""),
    )
