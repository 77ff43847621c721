"""Holds, consent to a purpose and what becomes of a closed case, on the command line."""

import pytest

from tests.cli.schools import done, said

KEPT = """format = 1
id = "kept"
version = "1"
title = "How long it is kept"
jurisdiction = "practice"
[retention]
years = 3
"""


class TestHold:
    def test_placed_and_released(self, ok, cw):
        """A hold is shown until somebody else releases it; who placed it is refused."""
        placed = ok("hold", "p-002", "--because", "court_case", "--note", "secret", "--as", "t.shen")

        assert f"{placed['hold']} (court_case)" in cw("show", "p-002", "--as", "t.li").out
        mine = cw("hold", "p-002", "--release", placed["hold"], "--because", "settled", "--as", "t.shen")
        assert (1, True) == (mine.code, "nobody releases a hold of their own" in mine.err)
        ok("hold", "p-002", "--release", placed["hold"], "--because", "settled", "--as", "t.lu")
        assert placed["hold"] not in cw("show", "p-002", "--as", "t.li").out

    def test_a_released_hold_has_no_note(self, cw):
        """A note is for a hold that is placed."""
        found = cw("hold", "p-002", "--release", "x", "--because", "y", "--note", "z", "--as", "t.li")

        assert (2, True) == (found.code, "--note" in found.err)


class TestConsent:
    def test_to_a_purpose(self, ok, cw):
        """Consent to a purpose needs no referral, and is shown."""
        ok(
            "consent",
            "p-002",
            "given",
            "--purpose",
            "photographs",
            "--guardian",
            "parent1",
            "--how",
            "by_phone",
            "--as",
            "t.li",
        )

        assert "photographs given" in cw("show", "p-002", "--as", "t.li").out

    def test_to_one_thing(self, cw):
        """A referral and a purpose at once are refused."""
        line = (
            "consent",
            "p-002",
            "given",
            "r1",
            "--purpose",
            "photographs",
            "--guardian",
            "parent1",
            "--how",
            "by_phone",
        )

        assert "name one of them" in cw(*line, "--as", "t.li").err


class TestRetain:
    @pytest.mark.parametrize(("decision", "what"), [(("keep", "--until", "2033-01-01"), "met"), (("erase",), "met")])
    def test_decided(self, school, decision, what):
        """A pack says for how long; then it is owed, and decided."""
        (school / "kept.toml").write_text(KEPT)
        text = (school / "casework.toml").read_text()
        (school / "casework.toml").write_text(text.replace('["town-primary"]', '["town-primary", "kept.toml"]'))
        done("apply", "--as", "t.shen")
        done("close", "p-002", "--because", "moved_away", "--as", "t.shen")
        later = ("--now", "2029-09-11T08:00")
        said("sweep", "--catch-up", *later)
        shown = done("show", "p-002", "--as", "t.shen", *later)["obligations"]
        (owed,) = [key for key in shown if key.startswith("RETENTION/")]
        done("retain", "p-002", *decision, "--because", "because", "--as", "t.shen", *later)

        assert "open" == shown[owed]["status"]
        assert what == done("show", "p-002", "--as", "t.shen", *later)["obligations"][owed]["status"]
        assert "only a closed case" in said("retain", "p-004", "erase", "--because", "x", "--as", "t.shen").err
