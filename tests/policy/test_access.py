"""The access table as a file: what is wrong in it is refused with its place."""

import pytest

from casework.errors import PolicyRefused
from casework.policy.access import Access, default_access, load_access, read_access

ROW = 'roles = ["office"]\nrelations = ["school"]\nactions = ["read_case"]\nstates = ["any"]\n'


def table(row=ROW, head="format = 1\n"):
    """A table of one row."""
    return f"{head}[[allow]]\n{row}".encode()


class TestReading:
    def test_a_row_allows_all_combinations(self):
        """Several words of each list, `any` for all; reasons are everyday work unless they are named."""
        row = 'roles = ["office", "principal"]\nrelations = ["school"]\nactions = ["file", "close"]\nstates = ["any"]\n'
        access = read_access(table(row), "own")

        assert 2 * 2 * 7 == len(access.allowed)
        assert access.allows("office", "school", "close", "escalated")
        assert not access.allows("office", "school", "close", "escalated", "break_glass")
        assert ("principal", "office") == access.roles_for("close")

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (table(head="format = 2\n"), "own:1: this is no table of access of this release"),
            (b"format = 1\n", "own:1: nothing is allowed"),
            (b"format = 1\nallow = 3\n", "own:1: nothing is allowed"),
            (b"format = 1\nallow = [3]\n", "a row is no table"),
            (table(head="format = 1\nmore = 1\n"), "own:2: 'more' is no key"),
            (table(ROW.replace("office", "porter")), "roles holds 'porter', which is unknown"),
            (table(ROW + 'colour = ["red"]\n'), "'colour' is no part of a row"),
            (table(ROW.replace('states = ["any"]\n', "")), "states is missing"),
            (table(ROW.replace('["any"]', '"any"')), "states is missing, or no list of words"),
            (table(ROW.replace('"school"', '"implicated"')), "a row lets implicated people in"),
            (b"format = \n", "this is not TOML"),
        ],
    )
    def test_what_is_wrong_is_refused_with_its_place(self, data, told):
        """Each problem says where it stands, and how to mend it."""
        with pytest.raises(PolicyRefused) as refused:
            read_access(data, "own")

        assert told in str(refused.value)

    def test_from_a_file(self, tmp_path):
        """As from bytes; a file that is not there is refused by name."""
        (tmp_path / "own.toml").write_bytes(table())

        assert isinstance(load_access(tmp_path / "own.toml"), Access)
        with pytest.raises(PolicyRefused, match=r"none\.toml: cannot be read"):
            load_access(tmp_path / "none.toml")

    def test_the_same_table_has_the_same_hash(self):
        """Another row is another table."""
        assert read_access(table(), "a").hash == read_access(table(), "b").hash
        assert read_access(table(), "a").hash != default_access().hash
