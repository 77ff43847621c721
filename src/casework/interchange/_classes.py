"""Enrolments followed: the class of a pupil, the teacher of a class, and what a delta moves."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from attrs import frozen

from casework.interchange._facts import STUDENT, TEACHERS, Delivery, Enrolment
from casework.interchange._people import leaves
from casework.interchange._problems import shown
from casework.interchange._references import Indexes
from casework.interchange._values import Amendment


@frozen
class Teaching:
    """Who sits in which class, who teaches it; ``moves`` are the pupils' enrolments of a delta."""

    teacher: Mapping[str, str]
    others: Mapping[str, tuple[str, ...]]
    class_of: Mapping[str, str]
    moves: tuple[Amendment, ...]


@frozen
class _Seat:
    class_: str
    homeroom: bool
    begins: date


def teaching(delivery: Delivery, indexes: Indexes, pupils: Collection[str], staff: Collection[str]) -> Teaching:
    """Follow every enrolment; those that fit nobody are refused where they stand."""
    homerooms = {fact.id.id for fact in delivery.classes if fact.homeroom}
    seats: defaultdict[str, list[_Seat]] = defaultdict(list)
    teachers: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    moves: list[Amendment] = []
    for enrolment in delivery.enrolments:
        class_, user = indexes.classes.find(enrolment.class_), indexes.people.find(enrolment.user)
        if not class_ or not user:
            continue
        if enrolment.role == STUDENT:
            if user in indexes.people and user not in pupils:
                what = f"{shown(user)} is enrolled as student, but is none in {delivery.roles_in}"
                enrolment.user.refuse(what, "correct the role here or there")
            elif delivery.mode == "delta":
                moves.append(_move(enrolment, class_, user, homeroom=class_ in homerooms))
            else:
                seats[user].append(_Seat(class_, class_ in homerooms, enrolment.begins or date.min))
        elif enrolment.role in TEACHERS:
            fits = _teacher_fits(delivery, indexes, enrolment, user, staff)
            if fits and not leaves(enrolment.status):
                teachers[class_][user] = teachers[class_].get(user, False) or enrolment.primary
    _note_seats(delivery, seats, pupils)
    chosen = {fact.id.id: _class_teacher(teachers[fact.id.id]) for fact in delivery.classes}
    unclear = sum(len(teachers[class_]) > 1 and not teacher for class_, teacher in chosen.items())
    if unclear:
        what = f"classes of several teachers, not one of them primary: {unclear}; their class teacher is left empty"
        delivery.note(delivery.enrolments_in, what, "mark one enrolment of each class primary")
    others = {class_: tuple(sorted(set(teachers[class_]) - {teacher})) for class_, teacher in chosen.items()}
    return Teaching(chosen, others, {pupil: _class_of(found) for pupil, found in seats.items()}, tuple(moves))


def _move(enrolment: Enrolment, class_: str, user: str, *, homeroom: bool) -> Amendment:
    line = enrolment.user.line
    if leaves(enrolment.status):
        return Amendment(user, line.file, line.row, ends=class_)
    return Amendment(user, line.file, line.row, joins=class_, homeroom=homeroom)


def _teacher_fits(
    delivery: Delivery, indexes: Indexes, enrolment: Enrolment, user: str, staff: Collection[str]
) -> bool:
    """A delta changes a class's teachers only with the rows of both, or the library would have to guess."""
    if user in indexes.people and user not in staff:
        what = f"{shown(user)} is enrolled as {enrolment.role}, but is no member of staff in {delivery.roles_in}"
        enrolment.user.refuse(what, "correct the role here or there")
    elif user not in indexes.people:
        enrolment.user.refuse(f"{shown(user)} teaches, but is not in this delta", "deliver that person's rows with it")
    elif enrolment.class_.id not in indexes.classes:
        what = f"class {shown(enrolment.class_.id)} is not in this delta"
        enrolment.class_.refuse(what, "deliver the class's row with it")
    else:
        return True
    return False


def _class_teacher(teachers: Mapping[str, bool]) -> str:
    primary = [person for person, is_primary in teachers.items() if is_primary]
    found = primary or list(teachers)
    return found[0] if len(found) == 1 else ""


def _class_of(seats: list[_Seat]) -> str:
    """The only class, else the only homeroom, else the homeroom that began last (a pupil who changed class)."""
    if len({seat.class_ for seat in seats}) == 1:
        return seats[0].class_
    rooms = [seat for seat in seats if seat.homeroom]
    begins = max((seat.begins for seat in rooms), default=date.min)
    latest = {seat.class_ for seat in rooms if seat.begins == begins}
    return latest.pop() if len(latest) == 1 else ""


def _note_seats(delivery: Delivery, seats: Mapping[str, list[_Seat]], pupils: Collection[str]) -> None:
    if delivery.mode == "delta":
        return
    several = sum(not _class_of(found) for found in seats.values())
    if several:
        what = f"pupils in several classes, none of them their one homeroom: {several}; their class is left empty"
        delivery.note(delivery.enrolments_in, what, "say which class is the homeroom")
    without = len(set(pupils) - set(seats))
    if without:
        delivery.note(
            delivery.enrolments_in, f"pupils in no class: {without}", "enrol them, or their class stays empty"
        )
