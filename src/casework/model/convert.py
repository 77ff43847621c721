"""Converters and validators of attrs fields, typed for the checker: words in, a tuple out; the kind that is taken."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from casework.errors import WrongType, check_kind, said

if TYPE_CHECKING:
    from attrs import Attribute


def words(value: Iterable[str]) -> tuple[str, ...]:
    """The words as given; a single word, which would fall apart into letters, is refused."""
    if isinstance(value, str):
        msg = f"{said(value)} is one word where several are taken; give a list"
        raise WrongType(msg)
    if not isinstance(value, Iterable):
        msg = f"a list of words is taken, not {type(value).__name__}; give a list"
        raise WrongType(msg)
    return tuple(value)


def sorted_words(value: Iterable[str]) -> tuple[str, ...]:
    """The different words in order, so that the same set always reads the same."""
    return tuple(sorted(set(words(value))))


def of_kind(where: str, takes: str, *kinds: type) -> "Callable[[Any, Attribute[Any], Any], None]":
    """A validator: the value is of one of the kinds, or refused with `WrongType`."""
    return lambda _, __, given: check_kind(given, kinds, where, takes)
