"""What a rule may ask about time. Every question leaves the instant at which its answer may change."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from casework.errors import RuleRefused
from casework.model.calendar import DAY, Calendar, Term
from casework.model.case import Since

MAX_LOOKBACK = 366
NO_FACTS: Mapping[str, Mapping[str, int]] = MappingProxyType({})


class Now:
    """The present, as one rule sees it while it looks at one record.

    ``at`` is the instant at which the local day began (so that an answer cannot depend on the minute), ``today`` the
    local date, ``term`` the term or None in holidays, ``facts`` the declared aggregates. `earliest` is the next
    instant at which something that was asked may change.
    """

    __slots__ = ("_at", "_calendar", "_lookback", "_thresholds", "_today", "earliest", "facts")

    def __init__(
        self,
        at: datetime,
        calendar: Calendar,
        thresholds: Mapping[str, int] | None = None,
        *,
        lookback: int = MAX_LOOKBACK,
        facts: Mapping[str, Mapping[str, int]] = NO_FACTS,
        today: date | None = None,
    ) -> None:
        self._at = at
        self._calendar = calendar
        self._thresholds = thresholds or {}
        self._lookback = lookback
        self._today = calendar.local_date(at) if today is None else today
        self.facts = facts
        self.earliest: datetime | None = None

    def ask(self, lookback: int, facts: Mapping[str, Mapping[str, int]]) -> None:
        """Turn to the next rule: its lookback and its declared aggregates; what was asked so far stays noted."""
        self._lookback = lookback
        self.facts = facts

    def look(self, at: datetime) -> None:
        """Ask to be looked at again at ``at``; instants that have passed are of no use and left out."""
        if at > self._at and (self.earliest is None or at < self.earliest):
            self.earliest = at

    @property
    def today(self) -> date:
        """The local date; changes at the next local midnight."""
        self.look(self._calendar.midnight(self._today + DAY))
        return self._today

    @property
    def at(self) -> datetime:
        """The instant at which the local day began, in UTC; changes at the next local midnight."""
        return self._calendar.midnight(self.today)

    @property
    def term(self) -> Term | None:
        """The term of today; None in holidays."""
        turn = self._calendar.next_turn(self._today)
        if turn is not None:
            self.look(self._calendar.midnight(turn))
        return self._calendar.term_on(self._today)

    def days_ago(self, days: int) -> Since:
        """The day ``days`` days back, to look back to: what happened on that day still counts.

        Raises `RuleRefused` beyond the rule's ``lookback=``, since older records need not be loaded.
        """
        if not 0 <= days <= self._lookback:
            msg = (
                f"days_ago({days}) is beyond the rule's lookback of {self._lookback} days; "
                f"declare @rule(lookback={days})"
            )
            raise RuleRefused(msg)
        return Since(
            self._today - DAY * days, days, lambda on: self.look(self._calendar.midnight(on + DAY * (days + 1)))
        )

    def since(self, day: date) -> Since:
        """A fixed day to look back to. Raises `RuleRefused` beyond the rule's ``lookback=``."""
        if day < self._today - DAY * self._lookback:
            msg = (
                f"since({day}) is beyond the rule's lookback of {self._lookback} days; declare a "
                "longer @rule(lookback=…)"
            )
            raise RuleRefused(msg)
        return Since(day)

    def passed(self, since: date | datetime | None, *, days: int = 0, hours: int = 0) -> bool:
        """Tell whether so much time has passed since then, and wake the record when it will have.

        A date counts local calendar days (``hours`` are for instants). None, something that never happened, never
        passes.
        """
        if since is None:
            return False
        if isinstance(since, datetime):
            if since.tzinfo is None:
                msg = "passed(since): an instant needs a time zone; give an aware datetime, or a date to count days"
                raise RuleRefused(msg)
            turn = since + timedelta(days=days, hours=hours)
        elif hours:
            msg = "passed(date, hours=…): a date has no hour; give an instant, or count days"
            raise RuleRefused(msg)
        else:
            turn = self._calendar.midnight(since + DAY * days)
        self.look(turn)
        return self._at >= turn

    def midnight(self, day: date) -> datetime:
        """The instant (UTC) at which ``day`` begins at the school, for ``Look(now.midnight(day))``."""
        return self._calendar.midnight(day)

    def teaching_days_after(self, day: date, count: int) -> date | None:
        """The ``count``-th teaching day after ``day``; None past the known calendar."""
        return self._calendar.add_teaching_days(day, count)

    def threshold(self, name: str) -> int:
        """The policy's number of that name. Raises `RuleRefused` for a name that the policy does not know."""
        try:
            return self._thresholds[name]
        except KeyError:
            known = ", ".join(sorted(self._thresholds))
            msg = f"a policy has no threshold {name}; it has {known}. Keep numbers of your own in your rule"
            raise RuleRefused(msg) from None
