from datetime import date

import pytest

from casework.model.reason import Reason, check_code


class TestReason:
    def test_reason_holds_a_code_and_facts(self):
        """A reason is a code with facts, and two of the same are equal."""
        reason = Reason("family_quarrels", count=2, since=date(2026, 9, 1), observed=True, about="a1b2")

        assert "family_quarrels" == reason.code
        assert {"count": 2, "since": date(2026, 9, 1), "observed": True, "about": "a1b2"} == reason.facts
        assert Reason("family_quarrels", count=2) == Reason("family_quarrels", count=2)
        assert Reason("family_quarrels", count=2) != Reason("family_quarrels", count=3)

    @pytest.mark.parametrize(
        ("reason", "expected"),
        [
            (Reason("quarrel"), "quarrel"),
            (Reason("quarrel", since=date(2026, 9, 1), count=2), "quarrel(count=2, since=2026-09-01)"),
        ],
    )
    def test_reason_reads_the_same_whatever_the_order_of_its_facts(self, reason, expected):
        """A reason as text holds its facts by name."""
        assert expected == str(reason)

    @pytest.mark.parametrize("code", ["", "Family", "family quarrel", "2_quarrels", "x" * 49, "quarrel\n", "争吵"])
    def test_code_that_is_free_text_is_refused(self, code):
        """A code is lower case with underscores, 48 characters at most; anything else belongs into a note."""
        with pytest.raises(ValueError, match=r"is no code; use lower-case letters.* put free text into note="):
            Reason(code)

    @pytest.mark.parametrize("fact", ["Liu Wei", "said: no", "x" * 65, "父亲", "a\nb", ["Liu"], None, 1.5, {"a": 1}])
    def test_fact_that_is_free_text_is_refused(self, fact):
        """A fact is a number, a date, a boolean or a coded word; the refusal does not repeat what it said."""
        with pytest.raises(
            ValueError, match="fact who of reason quarrel is free text; give a code, a number or a date"
        ) as e:
            Reason("quarrel", who=fact)

        assert "Liu" not in str(e.value)

    @pytest.mark.parametrize("fact", ["", "2026-autumn:OPEN", "D10/#1", "s-17", "a.b_c", "x" * 64, 0, False])
    def test_ids_and_keys_are_facts(self, fact):
        """Ids, keys of obligations and empty words may stand in a reason."""
        assert {"of": fact} == Reason("quarrel", of=fact).facts


class TestCheckCode:
    def test_code_is_given_back(self):
        """A code is answered as it came, up to 48 characters."""
        assert "x" * 48 == check_code("x" * 48, "concern")

    def test_refusal_says_what_the_code_is_for(self):
        """The refusal names what was to be a code, and repeats what has only a slip in it."""
        with pytest.raises(ValueError, match=r"^concern 'family-quarrel' is no code"):
            check_code("family-quarrel", "concern")

    def test_refusal_never_repeats_what_may_be_a_name(self):
        """A word that may be a name, or text, is not repeated: refusals stand in logs."""
        with pytest.raises(ValueError, match=r"^concern is no code"):
            check_code("Liu", "concern")

    def test_number_is_no_code(self):
        """A value that is no text is no code."""
        with pytest.raises(ValueError, match="concern is no code"):
            check_code(17, "concern")
