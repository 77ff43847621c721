"""Converters of attrs fields, typed for the checker: any iterable of words in, a tuple out."""

from collections.abc import Iterable


def words(value: Iterable[str]) -> tuple[str, ...]:
    """The words as given; a single word, which would fall apart into letters, is refused."""
    if isinstance(value, str):
        msg = f"{value[:20]!r} is one word where several are taken; give a list"
        raise TypeError(msg)
    return tuple(value)


def sorted_words(value: Iterable[str]) -> tuple[str, ...]:
    """The different words in order, so that the same set always reads the same."""
    return tuple(sorted(set(words(value))))
