import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import casework
from casework.cli import main, streams
from casework.cli.exits import LEFT, Unwritten
from tests.cli.schools import done

SAID = "done, but the answer could not be written"


@pytest.fixture
def shell(school):
    """Run a command line of the shell in the school's folder; ``cw`` stands for the program."""

    def run(line):
        program = f'cw() {{ {sys.executable} -m casework.cli "$@"; }}; {line}'
        where = os.environ | {"PYTHONPATH": str(Path(casework.__file__).parents[1])}
        return subprocess.run(["/bin/bash", "-c", program], capture_output=True, text=True, check=False, env=where)

    return run


class TestUnwritten:
    @pytest.mark.parametrize(
        ("line", "code", "told"),
        [
            ("cw record p-010 visit --reached --as t.li | true; exit ${PIPESTATUS[0]}", 0, ""),
            ("cw record p-010 visit --reached --as t.li >&-", LEFT, SAID),
            ("cw record p-010 visit --reached --as t.li --json > /dev/full", LEFT, SAID),
        ],
    )
    @pytest.mark.unmeasured
    def test_what_was_done_is_done(self, shell, line, code, told):
        """Whatever becomes of the answer, the record is stored, and neither the code nor a message denies it."""
        found = shell(line)
        case = done("show", "p-010", "--as", "t.li")

        assert (code, 1) == (found.returncode, len(case["activity_log"]))
        assert told in found.stderr
        assert "Traceback" not in found.stderr
        assert (code == 0) == (found.stderr == "")

    @pytest.mark.unmeasured
    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("cw show nobody --as t.li 2>&-", 3),
            ("cw raise p-010 missing --as t.liii 2> /dev/full", 0),
            ("cw --help | true; exit ${PIPESTATUS[0]}", 0),
        ],
    )
    def test_message_that_cannot_be_written_changes_no_code(self, shell, line, code):
        """A refusal or a remark that nobody can read ends as it would have ended."""
        assert code == shell(line).returncode


class Full(io.StringIO):
    """A stream that takes nothing."""

    def write(self, text):
        """Refuse the text."""
        raise OSError(28, "No space left on device")

    def fileno(self):
        """It stands for no file."""
        raise OSError


class TestGuarded:
    @pytest.mark.parametrize(
        ("under", "why"), [(None, "it is closed"), (Full(), "No space left on device")], ids=["closed", "full"]
    )
    def test_answer_that_is_lost_is_told(self, under, why):
        """What cannot be written to standard output is an error of ours that says why."""
        guarded = streams.Guarded(under, beside=False)

        with pytest.raises(Unwritten, match=why):
            guarded.write("x")
        assert not guarded.isatty()

    def test_remark_that_is_lost_stops_nothing(self):
        """What cannot be written beside the answer is let go."""
        guarded = streams.Guarded(None, beside=True)
        guarded.flush()

        assert 1 == guarded.write("x")

    def test_command_says_that_its_answer_was_lost(self, school, monkeypatch, capsys):
        """Done and not told ends with its own code and message; a refusal keeps the code that it has."""
        monkeypatch.setattr(sys, "stdout", Full())
        ended = [main([*line, "--json"]) for line in (["today", "--as", "t.li"], ["show", "nobody", "--as", "t.li"])]

        assert [LEFT, 3] == ended
        assert SAID in capsys.readouterr().err
