"""Every example runs in an empty folder, says what its golden file says, and leaves nothing behind."""

import pytest

from tests.examples.conftest import EXAMPLES

pytestmark = pytest.mark.unmeasured

PROGRAMS = sorted(EXAMPLES.glob("*.py"))


class TestExamples:
    def test_there_are_examples(self):
        """The programs that the pages speak of are there."""
        assert {"custom_rules", "embed_flask", "embed_fastapi"} <= {program.stem for program in PROGRAMS}

    @pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
    def test_example_says_what_its_golden_file_says(self, program, python, tmp_path):
        """The program prints its golden file, whatever the hash seed, and leaves the folder empty."""
        printed = python("-W", "error", program)

        assert (program.with_suffix(".out").read_text(encoding="utf-8"), "") == (printed, python.said)
        assert [] == list(tmp_path.iterdir())

    def test_tests_within_the_example_pass(self, python):
        """The tests that an integrator would copy pass with the public fixtures."""
        printed = python("-m", "pytest", "-q", "-p", "no:cacheprovider", EXAMPLES / "custom_rules.py")

        assert "2 passed" in printed
