import io
import json

import pytest
from rich.console import Console

from casework.cli.simulation import progress_bar
from tests.cli.schools import said


class TestSimulate:
    def test_needs_nothing(self, tmp_path, monkeypatch):
        """A simulated term needs no folder, and with --json standard output holds JSON alone; the same twice."""
        monkeypatch.chdir(tmp_path)
        argv = ("simulate", "--children", "6", "--helpers", "2", "--seed", "7", "--json")
        first, second = said(*argv), said(*argv)
        found = json.loads(first.out)

        assert first.out == second.out
        assert {"seed", "trace_hash", "states", "obligations", "emergencies", "notices_per_person_week"} <= set(found)
        assert found["conserved"]
        assert [] == list(tmp_path.iterdir())

    def test_people_read_tables(self):
        """Without --json there are tables, and that it is synthetic."""
        shown = said("simulate", "--children", "3", "--helpers", "1").out

        assert "every figure is synthetic" in shown
        assert "children by state" in shown

    @pytest.mark.parametrize(
        ("argv", "code"),
        [
            (["--children", "0"], 1),
            (["--children", "5001"], 2),
            (["--children", "many"], 2),
            (["--helpers", "0"], 1),
            (["--staff", "tired"], 1),
            (["--policy", "nothing"], 1),
            (["--as", "t.li"], 2),
        ],
    )
    def test_refusals(self, argv, code):
        """What cannot be simulated is refused."""
        assert code == said("simulate", *argv).code


class TestBar:
    def test_bar_on_a_terminal(self):
        """On a terminal a bar is drawn, with the days passed and in all."""
        written = io.StringIO()
        console = Console(force_terminal=True, width=100, file=written)
        with progress_bar(console, "a term") as progress:
            progress(1, 2)

        assert "1/2" in written.getvalue()

    def test_line_elsewhere(self):
        """In a pipe or a file there is one line, and nothing moves."""
        written = io.StringIO()
        with progress_bar(Console(file=written, width=100), "a term") as progress:
            progress(1, 2)

        assert "a term …\n" == written.getvalue()
