import json
import shlex
import sqlite3

import pytest

from casework.cli import demo
from casework.cli.exits import Absent
from tests.cli.schools import said


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder in which the demo runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.unmeasured
class TestDemo:
    def test_a_term_from_roster_to_report(self, folder, monkeypatch):
        """Both rosters are imported, children identified, a term lived, an emergency told, the account written.

        What it offers to go on with can be copied from a narrow terminal as it stands, and works.
        """
        monkeypatch.setenv("COLUMNS", "60")
        (folder / "demo").mkdir()
        (folder / "demo" / demo.MARK).write_text("")
        (folder / "demo" / "left over").write_text("")
        found = said("demo", "--json")
        shown = " ".join(found.err.split())
        facts = json.loads(found.out)
        page = (folder / "demo" / "summary.md").read_text(encoding="utf-8")
        with sqlite3.connect(folder / "demo" / "school" / "casework.db") as connection:
            (stored,) = connection.execute("SELECT count(*) FROM casework_obligations WHERE status = 'met'").fetchone()
        connection.close()

        assert 0 == found.code
        for text in (
            "nobody on this roll is marked left behind",
            "60 of 180 pupils on the roll identified as left behind",
            "definition: register",
            "60 children paired with 12 helpers",
            "counts add up: yes",
            "an emergency whose first rung stayed silent: injury",
            "lead told",
            "safeguarding_lead told",
            "reviewed",
            "everything is as casework wrote it",
            "demo/summary.md",
        ):
            assert text in shown
        for command in demo.GO_ON:
            assert f"\n{command}\n" in found.err
        assert not (folder / "demo" / "left over").exists()
        assert "## Emergencies" in page
        assert stored == facts["summary"]["totals"]["met"] > 0
        assert 60 == sum(facts["summary"]["states"].values())

        monkeypatch.chdir(folder / "demo" / "school")
        monkeypatch.setenv("CASEWORK_NOW", demo.SPRING)
        offered = [shlex.split(line)[1:] for line in demo.GO_ON if line.startswith("casework ")]

        assert [0] * len(offered) == [said(*argv).code for argv in offered]

    def test_folder_of_somebody_else_is_left_alone(self, folder):
        """A folder demo that the demo did not make is not touched."""
        (folder / "demo").mkdir()
        (folder / "demo" / "thesis.txt").write_text("mine")
        found = said("demo")

        assert 2 == found.code
        assert (folder / "demo" / "thesis.txt").exists()

    def test_folder_that_cannot_be_made(self, folder, monkeypatch):
        """Where nothing can be written the demo says so."""
        (folder / "x").write_text("")
        monkeypatch.setattr(demo, "FOLDER", folder / "x" / "demo")

        assert 3 == said("demo").code

    def test_roster_that_was_not_installed(self):
        """A sample roster that is nowhere is told."""
        with pytest.raises(Absent, match="install casework again"):
            demo.roster_folder("nothing")
