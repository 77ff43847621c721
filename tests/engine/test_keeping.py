"""Until when a closed case is kept, when a decision is asked for, and what a pack may say of it."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.engine.keeping import asked_days, retention_ends, years_after
from casework.errors import PolicyRefused
from casework.model.case import Case, Span
from casework.model.protection import Hold, RetentionDecision
from casework.policy import load_policy, loads_policy
from tests.model.terms import YEAR
from tests.store.test_protection import CLOSED, ENDS, PACK


@pytest.fixture
def policy(tmp_path):
    """A policy with retention of three years."""
    path = tmp_path / "kept.toml"
    path.write_text(PACK)
    return load_policy("town-primary", path)


class TestKeeping:
    @pytest.mark.parametrize(
        ("closed", "years", "ends"),
        [
            (date(2024, 2, 29), 3, date(2027, 3, 1)),
            (date(2024, 2, 29), 4, date(2028, 2, 29)),
            (date(2026, 12, 31), 1, date(2027, 12, 31)),
            (date(2026, 1, 1), 100, date(2126, 1, 1)),
            (date(9990, 1, 1), 100, date(9998, 12, 31)),
        ],
    )
    def test_years_are_counted_by_the_calendar(self, closed, years, ends):
        """It ends on the same day so many years later; a leap day's on 1 March, where there is none."""
        case = Case("qinghe", "s-1", stage="closed", spans=(Span("open", date(2020, 1, 1), closed),))

        assert ends == retention_ends(case, years, YEAR)
        assert ends == years_after(closed, years)

    @pytest.mark.parametrize("stage", ["", "identified", "filed"])
    def test_nothing_ends_for_what_is_not_closed(self, stage):
        """Of an open case, and of a record without one, no retention ends."""
        assert retention_ends(Case("qinghe", "s-1", stage=stage), 3, YEAR) is None

    days = st.integers(0, 4000).map(lambda n: CLOSED + timedelta(days=n))

    @given(
        holds=st.lists(st.tuples(days, st.none() | st.integers(0, 900)), max_size=4),
        decisions=st.lists(st.tuples(days, st.none() | st.integers(1, 1500)), max_size=4),
        begun=st.just(date.min) | days,
    )
    @settings(max_examples=60)
    def test_it_is_asked_on_and_on(self, holds, decisions, begun):
        """Whatever was held and decided: asked days rise, none lies under a hold, and without one it never ends."""
        held = {
            str(n): Hold(str(n), "x", on, "a", released_on=None if long is None else on + timedelta(days=long))
            for n, (on, long) in enumerate(holds)
        }
        decided = tuple(
            RetentionDecision("keep" if long else "erase", "x", on, "a", on + timedelta(days=long) if long else None)
            for on, long in sorted(decisions, key=lambda pair: pair[0])
        )
        spans = (Span("open", date(2020, 1, 1), CLOSED),)
        case = Case("qinghe", "s-1", stage="closed", spans=spans, holds=held, retention=decided)
        found = list(zip(range(20), asked_days(case, 3, begun, YEAR), strict=False))
        asked = [day for _, day in found]

        assert asked == sorted(set(asked))
        assert all(day >= max(ENDS, begun) for day in asked)
        assert not [
            (day, hold)
            for day, hold in product(asked, held.values())
            if hold.on <= day and (hold.stands or hold.released_on > day)
        ]
        assert len(asked) == 20 or any(hold.stands for hold in held.values())


class TestPack:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[retention]\nyears = 0\n", "give a number from 1 to 100"),
            ("[retention]\ndays = 10\n", "years"),
            ("[retention]\nyears = 3\ndays = 999\n", "give a number from 1 to 180"),
            ("[retention]\nyears = 3\nmonths = 1\n", "months"),
            ("retention = 3\n", "retention"),
        ],
    )
    def test_what_a_pack_may_not_say(self, text, said):
        """Years are needed and within bounds, and nothing else stands there."""
        with pytest.raises(PolicyRefused, match=said):
            loads_policy(PACK.split("[retention]", maxsplit=1)[0] + text)

    def test_packs_that_differ_are_refused_unless_one_replaces(self, tmp_path, policy):
        """Two packs that say otherwise are told; a later one that says so stands."""
        other = tmp_path / "other.toml"
        text = PACK.replace('id = "kept"', 'id = "other"').replace("years = 3", "years = 5")
        other.write_text(text)
        kept = tmp_path / "kept.toml"
        with pytest.raises(PolicyRefused, match="replaces_retention = true"):
            load_policy("town-primary", kept, other)
        other.write_text(text.replace("[retention]", "replaces_retention = true\n[retention]"))

        assert 5 == load_policy("town-primary", kept, other).retention.years

    def test_it_is_part_of_the_hash(self, policy):
        """What is kept how long is a setting that is applied; without it the hash is what it was."""
        assert policy.hash != load_policy("town-primary").hash
        assert load_policy("town-primary").retention is None
        assert 3 == policy.retention.years
        assert "RETENTION" == policy.duties[-1].id
