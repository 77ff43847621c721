"""What a policy's windows come to before any record is looked at: what opens them, what shares acts, which day."""

from collections import defaultdict
from datetime import date

from casework.model.calendar import Term
from casework.policy.values import Duty, Window

Asked = tuple[int, Duty, Window, str]
"""A window of a duty that a kind of trigger opens, with its place among them all."""


def by_trigger(duties: tuple[Duty, ...]) -> dict[str, list[Asked]]:
    """By kind of trigger, the windows that it opens."""
    found: dict[str, list[Asked]] = defaultdict(list)
    asked = [(duty, window, kind) for duty in duties for window in duty.windows for kind in window.on]
    for place, (duty, window, kind) in enumerate(asked):
        found[kind].append((place, duty, window, kind))
    return dict(found)


def groups(duties: tuple[Duty, ...]) -> dict[str, tuple[str, ...]]:
    """By duty, the duties that share its acts: itself and what is exclusive with it, in both directions."""
    found = {duty.id: {duty.id} for duty in duties}
    for duty in duties:
        for other in duty.exclusive_with:
            joint = found[duty.id] | found.get(other, {other})
            for member in joint:
                found[member] = joint
    return {id_: tuple(sorted(members)) for id_, members in found.items()}


def day_of(term: Term, text: str) -> date | None:
    """A day that a window names within a term: ``start of CLOSE``, ``end of week 2``; None for none."""
    if not text:
        return None
    what, _, which = text.partition(" of ")
    if what == "start":
        return term.parts()[which][0]
    weeks = term.weeks()
    return min(weeks[min(int(which.removeprefix("week ")), len(weeks)) - 1][1], term.last)
