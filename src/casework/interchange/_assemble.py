"""Rows put together to a roster: who is a pupil, in which class, with which adults, taught by whom."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from attrs import frozen

from casework.interchange._classes import Teaching, teaching
from casework.interchange._facts import GUARDIANS, STUDENT, Birth, Delivery, Person
from casework.interchange._people import leaves
from casework.interchange._problems import Problems, shown
from casework.interchange._references import Indexes, check_references
from casework.interchange._sheets import OURS
from casework.interchange._values import (
    LEAVES,
    Amendment,
    Guardian,
    Org,
    Pupil,
    Roster,
    SchoolClass,
    Session,
    StaffMember,
)
from casework.model.roll import id_key

_WithId = TypeVar("_WithId", Guardian, Org, Pupil, SchoolClass, Session, StaffMember)


@frozen
class _Post:
    """What the role rows say of one person; ``gone`` when a delta takes every role away."""

    roles: frozenset[str] = frozenset()
    schools: tuple[str, ...] = ()
    grade: str = ""
    gone: bool = False


_NONE = _Post()
_STAFF_ID = 64
"""The longest id of a principal (`casework.model.people.Principal`)."""


def assemble(delivery: Delivery, problems: Problems) -> Roster:
    """The whole roster, or `RosterRefused` with everything that does not fit together."""
    indexes = check_references(delivery)
    posts = _posts(delivery, indexes)
    pupils = {p.id.id: p for p in delivery.people if STUDENT in posts.get(p.id.id, _NONE).roles}
    staff = {
        person.id.id: person
        for person in delivery.people
        if person.id.id not in pupils and posts.get(person.id.id, _NONE).roles - set(GUARDIANS)
    }
    taught = teaching(delivery, indexes, pupils, staff)
    guardians = _guardians(delivery, indexes, pupils, posts)
    births = {indexes.people.find(birth.user): birth for birth in delivery.births}
    schools = {fact.id.id: indexes.orgs.find(fact.school) for fact in delivery.classes}
    _check_people(delivery, posts, pupils, problems)
    problems.stop_if_any()
    _note_gaps(delivery, posts, pupils, {adult.id for found in guardians.values() for adult in found})
    return Roster(
        dialect=delivery.dialect,
        mode=delivery.mode,
        orgs=_sorted(fact.org for fact in delivery.orgs),
        pupils=_sorted(
            _pupil(person, posts[id_], taught.class_of.get(id_, ""), births.get(id_), _sorted(guardians[id_]))
            for id_, person in pupils.items()
        ),
        staff=_sorted(_staff(person, posts[id_], taught) for id_, person in staff.items()),
        classes=_sorted(
            SchoolClass(f.id.id, f.title, f.grade, schools[f.id.id], taught.teacher[f.id.id], taught.others[f.id.id])
            for f in delivery.classes
            if not leaves(f.status)
        ),
        sessions=_sorted(fact.session for fact in delivery.sessions),
        amendments=taught.moves + _late_births(births, indexes),
        notes=tuple(delivery.notes),
    )


def _sorted(values: Iterable[_WithId]) -> tuple[_WithId, ...]:
    return tuple(sorted(values, key=lambda value: id_key(value.id)))


def _posts(delivery: Delivery, indexes: Indexes) -> dict[str, _Post]:
    kept: defaultdict[str, list[_Post]] = defaultdict(list)
    for fact in delivery.roles:
        user = indexes.people.find(fact.user)
        schools = tuple(indexes.orgs.find(org) for org in fact.orgs)
        if user and user not in indexes.people:
            what = f"{shown(user)} has a role here, but no row in {delivery.users_in}"
            fact.user.refuse(what, "deliver the rows of a person together")
        kept[user].append(_Post(frozenset({fact.role}), schools, fact.grade, leaves(fact.status)))
    found = {}
    for user, posts in kept.items():
        here = [post for post in posts if not post.gone] or posts
        found[user] = _Post(
            roles=frozenset().union(*(post.roles for post in here)),
            schools=tuple(school for post in here for school in post.schools),
            grade=next((post.grade for post in here if post.grade), ""),
            gone=here[0].gone,
        )
    return found


def _guardians(
    delivery: Delivery, indexes: Indexes, pupils: Collection[str], posts: Mapping[str, _Post]
) -> dict[str, list[Guardian]]:
    people = {person.id.id: person for person in delivery.people}
    found: dict[str, dict[str, Guardian]] = {pupil: {} for pupil in pupils}
    for tie in delivery.ties:
        one, other = indexes.people.find(tie.one), indexes.people.find(tie.other)
        child, adult = (one, other) if one in pupils else (other, one)
        if child in pupils and adult in pupils:
            what = f"{shown(tie.other.id)} is a pupil, not an adult"
            tie.other.refuse(what, "name the parent or guardian; siblings share metadata.casework.household")
        elif child in pupils and adult in people:
            roles = posts.get(adult, _NONE).roles
            relation = tie.relation or next((role for role in GUARDIANS if role in roles), "other")
            person = people[adult]
            found[child].setdefault(adult, Guardian(adult, relation, person.name, person.phone))
        elif child in pupils and adult:
            note = "an adult named by a pupil is not in this delta and was passed over"
            delivery.note(delivery.users_in, note, "deliver the adult's row too if something changed there")
    return {child: list(adults.values()) for child, adults in found.items()}


def _check_people(delivery: Delivery, posts: Mapping[str, _Post], pupils: Collection[str], problems: Problems) -> None:
    for person in delivery.people:
        id_ = person.id.id
        if delivery.roles_needed and id_ not in posts:
            what = f"{shown(id_)} has no role in {delivery.roles_in}"
            person.id.refuse(what, "deliver a role for every person; a delta too, for the people in it")
        if id_ not in pupils and (person.left_behind is not None or person.boarder is not None):
            column = OURS[0] if person.left_behind is not None else OURS[1]
            person.id.line.refuse(column, f"{shown(id_)} is no pupil", "leave the cell empty, or correct the role")
        if len(id_) > _STAFF_ID and posts.get(id_, _NONE).roles - {STUDENT, *GUARDIANS}:
            person.id.refuse(f"{shown(id_)} is too long for staff", f"use at most {_STAFF_ID} characters")
    if delivery.mode == "bulk" and not pupils:
        mend = "deliver the pupils; importing this would take everybody off the roll"
        problems.add(delivery.roles_in, "nobody is a student", mend)


def _note_gaps(
    delivery: Delivery, posts: Mapping[str, _Post], pupils: Mapping[str, Person], adults: Collection[str]
) -> None:
    passed_over = sum(p.id.id not in posts and p.id.id not in adults for p in delivery.people)
    if passed_over:
        what = f"people with neither a role nor a tie to a pupil: {passed_over}; they were passed over"
        delivery.note(delivery.users_in, what, f"give them a role in {delivery.roles_in} if they matter")
    unsaid = sum(person.left_behind is None for person in pupils.values())
    if delivery.tells_away and unsaid and delivery.mode == "bulk":
        what = f"pupils of whom {OURS[0]} says nothing: {unsaid}"
        delivery.note(delivery.users_in, what, "fill in none, one or both, or use `casework identify`")
    schools = sorted(fact.id.id for fact in delivery.orgs if fact.org.type == "school")
    if len(schools) > 1:
        some = ", ".join(map(shown, schools[:8]))
        what = f"{len(schools)} schools are in one delivery: {some}"
        delivery.note(delivery.orgs[0].id.line.file, what, "import each school by itself if their rolls are kept apart")


def _pupil(person: Person, post: _Post, class_: str, birth: Birth | None, guardians: tuple[Guardian, ...]) -> Pupil:
    return Pupil(
        id=person.id.id,
        class_=class_,
        grade=person.grade or post.grade,
        school=post.schools[0] if post.schools else "",
        left_behind=person.left_behind,
        boarder=person.boarder,
        household=person.household,
        birth_date=birth.birth_date if birth else None,
        sex=birth.sex if birth else "",
        name=person.name,
        status=LEAVES if post.gone else person.status,
        guardians=guardians,
    )


def _staff(person: Person, post: _Post, taught: Teaching) -> StaffMember:
    return StaffMember(
        id=person.id.id,
        roles=tuple(sorted(post.roles - set(GUARDIANS))),
        name=person.name,
        classes=tuple(sorted(class_ for class_, teacher in taught.teacher.items() if teacher == person.id.id)),
        status=LEAVES if post.gone else person.status,
    )


def _late_births(births: Mapping[str, Birth], indexes: Indexes) -> tuple[Amendment, ...]:
    """Birth dates of people whom a delta does not bring otherwise; in bulk there are none."""
    return tuple(
        Amendment(user, birth.user.line.file, birth.user.line.row, birth_date=birth.birth_date, sex=birth.sex)
        for user, birth in births.items()
        if user and user not in indexes.people
    )
