"""What a desk does about a child who goes to another school, in this database or another.

**The protocol.** A transfer has an id. Its *answer* is one commit at the receiving school: accepted or refused, once
and for all, in the school's own record. From that commit on it is the same, whenever and however often it is asked for.
The *owner* of the child is the receiver if it has accepted, else the sender: exactly one at any moment.

1. The sender *offers*: a package is made, sealed for one receiver. It goes on with everything: duties, ladder, sweeps.
   It may make the package again as often as it likes, and cannot take the child back by itself.
2. The receiver *accepts* (the child's record begins, or goes on, in the same commit) and gives a receipt; or *refuses*,
   and gives a refusal, after which no package of this transfer is taken any more.
3. The sender *confirms* with the receipt: its case closes. With a refusal the offer ends, and it may offer elsewhere.
   While neither arrives it cares on beside the owner: too much care for a while, never none.

A message that is lost is asked for again; one that comes twice changes nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid5

from attrs import field, frozen

from casework.engine.chasing import receipt_due
from casework.engine.decide_transfer import offered
from casework.engine.move_desk import MoveDesk
from casework.engine.parcels import parcel_of
from casework.engine.port import SCHOOL
from casework.engine.sealing import MAX_TEXT
from casework.engine.transaction import transaction
from casework.errors import CommandRefused, NotFound, StepRefused, check_kind
from casework.model.case import NAMESPACE, Case
from casework.model.move import IN, OUT, Message, Move, Peer
from casework.model.move_commands import AnswerTransfer, EndTransfer, OfferTransfer, ReceiveTransfer
from casework.model.parcel import Parcel, ParcelContact, card_of, read, written
from casework.model.people import Contact, Principal, Sealed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from casework.engine.outcome import CaseRef, Outcome

REASON = "transfer"
"""Why texts were read that went into a package: it stands in the audit."""
MOST_DIGESTS = 1_000


@frozen
class Offered:
    """A transfer and its package, to be carried to the other school as it is."""

    id: str
    package: str = field(repr=False)


@frozen
class Answered:
    """The word of this school on a transfer: ``kind`` is receipt or refusal, ``message`` goes back to the sender.

    ``child`` is the child's id here, empty for a refusal; ``outcome`` what taking the child over did, if it did now.
    """

    id: str
    kind: str
    message: str = field(repr=False)
    child: str = ""
    outcome: Outcome | None = None


@frozen
class TransferLine:
    """One transfer of a list: ``kind`` is out or in, ``due`` the last day on which an offer's receipt is in time."""

    id: str
    kind: str
    state: str
    child: str
    peer: str
    on: date
    due: date | None = None


