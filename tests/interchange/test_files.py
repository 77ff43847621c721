import os
import stat
from zipfile import ZIP_BZIP2, ZipFile, ZipInfo

import pytest

from casework.interchange import Limits, RosterRefused, read_roster
from tests.interchange.spoiling import FIXTURES, load, zip_of
from tests.interchange.test_rosters import lay


def refusal_of(path, limits=None):
    """The problems of a delivery that cannot be opened."""
    with pytest.raises(RosterRefused) as refusal:
        read_roster(path, limits=limits or Limits())
    return [(problem.file, problem.what) for problem in refusal.value.problems]


class TestFolder:
    def test_a_path_that_leads_nowhere_is_refused(self, tmp_path):
        """There is neither a folder nor a file."""
        assert [("nothing", "is neither a folder nor a zip file")] == refusal_of(tmp_path / "nothing")

    def test_an_empty_folder_is_no_roster(self, tmp_path):
        """The refusal says that no .csv file was found."""
        assert "it holds no .csv file" in refusal_of(tmp_path)[0][1]

    def test_other_files_and_folders_are_left_alone(self, tmp_path):
        """A read-me, a subfolder and a pipe beside the roster change nothing."""
        lay(tmp_path, load("oneroster-1.1"))
        (tmp_path / "README.txt").write_text("x")
        (tmp_path / "old.csv").mkdir()
        os.mkfifo(tmp_path / "pipe.csv")

        assert read_roster(FIXTURES / "oneroster-1.1") == read_roster(tmp_path)

    def test_limits_hold(self):
        """Too many files, too large a file, too large a delivery, too many rows, too many columns: each is refused."""
        folder = FIXTURES / "oneroster-1.1"

        assert [("oneroster-1.1", "holds 7 files")] == refusal_of(folder, Limits(files=6))
        assert [("academicSessions.csv", "holds more than 99 bytes")] == refusal_of(folder, Limits(file_bytes=99))
        assert [("classes.csv", "the delivery holds more than 400 bytes")] == refusal_of(
            folder, Limits(total_bytes=400)
        )
        assert [("manifest.csv", "has more than 10 rows")] == refusal_of(folder, Limits(rows=10))
        assert ("users.csv", "has more than 20 headings") in refusal_of(folder, Limits(columns=20))

    def test_a_folder_that_may_not_be_read_is_refused(self, tmp_path, monkeypatch):
        """What the system refuses is refused by the same error, with its reason."""

        def deny(self, *args, **kwargs):
            raise PermissionError(13, "Permission denied")

        lay(tmp_path, load("oneroster-1.1"))
        monkeypatch.setattr("pathlib.Path.open", deny)

        assert [(tmp_path.name, "cannot be read (Permission denied)")] == refusal_of(tmp_path)


class TestZip:
    def zipped(self, folder, files):
        """A zip of the files."""
        path = folder / "roster.zip"
        path.write_bytes(zip_of(files))
        return path

    def test_a_zip_is_read_as_its_folder(self, tmp_path):
        """The same files zipped give the same roster."""
        path = self.zipped(tmp_path, load("oneroster-1.1") | {"README.txt": b"x", "Thumbs.db": b"x"})

        assert read_roster(FIXTURES / "oneroster-1.1") == read_roster(path)

    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("../x.csv", "points outside the zip"),
            ("/x.csv", "points outside the zip"),
            ("c:/x.csv", "points outside the zip"),
            ("a\\x.csv", "points outside the zip"),
            ("x\ny.csv", "points outside the zip"),
            ("x.ZIP", "is an archive in an archive"),
            ("sub/x.csv", "spreads its files over several folders"),
            ("USERS.csv", "holds two files of one name"),
        ],
    )
    def test_an_entry_that_no_honest_exporter_writes_is_refused(self, tmp_path, name, what):
        """Paths out of the zip, archives in it, several folders, one name twice."""
        path = self.zipped(tmp_path, load("oneroster-1.1") | {name: b"x"})

        assert [True] == [file == "roster.zip" and text.endswith(what) for file, text in refusal_of(path)]

    def test_a_link_is_refused(self, tmp_path):
        """A zip may not point at a file of this machine."""
        link = ZipInfo("users.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16

        assert [("roster.zip", "entry 'users.csv' is a link")] == refusal_of(
            self.zipped(tmp_path, {link: b"/etc/hosts"})
        )

    def test_an_encrypted_entry_is_refused(self, tmp_path):
        """The mend says to zip without a password."""
        content = bytearray(zip_of({"users.csv": b"x"}))
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(mark) + place] |= 1
        (tmp_path / "roster.zip").write_bytes(bytes(content))

        assert [("roster.zip", "entry 'users.csv' is encrypted")] == refusal_of(tmp_path / "roster.zip")

    def test_an_unusual_method_is_refused(self, tmp_path):
        """Only stored and deflated entries are unpacked."""
        with ZipFile(tmp_path / "roster.zip", "w", ZIP_BZIP2) as archive:
            archive.writestr("users.csv", "x")

        assert [("roster.zip", "entry 'users.csv' is packed by an unusual method")] == refusal_of(
            tmp_path / "roster.zip"
        )

    def test_a_bomb_is_not_unpacked(self, tmp_path):
        """What unpacks to more than a file may hold is refused while it is unpacked, also by the sum of its files."""
        path = self.zipped(tmp_path, {"users.csv": b"0" * 500_000})

        assert [("users.csv", "holds more than 100000 bytes")] == refusal_of(path, Limits(file_bytes=100_000))
        assert [("users.csv", "the delivery holds more than 100000 bytes")] == refusal_of(
            path, Limits(total_bytes=100_000)
        )

    def test_a_zip_of_too_many_entries_or_bytes_is_refused(self, tmp_path):
        """The entries are counted and the file is weighed before anything is unpacked."""
        path = self.zipped(tmp_path, {f"{k}.csv": b"x" for k in range(30)})

        assert [("roster.zip", "holds 30 entries")] == refusal_of(path, Limits(files=29))
        assert [("roster.zip", "holds more than 1000 bytes")] == refusal_of(path, Limits(file_bytes=1000))

    def test_what_is_no_zip_is_refused(self, tmp_path):
        """A spreadsheet file, or anything else, is no roster."""
        (tmp_path / "roster.xlsx").write_bytes(b"no zip at all")

        assert [("roster.xlsx", "is no zip that can be unpacked")] == refusal_of(tmp_path / "roster.xlsx")
