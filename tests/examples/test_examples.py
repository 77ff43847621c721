"""Every example runs in an empty folder, says what its golden file says, and leaves nothing behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unmeasured

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.py"))


@pytest.fixture
def python(tmp_path):
    """Return a function that runs Python in an empty folder and returns what it printed."""

    def run(*arguments):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "random"}
        ended = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert (0, "") == (ended.returncode, ended.stderr), ended.stdout + ended.stderr
        return ended.stdout

    return run


class TestExamples:
    def test_there_are_examples(self):
        """Both of the programs that the README speaks of are there."""
        assert {"custom_rules", "embed_flask"} <= {program.stem for program in PROGRAMS}

    @pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
    def test_example_says_what_its_golden_file_says(self, program, python, tmp_path):
        """The program prints its golden file, whatever the hash seed, and leaves the folder empty."""
        printed = python("-W", "error", program)

        assert program.with_suffix(".out").read_text(encoding="utf-8") == printed
        assert [] == list(tmp_path.iterdir())

    def test_tests_within_the_example_pass(self, python):
        """The tests that an integrator would copy pass with the public fixtures."""
        printed = python("-m", "pytest", "-q", "-p", "no:cacheprovider", EXAMPLES / "custom_rules.py")

        assert "2 passed" in printed
