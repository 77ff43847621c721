"""When a notice may go: one digest a day, few in a week, never at night; emergencies always at once."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import Hours
from casework.engine.digest import digest_at, goes, this_week_and_next
from casework.engine.outgoing import Outgoing
from casework.errors import WrongValue

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [SHANGHAI, BERLIN, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Tehran")]
BEGIN = datetime(2026, 3, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def local(zone, *parts, fold=0):
    """A local time of 2026 as an instant."""
    return datetime(2026, *parts, tzinfo=zone, fold=fold).astimezone(UTC)


def notice(key, at, *, urgent=False):
    """A notice that was written then."""
    return Outgoing(key, "emergency" if urgent else "referral", "office", "t.li", "s-1", at)


def hours():
    """Any hours that can be: the digest outside of the quiet ones."""

    def made(first, last, share, per_week):
        awake = (first - last) % 1440 or 1440
        digest = (last + int(share * awake)) % 1440 if first != last else int(share * 1440)
        clock = [time(*divmod(minute, 60)) for minute in (digest, first, last)]
        return Hours(clock[0], (clock[1], clock[2]), per_week)

    minutes = st.integers(0, 1439)
    return st.builds(made, minutes, minutes, st.floats(0, 0.999), st.integers(1, 7))


class TestHours:
    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"per_week": 0}, "1 to 7 digests"),
            ({"per_week": 8}, "1 to 7 digests"),
            ({"digest": time(22)}, "22:00 would go in the quiet hours"),
            ({"digest": time(6, 59)}, "06:59 would go in the quiet hours"),
        ],
    )
    def test_hours_that_cannot_be_are_refused(self, given, says):
        """No digest at all, more than one a day, or one at night."""
        with pytest.raises(WrongValue, match=says):
            Hours(**given)

    def test_quiet_hours_around_noon_and_none(self):
        """Quiet hours may lie within a day; equal hours mean none."""
        noon = Hours(time(8), (time(12), time(14)))

        assert [False, True, False] == [noon.quiet_at(time(*at)) for at in [(11, 59), (12,), (14,)]]
        assert not any(Hours(time(0), (time(0), time(0))).quiet_at(time(hour)) for hour in range(24))


class TestDigest:
    @pytest.mark.parametrize(
        ("written", "now", "goes_at"),
        [
            ((9, 14, 6, 59), (9, 14, 6, 59), (9, 14, 7)),
            ((9, 14, 7), (9, 14, 7), (9, 14, 7)),
            ((9, 14, 7, 1), (9, 14, 7, 1), (9, 15, 7)),
            ((9, 13, 22), (9, 14, 9, 30), (9, 14, 9, 30)),
            ((9, 13, 22), (9, 14, 20, 59), (9, 14, 20, 59)),
            ((9, 13, 22), (9, 14, 21), (9, 15, 7)),
            ((9, 13, 22), (9, 15, 3), (9, 15, 7)),
        ],
        ids=["before", "on the minute", "after", "late", "in the evening", "too late", "at night"],
    )
    def test_it_goes_at_seven_or_as_soon_after_as_may_be(self, written, now, goes_at):
        """At the hour of the digest; if nobody came to send it, later that day, and never at night."""
        found = digest_at(local(SHANGHAI, *written), local(SHANGHAI, *now), (), Hours(), SHANGHAI)

        assert local(SHANGHAI, *goes_at) == found

    def test_one_a_day(self):
        """What is written on a day whose digest has gone waits for the next."""
        now = local(SHANGHAI, 9, 14, 9)

        assert local(SHANGHAI, 9, 15, 7) == digest_at(now - DAY, now, [date(2026, 9, 14)], Hours(), SHANGHAI)

    def test_a_full_week_waits_for_monday(self):
        """After five in a week the sixth goes on Monday; the week begins at the school's Monday, not at Greenwich's."""
        week = [date(2026, 9, 14) + k * DAY for k in range(5)]
        saturday, monday = local(SHANGHAI, 9, 19, 8), local(SHANGHAI, 9, 21, 7)

        assert monday == digest_at(saturday - DAY, saturday, week, Hours(), SHANGHAI)
        assert monday == digest_at(saturday - DAY, monday, week, Hours(), SHANGHAI)
        assert saturday == digest_at(saturday - DAY, saturday, week[1:], Hours(), SHANGHAI)

    @pytest.mark.parametrize(
        ("hours", "now", "goes_at"),
        [
            (Hours(), local(BERLIN, 3, 28, 22), datetime(2026, 3, 29, 5, tzinfo=UTC)),
            (Hours(), local(BERLIN, 10, 24, 22), datetime(2026, 10, 25, 6, tzinfo=UTC)),
            (
                Hours(time(2, 30), (time(0), time(0))),
                local(BERLIN, 3, 28, 22),
                datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
            ),
            (
                Hours(time(2, 30), (time(0), time(0))),
                local(BERLIN, 10, 24, 22),
                datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            ),
            (
                Hours(time(12), (time(21), time(2, 30))),
                datetime(2026, 10, 25, 1, 5, tzinfo=UTC),
                datetime(2026, 10, 25, 11, tzinfo=UTC),
            ),
        ],
        ids=["spring", "autumn", "an hour that is left out", "an hour that comes twice", "a night that ends twice"],
    )
    def test_when_the_clock_changes(self, hours, now, goes_at):
        """Hours are the clock's on the wall: one that is left out comes later, one that comes twice counts once."""
        assert goes_at == digest_at(now, now, (), hours, BERLIN)

    def test_a_night_that_ends_twice_is_quiet_both_times(self):
        """In the hour that the clock goes through again it is night once more."""
        early = Hours(time(2, 45), (time(21), time(2, 30)))
        written = local(BERLIN, 10, 24, 20)
        first, between, again = (datetime(2026, 10, 25, *at, tzinfo=UTC) for at in [(0, 45), (1, 5), (1, 30)])

        assert first == digest_at(written, written, (), early, BERLIN)
        assert again == digest_at(written, between, (), early, BERLIN)

    @given(
        st.integers(0, 60 * 24 * 40),
        st.integers(0, 60 * 24 * 10),
        st.sets(st.integers(0, 60), max_size=20),
        hours(),
        st.sampled_from(ZONES),
    )
    def test_never_before_now_never_at_night_never_too_often(self, minute, waited, gone, hours, zone):
        """Whatever the hour, the zone and the days that had theirs."""
        now = BEGIN + timedelta(minutes=minute)
        days = [BEGIN.date() + timedelta(days=day) for day in gone]
        at = digest_at(now - timedelta(minutes=waited), now, days, hours, zone)
        day = at.astimezone(zone).date()
        monday = day - timedelta(days=day.weekday())

        assert at >= now
        assert not hours.quiet_at(at.astimezone(zone).time())
        assert day not in days
        assert sum(monday <= one < monday + 7 * DAY for one in days) < hours.per_week


