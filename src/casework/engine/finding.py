"""What children are looked for by: one phone, or one identity number."""

from casework.errors import CommandRefused, check_kind
from casework.model.identity import normalised


def lookup_of(phone: str, identity: str) -> tuple[str, str]:
    """What is looked for, and the number. Raises `CommandRefused` unless it is one of the two, or `WrongType`."""
    check_kind(phone, str, "phone=", "text")
    check_kind(identity, str, "identity=", "text")
    what, text = ("phone", phone) if phone else ("identity", identity)
    if bool(phone) == bool(identity) or not normalised(what, text):
        msg = "find() looks for one phone=, with its digits, or one identity="
        raise CommandRefused(msg)
    return what, text
