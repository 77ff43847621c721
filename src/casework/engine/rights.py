"""What a principal may do: how they stand to a record, laid over the access matrix. Default deny.

Relations follow from the record as the principal may see it, from the host's word for them (`Principal`) and from its
`Directory`. Somebody implicated has the relations of the world that they may know of: see `casework.engine.worlds`.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from attrs import field, frozen

from casework.engine.actions import REFERRAL_ACTIONS
from casework.engine.port import Reach
from casework.model.case import CLASS_MARK, Case
from casework.model.people import ROLES as SEATS
from casework.model.people import Directory, Principal
from casework.model.referral import Referral
from casework.policy.access import REASONS, Access
from casework.policy.values import Policy

HEADS = ("principal", "vice_principal", "leading_group", "office")
"""The seats that head a school, and stand in for one another: the first of them that is held."""

_CARING = ("psychologist", "youth_counsellor", "medical_staff", "safeguarding_lead", "vice_principal", "principal")

_SYSTEM = Principal.system().id
_EVERYBODY = frozenset(("anyone",))
_GIVEN = {
    "lead": frozenset(("anyone", "helper")),
    "member": frozenset(("anyone", "helper")),
    "assigned": frozenset(("anyone", "counsellor")),
}
"""By relation, the roles that come with it."""

_OF_THE_SEAT = frozenset(("read_psychology", "read_transferred"))
"""What is read of a whole record by whoever holds the seat that is asked."""

_PAIRING = ("safeguarding_lead", *HEADS)
"""The seats that may pair a child with helpers, and so pair whoever wants to be one."""

_SEATLESS = frozenset(("anyone", "helper", "counsellor", "stand_in", "system", "class_teacher", "district_officer"))
"""Roles that no directory gives: they follow from relations, or are the host's word alone."""

DISTRICT = "district_officer"


