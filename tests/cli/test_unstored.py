import sqlite3
from contextlib import closing

import pytest

from casework import Desk
from casework.cli import office, run, unstored
from casework.errors import CommitUnknown
from casework.store import engines
from casework.store.again import Patience
from tests.cli.schools import said

NOT_STORED = unstored.SAYS[unstored.Alarm.NOT_STORED]
NOT_KNOWN = unstored.SAYS[unstored.Alarm.NOT_KNOWN]
RAISE = ("raise", "p-002", "missing", "--as", "t.li")


class TestAlarmThatNobodyHears:
    def test_settings_that_cannot_be_read(self, cw, school):
        """A slip in casework.toml is named with its line, and that the alarm was not stored, with what to do."""
        path = school / "casework.toml"
        path.write_text(path.read_text(encoding="utf-8").replace('time_zone = "', "time_zone = "), encoding="utf-8")
        found = cw(*RAISE)

        assert 2 == found.code
        assert "casework.toml:4: this is not TOML" in found.err
        assert found.err.endswith(f"{NOT_STORED}\n")

    @pytest.mark.parametrize(
        ("name", "content", "code", "told"),
        [
            ("casework.keyring", None, 5, "restore it from a copy"),
            ("casework.keyring", b"", 5, "is no key ring; restore it from its backup"),
            ("casework.db", None, 3, "restore it from its backup"),
            ("casework.db", b"", 5, "is empty: restore it from its backup; if nothing was ever stored"),
            ("casework.db", b"no database at all", 5, "the file is no database, or a damaged one"),
            ("casework.toml", None, 3, "there is no casework.toml"),
        ],
    )
    def test_file_that_is_missing_or_wrong(self, cw, school, name, content, code, told):
        """Whichever file is gone, empty or another's: the mend is told, and that nobody heard the alarm."""
        (school / name).unlink()
        if content is not None:
            (school / name).write_bytes(content)
        found = cw(*RAISE)

        assert code == found.code
        assert told in found.err
        assert found.err.endswith(f"{NOT_STORED}\n")

    def test_key_ring_of_another_school(self, cw, school, tmp_path):
        """A key ring that belongs to another school opens nothing here."""
        said("init", "--dir", str(tmp_path / "other"))
        (tmp_path / "other" / "casework.keyring").replace(school / "casework.keyring")
        found = cw(*RAISE, "--note", "gone")

        assert 5 == found.code
        assert found.err.endswith(f"{NOT_STORED}\n")

    def test_database_that_somebody_keeps(self, cw, school, monkeypatch):
        """While another program writes nobody waits without a word; in the end it is told that it was not stored."""
        monkeypatch.setattr(engines, "BUSY_MS", 1)
        monkeypatch.setattr(office, "LOCKED_SECONDS", 0)
        monkeypatch.setattr(Patience, "wait", lambda *_: False)
        with closing(sqlite3.connect(school / "casework.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            found = cw(*RAISE)

        assert 1 == found.code
        assert "another program is writing to the database" in found.err
        assert "the database was busy for longer than was waited" in found.err
        assert found.err.endswith(f"{NOT_STORED}\n")

    def test_tables_of_somebody_else(self, cw, school):
        """A database of another program is no school's."""
        (school / "casework.db").unlink()
        with sqlite3.connect(school / "casework.db") as connection:
            connection.execute("CREATE TABLE books (title)")
        connection.close()
        found = cw(*RAISE)

        assert 5 == found.code
        assert "no tables of casework" in found.err
        assert found.err.endswith(f"{NOT_STORED}\n")

    @pytest.mark.parametrize(
        ("argv", "loud"),
        [
            (("raise", "p-002"), True),
            (("--as", "t.li", "raise", "p-002", "Gone missing"), True),
            (("rais", "p-002", "missing"), True),
            (
                (
                    "record",
                    "p-001",
                    "visit",
                    "--reached",
                    "--concern",
                    "beaten:danger",
                    "--on",
                    "2026-10-01",
                    "--as",
                    "t.li",
                ),
                True,
            ),
            (
                ("record", "p-001", "visit", "--reached", "--concern=beaten:danger", "--on=2026-10-01", "--as", "t.li"),
                True,
            ),
            (("concern", "p-001", "beaten:danger", "--on", "2026-10-01", "--as", "t.li"), True),
            (("concern", "p-001", "homesick:low", "--on", "2026-10-01", "--as", "t.li"), False),
            (("show", "raise", "--as", "t.li"), False),
            (("ack", "p-001", "--as", "t.li"), False),
        ],
    )
    def test_every_report_of_danger_that_is_refused_says_so(self, cw, argv, loud):
        """Also a line that cannot be read, and a concern that would have been an emergency."""
        found = cw(*argv)

        assert 0 < found.code < 5
        assert loud is (NOT_STORED in found.err)

    def test_machines_are_told_too(self, cw):
        """With --json a field says it, beside the message."""
        found = cw("raise", "p-002", "--json", "--as", "t.li").json

        assert "not stored" == found["alarm"]
        assert found["message"].endswith(NOT_STORED)

    @pytest.mark.parametrize(
        ("error", "code"), [(CommitUnknown("nobody knows"), 6), (RuntimeError("Lin"), 70), (KeyboardInterrupt(), 130)]
    )
    def test_what_nobody_knows_is_not_said(self, cw, monkeypatch, error, code):
        """Where it may have been stored nobody says that it was not: it is to be looked for, or raised again."""

        def fails(desk, case, command, *, key=""):
            raise error

        monkeypatch.setattr(Desk, "do", fails)
        found = cw(*RAISE)

        assert code == found.code
        assert found.err.endswith(f"{NOT_KNOWN}\n")
        assert "Lin" not in found.err

    def test_interrupt_of_another_command_says_nothing_of_an_alarm(self, monkeypatch):
        """An interrupt of what reports no danger stays quiet."""

        def stopped(argv):
            raise KeyboardInterrupt

        monkeypatch.setattr(run, "carry_out", stopped)

        assert "casework: interrupted; what was stored before is whole\n" == said("today", "--as", "t.li").err
