"""What a desk does about a child who was entered twice: one record takes the other up, and gives it back.

Everything of the merged record goes to the survivor: its obligations, activities, concerns, referrals, and emergencies
with their ladder; ids stay, texts are sealed anew for the survivor's child, and what both held already stays one. The
merged record points to the survivor: whatever is asked of it or entered under it is answered there. Both histories
stand and verify. Taken apart again, what came of the merged record goes back as it is by now, what was entered since
stays with the survivor unless it is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, fields, has

from casework.engine.decide_transfer import offered
from casework.engine.evolve import fold
from casework.engine.evolve_merge import LOGS, MERGED
from casework.engine.opening import with_facts
from casework.engine.outcome import Outcome
from casework.engine.port import sealed_refs
from casework.engine.run import look
from casework.engine.transaction import transaction
from casework.engine.transfer_desk import TransferDesk
from casework.engine.view import handed, hidden_ids
from casework.errors import CommandRefused, NotFound, StepRefused
from casework.model import merge_commands as mc
from casework.model import merge_events as mg
from casework.model.case import Case
from casework.model.events import ConcernNoted, Corrected, Recorded
from casework.model.ids import short_id
from casework.model.move import IN, INTO, Move
from casework.model.people import Sealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.engine.outcome import CaseRef
    from casework.model.commands import Command
    from casework.model.events import Entry, Event
    from casework.model.protection import Hold

REASON = "merge"
"""Why texts were read that were sealed anew for another record: it stands in the audit."""
_KINDS = {"texts": "history"}
"""Fields of values whose texts are of another kind than the field is called."""


class MergeDesk(TransferDesk):
    """The part of a `casework.engine.desk.Desk` that is about children who were entered twice."""

    @transaction(writing=True)
    def merge(self, child: CaseRef, into: CaseRef, because: str) -> Outcome:
        """Let the record of ``into`` take up that of ``child``, who is the same child; asked again it does nothing.

        Raises `NotFound`, and `StepRefused` for a child that is merged elsewhere or offered to another school.
        """
        self._allow_here("merge")
        name, survivor = self._child(child), self._record(self._child(into))
        raw = self._raw(name)
        if not survivor.version or not self._known(survivor):
            raise NotFound("case", into)
        if raw.merged_into:
            if self._record(name).child == survivor.child:
                return Outcome(handed(self._view(survivor)))
            why = f"it is merged into {raw.merged_into} already; unmerge it first"
            raise StepRefused("merge", MERGED, why)
        if name == survivor.child:
            raise CommandRefused(f"{name} is that record itself; name the two records of the child")
        if offered(raw) is not None:
            raise StepRefused("merge", "offered", "its transfer to another school has to end first")
        self._up_to_date(name, survivor.child)
        raw = self._raw(name)
        at, taken = self._casework.clock().isoformat(), {*raw.moves, *survivor.moves}
        id_ = short_id(MERGED, self._school, name, survivor.child, at, taken=taken)
        hidden = hidden_ids(raw, self._principal.id)
        raw = evolve(raw, holds=_holds(survivor, raw))
        wanted = raw if survivor.card is None else evolve(raw, card=None)
        other = self._sealed_for(wanted, raw, survivor.child)
        commands: list[tuple[str, Command]] = [
            (survivor.child, mc.Merge(id_, other, hidden, because)),
            (name, mc.MergeInto(id_, survivor.child, because)),
        ]
        return self._do_all(commands, "")[0]

    @transaction(writing=True)
    def unmerge(self, child: CaseRef, because: str, *, also: Iterable[str] = ()) -> Outcome:
        """Take a merged record out of the survivor again; ``also`` are ids of what was entered since and goes with it.

        The case keeps what it got from the merge where a person has changed it since: the pairing, the card, facts.
        What goes back is not to be read here any more. Raises `NotFound`, and `StepRefused` for a record that is not
        merged, or was erased since.
        """
        self._allow_here("merge")
        name = self._child(child)
        raw = self._raw(name)
        merge = _standing(raw)
        if merge is None:
            raise StepRefused("unmerge", raw.stage, "the record is not merged into another one")
        if self._raw(merge.child).merged_into:
            raise StepRefused("unmerge", MERGED, f"{merge.child} was merged on; unmerge that one first")
        self._up_to_date(merge.child)
        survivor = self._raw(merge.child)
        mine, theirs = self._around(name, merge.id), self._around(survivor.child, merge.id)
        if raw.erasures.keys() - mine[0].erasures.keys():
            raise StepRefused("unmerge", MERGED, "what was written about the child was erased; the records stay one")
        hidden = hidden_ids(survivor, self._principal.id)
        leaving = [*_leaving(mine[0], theirs[0], survivor), *_named(also, mine[0], theirs[0], survivor, hidden)]
        back = self._sealed_for(_back(mine[0], survivor, leaving), survivor, name)
        texts = _texts_by_item(self._store.entries(self._school, survivor.child), {id_ for _, id_ in leaving})
        items = tuple(
            mc.Leaving(what, id_, people, texts.get(id_, ())) for what, id_, people in _with_people(leaving, survivor)
        )
        commands: list[tuple[str, Command]] = [
            (survivor.child, mc.Unmerge(merge.id, name, *theirs, items, hidden, because)),
            (name, mc.UnmergeFrom(merge.id, mine[0].stage, back, hidden, because)),
        ]
        return self._do_all(commands, "")[1]

    def _around(self, child: str, merge: str) -> tuple[Case, Case]:
        """A record before and after the entry that merged it."""
        return _folded(Case(self._school, child), self._store.entries(self._school, child), merge)

    def _raw(self, child: str) -> Case:
        """The record itself, also of a child that is merged. Raises `NotFound`."""
        found = self._store.load(self._school, [child]).get(child)
        if found is None or not self._known(found):
            raise NotFound("case", child)
        return found

    def _up_to_date(self, *children: str) -> None:
        """Let what is due of these records happen, so that nothing of it is done in both or in neither."""
        context = self._context()
        records = list(self._store.load(self._school, children).values())
        looking = with_facts(context, self._store, records)
        changes = [look(record, looking) for record in records]
        self._store.save(self._school, [change for change in changes if change is not None])

    def _sealed_for(self, case: Case, source: Case, target: str) -> Case:
        """The case with every text of the source's child sealed for the target's."""
        held = source.child
        foreign = _foreign(case, source)

        def sealed(value: Any, name: str) -> Any:  # noqa: ANN401 - any value of a record
            if isinstance(value, Sealed):
                return value if value in foreign else self._anew(value, _KINDS.get(name, name), held, target)
            if isinstance(value, tuple):
                return tuple([sealed(item, name) for item in value])
            if not has(type(value)):
                return value
            new = {f.name: sealed(getattr(value, f.name), f.name) for f in fields(type(value))}
            differing = {key: found for key, found in new.items() if found != getattr(value, key)}
            return evolve(value, **differing) if differing else value

        logs: dict[str, Any] = {
            log: {key: sealed(value, log) for key, value in getattr(case, log).items()}
            for log in (*LOGS, "moves", "holds")
        }
        return evolve(case, **logs, card=sealed(case.card, "card"))

    def _anew(self, text: Sealed, kind: str, source: str, target: str) -> Sealed:
        at, me = self._casework.clock(), self._principal.id
        said = self._store.unseal(self._school, source, text, reader=me, reason=REASON, at=at)
        return self._store.seal(self._school, target, kind, said)


def _standing(case: Case) -> Move | None:
    """The merge by which the record points to another one."""
    return next((m for m in case.moves.values() if (m.kind, m.state) == (INTO, MERGED)), None)


def _folded(empty: Case, entries: list[Entry], merge: str) -> tuple[Case, Case]:
    """A record before and after the entry that merged it."""
    place = _place(entries, merge)
    before = fold(empty, entries[:place])
    return before, fold(before, entries[place : place + 1])


def _place(entries: list[Entry], merge: str) -> int:
    """Where the entry stands that merged two records."""
    kinds = (mg.MergedOf, mg.MergedInto)
    return next(
        n for n, entry in enumerate(entries) if any(isinstance(e, kinds) and e.id == merge for _, e in entry.events)
    )


Item = tuple[str, str]
"""Where it stands, and its id."""


def _leaving(mine: Case, theirs: Case, survivor: Case) -> Iterator[Item]:
    """What came of the merged record and is not the survivor's own."""
    for log in LOGS:
        for id_ in getattr(mine, log):
            if id_ not in getattr(theirs, log) and id_ in getattr(survivor, log):
                yield log, id_
    for move in mine.moves.values():
        if move.kind == IN and move.id not in theirs.moves and move.id in survivor.moves:
            yield "moves", move.id


