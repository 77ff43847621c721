"""Emergencies: raise, ack, respond, call-outside, stand-down, review. No case, no settings and no roll gate them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from casework.cli.answer import Answer
from casework.cli.cases import Because, Child
from casework.cli.exits import WrongUsage
from casework.cli.near import did_you_mean
from casework.cli.opening import opened, person_of
from casework.cli.options import DOING, Day, Doing, Flag, Many, Note, Text, Writer, instant, typed
from casework.cli.people import doubtful, meant, note_slips
from casework.cli.printing import remark
from casework.cli.told import told
from casework.errors import NotFound
from casework.model import commands as c

if TYPE_CHECKING:
    from casework import Desk
    from casework.cli.office import Office

KINDS = (
    "missing",
    "injury",
    "illness",
    "abuse",
    "abuse_disclosed",
    "violence",
    "self_harm",
    "suicidal_thoughts",
    "bullying",
    "severe_bullying",
)
"""What emergencies are usually called; every code is taken, and one that looks like a slip is remarked."""

EmergencyId = Annotated[str, Parameter(help="the emergency's id; may be left out while only one is not reviewed")]


def raise_(
    child: Child,
    kind: Annotated[str, Parameter(help="a code: missing, injury, abuse, self_harm, bullying …")],
    *,
    inferred: Annotated[Flag, Parameter(help="concluded, not seen")] = False,
    about: Annotated[Many, Parameter(help="the id of an activity or concern that shows it; repeat")] = (),
    implicates: Annotated[Many, Parameter(help="a person who is implicated, and will not be told; repeat")] = (),
    note: Note = None,
    by: Writer = DOING,
) -> Answer:
    """Raise an emergency, for any child, with or without a case. The ladder is told at once."""
    person = person_of(by)
    with opened(by, begins=True) as office:
        id_, doubt = meant(office, child)
        command = c.Raise(kind, not inferred, about, implicates, typed(note))
        answer = told([office.desk(person).do(id_, command, key=by.key)], f"emergency raised ({kind})")
        note_slips(office, implicates)
    remark(doubt and f"{doubt}; it was raised all the same")
    near = "" if kind in KINDS else did_you_mean(kind, KINDS)
    remark(near and f"{kind} is none of the usual kinds{near} It was raised as it stands")
    return answer


def ack(child: Child, emergency: EmergencyId = "", *, by: Writer = DOING) -> Answer:
    """I have heard: the climb stops until the next limit."""
    return _carried_out(by, child, emergency, lambda id_, _: c.Acknowledge(id_), "acknowledged")


def respond(child: Child, emergency: EmergencyId = "", *, by: Writer = DOING) -> Answer:
    """I am on the way, or with the child."""
    return _carried_out(by, child, emergency, lambda id_, _: c.Respond(id_), "responding")


def call_outside(
    child: Child,
    emergency: EmergencyId = "",
    *,
    agency: Annotated[str, Parameter(help="police, civil_affairs, education")],
    reference: Annotated[str, Parameter(help="what the agency gave for the call; none, if it gave none")],
    caller: Annotated[str, Parameter(help="who called, if not you")] = "",
    at: Annotated[str | None, Parameter(help="when, if not now: 2026-09-14T21:40")] = None,
    by: Writer = DOING,
) -> Answer:
    """Write down the call that left the school: who was called, by whom, when, with which reference."""

    def command(id_: str, office: "Office") -> c.Command:
        when = None if at is None else instant(at, office.calendar.zone, "--at")
        return c.CallOutside(id_, agency, reference, caller, when)

    return _carried_out(by, child, emergency, command, "call written down")


def stand_down(
    child: Child,
    emergency: EmergencyId = "",
    *,
    because: Because,
    seen_by: Annotated[str, Parameter(help="who saw the child safe")],
    seen_at: Annotated[str, Parameter(help="when the child was seen safe: 2026-09-14T21:40")],
    look_again: Annotated[Day, Parameter(help="a day to look again")] = None,
    by: Writer = DOING,
) -> Answer:
    """The child is safe: who saw the child, and when."""

    def command(id_: str, office: "Office") -> c.Command:
        if wrong := doubtful(office, seen_by):
            remark(f"--seen-by: {wrong}; the command goes on, since somebody else may have seen the child")
        return c.StandDown(id_, because, seen_by, instant(seen_at, office.calendar.zone, "--seen-at"), look_again)

    return _carried_out(by, child, emergency, command, "stood down")


def review(
    child: Child,
    emergency: EmergencyId = "",
    *,
    lessons: Annotated[Text, Parameter(help="what was learnt, sealed; - reads standard input")] = None,
    by: Writer = DOING,
) -> Answer:
    """Go through the emergency afterwards; then it is done."""
    return _carried_out(by, child, emergency, lambda id_, _: c.Review(id_, typed(lessons)), "reviewed")


def _carried_out(
    by: Doing, child: str, emergency: str, command: "Callable[[str, Office], c.Command]", what: str
) -> Answer:
    person = person_of(by)
    with opened(by) as office:
        desk = office.desk(person)
        id_ = office.child(child)
        found = emergency or _only_one(desk, id_)
        return told([desk.do(id_, command(found, office), key=by.key)], f"emergency {found} {what}")


def _only_one(desk: "Desk", child: str) -> str:
    """The emergency that is meant where no id is given."""
    open_ones = sorted(e.id for e in desk.case(child).emergencies.values() if e.state != "reviewed")
    if not open_ones:
        raise NotFound("emergency of", child)
    if len(open_ones) > 1:
        raise WrongUsage(f"{child} has several emergencies; name one: {', '.join(open_ones)}")
    return open_ones[0]
