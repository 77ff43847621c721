"""What protects a record: legal holds, and what becomes of a closed case when its retention has ended."""

from typing import Annotated, Literal

from cyclopts import Parameter

from casework.cli.answer import Answer
from casework.cli.cases import Because, Child, done
from casework.cli.exits import WrongUsage
from casework.cli.options import DOING, Day, Note, Writer, typed
from casework.model import protection_commands as pc


def hold(
    child: Child,
    *,
    because: Because,
    release: Annotated[str, Parameter(help="the id of a hold that somebody else placed: release it")] = "",
    note: Note = None,
    by: Writer = DOING,
) -> Answer:
    """Place a legal hold: nothing of the record may be erased while it stands; or release one of somebody else's."""
    if not release:
        return _placed(done(by, child, pc.PlaceHold(because, typed(note)), "held: nothing of it may be erased"))
    if note is not None:
        raise WrongUsage("--note belongs to a hold that is placed; leave it out where one is released")
    return done(by, child, pc.ReleaseHold(release, because), f"hold {release} released")


def _placed(answer: Answer) -> Answer:
    """The answer with the id of the hold, by which somebody else releases it."""
    events = answer.data.get("events")
    found = [e for e in events if e.get("event") == "HoldPlaced"] if isinstance(events, list) else []
    return Answer({**answer.data, "hold": found[-1]["id"] if found else ""}, answer.shown, answer.code)


def retain(
    child: Child,
    decision: Annotated[Literal["keep", "erase"], Parameter(help="what becomes of the closed case")],
    *,
    because: Because,
    until: Annotated[Day, Parameter(help="keep it until this day: 2036-09-01")] = None,
    by: Writer = DOING,
) -> Answer:
    """Decide of a closed case whose retention has ended: keep it until a day, or have it erased."""
    what = f"kept until {until}" if decision == "keep" else "to be erased"
    return done(by, child, pc.DecideRetention(decision, because, until), what)