def _named(also: Iterable[str], mine: Case, theirs: Case, survivor: Case, hidden: frozenset[str]) -> Iterator[Item]:
    """What was entered since the merge and is named to go along."""
    for id_ in dict.fromkeys(also):
        log = next((log for log in LOGS if id_ in getattr(survivor, log) and log != "obligations"), "")
        if not log or id_ in hidden:
            raise NotFound("activity, concern, emergency or referral", id_)
        if id_ in getattr(theirs, log):
            raise CommandRefused(f"{id_} was entered for {survivor.child} before the merge; it stays there")
        if id_ not in getattr(mine, log):
            yield log, id_


def _back(mine: Case, survivor: Case, leaving: list[Item]) -> Case:
    """What goes back: as it is by now, or as it stood where the survivor held the same."""
    gone = set(leaving)
    logs: dict[str, Any] = {
        log: {
            **getattr(mine, log),
            **{id_: value for id_, value in getattr(survivor, log).items() if (log, id_) in gone},
        }
        for log in LOGS
    }
    return evolve(mine, **logs, moves={}, card=None, holds=_holds(mine, survivor))


def _holds(mine: Case, other: Case) -> dict[str, Hold]:
    """The holds of another record, without the words of those that this one has already or that stand no more."""
    return {
        id_: hold if hold.stands and id_ not in mine.holds else evolve(hold, note=None)
        for id_, hold in other.holds.items()
    }


