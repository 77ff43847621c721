"""Rows of moves: transfers between schools, and records that were merged."""

from typing import Any

from casework.model.move import Hidden, Move, Package
from casework.model.people import Sealed
from casework.store.parts import Part
from casework.store.types import (
    from_day,
    from_day_or_none,
    from_instant,
    from_json,
    from_words,
    to_day,
    to_instant,
    to_json,
    to_words,
)


def _row(n: int, m: Move) -> tuple[Any, ...]:
    said = (m.id, m.kind, m.state, to_day(m.on), m.by, m.because, m.peer, m.key, m.child)
    packages = to_json([[package.digest, to_instant(package.at)] for package in m.packages])
    texts = (to_words(text.ref for text in m.texts), to_words(text.ref for text in m.restricted))
    hides = to_json([[hidden.id, list(hidden.implicated)] for hidden in m.hides])
    return (n, *said, packages, to_day(m.chased), to_day(m.ended_on), *texts, hides)


def to_move(row: tuple[Any, ...]) -> Move:
    """The move of a row after school and number."""
    _, id_, kind, state, day, person, because, peer, key, child, packages, chased, ended, texts, restricted, hides = row
    return Move(
        id_,
        kind,
        state,
        from_day(day),
        person,
        because,
        peer,
        key,
        child,
        tuple(Package(digest, from_instant(at)) for digest, at in from_json(packages) or ()),
        from_day_or_none(chased),
        from_day_or_none(ended),
        tuple(map(Sealed, from_words(texts))),
        tuple(map(Sealed, from_words(restricted))),
        tuple(Hidden(hidden, tuple(people)) for hidden, people in from_json(hides) or ()),
    )


MOVES = Part("moves", 1 << 27, 1, ("moves",), lambda c: list(c.moves.values()), _row)