class TransferDesk(MoveDesk):
    """The part of a `casework.engine.desk.Desk` that is about transfers."""

    def transfer_address(self) -> Peer:
        """This school, and its public transfer key: to be given to other schools by another way than packages."""
        return Peer(self._school, self._store.address(self._school))

    @transaction(writing=True)
    def offer_transfer(self, child: CaseRef, to: str, because: str) -> Offered:
        """Make the package of a child's case for one of `School.peers`; made again it is the same transfer's.

        This school goes on caring for the child until the receipt is confirmed. Whoever helps the child leaves this to
        somebody else. Raises `StepRefused` while the case is offered to another school.
        """
        check_kind(to, str, "to=", "the other school's name, as School(peers=…) has it")
        self._allow_here("transfer")
        if to == self._school:
            raise CommandRefused("the child is at this school already; a transfer goes to another one")
        peer = self._peer(to)
        record = self._record(self._child(child))
        name = record.child
        self._somebody_else(record)
        standing = offered(record)
        again = standing is not None and standing.peer == peer.school
        at = self._casework.clock()
        id_ = standing.id if standing and again else _new_id(record, peer.school, at.isoformat())
        self._context()
        parcel = parcel_of(record, lambda sealed: self._read_out(name, sealed))
        letter = Message("package", id_, self.transfer_address(), peer, written(parcel))
        package = self._store.enclose(self._school, letter)
        digest = self._store.digest(package)
        self._do_all([(name, OfferTransfer(id_, peer, because, digest))], "")
        return Offered(id_, package)

    @transaction(writing=False)
    def withdraw_transfer(self, child: CaseRef) -> str:
        """The message that asks the other school to refuse what stands; `confirm_transfer` takes its answer.

        Nothing changes by it: a package that was handed out may have been accepted already.
        """
        self._allow_here("transfer")
        record = self._record(self._child(child))
        self._somebody_else(record)
        standing = offered(record)
        if standing is None:
            raise NotFound("offer of a transfer for", record.child)
        letter = Message("withdrawal", standing.id, self.transfer_address(), Peer(standing.peer, standing.key), "")
        return self._store.enclose(self._school, letter)

    @transaction(writing=True)
    def confirm_transfer(self, answer: str | bytes) -> Outcome:
        """Take the other school's answer: with a receipt the case closes here, with a refusal the offer ends.

        Asked again it does nothing. Raises `StepRefused` for a receipt of a package that does not hold what was entered
        since, where that endangers the child: then the package is made again.
        """
        self._allow_here("transfer")
        letter = self._store.disclose(self._school, answer)
        if letter.kind not in {"receipt", "refusal"}:
            msg = f"this is a {letter.kind}; give the receipt or the refusal that came from the other school"
            raise CommandRefused(msg)
        child, move = self._offer_of(letter)
        record = self._record(child)
        self._somebody_else(record)
        if (letter.sender.school, letter.sender.key) != (move.peer, move.key):
            raise CommandRefused("the answer does not come from the school to which the case was offered")
        state = "confirmed" if letter.kind == "receipt" else "withdrawn"
        digests = _digests(letter.text) if letter.kind == "receipt" else ()
        (outcome,) = self._do_all([(child, EndTransfer(move.id, state, digests))], "")
        return outcome

    @transaction(writing=True)
    def receive_transfer(self, package: str | bytes, *, child: str = "") -> Answered:
        """Take a child over from one of `School.peers`: the record begins here, or goes on, and the receipt goes back.

        ``child`` is the host's id here, if it is another one than there. The same package again gives the same receipt;
        a newer one of the same transfer brings what is new in it. Raises `StepRefused` once this school has refused the
        transfer, `CommandRefused` for a package that is not signed with a key that the host registered.
        """
        self._allow_here("transfer")
        letter = self._trusted(package, ("package",))
        held = self._record(SCHOOL).moves.get(letter.id)
        if held is not None and held.state == "refused":
            why = "this school has refused it, once and for all; let the sender offer anew"
            raise StepRefused("receive transfer", "refused", why)
        if held is not None and letter.digest in {known.digest for known in held.packages}:
            self._somebody_else(self._record(held.child))
            return self._answer(letter, held)
        parcel = read(letter.text)
        name = held.child if held is not None else child or parcel.child
        if held is not None and child not in {"", name}:
            raise CommandRefused(f"this transfer was taken up for {name}; a child has one record")
        record = self._record(self._child(name))
        name = record.child
        self._somebody_else(record, parcel)
        command = self._taken(letter, parcel, name)
        answered = AnswerTransfer(letter, "accepted", held.child if held is not None else name)
        outcome, _ = self._do_all([(name, command), (SCHOOL, answered)], "")
        return self._answer(letter, self._record(SCHOOL).moves[letter.id], outcome)

    @transaction(writing=True)
    def refuse_transfer(self, message: str | bytes, because: str) -> Answered:
        """Say no to a package, or to a transfer that the sender wants back (its withdrawal): no package of it is taken.

        If this school has accepted it before, that stands, and the answer is the receipt.
        """
        self._allow_here("transfer")
        letter = self._trusted(message, ("package", "withdrawal"))
        held = self._record(SCHOOL).moves.get(letter.id)
        parcel = read(letter.text) if letter.kind == "package" else None
        if name := held.child if held is not None else parcel.child if parcel else "":
            self._somebody_else(self._record(name), parcel)
        if held is None:
            self._do_all([(SCHOOL, AnswerTransfer(letter, "refused", because=because))], "")
            held = self._record(SCHOOL).moves[letter.id]
        return self._answer(letter, held)

    @transaction(writing=False)
    def transfers(self) -> list[TransferLine]:
        """Every transfer from and to this school, the latest first."""
        self._allow_here("transfer")
        found = []
        for child, record in self._store.load(self._school, self._store.moved(self._school)).items():
            for move in record.moves.values():
                if move.kind == (IN if child == SCHOOL else OUT) and (not child or self._known(record)):
                    due = receipt_due(move) if move.state == "offered" else None
                    name = child or move.child
                    found.append(TransferLine(move.id, move.kind, move.state, name, move.peer, move.on, due))
        return sorted(found, key=lambda line: (-line.on.toordinal(), line.child, line.id))

    # ------------------------------------------------------------------------------------------------------------

    def _somebody_else(self, record: Case, parcel: Parcel | None = None) -> None:
        """Refuse, in the same words, whoever helps the child and whomever something implicates."""
        me = self._principal.id
        helps = bool(record.pairings) and record.pairings[-1].until is None and _in_pairing(record, me)
        named = parcel is not None and _implicates(parcel, me)
        if helps or named or record.implicates(me) or self._principal == Principal.system():
            msg = "a transfer is entered by somebody who does not help the child: ask the safeguarding lead, or office"
            raise CommandRefused(msg)

    def _read_out(self, child: str, sealed: Sealed) -> str:
        at = self._casework.clock()
        return self._store.unseal(self._school, child, sealed, reader=self._principal.id, reason=REASON, at=at)

    def _peer(self, name: str) -> Peer:
        peer = self._casework.school(self._school).peer(name)
        if peer is None:
            raise CommandRefused(
                f"no school {name[:64]} is registered for transfers; let the host add it with the key that the school "
                "says: School(peers=…), or [[peer]] in casework.toml"
            )
        return peer

    def _trusted(self, message: str | bytes, kinds: tuple[str, ...]) -> Message:
        letter = self._store.disclose(self._school, message)
        if letter.kind not in kinds:
            raise CommandRefused(f"this is a {letter.kind}, not a {' or a '.join(kinds)}")
        if letter.sender != self._peer(letter.sender.school):
            raise CommandRefused(f"the message is not signed with the key registered for {letter.sender.school[:64]}")
        return letter

    def _offer_of(self, letter: Message) -> tuple[str, Move]:
        for child, record in self._store.load(self._school, self._store.moved(self._school)).items():
            move = record.moves.get(letter.id)
            if child and move is not None and move.kind == OUT:
                return child, move
        raise NotFound("transfer", letter.id)

    def _taken(self, letter: Message, parcel: Parcel, child: str) -> ReceiveTransfer:
        """The command that takes the parcel up, its texts sealed for this child."""

        def seal(kind: str, text: str) -> Sealed:
            return self._store.seal(self._school, child, kind, text)

        def contact(given: ParcelContact) -> Contact:
            texts = (given.name and seal("name", given.name), given.relation)
            more = (given.phone and seal("phone", given.phone), given.address and seal("address", given.address))
            return Contact(*texts, *more, given.person, given.verified_on, given.dead)

        notes = tuple((item.id, seal("note", item.note)) for item in parcel.items() if item.note)
        owed = [f"owed at {letter.sender.school}: {line}" for line in parcel.owed]
        left = [f"{parcel.left_out} older lines were left out"] if parcel.left_out else []
        texts = tuple(seal("history", page) for page in _pages((*left, *parcel.history, *owed)))
        restricted = tuple(seal("restricted", page) for page in _pages(parcel.restricted))
        return ReceiveTransfer(letter, parcel, card_of(parcel, contact), notes, texts, restricted)

    def _answer(self, letter: Message, held: Move, outcome: Outcome | None = None) -> Answered:
        kind = "receipt" if held.state == "accepted" else "refusal"
        text = json.dumps([package.digest for package in held.packages])
        reply = Message(kind, letter.id, letter.receiver, letter.sender, text)
        return Answered(letter.id, kind, self._store.enclose(self._school, reply), held.child, outcome)


def _new_id(record: Case, *parts: str) -> str:
    """An id that no other transfer has, of this child or another."""
    counted = ("transfer", record.school, record.child, str(len(record.moves)), *parts)
    return str(uuid5(NAMESPACE, "\x1f".join(counted)))


def _in_pairing(record: Case, person: str) -> bool:
    pairing = record.pairings[-1]
    return person in {pairing.lead, *pairing.members}


def _implicates(parcel: Parcel, person: str) -> bool:
    names = {person, *(contact.place for contact in parcel.contacts if contact.person == person)}
    return any(not names.isdisjoint(item.implicated) for item in parcel.items())


def _digests(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) > MOST_DIGESTS or not all(isinstance(each, str) for each in found):
        raise CommandRefused("the receipt names no packages; ask the other school for it again")
    return tuple(found)


def _pages(lines: Iterable[str]) -> list[str]:
    """Lines as texts of at most `MAX_TEXT` characters."""
    pages: list[str] = []
    for line in lines:
        for piece in (line[k : k + MAX_TEXT] for k in range(0, len(line), MAX_TEXT)):
            if pages and len(pages[-1]) + len(piece) < MAX_TEXT:
                pages[-1] += f"\n{piece}"
            else:
                pages.append(piece)
    return pages
