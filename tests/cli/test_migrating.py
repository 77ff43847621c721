"""``casework migrate``: a school that has lived with an earlier release goes on with this one."""

import sqlite3
from contextlib import closing

import pytest

from casework.cli import migrating
from casework.store import open_engine
from casework.store.migrations import newest, revision
from tests.cli.schools import said
from tests.store.earlier import left_by
from tests.store.test_migrations import move


@pytest.fixture
def earlier(school):
    """The school's database as the release before left it; its file."""
    engine = open_engine(school / "casework.db")
    left_by(engine, school / "casework.keyring", "0002")
    engine.dispose()
    return school / "casework.db"


def revision_of(path):
    """The revision of the tables in a file."""
    engine = open_engine(path)
    with engine.connect() as connection:
        found = revision(connection)
    engine.dispose()
    return found


class TestMigrate:
    def test_an_earlier_release_is_told_with_the_command_that_mends_it(self, cw, earlier):
        """Every command says what to do, and changes nothing."""
        refused = cw("today", "--as", "t.li")

        assert 5 == refused.code
        assert "`casework migrate`" in refused.err
        assert "0002" == revision_of(earlier)

    def test_the_tables_are_brought_here_after_a_copy(self, ok, earlier, school):
        """Afterwards the school goes on; the copy is what it was, and its owner's alone."""
        done = ok("migrate")
        copy = school / "casework.db.0002"

        assert {"before": "0002", "after": newest(), "copy": "casework.db.0002"} == done
        assert ok("today", "--as", "t.li")["lines"]
        assert ("0002", 0o600) == (revision_of(copy), copy.stat().st_mode & 0o777)
        with closing(sqlite3.connect(copy)) as before, closing(sqlite3.connect(earlier)) as after:
            count = "SELECT count(*), max(at) FROM casework_entries"
            assert before.execute(count).fetchall() == after.execute(count).fetchall()

    def test_what_was_sealed_before_is_read(self, ok, cw, school):
        """With one key a child; and it is sealed anew with a key of its own when somebody asks for that."""
        engine = open_engine(school / "casework.db")
        left_by(engine, school / "casework.keyring", "0003")
        engine.dispose()
        ok("migrate")
        before = cw("verify").code
        renewed = ok("keys", "--renew")["done"][0]

        assert (0, 0) == (before, cw("verify").code)
        assert renewed > 0

    def test_running_it_again_changes_nothing(self, ok, cw, school):
        """Tables of this release are neither copied nor touched."""
        assert {"before": newest(), "after": newest(), "copy": None} == ok("migrate")
        assert "nothing was changed" in cw("migrate").out
        assert [] == list(school.glob("casework.db.*"))

    def test_a_copy_that_is_there_is_not_overwritten(self, cw, earlier, school):
        """It may be the only good one."""
        (school / "casework.db.0002").write_text("mine", encoding="utf-8")
        found = cw("migrate")

        assert (2, True) == (found.code, "move it away" in found.err)
        assert "mine" == (school / "casework.db.0002").read_text(encoding="utf-8")
        assert "0002" == revision_of(earlier)

    def test_what_fails_leaves_everything_as_it_was(self, cw, earlier, school, monkeypatch):
        """The tables are those of before, and no copy lies about."""

        def fail(engine):
            raise OSError

        monkeypatch.setattr(migrating, "bring", fail)

        assert 0 != cw("migrate").code
        assert "0002" == revision_of(earlier)
        assert [] == list(school.glob("casework.db.*"))

    def test_a_file_that_cannot_be_copied_is_told(self, cw, earlier, school):
        """A file that is no database is refused before anything is changed, and leaves no copy."""
        earlier.write_bytes(b"no database at all" * 100)

        assert 0 != cw("migrate").code
        assert [] == list(school.glob("casework.db.*"))

    def test_a_server_has_backups_of_its_own(self, bare_postgres, tmp_path):
        """Nothing is copied there."""
        place = ("--dir", str(tmp_path / "school"))
        begun = said("init", "--school", "qinghe", "--database", bare_postgres, *place)
        engine = open_engine(bare_postgres)
        move(engine, "0002", upgrade=False)
        engine.dispose()
        found = said("migrate", *place, "--json")

        assert (0, 0) == (begun.code, found.code)
        assert {"before": "0002", "after": newest(), "copy": None} == found.json
