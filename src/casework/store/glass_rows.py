"""Broken glass as rows, and back; who was told of it stands in one column, as JSON."""

from collections.abc import Iterable

from casework.model.glass import Glass, GlassNotice
from casework.store.parts import Part, Row
from casework.store.types import from_instant, from_instant_or_none, from_json, to_instant, to_instant_or_none, to_json


def _row(n: int, g: Glass) -> Row:
    told = to_json([[k.step, k.role, k.person, to_instant(k.at), k.why] for k in g.notices])
    judged = (g.reviewed_by, to_instant_or_none(g.reviewed_at), g.verdict)
    return (n, g.id, g.person, g.because, to_instant(g.at), to_instant(g.until), told, *judged)


def to_glasses(rows: Iterable[Row]) -> dict[str, Glass]:
    """The broken glass of a record's rows, by id."""
    return {
        row[1]: Glass(
            row[1],
            row[2],
            row[3],
            from_instant(row[4]),
            from_instant(row[5]),
            tuple(GlassNotice(k[0], k[1], k[2], from_instant(k[3]), k[4]) for k in from_json(row[6]) or ()),
            row[7],
            from_instant_or_none(row[8]),
            row[9],
        )
        for row in rows
    }


GLASS_PART = Part("glasses", 1 << 30, 1, ("glasses",), lambda case: list(case.glasses.values()), _row)
