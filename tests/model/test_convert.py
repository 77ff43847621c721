import pytest

from casework.model.convert import sorted_words, words


class TestWords:
    def test_words_are_kept_as_they_are(self):
        """Words arrive in their order, from any iterable."""
        assert ("b", "a", "b") == words(["b", "a", "b"]) == words(iter("bab"))

    def test_sorted_words_are_a_set_in_order(self):
        """Each word stands once, sorted."""
        assert ("a", "b") == sorted_words(["b", "a", "b"])

    @pytest.mark.parametrize("convert", [words, sorted_words])
    def test_one_word_is_refused(self, convert):
        """A single text where several are taken is a slip, and its message stays short."""
        with pytest.raises(
            TypeError, match=r"^a text of 50 characters is one word where several are taken; give a list$"
        ):
            convert("x" * 50)
