import sqlite3

import pytest

from tests.cli.schools import FIRST, dump, said


@pytest.fixture
def sql(school):
    """Change the database behind casework's back."""

    def run(statement, *values):
        with sqlite3.connect(school / "casework.db") as connection:
            connection.execute(statement, values)
        connection.close()

    return run


class TestDoctor:
    def test_healthy_school(self, cw):
        """Where nothing waits the doctor says so, with database, journal and schema."""
        cw("sweep")
        found = cw("doctor", "--json")

        assert (0, []) == (found.code, found.json["attention"])
        assert ("sqlite", "delete", "as applied", 0) == tuple(
            found.json[name] for name in ("database", "journal", "settings", "roll_without_case")
        )
        assert "nothing needs attention" in cw("doctor").out

    def test_what_waits_is_told_with_what_to_do(self, cw, ok, school, sql):
        """Due records, changed settings, pupils without a case and an old schema are told with the command to run."""
        path = school / "casework.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("town-primary", "school"), encoding="utf-8")
        sql("UPDATE casework_roll SET left_behind = 'both' WHERE pupil = 'p-001'")
        found = cw("doctor", "--now", "2026-09-20T08:00", "--json")
        told = " ".join(found.json["attention"])

        assert 6 == found.code
        for word in ("casework apply --dry-run", "casework sweep", "casework identify --from-roll"):
            assert word in told

    def test_wal_where_it_is_not_safe(self, cw, sql, monkeypatch):
        """WAL mode with an SQLite that can lose commits is told."""
        sql("PRAGMA journal_mode = WAL")
        found = cw("doctor", "--json")

        assert found.json["wal_safe"] or any("lose commits" in text for text in found.json["attention"])

    def test_school_that_has_not_begun(self, tmp_path, monkeypatch):
        """A new school has nothing applied yet, and nothing to attend to."""
        monkeypatch.chdir(tmp_path)
        said("init", "--now", FIRST)
        found = said("doctor", "--now", FIRST, "--json")

        assert (0, "not applied yet") == (found.code, found.json["settings"])

    def test_facts_are_told_in_words(self, cw):
        """The facts read as sentences, not as the names of fields."""
        cw("sweep")
        shown = cw("doctor").out

        assert "1 live: p-032 " in shown
        for words in ("as this release wants them", "no records wait for a sweep", "set aside: none", "as applied"):
            assert words in shown
        assert "schema wanted" not in shown

    def test_seat_of_somebody_unknown(self, cw, school):
        """A seat or an absence of somebody whom the roster does not know is told: the ladder would reach nobody."""
        path = school / "casework.toml"
        text = path.read_text(encoding="utf-8").replace('leading_group = "t.lu"', 'leading_group = "t.luu"')
        absence = '\n[[absence]]\nperson = "t.nobody"\nfirst = 2026-10-12\nlast = 2026-10-16\n'
        path.write_text(text + absence, encoding="utf-8")
        told = cw("doctor", "--json").json["attention"]
        seat = "seat leading_group: nobody on the staff of the roster has the id t.luu; did you mean t.lu?"

        assert f"{seat}: set it right in casework.toml" in told
        assert any("absence of t.nobody" in text for text in told)

    def test_files_that_others_can_read(self, cw, school):
        """Records or a key ring that others on the machine can read are told with the command that closes them."""
        (school / "casework.db").chmod(0o644)
        found = cw("doctor", "--json")

        assert 6 == found.code
        assert any("chmod 600 casework.db" in text for text in found.json["attention"])


class TestVerify:
    def test_sound_store(self, cw, school):
        """What casework wrote is found as it was written, and looking changes nothing."""
        before = dump(school)

        assert 0 == cw("verify").code
        assert "everything is as casework wrote it" in cw("verify").out
        assert before == dump(school)

    def test_tampering_is_found(self, cw, sql):
        """A changed row is named with its child, and the exit code says so."""
        sql("UPDATE casework_cases SET lead = 't.wu' WHERE child = 'p-002'")
        found = cw("verify", "--json")

        assert 5 == found.code
        assert ["p-002"] == [finding["child"] for finding in found.json["findings"]]
        assert "p-002" in cw("verify").out


class TestAnchor:
    def test_a_database_that_was_put_back(self, cw, ok, school, tmp_path):
        """An older copy of the whole database is noticed by the anchor of the day before, and by nothing else."""
        ok("sweep")
        older = (school / "casework.db").read_bytes()
        ok("raise", "p-010", "missing", "--as", "t.li")
        made = cw("verify", "--new-anchor", "a.json")
        sound = cw("verify", "--anchor", "a.json")
        (school / "casework.db").write_bytes(older)
        found = cw("verify", "--anchor", "a.json", "--new-anchor", "b.json")

        assert "is in a.json" in made.out
        assert (0, 0, 0, 5) == (made.code, sound.code, cw("verify").code, found.code)
        assert "p-010" in found.out
        assert "no new anchor" in found.out
        assert not (school / "b.json").exists()

    def test_files_that_are_none(self, cw, school):
        """What cannot be read or written is told with the mend."""
        (school / "casework.keyring.copy").write_text("{}", encoding="utf-8")

        assert (3, 1, 2) == tuple(
            cw("verify", *argv).code
            for argv in (
                ("--anchor", "nowhere.json"),
                ("--anchor", "casework.keyring.copy"),
                ("--new-anchor", "no/a.json"),
            )
        )


class TestFolder:
    def test_no_folder(self, tmp_path, monkeypatch):
        """Without casework.toml every command on a school says how to begin."""
        monkeypatch.chdir(tmp_path)

        for argv in (["doctor"], ["today", "--as", "t.li"], ["sweep"], ["verify"]):
            assert 3 == said(*argv).code
            assert "casework init" in said(*argv).err

    def test_database_is_gone(self, cw, school):
        """A missing database is not made anew in silence."""
        (school / "casework.db").unlink()

        assert 3 == cw("doctor").code
        assert not (school / "casework.db").exists()

    def test_key_ring_is_gone_or_another(self, cw, school):
        """Without the key ring, or with something else in its place, nothing is opened."""
        (school / "casework.keyring").write_text("{}", encoding="utf-8")
        broken = cw("today", "--as", "t.li")
        (school / "casework.keyring").unlink()

        assert (5, 5) == (broken.code, cw("today", "--as", "t.li").code)
        assert "backup" in broken.err

    def test_database_is_something_else(self, cw, school):
        """A file that is no database is told, without what it holds."""
        (school / "casework.db").write_bytes(b"Lin has quarrelled" * 100)
        found = cw("today", "--as", "t.li")

        assert 5 == found.code
        assert "Lin" not in found.err


class TestUnalarmed:
    def test_a_live_emergency_without_an_alarm_is_named_with_its_mend(self, sql, ok):
        """An alarm that somebody took out of the database is noticed, since nobody would be told any more."""
        ok("raise", "p-010", "missing", "--as", "t.li")
        sql("UPDATE casework_cases SET alarm_at = NULL")
        found = said("doctor")

        assert 6 == found.code
        assert "have no alarm" in found.out
