"""What is asked of a store over many records, and what it answers: values."""

from datetime import datetime

from attrs import frozen

from casework.model.case import CLASS_MARK, Case
from casework.model.obligation import Obligation


@frozen
class Whose:
    """Which obligations fall to a person: as lead, by seat, as class teacher; and those of vacant seats to the lead.

    What is owed about the school or a class, and whose seat is vacant, falls to whoever ``heads`` the school.
    """

    person: str
    roles: frozenset[str]
    vacant: frozenset[str]
    classes: frozenset[str]
    taught: frozenset[str]
    heads: bool = False

    def owes(self, role: str, lead: str, class_: str, child: str) -> bool:
        """Tell whether an obligation of ``role`` for a child with this lead and class falls to the person.

        ``child`` may be a class or the school, which have no lead.
        """
        if self.heads and not child.removeprefix(f"{CLASS_MARK}{class_}"):
            vacant = class_ not in self.taught if role == "class_teacher" else role in {*self.vacant, "lead"}
            if vacant:
                return True
        if role == "class_teacher":
            return class_ in self.classes or (lead == self.person and class_ not in self.taught)
        if role == "lead" or role in self.vacant:
            return lead == self.person or (not lead and class_ in self.classes)
        return role in self.roles


@frozen
class Reach:
    """Which children may be in a person's lists: those they stand in some relation to.

    ``classes`` are those they teach (an empty one for children of no known class), ``specialists`` the kinds of
    referral whose seat they hold.
    """

    person: str
    classes: frozenset[str]
    specialists: frozenset[str]

    def holds(self, case: Case) -> bool:
        """Tell whether the child of a record is within reach."""
        pairing = case.pairings[-1] if case.pairings and case.pairings[-1].until is None else None
        return (
            case.class_ in self.classes
            or (pairing is not None and self.person in {pairing.lead, *pairing.members})
            or any(r.answered_by == self.person or r.to in self.specialists for r in case.referrals.values())
            or any(n.person == self.person for e in case.emergencies.values() for n in e.notices)
        )


@frozen
class Reading:
    """One audited reading of sealed text: what, by whom, why and when; ``kind`` as in phone, empty once erased."""

    ref: str
    reader: str
    reason: str
    at: datetime
    kind: str = ""


@frozen
class Owed:
    """One open obligation of a child, with what a list of the day needs."""

    child: str
    class_: str
    household: str
    obligation: Obligation
