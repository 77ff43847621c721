"""Logging: events with coded facts through the host's own logging, silent by default, never configured here.

Every event and every key is on the list in `EVENTS`, and every value is an id, a code or a count: never a name, a phone
or a note. What is not on the list is left out of the line, and the line says how much (``dropped``): a slip in a log
call never undoes a command, and never says more than it should. A test reads every call in the library.
"""

import logging
import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from attrs import frozen

LOGGER = logging.getLogger("casework")
LOGGER.addHandler(logging.NullHandler())

_ID = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]{0,64}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")


def _text(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


KINDS: Mapping[str, Callable[[object], bool]] = MappingProxyType(
    {
        "id": _text(_ID),
        "code": _text(_CODE),
        "name": _text(_NAME),
        "count": lambda value: type(value) is int and 0 <= value < 1 << 53,
    }
)
"""What a value may be: an ``id`` of the host's or ours (no white space, at most 64 characters), a ``code`` such as
``class_teacher``, the ``name`` of a class or rule of the program's, or a ``count``.
"""

KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "school": ("id", "the school's name, as the application knows it"),
        "child": ("id", "the host's id of the child; `@` and a class, `@@` and a gathering, empty for the school"),
        "by": ("id", "the principal's id"),
        "command": ("name", "the command's class, such as `Record`"),
        "rule": ("name", "the rule's key"),
        "error": ("name", "the class of what was raised, never its text"),
        "emergency": ("id", "the emergency's id"),
        "role": ("code", "the seat that was told"),
        "step": ("count", "how many steps of the ladder came before, in this state"),
        "letter": ("id", "the letter's id, the same at every attempt and sink"),
        "sink": ("id", "the sink's name, as the application calls it"),
        "person": ("id", "the host's id of whom it is for"),
        "topic": ("code", "what a notice is about, such as `emergency` or `break_glass`"),
        "notices": ("count", "notices within the letter"),
        "packed": ("count", "letters that were made of notices"),
        "delivered": ("count", "letters that a sink took"),
        "failed": ("count", "attempts that failed and are made again"),
        "dead": ("count", "letters that are not tried any more"),
        "due": ("count", "records that were due"),
        "settled": ("count", "records that were looked at"),
        "written": ("count", "records that something happened to"),
        "broken": ("count", "records that could not be looked at"),
        "limit": ("count", "records in the chunk that failed as a whole"),
        "dropped": ("count", "facts that were left out, since the list does not hold them: report it"),
    }
)
"""What a line may say: by key the kind of its value (of `KINDS`), and what it is."""


@frozen
class Event:
    """An event of the list: at which ``level``, what it ``says`` happened, and the keys that it has."""

    level: str
    says: str
    keys: tuple[str, ...]


EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        "command": Event("info", "a command was carried out", ("school", "child", "command", "by")),
        "sweep": Event("info", "a sweep has ended", ("due", "settled", "written", "broken")),
        "notified": Event("info", "somebody was told by a sweep", ("school", "child", "emergency", "role", "step")),
        "deliver": Event("info", "a delivery has ended", ("packed", "delivered", "failed", "dead")),
        "letter": Event("info", "a letter for somebody", ("school", "letter", "person", "topic", "notices")),
        "letter_failed": Event("warning", "a sink did not take a letter", ("school", "letter", "sink", "error")),
        "deliver_again": Event("info", "a dead letter is tried again", ("school", "letter", "by")),
        "told_otherwise": Event("info", "a dead letter's person was told in another way", ("school", "letter", "by")),
        "erased_again": Event("warning", "a restored copy held what was erased, and was erased", ("school", "child")),
        "keyring_unreadable": Event("warning", "the file of the key ring changed and cannot be read", ("error",)),
        "rule_failed": Event("warning", "a rule raised, and is set aside", ("school", "child", "rule", "error")),
        "settling_failed": Event(
            "warning",
            "windows could not be settled; the emergency was stored all the same",
            ("school", "child", "error"),
        ),
        "sweep_chunk_failed": Event("warning", "a chunk failed and is gone through one by one", ("error", "limit")),
        "ladder_failed": Event("warning", "the ladder of a record could not climb", ("school", "child", "error")),
        "attendance_left": Event(
            "warning", "what a gathering says of a child is left for later", ("school", "child", "error")
        ),
        "world_failed": Event(
            "warning",
            "what somebody implicated may know could not be found anew; the stored record was shown, without the rest",
            ("school", "child", "error"),
        ),
        "directory_failed": Event("warning", "the host's directory raised; nobody was found", ("school", "error")),
        "resolver_failed": Event(
            "warning", "the host's resolver raised; the school is taken as it was", ("school", "error")
        ),
    }
)
"""Every event that may be logged."""


@cache
def _structured() -> Any:  # noqa: ANN401 - structlog's bound logger
    # Loaded at the first line that somebody wants to see: structlog loads what it can find to draw tracebacks.
    import structlog  # noqa: PLC0415

    return structlog.wrap_logger(
        LOGGER, processors=[structlog.stdlib.render_to_log_kwargs], wrapper_class=structlog.stdlib.BoundLogger
    )


def allowed(event: str, facts: Mapping[str, object]) -> dict[str, object]:
    """The facts of an event that the list holds; ``dropped`` counts the others, if there are any.

    An event that is not on the list keeps nothing.
    """
    listed = EVENTS.get(event)
    keys = () if listed is None else listed.keys
    found = {key: value for key, value in facts.items() if key in keys and KINDS[KEYS[key][0]](value)}
    return found if len(found) == len(facts) else {**found, "dropped": len(facts) - len(found)}


def info(event: str, **facts: object) -> None:
    """Say that something happened as it should."""
    if LOGGER.isEnabledFor(logging.INFO):
        _structured().info(event if event in EVENTS else "unlisted", **allowed(event, facts))


def warning(event: str, **facts: object) -> None:
    """Say that something needs a person's eye."""
    if LOGGER.isEnabledFor(logging.WARNING):
        _structured().warning(event if event in EVENTS else "unlisted", **allowed(event, facts))
