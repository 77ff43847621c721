import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import PolicyRefused
from casework.policy.text import MOST_BYTES, read_toml


def refusal(data):
    """The one problem for which the bytes are refused."""
    with pytest.raises(PolicyRefused) as caught:
        read_toml(data, "x.toml")
    (found,) = caught.value.problems
    return found


class TestLimits:
    @pytest.mark.parametrize("key", ["a", '"a"', "'a'", "a ", '""'])
    def test_dotted_key_is_refused_before_it_is_parsed(self, key):
        """A key of more than eight dots is refused, bare or quoted, in a header and in an inline table too."""
        dotted = ".".join([key] * 10).encode()

        assert "x.toml:2: a key of more than 8 dots" in str(refusal(b"\n" + dotted + b" = 1"))
        assert "x.toml:1: a key of more than 8 dots" in str(refusal(b"[" + dotted + b"]"))
        assert "x.toml:1: a key of more than 8 dots" in str(refusal(b"a = { " + dotted + b" = 1 }"))

    def test_eight_dots_are_read(self):
        """A key of eight dots is read; dots in texts, comments and numbers do not count."""
        text = b'a.a.a.a.a.a.a.a.a = 1\nb = "1.1.1.1.1.1.1.1.1.1"  # ..........\nc = [1.1, 1.1, 1.1, 1.1, 1.1]'

        assert {"a", "b", "c"} == set(read_toml(text, "x.toml").values)

    @pytest.mark.parametrize("mark", ["[", "{a="])
    def test_deep_value_is_refused(self, mark):
        """Brackets are nested sixteen deep at most, so that no parser runs out of stack."""
        assert "brackets nested more than 16 deep" == refusal(f"a = {mark * 17}".encode()).what

    def test_long_word_is_refused(self):
        """A number of five thousand digits is refused before Python tries to make one of it."""
        assert "a word of 5000 characters" == refusal(b"a = " + b"9" * 5000).what

    def test_large_file_is_refused(self):
        """A file of 256 KiB is read, one more byte is refused."""
        text = b"#" * MOST_BYTES

        assert {} == read_toml(text, "x.toml").values
        assert "x.toml: the file is larger than 256 KiB; divide it into several packs" == str(refusal(text + b"#"))


class TestEncoding:
    def test_byte_that_is_not_utf8_is_placed(self):
        """Text in another encoding is refused with the line on which it begins."""
        data = "a = 1\nb = 'é'".encode("latin-1")

        assert "x.toml:2: byte 12 of the file is not UTF-8; save the file as UTF-8" == str(refusal(data))

    def test_nul_is_placed(self):
        """A NUL is refused with its line."""
        assert "x.toml:3: there is a NUL character; save the file as plain text in UTF-8" == str(refusal(b"\n\n\0"))

    def test_editors_of_other_systems_are_welcome(self):
        """A byte order mark and CR LF are read."""
        found = read_toml(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n", "x.toml")

        assert ({"a": 1, "b": 2}, 2) == (found.values, found.lines["b",])


class TestSyntax:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("a = 1\nb = \n", 2),
            ("a = [1,\n2", 2),
            ('a = "1', 1),
            ("a = 1\na = 2", 2),
            ("a = 2026-13-01", 1),
            ("[a\n", 1),
            ("= 1", 1),
        ],
    )
    def test_what_is_no_toml_is_refused_with_its_line(self, text, line):
        """Text that is no TOML is refused with the line, and says what a line looks like."""
        found = refusal(text.encode())

        assert f"x.toml:{line}" == found.place
        assert found.what.startswith("this is not TOML: ")
        assert "(at" not in found.what
        assert "mend that line; texts stand in quotes, lists in [ ]" == found.mend


class TestLines:
    def test_every_key_and_element_has_its_line(self):
        """Keys, tables, lists of tables and elements of lists are found on the line where they begin."""
        text = """\
a = 1
b.c = [
  { d = 2, e = [3,
     4] },   # a comment with = and [
  5,
]
"f g" = '''x
y'''
h = { i.j = 2026-09-01 08:00:00 }

[k]
l = 1.5

[[k.m]]
n = "]"
[[k.m]]
n = {}
[k.m.o]
"""
        found = read_toml(text.encode(), "x.toml").lines

        assert {
            ("a",): 1,
            ("b",): 2,
            ("b", "c"): 2,
            ("b", "c", 0): 3,
            ("b", "c", 0, "d"): 3,
            ("b", "c", 0, "e"): 3,
            ("b", "c", 0, "e", 0): 3,
            ("b", "c", 0, "e", 1): 4,
            ("b", "c", 1): 5,
            ("f g",): 7,
            ("h",): 9,
            ("h", "i"): 9,
            ("h", "i", "j"): 9,
            ("k",): 11,
            ("k", "l"): 12,
            ("k", "m"): 14,
            ("k", "m", 0): 14,
            ("k", "m", 0, "n"): 15,
            ("k", "m", 1): 16,
            ("k", "m", 1, "n"): 17,
            ("k", "m", 1, "o"): 18,
        } == found

    @given(st.text(alphabet="ab=.[]{},\"'\n #1\\", max_size=40))
    def test_any_text_is_read_as_tomllib_reads_it_or_refused(self, text):
        """Whatever the text, the values are tomllib's and every key of them has a line; or it is refused."""
        try:
            found = read_toml(text.encode(), "x.toml")
        except PolicyRefused as refused:
            places = [problem.place.partition(":")[0] for problem in refused.problems]
        else:
            places = ["x.toml"]
            assert tomllib.loads(text) == found.values
            assert set(paths(found.values)) == set(found.lines)
            assert set(found.lines.values()) <= set(range(1, text.count("\n") + 2))

        assert ["x.toml"] == places


def paths(value, path=()):
    """The way to every key and element of a value."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in rows:
        yield (*path, key)
        yield from paths(below, (*path, key))
