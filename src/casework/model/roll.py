"""The roll of a school: one row per pupil and per member of staff, as the last roster or a person said it.

No name, phone or address stands here; those are sealed (design.md, "History").
"""

from datetime import date
from unicodedata import normalize

from attrs import field, frozen
from attrs.validators import in_, optional

from casework.model.convert import of_kind, words

AWAY = ("none", "one", "both")
"""How many parents work away; the words of ``metadata.casework.leftBehind``."""


def id_key(text: str) -> str:
    """The form in which ids are compared: ``S-17`` and ``s-17`` are one id, composed or decomposed alike."""
    return normalize("NFC", normalize("NFC", text).casefold())


@frozen
class RollRow:
    """One pupil on the roll.

    ``left_behind`` is None while nobody has said it, else one of `AWAY`. Empty ``class_``, ``grade``, ``household``
    and ``sex`` mean unknown. Pupils with the same ``household`` live together. ``on_roll`` turns false when the pupil
    leaves; the row stays.
    """

    pupil: str = field(validator=of_kind("pupil=", "the id of a pupil", str))
    class_: str = ""
    grade: str = ""
    left_behind: str | None = field(default=None, validator=optional(in_(AWAY)))
    boarder: bool = False
    household: str = ""
    birth_date: date | None = field(
        default=None,
        repr=False,
        validator=of_kind("birth_date=", "a local date, as in date(2016, 9, 1)", date, type(None)),
    )
    sex: str = field(default="", repr=False)
    on_roll: bool = True


@frozen
class StaffRow:
    """One member of staff: the seats they hold (`casework.model.people.ROLES` and others) and their classes.

    ``classes`` are those whose class teacher the person is, not those where they teach a subject.
    """

    person: str = field(validator=of_kind("person=", "the id of a member of staff", str))
    roles: tuple[str, ...] = field(default=(), converter=words)
    classes: tuple[str, ...] = field(default=(), converter=words)
