"""Terms and calendars for tests."""

from datetime import date, timedelta

from hypothesis import assume
from hypothesis import strategies as st

from casework.model.calendar import Calendar, Term

DAY = timedelta(days=1)
AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 20), holidays=[(date(2026, 10, 1), date(2026, 10, 7))])
SPRING = Term("2027-spring", date(2027, 2, 22), date(2027, 7, 9))
YEAR = Calendar([SPRING, AUTUMN], tz="Asia/Shanghai")


def term_of(weeks, **fields):
    """A term of so many whole weeks from Monday, 31 August 2026."""
    first = date(2026, 8, 31)
    return Term("t", first, first + DAY * (7 * weeks - 1), **fields)


@st.composite
def terms(draw, first=None, id_="t"):
    """A term of 9 to 30 weeks with some holidays and make-up days, still with nine teaching weeks."""
    first = first or draw(st.dates(date(2000, 1, 1), date(2035, 1, 1)))
    length = draw(st.integers(62, 210))
    days = st.integers(0, length).map(lambda n: first + DAY * n)
    holidays = draw(st.lists(st.tuples(days, days).map(lambda pair: tuple(sorted(pair))), max_size=3))
    makeup = draw(st.lists(days, max_size=4))
    short = [(start, min(end, start + DAY * 9)) for start, end in holidays]
    term = Term(id_, first, first + DAY * length, holidays=short, makeup=makeup)
    assume(len(term.weeks()) >= 9)
    return term


@st.composite
def calendars(draw):
    """One to three terms with gaps."""
    found, first = [], draw(st.dates(date(2000, 1, 1), date(2030, 1, 1)))
    for k in range(draw(st.integers(1, 3))):
        found.append(draw(terms(first=first, id_=f"t{k}")))
        first = found[-1].last + DAY * draw(st.integers(1, 60))
    return Calendar(found, tz="Asia/Shanghai")
