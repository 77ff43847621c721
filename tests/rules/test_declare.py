from functools import partial

import pytest

from casework.errors import CaseworkError, RuleRefused
from casework.model.decisions import Flag
from casework.rules import BUILTIN_RULES, EMERGENCY_RULES, check_rules, rule, rules_hash
from casework.rules.declare import OPEN_STATES
from casework.testing.factories import autumn_day, case


def plain(case, now):
    """Decides nothing."""


def refusal(function=plain, **declared):
    """Why this is no rule."""
    with pytest.raises(RuleRefused) as caught:
        rule(**declared)(function)
    return str(caught.value)


class Callable:
    """A class is no function of (case, now)."""

    def __init__(self, case, now):
        pass


async def waits(case, now):
    """May not wait."""


async def waits_and_yields(case, now):
    """May not wait either."""
    yield Flag("waits")


class TestDeclaring:
    def test_a_plain_decorator_is_enough(self):
        """Without a word a rule looks at open cases every day, enforces, and is named by its function."""
        found = rule(plain)

        assert ("plain", 1, "case", frozenset(OPEN_STATES), "daily", (), "enforce", 366) == (
            found.key,
            found.version,
            found.on,
            found.states,
            found.looks,
            found.needs,
            found.mode,
            found.lookback,
        )

    def test_every_word_is_kept(self):
        """What is declared is what the rule says of itself."""
        found = rule(
            key="old_name",
            version=3,
            on="programme",
            states=["closed"],
            looks="on_change",
            needs=["helper_load"],
            mode="observe",
            lookback=7,
        )(plain)

        assert ("old_name", 3, "programme", frozenset({"closed"}), "on_change", ("helper_load",), "observe", 7) == (
            found.key,
            found.version,
            found.on,
            found.states,
            found.looks,
            found.needs,
            found.mode,
            found.lookback,
        )

    def test_more_parameters_with_defaults_are_no_mistake(self):
        """A rule may have settings of its own, as long as they have defaults."""

        @rule
        def with_limit(case, now, *, limit=2):
            yield Flag("limit") if limit else None

        assert [Flag("limit")] == list(with_limit(case(), autumn_day()))

    def test_a_rule_that_returns_none_decides_nothing(self):
        """A rule that has nothing to say says nothing."""
        assert [] == list(rule(plain)(case(), autumn_day()))

    def test_a_list_is_as_good_as_a_generator(self):
        """A rule may return its decisions in a list."""
        assert [Flag("seen")] == list(rule(key="listed")(lambda case, now: [Flag("seen")])(case(), autumn_day()))


class TestRefusals:
    @pytest.mark.parametrize(
        ("function", "declared", "why"),
        [
            (lambda case, now: None, {}, "rule '<lambda>': its key has to be lower case with underscores"),
            (
                plain,
                {"key": "Quarrels At Home"},
                "its key has to be lower case with underscores, at most 48 characters",
            ),
            (plain, {"key": "a" * 49}, "at most 48 characters"),
            (partial(plain), {}, "its key has to be lower case"),
            (Callable, {"key": "made"}, "it is not a function of (case, now)"),
            (5, {"key": "five"}, "it is not a function of (case, now)"),
            (min, {}, "rule 'min': "),
            (waits, {}, "a rule is a plain function; it may not wait"),
            (waits_and_yields, {}, "a rule is a plain function; it may not wait"),
            (lambda case: None, {"key": "one"}, "its signature is (case); a rule takes (case, now)"),
            (lambda case, now, more: None, {"key": "three"}, "its signature is (case, now, more)"),
            (lambda *both: None, {"key": "stars"}, "its signature is (*both); a rule takes (case, now)"),
            (lambda case, now, *, limit: None, {"key": "asks"}, "a rule takes (case, now)"),
            (plain, {"states": "paired"}, "states='paired' is one word; give a list"),
            (plain, {"states": ["pared"]}, "state 'pared' is unknown; use identified, filed, paired, monitored"),
            (plain, {"states": []}, "states=[] is empty, so it would never look; leave it out for all open cases"),
            (plain, {"needs": ["roll"]}, "need 'roll' is unknown; use roll_against_cases, helper_load, class_shares"),
            (plain, {"needs": "helper_load"}, "needs='helper_load' is one word; give a list"),
            (plain, {"on": "school"}, "on='school' is unknown; use case, class, programme"),
            (plain, {"looks": "hourly"}, "looks='hourly' is unknown; use daily, on_change"),
            (plain, {"mode": "dry"}, "mode='dry' is unknown; use enforce, observe"),
            (plain, {"lookback": 0}, "lookback=0 is outside 1 to 366 days"),
            (plain, {"lookback": 367}, "lookback=367 is outside 1 to 366 days"),
            (plain, {"lookback": "30"}, "lookback='30' is outside 1 to 366 days"),
            (plain, {"version": "2"}, "version='2' is no whole number"),
            (plain, {"state": ["paired"]}, "@rule has no word state; use key, version, on, states, looks, needs"),
        ],
    )
    def test_a_mistake_fails_where_it_is_made(self, function, declared, why):
        """What cannot be a rule is refused when it is declared, and the message says what is wrong."""
        assert why in refusal(function, **declared)

    def test_all_mistakes_are_named_at_once(self):
        """Who made three mistakes hears of three."""
        assert 3 == refusal(plain, on="school", looks="hourly", mode="dry").count("is unknown")

    def test_a_refusal_is_a_type_error_too(self):
        """It can be caught as what it resembles."""
        assert issubclass(RuleRefused, CaseworkError)
        assert issubclass(RuleRefused, TypeError)


