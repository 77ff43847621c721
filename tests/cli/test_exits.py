import re
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError, OperationalError

from casework.cli.exits import EXITS, code_of, message_of
from casework.errors import (
    ClockJumped,
    CommandRefused,
    KeyRingError,
    NotFound,
    SettingsChanged,
    StaleCase,
    StepRefused,
    Tampered,
)

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


class TestExits:
    def test_page_lists_every_code(self):
        """The page of the command line lists the exit codes as the program has them."""
        rows = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

        assert {str(code): text for code, text in EXITS.items()} == dict(rows)

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (StepRefused("close", "closed", "x"), 1),
            (CommandRefused("x"), 1),
            (StaleCase("x"), 1),
            (NotFound("case", "x"), 3),
            (SettingsChanged("x", ["policy"]), 4),
            (ClockJumped("x"), 4),
            (Tampered("x"), 5),
            (KeyRingError("x"), 5),
            (OperationalError("select", {}, Exception("x")), 1),
            (DatabaseError("select", {}, Exception("x")), 5),
            (ZeroDivisionError("x"), 70),
        ],
    )
    def test_error_has_its_code(self, error, code):
        """Each kind of error ends the program with the code that is promised for it."""
        assert code == code_of(error)

    @pytest.mark.parametrize(
        "error",
        [
            OperationalError("select Lin", {"name": "Lin"}, Exception("Lin is locked")),
            DatabaseError("select Lin", {}, Exception("Lin")),
            RuntimeError("Lin said so"),
        ],
    )
    def test_message_holds_nothing_that_others_wrote(self, error):
        """Of an error of a database, or one that nobody foresaw, only the kind is told."""
        assert "Lin" not in message_of(error)
