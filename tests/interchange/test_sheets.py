import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.interchange._files import Limits
from casework.interchange._problems import Problems
from casework.interchange._sheets import Sheet, read_table
from tests.interchange.spoiling import csv_bytes

TWO = Sheet(("a", "b"))
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
ROWS = st.lists(st.lists(CELL, min_size=2, max_size=2).filter(any), max_size=6)


def read(content, sheet=TWO):
    """The rows, the problems and the notes."""
    problems, notes = Problems(), []
    table = read_table("x.csv", content, sheet, Limits(), problems, notes)
    return [list(record.cells.values()) for record in table.records], [str(p) for p in problems.found], notes


class TestCells:
    @given(rows=ROWS, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), end=st.sampled_from(["\r\n", "\n"]))
    def test_what_the_csv_module_writes_is_read(self, rows, quoting, end):
        """Any cells, quoted as RFC 4180 has it, come out as they went in."""
        content = csv_bytes([["a", "b"], *rows], quoting=quoting, end=end)
        bare = quoting == csv.QUOTE_MINIMAL and end == "\n" and any("\r" in cell for row in rows for cell in row)

        assert bare or ([*rows], []) == read(content)[:2]

    @given(content=st.binary(max_size=60))
    def test_any_bytes_are_read_or_refused(self, content):
        """No bytes at all make the reader fail."""
        rows, problems, _ = read(b"a,b\r\n" + content)

        assert problems or all(len(row) == 2 for row in rows)

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "x.csv: is empty; deliver at least the headings"),
            (
                b'a,b\n1,"2',
                'x.csv row 2: opens a quotation mark that never closes; close it, and write " inside a cell as ""',
            ),
            (
                b'a,b\n1,2"3',
                'x.csv row 2: has a quotation mark inside a cell; put the whole cell in quotes, and write " as ""',
            ),
            (
                b"a,b\n1,2\r3,4",
                "x.csv row 2: ends in a bare carriage return; save the file with Windows or Unix line ends",
            ),
            (b"a,b\n1\n", "x.csv row 2: has 1 cells under 2 headings; "),
            (b"a,b\n\n1,2,3\n", "x.csv row 3: has 3 cells under 2 headings; "),
            (b"a,B\n", "x.csv row 1, column b: the heading is written 'B'; write it b"),
            (b"a\n", "x.csv row 1, column b: the column is missing; add a column b"),
            (b"a,b,a\n", "x.csv row 1, column a: the heading stands twice; remove one of the two columns"),
            (b"a,b,\n", "x.csv row 1: a heading is empty; name the column or remove it"),
            (
                b"a,b,metadata.casework.x\n",
                "x.csv row 1: there is no column 'metadata.casework.x' here; move it to users.csv",
            ),
            (b"a,b\n1,\0\n", "x.csv row 2: holds a NUL byte; export the file again as CSV in UTF-8"),
            ("a,b\n".encode("utf-16"), "x.csv: is in UTF-16; export the file again as CSV in UTF-8"),
            (b"a,b\n1,\xff\n", "x.csv row 2: is neither UTF-8 nor GB18030; export the file again as CSV in UTF-8"),
            (b"a,b\n1,2\n3,\xe1x\n", "x.csv row 3: is no UTF-8 here, and as GB18030 the file would hold characters"),
            ("a,b\n1,子涵雨琪\n".encode().replace(b"\xe5\xad", b""), "x.csv row 2: is no UTF-8 here"),
        ],
    )
    def test_a_fault_is_named_with_row_column_and_mend(self, content, problem):
        """Each fault of a file has its place and its mend."""
        _, problems, _ = read(content)

        assert [problem] == [found[: len(problem)] for found in problems]


class TestEncodings:
    @pytest.mark.parametrize("text", ["王小明", "José", "ལྷ་ས", "欧阳娜娜, 一年级"])
    def test_gb18030_is_read_and_noted(self, text):
        """A file in GB18030 is read as such, Tibetan included, and a note says so."""
        rows, problems, notes = read(csv_bytes([["a", "b"], ["1", text]]).decode().encode("gb18030"))

        assert ([["1", text]], []) == (rows, problems)
        assert ["was read as GB18030, since it is no UTF-8"] == [note.what for note in notes]

    def test_a_byte_order_mark_is_no_part_of_the_first_heading(self):
        """UTF-8 as Excel writes it is read."""
        assert ([["1", "2"]], [], []) == read("\ufeffa,b\r\n1,2\r\n".encode())


class TestHeadings:
    def test_strangers_are_noted_but_metadata_is_expected(self):
        """Columns that the format does not have are named in a note; metadata columns are the format's own."""
        rows, problems, notes = read(b"a,metadata.bus,b,locker\n1,2,3,4\n")

        assert ([["1", "2", "3", "4"]], []) == (rows, problems)
        assert ["columns that the format does not have were passed over: 'locker'"] == [note.what for note in notes]

    def test_our_columns_are_listed_when_one_is_misspelt(self):
        """The mend lists the columns of casework where they may stand."""
        _, problems, _ = read(b"a,b,metadata.casework.leftBehindd\n", Sheet(("a", "b"), ours=True))

        assert "the columns of casework are metadata.casework.leftBehind" in problems[0]
