"""A test of a whole term that fails says what happened to the child, and how to live through the term again."""

import re
import shlex

import pytest

from casework.cli import main

pytest_plugins = "pytester"

FAILING = """
    from casework import Flag, rule
    from casework.simulate import Disclosure, Script, SilentRung

    @rule(looks="on_change")
    def unseen(case, now):
        if now.passed(case.last("visit"), days=21):
            yield Flag("unseen")

    def test_answered(casework_semester):
        world = Script().at("2026-09-01 00:00", SilentRung("lead")).at("2026-10-20 21:40", Disclosure(child=3))
        run = casework_semester(children=6, helpers=1, staff="diligent", seed=7, rules=[unseen], script=world)

        assert run.emergencies.acknowledged_within(hours=0.1).all()

    def test_fine(casework_semester):
        run = casework_semester(children=4, helpers=1, staff="diligent", seed=7)

        assert run.conserved
"""


@pytest.fixture
def failed(pytester):
    """What a failing test of a term prints, and its file."""
    path = pytester.makepyfile(**{"tests/test_term": FAILING})
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly")
    result.assert_outcomes(failed=1, passed=1)
    return result.stdout.str(), path


@pytest.mark.unmeasured
class TestReport:
    def test_it_names_the_child_and_shows_the_timeline(self, failed):
        """The assertion names the emergency's child; below stands that child's history, and nobody else's."""
        printed, _ = failed
        child = re.search(r"abuse_disclosed of child (\S+), raised 2026-10-20 13:40 UTC, not acknowledged", printed)

        assert child
        assert 1 == printed.count("casework semester")
        assert [child[1]] == re.findall(r"^child (\S+)$", printed, re.MULTILINE)
        assert "EmergencyRaised" in printed

    def test_the_command_replays_the_term(self, failed, capsys, monkeypatch):
        """The command that is printed gives the same trace: rules and script are in it."""
        printed, path = failed
        monkeypatch.chdir(path.parent.parent)
        words = shlex.split(re.search(r"^replay: casework (.*)$", printed, re.MULTILINE)[1])
        capsys.readouterr()

        assert 0 == main([*words, "--json"])
        assert re.search(r"trace (\w+),", printed)[1] in capsys.readouterr().out
        assert "--rules tests/test_term.py:unseen --at 2026-09-01 00:00 silent_rung role=lead --at" in " ".join(words)
        assert "or: pytest 'tests/test_term.py::test_answered'" in printed
