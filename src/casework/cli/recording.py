"""What is looked at before a record is stored: does any duty know its kind, who was met, are the children siblings.

The engine takes every kind, since rules of the host's may ask for kinds of their own. On the command line a slip of the
pen would be stored and would discharge nothing; therefore it is refused here, with the kinds that are meant.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from casework.cli.exits import WrongUsage
from casework.cli.near import did_you_mean
from casework.cli.printing import remark
from casework.cli.render import local
from casework.errors import NotAllowed, NotFound
from casework.model.activity import KINDS
from casework.model.reason import CODE
from casework.policy.values import FACTS, MET

if TYPE_CHECKING:
    from casework import Case, Desk, Outcome
    from casework.cli.office import Office


YEAR = timedelta(days=366)
"""What was done longer ago is seldom entered now."""


def problems(office: "Office", kind: str | None, met: Iterable[str]) -> list[str]:
    """What is wrong with a kind of activity, and with those who were met; None is no kind."""
    return [text for text in (_of_kind(office, kind) if kind else "", _of_met(met)) if text]


def refused(wrong: Iterable[str]) -> WrongUsage:
    """The refusal that says all of it."""
    return WrongUsage("\n  ".join((*wrong, "nothing was stored")))


def check_reads(office: "Office", kind: str | None, met: Iterable[str]) -> None:
    """Refuse what an activity should read from now on. Raises `WrongUsage`."""
    if wrong := problems(office, kind, met):
        raise refused(wrong)


def together(desk: "Desk", children: Sequence[str]) -> list[str]:
    """Why the children cannot have been met on one visit to a household, as far as who acts may know."""
    if len(children) == 1:
        return []
    cases = [found for child in children if (found := _case(desk, child)) is not None]
    for case in cases:
        if not case.household:
            remark(
                f"of {case.child} no household is known, so nobody can tell whether they are siblings; "
                f"casework facts {case.child} --household ID says it"
            )
    if not cases:
        return []
    first, *others = [case for case in cases if case.household] or cases
    strange = [case for case in others if case.household != first.household]
    if not strange:
        return []
    said = ", ".join(f"{case.child} of {case.household}" for case in strange)
    problem = (
        f"--with is for the children of one household, but {first.child} is of {first.household}, {said}: enter a "
        "visit of its own for each household, or set the household right with casework facts CHILD --household ID"
    )
    return [problem]


def doubts(office: "Office", desk: "Desk", outcomes: "Iterable[Outcome]", on: date | None) -> Iterator[str]:
    """What is odd about the time of something that was stored; ``on`` is the day that was given, if any."""
    for outcome in outcomes:
        case = outcome.case
        mend = (
            f"; if it is a slip, casework correct {case.child} {outcome.activity} --on DAY --because slip sets it right"
        )
        began = min((span.since for span in case.spans if span.kind == "open"), default=None)
        if on is not None and began is not None and on < began:
            yield f"{on} lies before the case of {case.child} began, on {began}{mend}"
        elif on is not None and on < office.today - YEAR:
            yield f"{on} is more than a year ago{mend}"
        now = office.casework.clock()
        if office.rehearses and (newest := _newest(desk, case.child, now)) > now:
            yield (
                f"the instant of --now or CASEWORK_NOW lies before the newest entry of {case.child} "
                f"({local(newest, office.calendar.zone)}); what is entered so stands in the history as it is"
            )


def _newest(desk: "Desk", child: str, now: datetime) -> datetime:
    """When the newest entry was made, if who acts may read the history; else now."""
    try:
        return max(entry.at for entry in desk.history(child))
    except (NotFound, NotAllowed):
        return now


def _case(desk: "Desk", child: str) -> "Case | None":
    """The child's case, if who acts may read it; of the others the desk says whether they may be recorded with it."""
    try:
        return desk.case(child)
    except (NotFound, NotAllowed):
        return None


def _of_kind(office: "Office", kind: str) -> str:
    """What is wrong with a kind of activity; empty if a duty or a rule may know it.

    What is no code at all is the engine's to refuse, without repeating it.
    """
    policy = office.file.policy
    known = {act.kind for duty in policy.duties for act in duty.discharged_by} - set(FACTS)
    if kind in known or kind in KINDS or office.rules or not CODE.fullmatch(kind):
        return ""
    also = [name for name in KINDS if name not in known]
    return (
        f"no duty knows the kind {kind}, so it would discharge nothing{did_you_mean(kind, {*known, *KINDS})}; "
        f"duties of {policy.id} know {', '.join(sorted(known))}; beside them {', '.join(also)} may be recorded"
    )


def _of_met(met: Iterable[str]) -> str:
    """What is wrong with those who were met; empty if duties know them all."""
    wrong = [who for who in met if who not in MET and CODE.fullmatch(who)]
    if not wrong:
        return ""
    return f"--met takes {', '.join(MET)}, and no duty knows {wrong[0]}{did_you_mean(wrong[0], MET)}"
