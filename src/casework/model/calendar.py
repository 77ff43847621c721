"""Terms, teaching days and the windows of a term.

All dates are local calendar dates of the school's time zone; instants are aware datetimes in UTC.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from casework.errors import CalendarRefused, WrongType, check_kind

T = TypeVar("T")

DAY = timedelta(days=1)
PARTS = ("OPEN", "MID", "CLOSE")
MIN_WEEKS = 9
MIN_MONTH_TD = 10

Span = tuple[date, date]
"""First and last day, both inside."""


def _day(given: date, where: str) -> date:
    """A local date; text and instants are refused, since nobody knows which day they mean."""
    check_kind(given, date, where, "local dates, as in date(2026, 9, 1)")
    if isinstance(given, datetime):
        msg = f"{where} takes local dates, as in date(2026, 9, 1), not instants"
        raise WrongType(msg)
    return given


def _several(given: Iterable[T], where: str, takes: str) -> list[T]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        msg = f"{where} takes {takes}, not {type(given).__name__}"
        raise WrongType(msg)
    return list(given)


def _span(given: Span | date, where: str) -> Span:
    if isinstance(given, date):
        return _day(given, where), given
    if not isinstance(given, tuple | list) or len(given) != 2:  # noqa: PLR2004 - first and last
        msg = f"{where} takes dates, or pairs of a first and a last date"
        raise WrongType(msg)
    return _day(given[0], where), _day(given[1], where)


def _spans(value: Iterable[Span | date]) -> tuple[Span, ...]:
    where = "holidays= of a term"
    return tuple(sorted(_span(given, where) for given in _several(value, where, "a list of dates and pairs of dates")))


def _dates(value: Iterable[date]) -> tuple[date, ...]:
    where = "makeup= of a term"
    return tuple(sorted({_day(given, where) for given in _several(value, where, "a list of dates")}))


def _windows(value: Mapping[str, Span]) -> dict[str, Span]:
    where = "windows= of a term"
    check_kind(value, Mapping, where, "a mapping of OPEN, MID and CLOSE to their first and last dates")
    return {str(part): _span(given, where) for part, given in value.items()}


@frozen
class Term:
    """One term: first and last day (inclusive), holidays inside it, make-up days on weekends.

    ``windows`` overrides OPEN, MID or CLOSE by first and last day; a term of fewer than nine teaching weeks must
    give all three, since the first and last three weeks would leave nothing between them.
    """

    id: str
    first: date
    last: date
    holidays: tuple[Span, ...] = field(default=(), converter=_spans)
    makeup: tuple[date, ...] = field(default=(), converter=_dates)
    windows: Mapping[str, Span] = field(factory=dict, converter=_windows)

    def __attrs_post_init__(self) -> None:
        check_kind(self.id, str, "a term", "an id, such as 2026-autumn")
        _day(self.first, f"term {self.id}")
        _day(self.last, f"term {self.id}")
        if self.last < self.first:
            msg = f"term {self.id}: ends {self.last} before it begins {self.first}; swap the two dates"
            raise CalendarRefused(msg)
        if not self.id or not self.id.isprintable() or set(self.id) & set("/: ") or len(self.id) > 32:  # noqa: PLR2004 - column width
            msg = f"term {self.id!r}: an id has 1 to 32 characters and no '/', ':' or space"
            raise CalendarRefused(msg)
        for first, last in self.holidays:
            if last < first or first < self.first or last > self.last:
                msg = f"term {self.id}: holiday {first}..{last} is reversed or outside the term; correct its dates"
                raise CalendarRefused(msg)
        for day in self.makeup:
            if not self.first <= day <= self.last:
                msg = f"term {self.id}: make-up day {day} is outside the term; correct the date"
                raise CalendarRefused(msg)
        for part, (first, last) in self.windows.items():
            if part not in PARTS or last < first or first < self.first or last > self.last:
                msg = f"term {self.id}: window {part} {first}..{last}; use OPEN, MID or CLOSE inside the term"
                raise CalendarRefused(msg)

    def is_teaching(self, day: date) -> bool:
        """Tell whether ``day`` is a teaching day (td): a weekday that is no holiday, or a make-up day."""
        if not self.first <= day <= self.last:
            return False
        if day in self.makeup:
            return True
        return day.weekday() < 5 and not any(first <= day <= last for first, last in self.holidays)  # noqa: PLR2004

    def teaching_days(self) -> list[date]:
        """Every teaching day of the term, in order."""
        return list(self._teaching)

    @cached_property
    def _teaching(self) -> tuple[date, ...]:
        """The teaching days in order, counted once: plans are laid over a term again and again."""
        days = (self.last - self.first).days + 1
        return tuple(day for day in (self.first + DAY * n for n in range(days)) if self.is_teaching(day))

    def weeks(self) -> list[Span]:
        """The teaching weeks: Monday to Sunday with at least one teaching day."""
        mondays = dict.fromkeys(day - DAY * day.weekday() for day in self._teaching)
        return [(monday, monday + DAY * 6) for monday in mondays]

    def parts(self) -> dict[str, Span]:
        """OPEN, MID and CLOSE as first and last day, cut to the term (domain.md, "Words")."""
        weeks = self.weeks()
        n = len(weeks)
        if n < MIN_WEEKS:
            if set(self.windows) != set(PARTS):
                msg = (
                    f"term {self.id}: {n} teaching weeks are too few to divide; "
                    "give windows={'OPEN': …, 'MID': …, 'CLOSE': …}"
                )
                raise CalendarRefused(msg)
            return dict(self.windows)
        middle = [k for k in range(n // 3, n - n // 3) if 3 <= k < n - 3]  # noqa: PLR2004 - three weeks each side
        found = {
            "OPEN": self._cut(weeks[0][0], weeks[2][1]),
            "MID": self._cut(weeks[middle[0]][0], weeks[middle[-1]][1]),
            "CLOSE": self._cut(weeks[-3][0], weeks[-1][1]),
        }
        return found | dict(self.windows)

    def months(self) -> list[tuple[str, Span]]:
        """Each MONTH ``YYYY-MM`` with at least ten teaching days, cut at the ends of the term."""
        count: dict[tuple[int, int], int] = {}
        for day in self._teaching:
            count[day.year, day.month] = count.get((day.year, day.month), 0) + 1
        found = []
        for (year, month), td in sorted(count.items()):
            if td >= MIN_MONTH_TD:
                start = date(year, month, 1)
                after = date(year + month // 12, month % 12 + 1, 1)
                found.append((f"{year:04}-{month:02}", self._cut(start, after - DAY)))
        return found

    def _cut(self, first: date, last: date) -> Span:
        return max(first, self.first), min(last, self.last)

    def facts(self) -> str:
        """Everything that decides dates, as text for a hash."""
        return repr((self.id, self.first, self.last, self.holidays, self.makeup, sorted(self.windows.items())))


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which ``day`` begins; the same few days are asked for again and again."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _terms(value: Iterable[Term]) -> tuple[Term, ...]:
    where, takes = "a calendar", "a list of terms"
    found = _several(value, where, takes)
    for given in found:
        check_kind(given, Term, where, takes)
    return tuple(sorted(found, key=lambda term: term.first))


@frozen
class Calendar:
    """The terms that are known so far, and the time zone whose midnight turns the day.

    ``tz`` is an IANA name. Terms may not overlap, nor share an id. Raises `CalendarRefused`.
    """

    terms: tuple[Term, ...] = field(converter=_terms)
    tz: str
    zone: ZoneInfo = field(init=False, eq=False, repr=False)
    _td: list[date] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_kind(self.tz, str, "tz= of a calendar", "an IANA name, such as 'Asia/Shanghai'")
        try:
            zone = ZoneInfo(self.tz)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            msg = f"time zone {self.tz!r} is not known; use an IANA name such as 'Asia/Shanghai'"
            raise CalendarRefused(msg) from error
        for before, after in zip(self.terms, self.terms[1:], strict=False):
            if after.first <= before.last:
                msg = f"terms {before.id} and {after.id} overlap; move {after.id} after {before.last}"
                raise CalendarRefused(msg)
        if len({term.id for term in self.terms}) != len(self.terms):
            msg = "two terms share an id; every term needs its own, since obligations are named by it"
            raise CalendarRefused(msg)
        for term in self.terms:
            term.parts()
        object.__setattr__(self, "zone", zone)
        object.__setattr__(self, "_td", [day for term in self.terms for day in term.teaching_days()])

    def local_date(self, at: datetime) -> date:
        """The school's calendar date at the instant ``at``; raises ValueError for a naive one."""
        if at.tzinfo is None:
            msg = "an instant needs a time zone; give datetime(..., tzinfo=UTC) or a zoned datetime"
            raise ValueError(msg)
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The instant (UTC) at which ``day`` begins at the school."""
        return _midnight(day, self.zone)

    def term_on(self, day: date) -> Term | None:
        """The term that holds ``day``; None in holidays between terms."""
        for term in self.terms:
            if term.first <= day <= term.last:
                return term
        return None

    def is_teaching(self, day: date) -> bool:
        """Tell whether ``day`` is a teaching day."""
        k = bisect_left(self._td, day)
        return k < len(self._td) and self._td[k] == day

    def add_teaching_days(self, day: date, count: int) -> date | None:
        """The ``count``-th teaching day after ``day`` (which is not counted); None past the known calendar."""
        k = bisect_right(self._td, day) + count - 1
        return self._td[k] if 0 <= k < len(self._td) else None

    def teaching_days(self, first: date, last: date) -> int:
        """How many teaching days lie in ``first`` to ``last``, both inside."""
        return max(0, bisect_right(self._td, last) - bisect_left(self._td, first))

    def next_turn(self, day: date) -> date | None:
        """The next day on which a term begins, or the day after one ends; None when none is known."""
        turns = [turn for term in self.terms for turn in (term.first, term.last + DAY) if turn > day]
        return min(turns, default=None)

    def fingerprint(self, today: date) -> str:
        """A hash of the time zone and of the terms begun by ``today``: adding a later term is no change."""
        begun = [term.facts() for term in self.terms if term.first <= today]
        return blake2b(repr((self.tz, begun)).encode(), digest_size=16).hexdigest()
