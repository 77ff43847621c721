"""What a desk does about children and staff who move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from casework.engine.decide_moves import named
from casework.engine.school_desk import SchoolDesk
from casework.engine.transaction import transaction
from casework.errors import CommandRefused, WrongValue, check_kind
from casework.model.move_commands import HandOver
from casework.model.people import ROLES

if TYPE_CHECKING:
    from datetime import date

    from casework.engine.context import Context

_BY_RECORD = frozenset(("lead", "class_teacher", "outside"))
"""Roles that no seat of the host's stands for."""


@frozen
class Passed:
    """One child of a hand-over: what passed (as `casework.engine.decide_moves.named` says it), and to whom."""

    child: str
    what: tuple[str, ...]
    to: str


@frozen
class HandedOver:
    """What a hand-over did, as its giver may know it.

    ``seats`` are those that the host's directory still gives to who leaves (``class_teacher:3-1`` for a class): they
    are the host's to give to somebody else.
    """

    person: str
    children: tuple[Passed, ...] = ()
    seats: tuple[str, ...] = field(default=())


class MoveDesk(SchoolDesk):
    """The part of a `casework.engine.desk.Desk` that is about children and staff who move."""

    @transaction(writing=True)
    def hand_over(
        self,
        person: str,
        because: str,
        *,
        to: str = "",
        interim: str = "",
        others: Mapping[str, str] | None = None,
        on: date | None = None,
    ) -> HandedOver:
        """A member of staff leaves: every pairing, open referral and answered emergency passes to somebody, or nothing.

        ``to`` is the successor, ``interim`` one until somebody is named for good; ``others`` names somebody else for
        single children. Raises `CommandRefused` without a successor, and for children who need another one, naming
        them. Nobody hands over to themselves. Asked again it does what is left, which is nothing.
        """
        self._allow_here("hand_over")
        others = {} if others is None else others
        _check_hand_over(person, to, interim, others)
        context = self._context()
        records = self._store.load(self._school, self._store.named(self._school, person))
        views = {child: self._view(record) for child, record in sorted(records.items())}
        named_here = {child: what for child, view in views.items() if (what := named(view, person))}
        if strange := sorted(set(others) - set(named_here)):
            msg = f"nothing of {', '.join(strange[:5])} is in the name of {person}; leave them out of others="
            raise CommandRefused(msg)
        takers = {child: others.get(child) or to or interim for child in views}
        if refused := [child for child in named_here if views[child].implicates(takers[child])]:
            msg = f"another successor is needed for {', '.join(refused)}; name one for each in others="
            raise CommandRefused(msg)
        commands = [(child, HandOver(person, takers[child], because, bool(interim), on)) for child in views]
        self._do_all(commands, "")
        passed = tuple(Passed(child, what, takers[child]) for child, what in named_here.items())
        return HandedOver(person, passed, _seats(person, context))

    @transaction(writing=False)
    def in_the_name_of(self, person: str) -> dict[str, tuple[str, ...]]:
        """By child, what of its care is in the person's name, as the principal may know it; empty proves a hand-over.

        ``lead``, ``member``, ``referral:ID``, ``emergency:ID``.
        """
        check_kind(person, str, "in_the_name_of()", "the id of a person")
        if not person.strip():
            msg = "in_the_name_of() takes the id of a person; nothing is in nobody's name"
            raise WrongValue(msg)
        self._may_see_list_of(person)
        records = self._store.load(self._school, self._store.named(self._school, person))
        found = {child: named(self._view(record), person) for child, record in sorted(records.items())}
        return {child: what for child, what in found.items() if what}


def _check_hand_over(person: str, to: str, interim: str, others: Mapping[str, str]) -> None:
    check_kind(others, Mapping, "others=", "a mapping of children to successors")
    for given, what in ((person, "hand_over()"), (to, "to="), (interim, "interim=")):
        check_kind(given, str, what, "the id of a person")
    if bool(to) == bool(interim):
        msg = "say who takes over: to= for a successor, or interim= until there is one; nobody is left with no one"
        raise CommandRefused(msg)


def _seats(person: str, context: Context) -> tuple[str, ...]:
    """The seats that the host's directory gives to a person at this instant."""
    directory, school, at = context.settings.directory, context.settings.school, context.at
    roles = [role for role in ROLES if role not in _BY_RECORD and person in directory.holders(role, school, at)]
    classes = sorted(class_ for class_, teacher in directory.class_teachers(school, at).items() if teacher == person)
    return (*roles, *(f"class_teacher:{class_}" for class_ in classes))
