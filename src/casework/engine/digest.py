"""When a notice may go: few letters, at decent hours, and emergencies always at once. Pure.

Local time is the school's. A digest holds all that waits for a person; there is one for a person and local day at most,
and a number of them in a week (Monday to Sunday). What is too much waits for the next one, and is never dropped.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import field, frozen
from attrs.validators import instance_of

from casework.engine.outgoing import Outgoing
from casework.errors import WrongValue
from casework.model.calendar import DAY

WEEK = 7


@frozen
class Hours:
    """At which hour the digest goes, how many in a week, and the hours of the night in which nothing goes.

    ``quiet`` begins at its first hour and ends before its second; equal ones mean no quiet hours. Raises `WrongValue`
    for a digest in the quiet hours, and for a number of them that is no 1 to 7.
    """

    digest: time = field(default=time(7), validator=instance_of(time))
    quiet: tuple[time, time] = (time(21), time(7))
    per_week: int = 5

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.per_week <= WEEK:
            raise WrongValue(f"per_week={self.per_week}: a person gets 1 to 7 digests in a week; give such a number")
        if self.quiet_at(self.digest):
            raise WrongValue(f"the digest of {self.digest:%H:%M} would go in the quiet hours; give another hour")

    def quiet_at(self, hour: time) -> bool:
        """Whether nothing goes at this local hour."""
        first, last = self.quiet
        return first <= hour < last if first <= last else hour >= first or hour < last


def digest_at(written: datetime, now: datetime, gone: Collection[date], hours: Hours, zone: ZoneInfo) -> datetime:
    """The first instant from ``now`` on at which a digest may go that holds what was ``written`` then.

    It goes at the hour of the digest; where nobody came to send it then, as soon as may be. ``gone`` are the local days
    whose digests have gone.
    """
    at = max(now, _first(written, hours, zone))
    while True:
        local = at.astimezone(zone)
        day = local.date()
        monday = day - timedelta(days=day.weekday())
        used = sum(monday <= one < monday + timedelta(days=WEEK) for one in gone)
        if day in gone or used >= hours.per_week:
            at = max(_instant(day + DAY, time(), zone), at + _TICK)
        elif hours.quiet_at(local.time()):
            at = next(end for end in _ends(day, hours.quiet[1], zone) if end > at)
        elif at < (opens := _instant(day, hours.digest, zone)):
            at = opens
        else:
            return at


_TICK = timedelta(microseconds=1)


def _first(written: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """The hour of the digest that comes next after something was written."""
    day = written.astimezone(zone).date()
    return next(at for k in range(3) if (at := _instant(day + k * DAY, hours.digest, zone)) >= written)


def _ends(day: date, hour: time, zone: ZoneInfo) -> Iterator[datetime]:
    """The instants at which quiet hours may end, in order: at a change of the clock the hour may come twice."""
    for k in range(-1, 3):
        yield from sorted({_instant(day + k * DAY, hour.replace(fold=fold), zone) for fold in (0, 1)})


def _instant(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The instant of a local hour; of one that the clock leaves out, as much later as it leaves out."""
    return datetime.combine(day, hour, zone).astimezone(UTC)


def goes(
    notices: Sequence[Outgoing], now: datetime, gone: Collection[date], hours: Hours, zone: ZoneInfo
) -> tuple[list[Outgoing], list[tuple[Outgoing, datetime]]]:
    """Of what waits for a person: what goes now, and when to look again at each of the rest.

    What is urgent goes, whatever the hour. Of the rest all goes together, or nothing.
    """
    urgent = [notice for notice in notices if notice.urgent]
    calm = [notice for notice in notices if not notice.urgent]
    when = [(notice, digest_at(notice.at, now, gone, hours, zone)) for notice in calm]
    if any(at <= now for _, at in when):
        return [*urgent, *calm], []
    return urgent, when


def this_week_and_next(now: datetime, zone: ZoneInfo) -> Iterable[date]:
    """The local days whose digests count for what may go now: also of a next week, if the clock was set back."""
    day = now.astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    return (monday + k * DAY for k in range(2 * WEEK))
