"""Programs started as their pages say: in an empty folder, with the Python under test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def python(tmp_path):
    """Return a function that runs Python in an empty folder and returns what it printed."""

    def run(*arguments, **more):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "random"}
        ended = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=tmp_path,
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1"} | more,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert 0 == ended.returncode, ended.stdout + ended.stderr
        run.said = ended.stderr
        return ended.stdout

    return run
