"""Ids that stand once, and references that lead somewhere."""

from collections.abc import Iterable

from attrs import define, field

from casework.interchange._facts import Delivery
from casework.interchange._line import Ref
from casework.interchange._problems import shown
from casework.model.roll import id_key


@define
class Index:
    """The ids of one kind of thing, found whatever their case and composition.

    ``loose``: a delta may point at what an earlier delivery brought.
    """

    what: str
    loose: bool
    ids: dict[str, str] = field(factory=dict)

    def find(self, ref: Ref) -> str:
        """The id as its own row spells it; an unknown one is a problem, or stays as it is when ``loose``."""
        known = self.ids.get(id_key(ref.id), "")
        if known or not ref.id:
            return known
        if self.loose:
            return ref.id
        ref.refuse(f"there is no {self.what} {shown(ref.id)}", f"deliver that {self.what}, or correct the id")
        return ""

    def __contains__(self, id_: str) -> bool:
        return id_key(id_) in self.ids


def index(what: str, refs: Iterable[Ref], *, loose: bool) -> Index:
    """The index of ``refs``; the second of two equal ids is refused with the row of the first."""
    found = Index(what, loose)
    for ref in once(refs):
        found.ids[id_key(ref.id)] = ref.id
    return found


def once(refs: Iterable[Ref]) -> list[Ref]:
    """The first of each id; every further one is refused."""
    rows: dict[str, Ref] = {}
    for ref in refs:
        first = rows.setdefault(id_key(ref.id), ref)
        if first is not ref:
            spelt = "" if first.id == ref.id else f" as {shown(first.id)} (ids that differ only in case are one id)"
            ref.refuse(f"{shown(ref.id)} stands in row {first.line.row} already{spelt}", "keep one of the rows")
    return list(rows.values())


@define
class Indexes:
    """The ids of a delivery by kind."""

    orgs: Index
    sessions: Index
    people: Index
    classes: Index


def check_references(delivery: Delivery) -> Indexes:
    """Index all ids and follow what nothing else follows: parents, terms, schools."""
    loose = delivery.mode == "delta"
    found = Indexes(
        # An absent optional file leaves nothing to check against.
        orgs=index("organisation", (fact.id for fact in delivery.orgs), loose=loose or not delivery.orgs),
        sessions=index("session", (fact.id for fact in delivery.sessions), loose=loose or not delivery.sessions),
        people=index("person", (person.id for person in delivery.people), loose=loose),
        classes=index("class", (fact.id for fact in delivery.classes), loose=loose),
    )
    by_file: dict[str, list[Ref]] = {}
    for ref in delivery.unique:
        by_file.setdefault(ref.line.file, []).append(ref)
    for refs in by_file.values():
        once(refs)
    for org in delivery.orgs:
        found.orgs.find(org.parent)
    for session in delivery.sessions:
        found.sessions.find(session.parent)
    for class_ in delivery.classes:
        for term in class_.terms:
            found.sessions.find(term)
    for enrolment in delivery.enrolments:
        if enrolment.school is not None:
            found.orgs.find(enrolment.school)
    return found
