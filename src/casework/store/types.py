"""Between values and what columns hold: local dates, instants, references, lists and coded facts."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from casework.errors import CommandRefused, Tampered
from casework.model.people import Sealed
from casework.model.reason import Fact, Reason

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1).toordinal()
SECONDS, MICROS = 86_400, 1_000_000


def to_day(value: date | None) -> int | None:
    """A local date as days since 1970-01-01."""
    return None if value is None else value.toordinal() - FIRST_DAY


@lru_cache(maxsize=4096)
def from_day(value: int) -> date:
    """The local date that many days after 1970-01-01."""
    return date.fromordinal(value + FIRST_DAY)


def from_day_or_none(value: int | None) -> date | None:
    """The local date, where there is one."""
    return None if value is None else from_day(value)


def to_instant(value: datetime) -> int:
    """An aware instant as microseconds since 1970-01-01T00:00Z; a naive one is refused."""
    if value.tzinfo is None:
        raise CommandRefused("an instant without a time zone cannot be stored; give an aware datetime")
    gone = value - EPOCH
    return (gone.days * SECONDS + gone.seconds) * MICROS + gone.microseconds


def to_instant_or_none(value: datetime | None) -> int | None:
    """The instant in microseconds, where there is one."""
    return None if value is None else to_instant(value)


def from_instant(value: int) -> datetime:
    """The instant that many microseconds after 1970-01-01T00:00Z, in UTC."""
    return EPOCH + timedelta(microseconds=value)


def from_instant_or_none(value: int | None) -> datetime | None:
    """The instant, where there is one."""
    return None if value is None else EPOCH + timedelta(microseconds=value)


def to_ref(value: Sealed | None) -> bytes | None:
    """The reference to sealed text as 16 bytes."""
    return None if value is None else bytes.fromhex(value.ref)


def from_ref(value: bytes | None) -> Sealed | None:
    """The reference to sealed text, where there is one."""
    return None if value is None else Sealed(value.hex())


def to_secret(value: str | Sealed) -> bytes | None:
    """What a contact card holds: a reference, or nothing. Readable text is refused."""
    if isinstance(value, Sealed):
        return bytes.fromhex(value.ref)
    if value:
        raise CommandRefused("names, phones and addresses are stored sealed; give them to a desk, which seals them")
    return None


def from_secret(value: bytes | None) -> str | Sealed:
    """What a contact card holds: a reference, or nothing."""
    return "" if value is None else Sealed(value.hex())


def to_json(value: object) -> str:
    """Compact JSON with sorted keys; empty for what is empty."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if value else ""


def from_json(text: str) -> Any:  # noqa: ANN401 - whatever was stored
    """What compact JSON says; None for empty text. Raises `Tampered` for anything else."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Tampered("a stored list is no JSON; run `casework verify`") from None


def to_words(value: Iterable[str]) -> str:
    """A list of ids or codes as JSON."""
    return to_json(list(value))


@lru_cache(maxsize=1024)
def from_words(text: str) -> tuple[str, ...]:
    """A list of ids or codes; the same few texts occur again and again."""
    return tuple(from_json(text) or ())


def to_facts(value: Mapping[str, Fact]) -> dict[str, object]:
    """Coded facts for JSON: a date becomes a list of its day, the rest stays."""
    return {name: [to_day(fact)] if isinstance(fact, date) else fact for name, fact in sorted(value.items())}


def from_facts(value: Mapping[str, Any]) -> dict[str, Fact]:
    """Coded facts from JSON."""
    return {name: from_day(fact[0]) if isinstance(fact, list) else fact for name, fact in value.items()}


def to_reason(value: Reason | None) -> str:
    """A reason as JSON: its code and facts."""
    return "" if value is None else to_json([value.code, to_facts(value.facts)])


def from_reason(text: str) -> Reason | None:
    """A reason, where there is one."""
    found = from_json(text)
    return None if found is None else Reason(found[0], **from_facts(found[1]))
