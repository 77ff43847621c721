"""Events of records that are merged and taken apart again; part of the stored format.

An item that goes from one record to another keeps its id; its texts are sealed anew for the child it is entered under.
"""

from datetime import date

from attrs import frozen

from casework.model.emergency import Emergency
from casework.model.obligation import Obligation
from casework.model.referral import Referral


@frozen
class EmergencyTaken:
    """An emergency of another record is this one's: as it stands, with everybody who was told."""

    id: str
    about: tuple[str, ...]
    emergency: Emergency


@frozen
class ReferralTaken:
    """A referral of another record is this one's, as it stands."""

    id: str
    about: tuple[str, ...]
    referral: Referral


@frozen
class ObligationTaken:
    """An obligation of another record is this one's, as it stands."""

    key: str
    trigger: str
    obligation: Obligation


@frozen
class MergedOf:
    """The record of ``child``, who is the same child, was taken up in this one."""

    id: str
    child: str
    on: date
    by: str
    because: str


@frozen
class MergedInto:
    """This record was taken up in that of ``child``: from now on it only points there."""

    id: str
    child: str
    on: date
    by: str
    because: str


@frozen
class ItemLeft:
    """An item went back to the record that was merged; ``what`` names where it stood, ``hidden`` who may not know.

    ``texts`` are references to what was written in it here: sealed anew it stands there, and is destroyed here.
    """

    id: str
    what: str
    merge: str
    hidden: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@frozen
class MergeUndone:
    """The record that had been taken up here stands for itself again; ``texts`` of its card are destroyed here."""

    id: str
    on: date
    by: str
    because: str
    texts: tuple[str, ...] = ()


@frozen
class MergedBack:
    """This record stands for itself again, where it stood."""

    id: str
    stage: str
    on: date
    by: str
    because: str


MergeEvent = (
    EmergencyTaken | ReferralTaken | ObligationTaken | MergedOf | MergedInto | ItemLeft | MergeUndone | MergedBack
)
MERGES = (EmergencyTaken, ReferralTaken, ObligationTaken, MergedOf, MergedInto, ItemLeft, MergeUndone, MergedBack)
"""All of them are what a person's command says itself."""
