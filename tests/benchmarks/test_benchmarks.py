"""The benchmarks run and print what they measured; how long anything takes is never asserted."""

import pytest

from benchmarks import __main__ as command
from benchmarks import harness
from benchmarks.harness import Figure, Section


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    """Time as little as can be: here only the way is tested."""
    monkeypatch.setattr(harness, "ROUNDS", 1)
    monkeypatch.setattr(harness, "SECONDS", 1e-5)


class TestCommand:
    def test_benchmark_named_prints_its_figures(self, capsys):
        """A benchmark that is named runs and prints its title and figures, and no other does."""
        code = command.main(["transition"])
        printed = capsys.readouterr().out

        assert 0 == code
        assert ["W1: one transition in memory"] == [line for line in printed.splitlines() if line.startswith("W")]
        assert 4 == printed.count("µs  ")

    def test_unknown_benchmark_is_refused_with_those_there_are(self, capsys):
        """A name that is no benchmark's is refused with the names."""
        assert 2 == command.main(["transitoin"])
        assert capsys.readouterr().err.startswith("no benchmark 'transitoin'; there are transition")


class TestHarness:
    def test_works_are_timed_in_turn_and_compared_with_the_first(self):
        """The first work is the floor: its ratio is one, and the others follow in their order."""
        called = []
        works = {name: lambda name=name: called.append(name) for name in ["floor", "other"]}
        floor, other = harness.compare(works, operations=1, goals={"other": "soon"})

        assert ("floor", 1.0, "", "other", "soon") == (floor.name, floor.ratio, floor.goal, other.name, other.goal)
        assert ["floor", "other"] == list(dict.fromkeys(called))
        assert "other" == called[-1]

    def test_table_aligns_figures_with_and_without_a_ratio(self):
        """A figure without a floor shows no ratio, one without a goal no goal."""
        section = Section("Bytes", [Figure("a case", 7400, "bytes", goal="8,192"), Figure("floor", 1.5, "µs", 1.0)])

        assert [
            "Bytes",
            "-----",
            "a case    7,400.00 bytes             goal 8,192",
            "floor         1.50 µs        1.0 ×",
        ] == harness.table(section).splitlines()
