"""Options that commands share, and how days, instants and pairs are read from an argument."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from attrs import field, frozen
from cyclopts import Parameter

from casework.cli.exits import WrongUsage
from casework.model.activity import Detail
from casework.model.commands import ConcernDraft

LONGEST_ID = 64
LONGEST_NUMBER = 9
FIRST_YEAR, LAST_YEAR = 1970, 2100


def _day(kind: object, tokens: Sequence[Any]) -> date:  # noqa: ARG001 - cyclopts hands over the type
    try:
        return date.fromisoformat(tokens[0].value)
    except ValueError:
        raise ValueError("this is no day; write it as 2026-09-14") from None


def _number(kind: object, tokens: Sequence[Any]) -> int:  # noqa: ARG001 - cyclopts hands over the type
    text = tokens[0].value
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER):
        raise ValueError(f"this is no whole number of at most {LONGEST_NUMBER} digits")
    return int(text)


Day = Annotated[date | None, Parameter(converter=_day)]
Number = Annotated[int, Parameter(converter=_number)]
MaybeNumber = Annotated[int | None, Parameter(converter=_number)]
Flag = Annotated[bool, Parameter(negative=())]
Many = Annotated[tuple[str, ...], Parameter(negative=())]
"""An option that may be given several times."""
Text = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
"""Free text: a word that begins with a hyphen is no option here, and ``-`` alone stands for standard input."""
Note = Annotated[Text, Parameter(help="free text, sealed; - reads it from standard input")]


@frozen(kw_only=True)
class Shown:
    """What every command understands."""

    json: Annotated[bool, Parameter(negative=(), help="write JSON, and nothing else, to standard output")] = False
    debug: Annotated[bool, Parameter(negative=(), help="show where an unexpected error came from")] = False


@frozen(kw_only=True)
class At(Shown):
    """A command that works on a school's folder."""

    dir: Annotated[str, Parameter(help="the folder that holds casework.toml")] = "."
    database: Annotated[
        str | None,
        Parameter(
            env_var="CASEWORK_DATABASE",
            help="another than casework.toml says: a file there, or postgresql://…",
        ),
    ] = None
    now: Annotated[
        str | None, Parameter(env_var="CASEWORK_NOW", help="rehearse: take this instant for the present")
    ] = None


@frozen(kw_only=True)
class By(At):
    """A command that somebody gives: what they may see and do depends on who they are."""

    as_: Annotated[str | None, Parameter(name="--as", help="who acts: the id of a member of staff")] = None


@frozen(kw_only=True)
class Doing(By):
    """A command that writes."""

    key: Annotated[str, Parameter(help="carry out once: repeating the command with the same key does nothing")] = ""


SHOWN, AT, BY, DOING = Shown(), At(), By(), Doing()
"""Nothing said: what a command is given where no shared option is named."""

Everybody = Annotated[Shown, Parameter(name="*")]
There = Annotated[At, Parameter(name="*")]
Somebody = Annotated[By, Parameter(name="*")]
Writer = Annotated[Doing, Parameter(name="*")]


def typed(text: str | None) -> str | None:
    """A text as it was typed; ``-`` is what stands on standard input."""
    return sys.stdin.read() if text == "-" else text


def instant(text: str, zone: ZoneInfo | None, option: str) -> datetime:
    """An instant from ISO 8601; without an offset it is the school's local time, where ``zone`` is known."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{option} is no instant; write it as 2026-09-14T21:40 or 2026-09-14T13:40:00+00:00") from None
    if at.tzinfo is None:
        if zone is None:
            raise WrongUsage(f"{option} needs an offset, as in 2026-09-14T21:40:00+08:00")
        at = at.replace(tzinfo=zone)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise WrongUsage(f"{option} lies outside of {FIRST_YEAR} to {LAST_YEAR}; check the year")
    return at.astimezone(UTC)


def details(pairs: Sequence[str]) -> dict[str, Detail]:
    """Coded facts from ``key=value``: true and false, whole numbers, else a word."""
    found: dict[str, Detail] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name or name in found:
            raise WrongUsage("--detail is written name=value, each name once, as in --detail home_safety=good")
        found[name] = _detail(value)
    return found


def _detail(value: str) -> Detail:
    if value in {"true", "false"}:
        return value == "true"
    digits = value.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER:
        return int(value)
    return value


@frozen
class Worries:
    """Concerns of one record: ``kind`` or ``kind:severity``, and who is implicated in all of them."""

    kinds: tuple[str, ...]
    implicates: tuple[str, ...] = ()
    inferred: bool = field(default=False)

    def drafts(self) -> tuple[ConcernDraft, ...]:
        """The concerns as the engine takes them."""
        if not self.kinds and (self.implicates or self.inferred):
            raise WrongUsage("--implicates and --inferred describe a --concern; name it, as in --concern bruises:high")
        found = []
        for text in self.kinds:
            kind, _, severity = text.partition(":")
            found.append(
                ConcernDraft(kind, severity or "medium", observed=not self.inferred, implicated=self.implicates)
            )
        return tuple(found)
