import io

import pytest
from rich.console import Console

from casework.cli.printing import show
from casework.cli.render import copyable, line, pairs, short, table

ROWS = [
    ("D10/2026-autumn:CLOSE", "2027-01-04", "Home visits at the start, middle and end of term", 177),
    ("D2/#1", "", "One file", 60),
]


def shown(width, *parts):
    """What is printed on a terminal of that width."""
    written = io.StringIO()
    show(Console(file=written, width=width), parts)
    return written.getvalue()


class TestTable:
    def test_ids_and_days_stay_whole_beside_prose(self):
        """On a terminal that is wide enough for them ids and days are not divided, and texts are divided at words."""
        found = shown(64, table(["obligation", "due", "what", "required"], ROWS))

        for whole in ("D10/2026-autumn:CLOSE", "2027-01-04", "obligation", "required", "Home visits"):
            assert whole in found
        assert max(map(len, found.splitlines())) <= 64

    @pytest.mark.parametrize("width", [10, 20, 40])
    def test_nothing_is_lost_on_a_narrow_terminal(self, width):
        """Where nothing fits everything is divided, and no character is left out."""
        found = shown(width, table(["what"], [("D10/2026-autumn:CLOSE",), ("2027-01-04T08:00:00",)]))
        kept = "".join(found.split())

        assert "D10/2026-autumn:CLOSE" in kept
        assert "2027-01-04T08:00:00" in kept

    def test_numbers_stand_to_the_right(self):
        """A column that holds only numbers is read from its right end."""
        lines = shown(120, table(["obligation", "due", "what", "required"], ROWS)).splitlines()

        assert lines[2].endswith("177")
        assert lines[3].endswith(" 60")

    def test_pairs_have_no_head(self):
        """Names and what stands behind them need no head and no line below it."""
        assert "lead   t.li\nclass  c1  \n\n" == shown(80, pairs([("lead", "t.li"), ("class", "c1")]))

    def test_title_that_is_long_is_shortened_at_its_first_part(self):
        """A long title is told by its first part, a short one whole."""
        assert ("Pairing", "One file") == (short("Pairing: a group", 5), short("One file", 50))


class TestCopyable:
    def test_command_is_never_divided(self):
        """A command to copy is one line, however narrow the terminal is, while prose is divided."""
        command = "casework today --as t.li --dir demo/school --now 2027-02-25T09:00"
        found = shown(30, copyable(command), line("a text that is longer than thirty columns are"))

        assert command == found.splitlines()[0]
        assert 3 == len(found.splitlines())
