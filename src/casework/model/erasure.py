"""Erasure: what is confidential about a child is destroyed for good, asked for by one person, done by another."""

from datetime import date

from attrs import frozen

ERASURE_STATES = ("asked", "declined", "erased")


@frozen
class Erasure:
    """A request that a child's texts be destroyed, and what became of it.

    ``because`` and ``answer`` are codes, ``by`` is who declined or carried it out. ``receipt`` stands for the destroyed
    key in the key ring, which refuses it for good; it is empty where there was no key.
    """

    id: str
    because: str
    asked_by: str
    asked_on: date
    state: str = "asked"
    by: str = ""
    on: date | None = None
    answer: str = ""
    receipt: str = ""
