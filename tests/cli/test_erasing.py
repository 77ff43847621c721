"""The command ``erase``, and what ``doctor``, ``sweep`` and ``keys`` say of it."""

import shutil

import pytest

from casework.store import KeyRing

LATER = "2030-03-01T08:00"


@pytest.fixture
def closed(cw, ok):
    """A child with a note, whose case was closed."""
    ok("close", "p-002", "--because", "moved_away", "--as", "t.lu")
    return "p-002"


class TestErase:
    def test_one_asks_and_another_approves(self, closed, cw, ok, school):
        """The text cannot be read afterwards, the store is in order, and the ring remembers."""
        asked = cw("erase", closed, "--because", "guardian_asked", "--as", "t.lu", "--now", LATER)
        own = cw("erase", closed, "--because", "checked", "--approve", "--as", "t.lu", "--now", LATER)
        done = cw("erase", closed, "--because", "checked", "--approve", "--as", "t.shen", "--now", LATER)

        assert (0, 1, 0) == (asked.code, own.code, done.code)
        assert "nobody carries out an erasure that they asked for" in own.err
        assert 0 == cw("verify").code
        assert 1 == len(KeyRing.load(school / "casework.keyring").erased)
        assert 1 == ok("keys")["erased"]

    def test_it_is_refused_while_it_has_to_be_kept(self, closed, cw):
        """The years are not over; a request can be taken back."""
        cw("erase", closed, "--because", "guardian_asked", "--as", "t.lu")
        found = cw("erase", closed, "--because", "checked", "--approve", "--as", "t.shen")
        declined = cw("erase", closed, "--because", "kept", "--decline", "--as", "t.shen")
        again = cw("erase", closed, "--because", "checked", "--approve", "--as", "t.shen")

        assert (1, 0, 1) == (found.code, declined.code, again.code)
        assert "the years for which the policy keeps it are not over" in found.err
        assert "nobody has asked for it" in again.err

    def test_what_waits_is_listed(self, closed, cw, ok):
        """With whoever asked, and what keeps it today; for nobody, that there is nothing."""
        before = cw("erase", "--as", "t.shen").out
        cw("erase", closed, "--because", "guardian_asked", "--as", "t.lu")
        (found,) = ok("erase", "--as", "t.shen")["requests"]
        later = cw("erase", "--as", "t.shen", "--now", LATER).out

        assert "nobody has asked" in before
        assert ("p-002", "t.lu", "retention") == (found["child"], found["asked_by"], found["kept"])
        assert "may be erased" in later

    def test_a_reason_and_a_child_are_named_together(self, closed, cw):
        """Each alone is wrong usage."""
        given = [("erase", closed, "--as", "t.lu"), ("erase", "--because", "checked", "--as", "t.lu")]

        assert [2, 2] == [cw(*argv).code for argv in given]

    def test_one_or_the_other(self, closed, cw):
        """Both at once is wrong usage."""
        assert 2 == cw("erase", closed, "--because", "x", "--approve", "--decline", "--as", "t.lu").code

    def test_a_restored_backup(self, closed, cw, ok, school):
        """The doctor tells, the sweep erases again."""
        shutil.copy(school / "casework.db", school / "backup.db")
        cw("erase", closed, "--because", "guardian_asked", "--as", "t.lu", "--now", LATER)
        cw("erase", closed, "--because", "checked", "--approve", "--as", "t.shen", "--now", LATER)
        shutil.copy(school / "backup.db", school / "casework.db")
        told = cw("doctor", "--json").json
        swept = cw("sweep", "--json")

        assert [closed] == [one["child"] for one in told["erased_and_back"]]
        assert any("casework sweep" in text for text in told["attention"])
        assert 1 == swept.json["erased"]
        assert 0 == cw("verify").code
        assert [] == cw("doctor", "--json").json["erased_and_back"]

    def test_a_ring_that_was_restored_instead(self, closed, cw, ok, school):
        """It has forgotten; the doctor tells, and the ring learns from the database."""
        shutil.copy(school / "casework.keyring", school / "old.keyring")
        cw("erase", closed, "--because", "guardian_asked", "--as", "t.lu", "--now", LATER)
        cw("erase", closed, "--because", "checked", "--approve", "--as", "t.shen", "--now", LATER)
        shutil.copy(school / "old.keyring", school / "casework.keyring")
        told = cw("doctor", "--json").json
        ok("keys", "--remember")

        assert 1 == told["erased_unknown_to_ring"]
        assert any("casework keys --remember" in text for text in told["attention"])
        assert 0 == cw("doctor", "--json").json["erased_unknown_to_ring"]
