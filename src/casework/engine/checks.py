"""Checks that every command shares: days, instants, text."""

from datetime import date, datetime

from casework.engine.context import Context
from casework.errors import CommandRefused
from casework.model.people import Sealed


def local_day(given: date | None, context: Context) -> date:
    """The local day of what is entered; days to come are refused, since nobody has done anything on them."""
    if isinstance(given, datetime):
        msg = "on= takes a local date, not an instant; give the school's calendar day"
        raise CommandRefused(msg)
    if given is not None and given > context.today:
        msg = f"{given} has not come yet (today is {context.today}); enter what has happened"
        raise CommandRefused(msg)
    return given or context.today


def instant(given: datetime | None, context: Context) -> datetime:
    """The instant given, in UTC, or that of entry; naive ones and those to come are refused."""
    if given is None:
        return context.at
    if given.tzinfo is None:
        msg = "an instant needs a time zone; give datetime(..., tzinfo=UTC) or a zoned datetime"
        raise CommandRefused(msg)
    if given > context.at:
        msg = f"{given.isoformat()} has not come yet; enter what has happened"
        raise CommandRefused(msg)
    return given.astimezone(context.at.tzinfo)


def sealed_only(text: str | Sealed | None) -> Sealed | None:
    """Text that is still plain never reaches an event."""
    if isinstance(text, str):
        msg = "text reaches the engine sealed; give it to a desk"
        raise CommandRefused(msg)
    return text
