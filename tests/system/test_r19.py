"""Law R19: sweeping only what is due equals sweeping everything hourly, for one rule at a time."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import Flag, Look, ManualClock, Reason, Refer, Require, rule
from casework.rules import BUILTIN_RULES
from casework.rules.declare import KNOWN
from casework.testing import laws
from tests.system.twins import hasty
from tests.system.world import MORNING, sql_store

pytestmark = pytest.mark.unmeasured

lengths = st.integers(1, 12)
states = st.sampled_from([KNOWN, ("paired", "monitored"), ("escalated",), ("identified", "filed")])


def passed(days, states):
    """A flag so many days after the newest talk."""

    @rule(key="drawn_passed", states=states, looks="on_change")
    def drawn(case, now):
        if now.passed(case.last("talk"), days=days):
            yield Flag("talk_is_long_ago")

    return drawn


def passed_hours(days, states):
    """A flag so many hours after each emergency was raised."""

    @rule(key="drawn_hours", states=states, looks="on_change")
    def drawn(case, now):
        for emergency in case.emergencies.values():
            if now.passed(emergency.raised_at, hours=days * 5):
                yield Flag("raised_long_ago", about=emergency)

    return drawn


def days_ago(days, states):
    """A referral for acts within so many days, and a flag that counts them."""

    @rule(key="drawn_days_ago", states=states, looks="on_change")
    def drawn(case, now):
        quarrels = case.concerns("family_quarrel", since=now.days_ago(days))
        if quarrels:
            yield Flag("quarrels", because=Reason("quarrels", count=len(quarrels)))
        if len(quarrels) >= 2:
            yield Refer("psychology", about=quarrels, because=Reason("quarrels"))

    return drawn


def required(days, states):
    """Something to be done so many days after an absence, as long as the absence is recent."""

    @rule(key="drawn_required", states=states, looks="on_change")
    def drawn(case, now):
        for absence in case.activities("absence", since=now.days_ago(days)):
            yield Require("D12", about=absence, due=absence.on + timedelta(days=days), role="lead")

    return drawn


def term(days, states):
    """A flag in the holidays, another in term."""

    @rule(key="drawn_term", states=states, looks="on_change")
    def drawn(case, now):
        yield Flag("in_holidays" if now.term is None else "in_term")

    return drawn


def today(days, states):
    """A flag on every so manieth day."""

    @rule(key="drawn_today", states=states, looks="on_change")
    def drawn(case, now):
        if now.today.toordinal() % (days + 1) == 0:
            yield Flag("the_day")

    return drawn


def looking(days, states):
    """A flag from a fixed day on, announced by the rule itself."""
    turn = date(2026, 12, 24) + timedelta(days=days)

    @rule(key="drawn_look", states=states, looks="on_change")
    def drawn(case, now):
        at = now.midnight(turn)
        yield Look(at)
        if now._at >= at:
            yield Flag("since_then")

    return drawn


def daily(days, states):
    """A rule that never says when, and looks daily."""

    @rule(key="drawn_daily", states=states, looks="daily")
    def drawn(case, now):
        last = case.last("call")
        if last is not None and now._today > last + timedelta(days=days):
            yield Flag("call_is_long_ago")

    return drawn


FAMILIES = (passed, passed_hours, days_ago, required, term, today, looking, daily)
rules = st.one_of(st.sampled_from(BUILTIN_RULES), *(st.builds(family, lengths, states) for family in FAMILIES))


class TestLaw:
    @given(rules, laws.histories(), laws.policies())
    def test_what_is_due_is_enough_in_memory(self, one, history, policy):
        """For any rule by itself a sweep of what is due tells what hourly sweeps of everything tell."""
        laws.check_due_equals_hourly(one, history, policy)

    @settings(max_examples=settings.default.max_examples // 8)
    @given(rules, laws.histories(), laws.policies())
    def test_what_is_due_is_enough_on_sqlite(self, tmp_path_factory, one, history, policy):
        """So it is on SQLite."""
        engines = []

        def made():
            store, engine = sql_store(tmp_path_factory.mktemp("law") / "law.db")
            engine.dispose()
            hasty(engine)
            engines.append(engine)
            return store

        laws.check_due_equals_hourly(one, history, policy, store=made, days=3)
        for engine in engines:
            engine.dispose()


class TestForIntegrators:
    def test_an_honest_rule_passes(self):
        """A rule that asks now.passed keeps the law."""
        laws.assert_due_equals_hourly(passed(3, KNOWN), max_examples=3)

    def test_a_rule_with_a_clock_of_its_own_is_found(self):
        """A rule whose answer turns true by time alone, unannounced, is found, and the message says what to do."""
        clock = ManualClock(MORNING)

        @rule(looks="on_change")
        def sly(case, now):
            if (clock() - MORNING).days % 5 == 4:
                yield Flag("out_of_the_blue")

        with pytest.raises(AssertionError, match=r"(?s)rule sly breaks law R19.*now\.passed"):
            laws.assert_due_equals_hourly(sly, clock=clock, max_examples=3)

    def test_a_rule_that_compares_dates_itself_is_found(self):
        """So is one that takes the day on which the case was opened and does not ask Now."""

        @rule(looks="on_change")
        def silent(case, now):
            since = max((span.since for span in case.spans), default=None)
            if since is not None and (now._today - since).days % 3 == 2:
                yield Flag("third_day")

        with pytest.raises(AssertionError, match="rule silent breaks law R19"):
            laws.assert_due_equals_hourly(silent, max_examples=3)
