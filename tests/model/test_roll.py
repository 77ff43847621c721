import pytest

from casework.model.roll import AWAY, RollRow, id_key


class TestIdKey:
    def test_case_and_composition_do_not_tell_two_ids_apart(self):
        """S-17 is s-17, an é of one or two code points is one é, a sharp s is ss."""
        assert id_key("s-17") == id_key("S-17")
        assert id_key("jos\u00e9") == id_key("JOSE\u0301")
        assert id_key("straße") == id_key("STRASSE")
        assert id_key("s-17") != id_key("s-18")


class TestRollRow:
    @pytest.mark.parametrize("away", [None, *AWAY])
    def test_left_behind_is_unknown_or_one_of_three(self, away):
        """Nobody said it, none, one or both."""
        assert away == RollRow("s-17", left_behind=away).left_behind

    def test_another_word_is_refused(self):
        """A verdict that the duties do not know is refused where it arises."""
        with pytest.raises(ValueError, match="left_behind"):
            RollRow("s-17", left_behind="Both")
