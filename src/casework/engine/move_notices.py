"""Who is told of children and staff who move, as rows of the outbox."""

from casework.engine.port import Outgoing
from casework.model.case import Case
from casework.model.events import Entry
from casework.model.ids import short_id
from casework.model.move_events import MoveEvent, ReferralHandedOver, ResponseHandedOver, TransferChased

LONGEST_IN_KEY = 64


def in_key(person: str) -> str:
    """A person within a key: the id, or what stands for one that is too long for the key's column."""
    return person if len(person) <= LONGEST_IN_KEY else short_id("person", person)


def move_told(case: Case, event: MoveEvent, entry: Entry) -> list[Outgoing]:
    """What one such event lets somebody be told."""
    if isinstance(event, ReferralHandedOver | ResponseHandedOver) and event.to:
        return [_taken_over(case, event, entry)]
    if isinstance(event, TransferChased):
        return [_late(case, event)]
    return []


def _late(case: Case, event: TransferChased) -> Outgoing:
    """The sender's office is told that no receipt has come."""
    move = case.moves[event.id]
    key = f"{case.id}/{event.id}/late/{event.on.isoformat()}/{in_key(event.person)}"
    facts = {"transfer": event.id, "to": move.peer, "offered": move.on.isoformat()}
    return Outgoing(key, "transfer", event.role, event.person, case.child, event.at, facts)


def _taken_over(case: Case, event: ReferralHandedOver | ResponseHandedOver, entry: Entry) -> Outgoing:
    """The successor is told at once of what has a limit."""
    # Hashed, since the number of the entry would tell how many there are.
    once = short_id("handed", event.id, entry.at.isoformat())
    key = f"{case.id}/{event.id}/handed/{once}/{in_key(event.to)}"
    if isinstance(event, ReferralHandedOver):
        facts = {"referral": event.id, "to": case.referrals[event.id].to, "about": "handed_over"}
        return Outgoing(key, "referral", "lead", event.to, case.child, entry.at, facts)
    facts = {"emergency": event.id, "kind": case.emergencies[event.id].kind, "state": "handed_over"}
    return Outgoing(key, "emergency", "lead", event.to, case.child, entry.at, facts)
