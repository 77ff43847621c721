"""``erase``: what is confidential about a child is destroyed, as one person asks and another carries out."""

from typing import Annotated

from cyclopts import Parameter

from casework.cli.answer import Answer
from casework.cli.cases import Because, Child, done
from casework.cli.exits import WrongUsage
from casework.cli.options import DOING, Flag, Writer
from casework.model import erasure_commands as xc


def erase(
    child: Child,
    *,
    because: Because,
    approve: Annotated[
        Flag, Parameter(help="carry out what somebody else has asked for: nobody brings it back")
    ] = False,
    decline: Annotated[Flag, Parameter(help="the texts stay; or take your own request back")] = False,
    by: Writer = DOING,
) -> Answer:
    """Ask that a child's notes and contact details be destroyed; somebody else carries it out with --approve."""
    if approve and decline:
        raise WrongUsage("--approve destroys the texts, --decline keeps them: say one of the two")
    if approve:
        return done(by, child, xc.Erase(because), "erased: its texts are gone for good")
    if decline:
        return done(by, child, xc.DeclineErasure(because), "kept: its texts stay")
    return done(by, child, xc.RequestErasure(because), "to be erased: somebody else says so with --approve")
