"""Rows of erasures, and back."""

from collections.abc import Iterable
from typing import Any

from casework.model.erasure import Erasure
from casework.store.types import from_day, from_day_or_none, to_day

Row = tuple[Any, ...]


def erasure_row(n: int, e: Erasure) -> Row:
    """A row of ``casework_erasures`` after school and number."""
    return (n, e.id, e.state, e.because, e.asked_by, to_day(e.asked_on), e.by, to_day(e.on), e.answer, e.receipt)


def to_erasures(rows: Iterable[Row]) -> dict[str, Erasure]:
    """The erasures of a record by id."""
    return {
        id_: Erasure(id_, because, asked_by, from_day(asked_on), state, by, from_day_or_none(on), answer, receipt)
        for _, id_, state, because, asked_by, asked_on, by, on, answer, receipt in rows
    }