def _texts_by_item(entries: list[Entry], items: set[str]) -> dict[str, tuple[str, ...]]:
    """By item, references to what was ever written in it and stands nowhere else: equal words have one reference."""
    found: dict[str, set[str]] = {}
    for event in (event for entry in entries for _, event in entry.events):
        id_ = _item_of(event)
        found.setdefault(id_ if id_ in items else "", set()).update(sealed_refs(event))
    stays = found.pop("", set())
    return {id_: tuple(sorted(refs - stays)) for id_, refs in found.items()}


def _item_of(event: Event) -> str:
    if isinstance(event, Recorded | Corrected):
        return event.activity.id
    return event.concern.id if isinstance(event, ConcernNoted) else str(getattr(event, "id", ""))


def _foreign(case: Case, source: Case) -> set[Sealed]:
    """Texts in the case that are not the source's: they are under the right key already."""
    return _texts(case) - _texts(source)


def _texts(value: Any) -> set[Sealed]:  # noqa: ANN401 - any value of a record
    if isinstance(value, Sealed):
        return {value}
    if isinstance(value, Case):
        logs = [item for log in (*LOGS, "moves", "holds") for item in getattr(value, log).values()]
        return {text for item in (*logs, value.card) for text in _texts(item)}
    if isinstance(value, tuple):
        return {text for item in value for text in _texts(item)}
    if not has(type(value)):
        return set()
    return {text for f in fields(type(value)) for text in _texts(getattr(value, f.name))}


def _with_people(leaving: list[Item], survivor: Case) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each item that leaves, with the people from whom it is hidden and has to stay so."""
    logs = (survivor.emergencies, survivor.concern_log, survivor.referrals)
    people = sorted({person for log in logs for found in log.values() for person in found.implicated})
    hidden = {person: hidden_ids(survivor, person) for person in people}
    for what, id_ in leaving:
        yield what, id_, tuple(person for person in people if id_ in hidden[person])
