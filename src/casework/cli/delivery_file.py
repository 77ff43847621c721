"""The part ``[delivery]`` of casework.toml: at which hours notices go, and by which ways."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from attrs import field, frozen

from casework.engine.digest import Hours
from casework.errors import WrongValue
from casework.policy.text import Key

Wrong = Callable[[Key, str, str], None]
"""Notes a problem: the key, what is wrong, how to mend it."""

_MAIL = {"host": str, "sender": str, "port": int, "security": str, "user": str, "password_file": str, "timeout": float}
_WEBHOOK = {"url": str, "secrets_file": str, "plain_http": bool, "timeout": float}
_HOURS = ("digest", "quiet", "per_week")
_KEYS = {*_HOURS, "log", "mail", "webhook", "addresses"}
_WORDS = {str: "text", int: "whole number", float: "number of seconds", bool: "true or false"}


@frozen
class Delivery:
    """What casework.toml says of delivery; secrets stand in files that it names."""

    hours: Hours = field(factory=Hours)
    log: bool = False
    mail: Mapping[str, Any] = field(factory=dict)
    webhook: Mapping[str, Any] = field(factory=dict)
    addresses: Mapping[str, str] = field(factory=dict, repr=False)


def read_delivery(given: object, wrong: Wrong) -> Delivery:
    """Read the table; problems are noted."""
    if not isinstance(given, dict):
        wrong(("delivery",), "is no table", "write [delivery] and below it what is wanted")
        return Delivery()
    for name in sorted(set(given) - _KEYS):
        wrong(("delivery", name), "is no key that casework knows", f"use {', '.join(sorted(_KEYS))}")
    log = given.get("log", False)
    if not isinstance(log, bool):
        wrong(("delivery", "log"), "is neither true nor false", "write log = true")
    return Delivery(
        _hours(given, wrong),
        log is True,
        _part("mail", given.get("mail", {}), _MAIL, ("host", "sender"), wrong),
        _part("webhook", given.get("webhook", {}), _WEBHOOK, ("url", "secrets_file"), wrong),
        _addresses(given.get("addresses", {}), wrong),
    )


def _hours(given: Mapping[str, object], wrong: Wrong) -> Hours:
    found: dict[str, Any] = {}
    digest, quiet, per_week = (given.get(name) for name in _HOURS)
    if digest is not None:
        found["digest"] = _time(digest)
        if found["digest"] is None:
            wrong(("delivery", "digest"), "is no hour", 'write digest = "07:00"')
    if quiet is not None:
        both = [_time(hour) for hour in quiet] if isinstance(quiet, list) else []
        found["quiet"] = tuple(both)
        if len(both) != len(("first", "last")) or None in both:
            wrong(("delivery", "quiet"), "is no pair of hours", 'write quiet = ["21:00", "07:00"]')
    if per_week is not None:
        found["per_week"] = per_week
        if type(per_week) is not int:
            wrong(("delivery", "per_week"), "is no whole number", "write per_week = 5")
    try:
        return Hours(**found)
    except WrongValue as refused:
        what, _, mend = str(refused).rpartition("; ")
        wrong(("delivery",), what, mend)
    except (TypeError, ValueError):
        return Hours()  # noted above
    return Hours()


def _time(given: object) -> time | None:
    """An hour of the day, as TOML writes it or in quotes."""
    if isinstance(given, time):
        return given
    try:
        found = time.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo is None else None


def _part(name: str, given: object, known: Mapping[str, type], needed: tuple[str, ...], wrong: Wrong) -> dict[str, Any]:
    """One way of delivery: a table of settings, or nothing."""
    if given == {}:
        return {}
    if not isinstance(given, dict):
        wrong(("delivery", name), "is no table", f"write [delivery.{name}]")
        return {}
    for key, value in given.items():
        if key not in known:
            wrong(("delivery", name, key), "is no key that casework knows", f"use {', '.join(known)}")
        elif type(value) not in ({int, float} if known[key] is float else {known[key]}):
            wrong(("delivery", name, key), f"is no {_WORDS[known[key]]}", f"write {_WORDS[known[key]]}")
    for key in needed:
        if not given.get(key):
            wrong(("delivery", name), f"has no {key}", f'write {key} = "…" below [delivery.{name}]')
    return given


def _addresses(given: object, wrong: Wrong) -> dict[str, str]:
    if not isinstance(given, dict):
        wrong(("delivery", "addresses"), "is no table", 'write [delivery.addresses] and "t.li" = "li@example.org"')
        return {}
    for person, address in given.items():
        if not isinstance(address, str) or "@" not in address:
            mend = 'write "t.li" = "li@example.org": an id with dots stands in quotes'
            wrong(("delivery", "addresses", person), "is no address", mend)
    return given
