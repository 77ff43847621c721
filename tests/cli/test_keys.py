"""The command ``keys``."""

import pytest

from casework.store import KeyRing


class TestKeys:
    def test_it_shows_what_is_under_which_key(self, ok):
        """One key, active, with every child's key under it."""
        found = ok("keys")

        assert (1, 0, []) == (found["active"], found["erased"], found["left"])
        assert [(1, "active")] == [(key["number"], key["state"]) for key in found["keys"]]
        assert found["keys"][0]["children"] > 0

    def test_a_new_key_for_an_old_one(self, cw, ok, school):
        """Added, everything wrapped anew, the old one let go: afterwards all is well and all texts open."""
        children = ok("keys")["keys"][0]["children"]
        added = ok("keys", "--add")
        told = cw("doctor", "--json").json["attention"]
        done = ok("keys", "--rotate", "--retire", "1")

        assert [("kept", children), ("active", 0)] == [(k["state"], k["children"]) for k in added["keys"]]
        assert any("casework keys --rotate" in text for text in told)
        assert ([children], []) == (done["done"], done["left"])
        assert [("retired", 0), ("active", children)] == [(k["state"], k["children"]) for k in done["keys"]]
        assert [2] == list(KeyRing.load(school / "casework.keyring").keys)
        assert 0 == cw("verify").code

    def test_texts_are_sealed_anew(self, ok, cw):
        """Every child's; with a day only what is older."""
        children = ok("keys")["keys"][0]["children"]

        assert [0] == ok("keys", "--renew", "--before", "2020-01-01")["done"]
        assert [children] == ok("keys", "--renew")["done"]
        assert 0 == cw("verify").code

    def test_a_key_in_use_is_not_let_go(self, cw):
        """The active one never, others while something is under them."""
        found = cw("keys", "--add", "--retire", "1")

        assert 5 == found.code
        assert "still wrapped by key 1" in found.err

    def test_a_day_without_what_it_is_for(self, cw):
        """Wrong usage."""
        assert 2 == cw("keys", "--before", "2026-09-01").code

    def test_a_key_that_does_not_open_is_named(self, cw, ok, school):
        """By the child; the others are done."""
        import sqlite3  # noqa: PLC0415

        with sqlite3.connect(school / "casework.db") as connection:
            connection.execute("UPDATE casework_keys SET generation = 9 WHERE no = (SELECT min(no) FROM casework_keys)")
        connection.close()
        cw("keys", "--add")
        found = cw("keys", "--rotate", "--json")

        assert (6, 1) == (found.code, len(found.json["left"]))


class TestEnvironment:
    @pytest.fixture
    def variable(self, school, monkeypatch):
        """The school's ring stands in the environment."""
        path = school / "casework.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"casework.keyring"', '"env:SCHOOL_RING"'), encoding="utf-8")
        monkeypatch.setenv("SCHOOL_RING", (school / "casework.keyring").read_text())
        (school / "casework.keyring").unlink()

    def test_the_ring_may_stand_in_the_environment(self, variable, cw, monkeypatch):
        """Everything works as with the file; where the variable is missing, it is named."""
        codes = [cw(name).code for name in ("verify", "keys")]
        doctor = cw("doctor", "--json").json
        monkeypatch.delenv("SCHOOL_RING")
        found = cw("verify")

        assert [0, 0] == codes
        assert [] == doctor["open_to_others"] or "casework.db" in doctor["open_to_others"][0]
        assert (5, True) == (found.code, "SCHOOL_RING" in found.err)

    def test_a_key_is_added_where_the_ring_comes_from(self, variable, cw):
        """The command says how."""
        found = cw("keys", "--add")

        assert (2, True) == (found.code, "with_key" in found.err)

    def test_no_variable_is_named(self, school, cw):
        """The line is told."""
        path = school / "casework.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"casework.keyring"', '"env:"'), encoding="utf-8")

        assert "key_ring: names no variable" in cw("verify").err
