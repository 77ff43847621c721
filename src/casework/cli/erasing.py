"""``erase``: what is confidential about a child is destroyed, as one person asks and another carries out."""

from typing import Annotated

from cyclopts import Parameter

from casework.cli.answer import Answer
from casework.cli.cases import done
from casework.cli.exits import WrongUsage
from casework.cli.opening import opened, person_of
from casework.cli.options import DOING, Flag, Writer
from casework.cli.render import line, table
from casework.engine.retention import WHY
from casework.model import erasure_commands as xc


def erase(
    child: Annotated[str, Parameter(help="the child's id; left out: what has been asked for and waits")] = "",
    *,
    because: Annotated[str, Parameter(help="the reason as a code, such as guardian_asked")] = "",
    approve: Annotated[
        Flag, Parameter(help="carry out what somebody else has asked for: nobody brings it back")
    ] = False,
    decline: Annotated[Flag, Parameter(help="the texts stay; or take your own request back")] = False,
    by: Writer = DOING,
) -> Answer:
    """Ask that a child's notes and contact details be destroyed; somebody else carries it out with --approve."""
    if approve and decline:
        raise WrongUsage("--approve destroys the texts, --decline keeps them: say one of the two")
    if not child:
        if because or approve or decline:
            raise WrongUsage("name the child, as in casework erase p-002 --because guardian_asked")
        return _waiting(by)
    if not because:
        raise WrongUsage("--because says why, as a code such as guardian_asked")
    if approve:
        return done(by, child, xc.Erase(because), "erased: its texts are gone for good")
    if decline:
        return done(by, child, xc.DeclineErasure(because), "kept: its texts stay")
    return done(by, child, xc.RequestErasure(because), "to be erased: somebody else says so with --approve")


def _waiting(by: Writer) -> Answer:
    """What has been asked for, and whether it may be done today."""
    person = person_of(by)
    with opened(by) as office:
        found = office.desk(person).erasure_requests()
    facts = [
        {
            "child": each.child,
            "because": each.because,
            "asked_by": each.asked_by,
            "asked_on": str(each.asked_on),
            "kept": each.kept,
        }
        for each in found
    ]
    if not found:
        return Answer({"requests": facts}, (line("nobody has asked for an erasure"),))
    rows = [
        (each.child, each.because, each.asked_by, str(each.asked_on), WHY[each.kept] if each.kept else "may be erased")
        for each in found
    ]
    return Answer({"requests": facts}, (table(["child", "because", "asked by", "on", "today"], rows),))
