"""Decisions: what rules answer. The engine turns them into events, adding only what is missing."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from attrs import Attribute, field, frozen
from attrs.validators import instance_of, optional

from casework.model.convert import sorted_words
from casework.model.people import ROLES
from casework.model.reason import Reason, check_code

LONGEST = 255
YEARS = range(1900, 3000)
"""What a rule answers is checked when it is made, within the rule: so it is the rule that fails, and not what a person
wanted to store.
"""


class HasId(Protocol):
    """Anything that can be evidence."""

    @property
    def id(self) -> str:
        """The id within the case."""
        ...


About = str | HasId | Iterable[str | HasId]


def _about(value: About) -> tuple[str, ...]:
    if isinstance(value, str):
        items: list[str] = [value]
    elif isinstance(value, Iterable):
        items = [item if isinstance(item, str) else item.id for item in value]
    else:
        items = [value.id]
    found = tuple(sorted(set(items)))
    if not found or not all(_is_id(item) for item in found):
        msg = (
            "about= names the evidence (ids, activities, concerns) or a period such as '2026-09'; it may not be empty, "
            f"and no id is longer than {LONGEST} characters"
        )
        raise ValueError(msg)
    return found


def _is_id(item: object) -> bool:
    return isinstance(item, str) and 0 < len(item) <= LONGEST and item.isprintable()


def _check_people(_: object, __: object, value: tuple[str, ...]) -> None:
    if not all(_is_id(person) for person in value):
        msg = "implicated= holds ids of people, as the host names them"
        raise ValueError(msg)


def _check_day(_: object, attribute: "Attribute[date]", value: date) -> None:
    if type(value) is not date or value.year not in YEARS:
        msg = f"{attribute.name}= takes a local date of the school, such as now.today"
        raise TypeError(msg)


def _check_role(_: object, __: object, value: str) -> None:
    if value and value not in ROLES:
        msg = f"role= names who owes it: one of {', '.join(ROLES)}"
        raise ValueError(msg)


_REASON = instance_of(Reason)
_YES_OR_NO = instance_of(bool)


def _maybe_about(value: About) -> tuple[str, ...]:
    return () if value == () else _about(value)


@frozen
class Require:
    """There should be an obligation of this duty, due by ``due``, because of ``about``.

    It stands as long as the rule yields it; when the rule stops, an open one is superseded. ``closes`` defaults to
    ``due``, ``role`` to the duty's.
    """

    duty: str
    about: tuple[str, ...] = field(converter=_about, kw_only=True)
    due: date = field(kw_only=True, validator=_check_day)
    closes: date | None = field(default=None, kw_only=True, validator=optional(_check_day))
    role: str = field(default="", kw_only=True, validator=_check_role)


@frozen
class Refer:
    """A specialist should look in: ``to`` is a code such as ``psychology``.

    The key is rule + about: it is requested once for the same evidence; new evidence joins one that is open.
    """

    to: str
    about: tuple[str, ...] = field(converter=_about, kw_only=True)
    because: Reason = field(kw_only=True, validator=_REASON)
    urgent: bool = field(default=False, kw_only=True, validator=_YES_OR_NO)

    def __attrs_post_init__(self) -> None:
        check_code(self.to, "referral to")


@frozen
class Escalate:
    """There is an emergency of ``kind``. Once raised it never retracts; people stand it down."""

    kind: str
    about: tuple[str, ...] = field(converter=_about, kw_only=True)
    because: Reason = field(kw_only=True, validator=_REASON)
    implicated: tuple[str, ...] = field(default=(), converter=sorted_words, kw_only=True, validator=_check_people)
    observed: bool = field(default=True, kw_only=True, validator=_YES_OR_NO)

    def __attrs_post_init__(self) -> None:
        check_code(self.kind, "emergency kind")


@frozen
class Move:
    """The case should be in the stage ``to``; the workflow decides whether a rule may move it there."""

    to: str
    because: Reason = field(kw_only=True, validator=_REASON)


@frozen
class Flag:
    """A remark that people should see as long as the rule yields it."""

    code: str
    because: Reason | None = field(default=None, kw_only=True, validator=optional(_REASON))
    about: tuple[str, ...] = field(default=(), converter=_maybe_about, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_code(self.code, "flag")


@frozen
class Look:
    """Wake this record at the instant ``at`` (aware): the rule's answer may then differ."""

    at: datetime

    def __attrs_post_init__(self) -> None:
        if self.at.tzinfo is None:
            msg = "Look(at) takes an aware instant; use now.midnight(day) for the start of a local day"
            raise ValueError(msg)


Decision = Require | Refer | Escalate | Move | Flag | Look
