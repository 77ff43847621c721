"""Commands of records that are merged and taken apart again; a desk makes both of a pair in one transaction.

``hidden`` are ids that whoever gives the command may not know of.
"""

from attrs import field, frozen

from casework.model.case import Case


@frozen
class Merge:
    """Take up the record ``other`` of the same child; its texts come sealed for this record's child."""

    id: str
    other: Case = field(repr=False)
    hidden: frozenset[str] = field(repr=False)
    because: str


@frozen
class MergeInto:
    """Point to the record of the child ``into`` from now on."""

    id: str
    into: str
    because: str


@frozen
class Leaving:
    """One item that goes back: where it stands, its id, who may not know of it, references to its texts here."""

    what: str
    id: str
    hidden: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@frozen
class Unmerge:
    """Give back what came of the record of ``child``: ``before`` and ``after`` are this record around the merge."""

    id: str
    child: str
    before: Case = field(repr=False)
    after: Case = field(repr=False)
    leaving: tuple[Leaving, ...] = field(repr=False)
    hidden: frozenset[str] = field(repr=False)
    because: str


@frozen
class UnmergeFrom:
    """Stand for itself again at the ``stage`` where the record stood, with the items of ``back``."""

    id: str
    stage: str
    back: Case = field(repr=False)
    hidden: frozenset[str] = field(repr=False)
    because: str


MergeCommand = Merge | MergeInto | Unmerge | UnmergeFrom
MERGE_COMMANDS = (Merge, MergeInto, Unmerge, UnmergeFrom)
