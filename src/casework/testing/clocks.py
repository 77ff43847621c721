"""Finding a rule that reads a clock of its own: the machine's, which no test can move and no sweep knows of."""

from __future__ import annotations

import sys
from datetime import date
from types import ModuleType
from typing import TYPE_CHECKING, Any

from attrs import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from casework.model.case import Case
    from casework.model.decisions import Decision
    from casework.rules.declare import Rule
    from casework.rules.now import Now

READ = frozenset(("now", "utcnow", "today"))
SAYS = frozenset(("ctime", "gmtime", "localtime", "strftime", "time", "time_ns"))
"""Functions of `time` that tell the hour. Those that measure are left alone: garbage collectors' hooks do so."""


def watched(rule: Rule, seen: list[str]) -> Rule:
    """The rule, putting on ``seen`` where anything that it calls reads the machine's clock."""

    def function(case: Case, now: Now) -> Iterable[Decision]:
        def look(frame: FrameType, event: str, called: Any) -> None:  # noqa: ANN401 - any built-in function
            if event == "c_call" and _reads_clock(called):
                seen.append(f"{called.__name__} in {frame.f_code.co_name}, line {frame.f_lineno}")

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            return tuple(rule.function(case, now) or ())
        finally:
            sys.setprofile(before)

    return evolve(rule, function=function)


def _reads_clock(called: Any) -> bool:  # noqa: ANN401 - any built-in function
    """Tell whether a built-in is one of the functions of `datetime` and `time` that say what time it is."""
    owner, name = getattr(called, "__self__", None), called.__name__
    if isinstance(owner, type) and issubclass(owner, date):
        return name in READ
    return isinstance(owner, ModuleType) and owner.__name__ == "time" and name in SAYS
