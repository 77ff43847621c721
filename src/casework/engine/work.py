"""One settling under way."""

from collections.abc import Iterable
from datetime import datetime

from casework.engine.acts import Acts, acts_of
from casework.engine.context import Context
from casework.engine.draft import Draft
from casework.engine.evolve import happen
from casework.model import events as ev
from casework.model.case import Case


class Work:
    """One settling under way: the draft, what happened so far, and the earliest instant to look again."""

    def __init__(self, case: Case, context: Context) -> None:
        self.draft = Draft(case)
        self.context = context
        self.events: list[ev.Caused] = []
        self.wake: datetime | None = None
        self.alarm: datetime | None = None
        self._acts: Acts | None = None

    def acts(self) -> Acts:
        """What can discharge duties; settling itself adds nothing to it, but marks on the school's own record."""
        if self._acts is None or self.draft.get("child") == "":
            self._acts = acts_of(self.draft.case, self.context.settings.plan.wanted)
        return self._acts

    def happen(self, cause: str, events: Iterable[ev.Event]) -> bool:
        """Let events happen, in order; tell whether there were any."""
        before = len(self.events)
        for event in events:
            happen(self.draft, event)
            self.events.append((cause, event))
        return len(self.events) > before

    def look(self, at: datetime | None) -> None:
        """Remember an instant to look again."""
        if at is not None and (self.wake is None or at < self.wake):
            self.wake = at
