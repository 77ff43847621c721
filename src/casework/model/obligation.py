"""Obligations: one duty, one subject, one window, with an identity that is never deleted."""

from datetime import date

from attrs import frozen

STATUSES = ("open", "met", "met_late", "missed", "excused", "superseded")


@frozen
class Obligation:
    """One duty × one subject × one window.

    ``window`` names it within the duty: ``2026-autumn:OPEN``, ``2026-09``, ``#1``, a trigger's id. ``opens``, ``due``,
    ``closes`` are local dates, all inside; ``due`` and ``closes`` are None where the calendar is not known so far.
    Done by due is met, by closes met_late, not by closes missed. ``by`` is the act that discharged it, ``on`` its date;
    ``because`` says why it was excused or superseded; ``trigger`` and ``rule`` say what asked for it.
    """

    duty: str
    window: str
    opens: date
    due: date | None
    closes: date | None
    role: str
    status: str = "open"
    on: date | None = None
    by: str = ""
    because: str = ""
    trigger: str = ""
    rule: str = ""

    @property
    def key(self) -> str:
        """The identity within the subject: ``D10/2026-autumn:OPEN``."""
        return f"{self.duty}/{self.window}"

    def overdue(self, today: date) -> bool:
        """Open although its due day has passed: the alarm runs."""
        return self.status == "open" and self.due is not None and today > self.due
