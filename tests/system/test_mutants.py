"""Mutants planted on purpose: each must make its test fail, or the test proves nothing (reliability: R18)."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.unmeasured

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = ROOT / "src" / "casework"
TARGETS = HERE / "test_invariants.py"
MUTANTS = tomllib.loads((HERE / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
ALWAYS = {
    "a column is dropped",
    "a rung is skipped",
    "the suspect is told",
    "a window loses its last day to the judge",
    "BEGIN IMMEDIATE is left out",
    "what no row allows is allowed",
    "a relation is ignored",
    "a count leaks",
}
"""Planted in every run; the others by `make soak`."""

FAILED = 1
"""pytest's exit code for tests that failed; a mutant that cannot even be imported ends otherwise."""


def place(test):
    """Where a test stands: in `TARGETS`, or in the file of this folder that its name begins with."""
    return f"{HERE}/{test}" if test.partition("::")[0].endswith(".py") else f"{TARGETS}::{test}"


def run(folder, tests):
    """Run tests against a copy of the library; returns pytest's exit code and what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "HYPOTHESIS"))}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--noconftest", "-c", os.devnull, "--import-mode=importlib"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *(place(test) for test in tests)],
        env=kept | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory, request):
    """A copy of the library in which every target of the tests at hand has passed."""
    folder = tmp_path_factory.mktemp("mutants")
    shutil.copytree(SOURCE, folder / "casework", ignore=shutil.ignore_patterns("__pycache__"))
    given = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    code, said = run(folder, sorted({params["mutant"]["test"] for params in given if "mutant" in params}))
    assert code == 0, said
    return folder


class TestMutants:
    def test_names_differ(self):
        """Every mutant has a name of its own."""
        assert len(MUTANTS) == len({mutant["name"] for mutant in MUTANTS})
        assert {mutant["name"] for mutant in MUTANTS} >= ALWAYS

    @pytest.mark.parametrize(
        "mutant",
        [
            pytest.param(mutant, id=mutant["name"], marks=() if mutant["name"] in ALWAYS else pytest.mark.soak)
            for mutant in MUTANTS
        ],
    )
    def test_the_mutant_dies(self, copy, mutant):
        """The edit fits in exactly one place, and with it the named test fails."""
        path = copy / "casework" / mutant["file"]
        before = path.read_text(encoding="utf-8")
        assert 1 == before.count(mutant["old"])
        path.write_text(before.replace(mutant["old"], mutant["new"]), encoding="utf-8")
        forget(path)
        try:
            code, said = run(copy, [mutant["test"]])
        finally:
            path.write_text(before, encoding="utf-8")
            forget(path)

        assert FAILED == code, said


def forget(path):
    """Drop what Python compiled from a file: it tells an edit by its second and size, which may be the same."""
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()
