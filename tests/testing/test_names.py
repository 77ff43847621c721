"""What is handed out for tests is there, and loads only what it needs."""

import subprocess
import sys

import pytest

from casework import testing

ASKS = """
import sys
import casework.testing
before = "casework.testing.laws" in sys.modules
from casework.testing import laws
print(before, laws.__name__, "hypothesis" in sys.modules, "pytest" in sys.modules)
"""


class TestNames:
    def test_the_law_is_loaded_when_it_is_asked_for_and_needs_no_hypothesis_until_it_runs(self):
        """An integrator without the extra can import everything that is named here."""
        done = subprocess.run([sys.executable, "-c", ASKS], capture_output=True, text=True, check=True)

        assert "False casework.testing.laws False False" == done.stdout.strip()

    @pytest.mark.parametrize("name", testing.__all__)
    def test_every_name_is_there(self, name):
        """What is promised can be had."""
        assert getattr(testing, name).__doc__

    def test_a_name_that_is_not_there_is_no_name(self):
        """A slip of the pen is an error as in any other module."""
        with pytest.raises(AttributeError, match="has no attribute 'lawz'"):
            _ = testing.lawz
