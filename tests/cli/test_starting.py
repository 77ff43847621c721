import stat

import pytest

from casework.cli.school_file import read_school_file
from tests.cli.schools import done, said


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The empty folder in which a school begins."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestInit:
    def test_school_begins(self, folder):
        """Three files are made, and only the owner may read the records and the key ring."""
        found = done("init", "--school", "qinghe", "--now", "2026-09-01T08:00")

        assert ["casework.db", "casework.keyring", "casework.toml"] == sorted(p.name for p in folder.iterdir())
        assert [0o600, 0o600] == [
            stat.S_IMODE((folder / name).stat().st_mode) for name in ("casework.db", "casework.keyring")
        ]
        assert ["2026-autumn", "2027-spring"] == found["terms"]
        assert "qinghe" == read_school_file(folder).school

    def test_school_year_is_that_of_the_day(self):
        """Before August the school year that began the year before is meant."""
        assert ["2025-autumn", "2026-spring"] == done("init", "--now", "2026-07-31T08:00")["terms"]

    def test_terms_seats_and_packs_may_be_said(self, folder):
        """What is said stands in casework.toml."""
        done("init", "--term", "t1:2026-09-01:2027-01-20", "--seat", "principal=t.shen", "--policy", "school")
        found = read_school_file(folder)

        assert (["t1"], ("t.shen",), "school") == (
            [term.id for term in found.calendar.terms],
            found.seats["principal"],
            found.policy.id,
        )

    def test_own_pack_is_named_by_its_place(self, folder):
        """A pack of the school's own is found wherever the command was given."""
        text = '[pack]\nformat = 1\nid = "own"\n'
        (folder / "own.toml").write_text(text, encoding="utf-8")
        found = said("init", "--dir", "there", "--policy", "own.toml")

        assert 1 == found.code
        assert not (folder / "there").exists()

    def test_nothing_is_overwritten(self, folder):
        """A second init touches nothing and says what is there."""
        done("init")
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        found = said("init")

        assert 2 == found.code
        assert "there already" in found.err
        assert before == {path.name: path.read_bytes() for path in folder.iterdir()}

    @pytest.mark.parametrize(
        ("argv", "code", "told"),
        [
            (["--tz", "Asia/Qinghe"], 1, "IANA name"),
            (["--policy", "town"], 1, "use one of: class-teacher, school"),
            (["--term", "t1"], 2, "--term is written"),
            (["--term", "t1:2026-09-01:2026-08-01"], 1, "swap the two dates"),
            (["--term", "t1:2026-09-01:2026-09-20"], 1, "too few"),
            (["--seat", "king=t.li"], 2, "the seats are"),
            (["--seat", "principal"], 2, "--seat is written"),
            (["--school", ""], 2, "--school takes a name of 1 to 64 characters"),
            (["--school", "x" * 65], 2, "--school takes a name of 1 to 64 characters"),
            (["--school", " qinghe"], 2, "--school takes a name of 1 to 64 characters"),
            (["--now", "today"], 2, "--now is no instant"),
        ],
    )
    def test_refusal_leaves_nothing(self, folder, argv, code, told):
        """What is refused leaves no file behind."""
        found = said("init", *argv)

        assert (code, []) == (found.code, list(folder.iterdir()))
        assert told in found.err

    def test_folder_that_cannot_be_made_is_told(self, folder):
        """Where a file stands in the place of the folder the message says so."""
        (folder / "x").write_text("")
        found = said("init", "--dir", "x/y")

        assert 3 == found.code
        assert "name a folder of yours" in found.err
