import re
from base64 import b32encode
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.model.ids import short_id

PARTS = st.lists(st.one_of(st.integers(), st.text(alphabet="ab/\x1f", max_size=3)), max_size=3)


class TestShortId:
    def test_id_is_the_same_in_every_run(self):
        """The id is a hash of its parts alone, so that runs can be compared and stored ids hold."""
        digest = blake2b(b"s-17\x1fvisit\x1f3\x1f0", digest_size=5).digest()

        assert b32encode(digest).decode().lower() == short_id("s-17", "visit", 3)

    @given(PARTS)
    def test_id_has_eight_letters_and_digits(self, parts):
        """An id is eight lower-case letters and digits, whatever it is made of."""
        assert re.fullmatch(r"[a-z2-7]{8}", short_id(*parts))

    def test_taken_id_gives_way_to_the_next(self):
        """When an id is taken the next one is free, and always the same next one."""
        first = short_id("s-17")
        second = short_id("s-17", taken={first})

        assert 3 == len({first, second, short_id("s-17", taken=[first, second])})
        assert second == short_id("s-17", taken=(first,))

    @pytest.mark.parametrize(("one", "other"), [(("ab", "c"), ("a", "bc")), (("a",), ("a", "")), ((1, 2), (2, 1))])
    def test_parts_do_not_run_together(self, one, other):
        """Where one part ends and the next begins makes a difference, and so does their order."""
        assert short_id(*one) != short_id(*other)
