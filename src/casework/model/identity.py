"""A child's identity number, sealed; and what a child can be found by: that number, and phones of the contact card."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from unicodedata import normalize

from attrs import field, frozen

from casework.model.convert import of_kind
from casework.model.people import Sealed

if TYPE_CHECKING:
    from casework.model.case import Case

LOOKUPS = {"phone": "phone", "identity": "number"}
"""What children are found by, and the kind of sealed text that it is."""
_COUNTRY = "86"
_NUMBER = of_kind("number=", "text", str, Sealed, type(None))


@frozen
class RecordIdentity:
    """Enter the child's identity number, in place of one entered before; without one, that one goes."""

    number: str | Sealed | None = field(repr=False, validator=_NUMBER)


@frozen
class IdentityRecorded:
    """The child's identity number was entered, or taken away."""

    number: Sealed | None = field(repr=False)


def normalised(what: str, text: str) -> str:
    """What two spellings of one number have in common; empty for what is none.

    Of a phone its digits, without the prefix of a call from abroad to China (+86, 0086); of an identity number its
    letters and digits, in capitals.

    >>> normalised("phone", "+86 139-0000-0000") == normalised("phone", "139 0000 0000")
    True
    """
    plain = normalize("NFKC", text)
    if what == "identity":
        return "".join(filter(str.isalnum, plain)).upper()
    digits = "".join(filter(str.isdecimal, plain))
    if plain.lstrip().startswith("+") or digits.startswith("00"):
        return digits.removeprefix("00").removeprefix(_COUNTRY)
    return digits


def lookup_refs(case: "Case") -> Iterator[tuple[str, str]]:
    """What the child is found by now, and the references to the texts."""
    for contact in ({} if case.card is None else case.card.contacts()).values():
        if isinstance(contact.phone, Sealed):
            yield "phone", contact.phone.ref
    if case.identity is not None:
        yield "identity", case.identity.ref
