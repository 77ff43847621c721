import io
import json
from inspect import signature
from typing import get_args

import pytest
from rich.console import Console

from casework.cli import simulation
from casework.cli.simulation import progress_bar
from casework.simulate.staff import MODES
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
        ("argv", "code", "told"),
        [
            (["--children", "0"], 2, "--children takes 1 to 5000"),
            (["--children", "-1"], 2, "--children takes 1 to 5000"),
            (["--children", "5001"], 2, "--children takes 1 to 5000"),
            (["--children", "99999999999"], 2, "no whole number"),
            (["--children", "many"], 2, "no whole number"),
            (["--helpers", "0"], 2, "--helpers takes 1 to 99"),
            (["--helpers", "100"], 2, "--helpers takes 1 to 99"),
            (["--staff", "tired"], 2, "--staff cannot be read: it takes ordinary, diligent, zero"),
            (["--policy", "nothing"], 1, "town-primary"),
            (["--as", "t.li"], 2, "--as is no option"),
        ],
    )
    def test_refusals(self, argv, code, told):
        """What cannot be simulated is refused with what can be, before anything begins."""
        found = said("simulate", *argv)

        assert (code, "") == (found.code, found.out)
        assert told in found.err
        assert "a term of" not in found.err

    def test_every_kind_of_staff_can_be_asked_for(self):
        """The command takes what the simulator takes."""
        taken = get_args(get_args(signature(simulation.simulate_).parameters["staff"].annotation)[0])

        assert MODES == taken


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
