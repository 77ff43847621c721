"""The command line on PostgreSQL: a URL in place of a file, and a school whose records stand on a server."""

import pytest

from casework.cli.exits import REFUSED, USAGE
from tests.cli.schools import CANARY, done, said, small_roster

FIRST = ("--now", "2026-09-01T08:00")


@pytest.fixture
def school(tmp_path, bare_postgres):
    """A school on its first day, with a handful of pupils."""
    folder = ("--dir", str(tmp_path / "school"))
    done("init", "--school", "qinghe", "--database", bare_postgres, *folder, *FIRST)
    done("import", str(small_roster(tmp_path / "roster")), "--as", "t.shen", *folder, *FIRST)
    return folder


@pytest.mark.unmeasured
class TestSchool:
    def test_a_day_on_a_server(self, school):
        """Children are identified, an emergency is raised and acknowledged, and all is well afterwards."""
        by = ("--as", "t.shen", *school, *FIRST)
        assert 5 == len(done("identify", "--from-roll", *by)["identified"])
        done("raise", "p-032", "missing", "--note", CANARY, *by)
        done("ack", "p-032", *by)
        done("sweep", *school, "--now", "2026-09-10T16:00")
        facts = said("doctor", *school, "--now", "2026-09-10T16:00", "--json").json
        verified = done("verify", *school, "--now", "2026-09-10T16:00")

        assert ("postgresql", True, 0) == (facts["database"], facts["tables"], facts["due"])
        assert [] == verified["findings"]
        assert verified["records"] >= 6

    def test_the_password_stands_nowhere(self, tmp_path, bare_postgres):
        """What casework.toml says names user and place; the password comes from the environment, as for psql."""
        secret = bare_postgres + "&password=geheim"
        folder = ("--dir", str(tmp_path / "school"))
        shown = said("init", "--school", "qinghe", "--database", secret, *folder, *FIRST)
        text = (tmp_path / "school" / "casework.toml").read_text(encoding="utf-8")

        assert "geheim" not in shown.out + text
        assert 'database = "postgresql+psycopg://casework@/bare?host=' in text

    def test_a_school_that_is_there_is_not_begun_again(self, school, tmp_path, bare_postgres):
        """Another key ring could open nothing of it; the folder stays empty."""
        found = said("init", "--school", "qinghe", "--database", bare_postgres, "--dir", str(tmp_path / "again"))

        assert (USAGE, "already" in found.err) == (found.code, True)
        assert [] == list((tmp_path / "again").iterdir())

    def test_a_server_that_is_not_there(self, school, monkeypatch):
        """The environment names another database than casework.toml; it says what to look at."""
        monkeypatch.setenv("CASEWORK_DATABASE", "postgresql://ann:geheim@/school?host=/nowhere")
        found = said("doctor", *school)

        assert REFUSED == found.code
        assert "cannot be reached" in found.err
        assert "geheim" not in found.err