class TestMatching:
    @pytest.mark.parametrize(
        ("states", "state", "looks"),
        [
            (["monitored"], "monitored", True),
            (["monitored"], "paired", False),
            (["monitored"], "escalated", True),
            (["escalated"], "escalated", True),
            (["escalated"], "monitored", False),
            (["no_case"], "no_case", True),
            (["no_case"], "identified", False),
            (["closed"], "closed", True),
            (OPEN_STATES, "closed", False),
            (OPEN_STATES, "no_case", False),
        ],
    )
    def test_states_match_state_and_stage(self, states, state, looks):
        """An escalated case is looked at by the rules of its stage and by those of escalated cases."""
        assert looks == rule(states=states)(plain).matches(case(state))

    def test_a_rule_on_the_programme_looks_whatever_the_state(self):
        """The school's own record has no state."""
        assert rule(on="programme")(plain).matches(case("no_case"))


class TestSets:
    def test_rules_stand_in_order_of_their_keys(self):
        """The order in which rules are given makes no difference."""
        first, second = rule(key="a")(plain), rule(key="b")(plain)

        assert (first, second) == check_rules([second, first])
        assert rules_hash([first, second]) == rules_hash([second, first])

    def test_two_rules_with_one_key_are_refused(self):
        """A key names one rule."""
        with pytest.raises(RuleRefused, match="two rules have the key plain; give one of them another"):
            check_rules([rule(plain), rule(plain)])

    def test_what_is_no_rule_is_refused(self):
        """A function without the decorator is no rule yet."""
        with pytest.raises(RuleRefused, match="is not a rule; put @rule above the function"):
            check_rules([plain])

    @pytest.mark.parametrize(
        "declared",
        [{"version": 2}, {"key": "other"}, {"mode": "observe"}, {"states": ["paired"]}, {"looks": "on_change"}],
    )
    def test_what_a_rule_means_is_in_the_hash(self, declared):
        """Another version, key or declaration is another setting."""
        assert rules_hash([rule(plain)]) != rules_hash([rule(**declared)(plain)])

    def test_a_renamed_function_with_its_old_key_is_no_change(self):
        """Renaming a rule changes nothing if it keeps its key."""

        def renamed(case, now):
            """Decides nothing."""

        assert rules_hash([rule(plain)]) == rules_hash([rule(key="plain")(renamed)])

    def test_built_in_rules_are_exact_about_time(self):
        """No built-in rule needs a look every day."""
        assert {"on_change"} == {r.looks for r in BUILTIN_RULES}
        assert set(EMERGENCY_RULES) <= set(BUILTIN_RULES)