@frozen
class Rights:
    """The rights of one principal in one school at one instant."""

    principal: Principal
    access: Access
    policy: Policy
    directory: Directory
    school: str
    at: datetime
    class_of: Callable[[str], str] = field(repr=False, eq=False)
    """The class of a child by the roll, for a record that says none."""
    classes: frozenset[str] = field()
    _held: dict[str, bool] = field(factory=dict, repr=False, eq=False, init=False)

    @classes.default
    def _own_classes(self) -> frozenset[str]:
        mine = self.principal.id
        taught = self.directory.class_teachers(self.school, self.at)
        return self.principal.classes | {class_ for class_, teacher in taught.items() if teacher == mine}

    def holds(self, role: str) -> bool:
        """Whether the host says, by the principal or by its directory, that they hold a seat."""
        if role in self.principal.roles:
            return True
        if role == "class_teacher":
            return bool(self.classes - self.principal.classes)
        if role in _SEATLESS:
            return False
        if role not in self._held:
            self._held[role] = self.principal.id in self.directory.holders(role, self.school, self.at)
        return self._held[role]

    def may(self, action: str, record: Case, class_: str = "", *, referral: str = "") -> bool:
        """Tell whether the matrix allows the action on the record, as the principal may see it.

        ``class_`` is the class of a child whose record does not say it yet; ``referral`` names the one that the action
        is about.
        """
        if record.subject == "child" and self._glass(record):
            return any(self._may(action, record, class_, referral, reason) for reason in REASONS[:2])
        return self._may(action, record, class_, referral, REASONS[0])

    def may_with(self, action: str, record: Case, sibling: Case) -> bool:
        """Tell whether the action is allowed since it is done in one with that of a child of the same household."""
        same = bool(record.household) and record.household == sibling.household
        given = frozenset(("helper", "class_teacher")) & self.access.roles("household", action, record.state)
        return same and bool(given) and self.may(action, sibling)

    def paired_by_another(self) -> bool:
        """Whether somebody else can pair the principal with a child, so that nobody lets themselves in."""
        found = {person for role in _PAIRING for person in self.directory.holders(role, self.school, self.at)}
        return bool(found - {self.principal.id})

    def may_here(self, action: str, reason: str = "work") -> bool:
        """Tell whether the matrix allows the action about the school as a whole, or about children of any class."""
        return any(self._granted(relation, action, "", reason) for relation in self._of_school())

    def _may(self, action: str, record: Case, class_: str, referral: str, reason: str) -> bool:
        state = record.state
        about = referral if action in REFERRAL_ACTIONS or referral else ""
        for relation in self._relations(action, record, class_, about):
            if self._granted(relation, action, state, reason):
                return True
            standing_in = "stand_in" in self.access.roles(relation, action, state, reason)
            if standing_in and self._stands_in(action, relation, record, about):
                return True
        return False

    def _stands_in(self, action: str, relation: str, record: Case, referral: str) -> bool:
        """Whether what a vacant seat would do falls to them: a lead helper, a class teacher, a seat that cares."""
        if action in REFERRAL_ACTIONS:
            found = record.referrals.get(referral)
            cares = relation != "school" or any(self.holds(role) for role in _CARING)
            asked_for_it = relation == "school" and found is not None and found.by == self.principal.id
            if found is None or not cares or asked_for_it or not self._vacant(self._seats_of(found)):
                return False
            return not found.answered_by or not self._inside(found.answered_by, record)
        if action == "pair":
            asking = (duty for duty in self.policy.duties if any(by.kind == "pairing" for by in duty.discharged_by))
            return self._vacant(tuple(duty.role for duty in asking) or HEADS)
        return self._vacant(HEADS)

    def _inside(self, person: str, record: Case) -> bool:
        """Whether somebody who took a referral on is of the school, and so enters what they do themselves."""
        pairing = record.pairings[-1] if record.pairings else None
        taught = self.directory.class_teachers(self.school, self.at).values()
        helps = pairing is not None and person in {pairing.lead, *pairing.members}
        seats = (role for role in SEATS if role not in _SEATLESS)
        seated = any(person in self.directory.holders(role, self.school, self.at) for role in seats)
        return helps or person in taught or seated

    def _vacant(self, seats: tuple[str, ...]) -> bool:
        """Whether nobody holds any of these seats, as far as the host says."""
        return not any(self.holds(role) or self.directory.holders(role, self.school, self.at) for role in seats)

    def _seats_of(self, referral: Referral) -> tuple[str, ...]:
        """The seat that answers a referral, if the policy names one."""
        specialist = self.policy.specialists.get(referral.to)
        return () if specialist is None else (specialist.role,)

    def _granted(self, relation: str, action: str, state: str, reason: str) -> bool:
        roles = self.access.roles(relation, action, state, reason)
        if not roles:
            return False
        if self.principal.id == _SYSTEM:
            return "system" in roles or "anyone" in roles
        if not roles.isdisjoint(_GIVEN.get(relation, _EVERYBODY)):
            return True
        return any(self.holds(role) for role in sorted(roles))

    def _relations(self, action: str, record: Case, class_: str, referral: str) -> Iterator[str]:
        """How the principal stands to the record."""
        me = self.principal.id
        yield from self._of_school()
        if self._teaches(action, record, class_):
            yield "own_class"
        if record.subject != "child":
            return
        pairing = record.pairings[-1] if record.pairings and record.pairings[-1].until is None else None
        if pairing is not None and pairing.lead == me:
            yield "lead"
        if pairing is not None and me in pairing.members:
            yield "member"
        if any(self._opens(action, found, whole=not referral) for found in _asked(record, referral)):
            yield "assigned"
        if any(e.state != "reviewed" and any(n.person == me for n in e.notices) for e in record.emergencies.values()):
            yield "told"

    def _teaches(self, action: str, record: Case, class_: str) -> bool:
        """Whether the record is of a class of theirs; a child whose class nobody knows yet is every class teacher's."""
        if record.subject != "child":
            return record.child.removeprefix(CLASS_MARK) in self.classes
        if not self.classes and not self.holds("class_teacher"):
            return False
        known = record.class_ or self.class_of(record.child) or class_
        unknown = not known and (record.version > 0 or bool(record.stage) or action == "identify")
        return known in self.classes or unknown

    def _of_school(self) -> Iterator[str]:
        others = self.principal.roles - {DISTRICT}
        if DISTRICT in self.principal.roles:
            yield "district"
        if others or DISTRICT not in self.principal.roles:
            yield "school"

    def _opens(self, action: str, referral: Referral, *, whole: bool) -> bool:
        """Whether a referral gives the relation to itself, or to the ``whole`` record.

        What else there is of psychology is for whoever holds the seat: who took on what a vacant seat would do has that
        referral alone.
        """
        if not self.assigned(referral):
            return False
        seated = any(self.holds(role) for role in self._seats_of(referral))
        return seated or not (whole and action in _OF_THE_SEAT)

    def assigned(self, referral: Referral) -> bool:
        """Whether a referral is the principal's: they answered it, or hold the seat that is asked.

        Once it is answered it is that person's alone, as long as they hold the seat or it is vacant; then that of
        whoever holds it.
        """
        me, seats = self.principal.id, self._seats_of(referral)
        seated = any(self.holds(role) for role in seats)
        if not referral.answered_by:
            return seated
        if referral.answered_by == me:
            return seated or self._vacant(seats)
        held = {person for role in seats for person in self.directory.holders(role, self.school, self.at)}
        return seated and referral.answered_by not in held

    def _glass(self, record: Case) -> bool:
        """Whether the principal has broken the glass for this record, and it is not over."""
        return any(glass.open_for(self.principal.id, self.at) for glass in record.glasses.values())

    def reach(self) -> Reach | None:
        """Whose records may be in the principal's lists, for a store to look for; None for those of the whole school.

        It may hold a child too many, so whoever makes a list asks `may` of each.
        """
        if self.may_here("list_child"):
            return None
        specialists = frozenset(code for code, found in self.policy.specialists.items() if self.holds(found.role))
        classes = self.classes | ({""} if self.holds("class_teacher") else frozenset[str]())
        return Reach(self.principal.id, classes, specialists)


def _asked(record: Case, referral: str) -> Iterable[Referral]:
    """The referral that is meant, or all that are open."""
    if not referral:
        return tuple(found for found in record.referrals.values() if found.open)
    found = record.referrals.get(referral)
    return () if found is None else (found,)
