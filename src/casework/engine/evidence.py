"""What evidence says besides what it is about: whom it implicates."""

from collections.abc import Collection

from casework.model.case import Case


def implicated_by(case: Case, about: Collection[str], named: Collection[str]) -> tuple[str, ...]:
    """The people who are named, and those whom a concern among the evidence implicates: an emergency hides from all."""
    found = set(named)
    for id_ in about:
        concern = case.concern_log.get(id_)
        if concern is not None:
            found |= set(concern.implicated)
    return tuple(sorted(found))
