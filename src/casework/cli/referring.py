"""Referrals: refer, accept, decline, consent, session, plan, complete, revoke; and screenings."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from casework.cli.answer import Answer
from casework.cli.cases import Because, Child, On, done
from casework.cli.exits import WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import DOING, Day, Doing, Flag, Many, MaybeNumber, Note, Number, Writer, typed
from casework.cli.people import meant, note_slips
from casework.cli.printing import remark
from casework.cli.told import told
from casework.errors import NotFound
from casework.model import commands as c
from casework.model import referral_commands as rc

if TYPE_CHECKING:
    from casework import Desk

ReferralId = Annotated[str, Parameter(help="the referral's id; may be left out while only one is open")]


def refer(
    child: Child,
    to: Annotated[str, Parameter(help="whom to ask, as a code: psychology")],
    *,
    because: Because,
    urgent: Annotated[Flag, Parameter(help="it cannot wait: nothing stops it, not even missing consent")] = False,
    about: Annotated[Many, Parameter(help="the id of an activity, concern or screening that shows it; repeat")] = (),
    implicates: Annotated[Many, Parameter(help="a person who is implicated, and will see none of it; repeat")] = (),
    note: Note = None,
    by: Writer = DOING,
) -> Answer:
    """Ask a specialist to look in (D26)."""
    command = rc.RequestReferral(to, because, urgent, about, implicates, typed(note))
    return _entered(by, child, command, f"referred to {to}", implicates)


def accept(
    child: Child,
    referral: ReferralId = "",
    *,
    who: Annotated[str, Parameter(name="--by", help="who takes the child on, if not you")] = "",
    by: Writer = DOING,
) -> Answer:
    """Take the child on."""
    return _carried_out(by, child, referral, lambda id_: rc.AcceptReferral(id_, who), "accepted")


def decline(child: Child, referral: ReferralId = "", *, because: Because, by: Writer = DOING) -> Answer:
    """Say no, with the reason; the evidence stays answered until there is more of it."""
    return _carried_out(by, child, referral, lambda id_: rc.DeclineReferral(id_, because), "declined")


def consent(  # noqa: PLR0913 - what may be said of consent
    child: Child,
    answer: Annotated[str, Parameter(help="given, refused, withdrawn, not_required")],
    referral: ReferralId = "",
    *,
    guardian: Annotated[str, Parameter(help="who says so: an id, or parent1, parent2 as on the contact card")] = "",
    capacity: Annotated[str, Parameter(help="guardian, or school where none is required")] = "",
    how: Annotated[str, Parameter(help="a code: in_person, by_phone, in_writing")] = "",
    because: Annotated[str, Parameter(help="why none is required, as a code")] = "",
    purpose: Annotated[str, Parameter(help="to what, if to no referral, as a code: photographs")] = "",
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Enter what was said of consent: the guardian's word, before or after; a carer's word is none."""

    def command(id_: str) -> c.Command:
        return rc.RecordConsent(id_, answer, guardian, capacity, how, because, on, purpose)

    if purpose:
        return done(by, child, command(referral), f"consent to {purpose} {answer.replace('_', ' ')}")
    return _carried_out(by, child, referral, command, f"consent {answer.replace('_', ' ')}")


def session(
    child: Child,
    referral: ReferralId = "",
    *,
    who: Annotated[str, Parameter(name="--by", help="who held it, if not you")] = "",
    on: On = None,
    next_on: Annotated[Day, Parameter(name="--next", help="the day agreed for the next session")] = None,
    note: Note = None,
    by: Writer = DOING,
) -> Answer:
    """Enter a session; the first one begins the work. The note is sealed, for the specialist alone."""
    text = typed(note)
    return _carried_out(by, child, referral, lambda id_: rc.HoldSession(id_, who, on, next_on, text), "session held")


def plan(
    child: Child,
    referral: ReferralId = "",
    *,
    review: Annotated[Day, Parameter(help="the day on which the plan is gone through again: 2026-10-12")],
    note: Note = None,
    by: Writer = DOING,
) -> Answer:
    """Make a plan (D27), or go through it and make it anew."""
    text = typed(note)
    if review is None:
        raise WrongUsage("--review says on which day the plan is gone through again, as in --review 2026-10-12")
    day: date = review
    return _carried_out(by, child, referral, lambda id_: rc.PlanCare(id_, day, text), f"planned until {day}")


def complete(
    child: Child,
    referral: ReferralId = "",
    *,
    outcome: Annotated[str, Parameter(help="a code: recovered, better, referred_on …")],
    by: Writer = DOING,
) -> Answer:
    """The work is done, with its outcome."""
    return _carried_out(by, child, referral, lambda id_: rc.CompleteReferral(id_, outcome), "completed")


def revoke(child: Child, referral: ReferralId = "", *, because: Because, by: Writer = DOING) -> Answer:
    """Take the referral back, with the reason."""
    return _carried_out(by, child, referral, lambda id_: rc.RevokeReferral(id_, because), "revoked")


def screen(
    child: Child,
    instrument: Annotated[str, Parameter(help="sdq_self, sdq_parent, sdq_teacher, phq_a, ces_dc, cdi, scared, mht")],
    score: Annotated[Number, Parameter(help="the total")],
    *,
    self_harm: Annotated[MaybeNumber, Parameter(help="what the item on self-harm says (phq_a, cdi)")] = None,
    who: Annotated[str, Parameter(name="--by", help="who led it, if not you")] = "",
    on: On = None,
    by: Writer = DOING,
) -> Answer:
    """Enter a pupil's answers to a named instrument. A positive answer on self-harm is an emergency at once."""
    return _entered(by, child, rc.Screen(instrument, score, self_harm, who, on), f"{instrument} entered", (who,))


def _entered(by: Doing, child: str, command: c.Command, what: str, people: tuple[str, ...]) -> Answer:
    """Carry out what may be urgent: a slip in an id is told, and stops nothing."""
    person = person_of(by)
    with opened(by, begins=True) as office:
        id_, doubt = meant(office, child)
        answer = told([office.desk(person).do(id_, command, key=by.key)], what)
        note_slips(office, people)
    remark(doubt and f"{doubt}; it was entered all the same")
    return answer


def _carried_out(by: Doing, child: str, referral: str, command: Callable[[str], c.Command], what: str) -> Answer:
    person = person_of(by)
    with opened(by) as office:
        desk = office.desk(person)
        id_ = office.child(child)
        found = referral or _only_one(desk, id_)
        return told([desk.do(id_, command(found), key=by.key)], f"referral {found} {what}")


def _only_one(desk: "Desk", child: str) -> str:
    """The referral that is meant where no id is given."""
    found = sorted(r.id for r in desk.case(child).referrals.values() if r.open)
    if not found:
        raise NotFound("open referral of", child)
    if len(found) > 1:
        raise WrongUsage(f"{child} has several open referrals; name one: {', '.join(found)}")
    return found[0]