class TestWhatGoes:
    @given(
        st.lists(st.tuples(st.integers(0, 60 * 24 * 15), st.booleans()), max_size=25),
        st.lists(st.integers(0, 60 * 24 * 15), max_size=60),
        hours(),
        st.sampled_from(ZONES),
    )
    def test_nothing_is_lost_nothing_is_doubled_emergencies_go_at_once(self, written, looks, hours, zone):
        """Looked at now and then, all goes once: emergencies with the next look, the rest within the rules."""
        rows = [notice(f"k{n}", BEGIN + timedelta(minutes=m), urgent=urgent) for n, (m, urgent) in enumerate(written)]
        digests, sent, waiting = [], Counter(), list(rows)
        clock = sorted({BEGIN + timedelta(minutes=m) for m in looks} | {row.at for row in rows})
        while clock:
            now = clock.pop(0)
            mine = [row for row in waiting if row.at <= now]
            go, later = goes(mine, now, digests, hours, zone)
            sent.update(row.key for row in go)
            waiting = [row for row in waiting if row not in go]

            assert [] == [row for row in mine if row.urgent and row not in go]
            assert all(at > now for _, at in later)
            if any(not row.urgent for row in go):
                assert not hours.quiet_at(now.astimezone(zone).time())
                digests.append(now.astimezone(zone).date())
            clock = clock or sorted({at for _, at in later})

        assert {row.key: 1 for row in rows} == sent
        assert len(digests) == len(set(digests))
        weeks = Counter(day - timedelta(days=day.weekday()) for day in digests)
        assert all(count <= hours.per_week for count in weeks.values())

    def test_a_digest_takes_all_that_waits(self):
        """Also what was written after its hour, where it goes late."""
        now = local(SHANGHAI, 9, 14, 10)
        rows = [notice("a", now - DAY), notice("b", now - HOUR)]

        assert (rows, []) == goes(rows, now, (), Hours(), SHANGHAI)
        assert [row.key for row, _ in goes(rows[1:], now, (), Hours(), SHANGHAI)[1]] == ["b"]


class TestWeeks:
    def test_the_days_that_count(self):
        """This week's, from the local Monday on, and the next one's."""
        days = list(this_week_and_next(local(SHANGHAI, 9, 21, 0, 30), SHANGHAI))

        assert (date(2026, 9, 21), date(2026, 10, 4), 14) == (days[0], days[-1], len(days))
